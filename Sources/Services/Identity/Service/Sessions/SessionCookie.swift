import ServiceKit
import Tokens

/// The cookie that carries a browser's session; the edge keeps it from scripts, from other sites and from plain connections.
struct SessionCookie: Sendable {
  static let name = "tiffin_session"

  func set(_ token: OpaqueToken, for lifetime: Duration) {
    CallContext.remarks?.setCookie(Self.name, token.text, maxAgeSeconds: Int(lifetime.seconds))
  }

  func clear() { CallContext.remarks?.setCookie(Self.name, "", maxAgeSeconds: 0) }
}
