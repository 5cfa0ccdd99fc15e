import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
public import Observability
import Synchronization

/// Commands to Redis: one server, a cluster, or what sentinels name.
///
/// Commands of all callers are pipelined over a few connections of one event loop. Each has a deadline; too many at once, or
/// none that could be answered, are refused at once. Connections come back by themselves.
public final class RedisClient: Sendable {
  /// How a command waits.
  public enum Patience: Sendable {
    /// Fails at once when the server is gone: for what has another way.
    case none
    /// Is sent again until its deadline while a server fails over or comes back: for what has none.
    case untilDeadline
  }

  /// One command on its way.
  private final class Job: @unchecked Sendable {  // Touched by its maker, then on the loop only.
    let command: RedisCommand
    let patience: Patience
    let deadline: NIODeadline
    let reply: @Sendable (Result<RedisValue, RedisFailure>) -> Void
    var attempts = 0
    /// Set by ASK: the one node to ask, with leave.
    var detour: RedisAddress.Endpoint?
    var isWhole = false
    var isRedirected = false

    init(
      _ command: RedisCommand, _ patience: Patience, _ deadline: NIODeadline, _ reply: @escaping @Sendable (Result<RedisValue, RedisFailure>) -> Void
    ) {
      self.command = command
      self.patience = patience
      self.deadline = deadline
      self.reply = reply
    }
  }

  private struct Inbox {
    var jobs: [Job] = []
    var isScheduled = false
  }

  /// Whether Redis can be asked, and if not why.
  public struct Health: Sendable, Hashable {
    public var isUp: Bool
    public var reason: String
  }

  public let address: RedisAddress
  let options: RedisOptions
  let group: MultiThreadedEventLoopGroup
  let loop: any EventLoop
  let setting: ConnectionSetting
  private let inbox = NIOLockedValueBox(Inbox())
  private let inFlight = Atomic<Int>(0)
  private let isUp = Atomic<Bool>(false)
  private let isClosed = Atomic<Bool>(false)
  private let health_ = NIOLockedValueBox(Health(isUp: false, reason: "not connected yet"))
  private let core: NIOLoopBoundBox<Core?>
  private let measures: RedisMeasures
  private let log = Log("redis")

  /// What lives on the loop.
  private final class Core {
    var topology: (any Topology)?
    var subscribers: [ObjectIdentifier: Subscriber] = [:]
    var waiters: [(limit: NIODeadline, promise: EventLoopPromise<Bool>)] = []
  }

  /// Connects in the background; see `isReady(within:)`.
  public init(_ address: RedisAddress, _ options: RedisOptions = RedisOptions(), metrics: Metrics = .shared) throws(RedisAddressFault) {
    self.address = address
    self.options = options
    setting = try ConnectionSetting(address, options)
    group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    loop = group.next()
    core = .makeBoxSendingValue(nil, eventLoop: loop)
    measures = RedisMeasures(metrics)
    measures.read(metrics, self)
    loop.execute { [self] in begin() }
  }

  // MARK: State

  public var health: Health { health_.withLockedValue { $0 } }
  /// Commands that wait for their answer.
  public var waiting: Int { inFlight.load(ordering: .relaxed) }

  /// Whether Redis could be asked within the time.
  public func isReady(within limit: Duration) async -> Bool {
    let promise = loop.makePromise(of: Bool.self)
    loop.execute { [self] in
      if isUp.load(ordering: .relaxed) { return promise.succeed(true) }
      guard let core = core.value else { return promise.succeed(false) }
      core.waiters.append((NIODeadline.now() + .nanoseconds(limit.nanoseconds), promise))
      loop.scheduleTask(in: .nanoseconds(limit.nanoseconds)) { [self] in promise.succeed(isUp.load(ordering: .relaxed)) }
    }
    return (try? await promise.futureResult.get()) ?? false
  }

  /// Ends all connections; what waits is told so.
  public func close() async {
    guard !isClosed.exchange(true, ordering: .sequentiallyConsistent) else { return }
    isUp.store(false, ordering: .relaxed)
    try? await loop.submit { [self] in
      for subscriber in (core.value?.subscribers.values).map(Array.init) ?? [] { subscriber.stop() }
      core.value?.topology?.stop()
      core.value = nil
    }.get()
    // What was handed over is answered before the loop goes.
    while inFlight.load(ordering: .sequentiallyConsistent) > 0 { try? await loop.scheduleTask(in: .milliseconds(5)) {}.futureResult.get() }
    try? await group.shutdownGracefully()
  }

  private func begin() {
    guard !isClosed.load(ordering: .relaxed) else { return }
    let core = Core()
    self.core.value = core
    let makeNode: (RedisAddress.Endpoint) -> Node = { [self] endpoint in
      let node = Node(endpoint, setting, options, on: loop)
      node.onReconnect = { [measures] in measures.reconnects.increment() }
      return node
    }
    switch address.kind {
    case .single:
      let node = makeNode(address.endpoints[0])
      node.onChange = { [weak self] in self?.changed() }
      core.topology = SingleTopology(node)
    case .cluster:
      core.topology = ClusterTopology(seeds: address.endpoints, deadline: options.deadline, on: loop, makeNode: makeNode) { [weak self] in
        self?.changed()
      }
    case .sentinel(let name):
      core.topology = SentinelTopology(name: name, sentinels: address.endpoints, setting, on: loop, makeNode: makeNode) { [weak self] in
        self?.changed()
      }
    }
    core.topology?.start()
  }

  /// Something came or went.
  private func changed() {
    guard let core = core.value, let topology = core.topology else { return }
    let fault = topology.fault
    let was = isUp.exchange(fault == nil, ordering: .relaxed)
    health_.withLockedValue { $0 = Health(isUp: fault == nil, reason: fault ?? "") }
    if fault == nil {
      for waiter in core.waiters { waiter.promise.succeed(true) }
      core.waiters = []
      if !was { log.info("Redis answers", ["address": address.description]) }
    } else if was {
      log.warning("Redis is gone", ["address": address.description, "reason": fault ?? ""])
    }
    for subscriber in core.subscribers.values { subscriber.follow(topology.listeningPost) }
  }

  // MARK: Commands

  /// Asks, and waits for the answer.
  public func send(_ command: RedisCommand, within limit: Duration? = nil, patience: Patience = .none) async throws(RedisFailure) -> RedisValue {
    let result: Result<RedisValue, RedisFailure> = await withCheckedContinuation { continuation in
      submit(command, within: limit, patience: patience) { continuation.resume(returning: $0) }
    }
    return try result.get()
  }

  /// Asks with words; see `RedisCommand`.
  public func send(
    _ words: RedisCommand.Argument..., key: String? = nil, isRepeatable: Bool = false, within limit: Duration? = nil, patience: Patience = .none
  ) async throws(RedisFailure) -> RedisValue {
    try await send(RedisCommand(words, key: key, isRepeatable: isRepeatable), within: limit, patience: patience)
  }

  /// Asks everything at once, and answers in the order of the commands.
  public func send(all commands: [RedisCommand], within limit: Duration? = nil, patience: Patience = .none) async -> [Result<
    RedisValue, RedisFailure
  >] {
    guard !commands.isEmpty else { return [] }
    return await withCheckedContinuation { continuation in
      let gathering = Gathering(commands.count) { continuation.resume(returning: $0) }
      for (index, command) in commands.enumerated() {
        submit(command, within: limit, patience: patience) { gathering.put($0, at: index) }
      }
    }
  }

  /// Hands a command over and tells the outcome on the client's event loop, in the order of the calls for commands of one key,
  /// whether they were answered or refused.
  public func submit(
    _ command: RedisCommand, within limit: Duration? = nil, patience: Patience = .none,
    reply: @escaping @Sendable (Result<RedisValue, RedisFailure>) -> Void
  ) {
    let deadline = NIODeadline.now() + .nanoseconds((limit ?? options.deadline).nanoseconds)
    if let refusal = refusal(patience) {
      measures.refused.increment()
      // The loop of a closed client runs nothing any more.
      if refusal == .closed { reply(.failure(refusal)) } else { loop.execute { reply(.failure(refusal)) } }
      return
    }
    let job = Job(command, patience, deadline, reply)
    let isFirst = inbox.withLockedValue { inbox in
      inbox.jobs.append(job)
      defer { inbox.isScheduled = true }
      return !inbox.isScheduled
    }
    if isFirst { loop.execute { self.drain() } }
  }

  private func refusal(_ patience: Patience) -> RedisFailure? {
    // Counted first: closing waits for whoever was counted before it, and nobody is counted after.
    let count = inFlight.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
    let refusal: RedisFailure? =
      if isClosed.load(ordering: .sequentiallyConsistent) {
        .closed
      } else if patience == .none, !isUp.load(ordering: .relaxed) {
        .down(health.reason)
      } else {
        count <= options.maximumInFlight ? nil : .full
      }
    if refusal != nil { inFlight.subtract(1, ordering: .relaxed) }
    return refusal
  }

  private func drain() {
    let jobs = inbox.withLockedValue { inbox in
      defer { inbox.jobs = []; inbox.isScheduled = false }
      return inbox.jobs
    }
    for job in jobs { dispatch(job) }
    for node in core.value?.topology?.nodes ?? [] { node.flush() }
  }

  private func dispatch(_ job: Job) {
    guard let topology = core.value?.topology else { return finish(job, .failure(.closed)) }
    guard NIODeadline.now() < job.deadline else { return finish(job, .failure(job.attempts == 0 ? .down("no server in time") : .timedOut)) }
    let node = job.detour.map { topology.node(at: $0) } ?? topology.node(for: job.command.slot)
    guard let node, let connection = node.connection(lane: job.command.slot ?? 0) else {
      if node?.isFresh != true { topology.doubt() }
      if job.patience == .untilDeadline || job.isRedirected || node?.isFresh == true { return again(job) }
      return finish(job, .failure(.down(node?.fault ?? topology.fault ?? "no server has the slot")))
    }
    if job.detour != nil { connection.send(RedisCommand.encode(["ASKING"]), by: job.deadline) { _ in } }
    let bytes = job.isWhole ? job.command.whole ?? job.command.encoded : job.command.encoded
    connection.send(bytes, by: job.deadline) { [self] in answered(job, $0) }
  }

  /// Tries again in a moment.
  private func again(_ job: Job) {
    job.attempts += 1
    let pause = TimeAmount.milliseconds(Int64(min(5 << min(job.attempts, 5), 100)))
    guard NIODeadline.now() + pause < job.deadline else { return finish(job, .failure(.timedOut)) }
    loop.scheduleTask(in: pause) { [self] in
      dispatch(job)
      for node in core.value?.topology?.nodes ?? [] { node.flush() }
    }
  }

  private func answered(_ job: Job, _ result: Result<RedisValue, RedisFailure>) {
    switch result {
    case .success(.error(let words)): refused(job, words)
    case .success: finish(job, result)
    case .failure(.lost) where job.command.isRepeatable && job.patience == .untilDeadline:
      core.value?.topology?.doubt()
      again(job)
    case .failure(.down) where job.patience == .untilDeadline: again(job)
    case .failure: finish(job, result)
    }
  }

  private func refused(_ job: Job, _ words: String) {
    guard let topology = core.value?.topology else { return finish(job, .failure(.closed)) }
    let parts = words.split(separator: " ", maxSplits: 3)
    switch parts.first {
    case "MOVED" where parts.count >= 3:
      guard let slot = Int(parts[1]), 0..<KeySlot.count ~= slot, let endpoint = Self.endpoint(parts[2], topology.node(for: slot)) else { break }
      measures.redirects.increment()
      job.detour = nil
      job.isRedirected = true
      topology.moved(slot, to: endpoint)
      return redirect(job)
    case "ASK" where parts.count >= 3:
      guard let endpoint = Self.endpoint(parts[2], topology.node(for: job.command.slot)) else { break }
      measures.redirects.increment()
      job.detour = endpoint
      job.isRedirected = true
      return redirect(job)
    case "NOSCRIPT" where job.command.whole != nil && !job.isWhole:
      job.isWhole = true
      return redirect(job)
    case "TRYAGAIN":
      return again(job)
    case "CLUSTERDOWN", "LOADING", "MASTERDOWN", "READONLY", "NOREPLICAS", "NOGOODSLAVE":
      // The server did nothing: asking again, or another, is right for any command.
      job.detour = nil
      topology.doubt()
      if words.hasPrefix("READONLY"), case .sentinel = address.kind { topology.node(for: nil)?.reset(because: "it became a replica") }
      if job.patience == .untilDeadline { return again(job) }
    default: break
    }
    finish(job, .failure(.refused(words)))
  }

  private func redirect(_ job: Job) {
    job.attempts += 1
    guard job.attempts < 16 else { return finish(job, .failure(.refused("redirected in circles"))) }
    dispatch(job)
    for node in core.value?.topology?.nodes ?? [] { node.flush() }
  }

  private static func endpoint(_ text: Substring, _ from: Node?) -> RedisAddress.Endpoint? {
    guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]), 1...65_535 ~= port else { return nil }
    let host = text[..<colon]
    guard !host.isEmpty else { return from.map { RedisAddress.Endpoint(host: $0.endpoint.host, port: port) } }
    return RedisAddress.Endpoint(host: String(host), port: port)
  }

  private func finish(_ job: Job, _ result: Result<RedisValue, RedisFailure>) {
    inFlight.subtract(1, ordering: .relaxed)
    measures.note(result)
    job.reply(result)
  }

  // MARK: Listening

  /// Listens to channels until it is stopped; listens again after each loss.
  ///
  /// - Parameter events: called on the client's event loop, in order.
  public func subscribe(to channels: [String], _ events: RedisSubscription.Events) -> RedisSubscription {
    let subscription = RedisSubscription(self, channels, events)
    loop.execute { [self] in
      guard let core = core.value else { return }
      let subscriber = subscription.subscriber
      core.subscribers[ObjectIdentifier(subscriber)] = subscriber
      subscriber.follow(core.topology?.listeningPost)
    }
    return subscription
  }

  /// Runs on the client's event loop after a while, unless the client is closed before.
  public func after(_ pause: Duration, _ body: @escaping @Sendable () -> Void) {
    guard !isClosed.load(ordering: .relaxed) else { return }
    loop.scheduleTask(in: .nanoseconds(pause.nanoseconds), body)
  }

  func forget(_ subscriber: Subscriber) {
    loop.execute { [self] in
      core.value?.subscribers[ObjectIdentifier(subscriber)] = nil
      subscriber.stop()
    }
  }

  var listeningPost: RedisAddress.Endpoint? { core.value?.topology?.listeningPost }
}

/// Waits for all of several answers.
private final class Gathering: Sendable {
  private struct State {
    var results: [Result<RedisValue, RedisFailure>]
    var missing: Int
  }

  private let state: NIOLockedValueBox<State>
  private let done: @Sendable ([Result<RedisValue, RedisFailure>]) -> Void

  init(_ count: Int, _ done: @escaping @Sendable ([Result<RedisValue, RedisFailure>]) -> Void) {
    state = NIOLockedValueBox(State(results: Array(repeating: .failure(.lost), count: count), missing: count))
    self.done = done
  }

  func put(_ result: Result<RedisValue, RedisFailure>, at index: Int) {
    let all = state.withLockedValue { state -> [Result<RedisValue, RedisFailure>]? in
      state.results[index] = result
      state.missing -= 1
      return state.missing == 0 ? state.results : nil
    }
    if let all { done(all) }
  }
}
