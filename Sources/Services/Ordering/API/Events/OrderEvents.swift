public import Kernel
public import ServiceKit
public import Wire

/// The order is authorised and the restaurant may see it.
@Wire public struct OrderCreated: Event {
  public static let name = "order.created"
  public static let topic = Topic.orders
  public var order: OrderNotice

  public var tenant: TenantID? { order.tenantId }
  public var aggregate: String { "order:\(order.orderId)" }
}

/// The restaurant accepted the order.
@Wire public struct OrderConfirmed: Event {
  public static let name = "order.confirmed"
  public static let topic = Topic.orders
  public var order: OrderNotice

  public var tenant: TenantID? { order.tenantId }
  public var aggregate: String { "order:\(order.orderId)" }
}

/// The kitchen started.
@Wire public struct OrderPreparing: Event {
  public static let name = "order.preparing"
  public static let topic = Topic.orders
  public var order: OrderNotice

  public var tenant: TenantID? { order.tenantId }
  public var aggregate: String { "order:\(order.orderId)" }
}

/// The food can be taken.
@Wire public struct OrderReady: Event {
  public static let name = "order.ready"
  public static let topic = Topic.orders
  public var order: OrderNotice

  public var tenant: TenantID? { order.tenantId }
  public var aggregate: String { "order:\(order.orderId)" }
}

/// The courier has the food.
@Wire public struct OrderPickedUp: Event {
  public static let name = "order.picked_up"
  public static let topic = Topic.orders
  public var order: OrderNotice

  public var tenant: TenantID? { order.tenantId }
  public var aggregate: String { "order:\(order.orderId)" }
}

/// The customer has the food, brought to the door.
@Wire public struct OrderDelivered: Event {
  public static let name = "order.delivered"
  public static let topic = Topic.orders
  public var order: OrderNotice

  public var tenant: TenantID? { order.tenantId }
  public var aggregate: String { "order:\(order.orderId)" }
}

/// The customer has the food, taken or eaten at the restaurant.
@Wire public struct OrderCompleted: Event {
  public static let name = "order.completed"
  public static let topic = Topic.orders
  public var order: OrderNotice

  public var tenant: TenantID? { order.tenantId }
  public var aggregate: String { "order:\(order.orderId)" }
}

/// The restaurant declined the order.
@Wire public struct OrderRejected: Event {
  public static let name = "order.rejected"
  public static let topic = Topic.orders
  public var order: OrderNotice

  public var tenant: TenantID? { order.tenantId }
  public var aggregate: String { "order:\(order.orderId)" }
}

/// The order ended early.
@Wire public struct OrderCancelled: Event {
  public static let name = "order.cancelled"
  public static let topic = Topic.orders
  public var order: OrderNotice

  public var tenant: TenantID? { order.tenantId }
  public var aggregate: String { "order:\(order.orderId)" }
}

/// The order moved to another state, whichever.
@Wire public struct OrderStatusChanged: Event {
  public static let name = "order.status_changed"
  public static let topic = Topic.orders
  public var order: OrderNotice

  public var tenant: TenantID? { order.tenantId }
  public var aggregate: String { "order:\(order.orderId)" }
}
