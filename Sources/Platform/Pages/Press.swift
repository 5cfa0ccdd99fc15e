import Foundation
import Kernel
import Mustache
import Observability
public import ServiceKit
import Settings
import Synchronization
public import WebServer

/// Makes the pages of all fronts: finds their files, speaks the reader's language, and serves what browsers load beside them.
public final class Press: Sendable {
  let switchboard: Switchboard
  let time: TimeSource
  let ids: IdentifierSource
  private let fixed: Edition
  private let settings: PagesSettings
  private let homes = Mutex<[(home: String, front: String)]>([])

  /// - Parameter embedded: the files of the fronts that are part of the program.
  /// - Throws: `SettingsFault` naming the setting, or the file in the folder, that is wrong.
  public convenience init(
    _ embedded: [(name: StaticString, text: StaticString)], _ settings: PagesSettings, switchboard: Switchboard, time: TimeSource,
    ids: IdentifierSource
  ) throws {
    try self.init(FileShelf(embedded), settings, switchboard: switchboard, time: time, ids: ids)
  }

  init(_ shelf: @autoclosure () -> FileShelf, _ settings: PagesSettings, switchboard: Switchboard, time: TimeSource, ids: IdentifierSource) throws {
    self.switchboard = switchboard
    self.time = time
    self.ids = ids
    self.settings = settings
    do { fixed = try Self.edition(settings) ?? Edition(shelf(), libraries: settings.libraries) } catch {
      throw SettingsFault(name: "pages.folder", problem: "\(error)")
    }
  }

  /// The files of the folder, where one is set.
  private static func edition(_ settings: PagesSettings) throws -> Edition? {
    settings.folder.isEmpty ? nil : try Edition(FileShelf(folder: settings.folder), libraries: settings.libraries)
  }

  /// The routes of the fronts and of what their pages load.
  public func routes(_ fronts: [any Front]) -> [RawRoute] {
    homes.withLock { $0 = fronts.map { (type(of: $0).home, type(of: $0).name) }.sorted { $0.home.count > $1.home.count } }
    return fronts.flatMap { front in front.pages.map { route($0, of: type(of: front).name) } } + assetRoutes
  }

  private func route(_ page: PageRoute, of front: String) -> RawRoute {
    RawRoute(page.method, page.path, limit: page.limit) { [self] web in
      if let denial = page.access.denial(of: Caller.current) { throw Problem(denial) }
      if page.method != .get, !web.isFromOwnPage { throw Problem(403, "csrf_token_invalid", "Forms are taken from our own pages only.") }
      let request = try PageRequest(web, front: front, press: self)
      do { return try await page.handler(request) } catch let failure as any ProblemMaking { throw failure.problem }
    }
  }

  /// What is in force: read anew where somebody works on the files.
  func edition() throws(Problem) -> Edition {
    do { return try Self.edition(settings) ?? fixed } catch {
      Log("pages").error("the files of pages cannot be used", ["reason": "\(error)"])
      throw Problem(500, "internal", "\(error)")
    }
  }

  /// Whether browsers may load a picture: ours, and those of the hosts that are set.
  func mayShow(_ picture: String) -> Bool {
    if picture.hasPrefix("/"), !picture.hasPrefix("//") { return true }
    return PagesSettings.origin(of: picture).map { settings.imageHosts.contains($0) } ?? false
  }

  // MARK: Pages

  func page(_ request: PageRequest, _ template: String, status: Int, _ fields: [String: Any]) throws(Problem) -> WebResponse {
    let print: Edition.Print
    do { print = try request.edition.print(request.language) } catch {
      Log("pages").error("a template cannot be used", ["reason": "\(error)"])
      throw .internal
    }
    var fields = fields
    fields["lang"] = request.language.rawValue
    fields["dir"] = request.language.isRightToLeft ? "rtl" : "ltr"
    fields["assets"] = "/assets/\(request.edition.stamp)"
    fields["url"] = request.url
    fields["tiles"] = settings.tiles
    fields["user"] = request.caller.user?.description
    fields["roles"] = request.caller.roles.map(\.rawValue).joined(separator: " ")
    fields["scriptTexts"] = print.scriptTexts[request.front] ?? print.scriptTexts["shared"] ?? "{}"
    fields["languages"] = Language.allCases.map {
      ["code": $0.rawValue, "name": $0.ownName, "isCurrent": $0 == request.language] as [String: Any]
    }
    guard let html = print.templates.render(fields, withTemplate: Edition.name(of: template)) else {
      Log("pages").error("there is no such template", ["template": template])
      throw .internal
    }
    return response(status, html, to: request.web)
  }

  private func response(_ status: Int, _ html: String, to request: WebRequest) -> WebResponse {
    var response = WebResponse(
      status, contentType: "text/html; charset=utf-8", body: Array(html.utf8), headers: [("Vary", "Accept-Language, Accept-Encoding, Cookie")],
      contentSecurityPolicy: settings.policy)
    // The browser asks for what the page waits for before it has begun to read it. Parts of pages, which have no head, are not searched.
    if html.hasPrefix("<!doctype"), let style = html.firstMatch(of: /<link rel="stylesheet" href="([^"]+)"/) {
      response.headers.append(("Link", "<\(style.output.1)>; rel=preload; as=style"))
    }
    let body = response.body
    compress(&response, gzip(body, level: 4), for: request)
    return response
  }

  private func compress(_ response: inout WebResponse, _ compressed: @autoclosure () -> [UInt8]?, for request: WebRequest) {
    guard response.body.count > 1024, request.header("accept-encoding")?.contains("gzip") ?? false, let bytes = compressed() else { return }
    response.body = bytes
    response.headers.append(("Content-Encoding", "gzip"))
  }

  /// A problem as a page; nothing where programs ask.
  public func problemPage(_ problem: Problem, _ web: WebRequest) -> WebResponse? {
    let path = web.target.prefix { $0 != "?" }
    // Who comes back from a provider of sign-ins without being let in is a person, who may try another way.
    if path.hasPrefix("/api/auth/"), path.hasSuffix("/callback") {
      return WebResponse(303, contentType: "text/plain; charset=utf-8", headers: [("Location", "/sign-in?problem=\(problem.code)")])
    }
    guard !["/api", "/v1", "/assets", "/ws"].contains(where: { path == $0 || path.hasPrefix("\($0)/") }) else { return nil }
    let front = homes.withLock { $0.first { path == $0.home || path.hasPrefix("\($0.home)/") || $0.home == "/" } }
    if problem.status == 401 {
      let then = web.method == "GET" ? web.target : front?.home ?? "/"
      let escaped = then.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
      return WebResponse(
        303, contentType: "text/plain; charset=utf-8", headers: [("Location", "/sign-in?for=\(front?.front ?? "customer")&then=\(escaped)")])
    }
    do throws(Problem) {
      let request = try PageRequest(web, front: front?.front ?? "shared", press: self)
      let fields: [String: Any] = [
        "status": problem.status, "code": problem.code, "sentence": request.sentence(of: problem), "correlationId": web.correlationID,
        "home": front?.home ?? "/", "mayRetry": problem.status == 503 || problem.status == 429,
        "isForbidden": problem.status == 403, "isUnknown": problem.status == 404
      ]
      return try page(request, "shared/problem", status: problem.status, fields)
    } catch { return nil }
  }

  /// The language of the cookie `tiffin_language`, which a person chose, else what the browser asks for.
  static func language(of request: WebRequest) -> Language {
    request.cookie(languageCookie).flatMap(Language.init(rawValue:)) ?? Language(accepting: request.header("accept-language"))
  }

  static let languageCookie = "tiffin_language"

  // MARK: What pages load

  private var assetRoutes: [RawRoute] {
    [
      RawRoute(.get, "/assets/:stamp/:front/:file", limit: .none) { [self] in try asset($0, ["front", "file"]) },
      RawRoute(.get, "/assets/:stamp/:front/:folder/:file", limit: .none) { [self] in try asset($0, ["front", "folder", "file"]) },
      // The worker that keeps the shell for times without a connection must stand above all it serves.
      RawRoute(.get, "/sw.js", limit: .none) { [self] web in
        var response = try asset(web, file: "shared/sw.js", isKept: false)
        response.body = Array("const stamp = \"\(fixed.stamp)\";\n".utf8) + (fixed.assets["shared/sw.js"]?.bytes ?? [])
        response.headers.removeAll { $0.name == "Content-Encoding" }
        // What the worker may fetch is said with the worker, not with the pages.
        response.contentSecurityPolicy = settings.policy
        return response
      },
      // What the worker shows while there is no line.
      RawRoute(.get, "/offline", limit: .none) { [self] in try PageRequest($0, front: "shared", press: self).page("shared/offline") },
      // Chooses a language.
      RawRoute(.post, "/language") { [self] web in
        guard web.isFromOwnPage else { throw Problem(403, "csrf_token_invalid", "Forms are taken from our own pages only.") }
        let request = try PageRequest(web, front: "shared", press: self)
        guard let chosen = request.form["language"].flatMap(Language.init(rawValue:)) else {
          throw Problem(400, "invalid_input", "There is no such language.")
        }
        request.keep(Self.languageCookie, chosen.rawValue, seconds: 365 * 86_400)
        return request.redirect(to: request.next(or: "/"))
      }
    ]
  }

  private func asset(_ web: WebRequest, _ steps: [String]) throws -> WebResponse {
    let file = steps.map { web.pathFields[$0] ?? "" }.joined(separator: "/")
    return try asset(web, file: file, isKept: settings.folder.isEmpty && web.pathFields["stamp"] == fixed.stamp)
  }

  private func asset(_ web: WebRequest, file: String, isKept: Bool) throws -> WebResponse {
    guard let asset = try edition().assets[file] else { throw Problem(404, "not_found", "There is nothing at this path.") }
    var response = WebResponse(
      contentType: asset.contentType, body: asset.bytes, headers: [("Vary", "Accept-Encoding")],
      cacheControl: isKept ? "public, max-age=31536000, immutable" : "no-cache")
    compress(&response, asset.compressed(), for: web)
    return response
  }
}
