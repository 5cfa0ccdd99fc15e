import Discovery
import Kernel
public import Observability
import Resilience
public import ServiceKit
import Wire

/// The Switchboard's remote leg: asks an instance of the service over HTTP/2, and another one when that is allowed and of use.
///
/// What surely was not begun is asked of another instance whatever it is. What may have been carried out is asked again only when
/// the operation declares that it may be repeated.
public struct RemoteCaller: Sendable {
  private let peers: PeerTable
  private let identity: ServiceIdentity
  private let sender: String
  private let time: TimeSource
  private let machineTime: TimeSource
  private let ids: IdentifierSource
  private let patience: Duration
  private let measures: CallMeasures
  private let log = Log("calls")
  private static let attempts = 4
  private static let backoff = Backoff(first: .milliseconds(40), factor: 3, most: .seconds(1))

  /// - Parameters:
  ///   - sender: the id of this instance.
  ///   - time: the services'.
  ///   - machineTime: the machine's.
  ///   - patience: how long a call without a deadline may take, on the machine's time.
  public init(
    _ peers: PeerTable, identity: ServiceIdentity, sender: String, time: TimeSource, machineTime: TimeSource, ids: IdentifierSource,
    patience: Duration = .seconds(10), metrics: Metrics = .shared
  ) {
    self.peers = peers
    self.identity = identity
    self.sender = sender
    self.time = time
    self.machineTime = machineTime
    self.ids = ids
    self.patience = patience
    measures = CallMeasures(metrics)
  }

  /// Asks for an operation that is not hosted here.
  public func call(_ call: RemoteCall) async throws -> RemoteAnswer {
    let service = call.address.service
    guard peers.isKnown(service) else {
      measures.note(.nobody)
      return .unavailable(Unavailable("no process that hosts \(service) is known", retryAfterSeconds: 2))
    }
    let end = min(CallContext.deadline ?? .distantFuture, time.now + patience * time.speed)
    let caller = String(decoding: encode(call.caller), as: UTF8.self)
    var tried: Set<String> = []
    var reason = "every process that hosts \(service) has failed repeatedly"
    for attempt in 1...Self.attempts {
      if attempt > 1 { measures.note(.retried) }
      let left = end.since(time.now)
      guard left > .zero else { break }
      guard let peer = peers.pick(service, without: tried) else {
        // Everyone was asked: once more from the start after a pause, unless nobody is worth asking.
        if tried.isEmpty { break }
        tried = []
        try await machineTime.sleep(for: Self.backoff.pause(after: attempt, random: ids.random()))
        continue
      }
      do {
        return try await ask(peer, call, caller, left)
      } catch let failure as TransportFailure {
        // Until its health check says otherwise, others are asked first.
        if case .turnedAway = failure { peer.status = .stopping }
        reason = "\(call.address) at \(peer.instance.address): \(failure)"
        guard failure.isUnbegun || call.repeatability != .once else {
          measures.note(.lost)
          log.warning("the answer to a call was lost", ["operation": call.address.description, "reason": reason])
          return .unavailable(Unavailable("\(reason); it may have been done", retryAfterSeconds: 1))
        }
      } catch let unavailable as Unavailable {
        // The breaker opened meanwhile; nothing was sent.
        reason = unavailable.reason
      }
      tried.insert(peer.instance.id)
    }
    measures.note(.failed)
    log.warning("a call found nobody to answer it", ["operation": call.address.description, "reason": reason])
    return .unavailable(Unavailable(reason, retryAfterSeconds: 1))
  }

  private func ask(_ peer: Peer, _ call: RemoteCall, _ caller: String, _ left: Duration) async throws -> RemoteAnswer {
    let sheet = CallSheet(
      path: CallSheet.prefix + call.address.description, caller: caller, correlation: CallContext.correlationID ?? "",
      patience: Int(left.milliseconds), sender: sender, target: peer.instance.id, time: identity.now, nonce: String(ids.random(), radix: 36))
    let headers = sheet.headers(signature: identity.sign(sheet, call.body))
    // An answer that takes longer than that is not worth waiting for while another instance may have it at once.
    let limit = call.repeatability == .once ? left / time.speed : min(left / time.speed, patience / 2)
    let response = try await peer.send(headers, call.body, within: limit)
    let answer = try AnswerForm.answer(response.headers, response.body)
    measures.note(.answered)
    return answer
  }
}

extension Instant {
  fileprivate static let distantFuture = Instant(milliseconds: Int.max / 4)
}

/// Counts how calls to other processes end.
private struct CallMeasures: Sendable {
  enum Outcome: String, CaseIterable { case answered, retried, lost, failed, nobody }
  private let counters: [Outcome: Counter]

  init(_ metrics: Metrics) {
    counters = Dictionary(
      uniqueKeysWithValues: Outcome.allCases.map {
        ($0, metrics.counter("remote_calls_total", help: "Calls to other processes, by how they went", ["outcome": $0.rawValue]))
      })
  }

  func note(_ outcome: Outcome) { counters[outcome]?.increment() }
}
