public import ServiceKit
public import Wire

/// Turns the second factor on with a first code of the app; the recovery codes are shown this once.
@Wire public struct ConfirmSecondFactor: Operation {
  public static let address = OperationAddress("identity", "confirmSecondFactor")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.once
  public typealias Reply = RecoveryCodes
  public typealias Refusal = SecondFactorRefusal

  @Field(.length(6...6)) public var code: String
}

/// Words that each stand in once for a code of the app.
@Wire public struct RecoveryCodes: Hashable, Sendable {
  public var recoveryCodes: [String]
}
