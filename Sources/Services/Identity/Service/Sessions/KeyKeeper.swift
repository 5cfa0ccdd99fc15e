import Kernel
import Persistence
import ServiceKit
import Tokens

/// Loads the signing keys, and makes a new one when the newest grows old.
struct KeyKeeper: Sendable {
  let database: any Database
  let time: TimeSource
  let ids: IdentifierSource
  let ring: TokenRing
  /// How old a key gets before the next one is made.
  let rotation: Duration
  /// How long a token lives, and with it the need for the key that signed it.
  let tokenLifetime: Duration
  private let keys = KeyStore()

  /// A new key is published this long before it signs, so that every node has loaded it.
  private static let notice = Duration.seconds(150)
  /// Keys kept: the one that signs, the one that will, and one whose tokens still live.
  private static let kept = 3

  init(database: any Database, time: TimeSource, ids: IdentifierSource, ring: TokenRing, rotation: Duration, tokenLifetime: Duration) {
    self.database = database
    self.time = time
    self.ids = ids
    self.ring = ring
    self.rotation = max(rotation, tokenLifetime)
    self.tokenLifetime = tokenLifetime
  }

  /// Brings the ring up to date; run at start and every minute.
  func refresh() async throws {
    let now = time.now
    var rows = try await database.read { [keys] in try keys.newest(Self.kept, in: $0) }
    let newest = rows.last
    if newest == nil || now.since(newest!.createdAt) > rotation {
      let name = ids.next(SessionID.self).description
      let row = KeyStore.Key(generation: (newest?.generation ?? 0) + 1, name: name, pem: SigningKey(name: name).pem, createdAt: now)
      rows = try await database.write { [keys] transaction in
        try keys.insert(row, in: transaction)
        try keys.delete(olderThan: row.generation - Self.kept + 1, in: transaction)
        return try keys.newest(Self.kept, in: transaction)
      }
    }
    let loaded = try rows.map { (key: try SigningKey(name: $0.name, pem: $0.pem), createdAt: $0.createdAt) }
    let signing = loaded.last { now.since($0.createdAt) >= Self.notice } ?? loaded.first
    guard let signing else { throw CorruptRow("no signing key was kept") }
    try await ring.replace(with: loaded.map(\.key).filter { $0.name != signing.key.name } + [signing.key])
  }
}
