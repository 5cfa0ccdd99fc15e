import IdentityAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// Where a person is signed in.
enum SessionsPage {
  /// Answers `GET /account/sessions`.
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let found = try await request.call(ListSessions()).items
    let sessions = (found.filter(\.isCurrent) + found.filter { !$0.isCurrent }).map { session -> [String: Any] in
      let device = Device(session.agent)
      return [
        "id": session.id.description, "isCurrent": session.isCurrent, "isPhone": device.isPhone, "device": device.name(request.texts),
        "address": session.address ?? false, "way": session.way.map { request.texts["account.sessions.way.\($0.rawValue)"] } ?? false,
        "since": session.createdAt.description, "sinceText": request.formats.dayAndTime(session.createdAt, in: "UTC") + " UTC"
      ]
    }
    return try request.framed("account/sessions", tab: .sessions, ["sessions": sessions, "hasOthers": sessions.count > 1])
  }

  /// Answers `POST /account/sessions`: ends all sessions, or all others than the one that asks.
  static func endOthers(_ request: PageRequest) async throws -> WebResponse {
    let keepsThis = request.form["keepThis"] != "false"
    let destination = request.destination
    _ = try await request.call(EndSessions(keepThis: keepsThis))
    return request.redirect(to: keepsThis ? "/account/sessions?notice=ended" : "/sign-in?for=\(destination.rawValue)&notice=ended")
  }

  /// Answers `POST /account/sessions/:sessionId`; what has ended already has ended.
  static func end(_ request: PageRequest) async throws -> WebResponse {
    let session = try request.id("sessionId", SessionID.self)
    let isOwn = session == request.caller.session
    let destination = request.destination
    do throws(CallFailure<EndSessionRefusal>) { _ = try await request.call(EndSession(sessionId: session)) } catch {
      guard case .refused(.sessionUnknown) = error else { throw error }
    }
    return request.redirect(to: isOwn ? "/sign-in?for=\(destination.rawValue)&notice=ended" : "/account/sessions?notice=ended")
  }
}
