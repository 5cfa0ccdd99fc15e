public import ServiceKit
public import Wire

/// The providers of sign-ins that the operator set up, for pages that offer them.
@Wire public struct ListSignInProviders: Operation {
  public static let address = OperationAddress("identity", "listSignInProviders")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = SignInProviders
}

/// Who can vouch for people here.
@Wire public struct SignInProviders: Hashable, Sendable {
  public var providers: [SignInProvider]
}

/// One provider of sign-ins.
@Wire public struct SignInProvider: Hashable, Sendable {
  public var provider: ExternalProvider
  public var issuer: String
}
