#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A bounded queue between tasks, which never wait, and threads, which do.
///
/// Threads may work on items in two parts: one that any number does side by side, and one for which there are so many turns.
package final class WorkQueue<Item: Sendable>: @unchecked Sendable {
  /// How many items wake a thread that waits for its turn, to do the first part of them meanwhile.
  private static var handful: Int { 8 }

  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let turned = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let bound: Int
  private var items: [Item] = []
  private var waiting = 0
  private var gathering = 0
  private var freeTurns: Int
  private var isClosed = false

  package init(bound: Int, turns: Int = 1) {
    self.bound = bound
    freeTurns = turns
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
    pthread_cond_init(turned, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(changed)
    pthread_cond_destroy(turned)
    mutex.deallocate()
    changed.deallocate()
    turned.deallocate()
  }

  /// Adds an item; answers false when the queue is full or closed.
  package func push(_ item: Item) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard !isClosed, items.count < bound else { return false }
    items.append(item)
    if waiting > 0 { pthread_cond_signal(changed) } else if gathering > 0, items.count >= Self.handful { pthread_cond_signal(turned) }
    return true
  }

  /// Waits for items and takes those that wait, at most `most`, at most a fair share of them among `takers`.
  ///
  /// - Returns: nil once the queue is closed and empty.
  package func take(upTo most: Int, among takers: Int = 1) -> [Item]? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return waitForItems() ? takeOut(upTo: most, among: takers) : nil
  }

  /// Takes items as `take` does; a turn comes with them when one is free and nobody waits for it.
  ///
  /// - Returns: nil once the queue is closed and empty.
  package func begin(upTo most: Int, among takers: Int) -> (items: [Item], hasTurn: Bool)? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard waitForItems() else { return nil }
    let hasTurn = gathering == 0 && freeTurns > 0
    if hasTurn { freeTurns -= 1 }
    return (takeOut(upTo: most, among: takers), hasTurn)
  }

  /// Waits for a turn, or for more items that are worth to be taken meanwhile, for whoever has begun without one.
  ///
  /// - Parameters:
  ///   - most: how many more may be taken, at least none.
  ///   - end: when it is given up, with neither.
  package func goOn(upTo most: Int, among takers: Int, until end: ContinuousClock.Instant?) -> (items: [Item], hasTurn: Bool) {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while freeTurns == 0, most == 0 || items.count < Self.handful {
      gathering += 1
      defer { gathering -= 1 }
      guard let end else {
        pthread_cond_wait(turned, mutex)
        continue
      }
      let left = end - .now
      if left <= .zero { return ([], false) }
      var moment = timespec()
      clock_gettime(CLOCK_REALTIME, &moment)
      let (seconds, attoseconds) = left.components
      let nanoseconds = Int64(moment.tv_nsec) + attoseconds / 1_000_000_000
      moment.tv_sec += Int(seconds + nanoseconds / 1_000_000_000)
      moment.tv_nsec = Int(nanoseconds % 1_000_000_000)
      pthread_cond_timedwait(turned, mutex, &moment)
    }
    if freeTurns > 0 {
      freeTurns -= 1
      return ([], true)
    }
    return (takeOut(upTo: most, among: takers), false)
  }

  /// Waits for a turn; false when none came free until the end.
  package func takeTurn(until end: ContinuousClock.Instant? = nil) -> Bool { goOn(upTo: 0, among: 1, until: end).hasTurn }

  /// Leaves a turn to whoever waits for one.
  package func endTurn() {
    pthread_mutex_lock(mutex)
    freeTurns += 1
    if gathering > 0 { pthread_cond_signal(turned) }
    pthread_mutex_unlock(mutex)
  }

  /// False once the queue is closed and empty.
  private func waitForItems() -> Bool {
    while items.isEmpty {
      if isClosed { return false }
      waiting += 1
      pthread_cond_wait(changed, mutex)
      waiting -= 1
    }
    return true
  }

  private func takeOut(upTo most: Int, among takers: Int) -> [Item] {
    let count = min(most, max(1, (items.count + takers - 1) / takers))
    if count == items.count {
      let taken = items
      items = []
      items.reserveCapacity(taken.capacity)
      return taken
    }
    let taken = Array(items[..<count])
    items.removeFirst(count)
    return taken
  }

  package var isEmpty: Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return items.isEmpty
  }

  /// Takes out at once the items of which the condition holds.
  package func remove(where isOverdue: (Item) -> Bool) -> [Item] {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    // The front is the oldest: mostly nothing is overdue, and one look says so.
    guard let first = items.first, isOverdue(first) else { return [] }
    let removed = items.filter(isOverdue)
    items.removeAll(where: isOverdue)
    return removed
  }

  /// Takes no more items; what waits is still handed out.
  package func close() {
    pthread_mutex_lock(mutex)
    isClosed = true
    pthread_cond_broadcast(changed)
    pthread_mutex_unlock(mutex)
  }
}
