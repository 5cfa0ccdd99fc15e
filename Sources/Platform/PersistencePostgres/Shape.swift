import Foundation
import Persistence

/// A statement's text, and what can be told from it: which tables it touches, and whether many of it can be sent as one.
///
/// Many are one statement whatever their count: the arguments go as one list for each place.
final class Shape {
  private enum Kind {
    case single
    /// `INSERT ... VALUES (...)`, the rows all made alike. `keys` are the places of the arguments of which no two rows may have the
    /// same, as an upsert changes no row twice.
    case insert(head: Substring, row: Substring, tail: Substring, keys: [Int])
    case delete(head: Substring, condition: Substring)
    /// Of two that mean the same row one is lost, so that many are for those whose count is looked at.
    case update(head: Substring, condition: Substring)
  }

  /// What is prepared of it.
  enum Variant: Hashable {
    case one
    /// Any number of them, with lists of these types.
    case many([ListType])
  }

  let sql: String
  /// How many arguments it takes.
  let marks: Int
  /// How many of them make a row, where it is many rows or one.
  let rowMarks: Int
  /// The tables that it names; nil where it may touch any.
  let tables: Set<String>?
  /// Under which names it is prepared.
  var names: [Variant: String] = [:]
  private let kind: Kind

  init(_ sql: String) {
    self.sql = sql
    marks = Self.numbered(sql).marks
    tables = Self.tables(sql)
    kind = Self.kind(sql)
    if case .insert(_, let row, _, _) = kind { rowMarks = Self.numbered(String(row)).marks } else { rowMarks = marks }
  }

  /// Whether many of it can be sent as one.
  ///
  /// - Parameter isCounted: whether it is looked at how many rows they change.
  func isJoinable(isCounted: Bool) -> Bool {
    switch kind {
    case .single: false
    case .insert, .delete: rowMarks > 0
    case .update: isCounted && rowMarks > 0
    }
  }

  /// What no two of those sent as one may share; nil where they may be as they are.
  func key(_ arguments: [SQLValue]) -> [SQLValue]? {
    guard case .insert(_, _, _, let keys) = kind, !keys.isEmpty else { return nil }
    return keys.map { arguments[$0] }
  }

  func check(_ arguments: [SQLValue]) throws {
    guard arguments.count == marks else {
      throw StatementFailed(code: 0, message: "\(arguments.count) arguments for \(marks) marks", sql: sql)
    }
  }

  /// The text of a variant, with `$1`, `$2`...
  func text(_ variant: Variant) -> String {
    guard case .many(let types) = variant else { return Self.numbered(sql).text }
    func list(_ place: Int) -> String { "$\(place + 1)" }
    // A list of nulls has no type of its own: the column's is meant.
    func filled(_ text: Substring, from start: Int = 0, _ value: (Int) -> String) -> String {
      Self.numbered(String(text)) { types[start + $0 - 1] == .nothing ? "NULL" : value(start + $0 - 1) }.text
    }
    func given(_ place: Int) -> String { "given.a\(place)" }
    let source = "unnest(\(types.indices.map(list).joined(separator: ", "))) AS given (\(types.indices.map { "a\($0)" }.joined(separator: ", ")))"
    switch kind {
    case .insert(let head, let row, let tail, _):
      // Lists that are taken apart side by side need not be put down as rows in between; one of them must say how many there are.
      if types.contains(where: { $0 != .nothing }) { return "\(head) SELECT \(filled(row) { "unnest(\(list($0)))" })\(tail)" }
      return "\(head) SELECT \(filled(row, given)) FROM \(source)\(tail)"
    case .delete(let head, let condition): return "\(head) USING \(source) WHERE \(filled(condition, given))"
    case .update(let head, let condition):
      return "\(filled(head, given)) FROM \(source) WHERE \(filled(condition, from: Self.numbered(String(head)).marks, given))"
    case .single: return Self.numbered(sql).text
    }
  }

  // MARK: Reading the text

  /// The SQL with `$1`, `$2`... in place of each `?` that stands outside of quotes, and how many there are.
  private static func numbered(_ sql: String, _ mark: (Int) -> String = { "$\($0)" }) -> (text: String, marks: Int) {
    var text: [UInt8] = []
    text.reserveCapacity(sql.utf8.count + 32)
    var marks = 0
    var quote: UInt8?
    for byte in sql.utf8 {
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == 0x27 || byte == 0x22 {
        quote = byte
      } else if byte == 0x3F {
        marks += 1
        text += mark(marks).utf8
        continue
      }
      text.append(byte)
    }
    return (String(decoding: text, as: UTF8.self), marks)
  }

  private static func kind(_ sql: String) -> Kind {
    if sql.hasPrefix("DELETE FROM "), let place = sql.range(of: " WHERE ") {
      let condition = sql[place.upperBound...]
      // A subquery may look at other rows of the same statement.
      return condition.contains("RETURNING") || condition.contains("SELECT") ? .single : .delete(head: sql[..<place.lowerBound], condition: condition)
    }
    if sql.hasPrefix("UPDATE "), let place = sql.range(of: " WHERE ") ?? sql.range(of: "\nWHERE ") {
      let isPlain = !["RETURNING", "SELECT", "FROM", "\n"].contains(where: sql[..<place.lowerBound].contains)
      let condition = sql[place.upperBound...]
      return isPlain && !["RETURNING", "SELECT", "\n"].contains(where: condition.contains)
        ? .update(head: sql[..<place.lowerBound], condition: condition) : .single
    }
    guard sql.hasPrefix("INSERT INTO "), let place = sql.range(of: "VALUES"), let end = endOfRows(sql, from: place.upperBound) else { return .single }
    let (head, tail) = (sql[..<place.lowerBound], sql[end...])
    guard !tail.contains("?"), let row = row(in: sql[place.upperBound..<end]) else { return .single }
    guard tail.contains("DO UPDATE") else { return .insert(head: head, row: row, tail: tail, keys: []) }
    // Of several rows only the first one's keys would be known.
    guard row.endIndex == sql.index(before: end), let keys = keys(head, row, tail) else { return .single }
    return .insert(head: head, row: row, tail: tail, keys: keys)
  }

  /// What stands between the brackets of each row, if that is the same and holds no brackets.
  private static func row(in rows: Substring) -> Substring? {
    let all = rows.split(separator: ")").map { $0.drop { " ,\n".contains($0) } }
    guard let first = all.first, first.first == "(", all.allSatisfy({ $0 == first }), !first.dropFirst().contains("(") else { return nil }
    return first.dropFirst()
  }

  /// Where the list of rows in brackets ends.
  private static func endOfRows(_ sql: String, from start: String.Index) -> String.Index? {
    var depth = 0
    var end: String.Index?
    var isQuoted = false
    for index in sql[start...].indices {
      let character = sql[index]
      if character == "'" { isQuoted.toggle() }
      if isQuoted { continue }
      switch character {
      case "(": depth += 1
      case ")":
        depth -= 1
        if depth == 0 { end = sql.index(after: index) }
      case ",", " ", "\n": break
      default: if depth == 0 { return end }
      }
    }
    return depth == 0 ? end : nil
  }

  /// The places of the arguments that an upsert's conflict is about; nil where they cannot be told.
  private static func keys(_ head: Substring, _ row: Substring, _ tail: Substring) -> [Int]? {
    func words(_ text: Substring) -> [Substring] {
      text.split(separator: ",").map { $0.drop { $0 == " " || $0 == "\n" }.prefix { $0 != " " && $0 != "\n" } }
    }
    func list(_ text: Substring) -> [Substring]? {
      guard let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")") else { return nil }
      return words(text[text.index(after: open)..<close])
    }
    let values = words(row)
    guard let columns = list(head), columns.count == values.count,
      let conflict = tail.range(of: "ON CONFLICT"), let keys = list(tail[conflict.upperBound...])
    else { return nil }
    let places = keys.map { key -> Int? in
      guard let column = columns.firstIndex(of: key), values[column] == "?" else { return nil }
      return values[..<column].count { $0 == "?" }
    }
    return places.contains(nil) ? nil : places.compactMap(\.self)
  }

  private static func tables(_ sql: String) -> Set<String>? {
    guard ["INSERT INTO ", "UPDATE ", "DELETE FROM ", "SELECT "].contains(where: sql.hasPrefix) else { return nil }
    let words = sql.split { " \n,()".contains($0) }
    var tables: Set<String> = []
    for (word, next) in zip(words, words.dropFirst()) where ["INTO", "UPDATE", "FROM", "JOIN"].contains(word) && next != "SET" {
      tables.insert(String(next))
    }
    return tables
  }
}
