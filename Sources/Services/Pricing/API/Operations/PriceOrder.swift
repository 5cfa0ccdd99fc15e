public import CatalogAPI
public import Kernel
public import ServiceKit
public import Wire

/// The whole price of an order; the same sums for the preview, the order and the receipt.
@Wire public struct PriceBreakdown: Hashable, Sendable {
  public var currency: Currency
  public var subtotal: Amount
  public var deliveryFee: Amount
  public var discount: Amount
  /// All taxes, whether added or contained.
  public var tax: Amount
  public var taxLines: [TaxLine] = []
  public var tip: Amount
  public var total: Amount
  /// From door to door, where it is delivered.
  public var distanceMeters: Int?
}

/// One tax of a price.
@Wire public struct TaxLine: Hashable, Sendable {
  public var name: String
  /// Percent, such as `8.875`.
  public var ratePercent: Amount
  /// Whether the prices contain it already.
  public var isIncluded: Bool
  public var amount: Amount
}

/// Prices quoted dishes with fee, tax and tip; changes nothing.
@Wire public struct PriceOrder: Operation {
  public static let address = OperationAddress("pricing", "priceOrder")
  public static let access = Access.internalOnly
  public static let repeatability = Repeatability.safe
  public typealias Reply = PriceBreakdown
  public typealias Refusal = PriceOrderRefusal

  public var terms: RestaurantTerms
  public var items: [QuotedItem]
  public var fulfilment: Fulfilment
  /// Where it goes, if it is delivered.
  public var deliveryPoint: GeoPoint?
  public var tip: Amount?
}

/// Why an order has no price; names the field of the order that it is about.
@Wire public struct PriceOrderRefusal: ServiceKit.Refusal {
  public var reason: PriceOrderReason
  public var path: String?
  public var message: String

  public var code: String { reason.rawValue }
  public var kind: RefusalKind { .ruled }
  public var detail: String { message }
  public var faults: [Fault] { path.map { [Fault(path: $0, message: message)] } ?? [] }
}

/// The kinds of reasons why an order has no price.
public enum PriceOrderReason: String, WireEnum, Hashable {
  case belowMinimum = "below_minimum"
  case outOfRange = "out_of_range"
  case amountInvalid = "amount_invalid"
}
