import Kernel

/// The listeners of one lane.
struct ListenerGroup {
  let lane: any Lane
  var listeners: [any Channels.Listener]
}

/// One channel: who listens, and what is kept for who comes back.
struct LiveChannel {
  /// Names the count; numbers of another say nothing here.
  var epoch: String
  var sequence: Int
  /// Every frame after this number of the epoch is kept.
  var floor: Int
  /// Every frame after this moment, in milliseconds of the clock that all nodes share, is kept.
  var floorTime: Int
  var kept: [(sequence: Int, time: Int, frame: [UInt8])] = []
  /// The names of the newest frames, where they may come twice.
  var recent: [String] = []
  var groups: [ListenerGroup] = []
  var lastUse: Instant

  init(epoch: String, sequence: Int, floorTime: Int = 0, at now: Instant) {
    self.epoch = epoch
    self.sequence = sequence
    floor = sequence
    self.floorTime = floorTime
    lastUse = now
  }

  var cursor: String { "\(epoch)-\(sequence)" }

  /// Begins another count, of which nothing is kept yet.
  mutating func restart(epoch: String, sequence: Int, floorTime: Int) {
    self.epoch = epoch
    self.sequence = sequence
    floor = sequence
    self.floorTime = max(floorTime, kept.last?.time ?? 0)
    kept = []
  }

  /// Keeps the newest frame.
  mutating func append(_ frame: [UInt8], time: Int, keep: Int) {
    // Twice as many are let grow before half of them goes, which makes the removal rare.
    if kept.count >= 2 * keep {
      (floor, floorTime) = (kept[keep].sequence, kept[keep].time)
      kept.removeFirst(keep + 1)
    }
    kept.append((sequence, time, frame))
  }

  /// Whether the frame was seen lately; notes it.
  mutating func hasSeen(_ id: String) -> Bool {
    if recent.contains(id) { return true }
    if recent.count >= 16 { recent.removeFirst(8) }
    recent.append(id)
    return false
  }

  /// The frames after a cursor, or `nil` when some are gone.
  func missed(since cursor: String) -> [[UInt8]]? {
    guard let dash = cursor.lastIndex(of: "-"), let number = Int(cursor[cursor.index(after: dash)...]) else { return nil }
    let epoch = cursor[..<dash]
    if epoch == self.epoch {
      guard floor <= number, number <= sequence else { return nil }
      return kept.filter { $0.sequence > number }.map(\.frame)
    }
    // From a node that had heard nothing of the channel since that moment.
    guard epoch.hasPrefix("t."), let moment = Int(epoch.dropFirst(2)), self.epoch.hasPrefix("t.") || self.epoch.hasPrefix("g."), moment >= floorTime
    else { return nil }
    return kept.filter { $0.time > moment }.map(\.frame)
  }

  /// Hands a frame to every listener; answers how many there are.
  func hand(_ frame: [UInt8]) -> Int {
    for group in groups { group.lane.deliver(frame, to: group.listeners) }
    return count
  }

  var isEmpty: Bool { groups.isEmpty }
  var count: Int { groups.reduce(0) { $0 + $1.listeners.count } }

  mutating func add(_ listener: any Channels.Listener) {
    if contains(listener) { return }
    let lane = listener.lane
    if let at = groups.firstIndex(where: { $0.lane === lane }) {
      groups[at].listeners.append(listener)
    } else {
      groups.append(ListenerGroup(lane: lane, listeners: [listener]))
    }
  }

  func contains(_ listener: any Channels.Listener) -> Bool {
    let lane = listener.lane
    return groups.first { $0.lane === lane }?.listeners.contains { $0 === listener } ?? false
  }

  mutating func remove(_ listener: any Channels.Listener) {
    let lane = listener.lane
    guard let at = groups.firstIndex(where: { $0.lane === lane }), let place = groups[at].listeners.firstIndex(where: { $0 === listener }) else {
      return
    }
    // The order of listeners means nothing, so the last one may take the place.
    groups[at].listeners.swapAt(place, groups[at].listeners.count - 1)
    groups[at].listeners.removeLast()
    if groups[at].listeners.isEmpty { groups.remove(at: at) }
  }
}
