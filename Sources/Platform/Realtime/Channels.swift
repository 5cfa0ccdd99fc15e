import Kernel
public import ServiceKit
import Synchronization
public import Wire

/// The live channels of one node: `order:ID`, `tenant:ID`, `user:ID`, `partner:ID`, `city`.
///
/// Every frame of a channel carries its sequence number and the node's epoch; the newest frames are kept, so that a client that
/// comes back with its cursor gets what it missed, or is told to fetch the state again.
public final class Channels: Sendable {
  /// A client that listens: one socket, whatever carries it.
  public protocol Listener: AnyObject, Sendable {
    /// Takes one encoded frame; drops itself rather than block when its peer is slow.
    func deliver(_ frame: [UInt8])
  }

  /// What a client gets when it joins.
  public enum Joined: Sendable, Equatable {
    /// Everything after its cursor was delivered; live frames follow.
    case resumed
    /// It had no cursor; live frames follow from here.
    case fresh
    /// Its cursor is too old, or of another run of the server: fetch the state again, then follow from here.
    case refetch
  }

  private struct Channel {
    var sequence = 0
    var kept: [(sequence: Int, frame: [UInt8])] = []
    var listeners: [ObjectIdentifier: any Listener] = [:]
    var lastUse: Instant
  }

  private struct State { var channels: [String: Channel] = [:] }

  /// Names this run of the server; cursors of another are of no use.
  public let epoch: String
  private let keep: Int
  private let time: TimeSource
  private let state = Mutex(State())

  /// - Parameter keep: frames kept a channel.
  public init(epoch: String, time: TimeSource, keep: Int = 64) {
    self.epoch = epoch
    self.time = time
    self.keep = keep
  }

  /// Sends `{"type", "channel", "cursor", "data"}` to everyone on the channel.
  ///
  /// - Returns: how many listeners it was handed to.
  @discardableResult
  public func publish(_ type: String, to name: String, _ data: some WireValue) -> Int {
    publish(type, to: name, encoded: encode(data))
  }

  @discardableResult
  public func publish(_ type: String, to name: String, encoded data: [UInt8], isKept: Bool = true) -> Int {
    state.withLock { state in
      var channel = state.channels[name] ?? Channel(lastUse: time.now)
      if channel.listeners.isEmpty && !isKept { return 0 }
      channel.sequence += 1
      channel.lastUse = time.now
      let frame = Self.frame(type, channel: name, cursor: "\(epoch)-\(channel.sequence)", data)
      if isKept {
        if channel.kept.count >= keep { channel.kept.removeFirst(channel.kept.count - keep + 1) }
        channel.kept.append((channel.sequence, frame))
      }
      // Delivered under the lock, which is what keeps two frames of a channel in order; a listener only queues.
      for listener in channel.listeners.values { listener.deliver(frame) }
      state.channels[name] = channel
      return channel.listeners.count
    }
  }

  /// Adds a listener, handing it first what it missed since its cursor.
  ///
  /// - Returns: how it joined, and the cursor where it stands.
  public func join(_ name: String, cursor: String?, _ listener: any Listener) -> (joined: Joined, cursor: String) {
    state.withLock { state in
      var channel = state.channels[name] ?? Channel(lastUse: time.now)
      defer { state.channels[name] = channel }
      channel.listeners[ObjectIdentifier(listener)] = listener
      channel.lastUse = time.now
      let here = "\(epoch)-\(channel.sequence)"
      guard let cursor else { return (.fresh, here) }
      guard let seen = sequence(of: cursor), seen <= channel.sequence else { return (.refetch, here) }
      let missed = channel.kept.drop { $0.sequence <= seen }
      guard channel.sequence == seen || missed.first?.sequence == seen + 1, missed.count == channel.sequence - seen else { return (.refetch, here) }
      for (_, frame) in missed { listener.deliver(frame) }
      return (.resumed, here)
    }
  }

  public func leave(_ name: String, _ listener: any Listener) {
    state.withLock { _ = $0.channels[name]?.listeners.removeValue(forKey: ObjectIdentifier(listener)) }
  }

  /// How many listen to a channel.
  public func count(_ name: String) -> Int { state.withLock { $0.channels[name]?.listeners.count ?? 0 } }

  /// Forgets channels that nobody listens to and that were quiet for `age`; their cursors become a refetch.
  public func sweep(olderThan age: Duration) {
    let limit = time.now - age
    state.withLock { state in
      state.channels = state.channels.filter { !$0.value.listeners.isEmpty || $0.value.lastUse > limit }
    }
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
