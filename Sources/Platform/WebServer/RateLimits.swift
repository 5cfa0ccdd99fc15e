public import Caching
import ServiceKit
import Synchronization

/// How many requests a caller may make.
public struct RateLimits: Sendable, Hashable {
  /// Whose requests are counted together; the raw value names the bucket among all nodes.
  public enum Bucket: String, Sendable, Hashable, CaseIterable {
    /// Requests of an address.
    case address = "ip_limit"
    /// Requests of a user.
    case user = "user_limit"
    /// Requests that concern a tenant, whoever makes them: one tenant's rush leaves room for the others.
    case tenant = "tenant_limit"
    /// Sign-ins, and what else guesses could be made against, of an address.
    case auth = "auth_limit"
    /// Orders of a user; of an address where nobody signed in.
    case orders = "order_limit"
  }

  /// What each bucket holds; a bucket that is not named limits nothing.
  public var allowances: [Bucket: [RateAllowance]]

  public init(_ allowances: [Bucket: [RateAllowance]]) { self.allowances = allowances }

  public static let off = RateLimits([:])
}

/// Token buckets, one for each who draws: those of all nodes while they can be asked, else this node's own.
///
/// What all nodes' bucket had left is noted in this node's, so that who has used up an allowance has none when the others are gone.
final class RateLimiter: Sendable {
  /// What is left after a request, or how long to wait; of several allowances, the one that is nearest to its end.
  struct Verdict: Sendable, Equatable {
    var isAllowed: Bool
    var limit: Int
    var remaining: Int
    /// Until the bucket is full again, or, when refused, until the next token.
    var resetSeconds: Int
  }

  private struct Kept {
    var tokens: [Double]
    var at: UInt64
  }

  private struct Key: Hashable {
    var bucket: RateLimits.Bucket
    var who: String
  }

  /// Buckets kept at most; when there are more, those that are full again are forgotten.
  private static let maximumBuckets = 100_000
  private let limits: RateLimits
  private let shared: (any RateBuckets)?
  private let now: @Sendable () -> UInt64
  private let buckets = Mutex<[Key: Kept]>([:])

  /// - Parameters:
  ///   - shared: the buckets of all nodes.
  ///   - now: nanoseconds of a clock that never goes back.
  init(_ limits: RateLimits, shared: (any RateBuckets)? = nil, now: @escaping @Sendable () -> UInt64) {
    self.limits = limits
    self.shared = shared
    self.now = now
  }

  var isOff: Bool { limits.allowances.isEmpty }
  var isShared: Bool { shared != nil }

  /// Takes a token; `nil` where nothing is limited.
  func take(_ bucket: RateLimits.Bucket, _ who: String) async -> Verdict? {
    guard let allowances = limits.allowances[bucket], !allowances.isEmpty else { return nil }
    let key = Key(bucket: bucket, who: who)
    if let shared, let draw = await shared.take("\(bucket.rawValue):\(who)", allowances) {
      note(draw.tokens, of: key)
      return verdict(allowances, draw)
    }
    return verdict(allowances, takeHere(key, allowances))
  }

  /// The same from this node's bucket, without waiting.
  func takeHere(_ bucket: RateLimits.Bucket, _ who: String) -> Verdict? {
    guard let allowances = limits.allowances[bucket], !allowances.isEmpty else { return nil }
    return verdict(allowances, takeHere(Key(bucket: bucket, who: who), allowances))
  }

  private func note(_ tokens: [Double], of key: Key) {
    let now = now()
    buckets.withLock { buckets in
      makeRoom(for: key, in: &buckets, at: now)
      buckets[key] = Kept(tokens: tokens, at: now)
    }
  }

  private func verdict(_ allowances: [RateAllowance], _ draw: RateDraw) -> Verdict {
    let verdicts = zip(allowances, draw.tokens).map { allowance, tokens in
      let perSecond = Double(allowance.requests) / allowance.window.seconds
      let missing = draw.isAllowed ? Double(allowance.requests) - tokens : 1 - tokens
      return Verdict(
        isAllowed: draw.isAllowed, limit: allowance.requests, remaining: max(0, Int(tokens)),
        resetSeconds: max(1, Int((missing / perSecond).rounded(.up))))
    }
    // When refused, the one to wait for longest; else the one that has least left.
    return draw.isAllowed ? verdicts.min { $0.remaining < $1.remaining }! : verdicts.max { $0.resetSeconds < $1.resetSeconds }!
  }

  private func takeHere(_ key: Key, _ allowances: [RateAllowance]) -> RateDraw {
    let now = now()
    return buckets.withLock { buckets in
      var kept = buckets[key] ?? Kept(tokens: allowances.map { Double($0.requests) }, at: now)
      for (index, allowance) in allowances.enumerated() {
        let perNanosecond = Double(allowance.requests) / (allowance.window.seconds * 1e9)
        kept.tokens[index] = min(Double(allowance.requests), kept.tokens[index] + Double(now &- kept.at) * perNanosecond)
      }
      kept.at = now
      let isAllowed = kept.tokens.allSatisfy { $0 >= 1 }
      if isAllowed { for index in kept.tokens.indices { kept.tokens[index] -= 1 } }
      makeRoom(for: key, in: &buckets, at: now)
      buckets[key] = kept
      return RateDraw(isAllowed: isAllowed, tokens: kept.tokens)
    }
  }

  private func makeRoom(for key: Key, in buckets: inout [Key: Kept], at now: UInt64) {
    guard buckets.count >= Self.maximumBuckets, buckets[key] == nil else { return }
    buckets = buckets.filter { key, kept in
      let longest = limits.allowances[key.bucket]?.map(\.window.seconds).max() ?? 0
      return Double(now &- kept.at) / 1e9 < longest
    }
    if buckets.count >= Self.maximumBuckets { buckets.removeAll() }
  }
}
