import IdentityAPI
import Kernel
import Persistence
import ServiceKit

/// Answers `ListAudit` and `ExportAudit`.
struct AuditHandlers: Sendable {
  let context: IdentityContext
  private static let mostRows = 10_000

  func answer(_ request: ListAudit) async throws -> Page<AuditEntry> {
    let filter = try scoped(
      AuditFilter(
        tenantId: request.tenantId, subjectId: request.subjectId, actorId: request.actorId, action: request.action, from: request.from,
        to: request.to))
    let after = try request.cursor.map { try cursor($0, AuditID.self) }
    let found = try await context.database.read { [context] in
      try context.audit.list(filter, after: after, limit: request.limit + 1, in: $0)
    }
    return Page(found, upTo: request.limit, cursor: \.id.description)
  }

  func answer(_ request: ExportAudit) async throws -> TextDocument {
    let filter = try scoped(
      AuditFilter(
        tenantId: request.tenantId, subjectId: request.subjectId, actorId: request.actorId, action: request.action, from: request.from,
        to: request.to))
    let found = try await context.database.readStale { [context] in
      try context.audit.list(filter, after: nil, limit: Self.mostRows, in: $0)
    }
    let head = ["id", "at", "action", "actorId", "subjectId", "tenantId", "address", "agent", "before", "after"]
    let rows = found.map { entry in
      [
        entry.id.description, entry.at.description, entry.action.rawValue, entry.actorId?.description ?? "", entry.subjectId?.description ?? "",
        entry.tenantId?.description ?? "", entry.address ?? "", entry.agent ?? "", entry.before ?? "", entry.after ?? ""
      ]
    }
    return TextDocument(contentType: "text/csv; charset=utf-8", fileName: "audit.csv", text: CSV.text([head] + rows))
  }

  /// Managers see their own tenant's entries, whatever they ask for.
  private func scoped(_ filter: AuditFilter) throws -> AuditFilter {
    let caller = Caller.current
    if caller.hasAny(of: Role.administrators) || caller.has(.system) { return filter }
    guard let tenant = caller.tenant else { throw Denial.forbidden }
    var filter = filter
    filter.tenantId = tenant
    return filter
  }
}
