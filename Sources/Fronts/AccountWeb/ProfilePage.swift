import IdentityAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// Who a person is: the names, the phone, the picture; and the language of all pages.
enum ProfilePage {
  private static let names = ["firstName", "lastName", "phone", "photoUrl"]

  /// Answers `GET /account`.
  static func show(_ request: PageRequest) async throws -> WebResponse { try await page(request, nil) }

  /// Answers `POST /account`.
  static func save(_ request: PageRequest) async throws -> WebResponse {
    do throws(CallFailure<ReadMeRefusal>) {
      _ = try await request.call(
        UpdateProfile(
          firstName: request.typed("firstName"), lastName: request.typed("lastName"), phone: request.typed("phone"),
          photoUrl: request.typed("photoUrl")))
      return request.redirect(to: "/account?notice=saved")
    } catch { return try await page(request, error.problem) }
  }

  private static func page(_ request: PageRequest, _ problem: Problem?) async throws -> WebResponse {
    let me = try await request.call(ReadMe())
    let known = ["firstName": me.firstName ?? "", "lastName": me.lastName ?? "", "phone": me.phone ?? "", "photoUrl": me.photoUrl ?? ""]
    return try request.framed(
      "account/profile", status: WebResponse.status(of: problem), tab: .profile,
      [
        "name": me.displayName == "?" ? request.texts["account.tabs"] : me.displayName, "email": me.email, "username": me.username,
        "tenant": me.tenantId?.description,
        "picture": request.picture(me.photoUrl), "initial": me.displayName.first.map { String($0).uppercased() },
        "acting": me.roles.map { request.texts["account.role.\($0.rawValue)"] }.joined(separator: " · "),
        "f": request.fields(names, known: known, problem: problem)
      ])
  }
}
