import Messaging
import ServiceKit
import Synchronization

/// Where a message stands: in one of the partitions that a consumer is assigned, by its index among them.
struct Origin: Hashable, Sendable {
  var partition: Int
  var offset: Int64
}

/// The messages that subscribers are done with, as they tell from whatever thread.
final class HandledOffsets: Sendable {
  private let origins = Mutex<[Origin]>([])

  func add(_ origin: Origin) { origins.withLock { $0.append(origin) } }

  func take() -> [Origin] {
    origins.withLock { origins in
      defer { origins = [] }
      return origins
    }
  }
}

/// Where each event of a batch came from: from several places when it was published more than once.
struct Origins: Sendable {
  private var first: [EventID: Origin] = [:]
  private var others: [EventID: [Origin]] = [:]

  mutating func add(_ origin: Origin, of id: EventID) {
    guard let displaced = first.updateValue(origin, forKey: id) else { return }
    others[id, default: []].append(displaced)
  }

  /// One of the places that the event came from and that were not taken yet.
  mutating func take(_ id: EventID) -> Origin? {
    guard !others.isEmpty, let other = others[id]?.popLast() else { return first.removeValue(forKey: id) }
    return other
  }
}

/// What a subscriber has of one batch and is not done with.
final class OpenOffsets: Sendable {
  private let origins: Mutex<Origins>
  private let handled: HandledOffsets

  init(_ origins: Origins, _ handled: HandledOffsets) {
    self.origins = Mutex(origins)
    self.handled = handled
  }

  func done(_ id: EventID) {
    guard let origin = origins.withLock({ $0.take(id) }) else { return }
    handled.add(origin)
  }
}
