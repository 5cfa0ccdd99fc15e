import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import ServiceKit
import Synchronization
import Wire

/// Asks SQS by its JSON protocol, each request signed.
final class SQSClient: Sendable {
  /// An answer that is no success.
  struct Refused: Error, CustomStringConvertible {
    var status: Int
    var text: String
    var description: String { "SQS answers \(status): \(text)" }
  }

  let address: SQSAddress
  private let signer: RequestSigner
  /// Made with the first request: a bus that is never opened has nothing to shut down.
  private let connections = Mutex<(group: MultiThreadedEventLoopGroup, http: HTTPClient)?>(nil)

  init(_ address: SQSAddress) {
    self.address = address
    signer = RequestSigner(credentials: address.credentials, region: address.region, service: "sqs")
  }

  private var http: HTTPClient {
    connections.withLock { connections in
      if let connections { return connections.http }
      var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
      configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 256
      configuration.timeout.connect = .seconds(3)
      configuration.httpVersion = .http1Only
      let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
      let http = HTTPClient(eventLoopGroupProvider: .shared(group), configuration: configuration)
      connections = (group, http)
      return http
    }
  }

  func shutdown() async {
    let ending = connections.withLock { connections in
      defer { connections = nil }
      return connections
    }
    guard let (group, http) = ending else { return }
    try? await http.shutdown()
    try? await group.shutdownGracefully()
  }

  /// - Throws: `Unavailable` when no answer came, `Refused` when it is no success.
  func ask<Reply: WireValue>(_ action: String, _ request: some WireValue, as type: Reply.Type = Reply.self, within limit: Int64 = 10) async throws
    -> Reply
  {
    let body = encode(request)
    let date = Self.date(Date())
    var headers = [
      ("host", address.authority), ("x-amz-date", date), ("x-amz-target", "AmazonSQS.\(action)"), ("content-type", "application/x-amz-json-1.0")
    ]
    if let token = address.credentials.token { headers.append(("x-amz-security-token", token)) }
    headers.append(("authorization", signer.authorization(method: "POST", path: "/", headers: headers, body: body, date: date)))
    var message = HTTPClientRequest(url: address.url)
    message.method = .POST
    message.headers = HTTPHeaders(headers)
    message.body = .bytes(ByteBuffer(bytes: body))
    let (status, answer): (Int, [UInt8])
    do {
      let response = try await http.execute(message, timeout: .seconds(limit))
      answer = Array(buffer: try await response.body.collect(upTo: 4 << 20))
      status = Int(response.status.code)
    } catch is CancellationError {
      throw CancellationError()
    } catch {
      throw Unavailable("no answer from SQS at \(address.place): \(error)")
    }
    guard status == 200 else { throw Refused(status: status, text: String(decoding: answer.prefix(400), as: UTF8.self)) }
    return try decode(Reply.self, from: answer.isEmpty ? Array("{}".utf8) : answer)
  }

  /// As Amazon writes it: `20150830T123600Z`.
  static func date(_ date: Date) -> String {
    var time = time_t(date.timeIntervalSince1970)
    var parts = tm()
    gmtime_r(&time, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    return "\(1900 + parts.tm_year)\(two(parts.tm_mon + 1))\(two(parts.tm_mday))T\(two(parts.tm_hour))\(two(parts.tm_min))\(two(parts.tm_sec))Z"
  }
}
