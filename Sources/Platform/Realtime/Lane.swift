/// Where the frames for many listeners are handed over at once: an event loop.
public protocol Lane: AnyObject, Sendable {
  /// Queues a frame for listeners of this lane, in the order of the calls; never blocks.
  func deliver(_ frame: [UInt8], to listeners: [any Channels.Listener])
}
