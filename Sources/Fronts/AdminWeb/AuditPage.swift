import IdentityAPI
import Kernel
import Pages
import ServiceKit
import WebServer
import Wire

/// `/admin/audit`: who did what to which account.
enum AuditPage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let action = request.query["action"].flatMap(AuditAction.init(rawValue:))
    let names = ["tenantId", "subjectId", "actorId", "from", "to"]
    let filters: [(String, String?)] = [("action", action?.rawValue)] + names.map { ($0, request.query[$0]) }
    let (found, problem) = try await request.list {
      try await request.call(
        ListAudit(
          tenantId: try request.filter("tenantId"), subjectId: try request.filter("subjectId"), actorId: try request.filter("actorId"),
          action: action, from: try day("from", request), to: try day("to", request), cursor: request.query["cursor"], limit: 50))
    }
    let known = Dictionary(names.map { ($0, request.query[$0] ?? "") }) { $1 }
    var fields = request.formFields(names, known: known, problem: problem)
    fields["items"] = found.items.map { row($0, request) }
    fields["isEmpty"] = found.items.isEmpty
    fields["actions"] = request.choices(AuditAction.allCases, chosen: action, "admin.action.")
    fields["csv"] = request.address("/api/admin/audit.csv", filters.map { ($0.0, $0.0 == "from" || $0.0 == "to" ? midnight($0.1) : $0.1) })
    fields.merge(request.pager("/admin/audit", filters, next: found.nextCursor)) { $1 }
    return try request.admin("audit", at: "audit", failing: problem, fields)
  }

  /// The start of a day, as `<input type="date">` names it, in UTC.
  private static func midnight(_ text: String?) -> String? { text.map { $0.contains("T") ? $0 : "\($0)T00:00:00Z" } }

  private static func day(_ name: String, _ request: PageRequest) throws(Problem) -> Instant? {
    guard var text = midnight(request.query[name]) else { return nil }
    let instant = text.withUTF8 { bytes in Instant(utf8: bytes) }
    guard let instant else {
      throw Problem(400, "invalid_input", "Some fields are not valid.", faults: [Fault(path: name, message: request.texts["admin.audit.dayWrong"])])
    }
    return instant
  }

  private static func row(_ entry: AuditEntry, _ request: PageRequest) -> [String: Any] {
    var row: [String: Any] = [
      "at": request.moment(entry.at), "action": entry.action.rawValue, "word": request.word("admin.action.", entry.action.rawValue)
    ]
    func person(_ id: UserID) -> [String: Any] { ["id": id.description, "short": shortened(id)] }
    row["actor"] = entry.actorId.map(person)
    row["subject"] = entry.subjectId.map(person)
    row["address"] = entry.address
    row["agent"] = entry.agent
    row["before"] = entry.before
    row["after"] = entry.after
    return row
  }
}
