import Kernel
public import ServiceKit
import Synchronization

/// Values kept in memory for a while, loaded once however many ask at the same time.
///
/// Bounded: when it is full, what was not asked for lately makes room (second chance, constant time). With a second level, what
/// this node does not have is looked for there before it is loaded, and what one node invalidates all nodes forget.
public final class Cache<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  /// How often a value was there, and how often not.
  public struct Counts: Sendable, Hashable {
    public var hits = 0
    public var misses = 0
  }

  private struct Slot {
    var key: Key
    var value: Value
    var expires: Instant
    var wasUsed: Bool
  }

  /// One load in flight; who asks meanwhile waits for it.
  private final class Load: @unchecked Sendable {  // Touched under the lock of the cache only.
    var isStale = false
    var waiting: [CheckedContinuation<Value?, any Error>] = []
  }

  private enum Way {
    case found(Value)
    case loads(Load)
    case waits
  }

  private struct State {
    var slots: [Slot?] = []
    var places: [Key: Int] = [:]
    var free: [Int] = []
    var hand = 0
    var loads: [Key: Load] = [:]
    var counts = Counts()
  }

  private let state = Mutex(State())
  private let capacity: Int
  private let keep: Duration
  private let isSliding: Bool
  private let time: TimeSource
  private let shared: SecondLevelUse<Key, Value>?

  /// - Parameters:
  ///   - capacity: how many values are kept at most.
  ///   - keep: how long a value is good.
  ///   - isSliding: whether each use makes it good for as long again; not together with a second level.
  ///   - shared: how other nodes share the values.
  public init(capacity: Int, keep: Duration, isSliding: Bool = false, time: TimeSource, shared: SecondLevelUse<Key, Value>? = nil) {
    precondition(capacity > 0)
    precondition(!isSliding || shared == nil, "a value that lives by its uses here would never be read again from where others change it")
    self.capacity = capacity
    self.keep = keep
    self.isSliding = isSliding
    self.time = time
    self.shared = shared
    shared?.signals.listen(
      shared?.topic ?? "", heard: { [weak self] subject in if let key = shared?.key(subject) { self?.forget(key) } },
      doubt: { [weak self] in self?.invalidateAll { _ in true } })
  }

  public var counts: Counts { state.withLock { $0.counts } }
  /// How many values are kept, those included that nobody found expired yet.
  public var count: Int { state.withLock { $0.places.count } }

  /// The value, if it is there and still good.
  public func cached(_ key: Key) -> Value? {
    let now = time.now
    return state.withLock { find(key, at: now, in: &$0) }
  }

  public func insert(_ value: Value, for key: Key) {
    let now = time.now
    state.withLock { store(value, for: key, at: now, in: &$0) }
  }

  /// The value, loaded when it is not there; concurrent misses of one key load once.
  ///
  /// A value whose key is invalidated while it loads is handed to those who asked before, and not kept.
  public func value(for key: Key, load: @Sendable () async throws -> Value) async throws -> Value {
    while true {
      let now = time.now
      // The look-up and the place among those who wait are taken under one lock: no load can end in between.
      let way: Way = state.withLock { state in
        if let value = find(key, at: now, in: &state) { return .found(value) }
        if state.loads[key] != nil { return .waits }
        let load = Load()
        state.loads[key] = load
        return .loads(load)
      }
      switch way {
      case .found(let value): return value
      case .loads(let flight): return try await perform(flight, key, load)
      case .waits: if let value = try await wait(for: key) { return value }
      }
    }
  }

  /// Forgets a value, here and, with a second level, on all nodes.
  public func invalidate(_ key: Key) {
    forget(key)
    if let shared, let name = shared.name(key) { shared.level.drop(name, topic: shared.topic, subject: shared.subject(key)) }
  }

  /// Forgets a value on this node only: for what every node is told by itself.
  public func forget(_ key: Key) {
    state.withLock { state in
      remove(key, from: &state)
      state.loads.removeValue(forKey: key)?.isStale = true
    }
  }

  /// Drops every key that fits; looks at all of them, of this node only.
  public func invalidateAll(where fits: @Sendable (Key) -> Bool) {
    state.withLock { state in
      for key in state.places.keys.filter(fits) { remove(key, from: &state) }
      for key in state.loads.keys.filter(fits) { state.loads.removeValue(forKey: key)?.isStale = true }
    }
  }

  // MARK: Loading

  private func perform(_ flight: Load, _ key: Key, _ load: @Sendable () async throws -> Value) async throws -> Value {
    let result: Result<(value: Value, keep: Duration), any Error>
    do { result = .success(try await find(key, orLoad: load)) } catch { result = .failure(error) }
    let now = time.now
    let waiting = state.withLock { state in
      if !flight.isStale {
        state.loads[key] = nil
        if case .success(let found) = result { store(found.value, for: key, at: now, in: &state, keep: found.keep) }
      }
      defer { flight.waiting = [] }
      return flight.waiting
    }
    for continuation in waiting {
      switch result {
      case .success(let found): continuation.resume(returning: found.value)
      // The one who loaded went away; that is no reason for the others to fail: they begin again.
      case .failure(is CancellationError): continuation.resume(returning: nil)
      case .failure(let error): continuation.resume(throwing: error)
      }
    }
    return try result.get().value
  }

  /// The value out of the second level, or loaded and put there, and how long it is good.
  private func find(_ key: Key, orLoad load: @Sendable () async throws -> Value) async throws -> (value: Value, keep: Duration) {
    guard let shared, let name = shared.name(key) else { return (try await load(), keep) }
    switch await shared.level.find(name) {
    case .value(let bytes, let goodFor):
      // Good for no longer here than there, so that two levels do not keep a value twice as long as one.
      if let value = shared.decode(key, bytes) { return (value, min(keep, goodFor * shared.speed)) }
      return (try await load(), keep)
    case .missing(let lease):
      let value = try await load()
      shared.level.put(name, shared.encode(value), keep: keep / shared.speed, lease: lease)
      return (value, keep)
    case .gone: return (try await load(), keep)
    }
  }

  private func wait(for key: Key) async throws -> Value? {
    try await withCheckedThrowingContinuation { continuation in
      let isWaiting = state.withLock { state in
        state.loads[key]?.waiting.append(continuation)
        return state.loads[key] != nil
      }
      if !isWaiting { continuation.resume(returning: nil) }
    }
  }

  // MARK: Slots

  private func find(_ key: Key, at now: Instant, in state: inout State) -> Value? {
    guard let place = state.places[key], let slot = state.slots[place] else {
      state.counts.misses += 1
      return nil
    }
    guard slot.expires > now else {
      remove(key, from: &state)
      state.counts.misses += 1
      return nil
    }
    state.counts.hits += 1
    state.slots[place]!.wasUsed = true
    if isSliding { state.slots[place]!.expires = now + keep }
    return slot.value
  }

  private func store(_ value: Value, for key: Key, at now: Instant, in state: inout State, keep: Duration? = nil) {
    let slot = Slot(key: key, value: value, expires: now + (keep ?? self.keep), wasUsed: false)
    if let place = state.places[key] {
      state.slots[place] = slot
      return
    }
    let place: Int
    if let free = state.free.popLast() {
      place = free
      state.slots[place] = slot
    } else if state.slots.count < capacity {
      place = state.slots.count
      state.slots.append(slot)
    } else {
      place = evict(from: &state)
      state.slots[place] = slot
    }
    state.places[key] = place
  }

  /// The first slot under the hand that was not used since the hand last passed.
  private func evict(from state: inout State) -> Int {
    while true {
      let place = state.hand
      state.hand = (state.hand + 1) % state.slots.count
      guard let slot = state.slots[place] else { continue }
      if slot.wasUsed {
        state.slots[place]!.wasUsed = false
      } else {
        state.places[slot.key] = nil
        return place
      }
    }
  }

  private func remove(_ key: Key, from state: inout State) {
    guard let place = state.places.removeValue(forKey: key) else { return }
    state.slots[place] = nil
    state.free.append(place)
  }
}
