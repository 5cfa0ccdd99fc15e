import IdentityAPI
import Kernel
import ServiceKit
import WebClient
import Wire

/// One person signed in at the server, and the ways to ask as them.
struct Session: Sendable {
  let client: WebClient
  let user: UserID
  var token: String
  let notebook: Notebook

  /// Sends an operation's value to one of its URLs; what the server cannot answer now is asked again a few times.
  func ask<O: Operation>(_ operation: O, _ verb: WebClient.Verb, _ path: String, headers: [(String, String)] = []) async throws -> O.Reply {
    try await notebook.attempt("\(O.address.name)") {
      try await client.send(verb, path, operation, token: token, headers: headers, as: O.Reply.self)
    }
  }

  func get<Reply: WireValue>(_ path: String, as type: Reply.Type = Reply.self) async throws -> Reply {
    try await notebook.attempt("get") { try await client.get(path, token: token, as: type) }
  }

  /// Listens to channels on a socket of its own.
  func listen(to channels: [String], _ take: @escaping @Sendable (LiveSocket.Event) -> Void) async throws -> LiveSocket {
    let live = try await notebook.attempt("socket") { try await LiveSocket.open(client, token: token, take) }
    for channel in channels { try await notebook.attempt("subscribe") { try await live.subscribe(channel) } }
    return live
  }
}
