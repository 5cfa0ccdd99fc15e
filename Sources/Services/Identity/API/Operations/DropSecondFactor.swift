public import ServiceKit
public import Wire

/// Turns the second factor off.
@Wire public struct DropSecondFactor: Operation {
  public static let address = OperationAddress("identity", "dropSecondFactor")
  public static let access = Access.signedIn
  public static let repeatability = Repeatability.once
  public typealias Refusal = SecondFactorRefusal

  @Field(.length(1...1000)) public var password: String
  /// Of the app, or a recovery code.
  @Field(.length(6...20)) public var code: String
}
