import Synchronization

/// Counts up; one atomic addition.
public final class Counter: Sendable {
  private let count = Atomic<Int>(0)

  public init() {}
  public func increment(by amount: Int = 1) { count.wrappingAdd(amount, ordering: .relaxed) }
  public var value: Int { count.load(ordering: .relaxed) }
}

/// Holds the last value of something that goes up and down.
public final class Gauge: Sendable {
  private let bits = Atomic<UInt64>(0)

  public init() {}
  public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
  public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  public func add(_ amount: Double) {
    var old = bits.load(ordering: .relaxed)
    while true {
      let (isDone, now) = bits.weakCompareExchange(
        expected: old, desired: (Double(bitPattern: old) + amount).bitPattern, ordering: .relaxed)
      if isDone { return }
      old = now
    }
  }
}

/// Sorts measures into buckets.
public final class Histogram: Sendable {
  /// Buckets for the duration of requests, in seconds.
  public static let secondsOfRequests = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  struct Snapshot {
    var counts: [Int]
    var count = 0
    var sum = 0.0
  }

  let bounds: [Double]
  private let state: Mutex<Snapshot>

  public init(bounds: [Double]) {
    self.bounds = bounds
    state = Mutex(Snapshot(counts: Array(repeating: 0, count: bounds.count)))
  }

  public func record(_ value: Double) {
    var place = 0
    while place < bounds.count, value > bounds[place] { place += 1 }
    state.withLock { state in
      if place < state.counts.count { state.counts[place] += 1 }
      state.count += 1
      state.sum += value
    }
  }

  var snapshot: Snapshot { state.withLock { $0 } }
}
