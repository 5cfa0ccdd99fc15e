/// What a client knows of the servers behind its address. Lives on the client's loop.
protocol Topology: AnyObject {
  func start()
  func stop()
  /// The server for a slot, or any for none; `nil` where none is known.
  func node(for slot: Int?) -> Node?
  /// The server that another one pointed to.
  func node(at endpoint: RedisAddress.Endpoint) -> Node
  /// A slot turned out to belong to another server.
  func moved(_ slot: Int, to endpoint: RedisAddress.Endpoint)
  /// Something does not fit what is known: look again soon.
  func doubt()
  /// Every server that has a connection to flush.
  var nodes: [Node] { get }
  /// Where to listen for published messages.
  var listeningPost: RedisAddress.Endpoint? { get }
  /// Why nothing can be sent, or nothing while something can.
  var fault: String? { get }
}

/// One server.
final class SingleTopology: Topology {
  private let node: Node

  init(_ node: Node) { self.node = node }

  func start() { node.start() }
  func stop() { node.stop() }
  func node(for slot: Int?) -> Node? { node }
  func node(at endpoint: RedisAddress.Endpoint) -> Node { node }
  func moved(_ slot: Int, to endpoint: RedisAddress.Endpoint) {}
  func doubt() {}
  var nodes: [Node] { [node] }
  var listeningPost: RedisAddress.Endpoint? { node.endpoint }
  var fault: String? { node.isReady ? nil : node.fault }
}
