import NIOCore
import NIOHTTP1
import ServiceKit
import Synchronization

/// What all connections of a server share.
final class ServerState: Sendable {
  let application: WebApplication
  let configuration: WebServerConfiguration
  let sockets: (any SocketEndpoint)?
  let inHand = Atomic<Int>(0)
  let connections = Atomic<Int>(0)
  let openSockets = Atomic<Int>(0)

  init(_ application: WebApplication, _ configuration: WebServerConfiguration, _ sockets: (any SocketEndpoint)?) {
    self.application = application
    self.configuration = configuration
    self.sockets = sockets
  }

  /// Whether clients come over TLS, ended here or by a proxy.
  var hasTLS: Bool { configuration.isBehindTLS || configuration.tls != nil }

  /// What is wrong with a request before its body has come.
  func problem(of head: HTTPRequestHead, _ headers: RequestHeaders) -> Problem? {
    if headers.size + head.uri.utf8.count > configuration.maximumHeaderBytes {
      return Problem(431, "headers_too_large", "The headers are longer than \(configuration.maximumHeaderBytes) bytes.")
    }
    if let length = headers.contentLength, length > configuration.maximumBodyBytes { return bodyTooLarge }
    return nil
  }

  var bodyTooLarge: Problem { Problem(413, "body_too_large", "The body is longer than \(configuration.maximumBodyBytes) bytes.") }

  /// Counts a request as in hand; the problem where there are too many.
  func enter() -> Problem? {
    let count = inHand.wrappingAdd(1, ordering: .relaxed).newValue
    return count > configuration.maximumConcurrentRequests ? Problem(Unavailable("busy", retryAfterSeconds: 1)) : nil
  }

  func leave() { inHand.subtract(1, ordering: .relaxed) }

  /// Who is at the other end.
  func peer(of channel: (any Channel)?) -> ClientAddress { ClientAddress(channel?.remoteAddress?.ipAddress ?? "") ?? .unknown }

  func request(_ head: HTTPRequestHead, _ headers: RequestHeaders, _ body: ByteBuffer?, from peer: ClientAddress) -> WebRequest {
    let client = configuration.trustedProxies.client(peer: peer, forwardedFor: headers.forwardedFor)
    return WebRequest(head: head, body: body, headers: headers, client: client, correlationID: application.correlationID(for: headers))
  }
}
