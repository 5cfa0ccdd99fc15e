import Discovery
import Kernel
import NIOCore
import NIOHPACK
import NIOHTTP2
import NIOPosix
import Synchronization

/// One HTTP/2 connection to another process; many calls share it.
final class PeerConnection: Sendable {
  /// What a stream brought back.
  struct Response: Sendable {
    var headers: HPACKHeaders
    var body: [UInt8]
  }

  private let channel: any Channel
  private let multiplexer: NIOHTTP2Handler.StreamMultiplexer
  private let state: Standing

  /// Whether new calls may be sent on it.
  final class Standing: Sendable {
    let isUsable = Atomic(true)
  }

  private init(_ channel: any Channel, _ multiplexer: NIOHTTP2Handler.StreamMultiplexer, _ state: Standing) {
    self.channel = channel
    self.multiplexer = multiplexer
    self.state = state
  }

  var isUsable: Bool { state.isUsable.load(ordering: .acquiring) }

  /// Connects.
  static func open(_ address: PeerAddress, on loop: any EventLoop) -> EventLoopFuture<PeerConnection> {
    let state = Standing()
    let made = loop.makePromise(of: NIOHTTP2Handler.StreamMultiplexer.self)
    return ClientBootstrap(group: loop)
      .connectTimeout(.seconds(1))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let multiplexer = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: .client, connectionConfiguration: HTTP2Terms.connection, streamConfiguration: HTTP2Terms.stream
          ) { $0.close() }
          try channel.pipeline.syncOperations.addHandler(ConnectionWatch(state))
          made.succeed(multiplexer)
        }
      }
      .connect(host: address.host, port: address.port)
      .flatMap { channel in made.futureResult.map { PeerConnection(channel, $0, state) } }
      .flatMapErrorThrowing { error in
        made.fail(error)
        throw TransportFailure.refused("\(address): \(error)")
      }
  }

  /// Sends one request and waits for its response.
  ///
  /// - Throws: `TransportFailure`.
  func send(_ headers: HPACKHeaders, _ body: [UInt8], within limit: Duration) async throws -> Response {
    let loop = channel.eventLoop
    let promise = loop.makePromise(of: Response.self)
    loop.execute { [self] in
      // On the loop, so that a word of farewell that was read is heeded.
      guard isUsable else { return promise.fail(TransportFailure.turnedAway("it is going away")) }
      let opened = loop.makePromise(of: (any Channel).self)
      opened.futureResult.whenFailure { promise.fail(TransportFailure.turnedAway("no stream could be opened: \($0)")) }
      multiplexer.createStreamChannel(promise: opened) { stream in
        stream.eventLoop.makeCompletedFuture {
          try stream.pipeline.syncOperations.addHandler(CallStream(headers, body, within: limit, promise))
        }
      }
    }
    return try await promise.futureResult.get()
  }

  func close() { channel.close(promise: nil) }
}

/// What both ends agree on.
enum HTTP2Terms {
  static var connection: NIOHTTP2Handler.ConnectionConfiguration {
    var terms = NIOHTTP2Handler.ConnectionConfiguration()
    terms.initialSettings = [
      HTTP2Setting(parameter: .maxConcurrentStreams, value: 4096), HTTP2Setting(parameter: .maxHeaderListSize, value: 64 << 10),
      HTTP2Setting(parameter: .initialWindowSize, value: 1 << 20)
    ]
    terms.targetWindowSize = 4 << 20
    return terms
  }

  static var stream: NIOHTTP2Handler.StreamConfiguration {
    var terms = NIOHTTP2Handler.StreamConfiguration()
    terms.targetWindowSize = 1 << 20
    terms.outboundBufferSizeHighWatermark = 256 << 10
    terms.outboundBufferSizeLowWatermark = 64 << 10
    // Both ends are ours: calls that are given up are many only when everything is slow, and then closing would not help.
    terms.streamResetFrameRateLimit.maximumCount = 100_000
    terms.streamErrorRateLimit.maximumCount = 100_000
    return terms
  }
}

/// Notices that the other side says goodbye, or is gone.
private final class ConnectionWatch: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame
  private let state: PeerConnection.Standing

  init(_ state: PeerConnection.Standing) { self.state = state }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .goAway = unwrapInboundIn(data).payload { state.isUsable.store(false, ordering: .releasing) }
    context.fireChannelRead(data)
  }

  func channelInactive(context: ChannelHandlerContext) {
    state.isUsable.store(false, ordering: .releasing)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    state.isUsable.store(false, ordering: .releasing)
    context.close(promise: nil)
  }
}

/// One call on its stream.
private final class CallStream: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private let headers: HPACKHeaders
  private let body: [UInt8]
  private let limit: Duration
  private let promise: EventLoopPromise<PeerConnection.Response>
  private var response: HPACKHeaders?
  private var received: [UInt8] = []
  private var isSent = false
  private var timer: Scheduled<Void>?

  init(_ headers: HPACKHeaders, _ body: [UInt8], within limit: Duration, _ promise: EventLoopPromise<PeerConnection.Response>) {
    self.headers = headers
    self.body = body
    self.limit = limit
    self.promise = promise
  }

  func channelActive(context: ChannelHandlerContext) {
    guard !isSent else { return }
    isSent = true
    // Headers that cannot be written any more, for the other side has said goodbye, were not sent: nothing was begun.
    let begun = context.eventLoop.makePromise(of: Void.self)
    begun.futureResult.whenFailure { [promise] in promise.fail(TransportFailure.turnedAway("\($0)")) }
    context.write(wrapOutboundOut(.headers(.init(headers: headers, endStream: body.isEmpty))), promise: begun)
    if !body.isEmpty {
      let buffer = context.channel.allocator.buffer(bytes: body)
      context.write(wrapOutboundOut(.data(.init(data: .byteBuffer(buffer), endStream: true))), promise: nil)
    }
    context.flush()
    let channel = context.channel
    timer = context.eventLoop.scheduleTask(in: TimeAmount(limit)) { [promise, limit] in
      promise.fail(TransportFailure.lost("no answer within \(limit)"))
      channel.close(promise: nil)
    }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .headers(let part):
      // Trailers would come second; there are none.
      if response == nil { response = part.headers }
      if part.endStream { finish() }
    case .data(let part):
      if case .byteBuffer(let buffer) = part.data { buffer.withUnsafeReadableBytes { received.append(contentsOf: $0) } }
      if part.endStream { finish() }
    default: break
    }
  }

  private func finish() {
    timer?.cancel()
    guard let response else { return promise.fail(TransportFailure.lost("an answer without headers")) }
    promise.succeed(PeerConnection.Response(headers: response, body: received))
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    if let closed = error as? NIOHTTP2Errors.StreamClosed, closed.errorCode == .refusedStream {
      promise.fail(TransportFailure.turnedAway("it is going away"))
    } else {
      promise.fail(isSent ? TransportFailure.lost("\(error)") : .refused("\(error)"))
    }
    timer?.cancel()
    context.close(promise: nil)
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    promise.fail(isSent ? TransportFailure.lost("the connection was lost") : .refused("the connection was lost"))
  }
}
