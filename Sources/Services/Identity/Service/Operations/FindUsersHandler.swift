import IdentityAPI
import Persistence

/// Answers `FindUsers`.
struct FindUsersHandler: Sendable {
  let database: any Database

  func answer(_ request: FindUsers) async throws -> FoundUsers {
    FoundUsers(users: try await database.read { try AccountStore().find(request.userIds, in: $0) })
  }
}
