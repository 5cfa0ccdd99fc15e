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
        settings: SettingsSource(commandLine: ["identity.passwordCost": "4"].merging(settings) { $1 })))
    board.host(module.operations)
    try await module.recover()
  }

  func register(_ email: String = "ann@example.com", role: SignUpRole = .customer) async throws -> SignedIn {
    try await board.call(Register(email: email, password: "correct horse", firstName: "Ann", role: role))
  }

  func logIn(_ email: String = "ann@example.com", _ password: String = "correct horse") async throws -> SignedIn {
    try await board.call(LogIn(email: email, password: password))
  }

  func caller(_ signedIn: SignedIn) async -> Caller? { await module.authenticator.caller(bearer: signedIn.accessToken) }

  func run(_ job: String) async throws {
    for candidate in module.jobs where candidate.name == job { try await candidate.run() }
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
