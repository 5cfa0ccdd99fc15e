import HummingbirdCore
import Kernel
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import NIOTLS
public import Observability
public import ServiceKit
public import ServiceLifecycle
import Synchronization

/// HTTP/1.1 and WebSocket on one port; HTTP/2 too where TLS is spoken.
///
/// When told to stop it takes no new connections, finishes the requests in hand within `shutdownGrace`, tells sockets that it goes
/// away, and returns.
public struct WebServer: Service {
  private let configuration: WebServerConfiguration
  private let state: ServerState
  private let time: TimeSource
  private let onRunning: @Sendable (_ port: Int) async -> Void

  /// - Parameters:
  ///   - routes: the operations that have a URL.
  ///   - raw: what is answered by hand.
  ///   - authenticator: who asks, by token or cookie.
  ///   - onRunning: called once with the port, when connections are taken.
  public init(
    configuration: WebServerConfiguration, routes: RouteTable, raw: [RawRoute] = [], switchboard: Switchboard, time: TimeSource,
    ids: IdentifierSource, metrics: Observability.Metrics = .shared, authenticator: any Authenticating,
    sockets: (any SocketEndpoint)? = nil, onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
  ) {
    self.configuration = configuration
    self.time = time
    self.onRunning = onRunning
    let application = WebApplication(
      configuration, routes: routes, raw: raw, switchboard: switchboard, time: time, ids: ids, metrics: metrics, log: Log("web"),
      authenticator: authenticator)
    let state = ServerState(application, configuration, sockets)
    self.state = state
    metrics.gauge("http_connections_active", help: "Open connections, sockets among them") { Double(state.connections.load(ordering: .relaxed)) }
    metrics.gauge("websocket_connections_active", help: "Open sockets") { Double(state.openSockets.load(ordering: .relaxed)) }
    metrics.gauge("http_requests_in_hand", help: "Requests being answered") { Double(state.inHand.load(ordering: .relaxed)) }
  }

  /// Serves until the surrounding service group stops it.
  public func run() async throws {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.loops > 0 ? configuration.loops : System.coreCount)
    var places: [ObjectIdentifier: LoopPlace] = [:]
    for loop in group.makeIterator() { places[ObjectIdentifier(loop)] = LoopPlace(loop, time: time) }
    let all = Array(places.values)
    let logger = Logger(label: "web", factory: { LogBridge(label: $0) })
    let running = onRunning
    let server = Server(
      childChannelSetup: Connections(state: state, places: places),
      configuration: ServerConfiguration(address: .hostname(configuration.host, port: configuration.port), backlog: 4096),
      onServerRunning: { await running($0.localAddress?.port ?? 0) }, eventLoopGroup: group, logger: logger)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await server.run()) } catch { outcome = .failure(error) }
    await finish(all)
    // A handler that outlasts the grace may still come back to its loop, which must then be there.
    if all.allSatisfy({ $0.tasks.load(ordering: .relaxed) == 0 }) { try await group.shutdownGracefully() }
    try outcome.get()
  }

  /// Waits for the connections, which the server has told that it stops, and then ends those that are left.
  private func finish(_ places: [LoopPlace]) async {
    let end = ContinuousClock.now + configuration.shutdownGrace
    while state.connections.load(ordering: .relaxed) > 0, ContinuousClock.now < end, !Task.isCancelled {
      try? await Task.sleep(for: .milliseconds(5))
    }
    for place in places { await place.closeAll() }
  }
}

/// Sets up each accepted connection; from then on its handlers own it, and no task waits for it.
struct Connections: ServerChildChannel {
  struct Value: ServerChildChannelValue { let channel: any NIOCore.Channel }

  let state: ServerState
  let places: [ObjectIdentifier: LoopPlace]

  func setup(channel: any NIOCore.Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      let state = state
      guard let place = places[ObjectIdentifier(channel.eventLoop)] else { throw ChannelError.unknownLocalAddress }
      let count = state.connections.wrappingAdd(1, ordering: .relaxed).newValue
      channel.closeFuture.whenComplete { _ in state.connections.subtract(1, ordering: .relaxed) }
      if count > state.configuration.maximumConnections {
        channel.close(promise: nil)
        return Value(channel: channel)
      }
      try channel.syncOptions?.setOption(.tcpOption(.tcp_nodelay), value: 1)
      if let tls = state.configuration.tls { try negotiate(channel, place, tls) } else { try speakHTTP1(channel, place) }
      return Value(channel: channel)
    }
  }

  private func speakHTTP1(_ channel: any NIOCore.Channel, _ place: LoopPlace) throws {
    let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes))
    try channel.pipeline.syncOperations.addHandlers([decoder, ConnectionHandler(state, place)])
  }

  /// TLS first, and then what the client would rather speak; who does not finish the handshake is let go.
  private func negotiate(_ channel: any NIOCore.Channel, _ place: LoopPlace, _ tls: TLSIdentity) throws {
    let patience = channel.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(state.configuration.slowClientTimeout)) {
      channel.close(promise: nil)
    }
    let chooser = ApplicationProtocolNegotiationHandler { result, channel in
      patience.cancel()
      return channel.eventLoop.makeCompletedFuture {
        if case .negotiated("h2") = result { try speakHTTP2(channel, place) } else { try speakHTTP1(channel, place) }
      }
    }
    try channel.pipeline.syncOperations.addHandlers([NIOSSLServerHandler(context: tls.context), chooser])
  }

  private func speakHTTP2(_ channel: any NIOCore.Channel, _ place: LoopPlace) throws {
    let (state, peer) = (state, state.peer(of: channel))
    let management = NIOHTTP2ServerConnectionManagementHandler(
      eventLoop: channel.eventLoop,
      configuration: .init(
        maxIdleTime: TimeAmount(state.configuration.idleTimeout), maxAge: nil, maxGraceTime: TimeAmount(state.configuration.shutdownGrace),
        keepalive: nil))
    var terms = NIOHTTP2Handler.ConnectionConfiguration()
    terms.initialSettings = [
      HTTP2Setting(parameter: .maxConcurrentStreams, value: 100),
      // Above our own limit, so that longer headers get an answer that says so.
      HTTP2Setting(parameter: .maxHeaderListSize, value: 4 * state.configuration.maximumHeaderBytes)
    ]
    _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
      mode: .server, connectionConfiguration: terms, streamConfiguration: .init(), streamDelegate: management.http2StreamDelegate
    ) { stream in
      stream.eventLoop.makeCompletedFuture {
        try stream.pipeline.syncOperations.addHandlers([HTTP2FramePayloadToHTTP1ServerCodec(), StreamHandler(state, place, from: peer)])
      }
    }
    try channel.pipeline.syncOperations.addHandler(management)
  }

  func handle(value: Value, logger: Logger) async {}
}
