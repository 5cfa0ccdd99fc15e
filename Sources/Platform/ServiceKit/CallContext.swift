public import Kernel
import Synchronization

/// What travels with a call beside the caller.
public enum CallContext {
  /// Ties together everything that one request caused.
  @TaskLocal public static var correlationID: String?

  /// When the caller stops waiting.
  @TaskLocal public static var deadline: Instant?

  /// Where the handler leaves remarks on its reply for the edge.
  @TaskLocal public static var remarks: ReplyRemarks?
}

/// Remarks of a handler on its reply that the edge turns into headers.
public final class ReplyRemarks: Sendable {
  private struct State {
    var isReplay = false
    var cookies: [ReplyCookie] = []
    var location: String?
  }
  private let state = Mutex(State())

  public init() {}

  /// Whether the reply is the stored one of an earlier request with the same idempotency key.
  public var isReplay: Bool { state.withLock { $0.isReplay } }
  public func markReplay() { state.withLock { $0.isReplay = true } }

  /// The cookies that the browser shall keep.
  public var cookies: [ReplyCookie] { state.withLock { $0.cookies } }

  /// Has the browser keep a cookie, or forget it when `maxAgeSeconds` is 0.
  ///
  /// - Parameter isLax: whether it also comes along when another site leads here: for the way back from a provider of sign-ins.
  public func setCookie(_ name: String, _ value: String, maxAgeSeconds: Int, isLax: Bool = false) {
    state.withLock { $0.cookies.append(ReplyCookie(name: name, value: value, maxAgeSeconds: maxAgeSeconds, isLax: isLax)) }
  }

  /// Where the browser shall go on, which makes the answer a 302.
  public var location: String? { state.withLock { $0.location } }
  public func redirect(to location: String) { state.withLock { $0.location = location } }
}

/// The value of one of the cookies in a request's header `Cookie`.
public func cookieValue(_ name: String, in header: String) -> String? {
  for part in header.split(separator: ";") {
    let pair = part.drop { $0 == " " }
    guard let equals = pair.firstIndex(of: "="), pair[..<equals] == name else { continue }
    return String(pair[pair.index(after: equals)...])
  }
  return nil
}

/// A cookie to be kept by the browser; the edge makes it `HttpOnly`, `SameSite=Strict` and, behind TLS, `Secure`.
public struct ReplyCookie: Hashable, Sendable {
  public let name: String
  public let value: String
  /// How long it is kept; 0 deletes it.
  public let maxAgeSeconds: Int
  /// Whether it also comes along when another site leads here.
  public let isLax: Bool

  public init(name: String, value: String, maxAgeSeconds: Int, isLax: Bool = false) {
    self.isLax = isLax
    self.name = name
    self.value = value
    self.maxAgeSeconds = maxAgeSeconds
  }
}
