/// Finds out who asks, from what a request brings as proof.
public protocol Authenticating: Sendable {
  /// Who bears an access token; nobody when it is forged, expired or its session has ended.
  func caller(bearer token: String) async -> Caller?
  /// Whose browser holds a session cookie; nobody when the session has ended.
  func caller(cookie token: String) async -> Caller?
}
