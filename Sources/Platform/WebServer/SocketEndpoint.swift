public import ServiceKit

/// What answers on sockets.
public protocol SocketEndpoint: Sendable {
  /// The path at which a request may become a socket, such as `/ws`.
  var path: String { get }
  /// Greets a new socket; called on the socket's event loop, as are the session's methods.
  ///
  /// - Parameters:
  ///   - caller: anonymous where the request showed nothing.
  ///   - bearer: the access token that showed it, if one did.
  func open(_ socket: Socket, caller: Caller, bearer: String?) -> any SocketSession
}

/// One socket's conversation; lives on the socket's event loop, so that it needs no lock.
public protocol SocketSession: AnyObject {
  /// Takes one text message; the bytes are valid during the call.
  func received(_ text: UnsafeRawBufferPointer)
  /// The socket is gone.
  func closed()
}
