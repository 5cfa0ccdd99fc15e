/// How the rows of a table are numbered within their key, such as the events of an aggregate: from 1, without a gap.
///
/// The numbers that were given are counted in a table of their own, `(key, last)`. Its rows are locked until the commit, so that whoever
/// writes beside, rows of one key take their positions, and are committed, in the order of their numbers; and they are locked in one
/// order, so that two who write do not wait for each other.
public struct Numbering: Sendable {
  /// Which of the columns is the key.
  fileprivate let key: Int
  fileprivate let counting: String
  fileprivate let lasts: String
  fileprivate let insertion: String
  /// Both in one statement, whose arguments are lists: the columns', how many rows of the same key follow, and the place.
  package let joined: String

  /// - Parameters:
  ///   - table: has the columns, a column `sequence` for the number and one `position` that counts by itself.
  ///   - counter: the table of the numbers given.
  public init(table: String, counter: String, columns: [String], key: String) {
    let names = columns.joined(separator: ", ")
    let upsert = "ON CONFLICT (\(key)) DO UPDATE SET last = \(counter).last + excluded.last RETURNING \(key), last"
    self.key = columns.firstIndex(of: key) ?? 0
    counting = "INSERT INTO \(counter) (\(key), last) VALUES"
    lasts = upsert
    insertion = "INSERT INTO \(table) (\(names), sequence) VALUES"
    joined = """
      WITH given AS (SELECT \(columns.map { "unnest(?) AS \($0)" }.joined(separator: ", ")), unnest(?) AS behind, unnest(?) AS place), \
      counted AS (INSERT INTO \(counter) (\(key), last) SELECT \(key), COUNT(*) FROM given GROUP BY \(key) ORDER BY \(key) \(upsert)) \
      INSERT INTO \(table) (\(names), sequence) SELECT \(columns.map { "given.\($0)" }.joined(separator: ", ")), counted.last - given.behind \
      FROM given JOIN counted ON counted.\(key) = given.\(key) ORDER BY given.place RETURNING position, sequence
      """
  }

  /// How many rows of the same key follow each.
  package func behind(_ rows: [[SQLValue]]) -> [Int] {
    var counts: [SQLValue: Int] = [:]
    var behind = Array(repeating: 0, count: rows.count)
    for index in rows.indices.reversed() {
      behind[index] = counts[rows[index][key], default: 0]
      counts[rows[index][key], default: 0] += 1
    }
    return behind
  }
}

extension Transaction {
  public func insert(
    _ rows: [[SQLValue]], _ numbering: Numbering, later each: @escaping (_ index: Int, _ number: Int, _ position: Int) -> Void
  ) throws {
    let behind = numbering.behind(rows)
    // The first of a key has all the others behind it.
    let counts = Dictionary(zip(rows, behind).map { ($0[numbering.key], $1 + 1) }, uniquingKeysWith: { first, _ in first })
    var last: [SQLValue: Int] = [:]
    try insert(numbering.counting, counts.map { [$0.key, .integer($0.value)] }, numbering.lasts) { last[.text($1.text(0))] = $1.integer(1) }
    let numbers = zip(rows, behind).map { row, behind in (last[row[numbering.key]] ?? 0) - behind }
    try insert(numbering.insertion, zip(rows, numbers).map { $0 + [.integer($1)] }, "RETURNING position") { each($0, numbers[$0], $1.integer(0)) }
  }

  /// Inserts rows, many in a statement, and lends what each brings back, in their order.
  private func insert(_ head: String, _ rows: [[SQLValue]], _ tail: String, _ each: (_ index: Int, any Row) -> Void) throws {
    // So many that their arguments stay far below any engine's bound.
    for start in stride(from: 0, to: rows.count, by: 64) {
      let part = rows[start..<min(start + 64, rows.count)]
      let mark = "(\(marks(part[start].count)))"
      var index = start
      try self.rows("\(head) \(Array(repeating: mark, count: part.count).joined(separator: ", ")) \(tail)", part.flatMap(\.self)) { row in
        each(index, row)
        index += 1
      }
    }
  }
}
