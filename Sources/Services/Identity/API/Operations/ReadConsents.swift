public import ServiceKit
public import Wire

/// What the caller agreed to, as it stands.
@Wire public struct ReadConsents: Operation {
  public static let address = OperationAddress("identity", "readConsents")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.safe
  public typealias Reply = Consents
}
