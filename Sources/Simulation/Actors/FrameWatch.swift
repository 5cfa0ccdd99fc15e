import GatewayAPI
import Kernel
import OrderingAPI
import ServiceKit
import WebClient
import Wire

/// Checks every frame of a subscriber and measures how long it took.
struct FrameWatch: Sendable {
  let subscriber: String
  let notebook: Notebook
  let clock: DayClock

  /// Notes the frame; answers the order update in it, if it is one.
  func take(_ event: LiveSocket.Event) -> OrderUpdate? {
    switch event {
    case .joined(let channel, let how, let cursor):
      notebook.observe { $0.joined(subscriber, channel, how: how, cursor: cursor) }
      return nil
    case .lost:
      notebook.note { $0.failed("socket:lost") }
      return nil
    case .frame(let frame):
      if frame.type == "error" { notebook.note { $0.failed("socket:error_frame") } }
      guard let channel = frame.channel else { return nil }
      if let cursor = frame.cursor { notebook.observe { $0.cursor(subscriber, channel, cursor, isKept: frame.type != "location_update") } }
      notebook.note { $0.framesSeen += 1 }
      guard frame.type == "order_update", let update: OrderUpdate = try? frame.data?.decoded() else { return nil }
      let age = clock.time.now.since(update.timestamp).milliseconds / clock.time.speed
      notebook.note { $0.frameMilliseconds.append(max(0, age)) }
      notebook.observe { $0.update(subscriber, channel, update.orderId, version: update.version, status: update.status) }
      return update
    }
  }
}
