public import ServiceKit
public import Wire

/// Ends the caller's account for good: who they were is taken out of everything that has to be kept.
@Wire public struct EraseMe: Operation {
  public static let address = OperationAddress("identity", "eraseMe")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.once
  public typealias Refusal = EraseMeRefusal

  /// Needed where the account has one; without, the caller must have signed in within a quarter of an hour.
  @Field(.length(1...1000)) public var password: String?
}

/// Why an account stays.
public enum EraseMeRefusal: String, WireEnum, Refusal {
  case wrongPassword = "wrong_password"
  case signInAgain = "sign_in_again"
  /// Accounts of staff and administrators are ended by who gave them.
  case notOwn = "account_not_own"
  case tooManyAttempts = "too_many_attempts"
  public var kind: RefusalKind {
    switch self {
    case .wrongPassword, .notOwn: .ruled
    case .signInAgain: .forbidden
    case .tooManyAttempts: .limited
    }
  }
  public var retryAfterSeconds: Int? { self == .tooManyAttempts ? 900 : nil }
}
