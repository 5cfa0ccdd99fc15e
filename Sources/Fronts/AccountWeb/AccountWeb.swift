public import Pages
import ServiceKit
import WebServer

/// Placeholder
public struct AccountWeb: Front {
  public static let name = "account"
  public static let home = "/account"

  public init() {}

  public var pages: [PageRoute] { [] }
}
