import IdentityAPI
import Pages
import ServiceKit
import WebServer

/// Asking for the link to a new password.
enum ForgottenPasswordPage {
  /// Answers `GET /forgot-password`.
  static func show(_ request: PageRequest) async throws -> WebResponse { try page(request) }

  /// Answers `POST /forgot-password`, the same for every address.
  static func send(_ request: PageRequest) async throws -> WebResponse {
    do throws(CallFailure<RequestPasswordReset.Refusal>) {
      _ = try await request.call(RequestPasswordReset(email: request.typed("email")))
    } catch { return try page(request, problem: error.problem) }
    return try page(request, isSent: true)
  }

  private static func page(_ request: PageRequest, isSent: Bool = false, problem: Problem? = nil) throws(Problem) -> WebResponse {
    try request.framed(
      "account/forgot-password", status: WebResponse.status(of: problem),
      [
        "isSent": isSent, "onward": request.onward(),
        "sentTo": isSent ? request.texts("account.forgot.sent", ["email": request.typed("email")]) : nil,
        "f": request.fields(["email"], known: ["email": request.query["email"] ?? ""], problem: problem)
      ])
  }
}

/// Choosing a new password with the word of the mailed link.
enum NewPasswordPage {
  /// Answers `GET /reset-password`.
  static func show(_ request: PageRequest) async throws -> WebResponse { try page(request, nil) }

  /// Answers `POST /reset-password`.
  static func save(_ request: PageRequest) async throws -> WebResponse {
    do throws(CallFailure<ResetPasswordRefusal>) {
      _ = try await request.call(ResetPassword(token: request.typed("token"), newPassword: request.secret("newPassword")))
      return request.redirect(to: "/sign-in?notice=reset")
    } catch { return try page(request, error.problem) }
  }

  private static func page(_ request: PageRequest, _ problem: Problem?) throws -> WebResponse {
    let token = request.form["token"] ?? request.query["token"]
    return try request.framed(
      "account/reset-password", status: WebResponse.status(of: problem),
      [
        "token": token, "isSpent": token == nil || problem?.code == "reset_link_invalid",
        "f": request.fields(["newPassword"], secret: ["newPassword"], problem: problem)
      ])
  }
}
