import Kernel
import Persistence
import ServiceKit

/// The codes sent to phones, and whose phones they are.
struct PhoneStore: Sendable {
  /// Keeps a new code; false, changing nothing, when one was sent after `limit`.
  func put(
    codeHash: String, for phone: PhoneNumber, sentAt now: Instant, notAfter limit: Instant, expiresAt: Instant, tries: Int,
    in transaction: any Transaction
  ) throws -> Bool {
    let count: Int = try transaction.run(
      """
      INSERT INTO identity_codes (phone, code_hash, sent_at, expires_at, tries_left) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (phone) DO UPDATE SET code_hash = excluded.code_hash, sent_at = excluded.sent_at, expires_at = excluded.expires_at,
        tries_left = excluded.tries_left WHERE identity_codes.sent_at <= ?
      """, .text(phone.text), .text(codeHash), .instant(now), .instant(expiresAt), .integer(tries), .instant(limit))
    return count == 1
  }

  /// A code on trial.
  struct Trial: Sendable {
    var codeHash: String
    /// Below zero when it had none left.
    var triesLeft: Int
  }

  /// Takes one of the tries; nothing when there is no code that is still good.
  func takeTry(_ phone: PhoneNumber, at now: Instant, in transaction: any Transaction) throws -> Trial? {
    try transaction.first(
      """
      UPDATE identity_codes SET tries_left = CASE WHEN tries_left > -1 THEN tries_left - 1 ELSE -1 END WHERE phone = ? AND expires_at > ?
      RETURNING code_hash, tries_left
      """, .text(phone.text), .instant(now)
    ) { Trial(codeHash: $0.text(0), triesLeft: $0.integer(1)) }
  }

  /// Uses a code up; of two that show it at once, one succeeds.
  func use(_ codeHash: String, of phone: PhoneNumber, in transaction: any Transaction) throws -> Bool {
    // The row stays until it expires, for the pause between two codes; its hash fits no code any more.
    let count: Int = try transaction.run(
      "UPDATE identity_codes SET tries_left = -1, code_hash = '' WHERE phone = ? AND code_hash = ?", .text(phone.text), .text(codeHash))
    return count == 1
  }

  func owner(of phone: PhoneNumber, in transaction: any Transaction) throws -> UserID? {
    try transaction.first("SELECT user_id FROM identity_phones WHERE phone = ?", .text(phone.text)) { try $0.id(0) }
  }

  func insert(_ phone: PhoneNumber, of user: UserID, at now: Instant, in transaction: any Transaction) throws {
    try transaction.run("INSERT INTO identity_phones (phone, user_id, verified_at) VALUES (?, ?, ?)", .text(phone.text), .id(user), .instant(now))
  }
}
