public import Logging
import Wire

/// Lets packages that speak swift-log write the same lines as everything else.
public struct LogBridge: LogHandler {
  public var metadata: Logger.Metadata = [:]
  public var logLevel: Logger.Level
  private let log: Log

  public init(label: String, level: Logger.Level = .warning) {
    log = Log(label)
    logLevel = level
  }

  public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  public func log(event: LogEvent) {
    let level: Log.Level =
      switch event.level {
      case .trace, .debug: .debug
      case .info, .notice: .info
      case .warning: .warning
      case .error, .critical: .error
      }
    let values = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
    log.write(level, "\(event.message)", values.map { (key: $0.key, value: "\($0.value)" as any WireValue) })
  }
}
