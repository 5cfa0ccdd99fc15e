public import Pages
import ServiceKit
import WebServer

/// Placeholder
public struct RestaurantWeb: Front {
  public static let name = "restaurant"
  public static let home = "/restaurant"

  public init() {}

  public var pages: [PageRoute] { [] }
}
