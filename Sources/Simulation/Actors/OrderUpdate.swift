import Kernel
import OrderingAPI
import ServiceKit
import WebClient
import Wire

/// What the simulation reads of an `order_update` frame.
@Wire struct OrderUpdate {
  var orderId: OrderID
  var status: OrderStatus
  var version: Int
  /// When the event happened, on the server's clock.
  var timestamp: Instant
}

/// Checks every frame of a subscriber and measures how long it took.
struct FrameWatch: Sendable {
  let subscriber: String
  let notebook: Notebook
  let clock: DayClock

  /// Notes the frame; answers the order update in it, if it is one.
  func take(_ event: LiveSocket.Event) -> OrderUpdate? {
    switch event {
    case .joined(let channel, let how):
      notebook.observe { $0.joined(subscriber, channel, how: how) }
      return nil
    case .lost:
      notebook.note { $0.failed("socket:lost") }
      return nil
    case .frame(let frame):
      if frame.type == "error" { notebook.note { $0.failed("socket:error_frame") } }
      guard let channel = frame.channel else { return nil }
      if let cursor = frame.cursor { notebook.observe { $0.cursor(subscriber, channel, cursor) } }
      notebook.note { $0.framesSeen += 1 }
      guard frame.type == "order_update", let update: OrderUpdate = try? frame.data?.decoded() else { return nil }
      let age = clock.time.now.since(update.timestamp).milliseconds / clock.time.speed
      notebook.note { $0.frameMilliseconds.append(max(0, age)) }
      notebook.observe { $0.update(subscriber, channel, update.orderId, version: update.version, status: update.status) }
      return update
    }
  }
}
