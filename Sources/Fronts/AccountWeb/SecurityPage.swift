import IdentityAPI
import Pages
import ServiceKit
import WebServer

/// What opens an account: the password, and the second factor with its recovery codes.
struct SecurityPage {
  let request: PageRequest
  var problem: Problem?
  /// Which form the problem is about.
  var form = ""
  var offer: SecondFactorOffer?

  private static let places = ["wrong_password": "password", "second_factor_wrong": "code"]

  /// Answers `GET /account/security`.
  static func show(_ request: PageRequest) async throws -> WebResponse { try await SecurityPage(request: request).response() }

  func response() async throws -> WebResponse {
    let safeguards = try await request.call(ReadSafeguards())
    let me = try await request.call(ReadMe())
    func fields(_ form: String, _ names: [String]) -> [String: Any] {
      let isIts = form == self.form
      // The forms of a page have fields of the same names, of which each needs an id of its own.
      return request.fields(names, secret: Set(names), problem: isIts ? problem : nil, places: Self.places).mapValues { field in
        guard var field = field as? [String: Any], let id = field["id"] else { return field }
        field["id"] = "\(form)-\(id)"
        return field
      }
    }
    return try request.framed(
      "account/security", status: WebResponse.status(of: problem), tab: .security,
      [
        "hasPassword": safeguards.hasPassword, "hasSecondFactor": safeguards.hasSecondFactor, "email": me.email, "name": me.username ?? me.email,
        "mailLink": me.email.map { _ in "/forgot-password" },
        "codesLeft": safeguards.hasSecondFactor ? request.texts.counting("account.factor.left", safeguards.recoveryCodes) : nil,
        "isFew": safeguards.recoveryCodes < 3,
        "offer": offer.map { ["secret": $0.secret, "spaced": Self.inGroups($0.secret), "uri": $0.uri] },
        "problem": problem.map {
          $0.faults.isEmpty && Self.places[$0.code] == nil ? request.sentence(of: $0) : request.texts["shared.form.lookAgain"]
        },
        "mayBegin": safeguards.hasPassword && !safeguards.hasSecondFactor && offer == nil,
        "password": fields("password", ["password", "newPassword"]), "begin": fields("begin", ["password"]),
        "confirm": fields("confirm", ["code"]), "drop": fields("drop", ["password", "code"])
      ])
  }

  /// Four letters at a time, as people copy them.
  private static func inGroups(_ text: String) -> String {
    text.enumerated().map { ($0.offset > 0 && $0.offset % 4 == 0 ? " " : "") + String($0.element) }.joined()
  }

  private static func again(_ request: PageRequest, _ form: String, _ problem: Problem, offer: SecondFactorOffer? = nil) async throws -> WebResponse {
    try await SecurityPage(request: request, problem: problem, form: form, offer: offer).response()
  }

  /// Answers `POST /account/password`.
  static func changePassword(_ request: PageRequest) async throws -> WebResponse {
    do throws(CallFailure<ChangePasswordRefusal>) {
      _ = try await request.call(ChangePassword(password: request.secret("password"), newPassword: request.secret("newPassword")))
      return request.redirect(to: "/account/security?notice=password")
    } catch { return try await again(request, "password", error.problem) }
  }

  /// Answers `POST /account/second-factor`.
  static func begin(_ request: PageRequest) async throws -> WebResponse {
    let offer: SecondFactorOffer
    do throws(CallFailure<SecondFactorRefusal>) {
      offer = try await request.call(BeginSecondFactor(password: request.secret("password")))
    } catch { return try await again(request, "begin", error.problem) }
    return try await SecurityPage(request: request, offer: offer).response()
  }

  /// Answers `POST /account/second-factor/confirm`.
  static func confirm(_ request: PageRequest) async throws -> WebResponse {
    let codes: [String]
    do throws(CallFailure<SecondFactorRefusal>) {
      codes = try await request.call(ConfirmSecondFactor(code: request.code("code") ?? "")).recoveryCodes
    } catch {
      let problem = error.problem
      let mayGoOn = problem.code != "second_factor_on" && problem.code != "second_factor_not_begun"
      let offer = request.form["secret"].flatMap { secret in
        request.form["uri"].flatMap { $0.hasPrefix("otpauth://") ? SecondFactorOffer(secret: secret, uri: $0) : nil }
      }
      return try await again(request, mayGoOn ? "confirm" : "begin", problem, offer: mayGoOn ? offer : nil)
    }
    return try request.framed("account/recovery-codes", tab: .security, ["codes": codes])
  }

  /// Answers `POST /account/second-factor/drop`.
  static func drop(_ request: PageRequest) async throws -> WebResponse {
    do throws(CallFailure<SecondFactorRefusal>) {
      _ = try await request.call(DropSecondFactor(password: request.secret("password"), code: request.code("code") ?? ""))
      return request.redirect(to: "/account/security?notice=factorOff")
    } catch { return try await again(request, "drop", error.problem) }
  }
}
