import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOPosix

/// Connections that send one request after the other as fast as the answers come: what a load generator needs, at the
/// smallest cost for the client, with no task and no shared pool between request and answer.
public enum RequestLanes {
  /// One request, already in the bytes of HTTP/1.1.
  public struct Request: Sendable {
    let bytes: ByteBuffer

    /// - Parameter headers: beside host, length and content type.
    public init(_ verb: WebClient.Verb, _ path: String, at address: WebAddress, headers: [(String, String)] = [], body: [UInt8]? = nil) {
      var text = "\(verb.rawValue) \(path) HTTP/1.1\r\nhost: \(address.host):\(address.port)\r\n"
      for (name, value) in headers { text += "\(name): \(value)\r\n" }
      if let body { text += "content-type: application/json\r\ncontent-length: \(body.count)\r\n" }
      text += "\r\n"
      var buffer = ByteBuffer(string: text)
      if let body { buffer.writeBytes(body) }
      bytes = buffer
    }
  }

  /// One answer.
  public struct Answer: Sendable {
    public let lane: Int
    public let status: Int
    public let nanoseconds: Int
    public let body: [UInt8]
  }

  /// Sends what `next` gives on each of `lanes` connections until it gives nothing more on any.
  ///
  /// - Parameters:
  ///   - keepsBody: whether answers carry their bodies; reading them costs the generator.
  ///   - next: the next request of a lane; called on the lane's event loop, as is `done`.
  /// - Throws: `NoAnswer` when a connection cannot be made or is lost.
  public static func run(
    _ client: WebClient, lanes: Int, keepsBody: Bool = false, next: @escaping @Sendable (Int) -> Request?,
    done: @escaping @Sendable (Answer) -> Void
  ) async throws {
    let address = client.address
    let bootstrap = ClientBootstrap(group: client.group).channelOption(.tcpOption(.tcp_nodelay), value: 1)
    var ends: [EventLoopFuture<Void>] = []
    do {
      for lane in 0..<lanes {
        let end = client.group.next().makePromise(of: Void.self)
        ends.append(end.futureResult)
        try await bootstrap.connect(host: address.host, port: address.port) { channel in
          channel.eventLoop.makeCompletedFuture {
            let operations = channel.pipeline.syncOperations
            try operations.addHandler(ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)))
            try operations.addHandler(Lane(lane, keepsBody: keepsBody, next: next, done: done, end: end))
          }
        }
      }
      for end in ends { try await end.get() }
    } catch let error as NoAnswer {
      throw error
    } catch {
      throw NoAnswer(request: "load on \(address)", reason: "\(error)")
    }
  }

  /// One connection's loop; lives on its event loop.
  private final class Lane: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = ByteBuffer

    private let lane: Int
    private let keepsBody: Bool
    private let next: @Sendable (Int) -> Request?
    private let done: @Sendable (Answer) -> Void
    private let end: EventLoopPromise<Void>
    private var started = ContinuousClock.now
    private var status = 0
    private var body: [UInt8] = []
    private var isOver = false

    init(
      _ lane: Int, keepsBody: Bool, next: @escaping @Sendable (Int) -> Request?, done: @escaping @Sendable (Answer) -> Void,
      end: EventLoopPromise<Void>
    ) {
      self.lane = lane
      self.keepsBody = keepsBody
      self.next = next
      self.done = done
      self.end = end
    }

    func channelActive(context: ChannelHandlerContext) { send(context) }

    private func send(_ context: ChannelHandlerContext) {
      guard let request = next(lane) else {
        isOver = true
        context.close(promise: nil)
        return
      }
      started = .now
      context.writeAndFlush(wrapOutboundOut(request.bytes), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      switch unwrapInboundIn(data) {
      case .head(let head): status = Int(head.status.code)
      case .body(let part): if keepsBody { body.append(contentsOf: part.readableBytesView) }
      case .end:
        let taken = started.duration(to: .now).components
        done(Answer(lane: lane, status: status, nanoseconds: Int(taken.seconds) * 1_000_000_000 + Int(taken.attoseconds / 1_000_000_000), body: body))
        body.removeAll(keepingCapacity: true)
        send(context)
      }
    }

    func channelInactive(context: ChannelHandlerContext) {
      if isOver { end.succeed() } else { end.fail(NoAnswer(request: "load", reason: "the server closed connection \(lane)")) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
      end.fail(NoAnswer(request: "load", reason: "\(error)"))
      isOver = true
      context.close(promise: nil)
    }
  }
}
