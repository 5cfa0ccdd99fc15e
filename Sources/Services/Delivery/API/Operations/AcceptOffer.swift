public import Kernel
public import ServiceKit
public import Wire

/// Takes an offered delivery; of accepting, declining, timeout and cancellation exactly one wins.
@Wire public struct AcceptOffer: Operation {
  public static let address = OperationAddress("delivery", "acceptOffer")
  public static let access = Access.roles([.deliveryPartner])
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = Delivery
  public typealias Refusal = OfferRefusal

  public var offerId: OfferID
}

/// Why an offer is neither taken nor declined.
public enum OfferRefusal: String, WireEnum, Refusal {
  /// No such offer was made to the caller.
  case offerUnknown = "offer_unknown"
  /// It was declined, timed out or withdrawn before.
  case offerGone = "offer_gone"
  public var kind: RefusalKind { self == .offerUnknown ? .hidden : .conflict }
  public var detail: String { self == .offerUnknown ? "there is no such offer" : "the offer was answered, withdrawn or has timed out" }
}
