public import Discovery
import Kernel
import NIOCore
import NIOPosix
import Observability
import Resilience
public import ServiceKit
import Synchronization

/// The other processes, and which of them to ask next.
public final class PeerTable: Sendable {
  private struct State {
    var generation = -1
    var peers: [String: Peer] = [:]
    var byService: [String: [Peer]] = [:]
  }

  private let directory: Directory
  private let time: TimeSource
  private let ids: IdentifierSource
  private let group: MultiThreadedEventLoopGroup
  private let loops: [any EventLoop]
  private let state = Mutex(State())
  private let log = Log("peers")

  /// - Parameters:
  ///   - time: the machine's, whatever the speed of the services'.
  ///   - loops: how many event loops, and with them connections to each process.
  public init(_ directory: Directory, time: TimeSource, ids: IdentifierSource, loops count: Int) {
    self.directory = directory
    self.time = time
    self.ids = ids
    group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, count))
    loops = Array(group.makeIterator())
  }

  /// What each other process said of itself last, in the order of their ids.
  public var health: [(instance: Instance, status: PeerHealth)] {
    everyone().map { ($0.instance, $0.status) }
  }

  /// Asks every process how it is, again and again, until the task is cancelled; one that is well again is tried again.
  public func run(every pause: Duration = .seconds(1)) async {
    while (try? await time.sleep(for: pause)) != nil { await check() }
  }

  /// Asks every process how it is.
  public func check() async {
    await withTaskGroup(of: Void.self) { group in
      for peer in everyone() {
        group.addTask { [log] in
          let status = await peer.check(within: .seconds(2))
          if status != peer.status {
            log.info("a process changed", ["instance": peer.instance.id, "address": peer.instance.address, "status": status.rawValue])
          }
          peer.status = status
          if status == .up { peer.breaker.allowTrials() }
        }
      }
    }
  }

  /// Closes every connection; only once nothing calls any more.
  public func close() async {
    for peer in state.withLock({ $0.peers.values.map(\.self) }) { peer.close() }
    try? await group.shutdownGracefully()
  }

  /// The better one of two that chance picks, among those that host the service, answer, and were not tried yet.
  func pick(_ service: String, without tried: Set<String>) -> Peer? {
    let all = peers(of: service)
    let open = all.filter { !tried.contains($0.instance.id) && $0.breaker.condition != .open }
    let well = open.filter { $0.status == .up }
    let choice = well.isEmpty ? open.filter { $0.status != .stopping } : well
    guard choice.count > 1 else { return choice.first ?? open.first }
    let random = ids.random()
    let first = Int(random % UInt64(choice.count))
    let second = (first + 1 + Int((random >> 32) % UInt64(choice.count - 1))) % choice.count
    return choice[first].cost <= choice[second].cost ? choice[first] : choice[second]
  }

  /// Whether anybody hosts the service, ill or well.
  func isKnown(_ service: String) -> Bool { !peers(of: service).isEmpty }

  private func peers(of service: String) -> [Peer] {
    refresh()
    return state.withLock { $0.byService[service] ?? [] }
  }

  private func everyone() -> [Peer] {
    refresh()
    return state.withLock { $0.peers.values.sorted { $0.instance.id < $1.instance.id } }
  }

  /// Brings the table up to what the directory knows.
  private func refresh() {
    let generation = directory.generation
    guard state.withLock({ $0.generation != generation }) else { return }
    let instances = directory.instances.filter { $0.id != directory.own.id && $0.address != directory.own.address }
    let gone: [Peer] = state.withLock { state in
      var peers: [String: Peer] = [:]
      for instance in instances {
        if let known = state.peers[instance.id], known.instance == instance {
          peers[instance.id] = known
        } else if let address = PeerAddress(instance.address) {
          peers[instance.id] = Peer(instance, address, loops: loops, time: time)
        } else {
          log.warning("an instance has no usable address", ["instance": instance.id, "address": instance.address])
        }
      }
      let gone = state.peers.filter { peers[$0.key] !== $0.value }.map(\.value)
      state.peers = peers
      state.byService = [:]
      for peer in peers.values.sorted(by: { $0.instance.id < $1.instance.id }) {
        for service in peer.instance.services { state.byService[service, default: []].append(peer) }
      }
      state.generation = generation
      return gone
    }
    // What is in hand on them has as long as any call may take.
    for peer in gone { loops[0].scheduleTask(in: .seconds(30)) { peer.close() } }
  }
}
