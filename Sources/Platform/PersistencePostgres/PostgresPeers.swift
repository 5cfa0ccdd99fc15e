import CLibPQ
import Foundation
import Persistence
import ServiceKit
import Synchronization

/// The processes on one schema, by session locks and notifications of the server: whoever dies lets go at once.
final class PostgresPeers: Peers {
  private struct State {
    var wanted: Set<String> = []
    var held: Set<String> = []
    var actions: [String: [@Sendable () -> Void]] = [:]
    var outgoing: Set<String> = []
    var requests: [Request] = []
    var isStarted = false
    var isStopped = false
  }

  private enum Request {
    case hold(String, CheckedContinuation<Bool, Never>)
    case look(String, CheckedContinuation<Bool, any Error>)
  }

  let instance: String
  private let settings: PostgresSettings
  private let state = Mutex(State())
  private let thread = Threads(1)
  /// Wakes the thread out of its wait for the server.
  private let bell: (out: Int32, into: Int32)

  init(_ settings: PostgresSettings) {
    self.settings = settings
    instance = "\(ProcessInfo.processInfo.processIdentifier)-" + String(UInt64.random(in: .min ... .max), radix: 36)
    var descriptors: [Int32] = [-1, -1]
    pipe(&descriptors)
    bell = (descriptors[0], descriptors[1])
    _ = fcntl(bell.out, F_SETFL, O_NONBLOCK)
    _ = fcntl(bell.into, F_SETFL, O_NONBLOCK)
  }

  deinit {
    Foundation.close(bell.out)
    Foundation.close(bell.into)
  }

  // MARK: Asked

  func holds(_ duty: String) async -> Bool {
    if state.withLock({ $0.held.contains(duty) }) { return true }
    return await withCheckedContinuation { continuation in
      let isNew = state.withLock { state in
        guard !state.isStopped, state.wanted.insert(duty).inserted else { return false }
        state.requests.append(.hold(duty, continuation))
        return true
      }
      if isNew { ring() } else { continuation.resume(returning: false) }
    }
  }

  func isAlive(_ instance: String) async throws -> Bool {
    if instance == self.instance { return true }
    return try await withCheckedThrowingContinuation { continuation in
      let isStopped = state.withLock { state in
        if !state.isStopped { state.requests.append(.look(instance, continuation)) }
        return state.isStopped
      }
      if isStopped { continuation.resume(throwing: Unavailable("the database is closed")) } else { ring() }
    }
  }

  func signal(_ name: String) {
    let isNew = state.withLock { $0.outgoing.insert(name).inserted }
    if isNew { ring() }
  }

  func whenSignalled(_ name: String, _ action: @escaping @Sendable () -> Void) { state.withLock { $0.actions[name, default: []].append(action) } }

  func stop() {
    state.withLock { $0.isStopped = true }
    ring()
  }

  func ended() async {
    if state.withLock({ $0.isStarted }) { await thread.ended() }
  }

  /// Wakes the thread; the first who needs it starts it, for a process that asks nothing needs no connection for it.
  private func ring() {
    let isFirst = state.withLock { state in
      let isFirst = !state.isStarted && !state.isStopped
      if isFirst { state.isStarted = true }
      return isFirst
    }
    if isFirst { thread.start("tiffin-peers") { self.work() } }
    var byte: UInt8 = 1
    _ = Foundation.write(bell.into, &byte, 1)
  }

  // MARK: The thread

  private func work() {
    var connection: PostgresConnection?
    var nextLook = ContinuousClock.now
    var nextPing = ContinuousClock.now
    while !state.withLock({ $0.isStopped }) {
      do {
        let live = try connection ?? connect()
        connection = live
        try serve(live)
        if ContinuousClock.now >= nextLook {
          try claim(live)
          nextLook = .now + .milliseconds(500)
        }
        if ContinuousClock.now >= nextPing {
          try live.simply("SELECT 1")
          nextPing = .now + .seconds(5)
        }
        hear(live)
        wait(live.descriptor)
        if PQconsumeInput(live.handle) != 1 { throw ServerFailure.disconnected("the connection of the peers broke") }
        hear(live)
      } catch {
        connection?.close()
        connection = nil
        forgetAll(because: error)
        wait(-1)
      }
    }
    connection?.close()
    forgetAll(because: Unavailable("the database is closed"))
  }

  private func connect() throws -> PostgresConnection {
    let made = try PostgresConnection(settings.url, settings: settings, use: .listener)
    try made.simply("LISTEN tiffin")
    // The last life's session may hold it for a moment longer: it is wanted like any duty.
    state.withLock { state in
      state.wanted.insert(Self.lock(of: instance))
      return
    }
    try claim(made)
    return made
  }

  private func serve(_ connection: PostgresConnection) throws {
    let (requests, outgoing) = state.withLock { state in
      defer { (state.requests, state.outgoing) = ([], []) }
      return (state.requests, state.outgoing)
    }
    var rest = requests[...]
    do {
      while let request = rest.first {
        switch request {
        case .hold(let duty, let continuation):
          try claim(connection)
          continuation.resume(returning: state.withLock { $0.held.contains(duty) })
        case .look(let instance, let continuation):
          let number = key(of: "\(settings.schema) \(Self.lock(of: instance))")
          let isDead = try PostgresRow(connection.simply("SELECT pg_try_advisory_lock(\(number))")).integer(0) == 1
          if isDead { try connection.simply("SELECT pg_advisory_unlock(\(number))") }
          continuation.resume(returning: !isDead)
        }
        rest.removeFirst()
      }
      for name in outgoing.sorted() {
        try connection.simply("SELECT pg_notify('tiffin', '\("\(settings.schema) \(name)".replacing("'", with: "''"))')")
      }
    } catch {
      state.withLock { $0.requests = rest + $0.requests }
      throw error
    }
  }

  /// Tries to become the one for each duty that is wanted and not held.
  private func claim(_ connection: PostgresConnection) throws {
    let missing = state.withLock { $0.wanted.subtracting($0.held) }.sorted()
    if missing.isEmpty { return }
    let locks = missing.map { "pg_try_advisory_lock(\(key(of: "\(settings.schema) \($0)")))" }
    let row = PostgresRow(try connection.simply("SELECT \(locks.joined(separator: ", "))"))
    let won = missing.enumerated().filter { row.integer($0.offset) == 1 }.map(\.element)
    if won.isEmpty { return }
    let actions = state.withLock { state in
      state.held.formUnion(won)
      return won.flatMap { state.actions[$0] ?? [] }
    }
    for action in actions { action() }
  }

  private func hear(_ connection: PostgresConnection) {
    var names: Set<String> = []
    while let notice = PQnotifies(connection.handle) {
      let isOwn = notice.pointee.be_pid == PQbackendPID(connection.handle)
      let text = String(cString: notice.pointee.extra)
      PQfreemem(notice)
      if !isOwn, text.hasPrefix(settings.schema + " ") { names.insert(String(text.dropFirst(settings.schema.count + 1))) }
    }
    let actions = state.withLock { state in names.sorted().flatMap { state.actions[$0] ?? [] } }
    for action in actions { action() }
  }

  /// Waits for the server or the bell, half a second at most.
  private func wait(_ descriptor: Int32) {
    var descriptors = [pollfd(fd: bell.out, events: Int16(POLLIN), revents: 0), pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    _ = poll(&descriptors, 2, 500)
    var bytes = [UInt8](repeating: 0, count: 64)
    while Foundation.read(bell.out, &bytes, 64) > 0 {}
  }

  private func forgetAll(because error: any Error) {
    let requests = state.withLock { state in
      state.held = []
      defer { state.requests = [] }
      return state.requests
    }
    for request in requests {
      switch request {
      case .hold(_, let continuation): continuation.resume(returning: false)
      case .look(_, let continuation): continuation.resume(throwing: error as? Unavailable ?? Unavailable("the database does not answer: \(error)"))
      }
    }
  }

  private static func lock(of instance: String) -> String { "instance \(instance)" }
}
