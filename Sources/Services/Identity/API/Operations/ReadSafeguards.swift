public import ServiceKit
public import Wire

/// What keeps the caller's account safe.
@Wire public struct ReadSafeguards: Operation {
  public static let address = OperationAddress("identity", "readSafeguards")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.safe
  public typealias Reply = Safeguards
}

/// By what an account can be opened, never what opens it.
@Wire public struct Safeguards: Hashable, Sendable {
  /// Absent for who signs in by phone or through a provider only.
  public var hasPassword: Bool
  public var hasSecondFactor: Bool
  /// How many recovery codes have not been used.
  public var recoveryCodes: Int
}
