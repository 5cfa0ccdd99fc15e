public import ServiceKit
public import Wire

/// Mails a link with which a forgotten password can be replaced once; the answer is the same for an address without an account.
@Wire public struct RequestPasswordReset: Operation {
  public static let address = OperationAddress("identity", "requestPasswordReset")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once

  @Field(.length(3...254)) public var email: String
}
