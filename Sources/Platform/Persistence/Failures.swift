/// A change that a constraint of the tables does not allow; only that statement was undone.
public struct ConstraintViolation: Error, Hashable, CustomStringConvertible {
  public enum Kind: String, Sendable, CaseIterable {
    case unique
    case foreignKey = "foreign key"
    case notNull = "not null"
    case check, other
  }

  public let kind: Kind
  /// What the engine says, such as `UNIQUE constraint failed: ordering_orders.id`; for the log and for telling two constraints apart.
  public let detail: String

  public init(_ kind: Kind, detail: String) {
    self.kind = kind
    self.detail = detail
  }

  public var description: String { "\(kind.rawValue): \(detail)" }
}

/// A statement that the engine does not take: a mistake of the program, not of the moment.
public struct StatementFailed: Error, CustomStringConvertible {
  public let code: Int
  public let message: String
  public let sql: String

  public init(code: Int, message: String, sql: String) {
    self.code = code
    self.message = message
    self.sql = sql
  }

  public var description: String { "\(message) (\(code)) in: \(sql)" }
}
