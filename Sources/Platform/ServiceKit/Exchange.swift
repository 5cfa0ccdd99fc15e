import Synchronization

/// The operations of one process, found by type and by address; filled at start, then only read.
final class Exchange: Sendable {
  private struct Table {
    var byType: [ObjectIdentifier: any HostedOperation] = [:]
    var byAddress: [OperationAddress: any HostedOperation] = [:]
  }

  private let table = Mutex(Table())

  /// Stops the program when an operation is answered twice.
  func host(_ handlers: [any HostedOperation]) {
    table.withLock { table in
      for handler in handlers {
        precondition(table.byAddress.updateValue(handler, forKey: handler.address) == nil, "\(handler.address) is answered twice")
        // What every service answers is asked for by the service's name, never by its type alone.
        if handler.address == handler.type.address { table.byType[ObjectIdentifier(handler.type)] = handler }
      }
    }
  }

  func entry(_ type: ObjectIdentifier) -> (any HostedOperation)? { table.withLock { $0.byType[type] } }
  func entry(_ address: OperationAddress) -> (any HostedOperation)? { table.withLock { $0.byAddress[address] } }
  var all: [any HostedOperation] {
    table.withLock { $0.byAddress.values.sorted { $0.address.description < $1.address.description } }
  }
}
