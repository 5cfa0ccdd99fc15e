import Kernel
public import ServiceKit
import Synchronization
public import Wire

/// The live channels of one node: `order:ID`, `tenant:ID`, `user:ID`, `partner:ID`, `city`.
///
/// Every kept frame of a channel carries its sequence number and the node's epoch; the newest frames are kept, so that a client that
/// comes back with its cursor gets what it missed, or is told to fetch the state again. Channels are spread over shards by
/// name, each with a lock of its own; listeners are told by lane, one hand-over for each event loop.
public final class Channels: Sendable {
  /// A client that listens: one socket, whatever carries it.
  public protocol Listener: AnyObject, Sendable {
    /// The event loop, or whatever stands for it, on which the listener lives.
    var lane: any Lane { get }
    /// Takes one encoded frame; drops itself rather than block when its peer is slow.
    func deliver(_ frame: [UInt8])
  }

  /// What a client gets when it joins.
  public enum Joined: String, Sendable, Equatable {
    /// Everything after its cursor was delivered; live frames follow.
    case resumed
    /// It had no cursor; live frames follow from here.
    case fresh
    /// Its cursor is too old, or of another run of the server: fetch the state again, then follow from here.
    case refetch
  }

  private struct Group {
    let lane: any Lane
    var listeners: [any Listener]
  }

  private struct Channel {
    var sequence: Int
    var kept: [(sequence: Int, frame: [UInt8])] = []
    var groups: [Group] = []
    var lastUse: Instant

    var isEmpty: Bool { groups.isEmpty }
    var count: Int { groups.reduce(0) { $0 + $1.listeners.count } }

    mutating func add(_ listener: any Listener) {
      if contains(listener) { return }
      let lane = listener.lane
      if let at = groups.firstIndex(where: { $0.lane === lane }) {
        groups[at].listeners.append(listener)
      } else {
        groups.append(Group(lane: lane, listeners: [listener]))
      }
    }

    func contains(_ listener: any Listener) -> Bool {
      let lane = listener.lane
      return groups.first { $0.lane === lane }?.listeners.contains { $0 === listener } ?? false
    }

    mutating func remove(_ listener: any Listener) {
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

  private struct State {
    var channels: [String: Channel] = [:]
    /// The highest sequence of any channel forgotten here. A channel that comes back counts on from it, so that a cursor from
    /// before is never taken for one of now.
    var forgotten = 0
  }

  private final class Shard: Sendable { let state = Mutex(State()) }

  /// Names this run of the server; cursors of another are of no use.
  public let epoch: String
  private let keep: Int
  private let maximumPerShard: Int
  private let time: TimeSource
  private let shards: [Shard]

  /// - Parameters:
  ///   - keep: frames kept a channel.
  ///   - maximumChannels: channels remembered; above it those without listeners are forgotten, the longest unused first.
  public init(epoch: String, time: TimeSource, keep: Int = 64, maximumChannels: Int = 65_536, shards: Int = 32) {
    self.epoch = epoch
    self.time = time
    self.keep = keep
    maximumPerShard = max(1, maximumChannels / shards)
    self.shards = (0..<shards).map { _ in Shard() }
  }

  /// Sends `{"type", "channel", "cursor", "data"}` to everyone on the channel.
  ///
  /// - Returns: how many listeners it was handed to.
  @discardableResult
  public func publish(_ type: String, to name: String, _ data: some WireValue) -> Int {
    publish(type, to: name, encoded: encode(data))
  }

  /// Sends data that is JSON already.
  ///
  /// - Parameter isKept: whether a client that comes back gets it; a frame that the next one replaces, such as a position, need not be.
  @discardableResult
  public func publish(_ type: String, to name: String, encoded data: [UInt8], isKept: Bool = true) -> Int {
    let now = time.now
    return shard(name).state.withLock { state in
      if state.channels[name] == nil {
        if !isKept { return 0 }
        open(name, in: &state, at: now)
      }
      // Optional chaining changes the channel in place; taking it out and putting it back would copy what it keeps.
      if isKept { state.channels[name]!.sequence += 1 }
      let sequence = state.channels[name]!.sequence
      let frame = Self.frame(type, channel: name, cursor: "\(epoch)-\(sequence)", data)
      state.channels[name]!.lastUse = now
      if isKept {
        // Twice as many are let grow before half of them goes, which makes the removal rare.
        if state.channels[name]!.kept.count >= 2 * keep { state.channels[name]!.kept.removeFirst(keep + 1) }
        state.channels[name]!.kept.append((sequence, frame))
      }
      // Delivered under the lock, which is what keeps two frames of a channel in order; a lane only queues.
      let groups = state.channels[name]!.groups
      for group in groups { group.lane.deliver(frame, to: group.listeners) }
      return groups.reduce(0) { $0 + $1.listeners.count }
    }
  }

  /// Adds a listener, handing it first the greeting, then what it missed since its cursor.
  ///
  /// - Parameter greeting: makes a frame that comes before any of the channel's.
  /// - Returns: how it joined, and the cursor where it stands.
  @discardableResult
  public func join(
    _ name: String, cursor: String?, _ listener: any Listener, greeting: ((Joined, _ cursor: String) -> [UInt8])? = nil
  ) -> (joined: Joined, cursor: String) {
    let now = time.now
    return shard(name).state.withLock { state in
      if state.channels[name] == nil { open(name, in: &state, at: now) }
      state.channels[name]!.add(listener)
      state.channels[name]!.lastUse = now
      let sequence = state.channels[name]!.sequence
      let here = "\(epoch)-\(sequence)"
      var joined = Joined.fresh
      var frames: [[UInt8]] = []
      if let cursor {
        let missed = missed(since: cursor, state.channels[name]!)
        joined = missed == nil ? .refetch : .resumed
        frames = missed ?? []
      }
      if let greeting { listener.deliver(greeting(joined, here)) }
      for frame in frames { listener.deliver(frame) }
      return (joined, here)
    }
  }

  /// The frames after a cursor, or `nil` when some are gone.
  private func missed(since cursor: String, _ channel: Channel) -> [[UInt8]]? {
    guard let seen = sequence(of: cursor), 0...channel.sequence ~= seen else { return nil }
    let frames = channel.kept.suffix(channel.sequence - seen)
    guard frames.count == channel.sequence - seen, (frames.first?.sequence ?? seen + 1) == seen + 1 else { return nil }
    return frames.map(\.frame)
  }

  public func leave(_ name: String, _ listener: any Listener) {
    shard(name).state.withLock { $0.channels[name]?.remove(listener) }
  }

  /// How many listen to a channel.
  public func count(_ name: String) -> Int { shard(name).state.withLock { $0.channels[name]?.count ?? 0 } }

  /// Forgets channels that nobody listens to and that were quiet for `age`; their cursors become a refetch.
  public func sweep(olderThan age: Duration) {
    let limit = time.now - age
    for shard in shards { shard.state.withLock { forget(in: &$0) { $0.lastUse <= limit } } }
  }

  private func open(_ name: String, in state: inout State, at now: Instant) {
    if state.channels.count >= maximumPerShard {
      let uses = state.channels.values.filter(\.isEmpty).map(\.lastUse).sorted()
      // A quarter at once, so that the search is rare.
      if !uses.isEmpty { let limit = uses[uses.count / 4]; forget(in: &state) { $0.lastUse <= limit } }
    }
    state.channels[name] = Channel(sequence: state.forgotten, lastUse: now)
  }

  private func forget(in state: inout State, where isOld: (Channel) -> Bool) {
    for (name, channel) in state.channels where channel.isEmpty && isOld(channel) {
      state.forgotten = max(state.forgotten, channel.sequence)
      state.channels[name] = nil
    }
  }

  private func shard(_ name: String) -> Shard {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325  // FNV-1a: which shard must not hang on the process's hash seed.
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return shards[Int(hash >> 32) % shards.count]
  }

  private func sequence(of cursor: String) -> Int? {
    guard let dash = cursor.lastIndex(of: "-"), cursor[..<dash] == epoch else { return nil }
    return Int(cursor[cursor.index(after: dash)...])
  }

  static func frame(_ type: String, channel: String, cursor: String, _ data: [UInt8]) -> [UInt8] {
    var writer = JSONWriter(capacity: data.count + 160)
    writer.raw(#"{"type":"#)
    writer.string(type)
    writer.raw(#","channel":"#)
    writer.string(channel)
    writer.raw(#","cursor":"#)
    writer.string(cursor)
    writer.raw(#","data":"#)
    writer.raw(json: data)
    writer.raw("}")
    return writer.withBytes { Array($0) }
  }
}

extension Channels.Listener {
  /// Listeners without an event loop share the lane that hands over at once.
  public var lane: any Lane { DirectLane.shared }
}

/// Hands frames over where they were published.
private final class DirectLane: Lane {
  static let shared = DirectLane()
  func deliver(_ frame: [UInt8], to listeners: [any Channels.Listener]) { for listener in listeners { listener.deliver(frame) } }
}
