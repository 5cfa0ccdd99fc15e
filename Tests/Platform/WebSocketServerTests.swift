import Foundation
import Kernel
import Realtime
import ServiceKit
import Testing
import WebServer
import Wire

/// Frames over a real socket, against a session that sends back what it hears.
@Suite struct WebSocketServerTests {
  final class Echo: SocketEndpoint {
    let path = "/ws"
    let channels: Channels
    init(_ channels: Channels) { self.channels = channels }

    func open(_ socket: Socket, caller: Caller, bearer: String?) -> any SocketSession { Session(socket, channels) }

    final class Session: SocketSession {
      private unowned let socket: Socket
      private let channels: Channels
      init(_ socket: Socket, _ channels: Channels) {
        self.socket = socket
        self.channels = channels
        channels.join("all", cursor: nil, socket)
      }
      func received(_ text: UnsafeRawBufferPointer) { socket.deliver(Array(text)) }
      func closed() { channels.leave("all", socket) }
    }
  }

  private static func channels() -> Channels { Channels(epoch: "e", time: .scaled(from: Instant(milliseconds: 0))) }

  @Test func textComesBackWholeAndInParts() async throws {
    try await withServer(sockets: Echo(Self.channels())) { port throws in
      let connection = try RawConnection(port: port)
      let opened = try connection.openSocket()
      #expect(opened.status == 101)
      #expect(opened["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")  // The example of RFC 6455.
      for text in ["", "hello", String(repeating: "x", count: 125), String(repeating: "y", count: 126), String(repeating: "z", count: 60_000)] {
        connection.sendFrame(1, Array(text.utf8))
        let (opcode, payload) = try connection.frame()
        #expect(opcode == 1 && payload == Array(text.utf8), "\(text.utf8.count) bytes")
      }
      connection.sendFrame(1, Array("one ".utf8), isFinal: false)
      connection.sendFrame(9, Array("ping".utf8))
      connection.sendFrame(0, Array("two".utf8))
      let pong = try connection.frame()
      #expect(pong.opcode == 10 && pong.payload == Array("ping".utf8))
      #expect(try connection.frame().payload == Array("one two".utf8))
      connection.sendFrame(8, [0x03, 0xE8])
      let close = try connection.frame()
      #expect(close.opcode == 8 && close.payload.prefix(2) == [0x03, 0xE8])
      #expect(try connection.fill() == false)
    }
  }

  @Test func whatBreaksTheProtocolIsClosedWithItsCode() async throws {
    let wrongs: [(String, Int, @Sendable (RawConnection) -> Void)] = [
      ("unmasked", 1002, { $0.sendFrame(1, [65], isMasked: false) }), ("binary", 1003, { $0.sendFrame(2, [65]) }),
      ("too long", 1009, { $0.sendFrame(1, [UInt8](repeating: 65, count: 70_000)) }), ("unknown opcode", 1002, { $0.sendFrame(5, []) }),
      ("continuation of nothing", 1002, { $0.sendFrame(0, [65]) }), ("long ping", 1002, { $0.sendFrame(9, [UInt8](repeating: 65, count: 126)) }),
      ("reserved bit", 1002, { $0.sendFrame(0x41, [65]) })
    ]
    try await withServer(sockets: Echo(Self.channels())) { port throws in
      for (name, code, send) in wrongs {
        let connection = try RawConnection(port: port)
        try connection.openSocket()
        send(connection)
        let close = try connection.frame()
        #expect(close.opcode == 8, "\(name)")
        #expect(Int(close.payload[0]) << 8 | Int(close.payload[1]) == code, "\(name)")
      }
    }
  }

  @Test func handshakesThatAreNoneAreRefused() async throws {
    try await withServer(sockets: Echo(Self.channels())) { port throws in
      let wrong = try ask(
        port, "GET", "/ws", ["Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x", "Sec-WebSocket-Version": "8"])
      #expect(wrong.status == 400)
      let elsewhere = try RawConnection(port: port)
      #expect(try elsewhere.openSocket(headers: "Cookie: tiffin_session=kept\r\nOrigin: https://evil.example\r\n").status == 403)
      let forged = try RawConnection(port: port)
      #expect(try forged.openSocket(headers: "Authorization: Bearer nonsense\r\n").status == 401)
    }
  }

  @Test func aChannelReachesEverySocketInOrder() async throws {
    let channels = Self.channels()
    try await withServer(sockets: Echo(channels)) { port throws in
      let connections = try (0..<20).map { _ in
        let connection = try RawConnection(port: port)
        try connection.openSocket()
        return connection
      }
      for connection in connections {  // An answer proves that the session has joined.
        connection.sendFrame(1, [65])
        _ = try connection.frame()
      }
      for number in 1...100 { channels.publish("t", to: "all", number) }
      for connection in connections {
        for number in 1...100 {
          #expect(
            String(decoding: try connection.frame().payload, as: UTF8.self)
              == #"{"type":"t","channel":"all","cursor":"e-\#(number)","data":\#(number)}"#)
        }
      }
    }
  }

  @Test func aSocketThatDoesNotReadIsCutOffAndBlocksNobody() async throws {
    let channels = Self.channels()
    try await withServer({ $0.outgoingBufferBytes = 64 << 10 }, sockets: Echo(channels)) { port throws in
      let slow = try RawConnection(port: port)
      try slow.openSocket()
      let quick = try RawConnection(port: port)
      try quick.openSocket()
      quick.sendFrame(1, [65])
      _ = try quick.frame()
      slow.sendFrame(1, [65])  // Its answer, which it does not read, says nothing of when it has joined.
      let deadline = ContinuousClock.now + .seconds(20)
      while channels.count("all") < 2, ContinuousClock.now < deadline { sched_yield() }
      let text = String(repeating: "x", count: 20_000)
      var sent = 0
      while channels.count("all") > 1, ContinuousClock.now < deadline {
        channels.publish("t", to: "all", text)
        sent += 1
        _ = try quick.frame()
      }
      #expect(channels.count("all") == 1)
      #expect(sent > 3)
    }
  }
}
