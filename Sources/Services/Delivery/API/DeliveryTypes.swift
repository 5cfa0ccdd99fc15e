public import Kernel
import OrderingAPI
import ServiceKit
public import Wire

public enum DeliveryEntity {}
public enum OfferEntity {}
public typealias DeliveryID = Identifier<DeliveryEntity>
public typealias OfferID = Identifier<OfferEntity>

/// Where a delivery stands.
public enum DeliveryStatus: String, WireEnum, Hashable {
  case searching, offered, assigned
  case arrivedAtRestaurant = "arrived_at_restaurant"
  case pickedUp = "picked_up"
  case arrivedAtCustomer = "arrived_at_customer"
  case delivered
  /// On the manual list: nobody took it.
  case unassigned
  case failed, cancelled
}

/// What a delivery partner is doing.
public enum PartnerStatus: String, WireEnum, Hashable { case offline, available, offered, busy }
