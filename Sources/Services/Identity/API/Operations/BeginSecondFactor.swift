public import ServiceKit
public import Wire

/// Makes a secret for the caller's authenticator app; it counts once a code of it was confirmed.
@Wire public struct BeginSecondFactor: Operation {
  public static let address = OperationAddress("identity", "beginSecondFactor")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.once
  public typealias Reply = SecondFactorOffer
  public typealias Refusal = SecondFactorRefusal

  @Field(.length(1...1000)) public var password: String
}

/// What is typed, or scanned, into an authenticator app.
@Wire public struct SecondFactorOffer: Hashable, Sendable {
  /// Base32.
  public var secret: String
  /// The same as an `otpauth://` address, to be shown as a QR code.
  public var uri: String
}

/// Why the second factor stays as it is.
public enum SecondFactorRefusal: String, WireEnum, Refusal {
  case wrongPassword = "wrong_password"
  case wrongCode = "second_factor_wrong"
  case alreadyOn = "second_factor_on"
  case notBegun = "second_factor_not_begun"
  case tooManyAttempts = "too_many_attempts"

  public var kind: RefusalKind {
    switch self {
    case .wrongPassword, .wrongCode: .ruled
    case .alreadyOn, .notBegun: .conflict
    case .tooManyAttempts: .limited
    }
  }
  public var retryAfterSeconds: Int? { self == .tooManyAttempts ? 900 : nil }
}
