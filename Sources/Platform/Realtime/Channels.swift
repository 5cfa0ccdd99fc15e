import Kernel
public import ServiceKit
import Synchronization
public import Wire

/// The live channels of one node: `order:ID`, `tenant:ID`, `user:ID`, `partner:ID`, `city`.
///
/// Every kept frame of a channel carries its sequence number and the epoch of that count; the newest frames are kept, so that a
/// client that comes back with its cursor gets what it missed, or is told to fetch the state again. Channels are spread over shards
/// by name, each with a lock of its own; listeners are told by lane, one hand-over for each event loop.
///
/// With a fan-out the frames of a channel are counted for all nodes together, and a cursor of one node is good on every other that
/// has heard all since. Three epochs stand in cursors then: `g.` and the count's generation; `t.` and a moment since which the node
/// hears all, where it has heard nothing of the channel yet; and the node's own, while it is apart from the others.
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

  private struct State {
    var channels: [String: LiveChannel] = [:]
    /// The highest sequence of any channel forgotten here. A channel that comes back counts on from it, so that a cursor from
    /// before is never taken for one of now.
    var forgotten = 0
    /// The newest frame of all nodes that was forgotten here.
    var forgottenTime = 0
  }

  private final class Shard: Sendable { let state = Mutex(State()) }

  /// Names this run of the server; cursors of another are of no use.
  public let epoch: String
  private let keep: Int
  private let maximumPerShard: Int
  private let time: TimeSource
  private let shards: [Shard]
  private let fanout: (any Fanout)?
  /// Since when this node hears all nodes' frames, in milliseconds of their clock; 0 while it is apart.
  private let since = Atomic<Int>(0)
  /// Up to when it has heard all of them for sure; not before `since`.
  private let known = Atomic<Int>(0)

  /// - Parameters:
  ///   - keep: frames kept a channel.
  ///   - maximumChannels: channels remembered; above it those without listeners are forgotten, the longest unused first.
  ///   - fanout: carries frames between nodes; nothing for a node alone.
  public init(
    epoch: String, time: TimeSource, keep: Int = 64, maximumChannels: Int = 65_536, shards: Int = 32, fanout: (any Fanout)? = nil
  ) {
    self.epoch = epoch
    self.time = time
    self.keep = keep
    maximumPerShard = max(1, maximumChannels / shards)
    self.shards = (0..<shards).map { _ in Shard() }
    self.fanout = fanout
    fanout?.start(self)
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
  /// - Parameters:
  ///   - isKept: whether a client that comes back gets it; a frame that the next one replaces, such as a position, need not be.
  ///   - id: the same for the same frame; made here where only this node has it.
  ///   - turn: what is told, where every node tells it: one of them reaches all listeners.
  ///   - reach: whose listeners are told.
  @discardableResult
  public func publish(
    _ type: String, to name: String, encoded data: [UInt8], isKept: Bool = true, id: String? = nil, turn: FanoutFrame.Turn? = nil,
    reach: Reach = .everywhere
  ) -> Int {
    guard let fanout, reach == .everywhere else { return put(type, name, data, isKept: isKept) }
    fanout.send(
      FanoutFrame(type: type, channel: name, data: data, isKept: isKept, id: id ?? (isKept ? fanout.nextID() : ""), turn: turn))
    return count(name)
  }

  /// Whose listeners a frame reaches.
  public enum Reach: Sendable {
    case everywhere
    /// Those of this node: for what every node tells by itself.
    case here
  }

  /// Counts, keeps and hands over a frame of this node's own count.
  private func put(_ type: String, _ name: String, _ data: [UInt8], isKept: Bool, id: String? = nil) -> Int {
    let now = time.now
    return shard(name).state.withLock { state in
      if state.channels[name] == nil {
        if !isKept { return 0 }
        open(name, in: &state, at: now)
      }
      let forgotten = state.forgotten
      // Changed in place: taking the channel out and putting it back would copy what it keeps.
      return put(type, name, data, isKept: isKept, id: id, forgotten: forgotten, at: now, &state.channels[name]!)
    }
  }

  private func put(
    _ type: String, _ name: String, _ data: [UInt8], isKept: Bool, id: String?, forgotten: Int, at now: Instant, _ channel: inout LiveChannel
  ) -> Int {
    if let id, isKept, channel.hasSeen(id) { return 0 }
    if isKept {
      if channel.epoch != epoch { channel.restart(epoch: epoch, sequence: forgotten, floorTime: .max) }
      channel.sequence += 1
    }
    let frame = Self.frame(type, channel: name, cursor: channel.cursor, data)
    channel.lastUse = now
    if isKept { channel.append(frame, time: 0, keep: keep) }
    // Delivered under the lock, which is what keeps two frames of a channel in order; a lane only queues.
    return channel.hand(frame)
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
      // Still nothing heard of it: who joins now has missed nothing up to now.
      if state.channels[name]!.epoch.hasPrefix("t.") {
        state.channels[name]!.epoch = "t.\(max(state.channels[name]!.floorTime, known.load(ordering: .relaxed)))"
      }
      state.channels[name]!.add(listener)
      state.channels[name]!.lastUse = now
      let here = state.channels[name]!.cursor
      var joined = Joined.fresh
      var frames: [[UInt8]] = []
      if let cursor {
        let missed = state.channels[name]!.missed(since: cursor)
        joined = missed == nil ? .refetch : .resumed
        frames = missed ?? []
      }
      if let greeting { listener.deliver(greeting(joined, here)) }
      for frame in frames { listener.deliver(frame) }
      return (joined, here)
    }
  }

  // MARK: Other nodes

  /// Whether anyone may listen, here or on another node.
  public func isHeard(_ name: String) -> Bool { fanout != nil || count(name) > 0 }

  /// Takes a frame from the fan-out.
  ///
  /// - Parameter mark: where it stands among all nodes' frames; nothing where it does not, or could not be shared.
  public func deliver(_ frame: FanoutFrame, mark: FanoutMark?) {
    guard let mark else {
      _ = put(frame.type, frame.channel, frame.data, isKept: frame.isKept, id: frame.id)
      return
    }
    let now = time.now
    let name = frame.channel
    shard(name).state.withLock { state in
      if state.channels[name] == nil { open(name, in: &state, at: now) }
      let epoch = "g.\(mark.generation)"
      let known = state.channels[name]!.epoch
      if frame.type.isEmpty {
        // A node could not share a frame with the others.
        state.channels[name]!.kept = []
        state.channels[name]!.restart(epoch: epoch, sequence: mark.number, floorTime: mark.time)
        _ = state.channels[name]!.hand(Self.greeting(.refetch, name, cursor: state.channels[name]!.cursor))
        return
      }
      let isNext =
        known == epoch ? mark.number == state.channels[name]!.sequence + 1 : known.hasPrefix("t.") || (mark.number == 1 && known != self.epoch)
      if known != epoch || !isNext {
        // What nothing was heard of may have had frames before; they were before this node listened.
        let before = isNext ? state.channels[name]!.floorTime : mark.time
        state.channels[name]!.restart(epoch: epoch, sequence: mark.number - 1, floorTime: before)
        if !isNext { _ = state.channels[name]!.hand(Self.greeting(.refetch, name, cursor: state.channels[name]!.cursor)) }
      }
      state.channels[name]!.sequence = mark.number
      state.channels[name]!.lastUse = now
      let bytes = Self.frame(frame.type, channel: name, cursor: state.channels[name]!.cursor, frame.data)
      state.channels[name]!.append(bytes, time: mark.time, keep: keep)
      if state.channels[name]!.hasSeen(frame.id) {
        // It was handed over already, when it seemed lost; only where the count stands is news.
        if !isNext { _ = state.channels[name]!.hand(Self.greeting(.refetch, name, cursor: state.channels[name]!.cursor)) }
        return
      }
      _ = state.channels[name]!.hand(bytes)
    }
  }

  /// From this moment on all nodes' frames are heard; who listens is told to fetch what may have been missed before.
  public func isJoined(since moment: Int) {
    known.store(moment, ordering: .relaxed)
    since.store(moment, ordering: .relaxed)
    for shard in shards {
      shard.state.withLock { state in
        for name in state.channels.keys {
          if state.channels[name]!.epoch == epoch { state.forgotten = max(state.forgotten, state.channels[name]!.sequence) }
          state.channels[name]!.kept = []
          state.channels[name]!.restart(epoch: "t.\(moment)", sequence: 0, floorTime: moment)
          guard !state.channels[name]!.isEmpty else { continue }
          _ = state.channels[name]!.hand(Self.greeting(.refetch, name, cursor: state.channels[name]!.cursor))
        }
      }
    }
  }

  /// Something may have happened of which no frame was made: who listens is told to fetch again, and so is who comes back with a
  /// cursor from before.
  public func mayHaveMissed() {
    // Where frames are shared, the count is common: this node begins to listen anew.
    if let fanout { fanout.rejoin() }
    for shard in shards {
      shard.state.withLock { state in
        state.forgotten += 1
        for name in state.channels.keys where state.channels[name]!.epoch == epoch {
          state.channels[name]!.restart(epoch: epoch, sequence: max(state.channels[name]!.sequence + 1, state.forgotten), floorTime: .max)
          _ = state.channels[name]!.hand(Self.greeting(.refetch, name, cursor: state.channels[name]!.cursor))
        }
      }
    }
  }

  /// All that was published before this moment has been heard.
  public func hasHeard(until moment: Int) { if since.load(ordering: .relaxed) != 0 { known.max(moment, ordering: .relaxed) } }

  /// Other nodes' frames may be missed from now on.
  public func isApart() { since.store(0, ordering: .relaxed) }

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
    let moment = since.load(ordering: .relaxed)
    if moment == 0 {
      state.channels[name] = LiveChannel(epoch: epoch, sequence: state.forgotten, floorTime: .max, at: now)
    } else {
      let floor = max(moment, state.forgottenTime)
      state.channels[name] = LiveChannel(epoch: "t.\(max(floor, known.load(ordering: .relaxed)))", sequence: 0, floorTime: floor, at: now)
    }
  }

  private func forget(in state: inout State, where isOld: (LiveChannel) -> Bool) {
    for (name, channel) in state.channels where channel.isEmpty && isOld(channel) {
      if channel.epoch == epoch {
        state.forgotten = max(state.forgotten, channel.sequence)
      } else {
        state.forgottenTime = max(state.forgottenTime, channel.kept.last?.time ?? channel.floorTime)
      }
      state.channels[name] = nil
    }
  }

  private func shard(_ name: String) -> Shard { shards[Int(StableHash.of(name) >> 32) % shards.count] }

  /// Tells how a channel was joined, and the cursor where it stands.
  public static func greeting(_ joined: Joined, _ channel: String, cursor: String) -> [UInt8] {
    var writer = JSONWriter(capacity: 160)
    writer.raw(#"{"type":"subscribed","channel":"#)
    writer.string(channel)
    writer.raw(#","cursor":"#)
    writer.string(cursor)
    writer.raw(#","data":{"joined":"#)
    writer.string(joined.rawValue)
    writer.raw("}}")
    return writer.withBytes { Array($0) }
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
