/// How a client bears itself.
public struct RedisOptions: Sendable {
  /// Connections to each server.
  public var connections = 2
  /// How long a command may take when it does not say otherwise.
  public var deadline = Duration.milliseconds(500)
  public var connectTimeout = Duration.seconds(1)
  /// Commands that may wait for an answer at one time; more are refused at once.
  public var maximumInFlight = 10_000
  /// A connection whose oldest command has waited so long is given up: its server hangs.
  public var stall = Duration.seconds(2)
  /// The longest pause between two tries to connect.
  public var longestPause = Duration.seconds(1)
  /// PEM certificates to trust instead of the system's.
  public var trustFile: String?
  /// What connections are called in `CLIENT LIST`.
  public var name = "tiffin"

  /// Scripts that every connection makes known before anything else: one that is sent again as text would come out of order.
  public var scripts: [RedisScript] = []

  public init() {}
}
