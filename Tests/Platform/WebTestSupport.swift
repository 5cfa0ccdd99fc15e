import Foundation
import Kernel
import Observability
import Realtime
import ServiceKit
import Synchronization
import TestKit
import WebServer
import Wire

#if canImport(Glibc)
  import Glibc
#endif

// MARK: Operations for tests

enum ThingEntity {}
typealias ThingID = Identifier<ThingEntity>
enum Colour: String, WireEnum, Hashable { case red, green }

@Wire struct Thing: Hashable, Sendable, Versioned {
  var id: ThingID
  var name: String
  var count: Int
  var version: Int
}

@Wire struct ChangeThing: ServiceKit.Operation {
  static let address = OperationAddress("test", "changeThing")
  static let access = Access.anyone
  static let repeatability = Repeatability.once
  typealias Reply = Thing
  typealias Refusal = ThingRefusal

  var thingId: ThingID
  @Field(.length(1...20)) var name: String
  @Field(.within(1...99)) var count: Int = 3
  var colour: Colour?
  var note: String?
  var version: Int?
  var idempotencyKey: String?
}

enum ThingRefusal: String, WireEnum, Refusal {
  case unknown = "thing_unknown", stale = "thing_stale", tooBig = "thing_too_big", busy = "thing_busy"
  var kind: RefusalKind {
    switch self {
    case .unknown: .hidden
    case .stale: .stale
    case .tooBig: .ruled
    case .busy: .conflict
    }
  }
}

@Wire struct ReadThing: ServiceKit.Operation {
  static let address = OperationAddress("test", "readThing")
  static let access = Access.anyone
  static let repeatability = Repeatability.safe
  typealias Reply = Encoded<Thing>

  var thingId: ThingID
  var colours: [Colour] = []
  var limit: Int = 20
}

@Wire struct WhoAmI: ServiceKit.Operation {
  static let address = OperationAddress("test", "whoAmI")
  static let access = Access.signedIn
  static let repeatability = Repeatability.safe
  typealias Reply = Caller
}

@Wire struct Misbehave: ServiceKit.Operation {
  static let address = OperationAddress("test", "misbehave")
  static let access = Access.anyone
  static let repeatability = Repeatability.once
  var how: Way

  enum Way: String, WireEnum, Hashable { case fail, unavailable, slow, held, cookie, replay }
}

struct SomethingBroke: Error {}

/// Lets requests go on that are held.
let isReleased = Atomic<Bool>(false)

let someThing = ThingID("0191aaaa-0000-7000-8000-000000000001")!
let staffTenant = TenantID("0191aaaa-0000-7000-8000-0000000000aa")!

let testRoutes: [Route] = [
  Route(.post, "/things/:thingId", ChangeThing.self, headers: ["if-match": "version", "idempotency-key": "idempotencyKey"], success: 201),
  Route(.put, "/things/:thingId", ChangeThing.self, headers: ["if-match": "version"]),
  Route(.patch, "/things/:thingId", ChangeThing.self, headers: ["if-match": "version"]),
  Route(.get, "/things/:thingId", ReadThing.self),
  Route(.get, "/me", WhoAmI.self, limit: .orders),
  Route(.post, "/me", WhoAmI.self, limit: .none),
  Route(.post, "/misbehave", Misbehave.self, limit: .none)
]

@Sendable private func kept(_ request: ReadThing) -> Encoded<Thing> {
  Encoded(Thing(id: request.thingId, name: "kept", count: request.limit, version: 1))
}

func testHandlers() -> [any HostedOperation] {
  [
    Hosted(ChangeThing.self) { request in
      switch request.name {
      case "unknown": throw ThingRefusal.unknown
      case "busy": throw ThingRefusal.busy
      case "big": throw ThingRefusal.tooBig
      default: break
      }
      if let version = request.version, version != 7 { throw ThingRefusal.stale }
      return Thing(id: request.thingId, name: request.name, count: request.count, version: 8)
    },
    // At hand without waiting when the limit is even, as it is unless it is named.
    Hosted(ReadThing.self, ready: { $0.limit.isMultiple(of: 2) ? kept($0) : nil }, kept),
    Hosted(WhoAmI.self) { _ in Caller.current },
    Hosted(Misbehave.self) { request in
      switch request.how {
      case .fail: throw SomethingBroke()
      case .unavailable: throw Unavailable("disk full", retryAfterSeconds: 9)
      case .slow: try await Task.sleep(for: .milliseconds(400))
      case .held: while !isReleased.load(ordering: .acquiring) { try await Task.sleep(for: .milliseconds(2)) }
      case .cookie: CallContext.remarks?.setCookie("tiffin_session", "secret", maxAgeSeconds: 60)
      case .replay: CallContext.remarks?.markReplay()
      }
      return Done()
    }
  ]
}

/// Knows two tokens: `staff` and `customer`; the cookie is `kept`. Of the token and the cookie `unsure` it cannot tell at the moment.
struct TestAuthenticator: Authenticating {
  let ended = Ended()
  final class Ended: Sendable { let isEnded = Atomic<Bool>(false) }

  static let user = UserID("0191aaaa-0000-7000-8000-0000000000bb")!

  func caller(bearer token: String) async throws(Unavailable) -> Caller? {
    if token == "unsure" { throw Unavailable("the database is away", retryAfterSeconds: 9) }
    if ended.isEnded.load(ordering: .relaxed) { return nil }
    switch token {
    case "staff": return Caller(user: Self.user, tenant: staffTenant, roles: [.owner])
    case "customer": return Caller(user: Self.user, roles: [.customer])
    default: return nil
    }
  }

  func knownCaller(bearer token: String) -> Caller? {
    ended.isEnded.load(ordering: .relaxed) || token != "customer" ? nil : Caller(user: Self.user, roles: [.customer])
  }

  func caller(cookie token: String) async throws(Unavailable) -> Caller? {
    if token == "unsure" { throw Unavailable("the database is away", retryAfterSeconds: 9) }
    return token == "kept" ? Caller(user: Self.user, roles: [.customer]) : nil
  }
}

// MARK: The server under test

/// Runs a server on a free port, then `body` on a thread that may block.
func withServer<Outcome: Sendable>(
  _ configure: (inout WebServerConfiguration) -> Void = { _ in }, raw: [RawRoute] = [], sockets: (any SocketEndpoint)? = nil,
  metrics: Metrics = Metrics(), _ body: @escaping @Sendable (_ port: Int) throws -> Outcome
) async throws -> Outcome {
  var configuration = WebServerConfiguration()
  configuration.port = 0
  configuration.loops = 2
  configure(&configuration)
  let (ports, running) = AsyncStream.makeStream(of: Int.self)
  let time = TimeSource.scaled(from: Instant(milliseconds: 1_767_607_200_000))
  let server = WebServer(
    configuration: configuration, routes: RouteTable(testRoutes), raw: raw, switchboard: Switchboard(testHandlers()), time: time,
    ids: IdentifierSource(time: time), metrics: metrics, authenticator: TestAuthenticator(), sockets: sockets,
    onRunning: { running.yield($0) })
  return try await withThrowingTaskGroup(of: Outcome?.self) { group in
    group.addTask {
      try await server.run(); return nil
    }
    var iterator = ports.makeAsyncIterator()
    let port = await iterator.next()!
    let outcome = try await onThread { try body(port) }
    group.cancelAll()
    while let _ = await group.nextResult() {}
    return outcome
  }
}

/// Runs blocking code off the cooperative threads, as part of the test.
func onThread<Outcome: Sendable>(_ body: @escaping @Sendable () throws -> Outcome) async throws -> Outcome {
  try await withTaskExecutorPreference(BlockingThreads.shared) { try await onThisExecutor(body) }
}

@concurrent private func onThisExecutor<Outcome: Sendable>(_ body: @Sendable () throws -> Outcome) async throws -> Outcome { try body() }

/// A thread for each job.
private final class BlockingThreads: TaskExecutor {
  static let shared = BlockingThreads()

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    Thread.detachNewThread { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}

// MARK: A client that sends exactly what it is told

struct RawResponse: Sendable {
  var status = 0
  var headers: [(String, String)] = []
  var body: [UInt8] = []

  subscript(name: String) -> String? { headers.first { $0.0.lowercased() == name.lowercased() }?.1 }
  var text: String { String(decoding: body, as: UTF8.self) }
  /// The text of a field of a flat JSON object, as it stands.
  func field(_ name: String) -> String? {
    let object = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any]
    return object?[name].map { "\($0)" }
  }
}

struct Hung: Error {}

final class RawConnection {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private(set) var isClosed = false

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let outcome = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
    guard outcome == 0 else { throw Hung() }
    var timeout = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(descriptor) }

  func send(_ text: String) { send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count <= 0 { return }
      sent += count
    }
  }

  func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Reads more; false at the end.
  func fill() throws -> Bool {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &chunk, chunk.count, 0)
    if count < 0 { if errno == EAGAIN { throw Hung() }; isClosed = true; return false }
    if count == 0 { isClosed = true; return false }
    buffer += chunk[..<count]
    return true
  }

  func response(isHead: Bool = false) throws -> RawResponse {
    while true {
      if let end = buffer.firstRange(of: Array("\r\n\r\n".utf8)) {
        let lines = String(decoding: buffer[..<end.lowerBound], as: UTF8.self).components(separatedBy: "\r\n")
        var response = RawResponse()
        response.status = Int(lines[0].split(separator: " ")[1])!
        for line in lines.dropFirst() {
          let colon = line.firstIndex(of: ":")!
          response.headers.append((String(line[..<colon]), line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)))
        }
        let length = isHead ? 0 : Int(response["Content-Length"] ?? "0")!
        while buffer.count < end.upperBound + length { guard try fill() else { throw Hung() } }
        response.body = Array(buffer[end.upperBound..<end.upperBound + length])
        buffer.removeFirst(end.upperBound + length)
        return response
      }
      guard try fill() else { throw Hung() }
    }
  }

  /// One unmasked frame from the server: opcode and payload.
  func frame() throws -> (opcode: UInt8, payload: [UInt8]) {
    while true {
      if buffer.count >= 2 {
        var count = Int(buffer[1] & 0x7F)
        var header = 2
        if count == 126, buffer.count >= 4 { count = Int(buffer[2]) << 8 | Int(buffer[3]); header = 4 } else if count == 126 { count = 1 << 30 }
        if count < 1 << 30, buffer.count >= header + count {
          let frame = (buffer[0] & 0x0F, Array(buffer[header..<header + count]))
          buffer.removeFirst(header + count)
          return frame
        }
      }
      guard try fill() else { throw Hung() }
    }
  }

  func sendFrame(_ opcode: UInt8 = 1, _ payload: [UInt8], isFinal: Bool = true, isMasked: Bool = true) {
    let mask: [UInt8] = [1, 2, 3, 4]
    var frame: [UInt8] = [(isFinal ? 0x80 : 0) | opcode]
    let bit: UInt8 = isMasked ? 0x80 : 0
    if payload.count < 126 {
      frame.append(bit | UInt8(payload.count))
    } else if payload.count < 65_536 {
      frame += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
    } else {
      frame.append(bit | 127)
      for shift in stride(from: 56, through: 0, by: -8) { frame.append(UInt8(payload.count >> shift & 255)) }
    }
    if isMasked { frame += mask }
    for (index, byte) in payload.enumerated() { frame.append(isMasked ? byte ^ mask[index % 4] : byte) }
    send(frame)
  }

  @discardableResult
  func openSocket(_ path: String = "/ws", headers: String = "") throws -> RawResponse {
    send(
      "GET \(path) HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        + "Sec-WebSocket-Version: 13\r\n\(headers)\r\n")
    return try response()
  }
}

/// One request on a connection of its own.
func ask(_ port: Int, _ method: String, _ path: String, _ headers: [String: String] = [:], body: String? = nil) throws -> RawResponse {
  try ask(port, method, path, headers, bytes: body.map { Array($0.utf8) })
}

func ask(_ port: Int, _ method: String, _ path: String, _ headers: [String: String] = [:], bytes: [UInt8]?) throws -> RawResponse {
  let connection = try RawConnection(port: port)
  var all = headers
  all["Host"] = all["Host"] ?? "localhost"
  if let bytes {
    all["Content-Length"] = all["Content-Length"] ?? String(bytes.count)
    all["Content-Type"] = all["Content-Type"] ?? "application/json"
  }
  connection.send("\(method) \(path) HTTP/1.1\r\n" + all.sorted { $0.key < $1.key }.map { "\($0): \($1)\r\n" }.joined() + "\r\n")
  if let bytes { connection.send(bytes) }
  return try connection.response(isHead: method == "HEAD")
}
