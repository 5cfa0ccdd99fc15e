import AsyncHTTPClient
import Foundation
import FrontFiles
import Kernel
import NIOCore
import ServiceKit
import Settings
import TestKit
import Testing
import WebServer
import Wire

@testable import Pages

/// What browsers get from a server that shows pages.
@Suite struct PressTests {
  @Test func pagesSpeakTheLanguageOfTheReader() async throws {
    try await withPages { visit in
      let english = try await visit.get("/lunch")
      #expect(english.status == 200 && english["Content-Type"] == "text/html; charset=utf-8")
      #expect(english.text.contains("<html lang=\"en\" dir=\"ltr\"") && english.text.contains("Skip to the content"))
      let arabic = try await visit.get("/lunch", ["Accept-Language": "ar-EG, en;q=0.5"])
      #expect(arabic.text.contains("<html lang=\"ar\" dir=\"rtl\"") && !arabic.text.contains("Skip to the content"))
      let chosen = try await visit.get("/lunch", ["Accept-Language": "ar", "Cookie": "tiffin_language=de"])
      #expect(chosen.text.contains("<html lang=\"de\""))
      #expect(english["Vary"]?.contains("Accept-Language") ?? false, "who keeps pages must know that")
      #expect(english["Cache-Control"] == "no-store", "pages show what is one's own")
      #expect(!english.text.contains("[[") && !english.text.replacing(/<script.*?<\/script>/, with: "").contains("{{"))
    }
  }

  @Test func pagesLoadNothingFromElsewhere() async throws {
    try await withPages { visit in
      let policy = try #require(try await visit.get("/lunch")["Content-Security-Policy"])
      for part in [
        "default-src 'none'", "script-src 'self';", "style-src 'self';", "connect-src 'self'", "form-action 'self'", "frame-ancestors 'none'"
      ] {
        #expect(policy.contains(part), "\(part) in \(policy)")
      }
      #expect(!policy.contains("unsafe") && !policy.contains("http"))
    }
    let named = ["pages.tiles": "https://tiles.example/{z}/{x}/{y}.png", "pages.imageHosts": "https://img.example, https://cdn.example"]
    try await withPages(named) { visit in
      let page = try await visit.get("/lunch")
      #expect(
        page["Content-Security-Policy"]?.contains("img-src 'self' data: https://tiles.example https://img.example https://cdn.example;") ?? false)
      #expect(page.text.contains("data-tiles=\"https:&#x2F;&#x2F;tiles.example") || page.text.contains("data-tiles=\"https://tiles.example"))
    }
  }

  @Test(arguments: [
    ("pages.tiles", "https://tiles.example/only/{z}.png"), ("pages.tiles", "tiles/{z}/{x}/{y}.png"), ("pages.imageHosts", "https://img.example/path"),
    ("pages.imageHosts", "https://img.example; script-src *"), ("pages.imageHosts", "img.example")
  ])
  func settingsThatWouldOpenThePolicyAreRefused(name: String, value: String) {
    let fault = #expect(throws: SettingsFault.self) { try PagesSettings(SettingsSource(commandLine: [name: value])) }
    #expect(fault?.name == name)
  }

  @Test func assetsAreKeptForeverUnderTheirStampOnly() async throws {
    try await withPages { visit in
      let page = try await visit.get("/lunch")
      let stamp = String(try #require(page.text.firstMatch(of: /\/assets\/(\w+)\/shared\/app\.css/)).output.1)
      let kept = try await visit.get("/assets/\(stamp)/shared/app.css")
      #expect(page["Link"] == "</assets/\(stamp)/shared/app.css>; rel=preload; as=style")
      #expect(kept.status == 200 && kept["Cache-Control"] == "public, max-age=31536000, immutable")
      #expect(kept["Content-Type"] == "text/css; charset=utf-8" && kept["Vary"] == "Accept-Encoding")
      let old = try await visit.get("/assets/old/shared/app.css")
      #expect(old.status == 200 && old["Cache-Control"] == "no-cache", "a page of the last edition still finds its files, and keeps none")
      #expect(try await visit.get("/assets/\(stamp)/shared/none.css").status == 404)
      #expect(try await visit.get("/assets/\(stamp)/shared/layout.html").status == 404, "templates are not served")
      #expect(try await visit.get("/assets/\(stamp)/shared/texts/en.json").status == 404, "messages come with the page")
      #expect(try await visit.get("/assets/\(stamp)/..%2F..%2Fetc/passwd").status == 404)
      #expect(try await visit.get("/assets/\(stamp)/libraries/leaflet.js").status == 200)
      #expect(try await visit.get("/assets/\(stamp)/libraries/images/marker-icon.png")["Content-Type"] == "image/png")
      let worker = try await visit.get("/sw.js", ["Accept-Encoding": "gzip"])
      #expect(worker.text.hasPrefix("const stamp = \"\(stamp)\";") && worker["Cache-Control"] == "no-cache" && worker["Content-Encoding"] == nil)
      let offline = try await visit.get("/offline")
      #expect(offline.status == 200 && offline.text.contains("You are offline"))
    }
  }

  @Test func whatIsLongIsSentSmallToWhoAsks() async throws {
    try await withPages { visit in
      for path in ["/lunch", "/assets/any/shared/app.css"] {
        let plain = try await visit.get(path)
        let small = try await visit.get(path, ["Accept-Encoding": "br, gzip"])
        #expect(plain["Content-Encoding"] == nil && small["Content-Encoding"] == "gzip")
        #expect(small.body.count < plain.body.count / 2)
        // The page names what was asked for it; both were asked for the same.
        #expect(unpacked(small.body, most: plain.body.count + 1) == plain.body)
      }
      #expect(try await visit.get("/lunch/short", ["Accept-Encoding": "gzip"])["Content-Encoding"] == nil, "what is short already is left as it is")
    }
  }

  @Test func formsAreTakenFromOurOwnPagesOnly() async throws {
    try await withPages { visit in
      let ours = visit.origin
      #expect(try await visit.post("/lunch", "dish=soup", ["Origin": ours]).status == 303)
      #expect(try await visit.post("/lunch", "dish=soup", ["Sec-Fetch-Site": "same-origin"]).status == 303)
      for headers in [["Origin": "https://evil.example"], ["Sec-Fetch-Site": "cross-site"], ["Origin": "null"], [:]] {
        let answer = try await visit.post("/lunch", "dish=soup", headers.merging(["Accept": "application/json"]) { $1 })
        #expect(answer.status == 403 && answer.text.contains("csrf_token_invalid"), "\(headers)")
      }
    }
  }

  @Test func languagesAreChosenAndKept() async throws {
    try await withPages { visit in
      let answer = try await visit.post("/language", "language=hi&then=/lunch?x=1", ["Origin": visit.origin])
      #expect(answer.status == 303 && answer["Location"] == "/lunch?x=1")
      #expect(answer["Set-Cookie"]?.hasPrefix("tiffin_language=hi;") ?? false)
      #expect(try await visit.post("/language", "language=xx", ["Origin": visit.origin]).status == 400)
      #expect(try await visit.post("/language", "language=hi", ["Origin": "https://evil.example"]).status == 403)
      for place in ["https://evil.example/", "//evil.example", "/%5Cevil.example", "javascript:x"] {
        #expect(try await visit.post("/language", "language=hi&then=\(place)", ["Origin": visit.origin])["Location"] == "/", "\(place)")
      }
    }
  }

  @Test func problemsArePagesForPeopleAndJSONForPrograms() async throws {
    try await withPages { visit in
      let page = try await visit.get("/lunch/none", ["Accept": "text/html", "Accept-Language": "de"])
      #expect(page.status == 404 && page["Content-Type"] == "text/html; charset=utf-8")
      #expect(page.text.contains("lang=\"de\"") && page["Content-Security-Policy"]?.contains("script-src 'self'") ?? false)
      let json = try await visit.get("/lunch/none", ["Accept": "application/json"])
      #expect(json.status == 404 && json["Content-Type"] == "application/problem+json" && json.text.contains("soup_unknown"))
      #expect(
        try await visit.get("/api/none", ["Accept": "text/html"])["Content-Type"] == "application/problem+json", "the API speaks JSON to everybody")
      #expect(try await visit.get("/nowhere", ["Accept": "text/html"]).text.contains("There is nothing"))
      let failed = try await visit.get("/lunch/broken", ["Accept": "text/html"])
      #expect(failed.status == 500 && !failed.text.contains("Secret"), "what broke is not told")
    }
  }

  @Test func whoIsNotSignedInIsLedThere() async throws {
    try await withPages { visit in
      let led = try await visit.get("/lunch/mine?a=1", ["Accept": "text/html"])
      #expect(led.status == 303 && led["Location"] == "/sign-in?for=lunch&then=%2Flunch%2Fmine%3Fa%3D1")
      #expect(try await visit.get("/lunch/mine", ["Accept": "application/json"]).status == 401)
      let signed = try await visit.get("/lunch/mine", ["Accept": "text/html", "Cookie": "tiffin_session=customer"])
      #expect(signed.status == 200 && signed.text.contains("data-user=\"0191aaaa-0000-7000-8000-0000000000bb\""))
      let other = try await visit.get("/lunch/mine", ["Accept": "text/html", "Cookie": "tiffin_session=courier"])
      #expect(other.status == 403 && other.text.contains("This is not for you"))
    }
  }

  @Test func aFormThatIsWrongComesBackAsItWasTyped() async throws {
    try await withPages { visit in
      let page = try await visit.post("/lunch/form", "name=<Jo>&count=0&other=1", ["Origin": visit.origin])
      #expect(page.status == 422)
      #expect(page.text.contains("value=\"&lt;Jo&gt;\"") && page.text.contains("value=\"0\""))
      #expect(page.text.contains("count-error=Must be at least 1.") && page.text.contains("hours-error=Please fill this in."))
      #expect(!page.text.contains("name-error"))
      #expect(page.text.contains("problem=") && page.text.contains("who knows: is odd"), "what is wrong with no field of the form is told too")
      let fresh = try await visit.get("/lunch/form")
      #expect(fresh.text.contains("value=\"known\"") && !fresh.text.contains("-error"))
    }
  }
}

/// An app for tests.
struct LunchWeb: Front {
  static let name = "lunch"
  static let home = "/lunch"

  private static func form(_ request: PageRequest, _ problem: Problem?) throws -> WebResponse {
    let fields = request.formFields(["name", "count", "opening.hours"], known: ["name": "known"], problem: problem)
    return try request.page("lunch/form", status: problem?.status ?? 200, ["f": fields])
  }

  var pages: [PageRoute] {
    [
      PageRoute(.get, "/lunch") { try $0.page("lunch/home") },
      PageRoute(.post, "/lunch") { $0.redirect(to: "/lunch?dish=\($0.form["dish"] ?? "")") },
      PageRoute(.get, "/lunch/short") { try $0.page("lunch/short") },
      PageRoute(.get, "/lunch/mine", access: .roles([.customer])) { try $0.page("lunch/home") },
      PageRoute(.get, "/lunch/none") { _ in throw Problem(404, "soup_unknown", "There is no such soup.") },
      PageRoute(.get, "/lunch/broken") { _ in throw Secret() },
      PageRoute(.get, "/lunch/form") { try Self.form($0, nil) },
      PageRoute(.post, "/lunch/form") { request in
        let faults = [
          Fault(path: "count", message: "must be at least 1"), Fault(path: "opening.hours[2].opens", message: "must not be empty"),
          Fault(path: "who knows", message: "is odd")
        ]
        return try Self.form(request, Problem(422, "invalid_input", "Some fields are not valid.", faults: faults))
      }
    ]
  }

  struct Secret: Error {}

  static let files: [String: String] = [
    "lunch/home.html": "{{<shared/layout}}{{$front}}lunch{{/front}}{{$main}}<h1>{{url}}</h1>{{/main}}{{/shared/layout}}",
    "lunch/short.html": "<p>Soup</p>",
    "lunch/form.html": """
    {{#f.name}}<input name="{{name}}" value="{{value}}">{{#error}}name-error={{error}}{{/error}}{{/f.name}}
    {{#f.count}}<input name="{{name}}" value="{{value}}">{{#error}}count-error={{error}}{{/error}}{{/f.count}}
    {{#f.opening_hours}}<input name="{{name}}" value="{{value}}">{{#error}}hours-error={{error}}{{/error}}{{/f.opening_hours}}
    {{#f.problem}}problem={{f.problem}}{{/f.problem}}
    """
  ]
}

/// Knows two session cookies by the role that they say.
private struct CookieOnly: Authenticating {
  static let user = UserID("0191aaaa-0000-7000-8000-0000000000bb")!

  func caller(bearer token: String) async -> Caller? { nil }
  func caller(cookie token: String) async -> Caller? {
    switch token {
    case "customer": Caller(user: Self.user, roles: [.customer])
    case "courier": Caller(user: Self.user, roles: [.deliveryPartner])
    default: nil
    }
  }
}

struct Visit: Sendable {
  let origin: String
  let client: HTTPClient

  struct Answer: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    let body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
    subscript(name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
  }

  func get(_ path: String, _ headers: [String: String] = [:]) async throws -> Answer { try await send("GET", path, headers, nil) }

  func post(_ path: String, _ form: String, _ headers: [String: String]) async throws -> Answer {
    try await send("POST", path, headers.merging(["Content-Type": "application/x-www-form-urlencoded"]) { $1 }, form)
  }

  private func send(_ method: String, _ path: String, _ headers: [String: String], _ body: String?) async throws -> Answer {
    var request = HTTPClientRequest(url: origin + path)
    request.method = .init(rawValue: method)
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let body { request.body = .bytes(ByteBuffer(string: body)) }
    let response = try await client.execute(request, timeout: .seconds(20))
    let bytes = try await response.body.collect(upTo: 1 << 24)
    return Answer(status: Int(response.status.code), headers: response.headers.map { ($0.name, $0.value) }, body: Array(bytes.readableBytesView))
  }
}

/// Runs a server that shows the app for tests beside the real shared files.
func withPages(_ settings: [String: String] = [:], _ body: @escaping @Sendable (Visit) async throws -> Void) async throws {
  let time = ManualTime()
  let switchboard = Switchboard([])
  let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tiffin-pages-\(UUID().uuidString)")
  defer { try? FileManager.default.removeItem(at: folder) }
  let files = FileShelf(embeddedFiles).files.filter { $0.key.hasPrefix("shared/") }.merging(LunchWeb.files) { $1 }
  let press = try Press(
    FileShelf(files), PagesSettings(SettingsSource(commandLine: settings)), switchboard: switchboard, time: time.source, ids: time.ids())
  var configuration = WebServerConfiguration()
  configuration.port = 0
  configuration.loops = 1
  configuration.problemPage = press.problemPage
  let (ports, running) = AsyncStream.makeStream(of: Int.self)
  let server = WebServer(
    configuration: configuration, routes: RouteTable([]), raw: press.routes([LunchWeb()]), switchboard: switchboard, time: .scaled(from: time.now),
    ids: time.ids(), authenticator: CookieOnly(), onRunning: { running.yield($0) })
  var plain = HTTPClient.Configuration(redirectConfiguration: .disallow)
  plain.decompression = .disabled
  let client = HTTPClient(configuration: plain)
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await server.run() }
    var iterator = ports.makeAsyncIterator()
    let port = try #require(await iterator.next())
    do { try await body(Visit(origin: "http://127.0.0.1:\(port)", client: client)) } catch {
      try? await client.shutdown()
      group.cancelAll()
      throw error
    }
    try? await client.shutdown()
    group.cancelAll()
    while let _ = await group.nextResult() {}
  }
}
