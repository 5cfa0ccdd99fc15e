public import Kernel
public import ServiceKit
public import Wire

/// Why an order is not placed, read or moved: the word for programs, the sentence for people, and the field it is about.
@Wire public struct OrderRefusal: ServiceKit.Refusal {
  public var code: String
  /// The number of its `RefusalKind`.
  public var status: Int
  public var message: String
  public var path: String?

  public var kind: RefusalKind { RefusalKind(rawValue: status) ?? .ruled }
  public var detail: String { message }
  public var faults: [Fault] { path.map { [Fault(path: $0, message: message)] } ?? [] }
}

extension OrderRefusal {
  public init(_ code: String, _ kind: RefusalKind, _ message: String, path: String? = nil) {
    self.init(code: code, status: kind.rawValue, message: message, path: path)
  }

  /// The order does not exist, or the caller may not know that it does.
  public static let unknown = OrderRefusal("order_unknown", .hidden, "there is no such order")

  /// The restaurant does not exist, or the caller may not know what it earns.
  public static let restaurantUnknown = OrderRefusal("restaurant_unknown", .hidden, "there is no such restaurant", path: "restaurantId")

  /// The order was changed since the caller read it.
  public static func stale(current: Int) -> OrderRefusal {
    OrderRefusal("stale", .stale, "the order is at version \(current): read it again")
  }

  /// No actor, or not this one, may move the order so.
  public static func illegal(from: OrderStatus, to: OrderStatus) -> OrderRefusal {
    OrderRefusal("illegal_transition", .conflict, "an order cannot go from \(from.rawValue) to \(to.rawValue)", path: "status")
  }

  /// Another kind of person moves the order so.
  public static func notYours(from: OrderStatus, to: OrderStatus) -> OrderRefusal {
    OrderRefusal("transition_forbidden", .forbidden, "it is not for you to move the order from \(from.rawValue) to \(to.rawValue)", path: "status")
  }

  /// The price is another than the caller expects.
  public static func priceChanged(now: Amount, _ currency: Currency) -> OrderRefusal {
    OrderRefusal("price_changed", .conflict, "the total is now \(now) \(currency)", path: "expectedTotal")
  }

  /// The idempotency key was used for another request.
  public static let idempotencyConflict = OrderRefusal(
    "idempotency_conflict", .conflict, "the idempotency key belongs to another request", path: "idempotencyKey")

  /// The customer does not have the meal yet, or never got it.
  public static let notDelivered = OrderRefusal("not_delivered", .conflict, "only a meal that was handed over can be rated")

  /// The customer gave other stars before.
  public static let alreadyRated = OrderRefusal("already_rated", .conflict, "the meal was rated before", path: "stars")

  /// Nobody lives under a coupon's code.
  public static let couponUnknown = OrderRefusal("coupon_unknown", .ruled, "there is no such coupon", path: "couponCode")

  /// A cart holds dishes of one restaurant.
  public static let cartOtherRestaurant = OrderRefusal(
    "cart_other_restaurant", .conflict, "the cart holds dishes of another restaurant; send replace: true to start anew", path: "restaurantId")

  /// There is nothing in the cart.
  public static let cartEmpty = OrderRefusal("cart_empty", .ruled, "the cart is empty", path: "fromCart")

  /// The cart holds no such line.
  public static let cartLineUnknown = OrderRefusal("cart_line_unknown", .hidden, "there is no such line in the cart", path: "lineId")

  /// The cart holds as much as one may.
  public static let cartFull = OrderRefusal("cart_full", .ruled, "a cart holds at most 50 lines of at most 99 portions", path: "quantity")
}
