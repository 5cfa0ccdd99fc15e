import NIOCore
import NIOHTTP1
import ServiceKit

/// A request as it came, before any operation is made of it.
public struct WebRequest: Sendable {
  let head: HTTPRequestHead
  let body: ByteBuffer?
  let headers: RequestHeaders
  let client: ClientAddress
  /// Ties together what the request causes; also in the response.
  public let correlationID: String
  /// What the path of a raw route names: `:orderId` by `orderId`.
  public internal(set) var pathFields: [String: String] = [:]

  /// The path as sent, with percent escapes.
  var path: Substring { head.uri[..<(head.uri.utf8.firstIndex(of: 0x3F) ?? head.uri.endIndex)] }
  var query: Substring? {
    guard let mark = head.uri.utf8.firstIndex(of: 0x3F) else { return nil }
    return head.uri[head.uri.index(after: mark)...]
  }

  public var method: String { head.method.rawValue }
  /// Path and query as sent.
  public var target: String { head.uri }
  /// The names and values of the query; `nil` where it is not well formed.
  public var queryParts: [(field: String, text: String)]? { query.map { queryFields($0) } ?? [] }
  /// The names and values of a form that was sent as `application/x-www-form-urlencoded`; `nil` where the body is something else.
  public var formParts: [(field: String, text: String)]? {
    guard headers.contentType?.lowercased().hasPrefix("application/x-www-form-urlencoded") ?? false else { return nil }
    // A dish with all its options, or a year of closures, is a long form.
    return queryFields(Substring(body.map { String(buffer: $0) } ?? ""), most: 4000)
  }
  /// The client's address.
  public var address: String { client.description }
  /// The first header of the name, of either case.
  public func header(_ name: String) -> String? { head.headers.first(name: name) }
  /// The value of one cookie.
  public func cookie(_ name: String) -> String? { headers.cookie(name) }
  /// Whether a page of our own host sent this, or nobody's page did: a link, a bookmark.
  public var isFromOwnPage: Bool {
    if let origin = headers.origin, origin != "null" { return Authentication.isSameOrigin(origin, host: headers.host) }
    return headers.fetchSite.map { $0 == "same-origin" || $0 == "none" } ?? false
  }
}

/// The headers that the server itself looks at, found in one pass.
///
/// A class, for a request is handed on many times and each copy would count a dozen references; unchecked, for only the
/// initialiser writes.
final class RequestHeaders: @unchecked Sendable {
  private(set) var accept: String?
  private(set) var authorization: String?
  private(set) var cartKey: String?
  private(set) var contentType: String?
  private(set) var cookie: String?
  private(set) var correlation: String?
  private(set) var csrfToken: String?
  private(set) var fetchSite: String?
  private(set) var forwardedFor: String?
  private(set) var host: String?
  private(set) var ifNoneMatch: String?
  private(set) var origin: String?
  private(set) var tenant: String?
  private(set) var contentLength: Int?
  private(set) var expectsContinue = false
  private(set) var asksForUpgrade = false
  /// Bytes of all names and values.
  private(set) var size = 0

  init(_ headers: HTTPHeaders) {
    for (name, value) in headers {
      size += name.utf8.count + value.utf8.count + 4
      switch name.utf8.count {
      case 4: take(name, "host", value, &host)
      case 6:
        take(name, "accept", value, &accept)
        takeAll(name, "cookie", value, &cookie)
        take(name, "origin", value, &origin)
        if name.equals("expect") { expectsContinue = value.lowercased() == "100-continue" }
      case 7 where name.equals("upgrade"): asksForUpgrade = value.lowercased().contains("websocket")
      case 10: take(name, "x-cart-key", value, &cartKey)
      case 11: take(name, "x-tenant-id", value, &tenant)
      case 12:
        take(name, "content-type", value, &contentType)
        take(name, "x-csrf-token", value, &csrfToken)
      case 13:
        take(name, "authorization", value, &authorization)
        take(name, "if-none-match", value, &ifNoneMatch)
      case 14:
        take(name, "sec-fetch-site", value, &fetchSite)
        if name.equals("content-length") { contentLength = Int(value) }
      case 15: take(name, "x-forwarded-for", value, &forwardedFor)
      case 16: take(name, "x-correlation-id", value, &correlation)
      default: break
      }
    }
  }

  private func take(_ name: String, _ wanted: StaticString, _ value: String, _ place: inout String?) {
    if place == nil, name.equals(wanted) { place = value }
  }

  private func takeAll(_ name: String, _ wanted: StaticString, _ value: String, _ place: inout String?) {
    if name.equals(wanted) { place = place.map { "\($0); \(value)" } ?? value }
  }

  /// The value of one cookie.
  func cookie(_ name: String) -> String? { cookie.flatMap { cookieValue(name, in: $0) } }

  /// Whether nothing but a token tells who asks, from which page, or for which form of the answer.
  var isBare: Bool {
    cookie == nil && cartKey == nil && tenant == nil && origin == nil
      && !(accept?.contains(EnvelopeForm.mediaType) ?? false)
  }

  var bearer: String? {
    guard let authorization, authorization.count > 7, authorization.prefix(7).lowercased() == "bearer " else { return nil }
    return String(authorization.dropFirst(7).drop { $0 == " " })
  }
}

extension String {
  /// Whether this is the lower-case word in either case; the lengths are known to agree or not.
  func equals(_ word: StaticString) -> Bool {
    guard utf8.count == word.utf8CodeUnitCount else { return false }
    var text = self
    return text.withUTF8 { text in
      for index in 0..<text.count {
        let byte = text[index]
        let lower = byte &- 65 < 26 ? byte | 0x20 : byte
        if lower != word.utf8Start[index] { return false }
      }
      return true
    }
  }
}
