import IdentityAPI
import Kernel
import Persistence
import ServiceKit
import Tokens

/// Answers `ReadSafeguards`, `BeginSecondFactor`, `ConfirmSecondFactor` and `DropSecondFactor`.
struct SecondFactorHandlers: Sendable {
  let context: IdentityContext
  /// The recovery codes that are given at once.
  private static let recoveryCodes = 10

  init(context: IdentityContext) { self.context = context }

  func answer(_ request: ReadSafeguards) async throws -> Safeguards {
    let found = try await context.ownCredentials()
    let codes = try await context.database.read { [context] in try context.secrets.countRecovery(of: found.account.id, in: $0) }
    return Safeguards(hasPassword: found.passwordHash != nil, hasSecondFactor: found.factorSecret != nil, recoveryCodes: codes)
  }

  func answer(_ request: BeginSecondFactor) async throws -> SecondFactorOffer {
    let found = try await context.ownCredentials()
    if found.factorSecret != nil { throw SecondFactorRefusal.alreadyOn }
    try await requirePassword(request.password, found)
    // 160 bits, as RFC 4226 recommends.
    let words = [context.ids.random(), context.ids.random(), context.ids.random()]
    let bytes = Array(words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64($0 * 8)) } }.prefix(20))
    let secret = Base32.encode(bytes)
    try await context.database.write { [context] in try context.secrets.offerFactor(secret, to: found.account.id, in: $0) }
    let label = (found.account.username ?? found.account.email ?? found.account.id.description).filter {
      $0.isASCII && $0 != "?" && $0 != "&" && $0 != "#"
    }
    return SecondFactorOffer(secret: secret, uri: "otpauth://totp/Tiffin:\(label)?secret=\(secret)&issuer=Tiffin")
  }

  func answer(_ request: ConfirmSecondFactor) async throws -> RecoveryCodes {
    let context = context
    let found = try await context.ownCredentials()
    if found.factorSecret != nil { throw SecondFactorRefusal.alreadyOn }
    guard let secret = found.factorOffer, let bytes = Base32.decode(secret) else { throw SecondFactorRefusal.notBegun }
    try await requireAttempt(found)
    guard let step = TimeCode(secret: bytes).match(request.code, at: context.time.now, after: 0) else { throw SecondFactorRefusal.wrongCode }
    let words = (0..<Self.recoveryCodes).map { _ in context.ids.word(10) }
    let entry = context.entry(.secondFactorOn, about: found.account.id)
    let isConfirmed = try await context.database.write { transaction in
      let isConfirmed = try context.secrets.confirmFactor(
        secret, of: found.account.id, step: step, recovery: words.map { TokenDigest(of: $0) }, in: transaction)
      if isConfirmed { try context.audit.insert(entry, in: transaction) }
      return isConfirmed
    }
    guard isConfirmed else { throw SecondFactorRefusal.notBegun }
    return RecoveryCodes(recoveryCodes: words.map { "\($0.prefix(5))-\($0.suffix(5))" })
  }

  func answer(_ request: DropSecondFactor) async throws -> Done {
    let context = context
    let found = try await context.ownCredentials()
    guard found.factorSecret != nil else { throw SecondFactorRefusal.notBegun }
    try await requirePassword(request.password, found)
    try await requireAttempt(found)
    let now = context.time.now
    let entry = context.entry(.secondFactorOff, about: found.account.id)
    let isProven = try await context.database.write { transaction in
      guard try SignInDesk.isProven(found, request.code, at: now, context, in: transaction) else { return false }
      try context.secrets.dropFactor(of: found.account.id, in: transaction)
      try context.audit.insert(entry, in: transaction)
      return true
    }
    guard isProven else { throw SecondFactorRefusal.wrongCode }
    return Done()
  }

  private func requirePassword(_ password: String, _ found: AccountStore.Credentials) async throws {
    do {
      guard try await SignInDesk(context: context).isOwn(password, found) else { throw SecondFactorRefusal.wrongPassword }
    } catch LogInRefusal.tooManyAttempts { throw SecondFactorRefusal.tooManyAttempts }
  }

  private func requireAttempt(_ found: AccountStore.Credentials) async throws {
    do { try await SignInDesk(context: context).requireAttempt("factor \(found.account.id)") } catch LogInRefusal.tooManyAttempts {
      throw SecondFactorRefusal.tooManyAttempts
    }
  }
}
