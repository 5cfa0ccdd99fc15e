public import ServiceKit
public import Wire

/// Sets a new password with the word from the mailed link; every session of the account ends.
@Wire public struct ResetPassword: Operation {
  public static let address = OperationAddress("identity", "resetPassword")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once
  public typealias Refusal = ResetPasswordRefusal

  @Field(.length(1...200)) public var token: String
  /// At least 8 characters, at most 72 bytes.
  @Field(.length(8...72)) public var newPassword: String
}

/// Why the link is worth nothing.
public enum ResetPasswordRefusal: String, WireEnum, Refusal {
  /// Unknown, too old, or used before.
  case linkInvalid = "reset_link_invalid"
  public var kind: RefusalKind { .unproven }
}
