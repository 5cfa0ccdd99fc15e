import IdentityAPI
import Kernel
import Messaging
import Persistence
import ServiceKit
import Wire

/// Answers `UpdateProfile`, `ReadConsents` and `ChangeConsent`.
struct ProfileHandlers: Sendable {
  let context: IdentityContext
  private let profiles = ProfileStore()
  /// Changes of consents that are looked at.
  static let mostConsents = 1000

  init(context: IdentityContext) { self.context = context }

  func answer(_ request: UpdateProfile) async throws -> Account {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    var faults: [Fault] = []
    if let phone = request.phone, !phone.isEmpty, !SignUp.isPhone(phone) {
      faults.append(Fault(path: "phone", message: "must be a phone number such as +1 212 555 0123"))
    }
    if let photo = request.photoUrl, !photo.isEmpty, let fault = ProfileRules.photoFault(photo) { faults.append(fault) }
    if !faults.isEmpty { throw InvalidInput(faults) }
    let context = context
    let entry = context.entry(.profileChanged, about: user)
    return try await context.database.write { [profiles] transaction -> Account in
      guard let old = try context.accounts.credentials(of: user, in: transaction)?.account else { throw ReadMeRefusal.userUnknown }
      var new = old
      if let first = request.firstName { new.firstName = SignUp.name(first) }
      if let last = request.lastName { new.lastName = SignUp.name(last) }
      if let phone = request.phone { new.phone = phone.isEmpty ? nil : phone.filter { $0 == "+" || $0.isNumber } }
      if let photo = request.photoUrl { new.photoUrl = photo.isEmpty ? nil : photo }
      guard new != old else { return old }
      try profiles.setProfile(new, in: transaction)
      try context.audit.insert(entry, in: transaction)
      return new
    }
  }

  func answer(_ request: ReadConsents) async throws -> Consents {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    return try await context.database.read { [profiles] in
      Consents(consents: Self.standing(try profiles.consents(of: user, limit: Self.mostConsents, in: $0)))
    }
  }

  func answer(_ request: ChangeConsent) async throws -> Consents {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    let context = context
    let consent = Consent(purpose: request.purpose, isGiven: request.isGiven, at: context.time.now)
    let id: ConsentID = context.ids.next()
    let entry = context.entry(.consentChanged, about: user, after: "\(request.purpose.rawValue) \(request.isGiven ? "given" : "taken back")")
    return try await context.database.write { [profiles] transaction in
      let standing = Self.standing(try profiles.consents(of: user, limit: Self.mostConsents, in: transaction))
      if standing.first(where: { $0.purpose == consent.purpose })?.isGiven == consent.isGiven { return Consents(consents: standing) }
      try profiles.insert(consent, id, of: user, in: transaction)
      try context.audit.insert(entry, in: transaction)
      return Consents(consents: Self.standing(standing + [consent]))
    }
  }

  /// The last word on each purpose.
  private static func standing(_ changes: [Consent]) -> [Consent] {
    ConsentPurpose.allCases.compactMap { purpose in changes.last { $0.purpose == purpose } }
  }
}
