/// What notifications say, in English, by their stable names; `{restaurant}` and the like are filled in.
enum Catalogue {
  struct Entry: Hashable, Sendable {
    var title: String
    var text: String
  }

  static let english: [String: Entry] = [
    "order_placed": Entry(title: "Order received", text: "{restaurant} has your order and will answer soon."),
    "order_new": Entry(title: "New order", text: "{items} for {total}: please accept or decline it."),
    "order_accept_reminder": Entry(title: "An order waits for you", text: "{items} for {total} from {placed} wait for your answer."),
    "order_accept_escalated": Entry(title: "An order is about to be cancelled", text: "{items} for {total} must be answered until {deadline}."),
    "order_confirmed": Entry(title: "Order confirmed", text: "{restaurant} accepted your order."),
    "order_ready": Entry(title: "Ready to be collected", text: "Your order waits for you at {restaurant}."),
    "order_picked_up": Entry(title: "On its way", text: "Your order from {restaurant} is on its way."),
    "order_delivered": Entry(title: "Delivered", text: "Your order from {restaurant} was delivered. Enjoy!"),
    "order_completed": Entry(title: "Enjoy!", text: "Thank you for your order at {restaurant}."),
    "order_rejected": Entry(title: "Order declined", text: "{restaurant} cannot make your order{reason}. You get {refund} back."),
    "order_cancelled": Entry(title: "Order cancelled", text: "Your order at {restaurant} was cancelled{reason}. You get {refund} back."),
    "order_cancelled_staff": Entry(title: "Order cancelled", text: "An order of {items} for {total} was cancelled{reason}."),
    "payment_failed": Entry(title: "Payment failed", text: "The payment of {amount} did not go through{reason}."),
    "payment_refunded": Entry(title: "Money back", text: "{amount} were given back to you."),
    "courier_assigned": Entry(title: "Courier found", text: "{courier} brings your order."),
    "courier_at_door": Entry(title: "At your door", text: "Your courier has arrived. Have your code ready."),
    "delivery_failed": Entry(title: "Delivery failed", text: "A delivery could not be brought to the door{reason}."),
    "delivery_unassigned": Entry(title: "No courier found", text: "Nobody took a delivery: please assign it by hand.")
  ]

  /// The words of an entry with its values in place; an unknown name reads as itself, so that nothing is lost.
  static func words(_ kind: String, _ values: [(String, String)]) -> Entry {
    guard let entry = english[kind] else { return Entry(title: kind, text: kind) }
    return Entry(title: filled(entry.title, values), text: filled(entry.text, values))
  }

  /// The template with each `{name}` replaced, in one pass: what a value contains is never taken for a place.
  private static func filled(_ template: String, _ values: [(String, String)]) -> String {
    var text = ""
    var rest = template[...]
    while let open = rest.utf8.firstIndex(of: UInt8(ascii: "{")), let close = rest[open...].utf8.firstIndex(of: UInt8(ascii: "}")) {
      let name = rest[rest.index(after: open)..<close]
      text += rest[..<open]
      text += values.first { $0.0 == name }.map { $0.1[...] } ?? rest[open...close]
      rest = rest[rest.index(after: close)...]
    }
    return text + rest
  }
}
