/// One step of a path: a word, or a field that any text fills.
public enum PathSegment: Hashable, Sendable {
  case literal(String), field(String)

  static func parse(_ path: String) -> [PathSegment] {
    path.split(separator: "/").map { $0.hasPrefix(":") ? .field(String($0.dropFirst())) : .literal(String($0)) }
  }
}

/// Finds what stands at a method and path; a literal segment wins over a field.
public struct PathTree<Value: Sendable>: Sendable {
  /// What was found.
  public enum Match: Sendable {
    case found(Value, path: [(field: String, text: String)])
    case methodNotAllowed([Method])
    case notFound
  }

  @usableFromInline struct Leaf: Sendable {
    @usableFromInline let value: Value
    @usableFromInline let fields: [(at: Int, name: String)]
  }

  fileprivate struct Entry {
    let method: Method
    let segments: [PathSegment]
    let value: Value
  }

  /// One segment deeper into the paths.
  @usableFromInline final class Node: Sendable {
    @usableFromInline let literals: [String: Node]
    @usableFromInline let field: Node?
    @usableFromInline let leaves: [Method: Leaf]

    fileprivate init(_ entries: [Entry], depth: Int) {
      var literals: [String: [Entry]] = [:]
      var fields: [Entry] = []
      var here: [Method: Leaf] = [:]
      for entry in entries {
        guard depth < entry.segments.count else {
          let names = entry.segments.enumerated().compactMap { at, segment -> (at: Int, name: String)? in
            guard case .field(let name) = segment else { return nil }
            return (at, name)
          }
          here[entry.method] = Leaf(value: entry.value, fields: names)
          continue
        }
        switch entry.segments[depth] {
        case .literal(let name): literals[name, default: []].append(entry)
        case .field: fields.append(entry)
        }
      }
      self.literals = literals.mapValues { Node($0, depth: depth + 1) }
      self.field = fields.isEmpty ? nil : Node(fields, depth: depth + 1)
      self.leaves = here
    }
  }

  @usableFromInline let root: Node

  /// Stops the program when two entries are one.
  public init(_ entries: [(method: Method, path: String, value: Value)]) {
    let parsed = entries.map { Entry(method: $0.method, segments: PathSegment.parse($0.path), value: $0.value) }
    var seen: Set<String> = []
    for entry in parsed {
      let shape = "\(entry.method.rawValue) /" + entry.segments.map { if case .literal(let name) = $0 { name } else { ":" } }.joined(separator: "/")
      precondition(seen.insert(shape).inserted, "two routes share \(shape)")
    }
    root = Node(parsed, depth: 0)
  }

  /// - Parameter segments: the steps of the path, percent-decoded.
  @inlinable public func match(_ method: Method?, _ segments: [String]) -> Match {
    guard let node = find(segments, from: 0, in: root) else { return .notFound }
    guard let method, let leaf = node.leaves[method] else { return .methodNotAllowed(node.leaves.keys.sorted { $0.rawValue < $1.rawValue }) }
    return .found(leaf.value, path: leaf.fields.map { ($0.name, segments[$0.at]) })
  }

  @inlinable func find(_ segments: [String], from depth: Int, in node: Node) -> Node? {
    guard depth < segments.count else { return node.leaves.isEmpty ? nil : node }
    if let next = node.literals[segments[depth]], let found = find(segments, from: depth + 1, in: next) { return found }
    return node.field.flatMap { find(segments, from: depth + 1, in: $0) }
  }
}
