/// The pages of other origins that may call, with credentials: the allow-list of CORS (the Fetch standard, section 3.2).
public struct CrossOrigin: Hashable, Sendable {
  private let allowed: Set<String>

  /// No page but our own.
  public static let none = CrossOrigin(allowed: [])

  private init(allowed: Set<String>) { self.allowed = allowed }

  /// Reads origins with commas between them: `https://shop.example, http://localhost:3000`; `nil` when one is no origin.
  public init?(_ text: String) {
    var allowed: Set<String> = []
    for part in text.split(separator: ",") {
      let origin = part.filter { $0 != " " }.lowercased()
      guard let scheme = ["https://", "http://"].first(where: origin.hasPrefix) else { return nil }
      let host = origin.dropFirst(scheme.count)
      guard !host.isEmpty, !host.contains(where: { "/?#@*".contains($0) }) else { return nil }
      allowed.insert(origin)
    }
    self.init(allowed: allowed)
  }

  func allows(_ origin: String) -> Bool { !allowed.isEmpty && allowed.contains(origin.lowercased()) }

  /// What lets a page of an allowed origin read the answer.
  func headers(for request: WebRequest) -> [(name: String, value: String)] {
    guard let origin = request.headers.origin, allows(origin) else { return [] }
    return [
      ("Access-Control-Allow-Origin", origin), ("Access-Control-Allow-Credentials", "true"),
      (
        "Access-Control-Expose-Headers",
        "ETag, Idempotent-Replay, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Correlation-ID"
      ),
      ("Vary", "Origin")
    ]
  }

  /// What a browser's question before the request is answered with, beside `headers`.
  func preflight(for request: WebRequest, methods: String) -> [(name: String, value: String)] {
    guard let origin = request.headers.origin, allows(origin), request.header("access-control-request-method") != nil else { return [] }
    return [
      ("Access-Control-Allow-Methods", methods),
      (
        "Access-Control-Allow-Headers",
        "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Cart-Key, X-CSRF-Token, X-Correlation-ID, X-Tenant-ID"
      ),
      ("Access-Control-Max-Age", "600")
    ]
  }
}
