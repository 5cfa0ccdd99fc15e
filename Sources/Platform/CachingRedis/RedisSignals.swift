import Caching
import NIOConcurrencyHelpers
import Observability
import RedisClient

/// Signals by publish and subscribe, on one channel for all topics.
///
/// Without Redis nobody hears: what could not be told is told when it is back, and then every listener is told to doubt.
final class RedisSignals: Signals {
  static let channel = "tiffin:signals"
  /// Signals put off at most; what is beyond is covered by the doubt that follows every loss.
  private static let mostPutOff = 10_000

  private struct Listener: Sendable {
    let heard: @Sendable (String) -> Void
    let doubt: @Sendable () -> Void
  }

  private struct State: Sendable {
    var listeners: [String: [Listener]] = [:]
    var putOff: [RedisCommand] = []
    var subscription: RedisSubscription?
    var isRetrying = false
  }

  private let client: RedisClient
  private let state = NIOLockedValueBox(State())
  private let heard: Counter
  private let doubts: Counter

  init(_ client: RedisClient, metrics: Metrics) {
    self.client = client
    heard = metrics.counter("shared_signals_total", help: "Signals heard from other nodes")
    doubts = metrics.counter("shared_doubts_total", help: "How often all that hangs on signals was forgotten after a loss")
    let subscription = client.subscribe(
      to: [Self.channel],
      .init(began: { [weak self] in self?.began() }, message: { [weak self] in self?.take($1) }))
    state.withLockedValue { $0.subscription = subscription }
  }

  func tell(_ topic: String, _ subject: String) async {
    let command = RedisCommand(["PUBLISH", .text(Self.channel), .text("\(topic)\n\(subject)")], isRepeatable: true)
    do { _ = try await client.send(command) } catch { putOff(command) }
  }

  func listen(_ topic: String, heard: @escaping @Sendable (String) -> Void, doubt: @escaping @Sendable () -> Void) {
    state.withLockedValue { $0.listeners[topic, default: []].append(Listener(heard: heard, doubt: doubt)) }
  }

  /// Is sent again until Redis takes it.
  func putOff(_ command: RedisCommand) {
    let isFirst = state.withLockedValue { state in
      if state.putOff.count < Self.mostPutOff { state.putOff.append(command) }
      defer { state.isRetrying = true }
      return !state.isRetrying
    }
    if isFirst { client.after(.milliseconds(200)) { [weak self] in self?.retry() } }
  }

  private func retry() {
    let putOff = state.withLockedValue { state in
      defer { state.putOff = []; state.isRetrying = false }
      return state.putOff
    }
    for command in putOff {
      client.submit(command, within: .seconds(5), patience: .untilDeadline) { [weak self] result in
        if case .failure(let failure) = result, failure != .closed { self?.putOff(command) }
      }
    }
  }

  private func began() {
    let wasUp = client.health.isUp
    retry()
    doubt()
    guard !wasUp else { return }
    // What was read before commands are answered again went past the second level, and would for long not be put there.
    client.submit(RedisCommand(["PING"], isRepeatable: true), within: .seconds(5), patience: .untilDeadline) { [weak self] _ in self?.doubt() }
  }

  private func doubt() {
    doubts.increment()
    for listener in state.withLockedValue({ $0.listeners }).values.joined() { listener.doubt() }
  }

  private func take(_ bytes: [UInt8]) {
    guard let end = bytes.firstIndex(of: 0x0A) else { return }
    heard.increment()
    let topic = String(decoding: bytes[..<end], as: UTF8.self)
    let subject = String(decoding: bytes[(end + 1)...], as: UTF8.self)
    for listener in state.withLockedValue({ $0.listeners[topic] ?? [] }) { listener.heard(subject) }
  }
}
