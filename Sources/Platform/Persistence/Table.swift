/// A table as the database itself describes it.
public struct Table: Sendable, Hashable {
  /// What a column holds, of the few kinds that the tables use.
  public enum Kind: String, Sendable { case integer, real, text, bytes }

  public struct Column: Sendable, Hashable {
    public let name: String
    public let kind: Kind
    public let isSerial: Bool
  }

  public let name: String
  /// In alphabetical order, which is the same on both engines.
  public let columns: [Column]
  /// The columns of its primary key, in order.
  public let key: [String]
}

extension Transaction {
  /// The tables of the services, by name; those of the engine and of Tiffin's own book-keeping are not among them.
  public func tables() throws -> [Table] {
    switch engine {
    case .sqlite: try sqliteTables()
    case .postgres: try postgresTables()
    }
  }

  private func sqliteTables() throws -> [Table] {
    let names = try all(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'tiffin_%' ORDER BY name"
    ) { $0.text(0) }
    return try names.map { name in
      let columns = try all("SELECT name, type, pk FROM pragma_table_info(?) ORDER BY name", .text(name)) {
        (name: $0.text(0), type: $0.text(1), key: $0.integer(2))
      }
      return Table(
        name: name,
        columns: columns.map { column in
          let kind: Table.Kind =
            switch column.type {
            case "INTEGER", "BIGINT": .integer
            case "DOUBLE PRECISION": .real
            case "BLOB": .bytes
            default: .text
            }
          return Table.Column(name: column.name, kind: kind, isSerial: column.type == "INTEGER" && column.key > 0)
        }, key: columns.filter { $0.key > 0 }.sorted { $0.key < $1.key }.map(\.name))
    }
  }

  private func postgresTables() throws -> [Table] {
    let names = try all(
      "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() AND tablename NOT LIKE 'tiffin\\_%' ORDER BY tablename COLLATE \"C\""
    ) { $0.text(0) }
    return try names.map { name in
      let columns = try all(
        """
        SELECT column_name, data_type, is_identity FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = ?
        ORDER BY column_name COLLATE "C"
        """, .text(name)
      ) { row in
        let kind: Table.Kind =
          switch row.text(1) {
          case "bigint", "xid8": .integer
          case "double precision": .real
          case "bytea": .bytes
          default: .text
          }
        return Table.Column(name: row.text(0), kind: kind, isSerial: row.text(2) == "YES")
      }
      let key = try all(
        """
        SELECT a.attname FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (number, place)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number
        WHERE i.indisprimary AND i.indrelid = to_regclass(?) ORDER BY k.place
        """, .text(name)
      ) { $0.text(0) }
      return Table(name: name, columns: columns, key: key)
    }
  }
}
