import IdentityAPI
import Kernel
import Persistence
import ServiceKit
import Tokens
import Wire

/// Answers `RequestPasswordReset`: whoever asks learns nothing, neither by the answer nor by how long it takes.
struct RequestPasswordResetHandler: Sendable {
  let context: IdentityContext

  func answer(_ request: RequestPasswordReset) async throws -> Done {
    guard let email = EmailAddress(request.email) else {
      throw InvalidInput([Fault(path: "email", message: "must be an e-mail address such as ann@example.com")])
    }
    let context = context
    let word = OpaqueToken(from: context.ids)
    let now = context.time.now
    let end = now + context.rules.resetLifetime
    let letter = LetterStore.Letter(id: context.ids.next(), kind: .reset, recipient: email.text, secret: word.text, expiresAt: end)
    let nobody: UserID = context.ids.next()
    try await context.database.write { transaction in
      let found = try context.accounts.find(email, in: transaction).flatMap { $0.isDisabled ? nil : $0 }
      var letter = letter
      if found == nil { letter.kind = .none }
      try context.secrets.insertReset(word.digest, of: found?.account.id ?? nobody, expiresAt: end, in: transaction)
      try LetterStore().insert(letter, dueAt: now, in: transaction)
    }
    context.letters.wake()
    return Done()
  }
}
