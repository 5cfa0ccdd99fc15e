import Kernel
public import ServiceKit
public import Wire

/// Opens an account that runs the platform; from the command line only.
@Wire public struct CreateAdmin: Operation {
  public static let address = OperationAddress("identity", "createAdmin")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.once
  public typealias Reply = Account
  public typealias Refusal = RegisterRefusal

  @Field(.length(3...254)) public var email: String
  @Field(.length(8...72)) public var password: String
  @Field(.length(0...100)) public var firstName: String?
  @Field(.length(0...100)) public var lastName: String?
}
