public import Kernel
public import ServiceKit
public import Wire

/// How urgent it has become that the restaurant answers.
public enum AcceptUrgency: String, WireEnum, Hashable { case reminder, escalation }

/// The restaurant has not answered an order yet, and half (a reminder) or four fifths (an escalation) of its time is gone.
@Wire public struct OrderAcceptReminder: Event {
  public static let name = "order.accept_reminder"
  public static let topic = Topic.orders
  public var order: OrderNotice
  public var urgency: AcceptUrgency
  /// When the order is cancelled.
  public var acceptBy: Instant

  public var tenant: TenantID? { order.tenantId }
  public var aggregate: String { "order:\(order.orderId)" }
}
