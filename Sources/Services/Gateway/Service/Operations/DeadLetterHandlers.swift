import GatewayAPI
import Kernel
import Messaging
import Observability
import ServiceKit
import Wire

/// Answers what administrators ask about dead letters: each service is asked for its own, wherever it runs.
struct DeadLetterHandlers: Sendable {
  let switchboard: Switchboard
  /// The names of every service of the installation, in their order.
  let services: @Sendable () -> [String]
  private let log = Log("gateway")

  init(switchboard: Switchboard, services: @escaping @Sendable () -> [String]) {
    self.switchboard = switchboard
    self.services = services
  }

  func answer(_ request: ListDeadLetters) async throws -> DeadLetterPage {
    let cursor = try request.cursor.map { text in
      guard let name = DeadLetterName(text) else { throw InvalidInput([Fault(path: "cursor", message: "is not one of this list")]) }
      return name
    }
    let known = services()
    if let service = request.service, !known.contains(service) {
      throw InvalidInput([Fault(path: "service", message: "must be one of \(known.joined(separator: ", "))")])
    }
    var items: [DeadLetter] = []
    var unreached: [String] = []
    for service in known where request.service ?? service == service && service >= cursor?.service ?? "" {
      let after = service == cursor?.service ? cursor?.position ?? 0 : 0
      do throws(CallFailure<Never>) {
        // One more than the page holds tells whether there is another.
        let kept = try await switchboard.callAsSystem(ReadDeadLetters(after: after, limit: request.limit + 1 - items.count), of: service)
        items += kept.letters.map { DeadLetter($0, of: service) }
      } catch {
        log.warning("a service did not tell its dead letters", ["service": service, "reason": "\(error)"])
        unreached.append(service)
      }
      if items.count > request.limit { break }
    }
    let page = Page(items, upTo: request.limit, cursor: \.id)
    return DeadLetterPage(items: page.items, nextCursor: page.nextCursor, unreached: unreached)
  }

  func answer(_ request: ReplayDeadLetter) async throws -> Done { try await settle(request.letterId, isReplayed: true) }
  func answer(_ request: DropDeadLetter) async throws -> Done { try await settle(request.letterId, isReplayed: false) }

  private func settle(_ text: String, isReplayed: Bool) async throws -> Done {
    guard let name = DeadLetterName(text), services().contains(name.service) else { throw DeadLetterRefusal.deadLetterUnknown }
    let settled = try await switchboard.callAsSystem(SettleDeadLetter(position: name.position, isReplayed: isReplayed), of: name.service)
    guard settled.wasThere else { throw DeadLetterRefusal.deadLetterUnknown }
    log.info(
      isReplayed ? "a dead letter is handled again" : "a dead letter is forgotten",
      ["letter": text, "by": Caller.current.user?.description ?? "the platform"])
    return Done()
  }
}

extension DeadLetter {
  init(_ letter: KeptDeadLetter, of service: String) {
    self.init(
      id: DeadLetterName(service: service, position: letter.position).description, service: service, reaction: letter.reaction,
      event: letter.event, aggregate: letter.aggregate, sequence: letter.sequence, attempts: letter.attempts, reason: letter.reason,
      happenedAt: letter.happenedAt, failedAt: letter.failedAt)
  }
}
