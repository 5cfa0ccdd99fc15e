import IdentityAPI
import Kernel
import Pages
import ServiceKit
import WebServer
import Wire

/// The ways in: by e-mail and password, by a code on the phone, and by the name that a restaurant gave.
struct SignInPage {
  enum Way: String {
    case email, phone, staff

    /// Where the way's form is sent.
    var action: String { self == .email ? "/sign-in" : "/sign-in/\(rawValue)" }
  }

  /// What a form asks for, beyond what it begins with.
  enum Step { case first, phoneCode, newPassword }

  let request: PageRequest
  var way: Way
  var step = Step.first
  var asksCode = false
  var problem: Problem?
  /// What is asked for next is no mistake: it is told calmly.
  var note: Problem?

  private static let tenantCookie = "tiffin_tenant"
  private static let names = ["email", "password", "code", "phone", "otp", "tenantId", "username", "newPassword"]
  private static let secrets: Set<String> = ["password", "newPassword", "otp", "code"]
  /// Beside which field each refusal is told.
  private static let places = [
    "second_factor_wrong": "code", "code_wrong": "otp", "code_spent": "otp", "wrong_credentials": "password"
  ]

  // MARK: Showing

  /// Answers `GET /sign-in`.
  static func show(_ request: PageRequest) async throws -> WebResponse {
    let isSecondLook = request.query["again"] != nil
    if request.caller.user != nil, isSecondLook { return request.redirect(to: "/sign-in/done\(request.onward())") }
    // A link in a mail leads here although the browser holds a session, for its cookie stays at home: a step from our own page brings it.
    if request.isFromElsewhere, !isSecondLook, request.query["then"] != nil {
      return try Arrival.pause(request, before: "/sign-in\(request.onward([("again", "1")]))")
    }
    let ways = ways(of: request)
    let asked = request.query["way"].flatMap(Way.init(rawValue:))
    return try await SignInPage(request: request, way: asked ?? ways[0]).response()
  }

  /// The ways, the likeliest of whoever is asked first: a tablet that staff sign in on knows its restaurant.
  private static func ways(of request: PageRequest) -> [Way] {
    switch request.askedFor {
    case .customer, nil: [.email, .phone, .staff]
    case .restaurant: tenant(of: request) == nil ? [.email, .staff] : [.staff, .email]
    case .courier, .admin: [.email]
    }
  }

  private static func tenant(of request: PageRequest) -> String? {
    request.query.id("tenant", TenantID.self)?.description ?? request.cookie(tenantCookie).flatMap(TenantID.init)?.description
  }

  func response() async throws -> WebResponse {
    let destination = request.askedFor ?? .customer
    var ways = Self.ways(of: request)
    if !ways.contains(way) { ways.append(way) }
    let name = request.caller.user == nil ? nil : (try? await request.call(ReadMe()))?.displayName
    // The way back from a provider that went wrong leads here.
    let told = request.query["problem"].flatMap { code in
      request.texts.has("account.problem.\(code)") ? request.texts["account.problem.\(code)"] : nil
    }
    let providers = way == .staff ? [] : await providers()
    let fields = request.fields(
      Self.names, secret: Self.secrets, known: ["tenantId": Self.tenant(of: request) ?? ""], problem: problem, places: Self.places)
    return try request.framed(
      "account/sign-in", status: WebResponse.status(of: problem ?? note),
      [
        "heading": request.texts["account.signIn.title.\(destination.rawValue)"],
        "onward": request.onward(),
        "done": "/sign-in/done\(request.onward())",
        "signedInAs": name,
        "hasWays": ways.count > 1,
        "ways": ways.map {
          [
            "path": "/sign-in\(request.onward([("way", $0.rawValue)]))", "name": request.texts["account.way.\($0.rawValue)"],
            "isCurrent": $0 == way
          ] as [String: Any]
        },
        "byEmail": way == .email, "byPhone": way == .phone && step == .first, "byCode": step == .phoneCode,
        "byName": way == .staff && step != .newPassword, "withNewPassword": step == .newPassword,
        "note": note.map { request.sentence(of: $0) } ?? told, "asksCode": asksCode || request.code("code") != nil,
        "hasProviders": !providers.isEmpty, "providers": providers,
        "mayRegister": destination != .admin && way != .staff,
        "others": Destination.allCases.filter { $0 != destination && $0 != .admin }.map {
          ["path": "/sign-in?for=\($0.rawValue)", "name": request.texts["account.signIn.for.\($0.rawValue)"]]
        },
        "f": fields
      ])
  }

  /// Those who can vouch for people; none while nobody can say.
  private func providers() async -> [[String: String]] {
    guard let known = try? await request.call(ListSignInProviders()) else { return [] }
    return known.providers.map { each in
      let host = each.issuer.split(separator: "/").dropFirst().first.map(String.init) ?? each.issuer
      let name = each.provider == .google && host == "accounts.google.com" ? "Google" : host
      return [
        "path": "/sign-in/with/\(each.provider.rawValue)\(request.onward())", "name": request.texts("account.signIn.with", ["name": name])
      ]
    }
  }

  // MARK: Taking forms

  /// Takes an attempt's outcome: on to where the person wanted to be, or the form again with what it still needs.
  private mutating func end<Reason: Refusal>(_ failure: CallFailure<Reason>) async throws -> WebResponse {
    problem = failure.problem
    switch problem?.code {
    case "second_factor_wrong": asksCode = true
    case "second_factor_required": (asksCode, note, problem) = (true, problem, nil)
    case "password_change_required": (step, note, problem) = (.newPassword, problem, nil)
    default: break
    }
    return try await response()
  }

  private func admitted() -> WebResponse { request.redirect(to: "/sign-in/done\(request.onward())") }

  /// Answers `POST /sign-in`.
  static func withPassword(_ request: PageRequest) async throws -> WebResponse {
    var page = SignInPage(request: request, way: .email)
    do throws(CallFailure<LogInRefusal>) {
      _ = try await request.call(LogIn(email: request.typed("email"), password: request.secret("password"), code: request.code("code")))
      return page.admitted()
    } catch { return try await page.end(error) }
  }

  /// Answers `POST /sign-in/phone`.
  static func sendCode(_ request: PageRequest) async throws -> WebResponse {
    var page = SignInPage(request: request, way: .phone)
    do throws(CallFailure<RequestCodeRefusal>) {
      _ = try await request.call(RequestCode(phone: request.typed("phone")))
    } catch {
      // The code that was sent a moment ago is as good.
      if case .refused(.sentJustNow) = error { page.step = .phoneCode }
      return try await page.end(error)
    }
    page.step = .phoneCode
    return try await page.response()
  }

  /// Answers `POST /sign-in/code`.
  static func withCode(_ request: PageRequest) async throws -> WebResponse {
    var page = SignInPage(request: request, way: .phone, step: .phoneCode)
    do throws(CallFailure<VerifyCodeRefusal>) {
      _ = try await request.call(VerifyCode(phone: request.typed("phone"), otp: request.code("otp") ?? ""))
      return page.admitted()
    } catch { return try await page.end(error) }
  }

  /// Answers `POST /sign-in/staff`.
  static func asStaff(_ request: PageRequest) async throws -> WebResponse {
    var page = SignInPage(request: request, way: .staff)
    guard let tenant = try await page.tenant() else { return try await page.response() }
    do throws(CallFailure<LogInRefusal>) {
      _ = try await request.call(
        LogInStaff(tenantId: tenant, username: request.typed("username"), password: request.secret("password"), code: request.code("code")))
      page.remember(tenant)
      return page.admitted()
    } catch { return try await page.end(error) }
  }

  /// Answers `POST /sign-in/first-password`.
  static func replacingFirstPassword(_ request: PageRequest) async throws -> WebResponse {
    var page = SignInPage(request: request, way: .staff, step: .newPassword)
    guard let tenant = try await page.tenant() else { return try await page.response() }
    do throws(CallFailure<LogInRefusal>) {
      _ = try await request.call(
        ReplaceFirstPassword(
          tenantId: tenant, username: request.typed("username"), password: request.secret("password"), newPassword: request.secret("newPassword"),
          code: request.code("code")))
      page.remember(tenant)
      return page.admitted()
    } catch { return try await page.end(error) }
  }

  private mutating func tenant() async throws -> TenantID? {
    if let tenant = request.form.id("tenantId", TenantID.self) { return tenant }
    problem = Problem("tenantId", request.texts[request.form["tenantId"] == nil ? "shared.fault.must_not_be_empty" : "account.signIn.tenant.wrong"])
    return nil
  }

  private func remember(_ tenant: TenantID) { request.keep(Self.tenantCookie, tenant.description, seconds: 180 * 86_400) }

  /// Answers `GET /sign-in/with/:provider`.
  static func withProvider(_ request: PageRequest) async throws -> WebResponse {
    guard let provider = request.path["provider"].flatMap(ExternalProvider.init(rawValue:)) else {
      throw Problem(404, "not_found", "There is nothing at this path.")
    }
    do throws(CallFailure<ExternalSignInRefusal>) {
      let start = try await request.call(BeginExternalSignIn(provider: provider, returnTo: "/sign-in/done\(request.onward())"))
      return request.redirect(to: start.location)
    } catch { return try await SignInPage(request: request, way: .email, problem: error.problem).response() }
  }
}
