import DeliveryAPI
import Kernel
import Realtime
import ServiceKit
import WebServer
import Wire

/// One client's conversation at `/ws`; lives on the socket's event loop.
final class LiveSession: SocketSession {
  private unowned let socket: Socket
  private let endpoint: LiveEndpoint
  private let intake: PositionIntake
  private var caller: Caller
  /// The token to look at again, where the client came with one.
  private var bearer: String?
  private var channels: Set<String> = []
  /// Messages that wait for the one before to be answered.
  private var waiting: [ClientMessage] = []
  private var isBusy = false
  private var isOpen = true
  private var allowance: Double
  private var allowanceAt = ContinuousClock.now

  private static let maximumWaiting = 64
  private static let signInGrace = Duration.seconds(15)
  private static let secondLook = Duration.seconds(30)

  init(_ socket: Socket, _ endpoint: LiveEndpoint, _ intake: PositionIntake, caller: Caller, bearer: String?) {
    self.socket = socket
    self.endpoint = endpoint
    self.intake = intake
    self.caller = caller
    self.bearer = bearer
    allowance = Double(endpoint.settings.messagesPerSecond * 2)
    if caller.user == nil {
      socket.after(Self.signInGrace) { [weak self] in self?.requirePurpose() }
    } else {
      lookAgainLater()
    }
  }

  // MARK: Messages

  func received(_ text: UnsafeRawBufferPointer) {
    guard isOpen else { return }
    guard takeAllowance() else { socket.close(1008, "too many messages"); return }
    do throws(InvalidInput) {
      switch try ClientMessage.read(text) {
      case .positions(let positions): take(positions)
      case .ping: if !intake.putPing(socket) { socket.deliver(PositionIntake.pong) }
      case .unknown(let type): send(Problem(400, "unknown_type", "Messages of type \"\(type.prefix(40))\" are not known."))
      case let message: queue(message)
      }
    } catch { send(Problem(error)) }
  }

  /// The path of a courier's position: no task, no answer, unless it is wrong.
  private func take(_ positions: RecordPositions) {
    guard caller.user != nil else { send(Problem(Denial.notSignedIn)); return }
    guard intake.put(PositionIntake.Item(caller: caller, positions: positions, socket: socket)) else { return }
    let intake = intake
    socket.run(as: caller) {
      await intake.serve()
    } then: { _ in
    }
  }

  private func queue(_ message: ClientMessage) {
    guard waiting.count < Self.maximumWaiting else { socket.close(1008, "too many messages wait"); return }
    waiting.append(message)
    next()
  }

  private func next() {
    guard !isBusy, isOpen, !waiting.isEmpty else { return }
    switch waiting.removeFirst() {
    case .authenticate(let proof): authenticate(proof)
    case .subscribe(let subscription): subscribe(subscription)
    case .unsubscribe(let subscription):
      if channels.remove(subscription.channel) != nil { endpoint.channels.leave(subscription.channel, socket) }
      send("unsubscribed", subscription.channel)
      next()
    default: next()
    }
  }

  // MARK: Who it is

  private func authenticate(_ proof: Proof) {
    isBusy = true
    let authenticator = endpoint.authenticator
    socket.run(as: .anonymous) {
      await Self.caller(proof.accessToken, authenticator)
    } then: { [weak self] answer in
      guard let self, isOpen else { return }
      isBusy = false
      guard case .success(let found) = answer else {
        send(Problem(Unavailable("identity")))
        next()
        return
      }
      guard let known = found else {
        send(Problem(401, "not_signed_in", "The access token is not valid, or no longer."))
        next()
        return
      }
      // A socket belongs to one person: what another followed is not handed over.
      if let user = caller.user, user != known.user { leaveAll() }
      let isFirst = bearer == nil && caller.user == nil
      caller = known
      bearer = proof.accessToken
      send(#"{"type":"authenticated"}"#)
      if isFirst { lookAgainLater() }
      next()
    }
  }

  private static func caller(_ bearer: String, _ authenticator: any Authenticating) async -> Result<Caller?, Unavailable> {
    do throws(Unavailable) { return .success(try await authenticator.caller(bearer: bearer)) } catch { return .failure(error) }
  }

  /// Looks every half minute whether the session still lives; closes the socket of one that ended.
  private func lookAgainLater() {
    socket.after(Self.secondLook) { [weak self] in
      guard let self, isOpen else { return }
      guard let bearer else { lookAgainLater(); return }
      let authenticator = endpoint.authenticator
      socket.run(as: .anonymous) {
        await Self.caller(bearer, authenticator)
      } then: { [weak self] answer in
        guard let self, isOpen else { return }
        // A token handed in meanwhile decides instead of the old one.
        if case .success(nil) = answer, self.bearer == bearer { socket.close(4401, "the session ended"); return }
        lookAgainLater()
      }
    }
  }

  private func requirePurpose() {
    if isOpen, caller.user == nil, channels.isEmpty { socket.close(4401, "not signed in") }
  }

  // MARK: Channels

  private func subscribe(_ wish: Subscription) {
    if channels.contains(wish.channel) { join(wish); next(); return }
    guard channels.count < endpoint.settings.maximumSubscriptions else {
      send(Problem(429, "too_many_subscriptions", "A socket may follow \(endpoint.settings.maximumSubscriptions) channels."), wish.channel)
      next()
      return
    }
    isBusy = true
    let gate = endpoint.gate
    let caller = caller
    socket.run(as: caller) {
      await gate.verdict(on: wish.channel, for: caller)
    } then: { [weak self] verdict in
      guard let self, isOpen else { return }
      isBusy = false
      switch verdict {
      case .open: join(wish)
      case .hidden: send(Problem(404, "channel_unknown", "There is no such channel for you."), wish.channel)
      case .notSignedIn: send(Problem(Denial.notSignedIn), wish.channel)
      case .unavailable: send(Problem(Unavailable("ordering")), wish.channel)
      }
      next()
    }
  }

  private func join(_ wish: Subscription) {
    channels.insert(wish.channel)
    endpoint.channels.join(wish.channel, cursor: wish.cursor, socket) { joined, cursor in
      Channels.greeting(joined, wish.channel, cursor: cursor)
    }
  }

  private func leaveAll() {
    for channel in channels { endpoint.channels.leave(channel, socket) }
    channels = []
  }

  func closed() {
    isOpen = false
    waiting = []
    leaveAll()
  }

  // MARK: Sending

  private func send(_ frame: StaticString) { socket.deliver(Array(UnsafeBufferPointer(start: frame.utf8Start, count: frame.utf8CodeUnitCount))) }

  private func send(_ problem: Problem, _ channel: String? = nil) {
    socket.deliver(errorFrame(problem, channel: channel, correlationID: socket.correlationID))
  }

  private func send(_ type: StaticString, _ channel: String) {
    var writer = JSONWriter(capacity: 96)
    writer.raw(#"{"type":""#)
    writer.raw(type)
    writer.raw(#"","channel":"#)
    writer.string(channel)
    writer.raw("}")
    socket.deliver(writer.withBytes { Array($0) })
  }

  private func takeAllowance() -> Bool {
    let rate = Double(endpoint.settings.messagesPerSecond)
    if rate == 0 { return true }
    if allowance < 1 {
      let now = ContinuousClock.now
      allowance = min(2 * rate, allowance + allowanceAt.duration(to: now).seconds * rate)
      allowanceAt = now
    }
    allowance -= 1
    return allowance >= 0
  }
}

/// `{"type":"error","channel":…,"data":{problem}}`.
func errorFrame(_ problem: Problem, channel: String? = nil, correlationID: String) -> [UInt8] {
  var writer = JSONWriter(capacity: 384)
  writer.raw(#"{"type":"error","#)
  if let channel {
    writer.raw(#""channel":"#)
    writer.string(channel)
    writer.raw(",")
  }
  writer.raw(#""data":"#)
  problem.write(to: &writer, correlationID: correlationID)
  writer.raw("}")
  return writer.withBytes { Array($0) }
}
