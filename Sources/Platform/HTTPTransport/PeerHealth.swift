public import Wire

/// What a process answers when it is asked how it is.
public enum PeerHealth: String, WireEnum, Hashable {
  /// It does its work.
  case up
  /// It runs, and something it needs is gone.
  case degraded
  /// It finishes what is in hand and takes nothing new.
  case stopping
  /// It does not answer.
  case down

  init(_ body: [UInt8]) { self = (try? decode(PeerReport.self, from: body))?.status ?? .down }
}

/// The body of `GET /health` on the port for operations.
@Wire public struct PeerReport: Hashable, Sendable {
  public var status: PeerHealth
  public var instance: String
  public var services: [String]
  public var version: String
}
