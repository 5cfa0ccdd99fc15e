import NIOCore

/// One server and the connections to it, which are made again for as long as it is wanted. Lives on the client's loop.
final class Node: @unchecked Sendable {
  let endpoint: RedisAddress.Endpoint
  private let loop: any EventLoop
  private let setting: ConnectionSetting
  private let longestPause: Duration
  private var places: [Connection]
  private var failures: [Int]
  private var isStopped = false
  /// Not one try to connect has ended yet: it is worth waiting for a moment.
  private(set) var isFresh = true
  private(set) var fault = "not connected yet"

  /// Told when a connection came or went.
  var onChange: () -> Void = {}
  var onReconnect: () -> Void = {}

  init(_ endpoint: RedisAddress.Endpoint, _ setting: ConnectionSetting, _ options: RedisOptions, on loop: any EventLoop) {
    self.endpoint = endpoint
    self.setting = setting
    self.loop = loop
    longestPause = options.longestPause
    places = (0..<max(1, options.connections)).map { _ in Connection(endpoint, setting, on: loop) }
    failures = Array(repeating: 0, count: places.count)
  }

  var isReady: Bool { places.contains(where: \.isReady) }

  /// The connection for a lane, the same one for as long as it lives, so that commands of one key stay in order.
  func connection(lane: Int) -> Connection? {
    let place = places[lane % places.count]
    if place.isReady { return place }
    return places.first(where: \.isReady)
  }

  func start() { for index in places.indices { open(index) } }

  func stop() {
    isStopped = true
    onChange = {}
    for place in places { place.close(because: "it is not needed any more") }
  }

  /// Ends the connections, to make them anew.
  func reset(because reason: String) { for place in places where place.isReady { place.close(because: reason) } }

  func flush() { for place in places { place.flush() } }

  private func open(_ index: Int) {
    guard !isStopped else { return }
    let connection = Connection(endpoint, setting, on: loop)
    places[index] = connection
    connection.onReady = { [weak self] in
      guard let self else { return }
      if failures[index] > 0 { onReconnect() }
      failures[index] = 0
      isFresh = false
      fault = ""
      onChange()
    }
    connection.onClosed = { [weak self, unowned connection] in
      guard let self, !isStopped else { return }
      isFresh = false
      fault = connection.fault
      failures[index] += 1
      onChange()
      let pause = pause(after: failures[index], most: longestPause)
      loop.scheduleTask(in: pause) { [weak self] in self?.open(index) }
    }
    connection.connect()
  }
}

/// Longer after each failure, and never as long as others take.
func pause(after failures: Int, most: Duration) -> TimeAmount {
  let whole = min(20.0 * Double(1 << min(failures, 16)), Double(most.nanoseconds) / 1e6)
  return .nanoseconds(Int64(whole * Double.random(in: 0.5...1) * 1e6))
}
