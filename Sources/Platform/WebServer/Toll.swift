import Kernel
import Observability
import ServiceKit
import Synchronization

/// What one request draws from the allowances of those it is made by and for, and what its answer says of them.
///
/// The address pays before anything is looked up, the user when known, the tenant when the request is understood. Guesses at one account are
/// counted by Identity, with the account.
final class Toll: Sendable {
  private let limiter: RateLimiter
  private let address: String
  private let correlationID: String
  private let tightest = Mutex<RateLimiter.Verdict?>(nil)
  private static let log = Log("security")

  init(_ limiter: RateLimiter, _ request: WebRequest) {
    self.limiter = limiter
    address = request.client.block
    correlationID = request.correlationID
  }

  /// Before it is known who asks.
  func enter(_ limit: RouteLimit) async throws(Problem) {
    switch limit {
    case .general: try await pay(.address, address)
    case .auth: try await pay(.auth, address)
    case .orders, .none: break
    }
  }

  /// Both of a read that anyone may make, where only this node counts.
  func payHere(_ limit: RouteLimit, _ caller: Caller) throws(Problem) {
    guard limit == .general else { return }
    try note(limiter.takeHere(.address, address), of: .address)
    if let user = caller.user { try note(limiter.takeHere(.user, user.description), of: .user) }
  }

  /// When it is known who asks.
  func pay(_ limit: RouteLimit, _ caller: Caller) async throws(Problem) {
    switch limit {
    case .general: if let user = caller.user { try await pay(.user, user.description) }
    case .orders: try await pay(.orders, caller.user?.description ?? address)
    case .auth, .none: break
    }
  }

  /// When it is known which tenant the request concerns.
  func pay(for tenant: TenantID?) async throws(Problem) { if let tenant { try await pay(.tenant, tenant.description) } }

  /// What goes with the answer, of the allowance that is nearest to its end.
  var headers: [(name: String, value: String)] {
    guard let verdict = tightest.withLock({ $0 }) else { return [] }
    return [
      ("RateLimit-Limit", String(verdict.limit)), ("RateLimit-Remaining", String(verdict.remaining)),
      ("RateLimit-Reset", String(verdict.resetSeconds))
    ]
  }

  private func pay(_ bucket: RateLimits.Bucket, _ who: String) async throws(Problem) {
    try note(await limiter.take(bucket, who), of: bucket)
  }

  private func note(_ verdict: RateLimiter.Verdict?, of bucket: RateLimits.Bucket) throws(Problem) {
    guard let verdict else { return }
    tightest.withLock { tightest in
      if let known = tightest, verdict.isAllowed, known.remaining <= verdict.remaining { return }
      tightest = verdict
    }
    guard verdict.isAllowed else {
      Self.log.warning("allowance used up", ["bucket": bucket.rawValue, "address": address, "correlationId": correlationID])
      throw Problem(429, "rate_limited", "Too many requests; come back later.", retryAfterSeconds: verdict.resetSeconds)
    }
  }
}
