public import Kernel
public import ServiceKit
public import Wire

/// Whether this process and the services in it can do their work.
@Wire public struct GetHealth: Operation {
  public static let address = OperationAddress("gateway", "getHealth")
  public static let access = Access.anyone
  public static let repeatability = Repeatability.safe
  public typealias Reply = Health
}

/// How a process, or a service in it, is.
public enum HealthStatus: String, WireEnum, Hashable { case up, degraded, down }

/// How the installation is, as this process sees it.
@Wire public struct Health: Hashable, Sendable {
  public var status: HealthStatus
  public var services: [ServiceHealth]
  /// What stands beside the services, such as `redis`; nothing where there is nothing beside them.
  public var engines: [ServiceHealth]?
  /// Seconds since the process began to serve, on the machine's clock.
  public var uptime: Int
  public var timestamp: Instant
  /// The server's wall clock.
  public var time: Instant
  /// How many times as fast as the machine's clock the server's runs; 1 outside of simulations.
  public var speed: Double
}

/// How one service is: up when every process that hosts it is, down when none of them is.
@Wire public struct ServiceHealth: Hashable, Sendable {
  public var name: String
  public var status: HealthStatus
  /// Since when it is so, where that is known.
  public var since: Instant?
  /// The processes that host it, in an installation of several.
  public var instances: [InstanceHealth]?
}

/// How one process is that hosts a service.
@Wire public struct InstanceHealth: Hashable, Sendable {
  public var id: String
  public var status: HealthStatus
  public var version: String
}
