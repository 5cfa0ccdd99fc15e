import DeliveryAPI
import OrderingAPI
import PaymentsAPI

/// Which colour of the design goes with a state.
enum Tone {
  static func of(order status: String) -> String { OrderStatus(rawValue: status).map(of) ?? "" }

  static func of(_ status: OrderStatus) -> String {
    switch status {
    case .pending: "warn"
    case .confirmed, .preparing, .readyForPickup, .outForDelivery: "info"
    case .delivered, .completed: "good"
    case .rejected, .cancelled: "bad"
    }
  }

  static func of(_ status: DeliveryStatus) -> String {
    switch status {
    case .searching, .offered: "warn"
    case .assigned, .arrivedAtRestaurant, .pickedUp, .arrivedAtCustomer: "info"
    case .delivered: "good"
    case .unassigned, .failed, .cancelled: "bad"
    }
  }

  static func of(_ status: PaymentStatus) -> String {
    switch status {
    case .initiated, .authorized: "info"
    case .succeeded: "good"
    case .failed: "bad"
    case .voided, .refunded: ""
    }
  }
}
