public import Kernel
public import ServiceKit
public import Wire

/// Every payment, the newest first.
@Wire public struct ListAllPayments: Operation {
  public static let address = OperationAddress("payments", "listAllPayments")
  public static let access = Access.roles(Role.administrators)
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<PaymentView>

  public var status: PaymentStatus?
  public var cursor: PaymentID?
  @Field(.within(1...500)) public var limit: Int = 100
}
