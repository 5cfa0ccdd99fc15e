import PaymentsAPI
import Persistence

/// Answers `ReadLedger`.
struct ReadLedgerHandler: Sendable {
  let database: any Database

  func answer(_ request: ReadLedger) async throws -> LedgerSummary { try await database.read { try LedgerStore().summary(in: $0) } }
}
