public import ServiceKit
public import Wire

/// Has the service handle a dead letter again.
@Wire public struct ReplayDeadLetter: Operation {
  public static let address = OperationAddress("gateway", "replayDeadLetter")
  public static let access = Access.roles(Role.administrators)
  public static let repeatability = Repeatability.once
  public typealias Refusal = DeadLetterRefusal

  /// Service and number, such as `ordering-12`.
  @Field(.length(1...60)) public var letterId: String
}

/// Forgets a dead letter for good.
@Wire public struct DropDeadLetter: Operation {
  public static let address = OperationAddress("gateway", "dropDeadLetter")
  public static let access = Access.roles(Role.administrators)
  public static let repeatability = Repeatability.once
  public typealias Refusal = DeadLetterRefusal

  /// Service and number, such as `ordering-12`.
  @Field(.length(1...60)) public var letterId: String
}

/// Why a dead letter is neither handled again nor forgotten.
public enum DeadLetterRefusal: String, WireEnum, Refusal {
  case deadLetterUnknown = "dead_letter_unknown"
  public var kind: RefusalKind { .hidden }
}
