public import Kernel
public import ServiceKit
public import Wire

/// A restaurant was made, or anything about it but its menu changed.
@Wire public struct RestaurantUpdated: Event {
  public static let name = "restaurant.updated"
  public static let topic = Topic.catalog
  public var restaurantId: RestaurantID
  public var tenantId: TenantID
  public var restaurantName: String
  public var point: GeoPoint
  public var version: Int
  public var isActive: Bool

  public var tenant: TenantID? { tenantId }
  public var aggregate: String { "restaurant:\(restaurantId)" }
}

/// Categories, items, prices or availability of a restaurant changed.
@Wire public struct MenuUpdated: Event {
  public static let name = "menu.updated"
  public static let topic = Topic.catalog
  public var restaurantId: RestaurantID
  public var tenantId: TenantID
  /// The items that changed; empty where it was a category.
  public var menuItemIds: [MenuItemID] = []

  public var tenant: TenantID? { tenantId }
  public var aggregate: String { "menu:\(restaurantId)" }
}

/// An organisation joined the platform.
@Wire public struct TenantCreated: Event {
  public static let name = "tenant.created"
  public static let topic = Topic.catalog
  public var tenantId: TenantID
  public var tenantName: String
  public var ownerId: UserID

  public var tenant: TenantID? { tenantId }
  public var aggregate: String { "tenant:\(tenantId)" }
}
