/// Finds out who asks, from what a request brings as proof; `Unavailable` where that cannot be told at the moment, which is not "nobody".
public protocol Authenticating: Sendable {
  /// Who bears an access token; nobody when it is forged, expired or its session has ended.
  func caller(bearer token: String) async throws(Unavailable) -> Caller?
  /// Whose browser holds a session cookie; nobody when the session has ended.
  func caller(cookie token: String) async throws(Unavailable) -> Caller?
  /// Who bears an access token, where memory tells it without waiting; `nil`: ask with `caller(bearer:)`.
  func knownCaller(bearer token: String) -> Caller?
}

extension Authenticating {
  public func knownCaller(bearer _: String) -> Caller? { nil }
}
