import Foundation
import Kernel
import ServiceKit
import Synchronization
public import Wire

/// Writes one JSON object a line: time, level, label, a message that never varies, and values beside it.
///
/// Values are `WireValue`s, which a `Secret` is not, so that a secret cannot be logged by mistake.
public struct Log: Sendable {
  /// How much a line matters.
  public enum Level: Int, Sendable, Comparable, CaseIterable {
    case debug, info, warning, error

    /// Knows `debug`, `info`, `warn`, `warning` and `error`, of either case.
    public init?(_ name: String) {
      switch name.lowercased() {
      case "debug", "trace": self = .debug
      case "info", "notice": self = .info
      case "warn", "warning": self = .warning
      case "error", "critical": self = .error
      default: return nil
      }
    }

    public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }

    var name: String {
      switch self {
      case .debug: "debug"
      case .info: "info"
      case .warning: "warn"
      case .error: "error"
      }
    }
  }

  /// Where lines go; each ends with a line feed.
  public typealias Sink = @Sendable ([UInt8]) -> Void

  private struct Output {
    var level = Level.info
    var sink: Sink = { try? FileHandle.standardError.write(contentsOf: $0) }
  }

  private static let output = Mutex(Output())
  private static let threshold = Atomic<Int>(Level.info.rawValue)

  /// Sets from which level on lines are written, and where to; standard error unless told otherwise.
  public static func configure(level: Level, sink: Sink? = nil) {
    output.withLock { output in
      output.level = level
      if let sink { output.sink = sink }
    }
    threshold.store(level.rawValue, ordering: .relaxed)
  }

  /// The part of the program that speaks, such as `ordering`.
  public let label: String

  public init(_ label: String) { self.label = label }

  public func debug(_ message: StaticString, _ values: KeyValuePairs<String, any WireValue> = [:]) { write(.debug, message.description, values) }
  public func info(_ message: StaticString, _ values: KeyValuePairs<String, any WireValue> = [:]) { write(.info, message.description, values) }
  public func warning(_ message: StaticString, _ values: KeyValuePairs<String, any WireValue> = [:]) { write(.warning, message.description, values) }
  public func error(_ message: StaticString, _ values: KeyValuePairs<String, any WireValue> = [:]) { write(.error, message.description, values) }

  /// Whether lines of the level are written at all.
  public static func writes(_ level: Level) -> Bool { level.rawValue >= threshold.load(ordering: .relaxed) }

  func write(_ level: Level, _ message: String, _ values: some Sequence<(key: String, value: any WireValue)>) {
    guard Self.writes(level) else { return }
    let now = Instant(milliseconds: Int(Date().timeIntervalSince1970 * 1000))
    var writer = JSONWriter(capacity: 256)
    writer.raw(#"{"time":"#)
    now.write(to: &writer)
    writer.raw(#","level":"#)
    writer.string(level.name)
    writer.raw(#","label":"#)
    writer.string(label)
    writer.raw(#","message":"#)
    writer.string(message)
    if let correlation = CallContext.correlationID {
      writer.raw(#","correlationId":"#)
      writer.string(correlation)
    }
    for (key, value) in values {
      writer.raw(0x2C)
      writer.string(key)
      writer.raw(0x3A)
      value.write(to: &writer)
    }
    writer.raw("}\n")
    let line = writer.withBytes { Array($0) }
    Self.output.withLock { $0.sink(line) }
  }
}
