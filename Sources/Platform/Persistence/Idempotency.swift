import Kernel
public import ServiceKit
public import Wire

/// The keys under which requests were made, so that the same request made again gets the same answer.
///
/// `begin` belongs into the transaction that records the work as begun, and `complete` into the one that ends it: then a crash
/// leaves a key in progress only while something durable, such as a saga, still goes on with its work.
public struct Idempotency: Sendable {
  /// What is known of a key.
  public enum Begun: Sendable, Hashable {
    /// Never seen, or expired, or abandoned: it is now in progress and the caller does the work.
    case new
    /// The same request is being worked on.
    case inProgress
    /// The same request was answered with this.
    case done([UInt8])
    /// The key was used for another request.
    case conflict
  }

  private let service: String
  private let time: TimeSource
  private let keep: Duration
  private let taking: String

  /// - Parameter keep: how long a key is remembered after its first use.
  public init(service: String, time: TimeSource, keep: Duration = .seconds(24 * 3600)) {
    self.service = service
    self.time = time
    self.keep = keep
    // Taken in one statement, so that of two who come at the same moment one waits for the other and then finds it.
    taking = """
      INSERT INTO \(service)_idempotency (scope, key, request, reply, expires_at) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (scope, key) DO UPDATE SET request = excluded.request, reply = excluded.reply, expires_at = excluded.expires_at
      WHERE \(service)_idempotency.expires_at <= excluded.expires_at - \(Int(keep.milliseconds))
      """
  }

  /// The table of a service's keys; the host adds it to every service.
  public static func migrations(for service: String) -> [Migration] {
    [
      Migration(
        "\(service)-idempotency-1",
        """
        CREATE TABLE \(service)_idempotency (scope TEXT NOT NULL, key TEXT NOT NULL, request TEXT NOT NULL, reply {bytes},
          expires_at BIGINT NOT NULL, PRIMARY KEY (scope, key)) {clustered}
        """,
        "CREATE INDEX \(service)_idempotency_expires ON \(service)_idempotency (expires_at)")
    ]
  }

  /// Takes the key for this request, unless it was taken before.
  ///
  /// - Parameters:
  ///   - scope: whose key it is, such as `user:ID`; two scopes never meet.
  ///   - hash: names the content of the request; see `hash(of:)`.
  ///   - promise: what the reply will be when all goes well, where that is known already: it is kept at once, which spares
  ///     `complete`, and whoever gets it has to see for himself whether it has come true.
  public func begin(scope: String, key: String, hash: String, promise: [UInt8]? = nil, in transaction: any Transaction) throws -> Begun {
    let now = time.now
    let taken = try transaction.run(
      taking, expecting: 1, .text(scope), .text(key), .text(hash), promise.map { .bytes($0) } ?? .null, .instant(now + keep))
    return taken == 1 ? .new : try look(scope: scope, key: key, hash: hash, in: transaction)
  }

  /// What is known of a key, without taking it; `new` when nothing is.
  public func look(scope: String, key: String, hash: String, in transaction: any Transaction) throws -> Begun {
    let now = time.now
    return try transaction.first(
      "SELECT request, reply, expires_at FROM \(service)_idempotency WHERE scope = ? AND key = ?", .text(scope), .text(key)
    ) { row in
      if row.instant(2) <= now { return .new }
      if row.text(0) != hash { return .conflict }
      return row.isNull(1) ? .inProgress : .done(row.bytes(1))
    } ?? .new
  }

  /// Keeps the reply for whoever asks again.
  public func complete(scope: String, key: String, reply: [UInt8], in transaction: any Transaction) throws {
    try transaction.run(
      "UPDATE \(service)_idempotency SET reply = ? WHERE scope = ? AND key = ?", .bytes(reply), .text(scope), .text(key))
  }

  /// Forgets a key whose work came to nothing, so that it may be tried again; one that was answered otherwise is kept.
  ///
  /// - Parameter promise: what was given to `begin`.
  public func abandon(scope: String, key: String, promise: [UInt8]? = nil, in transaction: any Transaction) throws {
    try transaction.run(
      "DELETE FROM \(service)_idempotency WHERE scope = ? AND key = ? AND (reply IS NULL OR reply = ?)", .text(scope), .text(key),
      promise.map { .bytes($0) } ?? .null)
  }

  /// Forgets up to `limit` keys that expired; answers how many.
  @discardableResult
  public func prune(limit: Int = 1000, in transaction: any Transaction) throws -> Int {
    try transaction.run(
      """
      DELETE FROM \(service)_idempotency WHERE (scope, key) IN
        (SELECT scope, key FROM \(service)_idempotency WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)
      """, .instant(time.now), .integer(limit))
  }

  /// A name for a request's content: the same content has the same name.
  public static func hash(of value: some WireValue) -> String { hash(of: encode(value)) }

  public static func hash(of bytes: [UInt8]) -> String {
    // Two hashes of 64 bits: told apart from an honest mistake, not from an attack on oneself.
    var second: UInt64 = 0x9ae1_6a3b_2f90_404f
    for byte in bytes { second = (second ^ UInt64(byte)) &* 0x100_0000_01b3 &+ 0x9e37_79b9 }
    return String(StableHash.of(bytes), radix: 36) + "-" + String(second, radix: 36)
  }
}
