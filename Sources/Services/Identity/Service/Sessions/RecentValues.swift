import Synchronization

/// The values used lately, at most `limit` of them: what is not used while half of them are replaced is forgotten.
final class RecentValues<Key: Hashable & Sendable, Value: Sendable>: Sendable {
  private struct State {
    var young: [Key: Value] = [:]
    var old: [Key: Value] = [:]
  }

  private let half: Int
  private let state = Mutex(State())

  init(limit: Int) { half = max(1, limit / 2) }

  subscript(key: Key) -> Value? {
    state.withLock { state in
      if let value = state.young[key] { return value }
      guard let value = state.old.removeValue(forKey: key) else { return nil }
      put(value, for: key, in: &state)
      return value
    }
  }

  func put(_ value: Value, for key: Key) { state.withLock { put(value, for: key, in: &$0) } }

  func removeAll() { state.withLock { $0 = State() } }

  var count: Int { state.withLock { $0.young.count + $0.old.count } }

  private func put(_ value: Value, for key: Key, in state: inout sending State) {
    if state.young.count >= half, state.young[key] == nil {
      state.old = state.young
      state.young = [:]
    }
    state.old[key] = nil
    state.young[key] = value
  }
}
