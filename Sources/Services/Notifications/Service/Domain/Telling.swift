import CatalogAPI
import DeliveryAPI
import Kernel
import NotificationsAPI
import OrderingAPI
import PaymentsAPI
import ServiceKit

/// Whom a notification is for.
enum Audience: Hashable, Sendable {
  case user(UserID)
  /// All staff of a tenant.
  case tenant(TenantID)

  /// The name of its realtime channel, and its key in the table.
  var channel: String {
    switch self {
    case .user(let id): "user:\(id)"
    case .tenant(let id): "tenant:\(id)"
    }
  }

  var userId: UserID? { if case .user(let id) = self { id } else { nil } }
  var tenantId: TenantID? { if case .tenant(let id) = self { id } else { nil } }
}

/// Something to be told to somebody.
struct Telling: Hashable, Sendable {
  var audience: Audience
  var kind: String
  var title: String
  var text: String
  var urgency: NotificationUrgency
  var orderId: OrderID

  init(_ audience: Audience, _ kind: String, _ urgency: NotificationUrgency = .info, order: OrderID, _ values: [(String, String)]) {
    self.audience = audience
    self.kind = kind
    self.urgency = urgency
    orderId = order
    let words = Catalogue.words(kind, values)
    title = words.title
    text = words.text
  }
}

/// Who is told what when something happened: at most one notification for each audience.
enum Tellings {
  static func of(_ order: OrderNotice) -> [Telling] {
    let customer = Audience.user(order.customerId), staff = Audience.tenant(order.tenantId)
    let values = values(order)
    func tell(_ audience: Audience, _ kind: String, _ urgency: NotificationUrgency = .info) -> Telling {
      Telling(audience, kind, urgency, order: order.orderId, values)
    }
    switch order.status {
    case .pending: return [tell(customer, "order_placed"), tell(staff, "order_new", .action)]
    case .confirmed: return [tell(customer, "order_confirmed")]
    // The page shows it live; a message for every stir in the kitchen would be noise.
    case .preparing: return []
    // Of a delivery the next thing worth telling is that it is on its way.
    case .readyForPickup: return order.fulfilment == .delivery ? [] : [tell(customer, "order_ready", .action)]
    case .outForDelivery: return [tell(customer, "order_picked_up")]
    case .delivered: return [tell(customer, "order_delivered")]
    case .completed: return [tell(customer, "order_completed")]
    case .rejected: return [tell(customer, "order_rejected")]
    case .cancelled: return [tell(customer, "order_cancelled"), tell(staff, "order_cancelled_staff", .action)]
    }
  }

  static func reminder(_ order: OrderNotice, isEscalation: Bool, deadline: Instant) -> [Telling] {
    let values = values(order) + [("deadline", clock(deadline)), ("placed", clock(order.placedAt))]
    return [
      Telling(.tenant(order.tenantId), isEscalation ? "order_accept_escalated" : "order_accept_reminder", .action, order: order.orderId, values)
    ]
  }

  static func failed(_ payment: PaymentNotice) -> [Telling] {
    [Telling(.user(payment.customerId), "payment_failed", .action, order: payment.orderId, values(payment))]
  }

  static func refunded(_ payment: PaymentNotice) -> [Telling] {
    [Telling(.user(payment.customerId), "payment_refunded", order: payment.orderId, values(payment))]
  }

  static func assigned(_ delivery: DeliveryNotice, courier: String) -> [Telling] {
    [Telling(.user(delivery.customerId), "courier_assigned", order: delivery.orderId, [("courier", courier)])]
  }

  static func moved(_ delivery: DeliveryNotice) -> [Telling] {
    switch delivery.status {
    case .arrivedAtCustomer: [Telling(.user(delivery.customerId), "courier_at_door", .action, order: delivery.orderId, [])]
    case .failed: [Telling(.tenant(delivery.tenantId), "delivery_failed", .action, order: delivery.orderId, [reason(delivery.reason)])]
    default: []
    }
  }

  static func unassigned(_ delivery: DeliveryNotice) -> [Telling] {
    [Telling(.tenant(delivery.tenantId), "delivery_unassigned", .action, order: delivery.orderId, [])]
  }

  private static func values(_ order: OrderNotice) -> [(String, String)] {
    [
      ("restaurant", order.restaurantName), ("items", order.itemCount == 1 ? "1 dish" : "\(order.itemCount) dishes"),
      ("total", "\(order.total) \(order.currency)"), ("refund", order.refund.map { "\($0) \(order.currency)" } ?? "what you paid"),
      reason(order.reason)
    ]
  }

  private static func values(_ payment: PaymentNotice) -> [(String, String)] {
    [("amount", "\(payment.amount) \(payment.currency)"), reason(payment.reason)]
  }

  private static func reason(_ reason: String?) -> (String, String) {
    ("reason", reason.map { $0.isEmpty ? "" : ": \($0.replacing("_", with: " "))" } ?? "")
  }

  /// Hours and minutes in UTC; the page shows its own from the order.
  private static func clock(_ instant: Instant) -> String { "\(instant.description.dropFirst(11).prefix(5)) UTC" }
}
