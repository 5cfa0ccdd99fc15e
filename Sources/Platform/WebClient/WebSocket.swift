import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOWebSocket

/// One open WebSocket: text out by a call, text in by a callback on its event loop; no task is kept for it.
public final class WebSocket: Sendable {
  /// What happens at a socket, told on its event loop: return soon, and block on nothing.
  public struct Events: Sendable {
    /// A whole text message; its bytes are lent for the call.
    public var text: @Sendable (UnsafeRawBufferPointer) -> Void
    /// The other side answered a ping.
    public var pong: @Sendable () -> Void
    /// The socket is gone, with the close code that came, if any.
    public var closed: @Sendable (Int?) -> Void

    public init(
      text: @escaping @Sendable (UnsafeRawBufferPointer) -> Void, pong: @escaping @Sendable () -> Void = {},
      closed: @escaping @Sendable (Int?) -> Void = { _ in }
    ) {
      self.text = text
      self.pong = pong
      self.closed = closed
    }
  }

  private let channel: any Channel
  init(_ channel: any Channel) { self.channel = channel }

  /// Whether the socket takes more without queueing; what reads slowly makes this false.
  public var isWritable: Bool { channel.isWritable }
  public var isOpen: Bool { channel.isActive }

  /// Sends one text message.
  public func send(_ text: [UInt8]) { write(.text, channel.allocator.buffer(bytes: text)) }

  /// Queues one text message that goes out with the next `send` or `flush`.
  public func queue(_ text: [UInt8]) {
    channel.write(Self.frame(.text, channel.allocator.buffer(bytes: text)), promise: nil)
  }

  public func flush() { channel.flush() }

  /// Asks the other side for a sign of life, or for having read all that was sent before.
  public func ping() { write(.ping, channel.allocator.buffer(capacity: 0)) }

  /// Says goodbye and closes; `closed` follows.
  public func close() {
    var body = channel.allocator.buffer(capacity: 2)
    body.writeInteger(UInt16(1000))
    let channel = channel
    channel.writeAndFlush(Self.frame(.connectionClose, body)).whenComplete { _ in channel.close(promise: nil) }
  }

  /// Ends the connection without a goodbye, as a lost network does.
  public func drop() { channel.close(promise: nil) }

  private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer) {
    channel.writeAndFlush(Self.frame(opcode, data), promise: nil)
  }

  /// Clients mask (RFC 6455, 5.3).
  static func frame(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> WebSocketFrame {
    WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
  }
}

extension WebClient {
  private enum Outcome: Sendable { case open, refused }

  /// Opens a socket.
  ///
  /// - Parameters:
  ///   - token: the access token, sent as `Authorization`.
  ///   - from: the address of this machine to connect from, when one has not enough ports (some 28,000).
  public func socket(_ path: String = "/ws", token: String? = nil, from source: String? = nil, _ events: WebSocket.Events) async throws -> WebSocket {
    let address = address
    let handler = SocketFrames(events)
    var bootstrap = ClientBootstrap(group: group)
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .connectTimeout(.seconds(10))
    if let source { bootstrap = bootstrap.bind(to: try SocketAddress(ipAddress: source, port: 0)) }
    let upgraded: (any Channel, EventLoopFuture<Outcome>)
    do {
      upgraded = try await bootstrap.connect(host: address.host, port: address.port) { channel in
        channel.eventLoop.makeCompletedFuture {
          let upgrader = NIOTypedWebSocketClientUpgrader<Outcome>(maxFrameSize: 1 << 20) { channel, _ in
            channel.eventLoop.makeCompletedFuture {
              try channel.pipeline.syncOperations.addHandler(handler)
              return .open
            }
          }
          var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: path)
          head.headers.add(name: "host", value: "\(address.host):\(address.port)")
          if let token { head.headers.add(name: "authorization", value: "Bearer \(token)") }
          let upgrade = NIOTypedHTTPClientUpgradeConfiguration<Outcome>(upgradeRequestHead: head, upgraders: [upgrader]) { channel in
            channel.eventLoop.makeSucceededFuture(.refused)
          }
          var configuration = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: upgrade)
          configuration.leftOverBytesStrategy = .forwardBytes  // Frames may come in the same read as the 101.
          return (channel, try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: configuration))
        }
      }
      if case .refused = try await upgraded.1.get() {
        upgraded.0.close(promise: nil)
        throw NoAnswer(request: "GET \(address)\(path)", reason: "the server did not open a socket (is the access token valid?)")
      }
    } catch let error as NoAnswer {
      throw error
    } catch {
      throw NoAnswer(request: "GET \(address)\(path)", reason: "\(error)")
    }
    return WebSocket(upgraded.0)
  }
}

/// Turns frames into events, answers pings and goodbyes.
private final class SocketFrames: ChannelInboundHandler, Sendable {
  typealias InboundIn = WebSocketFrame
  typealias OutboundOut = WebSocketFrame

  private let events: WebSocket.Events
  private struct State {
    var partial: ByteBuffer?
    var code: Int?
  }
  private let state = NIOLockedValueBox(State())

  init(_ events: WebSocket.Events) { self.events = events }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let frame = unwrapInboundIn(data)
    switch frame.opcode {
    case .text, .binary, .continuation: take(frame)
    case .ping: context.writeAndFlush(wrapOutboundOut(WebSocket.frame(.pong, frame.unmaskedData)), promise: nil)
    case .pong: events.pong()
    case .connectionClose:
      var body = frame.unmaskedData
      let code: UInt16? = body.readInteger()
      state.withLockedValue { $0.code = code.map(Int.init) }
      let channel = context.channel
      var echo = channel.allocator.buffer(capacity: 2)
      echo.writeInteger(code ?? 1000)
      context.writeAndFlush(wrapOutboundOut(WebSocket.frame(.connectionClose, echo))).whenComplete { _ in channel.close(promise: nil) }
    default: context.close(promise: nil)
    }
  }

  private func take(_ frame: WebSocketFrame) {
    var data = frame.unmaskedData
    if frame.opcode == .continuation || !frame.fin {
      let whole = state.withLockedValue { state -> ByteBuffer? in
        state.partial = state.partial ?? ByteBuffer()
        state.partial?.writeBuffer(&data)
        guard frame.fin else { return nil }
        defer { state.partial = nil }
        return state.partial
      }
      guard let whole else { return }
      data = whole
    }
    data.withUnsafeReadableBytes(events.text)
  }

  func channelInactive(context: ChannelHandlerContext) {
    events.closed(state.withLockedValue { $0.code })
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
