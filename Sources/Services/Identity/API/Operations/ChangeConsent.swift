public import ServiceKit
public import Wire

/// Gives or takes back the caller's consent; every change is kept.
@Wire public struct ChangeConsent: Operation {
  public static let address = OperationAddress("identity", "changeConsent")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = Consents

  public var purpose: ConsentPurpose
  public var isGiven: Bool
}
