import IdentityAPI
import Persistence
import ServiceKit

/// Answers `ReadMe`.
struct ReadMeHandler: Sendable {
  let database: any Database

  func answer(_ request: ReadMe) async throws -> Account {
    guard let user = Caller.current.user, let account = try await database.read({ try AccountStore().find(user, in: $0) }) else {
      throw ReadMeRefusal.userUnknown
    }
    return account
  }
}
