import Persistence
import ServiceKit

/// Why a statement or a connection failed, by what can be done about it.
enum ServerFailure: Error {
  /// Two transactions could not both be as if alone; this one was undone and may run again.
  case conflict(String)
  /// The connection is gone; nothing of an uncommitted transaction is kept.
  case disconnected(String)

  static func error(state: String, message: String, sql: String, isReader: Bool) -> any Error {
    switch state {
    case "23505": return ConstraintViolation(.unique, detail: message)
    case "23503": return ConstraintViolation(.foreignKey, detail: message)
    case "23502": return ConstraintViolation(.notNull, detail: message)
    case "23514": return ConstraintViolation(.check, detail: message)
    // A serialization failure, a deadlock, a row that another transaction holds for too long.
    case "40001", "40P01", "55P03": return ServerFailure.conflict(message)
    // A server that has become the follower of another takes no writes: the next connection may find the one that does.
    case "25006" where !isReader: return ServerFailure.disconnected(message)
    // The server is stopping, or ended this session: idle for too long, or by an administrator.
    case "57P01", "57P02", "57P03", "57P05", "25P03": return ServerFailure.disconnected(message)
    default: break
    }
    switch state.prefix(2) {
    case "23": return ConstraintViolation(.other, detail: message)
    case "08": return ServerFailure.disconnected(message)
    // Insufficient resources (a full disk too), an operator's intervention (a statement's time is up too), a system error.
    case "53", "57", "58": return Unavailable("the database cannot do it now: \(message) (\(state))")
    default: return StatementFailed(code: Int(state, radix: 36) ?? 0, message: "\(message) (\(state))", sql: sql)
    }
  }
}
