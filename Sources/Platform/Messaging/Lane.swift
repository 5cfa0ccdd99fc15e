import ServiceKit
import Synchronization

/// One event on its way to the reactions of one service.
final class Delivery: Sendable {
  let envelope: Envelope
  let isRepeated: Bool
  private let remaining: Atomic<Int>
  private let done: @Sendable (EventID) -> Void

  init(_ envelope: Envelope, isRepeated: Bool, reactions: Int, done: @escaping @Sendable (EventID) -> Void) {
    self.envelope = envelope
    self.isRepeated = isRepeated
    self.done = done
    remaining = Atomic(reactions)
  }

  /// Says that one reaction is through with it, or that it is parked for that one.
  func finish() { if remaining.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { done(envelope.id) } }
}

/// A queue of events whose aggregates share it: in it they are handled one after the other, beside the other lanes.
final class Lane: Sendable {
  enum Item: Sendable {
    case delivery(reaction: Int, Delivery)
    /// Takes up what is parked at a place.
    case retry(Place)
  }

  /// A reaction and an aggregate.
  struct Place: Hashable, Sendable {
    var reaction: Int
    var aggregate: String
  }

  enum Pushed: Sendable { case queued, starts, overflows }

  private struct State {
    var items: [Item] = []
    var isRunning = false
    /// The places where events are parked: what follows is parked behind them.
    var parked: Set<Place> = []
    /// How many events that found the lane full are about to be parked at each place.
    var overflowing: [Place: Int] = [:]
  }

  private let state = Mutex(State())
  private let bound: Int

  init(bound: Int) { self.bound = bound }

  /// Queues an event, unless the lane is so full that it is better parked.
  func push(_ reaction: Int, _ delivery: Delivery) -> Pushed {
    state.withLock { state in
      if state.items.count >= bound {
        let place = Place(reaction: reaction, aggregate: delivery.envelope.aggregate)
        state.parked.insert(place)
        state.overflowing[place, default: 0] += 1
        return .overflows
      }
      state.items.append(.delivery(reaction: reaction, delivery))
      return start(&state)
    }
  }

  func pushRetry(_ place: Place) -> Pushed {
    state.withLock { state in
      state.items.append(.retry(place))
      return start(&state)
    }
  }

  /// The next events to handle, or the next retry alone; nil when there are none, and then the lane has stopped.
  func take(upTo most: Int) -> [Item]? {
    state.withLock { state in
      if state.items.isEmpty {
        state.isRunning = false
        return nil
      }
      var taken: [Item] = []
      for item in state.items.prefix(most) {
        if case .retry = item {
          if taken.isEmpty { taken = [item] }
          break
        }
        taken.append(item)
      }
      state.items.removeFirst(taken.count)
      return taken
    }
  }

  var hasParked: Bool { state.withLock { !$0.parked.isEmpty } }
  func isParked(_ place: Place) -> Bool { state.withLock { $0.parked.contains(place) } }
  func noteParked(_ place: Place) { state.withLock { _ = $0.parked.insert(place) } }

  /// Says that what overflowed is on disk.
  func noteOverflowParked(_ place: Place) {
    state.withLock { state in state.overflowing[place] = state.overflowing[place].flatMap { $0 > 1 ? $0 - 1 : nil } }
  }

  /// Says that nothing is parked at the place in the database; what is about to be keeps it closed.
  func noteEmpty(_ place: Place) { state.withLock { state in if state.overflowing[place] == nil { state.parked.remove(place) } } }

  /// Whether an event waits in the lane that comes before one parked at its place: it overtook.
  func holds(_ place: Place, before sequence: Int) -> Bool {
    state.withLock { state in
      state.items.contains { item in
        guard case .delivery(place.reaction, let delivery) = item else { return false }
        return delivery.envelope.aggregate == place.aggregate && delivery.envelope.sequence < sequence
      }
    }
  }

  private func start(_ state: inout State) -> Pushed {
    if state.isRunning { return .queued }
    state.isRunning = true
    return .starts
  }
}
