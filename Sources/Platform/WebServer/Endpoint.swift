import Kernel
import NIOCore
import NIOHTTP1
import Observability
public import ServiceKit
import Wire

/// What answers at one method and path.
protocol Endpoint: Sendable {
  var limit: RouteLimit { get }
  var measures: RouteMeasures { get }
  /// Whether a JSON body is read.
  var takesBody: Bool { get }
  /// Whether it is told from where it is asked.
  var notesOrigin: Bool { get }
  func answer(_ request: WebRequest, path: [(field: String, text: String)], _ setting: EndpointSetting, _ toll: Toll?) async throws(Problem)
    -> WebResponse
  /// The answer to whoever asks, where it is at hand without waiting; `nil`: ask with `answer`.
  func answerAtOnce(_ request: WebRequest, path: [(field: String, text: String)], _ setting: EndpointSetting) -> WebResponse?
}

extension Endpoint {
  func answerAtOnce(_: WebRequest, path _: [(field: String, text: String)], _: EndpointSetting) -> WebResponse? { nil }
}

/// What endpoints share.
struct EndpointSetting: Sendable {
  let switchboard: Switchboard
  let log: Log
}

/// The counts of one route.
struct RouteMeasures: Sendable {
  let method: String
  let route: String
  private let duration: Histogram
  private let ok: Counter
  private let metrics: Metrics

  init(_ metrics: Metrics, method: String, route: String) {
    self.metrics = metrics
    self.method = method
    self.route = route
    duration = metrics.histogram(
      "http_request_duration_seconds", help: "How long requests took", ["method": method, "route": route])
    ok = metrics.counter("http_requests_total", help: "Requests answered", ["method": method, "route": route, "status": "200"])
  }

  func record(_ status: Int, seconds: Double) {
    duration.record(seconds)
    if status == 200 { ok.increment(); return }
    metrics.counter("http_requests_total", ["method": method, "route": route, "status": String(status)]).increment()
  }
}

/// An operation at its route: binds the request to the operation's value, calls it, and makes a response of the reply.
final class OperationEndpoint<O: Operation>: Endpoint {
  private let route: Route
  private let isEncoded: Bool
  private let isVersioned: Bool
  private let isDocument: Bool
  let measures: RouteMeasures

  init(_ route: Route, _: O.Type, _ metrics: Metrics) {
    self.route = route
    isEncoded = O.Reply.self is any EncodedReply.Type
    isVersioned = O.Reply.self is any Versioned.Type
    isDocument = O.Reply.self is TextDocument.Type
    measures = RouteMeasures(metrics, method: route.method.rawValue, route: route.path)
  }

  var limit: RouteLimit { route.limit }
  var takesBody: Bool { !route.takesQuery }
  /// What changes nothing is not on any record.
  var notesOrigin: Bool { O.repeatability != .safe }

  func answer(_ request: WebRequest, path: [(field: String, text: String)], _ setting: EndpointSetting, _ toll: Toll?) async throws(Problem)
    -> WebResponse
  {
    // Who may not ask is not told what is wrong with the question.
    if let denial = O.denial(of: Caller.current, naming: nil) { throw Problem(denial) }
    let operation = try bind(request, path)
    if let toll, limit != .none { try await toll.pay(for: operation.namedTenant ?? Caller.current.tenant) }
    let reply: O.Reply
    do { reply = try await setting.switchboard.call(operation) } catch {
      if case .failed(let reason) = error {
        setting.log.error("operation failed", ["operation": O.address.description, "reason": reason])
      }
      throw Problem(error)
    }
    return response(reply, to: request)
  }

  func answerAtOnce(_ request: WebRequest, path: [(field: String, text: String)], _ setting: EndpointSetting) -> WebResponse? {
    guard let ready = setting.switchboard.ready(O.self), let operation = try? bind(request, path), operation.namedTenant == nil else { return nil }
    return ready(operation).map { response($0, to: request) }
  }

  private func bind(_ request: WebRequest, _ path: [(field: String, text: String)]) throws(Problem) -> O {
    var parts = RequestParts(path: path)
    if route.takesQuery, let query = request.query {
      guard let fields = queryFields(query) else { throw Problem(400, "invalid_input", "The query is not well formed.") }
      parts.query = fields
    }
    for (header, field) in route.headers {
      guard let text = request.head.headers.first(name: header) else { continue }
      if header == "if-match" {
        if text != "*" { parts.headers.append((field, Self.tag(text))) }
      } else {
        parts.headers.append((field, text))
      }
    }
    do {
      guard takesBody, let body = request.body else { return try O.bind(parts) }
      // ByteBuffer.withUnsafeReadableBytes rethrows untyped, so the typed error travels as a result.
      let bound: Result<O, InvalidInput> = body.withUnsafeReadableBytes { bytes in
        parts.body = bytes
        do throws(InvalidInput) { return .success(try O.bind(parts)) } catch { return .failure(error) }
      }
      return try bound.get()
    } catch { throw Problem(error) }
  }

  /// The version in an entity tag: without quotes, weakness and what follows a point (see `Encoded.tag`).
  private static func tag(_ text: String) -> String {
    var tag = text.hasPrefix("W/") ? text.dropFirst(2) : text[...]
    if tag.count >= 2, tag.first == "\"", tag.last == "\"" { tag = tag.dropFirst().dropLast() }
    return String(tag.prefix { $0 != "." })
  }

  private func response(_ reply: O.Reply, to request: WebRequest) -> WebResponse {
    var response = WebResponse(route.success)
    var tag: String?
    if isEncoded, let encoded = reply as? any EncodedReply {
      response.body = encoded.bytes
      tag = encoded.tag
    } else if isDocument, let document = reply as? TextDocument {
      response.body = Array(document.text.utf8)
      response.contentType = document.contentType
      response.headers.append(("Content-Disposition", "attachment; filename=\"\(document.fileName)\""))
    } else {
      response.body = encode(reply)
      if isVersioned, let versioned = reply as? any Versioned { tag = String(versioned.version) }
    }
    if let location = CallContext.remarks?.location {
      response.status = 302
      response.headers.append(("Location", location))
    }
    if let tag {
      let quoted = "\"\(tag)\""
      response.headers.append(("ETag", quoted))
      response.cacheControl = "private, no-cache"
      if route.method == .get, let seen = request.headers.ifNoneMatch, Self.matches(seen, quoted) {
        response.status = 304
        response.body = []
      }
    }
    return response
  }

  private static func matches(_ header: String, _ quoted: String) -> Bool {
    header == quoted || header == "*"
      || header.split(separator: ",").contains { part in
        let tag = part.drop { $0 == " " }
        return tag == quoted || (tag.hasPrefix("W/") && tag.dropFirst(2) == quoted)
      }
  }
}

/// An answer made by hand, for what is no operation: pages, text formats. What it throws is a `Problem`, or a fault of its own.
public struct RawRoute: Sendable {
  public let method: Method
  public let path: String
  public let limit: RouteLimit
  let handler: @Sendable (WebRequest) async throws -> WebResponse

  public init(
    _ method: Method, _ path: String, limit: RouteLimit = .general, _ handler: @escaping @Sendable (WebRequest) async throws -> WebResponse
  ) {
    self.method = method
    self.path = path
    self.limit = limit
    self.handler = handler
  }
}

/// A raw route as an endpoint.
final class RawEndpoint: Endpoint {
  private let route: RawRoute
  let measures: RouteMeasures

  init(_ route: RawRoute, _ metrics: Metrics) {
    self.route = route
    measures = RouteMeasures(metrics, method: route.method.rawValue, route: route.path)
  }

  var limit: RouteLimit { route.limit }
  var takesBody: Bool { false }
  /// Forms of pages do what operations do.
  var notesOrigin: Bool { route.method != .get }

  func answer(_ request: WebRequest, path: [(field: String, text: String)], _ setting: EndpointSetting, _ toll: Toll?) async throws(Problem)
    -> WebResponse
  {
    var request = request
    for (field, text) in path { request.pathFields[field] = text }
    do { return try await route.handler(request) } catch let problem as Problem { throw problem } catch {
      setting.log.error("raw route failed", ["route": route.path, "reason": "\(error)"])
      throw .internal
    }
  }
}
