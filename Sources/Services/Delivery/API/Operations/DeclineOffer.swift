public import Kernel
public import ServiceKit
public import Wire

/// Leaves an offered delivery to another partner; declining twice is declining once.
@Wire public struct DeclineOffer: Operation {
  public static let address = OperationAddress("delivery", "declineOffer")
  public static let access = Access.roles([.deliveryPartner])
  public static let repeatability = Repeatability.idempotent
  public typealias Refusal = OfferRefusal

  public var offerId: OfferID
  @Field(.length(0...200)) public var reason: String?
}
