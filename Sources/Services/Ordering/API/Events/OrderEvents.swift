public import Kernel
public import ServiceKit
public import Wire

/// An event that tells where an order stands.
public protocol OrderEvent: Event { var order: OrderNotice { get } }

extension OrderEvent {
  public static var topic: Topic { .orders }
  public var tenant: TenantID? { order.tenantId }
  public var aggregate: String { "order:\(order.orderId)" }
}

extension Envelope {
  /// Where the order stands, told by whichever event of an order it is.
  public func orderNotice() throws(InvalidInput) -> OrderNotice {
    if let told = payload.origin as? any OrderEvent { return told.order }
    return try payload.decoded(as: AnyOrderEvent.self).order
  }
}

/// What every event of an order carries.
@Wire struct AnyOrderEvent: Hashable, Sendable {
  var order: OrderNotice
}

/// The order is authorised and the restaurant may see it.
@Wire public struct OrderCreated: OrderEvent {
  public static let name = "order.created"
  public var order: OrderNotice
}

/// The restaurant accepted the order.
@Wire public struct OrderConfirmed: OrderEvent {
  public static let name = "order.confirmed"
  public var order: OrderNotice
}

/// The kitchen started.
@Wire public struct OrderPreparing: OrderEvent {
  public static let name = "order.preparing"
  public var order: OrderNotice
}

/// The food can be taken.
@Wire public struct OrderReady: OrderEvent {
  public static let name = "order.ready"
  public var order: OrderNotice
}

/// The courier has the food.
@Wire public struct OrderPickedUp: OrderEvent {
  public static let name = "order.picked_up"
  public var order: OrderNotice
}

/// The customer has the food, brought to the door.
@Wire public struct OrderDelivered: OrderEvent {
  public static let name = "order.delivered"
  public var order: OrderNotice
}

/// The customer has the food, taken or eaten at the restaurant.
@Wire public struct OrderCompleted: OrderEvent {
  public static let name = "order.completed"
  public var order: OrderNotice
}

/// The restaurant declined the order.
@Wire public struct OrderRejected: OrderEvent {
  public static let name = "order.rejected"
  public var order: OrderNotice
}

/// The order ended early.
@Wire public struct OrderCancelled: OrderEvent {
  public static let name = "order.cancelled"
  public var order: OrderNotice
}

/// The order moved to another state, whichever.
@Wire public struct OrderStatusChanged: OrderEvent {
  public static let name = "order.status_changed"
  public var order: OrderNotice
}
