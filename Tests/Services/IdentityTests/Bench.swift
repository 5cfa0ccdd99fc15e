import Hosting
import IdentityAPI
import Kernel
import Messaging
import Realtime
import Sagas
import ServiceKit
import Settings
import TestKit

@testable import Identity

/// Identity on a file of its own and a time that stands still.
struct Bench: Sendable {
  let time = ManualTime()
  let database: TestDatabase
  let ids: IdentifierSource
  let board: Switchboard
  let module: IdentityModule

  init(_ delivery: Switchboard.LocalDelivery = .direct, settings: [String: String] = [:], like other: Bench? = nil) async throws {
    ids = time.ids(seed: other == nil ? 1 : 2)
    if let other {
      database = other.database
    } else {
      database = try await temporaryDatabase(
        IdentityModule.migrations + Outbox.migrations(for: "identity") + SagaRunner.migrations(for: "identity"))
    }
    board = Switchboard(delivery: delivery)
    module = try IdentityModule(
      Host(
        database: database, switchboard: board, outbox: Outbox(service: "identity", time: time.source, ids: ids, committed: { _, _ in }),
        sagas: SagaRunner(service: "identity", database: database, time: time.source), channels: Channels(epoch: "test", time: time.source),
        time: time.source, ids: ids,
        settings: SettingsSource(commandLine: ["identity.passwordCost": "4", "sms.sender": "log"].merging(settings) { $1 })))
    board.host(module.operations)
    try await module.recover()
  }

  func register(_ email: String = "ann@example.com", role: SignUpRole = .customer) async throws -> SignedIn {
    try await board.call(Register(email: email, password: "correct horse", firstName: "Ann", role: role))
  }

  func logIn(_ email: String = "ann@example.com", _ password: String = "correct horse") async throws -> SignedIn {
    try await board.call(LogIn(email: email, password: password))
  }

  func caller(_ signedIn: SignedIn) async throws -> Caller? { try await module.authenticator.caller(bearer: signedIn.accessToken) }

  func run(_ job: String) async throws {
    for candidate in module.jobs where candidate.name == job { try await candidate.run() }
  }

  /// Asks as somebody.
  func call<O: Operation>(_ operation: O, as caller: Caller) async throws -> O.Reply {
    try await Caller.$current.withValue(caller) { try await board.call(operation) }
  }

  func refusal<O: Operation>(of operation: O, as caller: Caller) async -> O.Refusal? {
    await Caller.$current.withValue(caller) { await IdentityTests.refusal(board, operation) }
  }

  /// The word of the letter that was put down last.
  func word(of kind: String = "code") async throws -> String? {
    try await database.read {
      try $0.first("SELECT secret FROM identity_letters WHERE kind = '\(kind)' ORDER BY id DESC LIMIT 1") { $0.text(0) }
    }
  }

  func manager(of tenant: TenantID, _ role: Role = .manager) -> Caller { Caller(user: ids.next(), tenant: tenant, roles: [role]) }

  /// A member of staff who has replaced the first password by `correct horse`.
  func staff(_ username: String = "kim", _ role: StaffRole = .waiter, of tenant: TenantID) async throws -> SignedIn {
    let made = try await call(CreateStaff(tenantId: tenant, username: username, role: role), as: manager(of: tenant, .owner))
    return try await board.call(
      ReplaceFirstPassword(tenantId: tenant, username: username, password: made.firstPassword, newPassword: "correct horse"))
  }

  func actions() async throws -> [String] {
    try await database.read { try $0.all("SELECT action FROM identity_audit ORDER BY id") { $0.text(0) } }
  }

  func events() async throws -> [String] {
    try await database.read { try $0.all("SELECT event FROM identity_outbox ORDER BY position") { $0.text(0) } }
  }

  func count(_ table: String) async throws -> Int {
    try await database.read { try $0.first("SELECT COUNT(*) FROM \(table)") { $0.integer(0) } ?? -1 }
  }
}

/// The refusal that a call ends with, if it does.
func refusal<O: Operation>(_ board: Switchboard, _ operation: O) async -> O.Refusal? {
  do throws(CallFailure<O.Refusal>) {
    _ = try await board.call(operation)
    return nil
  } catch {
    guard case .refused(let refusal) = error else { return nil }
    return refusal
  }
}

/// The paths that a call is told to be wrong in.
func faults<O: Operation>(_ board: Switchboard, _ operation: O) async -> [String] {
  do throws(CallFailure<O.Refusal>) {
    _ = try await board.call(operation)
    return []
  } catch {
    guard case .invalid(let faults) = error else { return ["\(error)"] }
    return faults.all.map(\.path)
  }
}
