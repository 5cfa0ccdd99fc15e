public import Kernel
public import ServiceKit
public import Wire

/// The restaurants of the caller's tenant, closed down ones included, by name.
@Wire public struct ListMyRestaurants: Operation {
  public static let address = OperationAddress("catalog", "listMyRestaurants")
  public static let access = Access.roles(Role.staff)
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<RestaurantSummary>
  public typealias Refusal = Never

  @Field(.within(1...100)) public var limit: Int = 50
  @Field(.length(1...100)) public var cursor: String?
}
