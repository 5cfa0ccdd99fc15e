import IdentityAPI
import Pages
import ServiceKit
import WebServer

/// Signing out.
enum SignOutPage {
  /// Answers `GET /sign-out`: a link alone ends nothing.
  static func show(_ request: PageRequest) async throws -> WebResponse { try request.framed("account/sign-out", ["onward": request.onward()]) }

  /// Answers `POST /sign-out`.
  static func signOut(_ request: PageRequest) async throws -> WebResponse {
    let destination = request.destination
    if request.caller.user != nil { _ = try await request.call(LogOut()) }
    return request.redirect(to: request.next(or: destination == .customer ? "/" : "/sign-in?for=\(destination.rawValue)"))
  }
}
