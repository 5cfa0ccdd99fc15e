import Kernel
import Persistence
import ServiceKit
import Tokens

/// What proves who somebody is, beside the password's first check: its change, second factors, one-time words.
struct SecretStore: Sendable {
  // MARK: Passwords

  func setPassword(_ hash: String, of user: UserID, isFirst: Bool, in transaction: any Transaction) throws {
    try transaction.run(
      "UPDATE identity_users SET password_hash = ?, must_change_password = ? WHERE id = ?", .text(hash), .boolean(isFirst), .id(user))
  }

  func clearPassword(of user: UserID, in transaction: any Transaction) throws {
    try transaction.run("UPDATE identity_users SET password_hash = NULL, must_change_password = 0 WHERE id = ?", .id(user))
  }

  /// Replaces a hash by one of the same password, unless the password was changed meanwhile.
  func rehash(_ hash: String, replacing old: String, of user: UserID, in transaction: any Transaction) throws {
    try transaction.run("UPDATE identity_users SET password_hash = ? WHERE id = ? AND password_hash = ?", .text(hash), .id(user), .text(old))
  }

  func insertReset(_ digest: TokenDigest, of user: UserID, expiresAt: Instant, in transaction: any Transaction) throws {
    // The link mailed last is the one that counts.
    try transaction.run("DELETE FROM identity_resets WHERE user_id = ?", .id(user))
    try transaction.run(
      "INSERT INTO identity_resets (digest, user_id, expires_at) VALUES (?, ?, ?)", .text(digest.description), .id(user), .instant(expiresAt))
  }

  /// Whose link it is; it is worth nothing from now on.
  func useReset(_ digest: TokenDigest, at now: Instant, in transaction: any Transaction) throws -> UserID? {
    try transaction.first(
      "DELETE FROM identity_resets WHERE digest = ? AND expires_at > ? RETURNING user_id", .text(digest.description), .instant(now)
    ) { try $0.id(0) }
  }

  // MARK: Second factors

  func offerFactor(_ secret: String, to user: UserID, in transaction: any Transaction) throws {
    try transaction.run("UPDATE identity_users SET factor_offer = ? WHERE id = ?", .text(secret), .id(user))
  }

  /// Turns the offered secret into the one that counts; answers whether it was still the offered one.
  func confirmFactor(_ secret: String, of user: UserID, step: Int, recovery: [TokenDigest], in transaction: any Transaction) throws -> Bool {
    let count: Int = try transaction.run(
      """
      UPDATE identity_users SET factor_secret = factor_offer, factor_offer = NULL, factor_step = ?
      WHERE id = ? AND factor_offer = ? AND factor_secret IS NULL
      """, .integer(step), .id(user), .text(secret))
    guard count == 1 else { return false }
    try transaction.run("DELETE FROM identity_recovery_codes WHERE user_id = ?", .id(user))
    try transaction.run(
      "INSERT INTO identity_recovery_codes (user_id, digest) VALUES \(recovery.map { _ in "(?, ?)" }.joined(separator: ", "))",
      recovery.flatMap { [.id(user), .text($0.description)] })
    return true
  }

  func dropFactor(of user: UserID, in transaction: any Transaction) throws {
    try transaction.run("UPDATE identity_users SET factor_secret = NULL, factor_offer = NULL WHERE id = ?", .id(user))
    try transaction.run("DELETE FROM identity_recovery_codes WHERE user_id = ?", .id(user))
  }

  /// Uses a step's code up; false when it, or a later one, was used.
  func useFactor(of user: UserID, step: Int, in transaction: any Transaction) throws -> Bool {
    let count: Int = try transaction.run(
      "UPDATE identity_users SET factor_step = ? WHERE id = ? AND factor_step < ?", .integer(step), .id(user), .integer(step))
    return count == 1
  }

  func useRecovery(_ digest: TokenDigest, of user: UserID, in transaction: any Transaction) throws -> Bool {
    let count: Int = try transaction.run(
      "DELETE FROM identity_recovery_codes WHERE user_id = ? AND digest = ?", .id(user), .text(digest.description))
    return count == 1
  }

  /// How many recovery codes have not been used.
  func countRecovery(of user: UserID, in transaction: any Transaction) throws -> Int {
    try transaction.first("SELECT COUNT(*) FROM identity_recovery_codes WHERE user_id = ?", .id(user)) { $0.integer(0) } ?? 0
  }

  // MARK: Attempts

  /// Counts an attempt to prove something, before it is looked at; answers how many there were within the window.
  func countAttempt(_ subject: TokenDigest, at now: Instant, window: Duration, in transaction: any Transaction) throws -> Int {
    try transaction.first(
      """
      INSERT INTO identity_attempts (subject, count, ends_at) VALUES (?, 1, ?) ON CONFLICT (subject) DO UPDATE SET
        count = CASE WHEN identity_attempts.ends_at <= ? THEN 1 ELSE identity_attempts.count + 1 END,
        ends_at = CASE WHEN identity_attempts.ends_at <= ? THEN excluded.ends_at ELSE identity_attempts.ends_at END
      RETURNING count
      """, .text(subject.description), .instant(now + window), .instant(now), .instant(now)
    ) { $0.integer(0) } ?? 1
  }

  func forgiveAttempts(_ subject: TokenDigest, in transaction: any Transaction) throws {
    try transaction.run("DELETE FROM identity_attempts WHERE subject = ?", .text(subject.description))
  }

  /// Forgets what is worth nothing any more.
  func sweep(before limit: Instant, in transaction: any Transaction) throws {
    try transaction.run("DELETE FROM identity_attempts WHERE ends_at < ?", .instant(limit))
    try transaction.run("DELETE FROM identity_resets WHERE expires_at < ?", .instant(limit))
    try ExternalStore().sweep(before: limit, in: transaction)
    try transaction.run("DELETE FROM identity_codes WHERE expires_at < ?", .instant(limit))
  }
}
