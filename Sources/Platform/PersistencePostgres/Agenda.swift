import Persistence

/// Statements that wait to be sent, and how those that are alike are brought together.
///
/// Whole bodies may change places, for all that wait together were asked for at the same time. A statement goes to an earlier one
/// of its shape only where nothing between them names a table of its own; there they come to the same in either order.
struct Agenda {
  struct Statement {
    let shape: Shape
    let arguments: [SQLValue]
    /// How many rows it changes, if it is to be as the body was told.
    let expected: Int?
  }

  /// Statements of one shape, to be sent as one.
  struct Batch {
    let shape: Shape
    var statements: [Statement]
    fileprivate var keys: Set<[SQLValue]> = []
  }

  /// What each body wants, in its order.
  private(set) var scripts: [[Statement]] = []

  var isEmpty: Bool { scripts.isEmpty }

  mutating func add(_ script: [Statement]) { if !script.isEmpty { scripts.append(script) } }

  /// Takes all out, brought together.
  mutating func takeBatches() -> [Batch] {
    var batches: [Batch] = []
    /// The last batch of each shape, and the last that touches each table, or any.
    var latest: [ObjectIdentifier: Int] = [:]
    var touching: [String: Int] = [:]
    var fence = -1
    for statement in alike().joined() {
      let shape = statement.shape
      let isJoinable = shape.isJoinable(isCounted: statement.expected != nil)
      let key = shape.key(statement.arguments)
      if isJoinable, let index = latest[ObjectIdentifier(shape)], index >= fence,
        shape.tables?.allSatisfy({ touching[$0, default: -1] <= index }) == true, key.map({ !batches[index].keys.contains($0) }) ?? true
      {
        batches[index].statements.append(statement)
        if let key { batches[index].keys.insert(key) }
        continue
      }
      let index = batches.count
      batches.append(Batch(shape: shape, statements: [statement], keys: key.map { [$0] } ?? []))
      if isJoinable { latest[ObjectIdentifier(shape)] = index }
      if let tables = shape.tables { for table in tables { touching[table] = index } } else { fence = index }
    }
    scripts.removeAll(keepingCapacity: true)
    return batches
  }

  /// The scripts, those with the same statements one behind the other.
  private func alike() -> [[Statement]] {
    var places: [[ObjectIdentifier]: Int] = [:]
    var groups: [[[Statement]]] = []
    for script in scripts {
      let signature = script.map { ObjectIdentifier($0.shape) }
      if let place = places[signature] {
        groups[place].append(script)
      } else {
        places[signature] = groups.count
        groups.append([script])
      }
    }
    return groups.flatMap(\.self)
  }
}
