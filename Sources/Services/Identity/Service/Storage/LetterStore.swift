import Kernel
import Persistence
import ServiceKit

enum LetterEntity {}
typealias LetterID = Identifier<LetterEntity>

/// What is to be sent to people; a row goes as soon as it was handed over, for it holds the word that it brings.
struct LetterStore: Sendable {
  enum Kind: String, Sendable {
    case code, reset
    /// For nobody: so that asking for an unknown person does the same work as for a known one.
    case none
  }

  struct Letter: Sendable {
    var id: LetterID
    var kind: Kind
    var recipient: String
    var secret: String
    var expiresAt: Instant
  }

  func insert(_ letter: Letter, dueAt: Instant, in transaction: any Transaction) throws {
    try transaction.run(
      "INSERT INTO identity_letters (id, kind, recipient, secret, due_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)",
      .id(letter.id), .word(letter.kind), .text(letter.recipient), .text(letter.secret), .instant(dueAt), .instant(letter.expiresAt))
  }

  /// Takes what is due for this process alone until `until`, when it is due again unless it was deleted.
  func claim(at now: Instant, until: Instant, limit: Int, in transaction: any Transaction) throws -> [Letter] {
    try transaction.all(
      """
      UPDATE identity_letters SET due_at = ? WHERE due_at <= ?
        AND id IN (SELECT id FROM identity_letters WHERE due_at <= ? ORDER BY due_at, id LIMIT ?)
      RETURNING id, kind, recipient, secret, expires_at
      """, .instant(until), .instant(now), .instant(now), .integer(limit)
    ) { Letter(id: try $0.id(0), kind: try $0.word(1), recipient: $0.text(2), secret: $0.text(3), expiresAt: $0.instant(4)) }
  }

  func delete(_ ids: [LetterID], in transaction: any Transaction) throws {
    guard !ids.isEmpty else { return }
    try transaction.run("DELETE FROM identity_letters WHERE id IN (\(transaction.marks(ids.count)))", ids.map { .id($0) })
  }
}
