import Foundation
public import Wire

/// What a load run measured.
@Wire public struct LoadResult: Sendable {
  public var scenario: String
  public var connections: Int
  public var seconds: Double
  /// Successful answers, positions or frames.
  public var count: Int
  /// Per second.
  public var rate: Double
  public var errors: Int
  public var p50Milliseconds: Double
  public var p90Milliseconds: Double
  public var p99Milliseconds: Double
  /// What the scenario made that others may want, such as the path of a menu.
  public var path: String?
  /// More in words.
  public var note: String?
}

extension LoadResult {
  /// - Parameters:
  ///   - milliseconds: how long each took.
  ///   - count: where not every one was timed.
  public init(
    _ scenario: String, connections: Int, seconds: Double, milliseconds: [Double], count: Int? = nil, errors: Int, path: String? = nil,
    note: String? = nil
  ) {
    let spread = DayTable.Spread(milliseconds)
    func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
    let count = count ?? milliseconds.count
    self.init(
      scenario: scenario, connections: connections, seconds: rounded(seconds), count: count, rate: rounded(Double(count) / max(seconds, 1e-9)),
      errors: errors, p50Milliseconds: rounded(spread.percentile(50)), p90Milliseconds: rounded(spread.percentile(90)),
      p99Milliseconds: rounded(spread.percentile(99)), path: path, note: note)
  }

  /// One line for people.
  public var text: String {
    let figures = "\(count) in \(DayTable.number(seconds)) s: \(DayTable.number(rate))/s at \(connections) connections"
    let times = "p50 \(DayTable.number(p50Milliseconds)) ms, p90 \(DayTable.number(p90Milliseconds)) ms, p99 \(DayTable.number(p99Milliseconds)) ms"
    return "\(scenario): \(figures), \(times), errors \(errors)\(note.map { "; \($0)" } ?? "")"
  }
}
