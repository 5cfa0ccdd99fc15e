import NIOCore
import NIOHPACK
import NIOHTTP1
import NIOHTTP2

/// Finds out from the first bytes whether a connection speaks HTTP/2 or HTTP/1.1.
final class ProtocolChooser: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer

  private let desk: OperationDesk
  private var received: ByteBuffer?

  init(_ desk: OperationDesk) { self.desk = desk }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    if var earlier = received {
      earlier.writeBuffer(&buffer)
      buffer = earlier
    }
    received = buffer
    // "PRI" begins the preface of HTTP/2, and no method of HTTP/1.1.
    guard let start = buffer.getBytes(at: buffer.readerIndex, length: 3) else { return }
    do {
      if start == Array("PRI".utf8) { try speakHTTP2(context) } else { try speakHTTP1(context) }
    } catch {
      context.close(promise: nil)
      return
    }
    received = nil
    context.fireChannelRead(wrapInboundOut(buffer))
    context.fireChannelReadComplete()
    context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
  }

  typealias InboundOut = ByteBuffer

  private func speakHTTP2(_ context: ChannelHandlerContext) throws {
    let management = NIOHTTP2ServerConnectionManagementHandler(
      eventLoop: context.eventLoop,
      configuration: .init(
        maxIdleTime: nil, maxAge: nil, maxGraceTime: .seconds(60), keepalive: .init(pingInterval: .seconds(30), ackTimeout: .seconds(10))))
    let desk = desk
    _ = try context.pipeline.syncOperations.configureHTTP2Pipeline(
      mode: .server, connectionConfiguration: HTTP2Terms.connection, streamConfiguration: HTTP2Terms.stream,
      streamDelegate: management.http2StreamDelegate
    ) { stream in
      stream.eventLoop.makeCompletedFuture { try stream.pipeline.syncOperations.addHandler(AnswerStream(desk)) }
    }
    try context.pipeline.syncOperations.addHandler(management)
  }

  private func speakHTTP1(_ context: ChannelHandlerContext) throws {
    try context.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: true)
    try context.pipeline.syncOperations.addHandler(ProbeAnswer(desk))
  }
}

/// One operation from elsewhere on its stream.
private final class AnswerStream: ChannelInboundHandler {
  typealias InboundIn = HTTP2Frame.FramePayload
  typealias OutboundOut = HTTP2Frame.FramePayload

  private static let longestBody = 64 << 20
  private let desk: OperationDesk
  private var headers: HPACKHeaders?
  private var body: [UInt8] = []

  init(_ desk: OperationDesk) { self.desk = desk }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .headers(let part):
      if headers == nil { headers = part.headers }
      if part.endStream { answer(context) }
    case .data(let part):
      if case .byteBuffer(let buffer) = part.data { buffer.withUnsafeReadableBytes { body.append(contentsOf: $0) } }
      if body.count > Self.longestBody {
        context.close(promise: nil)
      } else if part.endStream {
        answer(context)
      }
    default: break
    }
  }

  private func answer(_ context: ChannelHandlerContext) {
    guard let headers else { return context.close(promise: nil) }
    let (desk, body, channel) = (desk, body, context.channel)
    self.body = []
    Task {
      let form = await desk.answer(headers, body)
      var head = HPACKHeaders()
      head.add(name: ":status", value: String(form.status))
      for (name, value) in form.headers { head.add(name: name, value: value) }
      let bytes = form.body
      let response = head
      channel.eventLoop.execute {
        channel.write(HTTP2Frame.FramePayload.headers(.init(headers: response, endStream: bytes.isEmpty)), promise: nil)
        if !bytes.isEmpty {
          let buffer = channel.allocator.buffer(bytes: bytes)
          channel.write(HTTP2Frame.FramePayload.data(.init(data: .byteBuffer(buffer), endStream: true)), promise: nil)
        }
        channel.flush()
      }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

/// Answers the probes of a load balancer or container over HTTP/1.1, one for each connection.
private final class ProbeAnswer: ChannelInboundHandler {
  typealias InboundIn = HTTPServerRequestPart
  typealias OutboundOut = HTTPServerResponsePart

  private let desk: OperationDesk
  private var head: HTTPRequestHead?

  init(_ desk: OperationDesk) { self.desk = desk }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head(let head): self.head = head
    case .body: break
    case .end:
      guard let head else { return }
      let (desk, channel) = (desk, context.channel)
      // Operations are taken over HTTP/2 only.
      let path = head.method == .GET || head.method == .HEAD ? head.uri : ""
      Task {
        let form = await desk.about(path)
        channel.eventLoop.execute {
          var headers = HTTPHeaders(form.headers.map { ($0.name, $0.value) })
          headers.add(name: "content-length", value: String(form.body.count))
          headers.add(name: "connection", value: "close")
          let status = HTTPResponseStatus(statusCode: form.status)
          channel.write(HTTPServerResponsePart.head(.init(version: .http1_1, status: status, headers: headers)), promise: nil)
          if head.method != .HEAD {
            channel.write(HTTPServerResponsePart.body(.byteBuffer(channel.allocator.buffer(bytes: form.body))), promise: nil)
          }
          channel.writeAndFlush(HTTPServerResponsePart.end(nil)).whenComplete { _ in channel.close(promise: nil) }
        }
      }
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
