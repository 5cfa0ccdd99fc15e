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
}

/// Why nobody is signed in; never which of the two was wrong.
public enum LogInRefusal: String, WireEnum, Refusal {
  case wrongCredentials = "wrong_credentials"
  public var kind: RefusalKind { .unproven }
  public var detail: String { "the e-mail address or the password is wrong" }
}
