import ServiceKit
import WebClient

/// What all people of the demo city have in common.
struct DemoTown: Sendable {
  let client: WebClient
  /// The orders on their way.
  let open = OpenOrders()
  let time: TimeSource
  let seed: UInt64
  let log: DemoLog
}
