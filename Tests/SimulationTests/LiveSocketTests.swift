import IdentityAPI
import Kernel
import Observability
import Realtime
import ServiceKit
import Synchronization
import TestKit
import Testing
import WebClient
import WebServer
import Wire

/// The clients of this package against the server of this package, on a real port.
@Suite struct LiveSocketTests {
  @Wire struct Wish {
    @Wire struct Subject {
      var channel: String
      var cursor: String?
    }
    var type: String
    var data: Subject?
  }

  @Wire struct Tick { var number: Int }

  /// Joins channels without asking who wants to.
  private struct Door: SocketEndpoint {
    let path = "/ws"
    let channels: Channels

    func open(_ socket: Socket, caller: Caller, bearer: String?) -> any SocketSession { Talk(socket: socket, channels: channels) }

    final class Talk: SocketSession {
      let socket: Socket
      let channels: Channels
      var joined: [String] = []

      init(socket: Socket, channels: Channels) {
        self.socket = socket
        self.channels = channels
      }

      func received(_ text: UnsafeRawBufferPointer) {
        guard let wish = try? decode(Wish.self, from: text), let subject = wish.data else { return }
        guard subject.channel != "order:hidden" else {
          socket.deliver(Array(#"{"type":"error","channel":"order:hidden","data":{"code":"channel_unknown"}}"#.utf8))
          return
        }
        joined.append(subject.channel)
        channels.join(subject.channel, cursor: subject.cursor, socket) { how, cursor in
          Array(#"{"type":"subscribed","channel":"\#(subject.channel)","cursor":"\#(cursor)","data":{"joined":"\#(how.rawValue)"}}"#.utf8)
        }
      }

      func closed() { for channel in joined { channels.leave(channel, socket) } }
    }
  }

  private struct Nobody: Authenticating {
    func caller(bearer token: String) async -> Caller? { token == "good" ? Caller(user: UserID(high: 1, low: 1), roles: [.customer]) : nil }
    func caller(cookie token: String) async -> Caller? { nil }
  }

  /// What a listener was told, in order.
  private final class Heard: Sendable {
    private let state = Mutex<[LiveSocket.Event]>([])
    func take(_ event: LiveSocket.Event) { state.withLock { $0.append(event) } }
    var numbers: [Int] {
      state.withLock {
        $0.compactMap { event in if case .frame(let frame) = event { (try? frame.data?.decoded(as: Tick.self))?.number } else { nil } }
      }
    }
    var joins: [String] { state.withLock { $0.compactMap { if case .joined(_, let how, _) = $0 { how } else { nil } } } }
    var losses: Int { state.withLock { $0.count { if case .lost = $0 { true } else { false } } } }
  }

  private func withServer(_ body: @escaping @Sendable (WebClient, Channels) async throws -> Void) async throws {
    let time = TimeSource.scaled(from: Instant(milliseconds: 1_767_607_200_000))
    let ids = IdentifierSource(time: time)
    let channels = Channels(epoch: "e1", time: time)
    var configuration = WebServerConfiguration()
    configuration.port = 0
    configuration.loops = 1
    let (ports, found) = AsyncStream.makeStream(of: Int.self)
    let server = WebServer(
      configuration: configuration, routes: RouteTable([]), switchboard: Switchboard(), time: time, ids: ids, metrics: Metrics(),
      authenticator: Nobody(), sockets: Door(channels: channels)
    ) { found.yield($0) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      guard let port = await ports.first(where: { _ in true }) else { return }
      let client = WebClient(WebAddress(port: port), timeoutSeconds: 5)
      do { try await body(client, channels) } catch {
        await client.shutdown()
        throw error
      }
      await client.shutdown()
      group.cancelAll()
      while await group.nextResult() != nil {}
    }
  }

  @Test func framesComeInOrder() async throws {
    try await withServer { client, channels in
      let heard = Heard()
      let live = try await LiveSocket.open(client, token: "good") { heard.take($0) }
      try await live.subscribe("order:1")
      #expect(heard.joins == ["fresh"])
      for number in 1...50 { channels.publish("tick", to: "order:1", Tick(number: number)) }
      try await eventually { heard.numbers.count == 50 }
      #expect(heard.numbers == Array(1...50))
      live.close()
    }
  }

  @Test func whatWasMissedWhileAwayComesOnceAndInOrder() async throws {
    try await withServer { client, channels in
      let heard = Heard()
      let live = try await LiveSocket.open(client, token: "good") { heard.take($0) }
      try await live.subscribe("order:1")
      var number = 0
      for round in 1...5 {
        live.drop()
        for _ in 0..<8 {
          number += 1
          channels.publish("tick", to: "order:1", Tick(number: number))
        }
        let sent = number
        // The answer to joining comes after what was missed: the next drop waits for both.
        try await eventually { heard.numbers.count >= sent && heard.joins.count == round + 1 }
      }
      #expect(heard.numbers == Array(1...40))
      #expect(heard.losses == 5)
      #expect(heard.joins == ["fresh"] + Array(repeating: "resumed", count: 5))
      live.close()
    }
  }

  @Test func aSubscriptionThatIsRefusedSaysSo() async throws {
    try await withServer { client, _ in
      let live = try await LiveSocket.open(client, token: "good") { _ in }
      let failure = await #expect(throws: NoAnswer.self) { try await live.subscribe("order:hidden") }
      #expect(failure?.reason.contains("channel_unknown") == true)
      live.close()
    }
  }

  @Test func aPathWithoutSocketsIsNoSocket() async throws {
    try await withServer { client, _ in
      await #expect(throws: NoAnswer.self) { _ = try await client.socket("/elsewhere", WebSocket.Events(text: { _ in })) }
    }
  }

  @Test func aProblemBecomesAnErrorWithItsCode() async throws {
    try await withServer { client, _ in
      let problem = await #expect(throws: WebProblem.self) { try await client.get("/nowhere", as: RawJSON.self) }
      #expect(problem?.status == 404)
      #expect(problem?.code.hasPrefix("http_") == false)
    }
  }

  @Test func nobodyThereIsNoAnswer() async throws {
    let client = WebClient(WebAddress(port: try await freeLoopbackPort()), timeoutSeconds: 2)
    await #expect(throws: NoAnswer.self) { try await client.get("/", as: RawJSON.self) }
    await client.shutdown()
  }

  @Test func lanesSendOneAfterTheOther() async throws {
    try await withServer { client, _ in
      let counts = Mutex((sent: 0, done: 0, bad: 0))
      let request = RequestLanes.Request(.get, "/nowhere", at: client.address)
      try await RequestLanes.run(client, lanes: 4) { _ in
        counts.withLock { counts in
          guard counts.sent < 100 else { return nil }
          counts.sent += 1
          return request
        }
      } done: { answer in
        counts.withLock { counts in
          counts.done += 1
          if answer.status != 404 { counts.bad += 1 }
        }
      }
      #expect(counts.withLock { $0.done } == 100)
      #expect(counts.withLock { $0.bad } == 0)
    }
  }
}
