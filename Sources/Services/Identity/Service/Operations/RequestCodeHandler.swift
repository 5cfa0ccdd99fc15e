import IdentityAPI
import Kernel
import Persistence
import ServiceKit
import Wire

/// Answers `RequestCode`.
struct RequestCodeHandler: Sendable {
  let context: IdentityContext

  func answer(_ request: RequestCode) async throws -> CodeSent {
    let phone = try PhoneNumber.require(request.phone, callingCode: context.rules.callingCode)
    // Drawn without a tilt: 10^6 divides the span of 64 bits but for a sliver of 2^-44.
    let number = String(context.ids.random() % 1_000_000)
    let code = String(repeating: "0", count: 6 - number.utf8.count) + number
    let hash = try await context.hash(code)
    let now = context.time.now
    let rules = context.rules
    let letter = LetterStore.Letter(id: context.ids.next(), kind: .code, recipient: phone.text, secret: code, expiresAt: now + rules.codeLifetime)
    let isKept = try await context.database.write { [context] transaction in
      guard
        try context.phones.put(
          codeHash: hash, for: phone, sentAt: now, notAfter: now - rules.codePause, expiresAt: now + rules.codeLifetime, tries: rules.codeTries,
          in: transaction)
      else { return false }
      try LetterStore().insert(letter, dueAt: now, in: transaction)
      return true
    }
    guard isKept else { throw RequestCodeRefusal.sentJustNow }
    context.letters.wake()
    return CodeSent(message: "A code is on its way.", expiresAt: now + rules.codeLifetime, resendAt: now + rules.codePause)
  }
}

extension PhoneNumber {
  /// The number that was typed.
  static func require(_ typed: String, callingCode: String, path: String = "phone") throws(InvalidInput) -> PhoneNumber {
    guard let number = PhoneNumber(typed, callingCode: callingCode) else {
      throw InvalidInput([Fault(path: path, message: "must be a phone number with its country, such as +442071838750")])
    }
    return number
  }
}
