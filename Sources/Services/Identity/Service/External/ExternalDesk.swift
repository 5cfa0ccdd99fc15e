import IdentityAPI
import Kernel
import Persistence
import ServiceKit
import Tokens

/// What is set up of the ways in over providers.
struct ExternalDesk: Sendable {
  let providers: [ExternalProvider: Provider]
  /// What browsers reach us by.
  let publicURL: String
  /// How long a person may take at the provider.
  static let patience = Duration.seconds(600)
  static let cookie = "tiffin_signin"

  /// Where the provider sends people back to; at the provider it is registered so.
  func redirectURI(_ provider: ExternalProvider) -> String { "\(publicURL)/api/auth/\(provider.rawValue)/callback" }
}

/// Sign-ins that were begun, and whom providers vouch for.
struct ExternalStore: Sendable {
  struct Attempt: Sendable {
    var provider: ExternalProvider
    var nonce: String
    var verifier: String
    var binding: TokenDigest
    var returnTo: String?
  }

  func insert(_ attempt: Attempt, state: TokenDigest, expiresAt: Instant, in transaction: any Transaction) throws {
    try transaction.run(
      "INSERT INTO identity_external_attempts (state, provider, nonce, verifier, binding, return_to, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?)",
      .text(state.description), .word(attempt.provider), .text(attempt.nonce), .text(attempt.verifier), .text(attempt.binding.description),
      .optional(attempt.returnTo), .instant(expiresAt))
  }

  /// The attempt of a state that came back from the browser where it began; it is gone from now on.
  func use(
    _ state: TokenDigest, _ provider: ExternalProvider, binding: TokenDigest, at now: Instant, in transaction: any Transaction
  ) throws -> Attempt? {
    try transaction.first(
      """
      DELETE FROM identity_external_attempts WHERE state = ? AND provider = ? AND binding = ? AND expires_at > ?
      RETURNING nonce, verifier, return_to
      """, .text(state.description), .word(provider), .text(binding.description), .instant(now)
    ) { Attempt(provider: provider, nonce: $0.text(0), verifier: $0.text(1), binding: binding, returnTo: $0.optionalText(2)) }
  }

  func owner(issuer: String, subject: String, in transaction: any Transaction) throws -> UserID? {
    try transaction.first(
      "SELECT user_id FROM identity_external_accounts WHERE issuer = ? AND subject = ?", .text(issuer), .text(subject)
    ) { try $0.id(0) }
  }

  func link(issuer: String, subject: String, to user: UserID, at now: Instant, in transaction: any Transaction) throws {
    try transaction.run(
      "INSERT INTO identity_external_accounts (issuer, subject, user_id, linked_at) VALUES (?, ?, ?, ?)", .text(issuer), .text(subject),
      .id(user), .instant(now))
  }

  func sweep(before limit: Instant, in transaction: any Transaction) throws {
    try transaction.run("DELETE FROM identity_external_attempts WHERE expires_at < ?", .instant(limit))
  }
}
