/// Token buckets that all nodes draw from.
public protocol RateBuckets: Sendable {
  /// Takes a token; `nil` when it cannot be known now what is left, and each node counts by itself.
  ///
  /// - Parameters:
  ///   - name: whose bucket, such as `auth_limit:192.0.2.1`.
  ///   - capacity: tokens of a full bucket, filled again evenly over `window`.
  func take(_ name: String, capacity: Int, window: Duration) async -> RateDraw?
}

/// What came of drawing a token.
public struct RateDraw: Sendable, Hashable {
  public let isAllowed: Bool
  /// What is left, broken parts included.
  public let tokens: Double

  public init(isAllowed: Bool, tokens: Double) {
    self.isAllowed = isAllowed
    self.tokens = tokens
  }
}
