/// The processes of an installation, this one among them, as this one sees them.
public protocol Neighbours: Sendable {
  /// Every known process, in the order of their ids.
  var instances: [NeighbourReport] { get }
}

/// How one process of an installation is.
public struct NeighbourReport: Hashable, Sendable {
  /// What its own health check said last.
  public enum Status: String, Sendable { case up, degraded, down }

  public var id: String
  public var services: [String]
  public var version: String
  public var status: Status
  /// Whether it is the process that asks.
  public var isOwn: Bool

  public init(id: String, services: [String], version: String, status: Status, isOwn: Bool) {
    self.isOwn = isOwn
    self.id = id
    self.services = services
    self.version = version
    self.status = status
  }
}
