import IdentityAPI
import Kernel
import Messaging
import Passwords
import Persistence
import ServiceKit

/// Answers `VerifyCode`.
struct VerifyCodeHandler: Sendable {
  private enum Outcome: Sendable { case open(Account), wrong, disabled }

  let context: IdentityContext

  func answer(_ request: VerifyCode) async throws -> SignedIn {
    let context = context
    let phone = try PhoneNumber.require(request.phone, callingCode: context.rules.callingCode)
    let now = context.time.now
    // The try is taken before the code is looked at, so that many at once count as many.
    let trial = try await context.database.write { try context.phones.takeTry(phone, at: now, in: $0) }
    if let trial, trial.triesLeft < 0, !trial.codeHash.isEmpty { throw VerifyCodeRefusal.spent }
    let hash = trial.flatMap { $0.codeHash.isEmpty ? nil : $0.codeHash }
    guard try await context.passwords.verify(request.otp, against: hash), let hash else {
      try await noteFailure(of: phone)
      throw trial?.triesLeft == 0 ? VerifyCodeRefusal.spent : VerifyCodeRefusal.wrongCode
    }
    let draft = context.opener.draft(.phone)
    let fresh = Account(id: context.ids.next(), phone: phone.text, roles: [.customer], createdAt: now)
    let entry = context.entry(.signedIn, about: nil, after: "phone")
    let outcome = try await context.database.write { transaction -> Outcome in
      guard try context.phones.use(hash, of: phone, in: transaction) else { return .wrong }
      var account = fresh
      if let owner = try context.phones.owner(of: phone, in: transaction) {
        guard let known = try context.accounts.credentials(of: owner, in: transaction) else { return .disabled }
        if known.isDisabled { return .disabled }
        account = known.account
      } else {
        _ = try context.accounts.insert(fresh, passwordHash: nil, in: transaction)
        try context.phones.insert(phone, of: fresh.id, at: now, in: transaction)
        try context.outbox.publish(CustomerCreated(userId: fresh.id, displayName: fresh.displayName, createdAt: now), in: transaction)
      }
      try context.opener.open(draft, for: account, in: transaction)
      try context.audit.insert(entry.about(account), in: transaction)
      return .open(account)
    }
    switch outcome {
    case .wrong: throw VerifyCodeRefusal.wrongCode
    case .disabled: throw VerifyCodeRefusal.accountDisabled
    case .open(let account): return try await context.opener.reply(draft, for: account)
    }
  }

  private func noteFailure(of phone: PhoneNumber) async throws {
    let entry = context.entry(.signInFailed, about: nil, after: "phone")
    try await context.database.write { [context] transaction in
      var entry = entry
      entry.subjectId = try context.phones.owner(of: phone, in: transaction)
      try context.audit.insert(entry, in: transaction)
    }
  }
}

extension AuditEntry {
  /// The entry as an act of the account itself, for who is known only within the transaction.
  func about(_ account: Account) -> AuditEntry {
    var entry = self
    entry.actorId = account.id
    entry.subjectId = account.id
    entry.tenantId = account.tenantId
    return entry
  }
}
