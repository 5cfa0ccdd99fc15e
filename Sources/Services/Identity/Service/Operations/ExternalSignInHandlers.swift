import IdentityAPI
import Kernel
import Messaging
import Observability
import Persistence
import ServiceKit
import Tokens
import Wire

/// Answers `ListSignInProviders`, `BeginExternalSignIn` and `FinishExternalSignIn`.
struct ExternalSignInHandlers: Sendable {
  private enum Outcome: Sendable { case open(Account, ended: [SessionID]), disabled }

  let context: IdentityContext
  let desk: ExternalDesk
  private let store = ExternalStore()
  private static let log = Log("security")

  init(context: IdentityContext, desk: ExternalDesk) {
    self.context = context
    self.desk = desk
  }

  func answer(_ request: ListSignInProviders) async throws -> SignInProviders {
    let known = desk.providers.map { SignInProvider(provider: $0, issuer: $1.settings.issuer) }
    return SignInProviders(providers: known.sorted { $0.provider.rawValue < $1.provider.rawValue })
  }

  func answer(_ request: BeginExternalSignIn) async throws -> ExternalSignInStart {
    guard let provider = desk.providers[request.provider] else { throw ExternalSignInRefusal.providerUnknown }
    let returnTo = request.returnTo.flatMap { $0.isEmpty ? nil : $0 }
    if let returnTo, !Self.isOwnPath(returnTo) { throw InvalidInput([Fault(path: "returnTo", message: "must be a path of ours, such as /orders")]) }
    let words = (0..<4).map { _ in OpaqueToken(from: context.ids) }
    let (state, nonce, binding) = (words[0], words[1].text, words[2])
    let key = ProofKey(verifier: words[3].text)
    let location = try await provider.location(
      redirectURI: desk.redirectURI(request.provider), state: state.text, nonce: nonce, challenge: key.challenge)
    let attempt = ExternalStore.Attempt(
      provider: request.provider, nonce: nonce, verifier: key.verifier, binding: binding.digest, returnTo: returnTo)
    let end = context.time.now + ExternalDesk.patience
    try await context.database.write { [store] in try store.insert(attempt, state: state.digest, expiresAt: end, in: $0) }
    CallContext.remarks?.setCookie(ExternalDesk.cookie, binding.text, maxAgeSeconds: Int(ExternalDesk.patience.seconds), isLax: true)
    CallContext.remarks?.redirect(to: location)
    return ExternalSignInStart(location: location)
  }

  func answer(_ request: FinishExternalSignIn) async throws -> SignedIn {
    guard let provider = desk.providers[request.provider] else { throw ExternalSignInRefusal.providerUnknown }
    guard let state = request.state, let binding = cookieValue(ExternalDesk.cookie, in: request.cookies ?? "") else {
      throw ExternalSignInRefusal.notBegun
    }
    let now = context.time.now
    let attempt = try await context.database.write { [store] in
      try store.use(TokenDigest(of: state), request.provider, binding: TokenDigest(of: binding), at: now, in: $0)
    }
    guard let attempt else { throw ExternalSignInRefusal.notBegun }
    CallContext.remarks?.setCookie(ExternalDesk.cookie, "", maxAgeSeconds: 0, isLax: true)
    guard request.error == nil, let code = request.code, request.iss == nil || request.iss == provider.settings.issuer else {
      throw ExternalSignInRefusal.notVouched
    }
    let person: IDToken
    do {
      person = try await provider.identity(
        code: code, redirectURI: desk.redirectURI(request.provider), nonce: attempt.nonce, verifier: attempt.verifier)
    } catch let fault as IDToken.Fault {
      Self.log.warning("a provider's word was not believed", ["provider": request.provider.rawValue, "reason": "\(fault)"])
      throw ExternalSignInRefusal.notVouched
    }
    let signedIn = try await admit(person, by: request.provider)
    if let returnTo = attempt.returnTo { CallContext.remarks?.redirect(to: returnTo) }
    return signedIn
  }

  private func admit(_ person: IDToken, by way: ExternalProvider) async throws -> SignedIn {
    let context = context
    let store = store
    let draft = context.opener.draft(way == .google ? .google : .oidc)
    let email = person.isEmailVerified ? person.email.flatMap { EmailAddress($0) } : nil
    let fresh = Account(
      id: context.ids.next(), email: email?.text, firstName: person.givenName.map { String($0.prefix(100)) },
      lastName: person.familyName.map { String($0.prefix(100)) }, roles: [.customer], createdAt: draft.now)
    let (entry, link) = (context.entry(.signedIn, about: nil, after: way.rawValue), context.entry(.accountLinked, about: nil, after: way.rawValue))
    let outcome = try await context.database.write { transaction -> Outcome in
      var ended: [SessionID] = []
      let account: Account
      if let owner = try store.owner(issuer: person.issuer, subject: person.subject, in: transaction) {
        guard let known = try context.accounts.credentials(of: owner, in: transaction), !known.isDisabled else { return .disabled }
        account = known.account
      } else if let email, let known = try context.accounts.find(email, in: transaction) {
        if known.isDisabled { return .disabled }
        account = known.account
        // Whoever opened the account never showed that the address is theirs: what they know must not open it any more.
        if try !context.accounts.isEmailVerified(account.id, in: transaction) {
          try context.secrets.clearPassword(of: account.id, in: transaction)
          try context.secrets.dropFactor(of: account.id, in: transaction)
          ended = try context.endSessions(of: account.id, at: draft.now, in: transaction)
          try context.accounts.setEmailVerified(account.id, at: draft.now, in: transaction)
        }
        try store.link(issuer: person.issuer, subject: person.subject, to: account.id, at: draft.now, in: transaction)
        try context.audit.insert(link.about(account), in: transaction)
      } else {
        _ = try context.accounts.insert(fresh, passwordHash: nil, isEmailVerified: email != nil, in: transaction)
        try store.link(issuer: person.issuer, subject: person.subject, to: fresh.id, at: draft.now, in: transaction)
        try context.outbox.publish(
          CustomerCreated(userId: fresh.id, email: fresh.email, displayName: fresh.displayName, createdAt: draft.now), in: transaction)
        account = fresh
      }
      try context.opener.open(draft, for: account, in: transaction)
      try context.audit.insert(entry.about(account), in: transaction)
      return .open(account, ended: ended)
    }
    guard case .open(let account, let ended) = outcome else { throw ExternalSignInRefusal.accountDisabled }
    await context.tellEnded(ended)
    return try await context.opener.reply(draft, for: account)
  }

  /// Whether it leads nowhere but to ourselves.
  static func isOwnPath(_ path: String) -> Bool {
    path.hasPrefix("/") && !path.hasPrefix("//") && path.utf8.allSatisfy { 0x21...0x7E ~= $0 && $0 != 0x5C }
  }
}
