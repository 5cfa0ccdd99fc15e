import Kernel
import NIOConcurrencyHelpers
import NIOCore
import Realtime
import ServiceKit
import Synchronization

/// What the connections of one event loop share: their executor, their watch, and the frames on their way to them.
final class LoopPlace: Lane {
  let loop: any EventLoop
  let executor: LoopTaskExecutor
  private let time: TimeSource
  private let waiting = NIOLockedValueBox(Waiting())
  private let bound: NIOLoopBoundBox<Bound>

  private struct Waiting {
    var frames: [(frame: [UInt8], listeners: [any Channels.Listener])] = []
    var isScheduled = false
  }

  private struct Bound {
    var watched: [ObjectIdentifier: any Watched] = [:]
    var watch: RepeatedTask?
    var date: [UInt8] = []
    var dateUntil = NIODeadline.now()
    var unflushed: [ConnectionHandler] = []
  }

  init(_ loop: any EventLoop, time: TimeSource) {
    self.loop = loop
    self.time = time
    executor = LoopTaskExecutor(loop)
    bound = .makeBoxSendingValue(Bound(), eventLoop: loop)
  }

  // MARK: Work

  /// Tasks that will want this loop again.
  let tasks = Atomic<Int>(0)

  /// Does asynchronous work on this loop, then hands its outcome back there. Called on the loop.
  func run<Outcome: Sendable>(_ work: @escaping @Sendable () async -> Outcome, then: @escaping (Outcome) -> Void) {
    tasks.add(1, ordering: .relaxed)
    let bound = NIOLoopBound(then, eventLoop: loop)
    Task(executorPreference: executor) { [loop, self] in
      let outcome = await work()
      if loop.inEventLoop { bound.value(outcome) } else { loop.execute { bound.value(outcome) } }
      self.tasks.subtract(1, ordering: .relaxed)
    }
  }

  /// Has a connection flush at the end of this turn of the loop: what was read together is answered together, which spares the
  /// processor going back and forth. Called on the loop.
  func flushSoon(_ connection: ConnectionHandler) {
    bound.value.unflushed.append(connection)
    guard bound.value.unflushed.count == 1 else { return }
    loop.assumeIsolated().execute {
      let connections = self.bound.value.unflushed
      self.bound.value.unflushed = []
      for connection in connections { connection.flush() }
    }
  }

  // MARK: Frames

  /// Hands one frame to many sockets of this loop; one wake-up however many frames come before it runs.
  func deliver(_ frame: [UInt8], to listeners: [any Channels.Listener]) {
    let isFirst = waiting.withLockedValue { waiting in
      waiting.frames.append((frame, listeners))
      defer { waiting.isScheduled = true }
      return !waiting.isScheduled
    }
    if isFirst { loop.execute { self.drain() } }
  }

  private func drain() {
    let frames = waiting.withLockedValue { waiting in
      defer { waiting.frames = []; waiting.isScheduled = false }
      return waiting.frames
    }
    var touched: [ObjectIdentifier: Socket] = [:]
    for (frame, listeners) in frames {
      let buffer = Socket.textFrame(frame)
      for case let socket as Socket in listeners {
        socket.write(buffer)
        touched[ObjectIdentifier(socket)] = socket
      }
    }
    for socket in touched.values { socket.flush() }
  }

  // MARK: Watch

  func watch(_ connection: any Watched) {
    bound.value.watched[ObjectIdentifier(connection)] = connection
    guard bound.value.watch == nil else { return }
    bound.value.watch = loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .seconds(1)) { [weak self] _ in self?.look() }
  }

  func forget(_ connection: any Watched) { bound.value.watched[ObjectIdentifier(connection)] = nil }

  private func look() {
    let now = NIODeadline.now()
    for connection in bound.value.watched.values { connection.look(at: now) }
  }

  /// Ends every connection at once, and the watch.
  func closeAll() async {
    try? await loop.submit {
      self.bound.value.watch?.cancel()
      self.bound.value.watch = nil
      for connection in self.bound.value.watched.values { connection.end() }
    }.get()
    // Once more around the loop, so that the closings have run.
    try? await loop.submit {}.get()
  }

  /// The date for responses, written anew once a second.
  func date(at now: NIODeadline) -> [UInt8] {
    if now >= bound.value.dateUntil {
      bound.value.date = Array("\(time.now.internetText) GMT".utf8)
      bound.value.dateUntil = now + .seconds(1)
    }
    return bound.value.date
  }
}

/// A connection with deadlines, looked at once a second on its loop.
protocol Watched: AnyObject {
  func look(at now: NIODeadline)
  func end()
}
