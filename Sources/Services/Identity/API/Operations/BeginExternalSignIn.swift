public import ServiceKit
public import Wire

/// Sends the browser to a provider of sign-ins, from where it comes back to `FinishExternalSignIn`.
@Wire public struct BeginExternalSignIn: Operation {
  public static let address = OperationAddress("identity", "beginExternalSignIn")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once
  public typealias Reply = ExternalSignInStart
  public typealias Refusal = ExternalSignInRefusal

  public var provider: ExternalProvider = ExternalProvider.google
  /// The path of ours to go on at afterwards; without it the tokens come as JSON.
  @Field(.length(0...500)) public var returnTo: String?
}

/// Who can vouch for people.
public enum ExternalProvider: String, WireEnum, Hashable {
  case google
  /// The OpenID Connect issuer that the operator named.
  case oidc
}

/// Where the browser goes; also in the header `Location`.
@Wire public struct ExternalSignInStart: Hashable, Sendable {
  public var location: String
}

/// Why a provider's sign-in lets nobody in.
public enum ExternalSignInRefusal: String, WireEnum, Refusal {
  /// The operator did not set it up.
  case providerUnknown = "provider_unknown"
  /// It was not begun in this browser, too long ago, or ended already.
  case notBegun = "sign_in_not_begun"
  /// The provider, or the person there, said no, or what it said is not to be believed.
  case notVouched = "sign_in_not_vouched"
  case accountDisabled = "account_disabled"

  public var kind: RefusalKind {
    switch self {
    case .providerUnknown: .hidden
    case .notBegun, .notVouched: .unproven
    case .accountDisabled: .forbidden
    }
  }
  public var detail: String {
    switch self {
    case .providerUnknown: "this way to sign in is not set up"
    case .notBegun: "this sign-in was not begun here, or too long ago: begin again"
    case .notVouched: "the provider did not vouch for you"
    case .accountDisabled: "the account is disabled"
    }
  }
}
