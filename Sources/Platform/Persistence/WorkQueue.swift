#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A bounded queue between tasks, which never wait, and threads, which do.
package final class WorkQueue<Item: Sendable>: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let changed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
  private let bound: Int
  private var items: [Item] = []
  private var waiting = 0
  private var isClosed = false

  package init(bound: Int) {
    self.bound = bound
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(changed, nil)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    pthread_cond_destroy(changed)
    mutex.deallocate()
    changed.deallocate()
  }

  /// Adds an item; answers false when the queue is full or closed.
  package func push(_ item: Item) -> Bool {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    guard !isClosed, items.count < bound else { return false }
    items.append(item)
    if waiting > 0 { pthread_cond_signal(changed) }
    return true
  }

  /// Waits for items and takes those that wait, at most `most`, at most a fair share of them among `takers`.
  ///
  /// - Returns: nil once the queue is closed and empty.
  package func take(upTo most: Int, among takers: Int = 1) -> [Item]? {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    while items.isEmpty {
      if isClosed { return nil }
      waiting += 1
      pthread_cond_wait(changed, mutex)
      waiting -= 1
    }
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
