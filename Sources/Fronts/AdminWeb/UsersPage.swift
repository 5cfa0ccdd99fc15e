import IdentityAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// `/admin/users`: everybody with an account, the newest first.
enum UsersPage {
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let email = request.query["email"]
    let role = request.query["role"].flatMap(Role.init(rawValue:))
    let (found, problem) = try await request.list {
      try await request.call(
        ListUsers(email: email, role: role, tenantId: try request.filter("tenantId"), cursor: request.query["cursor"], limit: 50))
    }
    let tenant = request.query["tenantId"]
    var fields = request.formFields(["email", "tenantId"], known: ["email": email ?? "", "tenantId": tenant ?? ""], problem: problem)
    fields["items"] = found.items.map { row($0, request) }
    fields["isEmpty"] = found.items.isEmpty
    fields["choices"] = request.choices(Role.allCases.filter { $0 != .system }, chosen: role, "admin.role.")
    fields.merge(request.pager("/admin/users", [("email", email), ("role", role?.rawValue), ("tenantId", tenant)], next: found.nextCursor)) { $1 }
    return try request.admin("users", at: "users", failing: problem, fields)
  }

  static func row(_ standing: UserStanding, _ request: PageRequest) -> [String: Any] {
    let user = standing.user
    var row: [String: Any] = [
      "id": user.id.description, "name": user.displayName, "isDisabled": standing.isDisabled, "createdAt": request.moment(user.createdAt),
      "roleWords": user.roles.sorted().map { request.word("admin.role.", $0.rawValue) }.joined(separator: ", ")
    ]
    row["email"] = user.email ?? user.username
    row["phone"] = user.phone
    row["tenant"] = user.tenantId?.description
    return row
  }
}
