public import ServiceKit
public import Wire

/// Signs in with e-mail and password.
@Wire public struct LogIn: Operation {
  public static let address = OperationAddress("identity", "logIn")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.once
  public typealias Reply = SignedIn
  public typealias Refusal = LogInRefusal

  @Field(.length(1...254)) public var email: String
  @Field(.length(1...1000)) public var password: String
  /// Of the authenticator app, or a recovery code, where the account has a second factor.
  @Field(.length(6...20)) public var code: String?
}

/// Why nobody is signed in; never which of name and password was wrong.
public enum LogInRefusal: String, WireEnum, Refusal {
  case wrongCredentials = "wrong_credentials"
  case secondFactorRequired = "second_factor_required"
  case secondFactorWrong = "second_factor_wrong"
  /// The first password was given by somebody else, and has to be replaced.
  case passwordChangeRequired = "password_change_required"
  case accountDisabled = "account_disabled"
  case tooManyAttempts = "too_many_attempts"

  public var kind: RefusalKind {
    switch self {
    case .wrongCredentials, .secondFactorRequired, .secondFactorWrong: .unproven
    case .passwordChangeRequired, .accountDisabled: .forbidden
    case .tooManyAttempts: .limited
    }
  }

  public var detail: String {
    switch self {
    case .wrongCredentials: "the name or the password is wrong"
    case .secondFactorRequired: "the account asks for the code of its authenticator app"
    case .secondFactorWrong: "the code is wrong, or was used before"
    case .passwordChangeRequired: "replace the first password: POST /api/auth/staff/first-password"
    case .accountDisabled: "the account is disabled"
    case .tooManyAttempts: "too many wrong attempts; come back later"
    }
  }

  public var retryAfterSeconds: Int? { self == .tooManyAttempts ? 900 : nil }
}
