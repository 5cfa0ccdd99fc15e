public import Kernel
public import ServiceKit
public import Wire

/// One restaurant with its state at this moment.
@Wire public struct GetRestaurant: Operation {
  public static let address = OperationAddress("catalog", "getRestaurant")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = Encoded<Restaurant>
  public typealias Refusal = CatalogRefusal

  public var restaurantId: RestaurantID
}
