public import Wire

/// One process of an installation, as the others find it.
@Wire public struct Instance: Hashable, Sendable {
  /// Unique for each start of a process.
  public var id: String
  /// Where it takes operations, such as `http://10.0.0.7:3004`.
  public var address: String
  /// The services that it hosts, by name.
  public var services: [String]
  /// Of the program.
  public var version: String
}
