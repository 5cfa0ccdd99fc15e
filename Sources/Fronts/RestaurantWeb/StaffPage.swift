import Wire
import IdentityAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// The people of the tenant: who they are, what they may do, and their first passwords.
enum StaffPage {
  private static let names = ["username", "role", "firstName", "lastName", "email"]

  static func show(_ request: PageRequest) async throws -> WebResponse { try await page(request) }

  /// - Parameters:
  ///   - made: somebody with a fresh password, which is shown this once.
  ///   - problem: what the server said of the form for somebody new.
  ///   - trouble: what it said of a change.
  private static func page(
    _ request: PageRequest, made: NewStaffMember? = nil, problem: Problem? = nil, trouble: Problem? = nil
  ) async throws -> WebResponse {
    guard let tenant = request.caller.tenant else { return request.redirect(to: "/restaurant") }
    let page = try await request.call(ListStaff(tenantId: tenant, cursor: request.query["cursor"], limit: 100))
    let isOwner = request.caller.has(.owner)
    let texts = request.texts
    // Managers look after the kitchen and waiters, owners after everybody.
    let ranks: [StaffRole] = isOwner ? [.owner, .manager, .kitchenStaff, .waiter] : [.kitchenStaff, .waiter]
    let people = page.items.map { member -> [String: Any] in
      let role = member.roles.first { Role.staff.contains($0) }
      let isSelf = member.id == request.caller.user
      let isMine = ranks.contains { $0.role == role } && !isSelf
      let name = [member.firstName, member.lastName].compactMap(\.self).filter { !$0.isEmpty }.joined(separator: " ")
      let handle = member.username ?? member.email ?? ""
      return [
        "id": "\(member.id)", "name": name.isEmpty ? handle : name, "handle": handle,
        "roleName": role.map { texts["restaurant.role.\($0.rawValue)"] } ?? "",
        "isDisabled": member.isDisabled, "mustChange": member.mustChangePassword, "hasSecondFactor": member.hasSecondFactor, "isSelf": isSelf,
        "mayChange": isMine, "mayReset": isMine && member.username != nil,
        "roles": request.choices(ranks.map { ($0.rawValue, texts["restaurant.role.\($0.rawValue)"]) }, chosen: role?.rawValue)
      ]
    }
    var fields: [String: Any] = [
      "people": people, "f": request.formFields(names, problem: problem), "isFailed": problem != nil, "tenantId": "\(tenant)",
      "signIn": "/sign-in?for=restaurant&tenant=\(tenant)",
      "roleChoices": request.choices(
        ranks.reversed().map { ($0.rawValue, texts["restaurant.role.\($0.rawValue)"]) }, chosen: request.form["role"] ?? StaffRole.waiter.rawValue)
    ]
    if let made {
      fields["made"] = [
        "name": made.member.username ?? made.member.email ?? "", "firstPassword": made.firstPassword, "tenantId": "\(tenant)"
      ]
    }
    if let trouble { fields["trouble"] = request.sentence(of: trouble) }
    fields["more"] = page.nextCursor.map { "/restaurant/staff?cursor=\($0)" }
    fields["done"] = request.query["done"] == "saved" ? texts["restaurant.done.saved"] : nil
    return try request.page("restaurant/staff", status: (problem ?? trouble)?.status ?? 200, fields)
  }

  static func create(_ request: PageRequest) async throws -> WebResponse {
    guard let tenant = request.caller.tenant else { return request.redirect(to: "/restaurant") }
    let form = TypedForm(request)
    do throws(Problem) {
      let role = form.optional("role").flatMap(StaffRole.init(rawValue:)) ?? .waiter
      let made = try await form.send(
        CreateStaff(
          tenantId: tenant, username: form.text("username"), role: role, firstName: form.optional("firstName"), lastName: form.optional("lastName"),
          email: form.optional("email")))
      return try await page(afterSending: request, made)
    } catch {
      return try await page(request, problem: placed(error))
    }
  }

  /// What is refused because of one field is told beside it.
  private static func placed(_ problem: Problem) -> Problem {
    guard problem.faults.isEmpty else { return problem }
    switch problem.code {
    case StaffRefusal.usernameTaken.code:
      return Problem(problem.status, problem.code, problem.detail, faults: [Fault(path: "username", message: "is taken")])
    case StaffRefusal.emailTaken.code:
      return Problem(problem.status, problem.code, problem.detail, faults: [Fault(path: "email", message: "is taken")])
    default: return problem
    }
  }

  /// The page with the fresh password, its forms empty again.
  private static func page(afterSending request: PageRequest, _ made: NewStaffMember) async throws(Problem) -> WebResponse {
    do { return try await page(request, made: made) } catch let failure as any ProblemMaking { throw failure.problem } catch { throw .internal }
  }

  static func change(_ request: PageRequest) async throws -> WebResponse {
    guard let tenant = request.caller.tenant else { return request.redirect(to: "/restaurant") }
    let user: UserID = try request.id("userId")
    let form = TypedForm(request)
    do throws(Problem) {
      switch request.form["do"] {
      case "resetPassword":
        let made = try await form.send(ResetStaffPassword(tenantId: tenant, userId: user))
        return try await page(afterSending: request, made)
      case "disable", "enable":
        _ = try await form.send(UpdateStaff(tenantId: tenant, userId: user, isDisabled: request.form["do"] == "disable"))
      default:
        _ = try await form.send(UpdateStaff(tenantId: tenant, userId: user, role: form.optional("role").flatMap(StaffRole.init(rawValue:))))
      }
    } catch {
      return try await page(request, trouble: error)
    }
    return request.redirect(to: "/restaurant/staff?done=saved")
  }
}
