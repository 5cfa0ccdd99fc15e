import CatalogAPI
import Kernel
import ServiceKit
import Synchronization

/// A restaurant held in memory, with its bytes for as long as its open state holds.
final class WarmRestaurant: Sendable {
  let record: RestaurantRecord
  let terms: RestaurantTerms
  let schedule: Schedule
  private let moment: Mutex<(state: OpenState, bytes: Encoded<Restaurant>?)>

  init(_ record: RestaurantRecord, at now: Instant) {
    self.record = record
    terms = record.terms
    schedule = record.schedule
    moment = Mutex((schedule.state(at: now), nil))
  }

  /// The open state; looked up until it turns, worked out again then.
  func state(at now: Instant) -> OpenState {
    moment.withLock {
      renew(&$0, now)
      return $0.state
    }
  }

  /// The restaurant as it reads now.
  func encoded(at now: Instant) -> Encoded<Restaurant> {
    moment.withLock { moment in
      renew(&moment, now)
      if let bytes = moment.bytes { return bytes }
      let bytes = Encoded(record.view(moment.state))
      moment.bytes = bytes
      return bytes
    }
  }

  private func renew(_ moment: inout (state: OpenState, bytes: Encoded<Restaurant>?), _ now: Instant) {
    if moment.state.from <= now, now < moment.state.until { return }
    moment = (schedule.state(at: now), nil)
  }
}
