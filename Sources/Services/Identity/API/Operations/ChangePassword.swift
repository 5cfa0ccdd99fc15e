public import ServiceKit
public import Wire

/// Replaces the caller's password; every other session of theirs ends.
@Wire public struct ChangePassword: Operation {
  public static let address = OperationAddress("identity", "changePassword")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.once
  public typealias Refusal = ChangePasswordRefusal

  @Field(.length(1...1000)) public var password: String
  /// At least 8 characters, at most 72 bytes.
  @Field(.length(8...72)) public var newPassword: String
}

/// Why a password stays as it is.
public enum ChangePasswordRefusal: String, WireEnum, Refusal {
  case wrongPassword = "wrong_password"
  case tooManyAttempts = "too_many_attempts"
  public var kind: RefusalKind { self == .wrongPassword ? .ruled : .limited }
  public var retryAfterSeconds: Int? { self == .tooManyAttempts ? 900 : nil }
}
