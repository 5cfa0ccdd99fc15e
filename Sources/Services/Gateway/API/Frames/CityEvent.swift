public import Kernel
public import OrderingAPI
public import Wire

/// The data of the frame `city_event` on `city`: something happened somewhere, for the list beside the map.
@Wire public struct CityEvent: Hashable, Sendable {
  public var at: Instant
  public var orderId: OrderID
  public var status: OrderStatus
  public var restaurantName: String
  public var restaurantPoint: GeoPoint
}
