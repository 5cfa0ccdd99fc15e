public import Pages
import ServiceKit
import WebServer

/// The city as it moves, for whoever wants to look: one page, which asks for what it draws.
public struct LiveWeb: Front {
  public static let name = "live"
  public static let home = "/live"

  public init() {}

  public var pages: [PageRoute] { [PageRoute(.get, "/live", limit: .none) { try $0.page("live/city") }] }
}
