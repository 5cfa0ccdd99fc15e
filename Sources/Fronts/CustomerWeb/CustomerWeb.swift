public import Pages
import ServiceKit
import WebServer

/// Placeholder
public struct CustomerWeb: Front {
  public static let name = "customer"
  public static let home = "/"

  public init() {}

  public var pages: [PageRoute] { [] }
}
