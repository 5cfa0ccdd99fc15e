import Kernel
import Observability
public import ServiceKit
import Synchronization

/// What a process knows of the others: read from the registry again and again, and kept when the registry is gone.
public final class Directory: Sendable {
  private struct State {
    var own: Instance
    var known: [String: Instance] = [:]
    /// Counts the changes of `known`.
    var generation = 0
    /// Why the registry was not reached last time.
    var trouble: String?
    /// Until when nobody is dropped, for the registry was gone and some have not had the time to say that they are there.
    var patientUntil = Instant(milliseconds: 0)
    var announcedAt: Instant?
    var hasLeft = false
  }

  private let registry: any Registry
  private let time: TimeSource
  private let pause: Duration
  private let state: Mutex<State>
  private let log = Log("discovery")

  /// - Parameters:
  ///   - own: this process; its address may still be empty.
  ///   - time: the machine's, whatever the speed of the services'.
  ///   - pause: between two looks at the registry.
  public init(_ registry: any Registry, own: Instance, time: TimeSource, pause: Duration = .milliseconds(500)) {
    self.registry = registry
    state = Mutex(State(own: own))
    self.time = time
    self.pause = pause
  }

  /// This process.
  public var own: Instance { state.withLock { $0.own } }

  /// Every instance known, this one among them, in the order of their ids.
  public var instances: [Instance] { state.withLock { $0.known.values.sorted { $0.id < $1.id } } }

  /// Counts up with every change of what is known.
  public var generation: Int { state.withLock { $0.generation } }

  /// Those that host a service.
  public func instances(of service: String) -> [Instance] { instances.filter { $0.services.contains(service) } }

  /// Makes the registry ready and reads who is there.
  ///
  /// - Throws: what the registry throws, when it cannot be reached.
  public func open() async throws {
    try await registry.prepare()
    try await look()
  }

  /// Enters this process, which from now on takes operations at the address.
  ///
  /// - Throws: what the registry throws, when it cannot be reached.
  public func join(at address: String) async throws {
    let own = state.withLock { state in
      state.own.address = address
      state.announcedAt = time.now
      return state.own
    }
    try await registry.announce(own)
    try await look()
  }

  /// Renews the word of this process and looks who is there, until the task is cancelled.
  public func run() async {
    while (try? await time.sleep(for: pause)) != nil {
      do {
        if isAnnouncementDue {
          try await registry.announce(own)
          state.withLock { $0.announcedAt = time.now }
        }
        try await look()
        noteSuccess()
      } catch is CancellationError { return } catch { note(error) }
    }
  }

  /// Takes this process out, so that nobody asks it any more.
  public func leave() async {
    state.withLock { $0.hasLeft = true }
    do { try await registry.withdraw(own.id) } catch {
      log.warning("could not say goodbye; the others will find out", ["reason": "\(error)"])
    }
  }

  /// Waits until each of the services is known somewhere.
  ///
  /// - Returns: those that are not, when the time is over.
  public func missing(of services: [String], within limit: Duration) async -> [String] {
    let end = time.now + limit
    while true {
      let missing = services.filter { instances(of: $0).isEmpty }
      if missing.isEmpty || time.now >= end { return missing }
      try? await look()
      guard (try? await time.sleep(for: .milliseconds(100))) != nil else { return missing }
    }
  }

  private var isAnnouncementDue: Bool {
    state.withLock { state in
      guard !state.hasLeft else { return false }
      return state.announcedAt.map { time.now >= $0 + instanceLifetime / 3 } ?? true
    }
  }

  /// Reads who is there now.
  ///
  /// - Throws: what the registry throws, when it cannot be reached.
  public func look() async throws {
    let found = try await registry.instances()
    let now = time.now
    state.withLock { state in
      if state.trouble != nil { state.patientUntil = now + instanceLifetime }
      var known = Dictionary(found.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
      if now < state.patientUntil { known.merge(state.known) { new, _ in new } }
      guard known != state.known else { return }
      state.known = known
      state.generation += 1
    }
  }

  private func note(_ error: any Error) {
    let isNew = state.withLock { state in
      defer { state.trouble = "\(error)" }
      // Heard once more when it is back.
      state.announcedAt = nil
      return state.trouble == nil
    }
    if isNew { log.warning("the registry is gone; going on with what is known", ["reason": "\(error)"]) }
  }

  private func noteSuccess() {
    let wasGone = state.withLock { state in
      guard state.trouble != nil else { return false }
      state.trouble = nil
      return true
    }
    if wasGone { log.info("the registry is back") }
  }
}
