import NIOCore

/// The masters of a cluster and the slots they have; looks again when something does not fit, and now and then.
final class ClusterTopology: Topology, @unchecked Sendable {
  private let loop: any EventLoop
  private let makeNode: (RedisAddress.Endpoint) -> Node
  private let seeds: [RedisAddress.Endpoint]
  private let deadline: TimeAmount
  private let onChange: () -> Void
  private var members: [RedisAddress.Endpoint: Node] = [:]
  /// Masters and replicas that were seen: any of them can be asked.
  private var known: [RedisAddress.Endpoint]
  private var owners: [RedisAddress.Endpoint] = []
  private var slots = [UInt16](repeating: .max, count: KeySlot.count)
  private var covered = 0
  private var isAsking = false
  private var isDoubting = false
  private var hasBegun = false
  private var isStopped = false
  private var asked = 0
  private var lastAsked = NIODeadline.uptimeNanoseconds(0)
  private var regular: RepeatedTask?
  private var reason = "not connected yet"

  /// How long between two looks at most, and at least.
  private static let regularly = TimeAmount.seconds(10)
  private static let atLeast = TimeAmount.milliseconds(100)

  init(
    seeds: [RedisAddress.Endpoint], deadline: Duration, on loop: any EventLoop, makeNode: @escaping (RedisAddress.Endpoint) -> Node,
    onChange: @escaping () -> Void
  ) {
    self.seeds = seeds
    self.loop = loop
    self.makeNode = makeNode
    self.deadline = .nanoseconds(deadline.nanoseconds)
    self.onChange = onChange
    known = seeds
  }

  var nodes: [Node] { Array(members.values) }

  var fault: String? {
    guard covered == KeySlot.count else { return reason }
    // At the start no command is taken before every master was tried: those that wait for one would come out of order.
    if !hasBegun, owners.contains(where: { members[$0]?.isFresh != false }) { return reason.isEmpty ? "connecting to its masters" : reason }
    hasBegun = true
    return members.values.contains(where: \.isReady) ? nil : members.values.first?.fault ?? reason
  }

  var listeningPost: RedisAddress.Endpoint? {
    // The same one for as long as it is up, whatever order a dictionary has.
    members.values.filter(\.isReady).map(\.endpoint).min { ($0.host, $0.port) < ($1.host, $1.port) }
  }

  func start() {
    for seed in seeds { _ = node(at: seed) }
    regular = loop.scheduleRepeatedTask(initialDelay: Self.atLeast, delay: Self.atLeast) { [weak self] _ in self?.look() }
  }

  func stop() {
    isStopped = true
    regular?.cancel()
    for node in members.values { node.stop() }
    members = [:]
  }

  func node(for slot: Int?) -> Node? {
    guard let slot else { return members.values.first(where: \.isReady) }
    let owner = slots[slot]
    return owner == .max ? nil : members[owners[Int(owner)]]
  }

  func node(at endpoint: RedisAddress.Endpoint) -> Node {
    if let node = members[endpoint] { return node }
    let node = makeNode(endpoint)
    node.onChange = { [weak self] in
      guard let self else { return }
      if members[endpoint]?.isReady != true || covered < KeySlot.count { doubt() }
      onChange()
    }
    members[endpoint] = node
    node.start()
    return node
  }

  func moved(_ slot: Int, to endpoint: RedisAddress.Endpoint) {
    _ = node(at: endpoint)
    assign(slot, endpoint)
    doubt()
  }

  func doubt() {
    isDoubting = true
    look()
  }

  private func assign(_ slot: Int, _ endpoint: RedisAddress.Endpoint) {
    let owner = owners.firstIndex(of: endpoint) ?? owners.endIndex
    if owner == owners.endIndex { owners.append(endpoint) }
    if slots[slot] == .max { covered += 1 }
    slots[slot] = UInt16(owner)
  }

  // MARK: Looking

  private func look() {
    let now = NIODeadline.now()
    guard !isAsking, !isStopped, now - lastAsked >= (isDoubting || covered < KeySlot.count ? Self.atLeast : Self.regularly) else { return }
    let ready = members.values.filter(\.isReady).sorted { ($0.endpoint.host, $0.endpoint.port) < ($1.endpoint.host, $1.endpoint.port) }
    guard !ready.isEmpty else {
      reason = members.values.first?.fault ?? reason
      // All known masters are gone: whoever was seen before may know more.
      if isDoubting { for endpoint in known + seeds { _ = node(at: endpoint) } }
      return
    }
    // In turn: one that was cut off from the others must not be the only witness.
    asked += 1
    guard let connection = ready[asked % ready.count].connection(lane: 0) else { return }
    isAsking = true
    isDoubting = false
    lastAsked = now
    let host = connection.endpoint.host
    connection.send(RedisCommand.encode(["CLUSTER", "SLOTS"]), by: now + deadline) { [weak self] result in
      guard let self else { return }
      isAsking = false
      switch result {
      case .success(.error(let words)):
        reason = words.contains("cluster support disabled") ? "it is no cluster; write redis://" : words
        onChange()
      case .success(let value): learn(value, host)
      case .failure: isDoubting = true
      }
    }
    connection.flush()
  }

  private func learn(_ value: RedisValue, _ host: String) {
    var owners: [RedisAddress.Endpoint] = []
    var slots = [UInt16](repeating: .max, count: KeySlot.count)
    var covered = 0
    var seen: [RedisAddress.Endpoint] = []
    for range in value.elements ?? [] {
      guard let parts = range.elements, parts.count >= 3, let first = parts[0].integer, let last = parts[1].integer,
        0 <= first, first <= last, last < KeySlot.count
      else { continue }
      let servers = parts[2...].compactMap { Self.endpoint($0, host) }
      guard let master = servers.first else { continue }
      seen += servers
      let owner = owners.firstIndex(of: master) ?? owners.endIndex
      if owner == owners.endIndex { owners.append(master) }
      for slot in first...last where slots[slot] == .max {
        slots[slot] = UInt16(owner)
        covered += 1
      }
    }
    guard covered > 0 else { reason = "the cluster has no slots yet"; return onChange() }
    // Slots without an owner stay as they were: their master is just failing over.
    for slot in slots.indices where slots[slot] == .max && self.slots[slot] != .max {
      let old = self.owners[Int(self.slots[slot])]
      let owner = owners.firstIndex(of: old) ?? owners.endIndex
      if owner == owners.endIndex { owners.append(old) }
      slots[slot] = UInt16(owner)
      covered += 1
    }
    (self.owners, self.slots, self.covered) = (owners, slots, covered)
    known = Array(seen.prefix(64))
    reason = covered == KeySlot.count ? "" : "\(KeySlot.count - covered) slots have no master"
    for owner in owners { _ = node(at: owner) }
    for (endpoint, node) in members where !owners.contains(endpoint) {
      members[endpoint] = nil
      node.stop()
    }
    onChange()
  }

  private static func endpoint(_ value: RedisValue, _ asked: String) -> RedisAddress.Endpoint? {
    guard let parts = value.elements, parts.count >= 2, let port = parts[1].integer, 1...65_535 ~= port else { return nil }
    let host = parts[0].text ?? ""
    return RedisAddress.Endpoint(host: host.isEmpty || host == "?" ? asked : host, port: port)
  }
}
