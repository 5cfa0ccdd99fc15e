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

  /// Counts a request as in hand; the problem where there are too many.
  func enter() -> Problem? {
    let count = inHand.wrappingAdd(1, ordering: .relaxed).newValue
    return count > configuration.maximumConcurrentRequests ? Problem(Unavailable("busy", retryAfterSeconds: 1)) : nil
  }

  func leave() { inHand.subtract(1, ordering: .relaxed) }

  /// Who is at the other end.
  func peer(of channel: (any Channel)?) -> ClientAddress { ClientAddress(channel?.remoteAddress?.ipAddress ?? "") ?? .unknown }

  /// The request whose head has come, for whoever answers it.
  func request(_ head: HTTPRequestHead, _ incoming: IncomingRequest, from peer: ClientAddress) -> WebRequest {
    let headers = incoming.headers
    let client = configuration.trustedProxies.client(peer: peer, forwardedFor: headers.forwardedFor)
    return WebRequest(head: head, body: incoming.body, headers: headers, client: client, correlationID: application.correlationID(for: headers))
  }
}
