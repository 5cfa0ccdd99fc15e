import IdentityAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// `/admin/users/:userId`: one person, whether the account may be used, and where it is signed in.
enum UserPage {
  static func show(_ request: PageRequest) async throws -> WebResponse { try await page(request) }

  static func changeStatus(_ request: PageRequest) async throws -> WebResponse {
    let userId = try request.id("userId", UserID.self)
    let isDisabled = request.form["isDisabled"] == "true"
    do { _ = try await request.call(UpdateUserStatus(userId: userId, isDisabled: isDisabled, reason: request.form["reason"])) } catch {
      return try await page(request, failing: error.problem, form: "status")
    }
    return request.redirect(to: "/admin/users/\(userId)?done=\(isDisabled ? "disabled" : "enabled")")
  }

  static func endSessions(_ request: PageRequest) async throws -> WebResponse {
    let userId = try request.id("userId", UserID.self)
    let session = request.form.id("sessionId", SessionID.self)
    do { _ = try await request.call(EndUserSessions(userId: userId, sessionId: session, reason: request.form["reason"])) } catch {
      return try await page(request, failing: error.problem, form: "sessions")
    }
    return request.redirect(to: "/admin/users/\(userId)?done=sessionsEnded")
  }

  /// Where the person is signed in; nothing where that is not for the caller to know.
  private static func sessions(of userId: UserID, _ request: PageRequest) async throws -> [OpenSession]? {
    do { return try await request.call(ListUserSessions(userId: userId)).items } catch {
      if case .refused(let refusal) = error, refusal == .aboveCaller { return nil }
      throw error
    }
  }

  private static func page(_ request: PageRequest, failing problem: Problem? = nil, form: String = "") async throws -> WebResponse {
    let userId = try request.id("userId", UserID.self)
    guard let standing = try await request.call(ListUsers(userId: userId)).items.first else {
      throw Problem(404, "user_unknown", "There is no such person.")
    }
    let known = try await sessions(of: userId, request)
    let sessions = known ?? []
    var fields = UsersPage.row(standing, request)
    fields["userId"] = userId.description
    fields["isSelf"] = userId == request.caller.user
    fields["sessions"] = sessions.map { session in
      var row: [String: Any] = [
        "id": session.id.description, "createdAt": request.moment(session.createdAt), "expiresAt": request.moment(session.expiresAt),
        "isCurrent": session.isCurrent
      ]
      row["way"] = session.way.map { request.word("admin.way.", $0.rawValue) }
      row["address"] = session.address
      row["agent"] = session.agent
      return row
    }
    fields["isAbove"] = known == nil
    fields["hasSessions"] = !sessions.isEmpty
    fields["status"] = request.formFields(["reason"], problem: form == "status" ? problem : nil)
    return try request.admin("user", at: "users", failing: problem, fields)
  }
}
