public import Hosting
import Kernel
import Messaging
import Persistence
public import Realtime
public import ServiceKit
import Settings
import Synchronization

/// Services hosted on a real database, with the rest of the world played by the test.
///
///     @Test(arguments: Switchboard.LocalDelivery.allCases) func placing(_ delivery: Switchboard.LocalDelivery) async throws {
///       try await ServiceHarness.with([OrderingModule.self], delivery: delivery, fakes: [
///         Hosted(QuoteItems.self) { request in QuoteItems.Reply(...) }
///       ]) { harness in
///         let order = try await harness.call(PlaceOrder(...), as: customer)
///         try await harness.settle()                       // every event has been reacted to
///         #expect(harness.published("order.created").count == 1)
///         try await harness.advance(by: .seconds(30), until: "cancelled") { ... }   // jobs run as time moves
///       }
///     }
///
/// Fakes under `.loopback` are asked twice when their operation may be repeated. Time stands still until it is moved.
public final class ServiceHarness: Sendable {
  public let process: ServiceProcess
  public let database: TestDatabase
  public let time: ManualTime
  public let ids: IdentifierSource
  private let heard: Recorder
  private let outside: Relay

  private init(process: ServiceProcess, database: TestDatabase, time: ManualTime, ids: IdentifierSource, heard: Recorder, outside: Relay) {
    self.process = process
    self.database = database
    self.time = time
    self.ids = ids
    self.heard = heard
    self.outside = outside
  }

  /// Hosts the services while the body runs.
  ///
  /// - Parameters:
  ///   - fakes: operations of services that are not hosted.
  ///   - settings: names and values as in a file.
  ///   - path: an existing database, for tests that restart.
  ///   - isWithJobs: whether jobs run by themselves as time moves.
  public static func with<Value: Sendable>(
    _ types: [any ServiceModule.Type], delivery: Switchboard.LocalDelivery = .direct, fakes: [any HostedOperation] = [],
    settings: [String: String] = [:], time: ManualTime = ManualTime(), seed: UInt64 = 1, path: String? = nil, isWithJobs: Bool = true,
    _ body: @Sendable (ServiceHarness) async throws -> Value
  ) async throws -> Value {
    let database = try TestDatabase(path: path ?? temporaryPath("services.sqlite"))
    let ids = time.ids(seed: seed)
    let heard = Recorder()
    let bus = RecordingBus(heard)
    let process = try ServiceProcess(
      types, settings: SettingsSource(file: settings), database: database, bus: bus, delivery: delivery, operations: fakes, time: time.source,
      ids: ids,
      sagaPauses: [.zero, .zero])
    try await process.prepare()
    try await database.migrate(Outbox.migrations(for: "outside"))
    let outside = Relay(service: "outside", database: database, bus: bus, time: time.source)
    let harness = ServiceHarness(process: process, database: database, time: time, ids: ids, heard: heard, outside: outside)
    let running = Task {
      await withTaskGroup(of: Void.self) { group in
        group.addTask { await process.run(isWithJobs: isWithJobs) }
        group.addTask { await outside.run() }
      }
    }
    let result: Result<Value, any Error>
    do { result = .success(try await body(harness)) } catch { result = .failure(error) }
    running.cancel()
    await running.value
    await database.close()
    return try result.get()
  }

  /// Asks, as the caller.
  public func call<O: Operation>(_ operation: O, as caller: Caller = .system) async throws -> O.Reply {
    try await Caller.$current.withValue(caller) { try await process.switchboard.call(operation) }
  }

  /// The refusal that the call meets; nil when it is answered.
  public func refusal<O: Operation>(of operation: O, as caller: Caller = .system) async throws -> O.Refusal? {
    do {
      _ = try await call(operation, as: caller)
      return nil
    } catch let CallFailure<O.Refusal>.refused(refusal) { return refusal }
  }

  /// Tells the services of an event that one not hosted here would publish, through an outbox of the harness.
  public func publish<E: Event>(_ event: E) async throws {
    let outbox = Outbox(service: "outside", time: time.source, ids: ids) { [outside] in outside.take($0, $1) }
    try await database.write { try outbox.publish(event, in: $0) }
  }

  /// Waits until every event has been reacted to; those that failed and wait for another try do not count.
  public func settle(within limit: Duration = .seconds(20)) async throws {
    try await eventually(within: limit, "all events reacted to") {
      let isEmptyOutside = try await self.database.read { try $0.first("SELECT 1 FROM outside_outbox LIMIT 1") { _ in true } } == nil
      guard isEmptyOutside else { return false }
      return try await self.process.isSettled()
    }
  }

  /// Moves the time by a step again and again until the condition holds: for what jobs do, however often they have to run.
  public func advance(
    by step: Duration, atMost steps: Int = 200, until what: String = "the condition", _ condition: @Sendable () async throws -> Bool
  ) async throws {
    for _ in 0..<steps {
      if try await condition() { return }
      await time.advance(by: step)
      // A job that was woken works on threads of its own: give it a moment of the machine's time.
      try await Task.sleep(for: .milliseconds(5))
    }
    // On a machine that is busy with much else, the jobs get more of its time for each step.
    let end = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < end {
      if try await condition() { return }
      await time.advance(by: step)
      try await Task.sleep(for: .milliseconds(50))
    }
    throw NeverHeld(what: what, within: step * steps)
  }

  /// Every event that went over the bus, in order.
  public var events: [Envelope] { heard.all }
  /// The events of one name that went over the bus.
  public func published(_ name: String) -> [Envelope] { heard.all.filter { $0.name == name } }
  /// The events of one type that went over the bus.
  public func published<E: Event>(_ type: E.Type) throws -> [E] { try published(E.name).map { try $0.event(as: type) } }
}

/// A listener on channels that keeps what it gets.
public final class FrameRecorder: Channels.Listener {
  private let frames = Mutex<[[UInt8]]>([])

  public init() {}

  public func deliver(_ frame: [UInt8]) { frames.withLock { $0.append(frame) } }
  /// The frames so far, as text.
  public var texts: [String] { frames.withLock { $0.map { String(decoding: $0, as: UTF8.self) } } }
}

private final class Recorder: Sendable {
  private let envelopes = Mutex<[Envelope]>([])
  func note(_ batch: [Envelope]) { envelopes.withLock { $0 += batch } }
  var all: [Envelope] { envelopes.withLock { $0 } }
}

private final class RecordingBus: Bus {
  private let bus = InProcessBus()
  private let recorder: Recorder

  init(_ recorder: Recorder) { self.recorder = recorder }

  func subscribe(_ subscription: Subscription) { bus.subscribe(subscription) }
  func publish(_ batch: [Envelope], isRepeated: Bool, confirm: @escaping @Sendable (EventID) -> Void) async throws {
    recorder.note(batch)
    try await bus.publish(batch, isRepeated: isRepeated, confirm: confirm)
  }
}
