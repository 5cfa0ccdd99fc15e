public import Kernel
import Synchronization

/// What travels with a call beside the caller.
public enum CallContext {
  /// Ties together everything that one request caused.
  @TaskLocal public static var correlationID: String?

  /// When the caller stops waiting.
  @TaskLocal public static var deadline: Instant?

  /// Where the handler leaves remarks on its reply for the edge.
  @TaskLocal public static var remarks: ReplyRemarks?
}

/// Remarks of a handler on its reply that the edge turns into headers.
public final class ReplyRemarks: Sendable {
  private struct State { var isReplay = false }
  private let state = Mutex(State())

  public init() {}

  /// Whether the reply is the stored one of an earlier request with the same idempotency key.
  public var isReplay: Bool { state.withLock { $0.isReplay } }
  public func markReplay() { state.withLock { $0.isReplay = true } }
}
