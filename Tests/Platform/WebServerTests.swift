import Caching
import Foundation
import Kernel
import Observability
import ServiceKit
import Testing
import WebServer
import Wire

@Suite struct WebServerTests {
  private static let path = "/things/\(someThing)"

  /// What is sent, and what must come back.
  struct Case: Sendable, CustomTestStringConvertible {
    var name: String
    var method = "POST"
    var path = WebServerTests.path
    var headers: [String: String] = [:]
    var body: [UInt8]?
    var status: Int
    var code: String?
    var field: String?

    init(
      _ name: String, _ method: String = "POST", _ path: String = WebServerTests.path, _ headers: [String: String] = [:], body: String? = nil,
      bytes: [UInt8]? = nil, is status: Int, _ code: String? = nil, field: String? = nil
    ) {
      (self.name, self.method, self.path, self.headers) = (name, method, path, headers)
      self.body = body.map { Array($0.utf8) } ?? bytes
      (self.status, self.code, self.field) = (status, code, field)
    }

    var testDescription: String { name }
  }

  static let cases: [Case] = [
    Case("good", body: #"{"name":"a","count":2}"#, is: 201),
    Case("put", "PUT", body: #"{"name":"a"}"#, is: 200),
    Case("patch", "PATCH", body: #"{"name":"a"}"#, is: 200),
    Case("integer written 2.0", body: #"{"name":"a","count":2.0}"#, is: 201),
    Case("null where optional", body: #"{"name":"a","note":null}"#, is: 201),
    Case("escaped key", body: #"{"n\u0061me":"a"}"#, is: 201),
    Case("unknown field", body: #"{"name":"a","other":{"x":[1,{}]}}"#, is: 201),
    Case("charset", Self.method, Self.path, ["Content-Type": "application/json; charset=utf-8"], body: #"{"name":"a"}"#, is: 201),
    Case("no body", is: 400, "invalid_input", field: "name"),
    Case("missing", body: "{}", is: 400, "invalid_input", field: "name"),
    Case("null where required", body: #"{"name":null}"#, is: 400, "invalid_input", field: "name"),
    Case("too long", body: #"{"name":"aaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#, is: 400, "invalid_input", field: "name"),
    Case("out of range", body: #"{"name":"a","count":100}"#, is: 400, "invalid_input", field: "count"),
    Case("fraction", body: #"{"name":"a","count":2.5}"#, is: 400, "invalid_input", field: "count"),
    Case("huge", body: #"{"name":"a","count":99999999999999999999}"#, is: 400, "invalid_input", field: "count"),
    Case("huge exponent", body: #"{"name":"a","count":1e999}"#, is: 400, "invalid_input", field: "count"),
    Case("text for number", body: #"{"name":"a","count":"2"}"#, is: 400, "invalid_input", field: "count"),
    Case("object for text", body: #"{"name":{}}"#, is: 400, "invalid_input", field: "name"),
    Case("unknown enum", body: #"{"name":"a","colour":"blue"}"#, is: 400, "invalid_input", field: "colour"),
    Case("twice", body: #"{"name":"a","name":"b"}"#, is: 400, "invalid_input", field: "name"),
    Case("NUL", body: #"{"name":"a\u0000b"}"#, is: 400, "invalid_input", field: "name"),
    Case("array", body: "[]", is: 400, "invalid_input"),
    Case("null", body: "null", is: 400, "invalid_input"),
    Case("not JSON", body: "{name}", is: 400, "malformed_json"),
    Case("cut off", body: #"{"name":"a"#, is: 400, "malformed_json"),
    Case("trailing", body: #"{"name":"a"} x"#, is: 400, "malformed_json"),
    Case("trailing comma", body: #"{"name":"a",}"#, is: 400, "malformed_json"),
    Case("leading zero", body: #"{"name":"a","count":02}"#, is: 400, "malformed_json"),
    Case("lone surrogate", body: #"{"name":"\ud800"}"#, is: 400, "malformed_json"),
    Case("invalid UTF-8", bytes: Array(#"{"name":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8), is: 400, "malformed_json"),
    Case("invalid UTF-8 in a key", bytes: Array(#"{"name":"a","x"#.utf8) + [0xC0] + Array(#"":1}"#.utf8), is: 400, "malformed_json"),
    Case("control character", bytes: Array(#"{"name":"a"#.utf8) + [0x01] + Array(#""}"#.utf8), is: 400, "malformed_json"),
    Case("nested deep", body: #"{"name":"a","x":"# + String(repeating: "[", count: 10_000) + "}", is: 400, "malformed_json"),
    Case("blank", body: "   ", is: 400, "malformed_json"),
    Case("wrong type", Self.method, Self.path, ["Content-Type": "text/plain"], body: #"{"name":"a"}"#, is: 415, "unsupported_media_type"),
    Case("id in the path", "POST", "/things/7", body: #"{"name":"a"}"#, is: 400, "invalid_input", field: "thingId"),
    Case("hidden", body: #"{"name":"unknown"}"#, is: 404, "thing_unknown"),
    Case("conflict", body: #"{"name":"busy"}"#, is: 409, "thing_busy"),
    Case("ruled", body: #"{"name":"big"}"#, is: 422, "thing_too_big"),
    Case("stale", Self.method, Self.path, ["If-Match": "\"6\""], body: #"{"name":"a"}"#, is: 412, "thing_stale"),
    Case("fresh", Self.method, Self.path, ["If-Match": "W/\"7\""], body: #"{"name":"a"}"#, is: 201),
    Case("any version", Self.method, Self.path, ["If-Match": "*"], body: #"{"name":"a"}"#, is: 201),
    Case("version of no number", Self.method, Self.path, ["If-Match": "\"x\""], body: #"{"name":"a"}"#, is: 400, "invalid_input", field: "version"),
    Case("unknown path", "GET", "/nowhere", is: 404, "not_found"),
    Case("wrong method", "DELETE", is: 405, "method_not_allowed"),
    Case("odd method", "TRACE", is: 405, "method_not_allowed"),
    Case("broken escape", "GET", "/things/%zz", is: 400, "invalid_input"),
    Case("escape that is no UTF-8", "GET", "/things/%ff", is: 400, "invalid_input"),
    Case("escaped letters", "GET", "/%74hings/\(someThing)", is: 200),
    Case("query, the last wins", "GET", "\(Self.path)?limit=5&limit=6", is: 200),
    Case("query list", "GET", "\(Self.path)?colours=red,green", is: 200),
    Case("query wrong", "GET", "\(Self.path)?limit=many", is: 400, "invalid_input", field: "limit"),
    Case("query wrong list", "GET", "\(Self.path)?colours=red,blue", is: 400, "invalid_input", field: "colours[1]"),
    Case("query NUL", "GET", "\(Self.path)?colours=%00", is: 400, "invalid_input"),
    Case("unknown query", "GET", "\(Self.path)?other=1", is: 200),
    Case("not signed in", "GET", "/me", is: 401, "not_signed_in"),
    Case("bad token", "GET", "/me", ["Authorization": "Bearer nonsense"], is: 401, "not_signed_in"),
    Case("basic", "GET", "/me", ["Authorization": "Basic x"], is: 401, "not_signed_in"),
    Case("token that cannot be looked up now", "GET", "/me", ["Authorization": "Bearer unsure"], is: 503, "unavailable"),
    Case("cookie that cannot be looked up now", "GET", "/me", ["Cookie": "tiffin_session=unsure"], is: 503, "unavailable"),
    Case("signed in", "GET", "/me", ["Authorization": "bearer staff"], is: 200),
    Case("own tenant", "GET", "/me", ["Authorization": "Bearer staff", "X-Tenant-ID": staffTenant.description], is: 200),
    Case("other tenant", "GET", "/me", ["Authorization": "Bearer staff", "X-Tenant-ID": someThing.description], is: 403, "tenant_mismatch"),
    Case("no tenant", "GET", "/me", ["Authorization": "Bearer staff", "X-Tenant-ID": "7"], is: 400, "invalid_input", field: "X-Tenant-ID"),
    Case("short cart key", "GET", "/me", ["Authorization": "Bearer staff", "X-Cart-Key": "short"], is: 400, "invalid_input", field: "X-Cart-Key"),
    Case("cookie reads", "GET", "/me", ["Cookie": "a=b; tiffin_session=kept"], is: 200),
    Case("cookie writes without proof", "POST", "/me", ["Cookie": "tiffin_session=kept"], is: 403, "csrf_token_invalid"),
    Case(
      "cookie writes from elsewhere", "POST", "/me", ["Cookie": "tiffin_session=kept", "Origin": "https://evil.example"], is: 403,
      "csrf_token_invalid"),
    Case("cookie writes from our page", "POST", "/me", ["Cookie": "tiffin_session=kept", "Origin": "http://localhost"], is: 200),
    Case("cookie writes with token", "POST", "/me", ["Cookie": "tiffin_session=kept; tiffin_csrf=t1", "X-CSRF-Token": "t1"], is: 200),
    Case(
      "cookie writes with wrong token", "POST", "/me", ["Cookie": "tiffin_session=kept; tiffin_csrf=t1", "X-CSRF-Token": "t2"], is: 403,
      "csrf_token_invalid"),
    Case("cookie that ended", "GET", "/me", ["Cookie": "tiffin_session=old"], is: 401, "not_signed_in"),
    Case("unavailable", "POST", "/misbehave", body: #"{"how":"unavailable"}"#, is: 503, "unavailable"),
    Case("failed", "POST", "/misbehave", body: #"{"how":"fail"}"#, is: 500, "internal")
  ]
  private static let method = "POST"

  @Test func everyRequestGetsTheRightAnswer() async throws {
    try await withServer { port throws in
      for item in Self.cases {
        let response = try ask(port, item.method, item.path, item.headers, bytes: item.body)
        #expect(response.status == item.status, "\(item.name): \(response.text)")
        #expect(response["X-Correlation-ID"]?.count ?? 0 > 8, "\(item.name)")
        #expect(response["X-Content-Type-Options"] == "nosniff", "\(item.name)")
        #expect(response["Content-Type"] == (item.status < 400 ? "application/json" : "application/problem+json"), "\(item.name)")
        if let code = item.code {
          #expect(response.field("code") == code, "\(item.name): \(response.text)")
          #expect(response.field("status") == String(item.status), "\(item.name)")
          #expect(response.field("correlationId") == response["X-Correlation-ID"], "\(item.name)")
        }
        if let field = item.field { #expect(response.text.contains(#"{"field":"\#(field)","#), "\(item.name): \(response.text)") }
        if item.status == 401 { #expect(response["WWW-Authenticate"] == "Bearer") }
        if item.status == 405 { #expect(response["Allow"] == "GET, PATCH, POST, PUT, HEAD, OPTIONS") }
        if item.status == 503 { #expect(response["Retry-After"] == "9") }
      }
    }
  }

  @Test func tagsSaveTheBody() async throws {
    try await withServer { port throws in
      let first = try ask(port, "GET", Self.path)
      let tag = try #require(first["ETag"])
      #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
      for seen in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
        let second = try ask(port, "GET", Self.path, ["If-None-Match": seen])
        #expect(second.status == 304)
        #expect(second.body.isEmpty)
        #expect(second["ETag"] == tag)
      }
      #expect(try ask(port, "GET", Self.path, ["If-None-Match": "\"x\""]).status == 200)
      let written = try ask(port, "POST", Self.path, body: #"{"name":"a"}"#)
      #expect(written["ETag"] == "\"8\"")
    }
  }

  @Test func headAndOptionsTellWithoutDoing() async throws {
    try await withServer { port throws in
      let whole = try ask(port, "GET", Self.path)
      let head = try ask(port, "HEAD", Self.path)
      #expect(head.status == 200)
      #expect(head["Content-Length"] == String(whole.body.count))
      let options = try ask(port, "OPTIONS", Self.path)
      #expect(options.status == 204)
      #expect(options["Allow"] == "GET, PATCH, POST, PUT, HEAD, OPTIONS")
    }
  }

  @Test func theEnvelopeComesOnRequest() async throws {
    try await withServer { port throws in
      let accept = ["Accept": "application/vnd.tiffin.envelope+json"]
      let good = try ask(port, "GET", Self.path, accept)
      #expect(good["Content-Type"] == "application/vnd.tiffin.envelope+json")
      #expect(good.text.hasPrefix(#"{"success":true,"data":{"id":"#))
      #expect(good.field("timestamp") != nil && good.field("message") == "OK")
      let bad = try ask(port, "POST", Self.path, accept, body: #"{"name":"unknown"}"#)
      #expect(bad.status == 404)
      #expect(bad.field("error") == "ThingUnknown" && bad.field("status_code") == "404")
    }
  }

  @Test func correlationIsKeptWhenWellFormed() async throws {
    try await withServer { port throws in
      #expect(try ask(port, "GET", Self.path, ["X-Correlation-ID": "abc-123"])["X-Correlation-ID"] == "abc-123")
      #expect(try ask(port, "GET", Self.path, ["X-Correlation-ID": "a b<"])["X-Correlation-ID"] != "a b<")
    }
  }

  @Test func cookiesAndReplaysAreTold() async throws {
    try await withServer({ $0.isBehindTLS = true }) { port throws in
      let response = try ask(port, "POST", "/misbehave", body: #"{"how":"cookie"}"#)
      let cookies = response.headers.filter { $0.0 == "Set-Cookie" }.map(\.1)
      #expect(cookies.first == "tiffin_session=secret; Path=/; Max-Age=60; HttpOnly; SameSite=Strict; Secure")
      #expect(cookies.last?.hasPrefix("tiffin_csrf=") == true && cookies.last?.contains("HttpOnly") == false)
      #expect(response["Strict-Transport-Security"] != nil)
      #expect(try ask(port, "POST", "/misbehave", body: #"{"how":"replay"}"#)["Idempotent-Replay"] == "true")
    }
  }

  @Test func limitsAreToldAndHeld() async throws {
    let limits = RateLimits([.address: [RateAllowance(3, per: .seconds(600))], .orders: [RateAllowance(2, per: .seconds(600))]])
    try await withServer({ $0.limits = limits }) { port throws in
      for left in [2, 1, 0] {
        let response = try ask(port, "GET", Self.path)
        #expect(response.status == 200)
        #expect(response["RateLimit-Remaining"] == String(left))
      }
      let refused = try ask(port, "GET", Self.path)
      #expect(refused.status == 429)
      #expect(refused.field("code") == "rate_limited")
      #expect(Int(refused["Retry-After"] ?? "") ?? 0 > 100)
      // Orders are counted by user, and from an allowance of their own.
      let staff = ["Authorization": "Bearer staff"]
      #expect(try [200, 200, 429] == (0..<3).map { _ in try ask(port, "GET", "/me", staff).status })
      // What is never limited goes on.
      #expect(try ask(port, "POST", "/misbehave", body: #"{"how":"replay"}"#).status == 200)
    }
  }

  @Test func requestsAreCounted() async throws {
    let metrics = Metrics()
    try await withServer(metrics: metrics) { port throws in
      _ = try ask(port, "GET", Self.path)
      _ = try ask(port, "GET", "/nowhere")
    }
    let text = metrics.prometheusText()
    #expect(text.contains(#"http_requests_total{method="GET",route="/things/:thingId",status="200"} 1"#))
    #expect(text.contains(#"http_requests_total{method="any",route="none",status="404"} 1"#))
    #expect(text.contains(#"http_request_duration_seconds_count{method="GET",route="/things/:thingId"} 1"#))
  }
}
