public import Kernel
import ServiceKit
public import Wire

/// How urgent it has become that the restaurant answers.
public enum AcceptUrgency: String, WireEnum, Hashable { case reminder, escalation }

/// The restaurant has not answered an order yet, and half (a reminder) or four fifths (an escalation) of its time is gone.
@Wire public struct OrderAcceptReminder: OrderEvent {
  public static let name = "order.accept_reminder"
  public var order: OrderNotice
  public var urgency: AcceptUrgency
  /// When the order is cancelled.
  public var acceptBy: Instant
}
