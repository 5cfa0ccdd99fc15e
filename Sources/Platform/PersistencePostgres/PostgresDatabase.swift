import Foundation
public import Persistence
import ServiceKit
import Synchronization

/// A PostgreSQL server: threads that write groups and threads that read snapshots, each with a connection of its own.
///
/// Bodies wait in bounded queues, and are refused when no connection takes them in time; no task ever blocks.
public final class PostgresDatabase: Persistence.Database, Sendable {
  public let settings: PostgresSettings
  public var engine: Engine { .postgres }
  public var peers: any Peers { others }

  private let writes: WorkQueue<Work>
  private let reads = WorkQueue<Work>(bound: 20_000)
  private let staleReads: WorkQueue<Work>?
  private let writing: Threads
  private let reading: Threads
  private let staleReading: Threads?
  private let sweeping = Threads(1)
  private let isClosed = Atomic(false)
  private let others: PostgresPeers

  /// Connects once, to see that the server is there and takes this user.
  ///
  /// - Throws: `Unavailable` with what the server says.
  public init(_ settings: PostgresSettings) throws {
    self.settings = settings
    try PostgresConnection(settings.url, settings: settings, use: .reader).close()
    others = PostgresPeers(settings)
    let writers = max(1, settings.writers)
    writes = WorkQueue<Work>(bound: 20_000, turns: writers)
    writing = Threads(writers * 2)
    reading = Threads(max(1, settings.readers))
    let (reads, writes) = (reads, writes)
    if let url = settings.readURL {
      let queue = WorkQueue<Work>(bound: 20_000)
      let threads = Threads(max(1, settings.readers))
      for _ in 0..<max(1, settings.readers) {
        threads.start("tiffin-replica") { PostgresReader(url, settings: settings, queue: queue, fallback: reads).work() }
      }
      staleReads = queue
      staleReading = threads
    } else {
      staleReads = nil
      staleReading = nil
    }
    for _ in 0..<writers * 2 { writing.start("tiffin-writer") { PostgresWriter(settings: settings, queue: writes).work() } }
    for _ in 0..<max(1, settings.readers) { reading.start("tiffin-reader") { PostgresReader(settings.url, settings: settings, queue: reads).work() } }
    let queues = [reads, writes] + (staleReads.map { [$0] } ?? [])
    sweeping.start("tiffin-sweeper") { [weak self] in
      while self?.isClosed.load(ordering: .relaxed) == false {
        Thread.sleep(forTimeInterval: 0.1)
        let limit = ContinuousClock.now - settings.wait
        for queue in queues {
          for work in queue.remove(where: { $0.since < limit }) {
            work.answer(failed: settings.outOfPatience)
          }
        }
      }
    }
  }

  deinit {
    others.stop()
    staleReads?.close()
    reads.close()
    writes.close()
  }

  public func read<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await enqueue(body, in: reads, "read")
  }

  public func readStale<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await enqueue(body, in: staleReads ?? reads, "read")
  }

  public func write<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await enqueue(body, in: writes, "write")
  }

  public func writeAlone<Value: Sendable>(_ body: @escaping @Sendable (any Transaction) throws -> Value) async throws -> Value {
    try await enqueue(body, in: writes, isExclusive: true, "write")
  }

  private func enqueue<Value: Sendable>(
    _ body: @escaping @Sendable (any Transaction) throws -> Value, in queue: WorkQueue<Work>, isExclusive: Bool = false, _ what: String
  ) async throws -> Value {
    try await withUnsafeThrowingContinuation { continuation in
      let work = BodyWork(body, isExclusive: isExclusive, continuation)
      if !queue.push(work) { work.answer(failed: Unavailable("the database is closed, or has too much to \(what)", retryAfterSeconds: 1)) }
    }
  }

  /// Takes no more work, finishes what it has, and disconnects; later calls throw `Unavailable`.
  public func close() async {
    staleReads?.close()
    await staleReading?.ended()
    reads.close()
    await reading.ended()
    writes.close()
    await writing.ended()
    isClosed.store(true, ordering: .relaxed)
    await sweeping.ended()
    others.stop()
    await others.ended()
  }
}
