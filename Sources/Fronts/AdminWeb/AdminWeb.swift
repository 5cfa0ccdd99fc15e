public import Pages
import ServiceKit
import WebServer

/// Placeholder
public struct AdminWeb: Front {
  public static let name = "admin"
  public static let home = "/admin"

  public init() {}

  public var pages: [PageRoute] { [] }
}
