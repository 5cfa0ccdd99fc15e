public import Pages
import ServiceKit
import WebServer

/// Placeholder
public struct CourierWeb: Front {
  public static let name = "courier"
  public static let home = "/courier"

  public init() {}

  public var pages: [PageRoute] { [] }
}
