import Kernel
import ServiceKit
import Wire

/// The names of cookies that the server itself knows.
enum SessionCookie {
  static let session = "tiffin_session"
  /// Readable by the page, which sends it back as `X-CSRF-Token`.
  static let csrf = "tiffin_csrf"
  /// The key of the browser's cart, where no header `X-Cart-Key` says another.
  static let cart = "tiffin_cart"
}

/// Makes a request's caller, in one place: token or cookie, the page's origin, the cart key and the named tenant.
struct Authentication: Sendable {
  let authenticator: any Authenticating
  let crossOrigin: CrossOrigin

  func caller(of request: WebRequest) async throws(Problem) -> Caller {
    let headers = request.headers
    var caller = Caller.anonymous
    if let bearer = headers.bearer {
      guard let known = try await known({ () async throws(Unavailable) in try await authenticator.caller(bearer: bearer) }) else {
        throw Problem(401, "not_signed_in", "The access token is not valid, or no longer.")
      }
      caller = known
    } else if headers.authorization != nil {
      throw Problem(401, "not_signed_in", "Only bearer tokens are understood.")
    } else if headers.cookie != nil, let session = headers.cookie(SessionCookie.session), !session.isEmpty {
      try requireOwnPage(request)
      // A cookie that ended does not keep its browser from what anyone may see.
      caller = try await known({ () async throws(Unavailable) in try await authenticator.caller(cookie: session) }) ?? .anonymous
    }
    if let key = headers.cartKey ?? headers.cookie(SessionCookie.cart) {
      guard 16...64 ~= key.utf8.count, key.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) else {
        throw Problem(InvalidInput([Fault(path: "X-Cart-Key", message: "must have 16 to 64 printable characters")]))
      }
      caller.cartKey = key
    }
    if let named = headers.tenant {
      guard let tenant = TenantID(named) else {
        throw Problem(InvalidInput([Fault(path: "X-Tenant-ID", message: "must be a UUID")]))
      }
      if let own = caller.tenant, own != tenant, !caller.hasAny(of: Role.administrators) { throw Problem(Denial.tenantMismatch) }
    }
    return caller
  }

  /// Whose request it is, where that can be told without waiting; `nil`: ask with `caller`.
  func callerAtOnce(of request: WebRequest) -> Caller? {
    let headers = request.headers
    guard headers.isBare else { return nil }
    if headers.authorization == nil { return .anonymous }
    return headers.bearer.flatMap { authenticator.knownCaller(bearer: $0) }
  }

  /// Who cannot be told at the moment is not turned away as a stranger, but asked to come again.
  private func known(_ find: () async throws(Unavailable) -> Caller?) async throws(Problem) -> Caller? {
    do { return try await find() } catch { throw Problem(error) }
  }

  /// Lets a cookie speak for the user when reading; else only when our own page sent the request.
  private func requireOwnPage(_ request: WebRequest) throws(Problem) {
    if ["GET", "HEAD", "OPTIONS"].contains(request.method) { return }
    let headers = request.headers
    // Forms of pages that send no referrer come with the origin `null`; the browser's word on the site stands all the same.
    if let origin = headers.origin, origin != "null" || headers.fetchSite != "same-origin" {
      guard Self.isSameOrigin(origin, host: headers.host) || crossOrigin.allows(origin) else { throw Self.crossSite }
      return
    }
    if let site = headers.fetchSite, site != "same-origin", site != "none" { throw Self.crossSite }
    guard let token = headers.csrfToken, !token.isEmpty, token == headers.cookie(SessionCookie.csrf) else { throw Self.crossSite }
  }

  static let crossSite = Problem(
    403, "csrf_token_invalid", "A request with a session cookie must come from our own page: send its Origin, or X-CSRF-Token.")

  /// Whether an `Origin` header names the host that the request was sent to.
  static func isSameOrigin(_ origin: String, host: String?) -> Bool {
    guard let host, !host.isEmpty, let slash = origin.lastIndex(of: "/") else { return false }
    return origin[origin.index(after: slash)...].lowercased() == host.lowercased()
  }
}
