import ServiceKit
import Tokens

/// The cookie that carries a browser's session.
struct SessionCookie: Sendable {
  static let name = "tiffin_session"
  /// Whether browsers may send it over TLS only.
  let isSecure: Bool

  func set(_ token: OpaqueToken, for lifetime: Duration) {}

  func clear() {}
}
