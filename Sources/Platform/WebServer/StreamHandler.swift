import NIOCore
import NIOHTTP1
import ServiceKit

/// One request over HTTP/2, on a stream of its own: gathered, answered, ended.
final class StreamHandler: ChannelInboundHandler, Watched {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private enum Phase { case receiving, answering, done }

  private let state: ServerState
  private let place: LoopPlace
  private let peer: ClientAddress
  private var phase = Phase.receiving
  private var context: ChannelHandlerContext?
  private var incoming: IncomingRequest
  private var deadline = NIODeadline.distantFuture

  init(_ state: ServerState, _ place: LoopPlace, from peer: ClientAddress) {
    self.state = state
    self.place = place
    incoming = IncomingRequest(state.configuration)
    self.peer = peer
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

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard phase == .receiving else { return }
    switch unwrapInboundIn(data) {
    case .head(let head): if let problem = incoming.begin(head) { refuse(problem) }
    case .body(let bytes): if let problem = incoming.gather(bytes) { refuse(problem) }
    case .end: finish()
    }
  }

  private func finish() {
    guard let head = incoming.head else { return end() }
    phase = .answering
    deadline = .distantFuture
    let request = state.request(head, incoming, from: peer)
    if let problem = state.enter() { return write(problem, request) }
    let application = state.application
    if let response = application.answerAtOnce(request) { return write(response, request) }
    place.run({ await application.answer(request) }, then: { self.write($0, request) })
  }

  private func refuse(_ problem: Problem) {
    guard let head = incoming.head else { return end() }
    phase = .answering
    _ = state.enter()
    write(problem, state.request(head, incoming, from: peer))
  }

  private func write(_ problem: Problem, _ request: WebRequest) {
    write(state.application.response(to: problem, correlationID: request.correlationID), request)
  }

  private func write(_ response: WebResponse, _ request: WebRequest) {
    state.leave()
    guard phase == .answering, let context else { return }
    phase = .done
    deadline = .now() + TimeAmount(state.configuration.slowClientTimeout)
    let head = response.head(correlationID: request.correlationID, date: place.date(at: .now()), hasTLS: state.configuration.hasTLS)
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    if response.hasBody, request.head.method != .HEAD, !response.body.isEmpty {
      context.write(wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: response.body)))), promise: nil)
    }
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
  }

  // MARK: The end

  func look(at now: NIODeadline) { if now >= deadline { end() } }

  func end() {
    phase = .done
    context?.close(promise: nil)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { end() }
}
