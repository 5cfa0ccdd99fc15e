import Foundation
import Kernel
import Logging
import ServiceKit
import ServiceLifecycle
import Testing
import WebServer
import Wire

/// What a connection puts up with, and what it does not.
@Suite struct WebConnectionTests {
  private static let get = "GET /things/\(someThing)?limit=%d HTTP/1.1\r\nHost: localhost\r\n\r\n"

  @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
    try await withServer { port throws in
      let connection = try RawConnection(port: port)
      connection.send((1...50).map { String(format: Self.get, $0) }.joined())
      for number in 1...50 { #expect(try connection.response().field("count") == String(number)) }
    }
  }

  @Test func aRequestInPiecesIsWhole() async throws {
    try await withServer { port throws in
      let connection = try RawConnection(port: port)
      let request =
        "POST /things/\(someThing) HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        + "5\r\n{\"nam\r\n8\r\ne\":\"abc\"\r\n1\r\n}\r\n0\r\n\r\n"
      for byte in request.utf8 { connection.send([byte]) }
      #expect(try connection.response().field("name") == "abc")
    }
  }

  @Test func longBodiesAndHeadersAreRefused() async throws {
    try await withServer({
      $0.maximumBodyBytes = 1000; $0.maximumHeaderBytes = 2000
    }) { port throws in
      let long = try ask(port, "POST", "/things/\(someThing)", body: #"{"name":""# + String(repeating: "a", count: 2000) + #""}"#)
      #expect(long.status == 413)
      #expect(long["Connection"] == "close")
      let chunked = try RawConnection(port: port)
      chunked.send("POST /things/\(someThing) HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
      for _ in 0..<4 { chunked.send("1f4\r\n" + String(repeating: "a", count: 500) + "\r\n") }
      #expect(try chunked.response().status == 413)
      #expect(try ask(port, "GET", "/me", ["X-Long": String(repeating: "a", count: 3000)]).status == 431)
      #expect(try ask(port, "POST", "/things/\(someThing)", ["Expect": "100-continue"], body: #"{"name":"a"}"#).status == 100)
    }
  }

  @Test func whatIsNotHTTPIsToldSo() async throws {
    try await withServer { port throws in
      let connection = try RawConnection(port: port)
      connection.send("\u{16}\u{3}\u{1} hello\r\n\r\n")
      #expect(try connection.response().status == 400)
      #expect(try connection.fill() == false)
    }
  }

  @Test func slowAndSilentClientsAreCutOff() async throws {
    try await withServer({
      $0.slowClientTimeout = .seconds(1); $0.idleTimeout = .seconds(1)
    }) { port throws in
      let half = try RawConnection(port: port)
      half.send("GET /things/")
      let silent = try RawConnection(port: port)
      let idle = try RawConnection(port: port)
      idle.send(String(format: Self.get, 1))
      #expect(try idle.response().status == 200)
      for connection in [half, silent, idle] { while try connection.fill() {}; #expect(connection.isClosed) }
    }
  }

  @Test func aClientThatHasFinishedSendingGetsItsAnswer() async throws {
    try await withServer { port throws in
      let connection = try RawConnection(port: port)
      connection.send("POST /misbehave HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{\"how\":\"slow\"}")
      connection.finishSending()
      #expect(try connection.response().status == 200)
      #expect(try connection.fill() == false)
    }
  }

  @Test func anUpgradeThatIsNotOursIsAnsweredAsHTTP() async throws {
    try await withServer { port throws in
      let h2c = try ask(port, "GET", "/things/\(someThing)", ["Upgrade": "h2c", "Connection": "Upgrade"])
      #expect(h2c.status == 200)
      let connection = try RawConnection(port: port)
      #expect(try connection.openSocket().status == 404)  // No socket endpoint is served here.
    }
  }

  @Test func connectionsAboveTheLimitAreClosed() async throws {
    try await withServer({ $0.maximumConnections = 2 }) { port throws in
      let held = try (0..<2).map { _ in try RawConnection(port: port) }
      for connection in held {
        connection.send(String(format: Self.get, 1))
        #expect(try connection.response().status == 200)
      }
      let third = try RawConnection(port: port)
      #expect(try third.fill() == false)
    }
  }

  @Test func stoppingFinishesRequestsInHand() async throws {
    var configuration = WebServerConfiguration()
    configuration.port = 0
    configuration.shutdownGrace = .seconds(300)  // So long that only the end of the work can end the wait.
    configuration.loops = 1
    let (ports, running) = AsyncStream.makeStream(of: Int.self)
    let time = TimeSource.scaled(from: Instant(milliseconds: 0))
    let server = WebServer(
      configuration: configuration, routes: RouteTable(testRoutes), switchboard: Switchboard(testHandlers()), time: time,
      ids: IdentifierSource(time: time), metrics: .init(), authenticator: TestAuthenticator(), onRunning: { running.yield($0) })
    let group = ServiceGroup(services: [server], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      var iterator = ports.makeAsyncIterator()
      let port = await iterator.next()!
      let (busy, idle) = try await onThread {
        let idle = try RawConnection(port: port)
        idle.send(String(format: Self.get, 1))
        _ = try idle.response()
        let busy = try RawConnection(port: port)
        // Answered only once the test says so; the server has it when it asks for the rest of the body.
        busy.send(
          "POST /misbehave HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 14\r\nExpect: 100-continue\r\n\r\n")
        #expect(try busy.response().status == 100)
        busy.send("{\"how\":\"held\"}")
        return (Held(busy), Held(idle))
      }
      await group.triggerGracefulShutdown()
      try await onThread {
        // An idle connection is closed at once; by then the busy one has been told too.
        #expect(try idle.connection.fill() == false)
        isReleased.store(true, ordering: .releasing)
        let response = try busy.connection.response()
        #expect(response.status == 200)
        #expect(response["Connection"] == "close")
      }
      try await tasks.next()
    }
  }
}

/// Carries a connection between threads, one at a time.
final class Held: @unchecked Sendable {
  let connection: RawConnection
  init(_ connection: RawConnection) { self.connection = connection }
}
