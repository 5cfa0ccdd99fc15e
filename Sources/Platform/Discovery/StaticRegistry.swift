/// A list that is written down beforehand: `ordering=http://10.0.0.7:3004,ordering=http://10.0.0.8:3004,payments=http://10.0.0.7:3006`.
public struct StaticRegistry: Registry {
  private let list: [Instance]

  /// - Throws: `StaticRegistryFault` naming the entry that is not `service=address`.
  public init(_ text: String) throws(StaticRegistryFault) {
    var services: [String: [String]] = [:]
    for entry in text.split(separator: ",") {
      // The spaces after a comma are nothing; others are part of a name that is none.
      let words = entry.drop { $0 == " " }.split(separator: "=", maxSplits: 1).map(String.init)
      guard words.count == 2, !words[0].isEmpty, PeerAddress(words[1]) != nil else { throw StaticRegistryFault(entry: String(entry)) }
      services[words[1], default: []].append(words[0])
    }
    list = services.sorted { $0.key < $1.key }.map { Instance(id: $0.key, address: $0.key, services: $0.value, version: "") }
  }

  public func announce(_ instance: Instance) async throws {}
  public func withdraw(_ id: String) async throws {}
  public func instances() async throws -> [Instance] { list }
}

/// An entry of a static list that cannot be used.
public struct StaticRegistryFault: Error, CustomStringConvertible {
  public let entry: String
  public var description: String { "\"\(entry)\" is not written as service=http://host:port" }
}
