/// How far a subscriber is in one partition: what was delivered, and the first offset that is not done.
struct PartitionProgress: Sendable {
  /// Delivered offsets in order, from the first that is not done.
  private var delivered: [Int64] = []
  private var head = 0
  private var done: Set<Int64> = []
  /// Where the next run would have to begin; nil until something is done.
  private(set) var next: Int64?
  /// What the broker was told.
  var committed: Int64?

  /// Offsets below may have been delivered before, to a member that went.
  var repeatedBelow: Int64?

  /// Delivered and not done.
  var open: Int { delivered.count - head - done.count }

  mutating func deliver(_ offset: Int64) { delivered.append(offset) }

  mutating func finish(_ offset: Int64) {
    guard head < delivered.count, offset >= delivered[head] else { return }
    // Mostly they are done in the order in which they came.
    guard offset == delivered[head] else {
      done.insert(offset)
      return
    }
    next = offset + 1
    head += 1
    while head < delivered.count, !done.isEmpty, done.remove(delivered[head]) != nil {
      next = delivered[head] + 1
      head += 1
    }
    if head > 1024 || head == delivered.count {
      delivered.removeFirst(head)
      head = 0
    }
  }

  /// The offset to commit; nil when there is no news.
  var uncommitted: Int64? { next == committed ? nil : next }
}
