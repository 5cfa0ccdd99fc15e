/// So many requests, allowed again evenly over the window.
public struct RateAllowance: Sendable, Hashable {
  public var requests: Int
  public var window: Duration

  public init(_ requests: Int, per window: Duration) {
    self.requests = requests
    self.window = window
  }
}

/// Token buckets that all nodes draw from.
public protocol RateBuckets: Sendable {
  /// Takes a token for each allowance, or none where one of them has none left; `nil` when it cannot be known now what is left, and
  /// each node counts by itself.
  ///
  /// - Parameter name: whose tokens, such as `auth_limit:192.0.2.1`; always asked for with the same allowances.
  func take(_ name: String, _ allowances: [RateAllowance]) async -> RateDraw?
}

/// What came of drawing tokens.
public struct RateDraw: Sendable, Hashable {
  public let isAllowed: Bool
  /// What is left of each allowance, broken parts included.
  public let tokens: [Double]

  public init(isAllowed: Bool, tokens: [Double]) {
    self.isAllowed = isAllowed
    self.tokens = tokens
  }
}
