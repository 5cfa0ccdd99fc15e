import Discovery
import Kernel
import NIOCore
import NIOPosix
import ServiceKit
import Synchronization
import TestKit
import Testing
import Wire

@testable import HTTPTransport

// MARK: Operations for tests

@Wire private struct Echo: ServiceKit.Operation {
  static let address = OperationAddress("echo", "echo")
  static let access = Access.signedIn
  static let repeatability = Repeatability.safe
  typealias Reply = Echoed
  typealias Refusal = EchoRefusal
  @Field(.length(1...100_000)) var text: String
}

@Wire private struct Echoed: Hashable, Sendable {
  var text: String
  var caller: Caller
  var correlation: String?
}

private enum EchoRefusal: String, WireEnum, Refusal {
  case tooLoud = "too_loud"
  var kind: RefusalKind { .ruled }
}

@Wire private struct ShoutOnce: ServiceKit.Operation {
  static let address = OperationAddress("echo", "shoutOnce")
  static let access = Access.internalOnly
  static let repeatability = Repeatability.once
}

/// Processes of one installation on loopback ports, made by hand.
private final class Town: Sendable {
  static let secret = "a-secret-of-the-tests-0123456789"
  let time: TimeSource
  let ids: IdentifierSource

  init() {
    time = .scaled(by: 1, from: Instant(milliseconds: 1_767_607_200_000))
    ids = IdentifierSource(time: time)
  }

  final class Echoing: Sendable {
    let server: OperationServer
    let shouts = Atomic<Int>(0)
    let port = Atomic<Int>(0)
    let pause: Mutex<Duration>

    init(_ town: Town, id: String, secret: String = Town.secret, pause: Duration = .zero) async throws {
      self.pause = Mutex(pause)
      let board = Switchboard()
      server = OperationServer(
        host: "127.0.0.1", port: 0, switchboard: board, identity: ServiceIdentity(secrets: [secret], time: town.time), time: town.time, loops: 1
      ) { PeerReport(status: .up, instance: id, services: ["echo"], version: "1") }
      board.host([
        Hosted(Echo.self) { [self] request in
          try await Task.sleep(for: self.pause.withLock { $0 })
          if request.text == "LOUD" { throw EchoRefusal.tooLoud }
          if request.text == "cookie" {
            CallContext.remarks?.setCookie("crumb", "a,b; c", maxAgeSeconds: 7)
            CallContext.remarks?.markReplay()
          }
          if request.text == "gone" { throw Unavailable("the disk is full", retryAfterSeconds: 9) }
          return Echoed(text: request.text, caller: Caller.current, correlation: CallContext.correlationID)
        },
        Hosted(ShoutOnce.self) { [self] _ in
          shouts.add(1, ordering: .relaxed)
          try await Task.sleep(for: self.pause.withLock { $0 })
          return Done()
        }
      ])
      let port = try await server.start { [id, "http://127.0.0.1:\($0)"] }
      self.port.store(port, ordering: .relaxed)
    }

    var entry: String { "echo=http://127.0.0.1:\(port.load(ordering: .relaxed))" }
  }

  /// A board that reaches the processes of a list.
  func board(_ list: String, secret: String = Town.secret) async throws -> (Switchboard, PeerTable) {
    let directory = Directory(
      try StaticRegistry(list), own: Instance(id: "asker", address: "", services: [], version: "1"), time: time)
    try await directory.open()
    let peers = PeerTable(directory, time: time, ids: ids, loops: 1)
    let caller = RemoteCaller(
      peers, identity: ServiceIdentity(secrets: [secret], time: time), sender: "asker", time: time, machineTime: time, ids: ids)
    return (Switchboard(remote: { try await caller.call($0) }), peers)
  }
}

private let customer = Caller(user: UserID("01991b1e-0000-7000-8000-000000000001"), roles: [.customer])

@Suite struct HTTPTransportTests {
  private let town = Town()

  private func ask(_ board: Switchboard, _ text: String, as caller: Caller = customer) async throws -> Echoed {
    try await Caller.$current.withValue(caller) {
      try await CallContext.$correlationID.withValue("c-1") { try await board.call(Echo(text: text)) }
    }
  }

  @Test func everyKindOfAnswerCrosses() async throws {
    let echo = try await Town.Echoing(town, id: "e1")
    let (board, peers) = try await town.board(echo.entry)
    let reply = try await ask(board, "hello")
    #expect(reply == Echoed(text: "hello", caller: customer, correlation: "c-1"))
    #expect(try await ask(board, String(repeating: "x", count: 90_000)).text.count == 90_000)
    await #expect(throws: CallFailure<EchoRefusal>.self) { try await ask(board, "LOUD") }
    do { _ = try await ask(board, "LOUD") } catch CallFailure<EchoRefusal>.refused(let refusal) { #expect(refusal == .tooLoud) }
    do { _ = try await ask(board, "") } catch CallFailure<EchoRefusal>.invalid(let faults) { #expect(faults.all.map(\.path) == ["text"]) }
    do { _ = try await ask(board, "hi", as: .anonymous) } catch CallFailure<EchoRefusal>.denied(let why) { #expect(why == .notSignedIn) }
    do { _ = try await ask(board, "gone") } catch CallFailure<EchoRefusal>.unavailable(let why) {
      #expect(why == Unavailable("the disk is full", retryAfterSeconds: 9))
    }
    await peers.close()
    await echo.server.stop(grace: .seconds(5))
  }

  @Test func remarksComeBackForTheEdge() async throws {
    let echo = try await Town.Echoing(town, id: "e1")
    let (board, peers) = try await town.board(echo.entry)
    let remarks = ReplyRemarks()
    _ = try await CallContext.$remarks.withValue(remarks) { try await ask(board, "cookie") }
    #expect(remarks.isReplay)
    #expect(remarks.cookies == [ReplyCookie(name: "crumb", value: "a,b; c", maxAgeSeconds: 7)])
    await peers.close()
    await echo.server.stop(grace: .seconds(5))
  }

  @Test func manyCallsShareConnections() async throws {
    let echo = try await Town.Echoing(town, id: "e1")
    let (board, peers) = try await town.board(echo.entry)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<500 {
        group.addTask {
          let text = try await ask(board, "n\(number)").text
          #expect(text == "n\(number)")
        }
      }
      try await group.waitForAll()
    }
    await peers.close()
    await echo.server.stop(grace: .seconds(5))
  }

  @Test func aCallWithAnotherSecretIsNotBelieved() async throws {
    let echo = try await Town.Echoing(town, id: "e1", secret: "another-secret-0123456789")
    let (board, peers) = try await town.board(echo.entry)
    await #expect(throws: CallFailure<Never>.self) {
      try await Caller.$current.withValue(.system) { try await board.call(ShoutOnce()) }
    }
    #expect(echo.shouts.load(ordering: .relaxed) == 0)
    await peers.close()
    await echo.server.stop(grace: .seconds(5))
  }

  @Test func whatWasNotBegunIsAskedOfAnother() async throws {
    let echo = try await Town.Echoing(town, id: "e1")
    // Nobody listens at the first: it is refused before anything is sent, even for what may be done only once.
    let (board, peers) = try await town.board("echo=http://127.0.0.1:1,\(echo.entry)")
    for _ in 0..<20 { _ = try await board.callAsSystem(ShoutOnce()) }
    #expect(echo.shouts.load(ordering: .relaxed) == 20)
    await peers.close()
    await echo.server.stop(grace: .seconds(5))
  }

  @Test func whatMayHaveBeenDoneOnceIsNotDoneTwice() async throws {
    let breaking = try await BreakingServer()
    let echo = try await Town.Echoing(town, id: "e1")
    let (board, peers) = try await town.board("echo=http://127.0.0.1:\(breaking.port),\(echo.entry)")
    var lost = 0
    // The one that breaks costs less, until its breaker opens: it is chosen when the other one is busy.
    echo.pause.withLock { $0 = .milliseconds(3) }
    for _ in 0..<20 {
      do { _ = try await board.callAsSystem(ShoutOnce()) } catch {
        lost += 1
        #expect("\(error)".contains("may have been done"))
      }
    }
    // Each was sent to one of the two, once.
    #expect(lost > 0 && lost + echo.shouts.load(ordering: .relaxed) == 20)
    // What may be repeated finds the one that answers, every time.
    for _ in 0..<20 { #expect(try await ask(board, "hi").text == "hi") }
    await peers.close()
    await breaking.stop()
    await echo.server.stop(grace: .seconds(5))
  }

  @Test func nobodyIsMissedFast() async throws {
    let (board, peers) = try await town.board("other=http://127.0.0.1:1,echo=http://127.0.0.1:1")
    let start = ContinuousClock.now
    for _ in 0..<10 {
      await #expect(throws: CallFailure<EchoRefusal>.self) { try await ask(board, "hi") }
    }
    // The first few try again with pauses; once the breaker is open, nothing waits.
    let tries = ContinuousClock.now - start
    let last = ContinuousClock.now
    for _ in 0..<10 {
      await #expect(throws: CallFailure<EchoRefusal>.self) { try await ask(board, "hi") }
    }
    #expect(ContinuousClock.now - last < tries)
    await peers.close()
  }

  @Test func noCallIsLostWhileInstancesStopAndStart() async throws {
    let first = try await Town.Echoing(town, id: "e1", pause: .milliseconds(2))
    let second = try await Town.Echoing(town, id: "e2", pause: .milliseconds(2))
    let (board, peers) = try await town.board("\(first.entry),\(second.entry)")
    let tally = Tally()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<16 {
        group.addTask {
          while !tally.isOver.load(ordering: .relaxed) {
            // Done once at most, and never lost: the one that stops says goodbye before it goes.
            _ = try await board.callAsSystem(ShoutOnce())
            tally.done.add(1, ordering: .relaxed)
          }
        }
      }
      group.addTask {
        try await eventually { tally.done.load(ordering: .relaxed) > 200 }
        await first.server.stop(grace: .seconds(10))
        let then = tally.done.load(ordering: .relaxed)
        try await eventually { tally.done.load(ordering: .relaxed) > then + 200 }
        tally.isOver.store(true, ordering: .relaxed)
      }
      try await group.waitForAll()
    }
    #expect(first.shouts.load(ordering: .relaxed) + second.shouts.load(ordering: .relaxed) == tally.done.load(ordering: .relaxed))
    #expect(first.shouts.load(ordering: .relaxed) > 50)
    await peers.close()
    await second.server.stop(grace: .seconds(5))
  }

  @Test func slowInstancesAreAvoided() async throws {
    let quick = try await Town.Echoing(town, id: "e1")
    let slow = try await Town.Echoing(town, id: "e2", pause: .milliseconds(300))
    let (board, peers) = try await town.board("\(quick.entry),\(slow.entry)")
    for _ in 0..<40 { _ = try await board.callAsSystem(ShoutOnce()) }
    #expect(quick.shouts.load(ordering: .relaxed) > 25)
    await peers.close()
    await quick.server.stop(grace: .seconds(5))
    await slow.server.stop(grace: .seconds(5))
  }

  // MARK: The proof

  private func sheet(_ time: ManualTime, change: (inout CallSheet) -> Void = { _ in }) -> CallSheet {
    var sheet = CallSheet(
      path: "/operations/echo.echo", caller: #"{"roles":["system"]}"#, correlation: "c", patience: 1000, sender: "a", target: "b",
      time: time.now.milliseconds, nonce: "1")
    change(&sheet)
    return sheet
  }

  @Test func aProofHoldsForOneCallOnly() {
    let time = ManualTime()
    let identity = ServiceIdentity(secrets: [Town.secret], time: time.source)
    let body = Array("{}".utf8)
    let original = sheet(time)
    let signature = identity.sign(original, body)
    let changes: [(inout CallSheet) -> Void] = [
      { $0.path = "/operations/echo.shoutOnce" }, { $0.caller = "{}" }, { $0.correlation = "d" }, { $0.patience = 1001 }, { $0.sender = "c" },
      { $0.target = "c" }, { $0.time += 1 }, { $0.nonce = "2" },
      // The same letters, cut elsewhere.
      {
        $0.sender = "ab"; $0.target = ""
      }
    ]
    for change in changes { #expect(identity.doubt(signature, of: sheet(time, change: change), body) != nil) }
    #expect(identity.doubt(signature, of: original, Array("{ }".utf8)) != nil)
    #expect(identity.doubt(String(signature.dropLast()), of: original, body) != nil)
    #expect(identity.doubt(signature, of: original, body) == nil)
    #expect(identity.doubt(signature, of: original, body) != nil, "a second time")
  }

  @Test func aProofGrowsOldAndIsNeverBelievedTwice() async {
    let time = ManualTime()
    let signer = ServiceIdentity(secrets: [Town.secret], time: time.source)
    let identity = ServiceIdentity(secrets: [Town.secret], time: time.source)
    let original = sheet(time)
    let signature = signer.sign(original, [])
    await time.advance(by: .seconds(9))
    #expect(identity.doubt(signature, of: original, []) == nil)
    for _ in 0..<60 {
      await time.advance(by: .seconds(1))
      #expect(identity.doubt(signature, of: original, []) != nil)
    }
    let late = sheet(time)
    let other = signer.sign(late, [])
    await time.advance(by: .seconds(11))
    #expect(identity.doubt(other, of: late, []) != nil)
  }

  @Test func aSecretIsReplacedWhileProcessesRun() {
    let time = ManualTime()
    let old = ServiceIdentity(secrets: ["the-old-secret-0123456789"], time: time.source)
    let both = ServiceIdentity(secrets: ["the-new-secret-0123456789", "the-old-secret-0123456789"], time: time.source)
    let new = ServiceIdentity(secrets: ["the-new-secret-0123456789"], time: time.source)
    let call = sheet(time)
    #expect(both.doubt(old.sign(call, []), of: call, []) == nil)
    #expect(new.doubt(both.sign(call, []), of: call, []) == nil)
    #expect(new.doubt(old.sign(call, []), of: call, []) != nil)
  }
}

private final class Tally: Sendable {
  let isOver = Atomic(false)
  let done = Atomic<Int>(0)
}

/// Takes a connection and lets it fall as soon as a call was sent.
private final class BreakingServer: Sendable {
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  private let channel: any Channel
  let port: Int

  init() async throws {
    channel = try await ServerBootstrap(group: group).childChannelInitializer { channel in
      channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Dropper()) }
    }.bind(host: "127.0.0.1", port: 0).get()
    port = channel.localAddress?.port ?? 0
  }

  func stop() async {
    try? await channel.close()
    try? await group.shutdownGracefully()
  }

  private final class Dropper: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    private var count = 0
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
      // The preface and settings are shorter: with more, a call has come.
      count += unwrapInboundIn(data).readableBytes
      if count > 200 { context.close(promise: nil) }
    }
  }
}
