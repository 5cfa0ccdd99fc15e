import Caching
public import ServiceKit
import Synchronization

/// How many requests a caller may make.
public struct RateLimits: Sendable, Hashable {
  /// So many tokens, filled again evenly over the window.
  public struct Allowance: Sendable, Hashable {
    public var requests: Int
    public var window: Duration

    public init(_ requests: Int, per window: Duration) {
      self.requests = requests
      self.window = window
    }
  }

  public var allowances: [RouteLimit: Allowance]

  public init(_ allowances: [RouteLimit: Allowance]) { self.allowances = allowances }

  /// What the bucket of a caller is called among all nodes.
  static func name(_ limit: RouteLimit, _ who: String) -> String {
    switch limit {
    case .auth: "auth_limit:\(who)"
    case .orders: "order_limit:\(who)"
    default: "ip_limit:\(who)"
    }
  }

  public static let off = RateLimits([:])
  /// 100 requests a minute for an address, 5 sign-ins in 15 minutes for an address, 10 orders a minute for a user.
  public static let standard = RateLimits([
    .general: Allowance(100, per: .seconds(60)), .auth: Allowance(5, per: .seconds(900)), .orders: Allowance(10, per: .seconds(60))
  ])
}

/// Token buckets, one for each allowance and who draws from it: those of all nodes while they can be asked, else this node's own.
///
/// What all nodes' bucket had left is noted in this node's, so that who has used up an allowance has none when the others are gone.
final class RateLimiter: Sendable {
  /// What is left after a request, or how long to wait.
  struct Verdict: Sendable, Equatable {
    var isAllowed: Bool
    var limit: Int
    var remaining: Int
    /// Until the bucket is full again, or, when refused, until the next token.
    var resetSeconds: Int
  }

  private struct Bucket {
    var tokens: Double
    var at: UInt64
  }

  private struct Key: Hashable {
    var limit: RouteLimit
    var who: String
  }

  /// Buckets kept at most; when there are more, those that are full again are forgotten.
  private static let maximumBuckets = 100_000
  private let limits: RateLimits
  private let shared: (any RateBuckets)?
  private let now: @Sendable () -> UInt64
  private let buckets = Mutex<[Key: Bucket]>([:])

  /// - Parameters:
  ///   - shared: the buckets of all nodes.
  ///   - now: nanoseconds of a clock that never goes back.
  init(_ limits: RateLimits, shared: (any RateBuckets)? = nil, now: @escaping @Sendable () -> UInt64) {
    self.limits = limits
    self.shared = shared
    self.now = now
  }

  var isOff: Bool { limits.allowances.isEmpty }

  /// Takes a token; `nil` where nothing is limited.
  func take(_ limit: RouteLimit, _ who: String) async -> Verdict? {
    guard let allowance = limits.allowances[limit] else { return nil }
    if let shared, let draw = await shared.take(RateLimits.name(limit, who), capacity: allowance.requests, window: allowance.window) {
      note(draw.tokens, of: Key(limit: limit, who: who))
      return verdict(allowance, isAllowed: draw.isAllowed, tokens: draw.tokens)
    }
    return takeHere(limit, who, allowance)
  }

  private func note(_ tokens: Double, of key: Key) {
    let now = now()
    buckets.withLock { buckets in
      if buckets.count >= Self.maximumBuckets, buckets[key] == nil { forgetFull(&buckets, at: now) }
      buckets[key] = Bucket(tokens: tokens, at: now)
    }
  }

  private func verdict(_ allowance: RateLimits.Allowance, isAllowed: Bool, tokens: Double) -> Verdict {
    let perSecond = Double(allowance.requests) / allowance.window.seconds
    let missing = isAllowed ? Double(allowance.requests) - tokens : 1 - tokens
    return Verdict(
      isAllowed: isAllowed, limit: allowance.requests, remaining: Int(tokens), resetSeconds: max(1, Int((missing / perSecond).rounded(.up))))
  }

  private func takeHere(_ limit: RouteLimit, _ who: String, _ allowance: RateLimits.Allowance) -> Verdict {
    let now = now()
    let perNanosecond = Double(allowance.requests) / (allowance.window.seconds * 1e9)
    return buckets.withLock { buckets in
      let key = Key(limit: limit, who: who)
      var bucket = buckets[key] ?? Bucket(tokens: Double(allowance.requests), at: now)
      bucket.tokens = min(Double(allowance.requests), bucket.tokens + Double(now &- bucket.at) * perNanosecond)
      bucket.at = now
      let isAllowed = bucket.tokens >= 1
      if isAllowed { bucket.tokens -= 1 }
      if buckets.count >= Self.maximumBuckets, buckets[key] == nil { forgetFull(&buckets, at: now) }
      buckets[key] = bucket
      return verdict(allowance, isAllowed: isAllowed, tokens: bucket.tokens)
    }
  }

  private func forgetFull(_ buckets: inout [Key: Bucket], at now: UInt64) {
    buckets = buckets.filter { key, bucket in
      guard let allowance = limits.allowances[key.limit] else { return false }
      return Double(now &- bucket.at) / 1e9 < allowance.window.seconds
    }
    if buckets.count >= Self.maximumBuckets { buckets.removeAll() }
  }
}
