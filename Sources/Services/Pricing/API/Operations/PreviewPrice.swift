public import CatalogAPI
public import Kernel
public import ServiceKit
public import Wire

/// What wanted dishes would cost, fee, tax and tip included; creates nothing.
@Wire public struct PreviewPrice: Operation {
  public static let address = OperationAddress("pricing", "previewPrice")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = PricePreview
  public typealias Refusal = PreviewPriceRefusal

  public var restaurantId: RestaurantID
  @Field(.count(1...100)) public var items: [WantedItem]
  public var fulfilment: Fulfilment
  /// Where it goes, if it is delivered.
  public var deliveryAddress: PreviewAddress?
  public var tip: Amount?
  /// When the guest wants it; absent: as soon as possible.
  public var wantedAt: Instant?
}

/// Where a previewed order would go.
@Wire public struct PreviewAddress: Hashable, Sendable {
  @Field(.length(0...300)) public var text: String?
  public var point: GeoPoint
}

/// What a guest thinks of ordering, dish by dish and in sum.
@Wire public struct PricePreview: Hashable, Sendable {
  public var restaurantId: RestaurantID
  public var currency: Currency
  public var items: [QuotedItem]
  public var price: PriceBreakdown
  /// Whether the restaurant takes orders for the wanted time; a closed one is priced all the same.
  public var isOpen: Bool
}

/// Why there is no price: the catalogue's reasons and the pricing's own, under their own codes.
@Wire public struct PreviewPriceRefusal: ServiceKit.Refusal {
  /// A reason of `QuoteItemsReason` or `PriceOrderReason`.
  public var code: String
  public var path: String?
  public var message: String

  public var kind: RefusalKind { code == QuoteItemsReason.restaurantUnknown.rawValue ? .hidden : .ruled }
  public var detail: String { message }
  public var faults: [Fault] { path.map { [Fault(path: $0, message: message)] } ?? [] }
}
