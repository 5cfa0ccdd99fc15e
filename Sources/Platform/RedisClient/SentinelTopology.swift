import NIOCore

/// The master that sentinels name; follows when they name another.
final class SentinelTopology: Topology, @unchecked Sendable {
  private let loop: any EventLoop
  private let name: String
  private let sentinels: [RedisAddress.Endpoint]
  private let setting: ConnectionSetting
  private let makeNode: (RedisAddress.Endpoint) -> Node
  private let onChange: () -> Void
  private var master: Node?
  private var watch: Connection?
  private var turn = 0
  private var failures = 0
  private var isStopped = false
  private var isAsking = false
  private var regular: RepeatedTask?
  private var isDoubting = false
  private var lastAsked = NIODeadline.uptimeNanoseconds(0)
  private var reason = "no sentinel has answered yet"

  init(
    name: String, sentinels: [RedisAddress.Endpoint], _ setting: ConnectionSetting, on loop: any EventLoop,
    makeNode: @escaping (RedisAddress.Endpoint) -> Node, onChange: @escaping () -> Void
  ) {
    self.name = name
    self.sentinels = sentinels
    // Sentinels have no databases, and their own password or, most often, none.
    var setting = setting
    setting.database = 0
    setting.scripts = []
    setting.password = nil
    self.setting = setting
    self.loop = loop
    self.makeNode = makeNode
    self.onChange = onChange
  }

  var nodes: [Node] { master.map { [$0] } ?? [] }
  var listeningPost: RedisAddress.Endpoint? { master?.isReady == true ? master?.endpoint : nil }
  var fault: String? { master?.isReady == true ? nil : master?.fault ?? reason }
  func node(for slot: Int?) -> Node? { master }
  func node(at endpoint: RedisAddress.Endpoint) -> Node { master ?? makeNode(endpoint) }
  func moved(_ slot: Int, to endpoint: RedisAddress.Endpoint) {}

  func start() {
    open()
    regular = loop.scheduleRepeatedTask(initialDelay: .milliseconds(250), delay: .milliseconds(250)) { [weak self] _ in self?.look() }
  }

  func stop() {
    isStopped = true
    regular?.cancel()
    watch?.close(because: "it is not needed any more")
    master?.stop()
    master = nil
  }

  func doubt() { isDoubting = true }

  /// Connects to the next sentinel, asks it, and listens to what it tells.
  private func open() {
    guard !isStopped else { return }
    let endpoint = sentinels[turn % sentinels.count]
    turn += 1
    let connection = Connection(endpoint, setting, on: loop)
    watch = connection
    connection.onReady = { [weak self] in
      guard let self else { return }
      failures = 0
      watch?.sendUnanswered(RedisCommand.encode(["SUBSCRIBE", "+switch-master"]))
      ask()
    }
    connection.onPush = { [weak self] parts in
      guard let self, parts.count == 3, parts[0].text == "message", let words = parts[2].text?.split(separator: " "), words.count == 5,
        words[0] == name, let port = Int(words[4])
      else { return }
      follow(RedisAddress.Endpoint(host: String(words[3]), port: port))
    }
    connection.onClosed = { [weak self, unowned connection] in
      guard let self, !isStopped else { return }
      isAsking = false
      failures += 1
      if master == nil, connection.fault != reason { reason = "sentinel \(connection.endpoint): \(connection.fault)"; onChange() }
      loop.scheduleTask(in: pause(after: failures / max(1, sentinels.count), most: .milliseconds(500))) { [weak self] in self?.open() }
    }
    connection.connect()
  }

  private func look() {
    let now = NIODeadline.now()
    let isPressing = isDoubting || master?.isReady != true
    if isPressing || now - lastAsked > .seconds(10) { ask() }
  }

  private func ask() {
    guard let watch, watch.isReady, !isAsking else { return }
    isAsking = true
    isDoubting = false
    let now = NIODeadline.now()
    lastAsked = now
    watch.send(RedisCommand.encode(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", .text(name)]), by: now + .seconds(1)) { [weak self] result in
      guard let self else { return }
      isAsking = false
      switch result {
      case .success(let value):
        guard let parts = value.elements, parts.count == 2, let host = parts[0].text, let port = parts[1].integer else {
          reason = "the sentinels know no master \"\(name)\""
          // Another sentinel may know.
          watch.close(because: reason)
          return onChange()
        }
        follow(RedisAddress.Endpoint(host: host, port: port))
      case .failure: break
      }
    }
    watch.flush()
  }

  private func follow(_ endpoint: RedisAddress.Endpoint) {
    guard !isStopped, master?.endpoint != endpoint else { return }
    master?.stop()
    let node = makeNode(endpoint)
    node.onChange = { [weak self] in self?.onChange() }
    master = node
    node.start()
    onChange()
  }
}
