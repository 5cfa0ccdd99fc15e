import GatewayAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// `/admin/dead-letters`: events that a service gave up on.
enum DeadLettersPage {
  static func show(_ request: PageRequest) async throws -> WebResponse { try await page(request) }

  static func replay(_ request: PageRequest) async throws -> WebResponse {
    do { _ = try await request.call(ReplayDeadLetter(letterId: request.path["letterId"] ?? "")) } catch {
      return try await page(request, failing: error.problem)
    }
    return request.redirect(to: "/admin/dead-letters?done=replayed")
  }

  static func drop(_ request: PageRequest) async throws -> WebResponse {
    do { _ = try await request.call(DropDeadLetter(letterId: request.path["letterId"] ?? "")) } catch {
      return try await page(request, failing: error.problem)
    }
    return request.redirect(to: "/admin/dead-letters?done=dropped")
  }

  private static func page(_ request: PageRequest, failing problem: Problem? = nil) async throws -> WebResponse {
    let service = request.query["service"]
    let found = try await request.call(ListDeadLetters(service: service, limit: 50, cursor: request.query["cursor"]))
    let services = try await request.call(GetHealth()).services.map(\.name)
    var fields: [String: Any] = [
      "items": found.items.map { letter in
        [
          "id": letter.id, "service": letter.service, "reaction": letter.reaction, "event": letter.event, "aggregate": letter.aggregate,
          "attempts": request.formats.number(letter.attempts), "reason": letter.reason, "happenedAt": request.moment(letter.happenedAt),
          "failedAt": request.moment(letter.failedAt)
        ] as [String: Any]
      },
      "isEmpty": found.items.isEmpty, "services": services.map { ["value": $0, "isChosen": $0 == service] as [String: Any] }
    ]
    if !found.unreached.isEmpty { fields["unreached"] = found.unreached.joined(separator: ", ") }
    fields.merge(request.pager("/admin/dead-letters", [("service", service)], next: found.nextCursor)) { $1 }
    return try request.admin("dead-letters", at: "letters", failing: problem, fields)
  }
}
