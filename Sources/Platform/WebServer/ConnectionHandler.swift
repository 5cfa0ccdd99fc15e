import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import Observability
import ServiceKit
import Wire

/// One HTTP/1.1 connection: gathers a request, has it answered, writes the response, then takes the next; or becomes a socket.
///
/// Lives on its event loop. No task waits for a connection; one runs while a request is in hand.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler, Watched {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private enum Phase { case idle, receiving, answering, closing }

  private let state: ServerState
  private let place: LoopPlace
  private var phase = Phase.idle
  private var context: ChannelHandlerContext?
  private var incoming: IncomingRequest
  /// Parts of requests that came before the response to an earlier one was written.
  private var waiting = CircularBuffer<HTTPServerRequestPart>()
  private static let mostWaiting = 8
  private var isReadWanted = false
  /// Whether `next` is at work further up: an answer at once comes while it hands over the request.
  private var isTaking = false
  private var isLast = false
  private var deadline = NIODeadline.distantFuture
  private var peer: ClientAddress?

  init(_ state: ServerState, _ place: LoopPlace) {
    self.state = state
    self.place = place
    incoming = IncomingRequest(state.configuration)
  }

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    deadline = .now() + TimeAmount(state.configuration.slowClientTimeout)
    place.watch(self)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    self.context = nil
    place.forget(self)
  }

  func channelInactive(context: ChannelHandlerContext) {
    phase = .closing
    place.forget(self)
    context.fireChannelInactive()
  }

  // MARK: Reading

  func read(context: ChannelHandlerContext) {
    // Reading on while a request is answered saves two turns of the selector for each; a client that sends ahead has to wait.
    if phase == .answering, waiting.count >= Self.mostWaiting { isReadWanted = true } else { context.read() }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    switch phase {
    case .idle, .receiving: take(part, context)
    case .answering: waiting.append(part)
    case .closing: break
    }
  }

  private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
    switch part {
    case .head(let head): begin(head, context)
    case .body(let bytes): gather(bytes, context)
    case .end: if phase == .receiving { finish(context) }
    }
  }

  private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
    phase = .receiving
    deadline = .now() + TimeAmount(state.configuration.slowClientTimeout)
    if let problem = incoming.begin(head) {
      refuse(problem, context)
    } else if incoming.headers.expectsContinue {
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }
  }

  private func gather(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
    guard phase == .receiving else { return }
    if let problem = incoming.gather(bytes) { refuse(problem, context) }
  }

  private func finish(_ context: ChannelHandlerContext) {
    guard let head = incoming.head else { return }
    if !head.isKeepAlive { isLast = true }
    phase = .answering
    deadline = .distantFuture
    let request = request(head)
    if incoming.headers.asksForUpgrade, let sockets = state.sockets, request.path == sockets.path {
      upgrade(request, sockets, context)
      return
    }
    if let problem = state.enter() {
      write(self.problem(problem, request), request)
      return
    }
    let application = state.application
    if let response = application.answerAtOnce(request) {
      write(response, request)
      return
    }
    place.run({ await application.answer(request) }, then: { self.write($0, request) })
  }

  private func request(_ head: HTTPRequestHead) -> WebRequest {
    let peer = self.peer ?? state.peer(of: context?.channel)
    self.peer = peer
    return state.request(head, incoming, from: peer)
  }

  private func problem(_ problem: Problem, _ request: WebRequest) -> WebResponse {
    state.application.response(to: problem, correlationID: request.correlationID)
  }

  /// Answers before the request was read to its end, and closes, for what follows cannot be trusted.
  private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
    guard let head = incoming.head else { return }
    isLast = true
    phase = .answering
    _ = state.enter()
    let request = request(head)
    write(self.problem(problem, request), request)
  }

  // MARK: Writing

  private func write(_ response: WebResponse, _ request: WebRequest) {
    state.leave()
    guard phase == .answering, let context else { return }
    var buffer = context.channel.allocator.buffer(capacity: response.body.count + 640)
    buffer.write(
      response, correlationID: request.correlationID, date: place.date(at: .now()), keepAlive: !isLast,
      isHead: request.head.method == .HEAD, hasTLS: state.configuration.hasTLS)
    incoming.clear()
    if isLast {
      phase = .closing
      deadline = .now() + TimeAmount(state.configuration.slowClientTimeout)
      let channel = context.channel
      // Half-closed first: closing with unread bytes would reset the connection and could take the response with it.
      context.writeAndFlush(wrapOutboundOut(buffer)).assumeIsolated().whenComplete { _ in channel.close(mode: .output, promise: nil) }
      deadline = .now() + .seconds(2)
      return
    }
    phase = .idle
    deadline = .now() + TimeAmount(state.configuration.idleTimeout)
    context.write(wrapOutboundOut(buffer), promise: nil)
    place.flushSoon(self)
    next(context)
  }

  func flush() { context?.flush() }

  /// Takes what came meanwhile, as long as the client takes what it is sent.
  private func next(_ context: ChannelHandlerContext) {
    if isTaking { return }
    isTaking = true
    defer { isTaking = false }
    while phase == .idle || phase == .receiving, context.channel.isWritable, let part = waiting.popFirst() { take(part, context) }
    if waiting.count < Self.mostWaiting, isReadWanted {
      isReadWanted = false
      context.read()
    } else if !context.channel.isWritable {
      deadline = .now() + TimeAmount(state.configuration.slowClientTimeout)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable, phase == .idle || phase == .receiving { next(context) }
    context.fireChannelWritabilityChanged()
  }

  // MARK: The end

  func look(at now: NIODeadline) { if now >= deadline { end() } }

  func end() {
    phase = .closing
    flush()
    context?.close(promise: nil)
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent:
      isLast = true
      if phase == .idle, waiting.isEmpty { end() }
    case ChannelEvent.inputClosed:
      isLast = true
      if phase == .idle || phase == .receiving || phase == .closing { end() }
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard phase == .idle || phase == .receiving, error is HTTPParserError else { end(); return }
    isLast = true
    let isOverflow = error as? HTTPParserError == .headerOverflow
    let problem =
      isOverflow ? Problem(431, "headers_too_large", "The headers are too long.") : Problem(400, "malformed_request", "This is not HTTP/1.1.")
    var buffer = context.channel.allocator.buffer(capacity: 640)
    let correlationID = state.application.correlationID(for: RequestHeaders(HTTPHeaders()))
    buffer.write(
      state.application.response(to: problem, correlationID: correlationID), correlationID: correlationID, date: place.date(at: .now()),
      keepAlive: false, isHead: false, hasTLS: state.configuration.hasTLS)
    phase = .closing
    deadline = .now() + .seconds(2)
    let channel = context.channel
    context.writeAndFlush(wrapOutboundOut(buffer)).assumeIsolated().whenComplete { _ in channel.close(promise: nil) }
  }

  // MARK: Becoming a socket

  private func upgrade(_ request: WebRequest, _ sockets: any SocketEndpoint, _ context: ChannelHandlerContext) {
    _ = state.enter()
    guard request.head.method == .GET, let key = request.header("sec-websocket-key"), request.header("sec-websocket-version") == "13" else {
      write(problem(Problem(400, "invalid_upgrade", "Only WebSocket version 13 is spoken here."), request), request)
      return
    }
    let application = state.application
    let work: @Sendable () async -> Result<Caller, Problem> = {
      do throws(Problem) { return .success(try await application.socketCaller(request)) } catch { return .failure(error) }
    }
    place.run(work, then: { self.open($0, key, request, sockets) })
  }

  private func open(_ caller: Result<Caller, Problem>, _ key: String, _ request: WebRequest, _ sockets: any SocketEndpoint) {
    guard phase == .answering, let context, !isLast else { state.leave(); end(); return }
    switch caller {
    case .failure(let reason): write(problem(reason, request), request)
    case .success(let caller):
      state.leave()
      let channel = context.channel
      let response =
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: \(webSocketAccept(key))\r\n"
        + "X-Correlation-ID: \(request.correlationID)\r\n\r\n"
      context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: response)), promise: nil)
      let socket = Socket(channel, place, correlationID: request.correlationID, bufferBytes: state.configuration.outgoingBufferBytes)
      let handler = SocketHandler(socket, state, place) { sockets.open($0, caller: caller, bearer: request.headers.bearer) }
      do {
        let pipeline = context.pipeline.syncOperations
        let decoder = try pipeline.context(handlerType: ByteToMessageHandler<HTTPRequestDecoder>.self)
        try pipeline.addHandler(handler, position: .after(self))
        pipeline.removeHandler(context: decoder, promise: nil)
        pipeline.removeHandler(self, promise: nil)
        channel.read()
      } catch {
        end()
      }
    }
  }
}

extension TimeAmount {
  init(_ duration: Duration) { self = .nanoseconds(Int64(duration.seconds * 1e9)) }
}
