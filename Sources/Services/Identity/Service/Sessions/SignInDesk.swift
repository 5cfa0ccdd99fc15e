import IdentityAPI
import Kernel
import Observability
import Passwords
import Persistence
import ServiceKit
import Tokens

/// Looks at a password, and at whatever else an account asks for, and opens the session.
struct SignInDesk: Sendable {
  private enum Outcome: Sendable { case open, codeWrong }

  /// What somebody shows.
  struct Proof: Sendable {
    var password: String
    var code: String?
    /// Replaces the password in the same step.
    var newPassword: String?
  }

  let context: IdentityContext
  private static let log = Log("security")

  /// Signs in who shows the right proof; who has no account waits as long as who has one.
  ///
  /// - Parameters:
  ///   - name: what the attempts are counted by, whether or not somebody is called so.
  func admit(_ found: AccountStore.Credentials?, called name: String, showing proof: Proof) async throws -> SignedIn {
    try await requireAttempt(name)
    let isRight = try await context.passwords.verify(proof.password, against: found?.passwordHash)
    guard isRight, let found else {
      try await note(.signInFailed, found?.account)
      throw LogInRefusal.wrongCredentials
    }
    if found.isDisabled { throw LogInRefusal.accountDisabled }
    if found.factorSecret != nil, proof.code == nil { throw LogInRefusal.secondFactorRequired }
    if found.mustChangePassword, proof.newPassword == nil { throw LogInRefusal.passwordChangeRequired }
    let replacement = try await replacement(for: found, proof)
    let context = context
    let draft = context.opener.draft(.password)
    let entry = context.entry(.signedIn, about: found.account.id, of: found.account.tenantId, by: found.account.id, after: "password")
    let outcome = try await context.database.write { transaction -> Outcome in
      guard try Self.isProven(found, proof.code, at: draft.now, context, in: transaction) else { return .codeWrong }
      try context.secrets.forgiveAttempts(Self.subject(name), in: transaction)
      if let replacement {
        if proof.newPassword != nil {
          try context.secrets.setPassword(replacement, of: found.account.id, isFirst: false, in: transaction)
        } else if let old = found.passwordHash {
          try context.secrets.rehash(replacement, replacing: old, of: found.account.id, in: transaction)
        }
      }
      try context.opener.open(draft, for: found.account, in: transaction)
      try context.audit.insert(entry, in: transaction)
      return .open
    }
    guard outcome == .open else {
      try await note(.signInFailed, found.account, after: "second factor")
      throw LogInRefusal.secondFactorWrong
    }
    return try await context.opener.reply(draft, for: found.account)
  }

  /// Checks the password of somebody who is signed in.
  ///
  /// - Returns: false when it is wrong.
  func isOwn(_ password: String, _ found: AccountStore.Credentials) async throws -> Bool {
    let name = "user \(found.account.id)"
    try await requireAttempt(name)
    guard try await context.passwords.verify(password, against: found.passwordHash) else {
      try await note(.signInFailed, found.account)
      return false
    }
    try await context.database.write { [context] in try context.secrets.forgiveAttempts(Self.subject(name), in: $0) }
    return true
  }

  /// Whether the second factor, if there is one, is shown; what was shown is used up.
  static func isProven(
    _ found: AccountStore.Credentials, _ code: String?, at now: Instant, _ context: IdentityContext, in transaction: any Transaction
  ) throws -> Bool {
    guard let secret = found.factorSecret else { return true }
    guard let code, let bytes = Base32.decode(secret) else { return false }
    if code.utf8.count == 6, let step = TimeCode(secret: bytes).match(code, at: now, after: found.factorStep) {
      return try context.secrets.useFactor(of: found.account.id, step: step, in: transaction)
    }
    let word = code.lowercased().filter { $0 != "-" && $0 != " " }
    return try context.secrets.useRecovery(TokenDigest(of: word), of: found.account.id, in: transaction)
  }

  /// The hash to keep from now on, where it is another.
  private func replacement(for found: AccountStore.Credentials, _ proof: Proof) async throws -> String? {
    if let new = proof.newPassword { return try await context.hash(new) }
    guard let old = found.passwordHash, context.passwords.isOutdated(old) else { return nil }
    return try await context.hash(proof.password)
  }

  /// Counts the attempt before the proof is looked at, so that many at once count as many.
  func requireAttempt(_ name: String) async throws {
    let now = context.time.now
    let count = try await context.database.write { [context] transaction in
      try context.secrets.countAttempt(Self.subject(name), at: now, window: context.rules.attemptWindow, in: transaction)
    }
    guard count <= context.rules.wrongAttempts else {
      Self.log.warning("too many attempts to sign in", ["address": Caller.current.origin?.address ?? ""])
      throw LogInRefusal.tooManyAttempts
    }
  }

  /// Attempts are kept without the names that they are about.
  private static func subject(_ name: String) -> TokenDigest { TokenDigest(of: name) }

  private func note(_ action: AuditAction, _ account: Account?, after: String? = nil) async throws {
    let entry = context.entry(action, about: account?.id, of: account?.tenantId, after: after)
    Self.log.warning("a sign-in failed", ["address": entry.address ?? "", "user": account?.id.description ?? ""])
    try await context.database.write { [context] in try context.audit.insert(entry, in: $0) }
  }
}
