import IdentityAPI
import OrderingAPI
import Pages
import ServiceKit
import WebServer

/// Where every way in ends: takes the basket along, and leads on.
enum Arrival {
  /// Answers `GET /sign-in/done`.
  static func show(_ request: PageRequest) async throws -> WebResponse {
    guard request.caller.user != nil else {
      // Who comes back from a provider comes from another site, without the cookie that was set on the way.
      if request.query["again"] == nil { return try pause(request, before: "/sign-in/done\(request.onward([("again", "1")]))") }
      return request.redirect(to: "/sign-in\(request.onward([("notice", "failed")]))")
    }
    // What was put into the basket before becomes the person's; a basket that cannot be reached keeps nobody out.
    if request.caller.cartKey != nil { _ = try? await request.call(GetCart()) }
    return request.redirect(to: request.next(or: Destination(of: request.caller.roles, preferring: request.askedFor).home))
  }

  /// A page that leads on by itself, as a step of our own.
  static func pause(_ request: PageRequest, before place: String) throws -> WebResponse {
    try request.framed("account/moment", ["place": place])
  }
}
