public import Kernel
public import ServiceKit
public import Wire

/// Ends one of the caller's sessions; its next request is refused.
@Wire public struct EndSession: Operation {
  public static let address = OperationAddress("identity", "endSession")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.idempotent
  public typealias Refusal = EndSessionRefusal

  public var sessionId: SessionID
}

/// Why a session is not ended.
public enum EndSessionRefusal: String, WireEnum, Refusal {
  case sessionUnknown = "session_unknown"
  public var kind: RefusalKind { .hidden }
}
