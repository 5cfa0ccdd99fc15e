import IdentityAPI
import Passwords
import Persistence
import ServiceKit

/// Answers `CreateAdmin`.
struct CreateAdminHandler: Sendable {
  let database: any Database
  let time: TimeSource
  let ids: IdentifierSource
  let passwords: PasswordHasher

  func answer(_ request: CreateAdmin) async throws -> Account {
    let signUp = try SignUp(request)
    let hash = try await passwords.hash(request.password, salt: (ids.random(), ids.random()))
    let id: UserID = ids.next()
    let now = time.now
    let isNew = try await database.write { try AccountStore().insert(id, signUp, passwordHash: hash, at: now, in: $0) }
    guard isNew else { throw RegisterRefusal.emailTaken }
    return Account(
      id: id, email: signUp.email.text, firstName: signUp.firstName, lastName: signUp.lastName, roles: [.admin], createdAt: now)
  }
}
