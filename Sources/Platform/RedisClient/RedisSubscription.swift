import NIOCore

/// Channels that are listened to, over a connection of their own.
public final class RedisSubscription: Sendable {
  /// What a listener is told, on the client's event loop and in order.
  public struct Events: Sendable {
    var began: @Sendable () -> Void
    var message: @Sendable (_ channel: String, _ bytes: [UInt8]) -> Void
    var ended: @Sendable () -> Void

    /// - Parameters:
    ///   - began: all channels are listened to from now on; again after each loss.
    ///   - ended: messages may be missed from now on.
    public init(
      began: @escaping @Sendable () -> Void = {}, message: @escaping @Sendable (_ channel: String, _ bytes: [UInt8]) -> Void,
      ended: @escaping @Sendable () -> Void = {}
    ) {
      self.began = began
      self.message = message
      self.ended = ended
    }
  }

  private let client: RedisClient
  let subscriber: Subscriber

  init(_ client: RedisClient, _ channels: [String], _ events: Events) {
    self.client = client
    subscriber = Subscriber(channels, events, client)
  }

  public func stop() { client.forget(subscriber) }
}

/// The connection that listens. Lives on the client's loop.
final class Subscriber: @unchecked Sendable {
  private let channels: [String]
  private let events: RedisSubscription.Events
  private let loop: any EventLoop
  private let setting: ConnectionSetting
  private let longestPause: Duration
  private var connection: Connection?
  private var post: RedisAddress.Endpoint?
  private var confirmed: Set<String> = []
  private var isOn = false
  private var isStopped = false
  private var isPausing = false
  private var failures = 0

  init(_ channels: [String], _ events: RedisSubscription.Events, _ client: RedisClient) {
    self.channels = channels
    self.events = events
    loop = client.loop
    var setting = client.setting
    setting.scripts = []
    setting.database = 0  // Published messages know no databases.
    self.setting = setting
    longestPause = client.options.longestPause
  }

  /// Listens there; stays where it is while nothing better is known.
  func follow(_ endpoint: RedisAddress.Endpoint?) {
    guard !isStopped, let endpoint else { return }
    let isElsewhere = post != endpoint
    post = endpoint
    if connection == nil {
      if !isPausing { open() }
    } else if isElsewhere {
      // A listener on a server that lost its office would hear nothing and not know.
      connection?.close(because: "another server is to be listened to")
    }
  }

  func stop() {
    isStopped = true
    connection?.close(because: "it is not needed any more")
    connection = nil
  }

  private func open() {
    guard !isStopped, let post else { return }
    let connection = Connection(post, setting, on: loop)
    self.connection = connection
    confirmed = []
    connection.onReady = { [weak self] in
      guard let self else { return }
      self.connection?.sendUnanswered(RedisCommand.encode([.text("SUBSCRIBE")] + channels.map { .text($0) }))
      self.connection?.flush()
    }
    connection.onPush = { [weak self] in self?.heard($0) }
    connection.onClosed = { [weak self] in self?.lost() }
    connection.connect()
  }

  private func heard(_ parts: [RedisValue]) {
    guard parts.count == 3, let channel = parts[1].text else { return }
    switch parts[0].text {
    case "message": if let bytes = parts[2].bytes { events.message(channel, bytes) }
    case "subscribe":
      confirmed.insert(channel)
      guard !isOn, confirmed.count == channels.count else { return }
      isOn = true
      failures = 0
      events.began()
    default: break
    }
  }

  private func lost() {
    connection = nil
    if isOn {
      isOn = false
      events.ended()
    }
    guard !isStopped else { return }
    failures += 1
    isPausing = true
    loop.scheduleTask(in: pause(after: failures, most: longestPause)) { [weak self] in
      guard let self else { return }
      isPausing = false
      open()
    }
  }
}
