import DeliveryAPI
import Kernel
import Observability
import Persistence
import ServiceKit

/// Keeps the partners' states true to their silence, the board true to the tables, and the points on disk.
struct PartnerWatch: Sendable {
  let context: DeliveryContext

  private static let page = 1000

  /// Available partners who sent nothing for too long are offline until they send again.
  func endSilent() async throws {
    let now = context.time.now
    let silent = context.board.silent(now: now)
    guard !silent.isEmpty else { return }
    try await context.database.write { transaction in
      let gone = try PartnerStore(transaction: transaction).move(silent, from: .available, to: .offline)
      try context.tell(gone, in: transaction, now: now)
    }
  }

  /// Writes the points that were kept since the last time; those of a write that fails are lost, and the next ones are not.
  func writePoints() async throws {
    let points = context.board.takeKept()
    context.measures.dropped.set(Double(context.board.dropped))
    guard !points.isEmpty else { return }
    try await context.database.write { try PositionStore(transaction: $0).add(points) }
  }

  /// Forgets points that are too old to matter.
  func forgetPoints() async throws {
    let before = Instant(milliseconds: context.time.now.milliseconds - context.settings.historyDays * 86_400_000)
    while try await context.database.write({ try PositionStore(transaction: $0).forget(before: before, limit: 5000) }) == 5000 {}
  }

  /// Reads every partner into the board, page by page.
  func readPartners() async throws {
    var last = ""
    while true {
      let from = last
      let page = try await context.database.read { try PartnerStore(transaction: $0).all(after: from, limit: Self.page) }
      let now = context.time.now
      for partner in page { context.board.apply(partner, now: now) }
      guard page.count == Self.page, let end = page.last else { return }
      last = end.id.description
    }
  }

  /// Reads where the partners were, and what they have on the road, after a start.
  func readPlaces() async throws {
    var last = ""
    while true {
      let from = last
      let page = try await context.database.read { try PositionStore(transaction: $0).last(after: from, limit: Self.page) }
      for point in page { context.board.restore(point) }
      guard page.count == Self.page, let end = page.last else { break }
      last = end.partner.description
    }
    last = ""
    while true {
      let from = last
      let page = try await context.database.read { try DeliveryStore(transaction: $0).running(after: from, limit: Self.page) }
      for delivery in page { context.board.follow(delivery) }
      guard page.count == Self.page, let end = page.last else { return }
      last = end.id.description
    }
  }
}
