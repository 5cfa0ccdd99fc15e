import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix

/// One request to a server that is not ours: redirects are not followed, the answer is bounded in time and size.
public struct OutsideCall: Sendable {
  // Lives as long as the process: no connection outlives its idle minute.
  private static let http: HTTPClient = {
    var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
    configuration.timeout.connect = .seconds(5)
    configuration.connectionPool.idleTimeout = .seconds(30)
    configuration.httpVersion = .http1Only
    return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
  }()

  private let method: String
  private let url: String
  private let headers: [(String, String)]
  private let body: [UInt8]?
  private let timeoutSeconds: Int

  /// - Parameter timeoutSeconds: from the request's start to its answer's end.
  public init(_ method: String, _ url: String, headers: [(String, String)] = [], body: [UInt8]? = nil, timeoutSeconds: Int = 10) {
    self.method = method
    self.url = url
    self.headers = headers
    self.body = body
    self.timeoutSeconds = timeoutSeconds
  }

  /// Sends the request; an answer of any status is an answer.
  ///
  /// - Throws: `NoAnswer` when none came.
  public func send() async throws -> OutsideAnswer {
    var request = HTTPClientRequest(url: url)
    request.method = HTTPMethod(rawValue: method)
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
    do {
      let response = try await Self.http.execute(request, timeout: .seconds(Int64(timeoutSeconds)))
      let buffer = try await response.body.collect(upTo: 1 << 20)
      return OutsideAnswer(status: Int(response.status.code), body: Array(buffer.readableBytesView))
    } catch {
      if error is CancellationError { throw error }
      // Without the query: it may hold what must not be logged.
      throw NoAnswer(request: "\(method) \(url.prefix { $0 != "?" })", reason: "\(error)")
    }
  }
}

/// What a server answered.
public struct OutsideAnswer: Sendable {
  public let status: Int
  public let body: [UInt8]
}

/// The header `Authorization` of a name and a password (RFC 7617).
public func basicAuthorization(user: String, password: String) -> String {
  "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
}
