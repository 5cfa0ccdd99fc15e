import Kernel
import NIOCore
import NIOHTTP1
import Observability
import ServiceKit
import Wire

/// Answers requests, knowing nothing of connections.
final class WebApplication: Sendable {
  private let tree: PathTree<any Endpoint>
  private let setting: EndpointSetting
  private let authentication: Authentication
  private let limiter: RateLimiter
  private let crossOrigin: CrossOrigin
  private let time: TimeSource
  private let ids: IdentifierSource
  private let deadline: Duration
  private let hasTLS: Bool
  private let unknown: RouteMeasures
  private let problemPage: (@Sendable (Problem, WebRequest) -> WebResponse?)?

  init(
    _ configuration: WebServerConfiguration, routes: RouteTable, raw: [RawRoute], switchboard: Switchboard, time: TimeSource,
    ids: IdentifierSource, metrics: Metrics, log: Log, authenticator: any Authenticating
  ) {
    func endpoint<O: Operation>(_ route: Route, _ type: O.Type) -> any Endpoint { OperationEndpoint(route, type, metrics) }
    let operations = routes.routes.map { (method: $0.method, path: $0.path, value: endpoint($0, $0.operation)) }
    tree = PathTree(operations + raw.map { (method: $0.method, path: $0.path, value: RawEndpoint($0, metrics)) })
    setting = EndpointSetting(switchboard: switchboard, log: log)
    authentication = Authentication(authenticator: authenticator, crossOrigin: configuration.crossOrigin)
    crossOrigin = configuration.crossOrigin
    limiter = RateLimiter(configuration.limits, shared: configuration.buckets, now: { NIODeadline.now().uptimeNanoseconds })
    self.time = time
    self.ids = ids
    deadline = configuration.requestTimeout * time.speed
    hasTLS = configuration.hasTLS
    problemPage = configuration.problemPage
    unknown = RouteMeasures(metrics, method: "any", route: "none")
  }

  var now: Instant { time.now }

  func correlationID(for headers: RequestHeaders) -> String {
    if let given = headers.correlation, 1...128 ~= given.utf8.count, given.utf8.allSatisfy(Self.isWordByte) { return given }
    return ids.next(EventID.self).description
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x3A, 0x5F: true
    default: false
    }
  }

  /// Answers one request; never fails.
  func answer(_ request: WebRequest) async -> WebResponse {
    let start = NIODeadline.now()
    let isEnvelope = request.headers.accept?.contains(EnvelopeForm.mediaType) ?? false
    var measures = unknown
    var notes = Notes()
    var response: WebResponse
    do throws(Problem) {
      response = try await find(request, &measures, &notes)
      if isEnvelope { EnvelopeForm.wrap(&response, at: now) }
    } catch {
      note(error, request)
      response = page(for: error, request) ?? self.response(to: error, correlationID: request.correlationID, isEnvelope: isEnvelope)
    }
    if let toll = notes.toll { response.headers += toll.headers }
    response.headers += notes.headers
    if request.headers.origin != nil { response.headers += crossOrigin.headers(for: request) }
    measures.record(response.status, seconds: Double((NIODeadline.now() - start).nanoseconds) / 1e9)
    return response
  }

  /// The answer where nothing has to be waited for: to who asks, nor for what anyone may read. `nil`: ask with `answer`.
  func answerAtOnce(_ request: WebRequest) -> WebResponse? {
    let start = NIODeadline.now()
    guard request.head.method == .GET, !limiter.isShared, let caller = authentication.callerAtOnce(of: request),
      let segments = pathSegments(request.path), case .found(let endpoint, let path) = tree.match(.get, segments),
      endpoint.limit == .general || endpoint.limit == .none, var response = endpoint.answerAtOnce(request, path: path, setting)
    else { return nil }
    if !limiter.isOff {
      let toll = Toll(limiter, request)
      do { try toll.payHere(endpoint.limit, caller) } catch { response = self.response(to: error, correlationID: request.correlationID) }
      response.headers += toll.headers
    }
    endpoint.measures.record(response.status, seconds: Double((NIODeadline.now() - start).nanoseconds) / 1e9)
    return response
  }

  /// The problem as a page, where a person asked for one.
  private func page(for problem: Problem, _ request: WebRequest) -> WebResponse? {
    guard let problemPage, request.headers.accept?.contains("text/html") ?? false else { return nil }
    return problemPage(problem, request).map { addingHeaders(of: problem, to: $0) }
  }

  /// Headers gathered on the way, which go with any answer.
  private struct Notes {
    var headers: [(name: String, value: String)] = []
    var toll: Toll?
  }

  /// Leaves a line about an access that was refused; used-up allowances have lines of their own.
  private func note(_ problem: Problem, _ request: WebRequest) {
    guard problem.status == 401 || problem.status == 403 else { return }
    Self.security.warning(
      "access refused",
      [
        "code": problem.code, "method": request.method, "path": String(request.path.prefix(200)), "address": request.address,
        "correlationId": request.correlationID
      ])
  }

  private static let security = Log("security")

  private func find(_ request: WebRequest, _ measures: inout RouteMeasures, _ notes: inout Notes) async throws(Problem) -> WebResponse {
    guard let segments = pathSegments(request.path) else { throw Problem(400, "invalid_input", "The path is not well formed.") }
    let method = request.head.method == .HEAD ? Method.get : Method(rawValue: request.method)
    switch tree.match(method, segments) {
    case .found(let endpoint, let path):
      measures = endpoint.measures
      return try await call(endpoint, request, path, &notes)
    case .methodNotAllowed(let methods):
      let allow = methods.map(\.rawValue) + (methods.contains(.get) ? ["HEAD"] : []) + ["OPTIONS"]
      if request.head.method == .OPTIONS {
        let text = allow.joined(separator: ", ")
        return WebResponse(204, headers: [("Allow", text)] + crossOrigin.preflight(for: request, methods: text))
      }
      throw Problem(405, "method_not_allowed", "This path does not know \(request.method).", allow: allow)
    case .notFound: throw Problem(404, "not_found", "There is nothing at this path.")
    }
  }

  private func call(
    _ endpoint: any Endpoint, _ request: WebRequest, _ path: [(field: String, text: String)], _ notes: inout Notes
  ) async throws(Problem) -> WebResponse {
    let toll = limiter.isOff ? nil : Toll(limiter, request)
    notes.toll = toll
    try await toll?.enter(endpoint.limit)
    var known = try await authentication.caller(of: request)
    if endpoint.notesOrigin {
      known.origin = CallOrigin(address: request.address, agent: request.header("user-agent").map { String($0.prefix(200)) })
    }
    let caller = known
    try await toll?.pay(endpoint.limit, caller)
    if endpoint.takesBody, let body = request.body, body.readableBytes > 0 { try requireJSON(request.headers.contentType) }
    let remarks = ReplyRemarks()
    let setting = setting
    let outcome: Result<WebResponse, Problem> = await Caller.$current.withValue(caller) {
      await CallContext.$correlationID.withValue(request.correlationID) {
        await CallContext.$deadline.withValue(now + deadline) {
          await CallContext.$remarks.withValue(remarks) {
            do throws(Problem) { return .success(try await endpoint.answer(request, path: path, setting, toll)) } catch { return .failure(error) }
          }
        }
      }
    }
    if remarks.isReplay { notes.headers.append(("Idempotent-Replay", "true")) }
    for cookie in remarks.cookies { notes.headers += headers(keeping: cookie) }
    return try outcome.get()
  }

  private func requireJSON(_ contentType: String?) throws(Problem) {
    let type = (contentType ?? "").prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    guard type == "application/json" || (type.hasPrefix("application/") && type.hasSuffix("+json")) else {
      throw Problem(415, "unsupported_media_type", "Send the body as application/json.")
    }
  }

  private func headers(keeping cookie: ReplyCookie) -> [(name: String, value: String)] {
    let secure = hasTLS ? "; Secure" : ""
    var headers = [
      (
        "Set-Cookie",
        "\(cookie.name)=\(cookie.value); Path=/; Max-Age=\(cookie.maxAgeSeconds); HttpOnly; SameSite=\(cookie.isLax ? "Lax" : "Strict")\(secure)"
      )
    ]
    if cookie.name == SessionCookie.session {
      let token = cookie.maxAgeSeconds == 0 ? "" : String(ids.random(), radix: 36) + String(ids.random(), radix: 36)
      headers.append(("Set-Cookie", "\(SessionCookie.csrf)=\(token); Path=/; Max-Age=\(cookie.maxAgeSeconds); SameSite=Strict\(secure)"))
    }
    return headers
  }

  /// A problem as a response.
  func response(to problem: Problem, correlationID: String, isEnvelope: Bool = false) -> WebResponse {
    var writer = JSONWriter(capacity: 512)
    if isEnvelope { EnvelopeForm.write(problem, to: &writer, at: now) } else { problem.write(to: &writer, correlationID: correlationID) }
    return addingHeaders(
      of: problem,
      to: WebResponse(
        problem.status, contentType: isEnvelope ? EnvelopeForm.mediaType : "application/problem+json", body: writer.withBytes { Array($0) }))
  }

  private func addingHeaders(of problem: Problem, to response: WebResponse) -> WebResponse {
    var response = response
    if let seconds = problem.retryAfterSeconds { response.headers.append(("Retry-After", String(seconds))) }
    if problem.status == 401 { response.headers.append(("WWW-Authenticate", "Bearer")) }
    if problem.status == 405 { response.headers.append(("Allow", problem.allow.joined(separator: ", "))) }
    return response
  }

  // MARK: Sockets

  /// Who opens a socket; anonymous where nothing is shown, for the first message may show it.
  func socketCaller(_ request: WebRequest) async throws(Problem) -> Caller {
    if request.headers.bearer == nil, request.headers.cookie != nil, let origin = request.headers.origin,
      !Authentication.isSameOrigin(origin, host: request.headers.host), !crossOrigin.allows(origin)
    {
      throw Authentication.crossSite
    }
    return try await authentication.caller(of: request)
  }
}
