import Foundation
import NIOCore
import NIOPosix
import NIOSSL

/// Takes the outcome of a command, on the client's event loop.
typealias RedisReply = (Result<RedisValue, RedisFailure>) -> Void

/// One connection: commands go out in order, answers come back in order.
///
/// Lives on one event loop: made, asked and told there only.
final class Connection: @unchecked Sendable {
  private struct Pending {
    let deadline: NIODeadline
    let since: NIODeadline
    /// Gone once the deadline has passed; the answer is still to come.
    var reply: RedisReply?
  }

  private enum State { case idle, connecting, ready, closed }

  let endpoint: RedisAddress.Endpoint
  private let loop: any EventLoop
  private let setting: ConnectionSetting
  private var state = State.idle
  private var channel: (any Channel)?
  private var parser = RESPParser()
  private var outgoing = ByteBuffer()
  private var pending = CircularBuffer<Pending>()
  private var earliest = NIODeadline.distantFuture
  private var lastHeard = NIODeadline.now()
  private var watch: RepeatedTask?
  private(set) var fault = "never connected"

  /// Answers that nobody asked for.
  var onPush: ([RedisValue]) -> Void = { _ in }
  var onReady: () -> Void = {}
  /// Called once, after what waited was told that it is lost.
  var onClosed: () -> Void = {}

  init(_ endpoint: RedisAddress.Endpoint, _ setting: ConnectionSetting, on loop: any EventLoop) {
    self.endpoint = endpoint
    self.setting = setting
    self.loop = loop
  }

  var isReady: Bool { state == .ready }
  var isClosed: Bool { state == .closed }

  // MARK: Connecting

  func connect() {
    guard state == .idle else { return }
    state = .connecting
    let handler = ConnectionHandler(self)
    let setting = setting
    let host = endpoint.host
    let bootstrap = ClientBootstrap(group: loop).connectTimeout(.nanoseconds(Int64(setting.connectTimeout.nanoseconds)))
      .channelOption(.tcpOption(.tcp_nodelay), value: 1)
      .channelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          if let context = setting.tls { try channel.pipeline.syncOperations.addHandler(Self.tlsHandler(context, host)) }
          try channel.pipeline.syncOperations.addHandler(handler)
        }
      }
    bootstrap.connect(host: host, port: endpoint.port).whenComplete { result in
      switch result {
      case .success(let channel): self.opened(channel)
      case .failure(let error): self.close(because: Self.words(for: error))
      }
    }
    watch = loop.scheduleRepeatedTask(initialDelay: .milliseconds(20), delay: .milliseconds(20)) { [weak self] _ in self?.look() }
  }

  private static func tlsHandler(_ context: NIOSSLContext, _ host: String) throws -> NIOSSLClientHandler {
    // The name of a server cannot be an address; a certificate for an address is then compared with where the connection goes.
    do { return try NIOSSLClientHandler(context: context, serverHostname: host) } catch {
      return try NIOSSLClientHandler(context: context, serverHostname: nil)
    }
  }

  fileprivate static func words(for error: any Error) -> String {
    let text = "\(error)"
    if text.contains("CERTIFICATE_VERIFY_FAILED") { return "its certificate is not trusted" }
    if let error = error as? NIOConnectionError {
      if error.connectionErrors.isEmpty { return "its name is not known" }
      return error.connectionErrors.first.map { words(for: $0.error) } ?? text
    }
    if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
    return text
  }

  private func opened(_ channel: any Channel) {
    guard state == .connecting else { channel.close(promise: nil); return }
    self.channel = channel
    lastHeard = .now()
    let limit = NIODeadline.now() + .nanoseconds(Int64(setting.connectTimeout.nanoseconds))
    var hello: [RedisCommand.Argument] = ["HELLO", "3"]
    if let password = setting.password { hello += ["AUTH", .text(setting.user ?? "default"), .text(password)] }
    hello += ["SETNAME", .text(setting.name)]
    put(RedisCommand.encode(hello), limit) { [weak self] result in
      guard let self else { return }
      switch result {
      case .success(.error(let words)): close(because: Self.advice(words))
      case .success: select(limit)
      case .failure(let failure): close(because: "\(failure)")
      }
    }
    flush()
  }

  private func select(_ limit: NIODeadline) {
    guard setting.database != 0 else { return ready() }
    put(RedisCommand.encode(["SELECT", .number(setting.database)]), limit) { [weak self] result in
      guard let self else { return }
      switch result {
      case .success(.error(let words)): close(because: words)
      case .success: ready()
      case .failure(let failure): close(because: "\(failure)")
      }
    }
    flush()
  }

  private static func advice(_ words: String) -> String {
    if words.hasPrefix("WRONGPASS") { return "the user or password is wrong" }
    if words.contains("NOAUTH") { return "it wants a password" }
    if words.hasPrefix("NOPROTO") || words.contains("unknown command") { return "it does not speak RESP3; Redis 6 or newer is needed" }
    return words
  }

  private func ready() {
    guard state == .connecting else { return }
    state = .ready
    fault = ""
    // Commands that follow need not wait for the answers: the server does them in order.
    let limit = NIODeadline.now() + .nanoseconds(setting.stall.nanoseconds)
    for script in setting.scripts { put(RedisCommand.encode(["SCRIPT", "LOAD", .text(script.text)]), limit) { _ in } }
    flush()
    onReady()
  }

  // MARK: Commands

  /// Takes a command; goes out with the next `flush`.
  func send(_ bytes: [UInt8], by deadline: NIODeadline, _ reply: @escaping RedisReply) {
    guard state == .ready else { return reply(.failure(.down(fault))) }
    put(bytes, deadline, reply)
  }

  /// Sends what has no answer of its own, such as SUBSCRIBE in RESP3.
  func sendUnanswered(_ bytes: [UInt8]) { if state == .ready { outgoing.writeBytes(bytes) } }

  private func put(_ bytes: [UInt8], _ deadline: NIODeadline, _ reply: @escaping RedisReply) {
    outgoing.writeBytes(bytes)
    pending.append(Pending(deadline: deadline, since: .now(), reply: reply))
    earliest = min(earliest, deadline)
  }

  func flush() {
    guard outgoing.readableBytes > 0, let channel else { return }
    let out = outgoing
    outgoing = ByteBuffer()
    channel.writeAndFlush(out, promise: nil)
  }

  func close(because reason: String) {
    guard state != .closed else { return }
    state = .closed
    fault = reason
    watch?.cancel()
    watch = nil
    channel?.close(promise: nil)
    let waiting = pending
    pending.removeAll()
    for one in waiting { one.reply?(.failure(.lost)) }
    let onClosed = onClosed
    self.onClosed = {}
    self.onReady = {}
    self.onPush = { _ in }
    onClosed()
  }

  // MARK: What comes

  fileprivate func received(_ part: inout ByteBuffer) {
    lastHeard = .now()
    parser.append(&part)
    do throws(RESPFault) {
      while state != .closed, let value = try parser.next() {
        if case .push(let elements) = value { onPush(elements); continue }
        guard let first = pending.popFirst() else { return close(because: "an answer to nothing") }
        first.reply?(.success(value))
      }
    } catch { close(because: "not the protocol of Redis: \(error)") }
    flush()
  }

  fileprivate func ended(_ reason: String) { close(because: reason) }

  // MARK: Watching

  private func look() {
    let now = NIODeadline.now()
    if let oldest = pending.first, now - oldest.since > .nanoseconds(Int64(setting.stall.nanoseconds)) {
      return close(because: "it hangs")
    }
    if now >= earliest { expire(now) }
    // A silent connection is asked now and then, so that a dead one is noticed before somebody needs it.
    if state == .ready, pending.isEmpty, now - lastHeard > .milliseconds(500) {
      put(RedisCommand.encode(["PING"]), .distantFuture) { _ in }
      flush()
    }
  }

  private func expire(_ now: NIODeadline) {
    var late: [RedisReply] = []
    earliest = .distantFuture
    for index in pending.indices {
      guard let reply = pending[index].reply else { continue }
      if pending[index].deadline <= now {
        late.append(reply)
        pending[index].reply = nil
      } else {
        earliest = min(earliest, pending[index].deadline)
      }
    }
    for reply in late { reply(.failure(.timedOut)) }
  }
}

/// What connections of one client share.
struct ConnectionSetting: Sendable {
  var user: String?
  var password: String?
  var database: Int
  var name: String
  var tls: NIOSSLContext?
  var scripts: [RedisScript]
  var connectTimeout: Duration
  var stall: Duration

  init(_ address: RedisAddress, _ options: RedisOptions) throws(RedisAddressFault) {
    user = address.user
    password = address.password
    database = address.database
    name = options.name
    connectTimeout = options.connectTimeout
    stall = options.stall
    scripts = options.scripts
    guard address.isTLS else { return }
    var tls = TLSConfiguration.makeClientConfiguration()
    if let file = options.trustFile {
      guard let certificates = try? NIOSSLCertificate.fromPEMFile(file) else {
        throw RedisAddressFault("needs the certificates in \(file), which cannot be read")
      }
      tls.trustRoots = .certificates(certificates)
    }
    do { self.tls = try NIOSSLContext(configuration: tls) } catch { throw RedisAddressFault("cannot be reached over TLS: \(error)") }
  }
}

/// Hands what comes to the connection.
private final class ConnectionHandler: ChannelInboundHandler, @unchecked Sendable {
  typealias InboundIn = ByteBuffer
  private weak var connection: Connection?
  private var reason = "it closed the connection"

  init(_ connection: Connection) { self.connection = connection }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var part = unwrapInboundIn(data)
    connection?.received(&part)
  }

  func channelInactive(context: ChannelHandlerContext) { connection?.ended(reason) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    reason = Connection.words(for: error)
    context.close(promise: nil)
  }
}

extension Duration {
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
