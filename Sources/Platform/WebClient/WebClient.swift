import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import NIOPosix
public import Wire

/// A JSON client of one server: connections are kept alive and shared, requests run side by side, each has a deadline.
public final class WebClient: Sendable {
  public enum Verb: String, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case patch = "PATCH"
    case delete = "DELETE"
  }

  public let address: WebAddress
  let group: MultiThreadedEventLoopGroup
  private let http: HTTPClient
  private let timeout: TimeAmount

  /// - Parameters:
  ///   - connections: most connections open at once; more requests wait for one.
  ///   - threads: event loops, which the sockets of this client share.
  ///   - timeoutSeconds: from the request's start to its answer's end.
  public init(_ address: WebAddress, connections: Int = 64, threads: Int = 1, timeoutSeconds: Int = 30) {
    self.address = address
    timeout = .seconds(Int64(timeoutSeconds))
    group = MultiThreadedEventLoopGroup(numberOfThreads: threads)
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = connections
    configuration.timeout.connect = .seconds(5)
    configuration.httpVersion = .http1Only
    configuration.maximumUsesPerConnection = nil
    http = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
  }

  /// Ends the connections; the client must not be used afterwards.
  public func shutdown() async {
    try? await http.shutdown()
    try? await group.shutdownGracefully()
  }

  /// Sends one request and reads its answer.
  ///
  /// - Throws: `WebProblem` when the status is not 2xx, `NoAnswer` when none came, `InvalidInput` when it is not a `Reply`.
  public func send<Reply: WireValue>(
    _ verb: Verb, _ path: String, _ body: (some WireValue)?, token: String? = nil, headers: [(String, String)] = [], as type: Reply.Type = Reply.self
  ) async throws -> Reply {
    let answer = try await exchange(verb, path, body.map { encode($0) }, token: token, headers: headers)
    return try decode(Reply.self, from: answer.body)
  }

  /// Reads a resource.
  public func get<Reply: WireValue>(_ path: String, token: String? = nil, as type: Reply.Type = Reply.self) async throws -> Reply {
    try decode(Reply.self, from: try await exchange(.get, path, nil, token: token).body)
  }

  /// Sends one request whose answer's content does not matter.
  public func tell(_ verb: Verb, _ path: String, _ body: (some WireValue)?, token: String? = nil, headers: [(String, String)] = []) async throws {
    _ = try await exchange(verb, path, body.map { encode($0) }, token: token, headers: headers)
  }

  /// A successful answer as it came.
  public struct Answer: Sendable {
    public let status: Int
    public let body: [UInt8]
    let headers: HTTPHeaders

    /// The first header of that name, of either case.
    public func header(_ name: String) -> String? { headers.first(name: name) }
  }

  /// Sends bytes that are JSON already.
  public func exchange(
    _ verb: Verb, _ path: String, _ body: [UInt8]?, token: String? = nil, headers: [(String, String)] = []
  ) async throws -> Answer {
    var request = HTTPClientRequest(url: address.description + path)
    request.method = HTTPMethod(rawValue: verb.rawValue)
    request.headers.add(name: "accept", value: "application/json")
    if let token { request.headers.add(name: "authorization", value: "Bearer \(token)") }
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let body {
      request.headers.add(name: "content-type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: body))
    }
    let status: Int
    let bytes: [UInt8]
    let answered: HTTPHeaders
    do {
      let response = try await http.execute(request, timeout: timeout)
      let buffer = try await response.body.collect(upTo: 1 << 26)
      status = Int(response.status.code)
      answered = response.headers
      bytes = Array(buffer.readableBytesView)
    } catch {
      if error is CancellationError { throw error }
      throw NoAnswer(request: "\(verb.rawValue) \(address)\(path)", reason: "\(error)")
    }
    guard 200..<300 ~= status else { throw WebProblem(status: status, body: bytes) }
    return Answer(status: status, body: bytes, headers: answered)
  }
}
