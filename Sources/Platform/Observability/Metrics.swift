import Synchronization

/// The counts and measures of one process, by name and labels; written as Prometheus text.
///
/// A family takes at most `maximumSeries` label sets; what comes after is counted under one series of its own, so that a label
/// with endless values cannot eat the memory.
public final class Metrics: Sendable {
  /// The measures of this process.
  public static let shared = Metrics()

  /// Label sets a family keeps apart.
  public static let maximumSeries = 1000

  enum Instrument {
    case counter(Counter), gauge(Gauge), reading(@Sendable () -> Double), histogram(Histogram)

    var kind: String {
      switch self {
      case .counter: "counter"
      case .gauge, .reading: "gauge"
      case .histogram: "histogram"
      }
    }
  }

  struct Family {
    var help: String
    var series: [String: Instrument] = [:]
  }

  private let families = Mutex<[String: Family]>([:])

  public init() {}

  /// The counter of the name and labels; the same one each time.
  public func counter(_ name: String, help: String = "", _ labels: KeyValuePairs<String, String> = [:]) -> Counter {
    guard case .counter(let counter) = find(name, help, labels, make: { .counter(Counter()) }) else { return Counter() }
    return counter
  }

  public func gauge(_ name: String, help: String = "", _ labels: KeyValuePairs<String, String> = [:]) -> Gauge {
    guard case .gauge(let gauge) = find(name, help, labels, make: { .gauge(Gauge()) }) else { return Gauge() }
    return gauge
  }

  /// A gauge that is read when somebody asks.
  public func gauge(_ name: String, help: String = "", _ labels: KeyValuePairs<String, String> = [:], reading: @escaping @Sendable () -> Double) {
    let key = Self.text(labels)
    families.withLock { $0[name, default: Family(help: help)].series[key] = .reading(reading) }
  }

  /// - Parameter bounds: the upper bounds of the buckets, ascending; seconds for durations.
  public func histogram(
    _ name: String, help: String = "", bounds: [Double] = Histogram.secondsOfRequests, _ labels: KeyValuePairs<String, String> = [:]
  ) -> Histogram {
    guard case .histogram(let histogram) = find(name, help, labels, make: { .histogram(Histogram(bounds: bounds)) }) else {
      return Histogram(bounds: bounds)
    }
    return histogram
  }

  /// The sum over all label sets of a counter or gauge, for summaries; zero when there is none.
  public func total(_ name: String) -> Double {
    families.withLock { families in
      (families[name]?.series ?? [:]).values.reduce(0) { sum, instrument in
        switch instrument {
        case .counter(let counter): sum + Double(counter.value)
        case .gauge(let gauge): sum + gauge.value
        case .reading(let read): sum + read()
        case .histogram(let histogram): sum + Double(histogram.snapshot.count)
        }
      }
    }
  }

  /// How often, and how much in sum, over all label sets of a histogram.
  public func sum(ofHistogram name: String) -> (count: Int, sum: Double) {
    families.withLock { families in
      (families[name]?.series ?? [:]).values.reduce((0, 0)) { total, instrument in
        guard case .histogram(let histogram) = instrument else { return total }
        let snapshot = histogram.snapshot
        return (total.0 + snapshot.count, total.1 + snapshot.sum)
      }
    }
  }

  private func find(_ name: String, _ help: String, _ labels: KeyValuePairs<String, String>, make: () -> Instrument) -> Instrument {
    let key = Self.text(labels)
    return families.withLock { families in
      if let found = families[name]?.series[key] { return found }
      var family = families[name] ?? Family(help: help)
      let isFull = family.series.count >= Self.maximumSeries
      let place = isFull ? #"overflow="true""# : key
      let instrument = family.series[place] ?? make()
      family.series[place] = instrument
      families[name] = family
      return instrument
    }
  }

  /// All measures in the text format of Prometheus, version 0.0.4.
  public func prometheusText() -> String {
    // Taken under the lock, read outside of it: a gauge's reading may ask for another lock.
    let families = families.withLock { $0 }
    var text = ""
    for (name, family) in families.sorted(by: { $0.key < $1.key }) {
      guard let kind = family.series.values.first?.kind else { continue }
      if !family.help.isEmpty { text += "# HELP \(name) \(family.help)\n" }
      text += "# TYPE \(name) \(kind)\n"
      for (labels, instrument) in family.series.sorted(by: { $0.key < $1.key }) {
        let braced = labels.isEmpty ? "" : "{\(labels)}"
        switch instrument {
        case .counter(let counter): text += "\(name)\(braced) \(counter.value)\n"
        case .gauge(let gauge): text += "\(name)\(braced) \(Self.number(gauge.value))\n"
        case .reading(let read): text += "\(name)\(braced) \(Self.number(read()))\n"
        case .histogram(let histogram):
          let snapshot = histogram.snapshot
          var below = 0
          let prefix = labels.isEmpty ? "" : labels + ","
          for (bound, count) in zip(histogram.bounds, snapshot.counts) {
            below += count
            text += "\(name)_bucket{\(prefix)le=\"\(Self.number(bound))\"} \(below)\n"
          }
          text += "\(name)_bucket{\(prefix)le=\"+Inf\"} \(snapshot.count)\n"
          text += "\(name)_sum\(braced) \(Self.number(snapshot.sum))\n\(name)_count\(braced) \(snapshot.count)\n"
        }
      }
    }
    return text
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
  }

  private static func text(_ labels: KeyValuePairs<String, String>) -> String {
    labels.map { "\($0)=\"\(escaped($1))\"" }.joined(separator: ",")
  }

  private static func escaped(_ value: String) -> String {
    guard value.utf8.contains(where: { $0 == 0x22 || $0 == 0x5C || $0 == 0x0A }) else { return value }
    return value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
  }
}

extension Metrics {
  /// A counter of this process.
  public static func counter(_ name: String, help: String = "", _ labels: KeyValuePairs<String, String> = [:]) -> Counter {
    shared.counter(name, help: help, labels)
  }
  /// A gauge of this process.
  public static func gauge(_ name: String, help: String = "", _ labels: KeyValuePairs<String, String> = [:]) -> Gauge {
    shared.gauge(name, help: help, labels)
  }
  /// A histogram of this process.
  public static func histogram(_ name: String, help: String = "", _ labels: KeyValuePairs<String, String> = [:]) -> Histogram {
    shared.histogram(name, help: help, labels)
  }
}
