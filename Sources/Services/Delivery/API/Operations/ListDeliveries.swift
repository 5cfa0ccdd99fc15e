public import Kernel
public import OrderingAPI
public import ServiceKit
public import Wire

/// Deliveries, the newest first: a partner's own, staff those of their tenant, administrators all.
@Wire public struct ListDeliveries: Operation {
  public static let address = OperationAddress("delivery", "listDeliveries")
  public static let access = Access.roles(Role.staff.union(Role.administrators).union([.deliveryPartner]))
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<Delivery>

  public var status: DeliveryStatus?
  public var orderId: OrderID?
  @Field(.within(1...200)) public var limit: Int = 50
  @Field(.length(1...100)) public var cursor: String?
}
