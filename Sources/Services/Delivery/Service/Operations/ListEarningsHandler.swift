import DeliveryAPI
import Foundation
import Kernel
import Persistence
import ServiceKit
import Wire

struct ListEarningsHandler {
  let context: DeliveryContext

  /// More deliveries than anybody brings in the longest span.
  private static let limit = 20_000
  private static let longest = 93 * 86_400_000

  func answer(_ request: ListEarnings) async throws -> Earnings {
    guard let user = Caller.current.user else { throw Denial.notSignedIn }
    let to = request.to ?? context.time.now
    let from = request.from ?? Instant(milliseconds: to.milliseconds - 28 * 86_400_000)
    guard from < to else { throw InvalidInput([Fault(path: "from", message: "must be before to")]) }
    guard to.milliseconds - from.milliseconds <= Self.longest else {
      throw InvalidInput([Fault(path: "from", message: "must be at most 93 days before to")])
    }
    guard let zone = TimeZone(identifier: request.timeZone ?? "UTC") else {
      throw InvalidInput([Fault(path: "timeZone", message: "must be an IANA time zone such as Europe/Berlin")])
    }
    let earned = try await context.database.readStale { try EarningStore(transaction: $0).list(of: user, from: from, to: to, limit: Self.limit) }
    return EarningDays(zone: zone).sums(earned, from: from, to: to)
  }
}
