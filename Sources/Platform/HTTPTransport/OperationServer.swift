import Kernel
import NIOCore
import NIOHPACK
import NIOPosix
public import Observability
public import ServiceKit
import Synchronization
import Wire

/// Takes operations from other processes of the installation, on a port of its own that the public routes do not have.
///
/// It speaks HTTP/2 with prior knowledge; to HTTP/1.1 it tells how the process is (`GET /health`, `GET /metrics`), for probes.
public final class OperationServer: Sendable {
  /// What the server tells about its process.
  public typealias Report = @Sendable () async -> PeerReport

  private let host: String
  private let port: Int
  private let desk: OperationDesk
  private let group: MultiThreadedEventLoopGroup
  private let state = Mutex(State())
  private let log = Log("operations")
  /// Longer than the pause between two health checks, by which those learn of the end who did not call meanwhile.
  private static let quiet = Duration.milliseconds(1200)

  private struct State {
    var listener: (any Channel)?
    var connections: [ObjectIdentifier: any Channel] = [:]
  }

  /// - Parameters:
  ///   - time: the services'.
  public init(
    host: String, port: Int, switchboard: Switchboard, identity: ServiceIdentity, time: TimeSource, loops: Int,
    metrics: Metrics = .shared, report: @escaping Report
  ) {
    self.host = host
    self.port = port
    desk = OperationDesk(switchboard: switchboard, identity: identity, time: time, metrics: metrics, report: report)
    group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, loops))
  }

  /// Listens.
  ///
  /// - Parameter names: under which this process may be meant, by the port that it got: its id, and the address in others' lists.
  /// - Returns: the port, for a port of 0 becomes a free one.
  public func start(names: (Int) -> Set<String>) async throws -> Int {
    let listener = try await ServerBootstrap(group: group)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.backlog, value: 1024)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { [self] channel in
        channel.eventLoop.makeCompletedFuture {
          enter(channel)
          try channel.pipeline.syncOperations.addHandler(ProtocolChooser(desk))
        }
      }
      .bind(host: host, port: port).get()
    state.withLock { $0.listener = listener }
    let port = listener.localAddress?.port ?? port
    desk.own = names(port)
    return port
  }

  /// Turns away what is new, so that callers ask another instance; finishes what is in hand within the grace; lets go.
  ///
  /// Connections are closed only when they have been quiet for a while: a call that is just on its way would be lost with one.
  public func stop(grace: Duration) async {
    desk.stop()
    try? await state.withLock { $0.listener }?.close()
    let end = ContinuousClock.now + grace
    while desk.quietSince.map({ ContinuousClock.now - $0 < min(grace, Self.quiet) }) ?? true, ContinuousClock.now < end {
      try? await Task.sleep(for: .milliseconds(5))
    }
    if desk.inHand > 0 { log.warning("calls outlasted the grace", ["calls": desk.inHand]) }
    for channel in state.withLock({ Array($0.connections.values) }) { try? await channel.close() }
    // A handler that outlasts the grace may still come back to its loop, which must then be there.
    if desk.inHand == 0 { try? await group.shutdownGracefully() }
  }

  private func enter(_ channel: any Channel) {
    state.withLock { $0.connections[ObjectIdentifier(channel)] = channel }
    channel.closeFuture.whenComplete { [self] _ in state.withLock { _ = $0.connections.removeValue(forKey: ObjectIdentifier(channel)) } }
  }
}

/// Answers what comes in, knowing nothing of connections.
final class OperationDesk: Sendable {
  private let names = Mutex<Set<String>>([])
  private let switchboard: Switchboard
  private let identity: ServiceIdentity
  private let time: TimeSource
  private let metrics: Metrics
  private let refusals: Counter
  private let report: OperationServer.Report
  private let stopping = Atomic(false)
  private let calls = Mutex((inHand: 0, lastEnd: ContinuousClock.now))
  private let log = Log("operations")

  init(
    switchboard: Switchboard, identity: ServiceIdentity, time: TimeSource, metrics: Metrics, report: @escaping OperationServer.Report
  ) {
    self.switchboard = switchboard
    self.identity = identity
    self.time = time
    self.metrics = metrics
    self.report = report
    refusals = metrics.counter("remote_calls_refused_total", help: "Calls from elsewhere whose identity was not proven")
  }

  /// Under what this process may be meant.
  var own: Set<String> {
    get { names.withLock { $0 } }
    set { names.withLock { $0 = newValue } }
  }

  func stop() {
    calls.withLock { $0.lastEnd = .now }
    stopping.store(true, ordering: .releasing)
  }
  var isStopping: Bool { stopping.load(ordering: .acquiring) }
  /// Calls being answered.
  var inHand: Int { calls.withLock { $0.inHand } }
  /// When the last call ended; nil while one is in hand.
  var quietSince: ContinuousClock.Instant? { calls.withLock { $0.inHand == 0 ? $0.lastEnd : nil } }

  func answer(_ headers: HPACKHeaders, _ body: [UInt8]) async -> AnswerForm {
    let path = headers.first(name: ":path") ?? ""
    guard headers.first(name: ":method") == "POST" else { return await about(path) }
    calls.withLock { $0.inHand += 1 }
    defer { calls.withLock { $0 = ($0.inHand - 1, .now) } }
    if isStopping { return .turnedAway("it is stopping") }
    guard let address = CallSheet.address(of: path) else { return Self.plain(404, "there is nothing at this path") }
    guard let sheet = CallSheet(headers), let signature = headers.first(name: "tiffin-signature") else {
      return refuse(path, sender: headers.first(name: "tiffin-sender"), "it brings no proof of who sends it")
    }
    guard own.contains(sheet.target) else {
      return refuse(path, sender: sheet.sender, "it was meant for \(sheet.target); is cluster.address what the others' list says?")
    }
    if let doubt = identity.doubt(signature, of: sheet, body) { return refuse(path, sender: sheet.sender, "\(doubt)") }
    // Only now is anything believed that the call says.
    guard let caller = try? decode(Caller.self, from: Array(sheet.caller.utf8)) else { return Self.plain(400, "the caller is not understood") }
    guard switchboard.hosts(address) else { return .turnedAway("\(address) is not hosted here") }
    let remarks = ReplyRemarks()
    let answer = await CallContext.$correlationID.withValue(sheet.correlation.isEmpty ? nil : sheet.correlation) {
      await CallContext.$deadline.withValue(time.now + .milliseconds(sheet.patience)) {
        await CallContext.$remarks.withValue(remarks) { await switchboard.serve(address, body, as: caller) }
      }
    }
    return AnswerForm(answer, remarks: remarks)
  }

  /// What probes ask; it tells no secret, and needs no proof.
  func about(_ path: String) async -> AnswerForm {
    switch path {
    case "/health":
      var told = await report()
      if isStopping { told.status = .stopping }
      var form = Self.plain(told.status == .up ? 200 : 503, "")
      form.headers.append(("content-type", "application/json"))
      form.body = encode(told)
      return form
    case "/metrics":
      var form = Self.plain(200, metrics.prometheusText())
      form.headers.append(("content-type", "text/plain; version=0.0.4; charset=utf-8"))
      return form
    default: return Self.plain(404, "there is nothing at this path")
    }
  }

  private func refuse(_ path: String, sender: String?, _ why: String) -> AnswerForm {
    refusals.increment()
    log.warning("a call was not believed", ["path": path, "sender": sender ?? "", "reason": why])
    return Self.plain(401, why)
  }

  private static func plain(_ status: Int, _ text: String) -> AnswerForm {
    var form = AnswerForm(.failed(text))
    form.status = status
    form.headers = []
    form.body = Array(text.utf8)
    return form
  }
}
