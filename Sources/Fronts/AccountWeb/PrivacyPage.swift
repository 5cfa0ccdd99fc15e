import IdentityAPI
import Pages
import ServiceKit
import WebServer

/// What a person agreed to, and what is held of them.
enum PrivacyPage {
  /// Answers `GET /account/privacy`.
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let given = try await request.call(ReadConsents()).consents
    let consents = ConsentPurpose.allCases.map { purpose -> [String: Any] in
      let consent = given.first { $0.purpose == purpose }
      let since = consent.map { request.texts($0.isGiven ? "account.consent.given" : "account.consent.takenBack", ["day": day($0, request)]) }
      return [
        "purpose": purpose.rawValue, "name": request.texts["account.consent.\(purpose.rawValue)"], "isGiven": consent?.isGiven ?? false,
        "since": since ?? false
      ]
    }
    return try request.framed("account/privacy", tab: .privacy, ["consents": consents, "isOwn": mayErase(request)])
  }

  private static func day(_ consent: Consent, _ request: PageRequest) -> String { request.formats.day(consent.at, in: "UTC") }

  /// Whether the account is the person's own to end.
  static func mayErase(_ request: PageRequest) -> Bool { request.caller.tenant == nil && !request.caller.hasAny(of: Role.administrators) }

  /// Answers `POST /account/privacy`.
  static func saveConsents(_ request: PageRequest) async throws -> WebResponse {
    let ticked = Set(request.form.every("consents"))
    let given = try await request.call(ReadConsents()).consents
    for purpose in ConsentPurpose.allCases {
      let isGiven = ticked.contains(purpose.rawValue)
      // What was never asked about and is not ticked now says nothing.
      guard isGiven != given.first(where: { $0.purpose == purpose })?.isGiven ?? false else { continue }
      _ = try await request.call(ChangeConsent(purpose: purpose, isGiven: isGiven))
    }
    return request.redirect(to: "/account/privacy?notice=saved")
  }
}

/// Ending an account for good.
enum ErasePage {
  /// Answers `GET /account/erase`.
  static func show(_ request: PageRequest) async throws -> WebResponse { try await page(request, nil) }

  /// Answers `POST /account/erase`.
  static func erase(_ request: PageRequest) async throws -> WebResponse {
    guard request.form["confirm"] == "yes" else { return try await page(request, Problem("confirm", request.texts["account.erase.tick"])) }
    do throws(CallFailure<EraseMeRefusal>) {
      let password = request.secret("password")
      _ = try await request.call(EraseMe(password: password.isEmpty ? nil : password))
      return request.redirect(to: "/sign-in?notice=erased")
    } catch { return try await page(request, error.problem) }
  }

  private static func page(_ request: PageRequest, _ problem: Problem?) async throws -> WebResponse {
    let safeguards = try await request.call(ReadSafeguards())
    return try request.framed(
      "account/erase", status: WebResponse.status(of: problem), tab: .privacy,
      [
        "hasPassword": safeguards.hasPassword, "isOwn": PrivacyPage.mayErase(request), "isTicked": request.form["confirm"] == "yes",
        "signInAgain": problem?.code == "sign_in_again",
        "f": request.fields(["password", "confirm"], secret: ["password"], problem: problem, places: ["wrong_password": "password"])
      ])
  }
}
