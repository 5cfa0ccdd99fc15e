public import ServiceKit
public import Wire

/// Signs in who comes back from a provider; links the account with the same verified e-mail address, or opens one.
@Wire public struct FinishExternalSignIn: Operation {
  public static let address = OperationAddress("identity", "finishExternalSignIn")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once
  public typealias Reply = SignedIn
  public typealias Refusal = ExternalSignInRefusal

  public var provider: ExternalProvider = ExternalProvider.google
  @Field(.length(0...4000)) public var code: String?
  @Field(.length(0...200)) public var state: String?
  @Field(.length(0...200)) public var error: String?
  /// Who says so (RFC 9207).
  @Field(.length(0...500)) public var iss: String?
  /// What the browser keeps: the sign-in must have begun there.
  @Field(.length(0...8000)) public var cookies: String?
}
