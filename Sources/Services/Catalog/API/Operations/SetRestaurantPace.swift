public import Kernel
public import ServiceKit
public import Wire

/// How the kitchen keeps up: the minutes that it needs, and a pause in which it takes no orders; what is not named stays.
@Wire public struct SetRestaurantPace: Operation {
  public static let address = OperationAddress("catalog", "setRestaurantPace")
  public static let access = Access.roles(Role.staff.union(Role.administrators))
  public static let repeatability = Repeatability.once
  public typealias Reply = Restaurant
  public typealias Refusal = CatalogRefusal

  public var restaurantId: RestaurantID
  /// The version that the change was made from, from `If-Match`; another one now is refused.
  public var version: Int?
  @Field(.within(0...600)) public var preparationMinutes: Int?
  /// Takes no orders until then; a moment gone by, or `isPaused` false, ends the pause.
  public var pausedUntil: Instant?
  /// False ends a pause at once; true needs `pausedUntil`.
  public var isPaused: Bool?
}
