public import Kernel
public import ServiceKit
public import Wire

/// The offers that the caller can answer now: one or none.
@Wire public struct ListOffers: Operation {
  public static let address = OperationAddress("delivery", "listOffers")
  public static let access = Access.roles([.deliveryPartner])
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<Offer>
}
