import Synchronization

/// Where settings come from: a name such as `ordering.acceptDeadlineSeconds` in the file or on the command line, or
/// `TIFFIN_ORDERING_ACCEPT_DEADLINE_SECONDS` in the environment; the command line wins over the environment, that over the file.
///
/// Reading a setting also declares it, so that `tiffin settings --print` lists all there are, and an unknown name is found.
public final class SettingsSource: Sendable {
  /// One setting as it was read.
  public struct Declared: Sendable, Hashable {
    public let name: String
    public let summary: String
    public let fallback: String
    public let value: String
    public let isSecret: Bool
    /// Where the value came from.
    public let origin: Origin
  }

  public enum Origin: String, Sendable {
    case fallback = "default"
    case file, environment
    case commandLine = "command line"
  }

  private let values: [String: (text: String, origin: Origin)]
  private let environment: [String: String]
  private let declared = Mutex<[String: Declared]>([:])

  public init(file: [String: String] = [:], environment: [String: String] = [:], commandLine: [String: String] = [:]) {
    var values: [String: (String, Origin)] = file.mapValues { ($0, .file) }
    for (name, text) in commandLine { values[name] = (text, .commandLine) }
    self.values = values
    self.environment = environment
  }

  /// Every setting read so far, by name.
  public var all: [Declared] { declared.withLock { $0.values.sorted { $0.name < $1.name } } }

  /// The names in the file or on the command line that nothing read.
  public var unknown: [String] {
    let known = declared.withLock { Set($0.keys) }
    return values.keys.filter { !known.contains($0) }.sorted()
  }

  public func text(_ name: String, default fallback: String, isSecret: Bool = false, _ summary: String) -> String {
    let (text, origin) = find(name) ?? (fallback, .fallback)
    let entry = Declared(
      name: name, summary: summary, fallback: fallback, value: isSecret && !text.isEmpty ? "********" : text, isSecret: isSecret, origin: origin)
    declared.withLock { $0[name] = entry }
    return text
  }

  public func integer(_ name: String, default fallback: Int, within range: ClosedRange<Int> = 0...Int.max, _ summary: String) throws -> Int {
    let text = text(name, default: String(fallback), summary)
    guard let value = Int(text), range.contains(value) else {
      let bounds = range.upperBound == Int.max ? "at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
      throw SettingsFault(name: name, problem: "must be a whole number \(bounds), not \"\(text)\"")
    }
    return value
  }

  public func number(_ name: String, default fallback: Double, within range: ClosedRange<Double>, _ summary: String) throws -> Double {
    let text = text(name, default: String(fallback), summary)
    guard let value = Double(text), range.contains(value) else {
      throw SettingsFault(name: name, problem: "must be a number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
    }
    return value
  }

  public func boolean(_ name: String, default fallback: Bool, _ summary: String) throws -> Bool {
    switch text(name, default: fallback ? "true" : "false", summary).lowercased() {
    case "true", "yes", "on", "1": return true
    case "false", "no", "off", "0": return false
    case let other: throw SettingsFault(name: name, problem: "must be true or false, not \"\(other)\"")
    }
  }

  /// A value that is written in a form of its own.
  ///
  /// - Parameter expected: what the text must be, for the message.
  public func parsed<Value>(_ name: String, default fallback: String, _ summary: String, expected: String, _ parse: (String) -> Value?) throws
    -> Value
  {
    let text = text(name, default: fallback, summary)
    guard let value = parse(text) else { throw SettingsFault(name: name, problem: "must be \(expected), not \"\(text)\"") }
    return value
  }

  /// A duration in the unit that the name ends with: `Milliseconds`, `Seconds`, `Minutes`, `Hours` or `Days`.
  public func duration(_ name: String, default fallback: Int, within range: ClosedRange<Int> = 0...1_000_000_000, _ summary: String) throws
    -> Duration
  {
    let count = try integer(name, default: fallback, within: range, summary)
    let units: [(String, Int)] = [("Milliseconds", 1), ("Seconds", 1000), ("Minutes", 60_000), ("Hours", 3_600_000), ("Days", 86_400_000)]
    guard let unit = units.first(where: { name.hasSuffix($0.0) }) else { preconditionFailure("\(name) names no unit of time") }
    return .milliseconds(count * unit.1)
  }

  private func find(_ name: String) -> (String, Origin)? {
    if let (text, origin) = values[name], origin == .commandLine { return (text, origin) }
    if let text = environment[Self.variable(for: name)] { return (text, .environment) }
    return values[name]
  }

  /// `ordering.acceptDeadlineSeconds` as `TIFFIN_ORDERING_ACCEPT_DEADLINE_SECONDS`.
  public static func variable(for name: String) -> String {
    var variable = "TIFFIN_"
    for character in name {
      if character == "." {
        variable += "_"
      } else if character.isUppercase {
        variable += "_\(character)"
      } else {
        variable += character.uppercased()
      }
    }
    return variable
  }
}

/// A setting that cannot be used.
public struct SettingsFault: Error, Hashable, CustomStringConvertible {
  public let name: String
  public let problem: String

  public init(name: String, problem: String) {
    self.name = name
    self.problem = problem
  }

  public var description: String { "setting \(name) (\(SettingsSource.variable(for: name))) \(problem)" }
}
