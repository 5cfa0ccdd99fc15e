public import Kernel
public import ServiceKit
public import Wire

/// Lets a restaurant onto the platform, or takes it off until it is approved again; the same word again changes nothing.
@Wire public struct ApproveRestaurant: Operation {
  public static let address = OperationAddress("catalog", "approveRestaurant")
  public static let access = Access.roles(Role.administrators)
  public static let repeatability = Repeatability.idempotent
  public typealias Reply = Restaurant
  public typealias Refusal = CatalogRefusal

  public var restaurantId: RestaurantID
  public var approved: Bool
  /// For the restaurant's managers to read.
  @Field(.length(0...500)) public var note: String?
}
