import Foundation
import Persistence

/// A statement's text, and what can be told from it: which tables it touches, and whether many of it can be sent as one.
final class Shape {
  private enum Kind {
    case single
    /// `INSERT ... VALUES (...)`: one statement with the rows of all. `keys` are the places of the arguments of which no two rows may
    /// have the same, as an upsert changes no row twice.
    case insert(head: Substring, rows: Substring, tail: Substring, keys: [Int])
    /// `DELETE ... WHERE ...`: one statement with the conditions of all.
    case delete(head: Substring, condition: Substring)
    /// `UPDATE ... SET ... WHERE ...`: one statement that takes the arguments from a list of rows. Of two that mean the same row one is
    /// lost, so that is only for those whose count is looked at.
    case update(head: Substring, condition: Substring)
  }

  let sql: String
  /// How many arguments it takes.
  let marks: Int
  /// The tables that it names; nil where it may touch any.
  let tables: Set<String>?
  /// Under which names it is prepared.
  var names: [Variant: String] = [:]
  private let kind: Kind

  /// How many are sent as one, and of what type their arguments are where that must be said.
  struct Variant: Hashable {
    let count: Int
    var types: [Type] = []

    /// - Parameter types: nothing stands for a type that is not known, as all are null.
    enum `Type`: String { case bigint, double = "double precision", text, bytea, nothing }
  }

  init(_ sql: String) {
    self.sql = sql
    marks = Self.numbered(sql).marks
    tables = Self.tables(sql)
    kind = Self.kind(sql)
  }

  /// How many of it can be sent as one.
  ///
  /// - Parameter isCounted: whether it is looked at how many rows they change.
  func most(isCounted: Bool) -> Int {
    switch kind {
    case .single: 1
    case .insert, .delete: 64
    case .update: isCounted ? 64 : 1
    }
  }

  /// What is to be prepared for so many as one.
  func variant(_ count: Int, _ arguments: [SQLValue]) -> Variant {
    guard count > 1, case .update = kind else { return Variant(count: count) }
    let types = (0..<marks).map { place -> Variant.`Type` in
      for index in stride(from: place, to: arguments.count, by: marks) {
        switch arguments[index] {
        case .null: continue
        case .integer: return .bigint
        case .real: return .double
        case .text: return .text
        case .bytes: return .bytea
        }
      }
      return .nothing
    }
    return Variant(count: count, types: types)
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

  /// The text of so many as one, with `$1`, `$2`...
  func text(_ variant: Variant) -> String {
    let count = variant.count
    switch kind {
    case .insert(let head, let rows, let tail, _) where count > 1:
      return Self.numbered(head + Array(repeating: rows, count: count).joined(separator: ", ") + tail).text
    case .delete(let head, let condition) where count > 1:
      return Self.numbered(head + Array(repeating: "(\(condition))", count: count).joined(separator: " OR ")).text
    case .update(let head, let condition) where count > 1:
      var place = 0
      let named = Self.numbered("\(head)\n\(condition)") { _ in
        defer { place += 1 }
        return variant.types[place] == .nothing ? "NULL" : "given.a\(place)"
      }.text.split(separator: "\n", omittingEmptySubsequences: false)
      let marks = variant.types.map { "CAST(? AS \($0 == .nothing ? "text" : $0.rawValue))" }.joined(separator: ", ")
      let rows = Self.numbered(Array(repeating: "(\(marks))", count: count).joined(separator: ", ")).text
      let names = variant.types.indices.map { "a\($0)" }.joined(separator: ", ")
      return "\(named[0]) FROM (VALUES \(rows)) AS given (\(names)) WHERE \(named[1])"
    default: return Self.numbered(sql).text
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
      return condition.contains("RETURNING") || condition.contains("SELECT") ? .single : .delete(head: sql[..<place.upperBound], condition: condition)
    }
    if sql.hasPrefix("UPDATE "), let place = sql.range(of: " WHERE ") ?? sql.range(of: "\nWHERE ") {
      let isPlain = !["RETURNING", "SELECT", "FROM", "\n"].contains(where: sql[..<place.lowerBound].contains)
      let condition = sql[place.upperBound...]
      return isPlain && !["RETURNING", "SELECT", "\n"].contains(where: condition.contains)
        ? .update(head: sql[..<place.lowerBound], condition: condition) : .single
    }
    guard sql.hasPrefix("INSERT INTO "), let place = sql.range(of: "VALUES"), let end = endOfRows(sql, from: place.upperBound) else { return .single }
    let (head, rows, tail) = (sql[..<place.upperBound], sql[place.upperBound..<end], sql[end...])
    if tail.contains("?") || tail.contains("RETURNING") { return .single }
    guard tail.contains("DO UPDATE") else { return .insert(head: head, rows: rows, tail: tail, keys: []) }
    guard let keys = keys(head, rows, tail) else { return .single }
    return .insert(head: head, rows: rows, tail: tail, keys: keys)
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
  private static func keys(_ head: Substring, _ rows: Substring, _ tail: Substring) -> [Int]? {
    func list(_ text: Substring) -> [Substring]? {
      guard let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")") else { return nil }
      return text[text.index(after: open)..<close].split(separator: ",").map {
        $0.drop { $0 == " " || $0 == "\n" }.prefix { $0 != " " && $0 != "\n" }
      }
    }
    guard rows.count(where: { $0 == "(" }) == 1, let columns = list(head), let values = list(rows), columns.count == values.count,
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
