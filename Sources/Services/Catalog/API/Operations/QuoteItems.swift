public import Kernel
public import ServiceKit
public import Wire

/// What wanted dishes cost at a restaurant now, and whether it can make them for the wanted time; changes nothing.
@Wire public struct QuoteItems: Operation {
  public static let address = OperationAddress("catalog", "quoteItems")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.safe
  public typealias Reply = ItemsQuote
  public typealias Refusal = QuoteItemsRefusal

  public var restaurantId: RestaurantID
  public var items: [WantedItem]
  public var fulfilment: Fulfilment
  /// When the guest wants it; absent: as soon as possible.
  public var wantedAt: Instant?
  /// Whether opening hours and pauses are checked.
  public var checksOpening: Bool = true
}

/// The wanted dishes as the restaurant has them, under its terms.
@Wire public struct ItemsQuote: Hashable, Sendable {
  public var terms: RestaurantTerms
  public var items: [QuotedItem]
  public var isOpen: Bool
}

/// Why the dishes cannot be had; names the field it is about, such as `items[2].menuItemId`.
@Wire public struct QuoteItemsRefusal: ServiceKit.Refusal {
  public var reason: QuoteItemsReason
  /// Where in the request, as a path.
  public var path: String?
  public var message: String

  public var code: String { reason.rawValue }
  public var kind: RefusalKind { reason == .restaurantUnknown ? .hidden : .ruled }
  public var detail: String { message }
  public var faults: [Fault] { path.map { [Fault(path: $0, message: message)] } ?? [] }
}

/// The kinds of reasons why dishes cannot be had.
public enum QuoteItemsReason: String, WireEnum, Hashable {
  case restaurantUnknown = "restaurant_unknown"
  case restaurantNotApproved = "restaurant_not_approved"
  case restaurantClosed = "restaurant_closed"
  case restaurantPaused = "restaurant_paused"
  case itemUnknown = "item_unknown"
  case itemUnavailable = "item_unavailable"
  case optionInvalid = "option_invalid"
  case fulfilmentNotOffered = "fulfilment_not_offered"
}
