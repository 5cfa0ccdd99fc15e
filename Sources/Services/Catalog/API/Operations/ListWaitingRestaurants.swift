public import Kernel
public import ServiceKit
public import Wire

/// The restaurants that wait for an administrator's approval, the oldest first.
@Wire public struct ListWaitingRestaurants: Operation {
  public static let address = OperationAddress("catalog", "listWaitingRestaurants")
  public static let access = Access.roles(Role.administrators)
  public static let repeatability = Repeatability.safe
  public typealias Reply = Page<WaitingRestaurant>
  public typealias Refusal = Never

  @Field(.within(1...100)) public var limit: Int = 50
  public var cursor: RestaurantID?
}

/// A restaurant that waits for its approval.
@Wire public struct WaitingRestaurant: Hashable, Sendable {
  public var restaurant: RestaurantSummary
  public var tenantName: String
  public var waitingSince: Instant
  /// What an administrator has told its managers.
  public var note: String?
}
