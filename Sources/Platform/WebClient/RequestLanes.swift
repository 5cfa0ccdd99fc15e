import NIOConcurrencyHelpers
import NIOCore
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
  ///   - pace: from one request of a lane to its next, the lanes one after the other; what an answer keeps waiting counts as its own
  ///     time, so that a slow server does not look quick by being asked less. Nothing: as fast as the answers come.
  ///   - keepsBody: whether answers carry their bodies; reading them costs the generator.
  ///   - next: the next request of a lane; called on the lane's event loop, as is `done`.
  /// - Throws: `NoAnswer` when a connection cannot be made or is lost.
  public static func run(
    _ client: WebClient, lanes: Int, pace: Duration? = nil, keepsBody: Bool = false, next: @escaping @Sendable (Int) -> Request?,
    done: @escaping @Sendable (Answer) -> Void
  ) async throws {
    let address = client.address
    let bootstrap = ClientBootstrap(group: client.group).channelOption(.tcpOption(.tcp_nodelay), value: 1)
    var ends: [EventLoopFuture<Void>] = []
    let start = ContinuousClock.now
    do {
      for lane in 0..<lanes {
        let end = client.group.next().makePromise(of: Void.self)
        ends.append(end.futureResult)
        try await bootstrap.connect(host: address.host, port: address.port) { channel in
          channel.eventLoop.makeCompletedFuture {
            let turns = pace.map { Turns(next: start + $0 * lane / lanes, pause: $0) }
            try channel.pipeline.syncOperations.addHandler(Lane(lane, turns, keepsBody: keepsBody, next: next, done: done, end: end))
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

  /// When the requests of a lane are due.
  private struct Turns {
    var next: ContinuousClock.Instant
    let pause: Duration
  }

  /// One connection's loop; lives on its event loop.
  ///
  /// It reads answers by hand, for the generator's cost stands beside the server's on the same cores; only answers that name their
  /// length are understood.
  private final class Lane: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let lane: Int
    private var turns: Turns?
    private let keepsBody: Bool
    private let next: @Sendable (Int) -> Request?
    private let done: @Sendable (Answer) -> Void
    private let end: EventLoopPromise<Void>
    private var started = ContinuousClock.now
    /// Bytes of an answer that has not come whole.
    private var rest: ByteBuffer?
    private var isOver = false

    init(
      _ lane: Int, _ turns: Turns?, keepsBody: Bool, next: @escaping @Sendable (Int) -> Request?, done: @escaping @Sendable (Answer) -> Void,
      end: EventLoopPromise<Void>
    ) {
      self.lane = lane
      self.turns = turns
      self.keepsBody = keepsBody
      self.next = next
      self.done = done
      self.end = end
    }

    func channelActive(context: ChannelHandlerContext) { proceed(context) }

    /// Sends the next request, now or when it is due.
    private func proceed(_ context: ChannelHandlerContext) {
      guard let turn = turns else { return send(context, at: .now) }
      let due = turn.next
      turns?.next = due + turn.pause
      let left = ContinuousClock.now.duration(to: due)
      guard left > .zero else { return send(context, at: due) }
      context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(left)) { [self] in
        if context.channel.isActive { send(context, at: due) }
      }
    }

    private func send(_ context: ChannelHandlerContext, at moment: ContinuousClock.Instant) {
      guard let request = next(lane) else {
        isOver = true
        context.close(promise: nil)
        return
      }
      started = moment
      context.writeAndFlush(wrapOutboundOut(request.bytes), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      var bytes = unwrapInboundIn(data)
      if var rest {
        self.rest = nil
        rest.writeBuffer(&bytes)
        bytes = rest
      }
      guard let head = bytes.withUnsafeReadableBytes(Head.init) else {
        rest = bytes
        return
      }
      guard head.length >= 0 else {
        fail(context, "an answer names no length, which this generator needs")
        return
      }
      guard bytes.readableBytes >= head.count + head.length else {
        rest = bytes
        return
      }
      let taken = started.duration(to: .now).components
      let body = keepsBody ? bytes.getBytes(at: bytes.readerIndex + head.count, length: head.length) ?? [] : []
      done(
        Answer(
          lane: lane, status: head.status, nanoseconds: Int(taken.seconds) * 1_000_000_000 + Int(taken.attoseconds / 1_000_000_000), body: body))
      proceed(context)
    }

    private func fail(_ context: ChannelHandlerContext, _ reason: String) {
      isOver = true
      end.fail(NoAnswer(request: "load", reason: reason))
      context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
      if isOver { end.succeed() } else { end.fail(NoAnswer(request: "load", reason: "the server closed connection \(lane)")) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(context, "\(error)") }
  }

  /// What the lines before an answer's body say.
  private struct Head {
    var status = 0
    /// Of the body; -1 when it is not told.
    var length = -1
    /// Of the head itself.
    var count = 0

    /// - Returns: `nil` while the head has not come whole.
    init?(_ bytes: UnsafeRawBufferPointer) {
      var at = 0
      var isFirst = true
      while let end = bytes[at...].firstIndex(of: 0x0A) {
        let line = bytes[at..<end]
        at = end + 1
        if line.count <= 1 {
          count = at
          return
        }
        if isFirst {
          isFirst = false
          if line.count >= 12 { status = line.dropFirst(9).prefix(3).reduce(0) { $0 * 10 + Int($1 &- 48) } }
        } else if Self.names(line) {
          length = line.dropFirst(15).filter { 0x30...0x39 ~= $0 }.reduce(0) { $0 * 10 + Int($1 - 48) }
        }
      }
      return nil
    }

    private static let name = Array("content-length:".utf8)
    private static func names(_ line: Slice<UnsafeRawBufferPointer>) -> Bool {
      line.count > name.count && zip(line, name).allSatisfy { $0 | 0x20 == $1 || $0 == $1 }
    }
  }
}
