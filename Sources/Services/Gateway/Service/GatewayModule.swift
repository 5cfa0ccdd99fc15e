import Caching
import DeliveryAPI
import GatewayAPI
public import Hosting
import IdentityAPI
import Kernel
public import Messaging
import Observability
import OrderingAPI
import Realtime
public import ServiceKit
import Synchronization
public import WebServer
import Wire

/// The door of the platform: the web server over every service's routes, the sockets, and what tells how the process is.
public final class GatewayModule: ServiceModule {
  public static let name = "gateway"
  public static let calls = ["identity", "ordering", "delivery", "catalog", "payments", "notifications"]
  public static let routes = gatewayRoutes

  private let host: Host
  private let settings: GatewaySettings
  private let vitals: Vitals
  private let directory = RouteDirectory()
  private let liveCity: LiveCity
  private let callers: RemoteAuthenticator
  private let draining = Atomic(false)

  public init(_ host: Host) throws {
    self.host = host
    var settings = try GatewaySettings(host.settings)
    settings.web.buckets = host.shared.buckets
    self.settings = settings
    vitals = Vitals(host: host, directory: directory)
    callers = RemoteAuthenticator(switchboard: host.switchboard, time: host.time)
    liveCity = LiveCity(time: host.time, isPublic: settings.isCityPublic)
  }

  public var operations: [any HostedOperation] {
    let letters = DeadLetterHandlers(switchboard: host.switchboard) { [vitals] in vitals.serviceNames }
    return [
      Hosted(GetHealth.self, GetHealthHandler(vitals: vitals).answer),
      Hosted(GetServiceHealth.self, GetServiceHealthHandler(vitals: vitals).answer),
      Hosted(ExportMyData.self, ExportMyDataHandler(switchboard: host.switchboard, time: host.time).answer),
      Hosted(ListRoutes.self, ListRoutesHandler(directory: directory).answer),
      Hosted(GetMetricsSummary.self, GetMetricsSummaryHandler(vitals: vitals).answer),
      Hosted(ListDeadLetters.self) { try await letters.answer($0) },
      Hosted(ReplayDeadLetter.self) { try await letters.answer($0) },
      Hosted(DropDeadLetter.self) { try await letters.answer($0) },
      Hosted(ListSettings.self, ListSettingsHandler(settings: host.settings).answer)
    ] + liveCity.operations
  }

  public var reactions: [Reaction] {
    let orders = WhenOrderMoved(channels: host.channels)
    return [
      .onEveryNode("WhenOrderCreated", OrderCreated.self) { orders.tell($0.order, $1) },
      .onEveryNode("WhenOrderStatusChanged", OrderStatusChanged.self) { orders.tell($0.order, $1) }
    ] + liveCity.reactions + callerReactions
  }

  private var callerReactions: [Reaction] {
    [
      .onEveryNode("WhenSessionRevoked", SessionRevoked.self) { [callers] event, _ in callers.noteEnd(of: event.sessionId) },
      .onEveryNode("WhenRoleGranted", RoleGranted.self) { [callers] _, _ in callers.forgetRoles() }
    ]
  }

  /// Finds out who sends a request where Identity runs in another process.
  public var authenticator: any Authenticating { callers }

  public var jobs: [Job] {
    let host = host
    return [
      Job("gateway.channels", every: .seconds(60 * host.time.speed), onEveryNode: true) {
        host.channels.sweep(olderThan: .seconds(600 * host.time.speed))
      },
      Job("gateway.city", every: .seconds(1 * host.time.speed), onEveryNode: true, run: tellOfCity)
    ]
  }

  /// Shows the city to those who follow it. Of several gateways one asks for it and tells the followers of all; while nobody knows
  /// which one that is, each tells its own.
  private func tellOfCity() async throws {
    guard host.channels.count("city") > 0 else { return }
    let reach: Channels.Reach
    do {
      // Not given back: it ends just before the next second does.
      guard try await host.shared.locks.acquire("gateway.city", keep: .milliseconds(900)) != nil else { return }
      reach = .everywhere
    } catch is Unavailable { reach = .here }
    guard let city = try? await Caller.$current.withValue(.system, operation: { try await host.switchboard.call(GetCity()) }) else { return }
    host.channels.publish("city", to: "city", encoded: city.bytes, isKept: false, reach: reach)
  }

  /// Has followers fetch what they may not have been told, and asks anew who people are.
  public func mayHaveMissed() {
    callers.forgetRoles()
    host.channels.mayHaveMissed()
  }

  /// Tells load balancers to turn elsewhere, while requests are still answered.
  public func beginDraining() { draining.store(true, ordering: .releasing) }

  /// The web server over all routes of a process; one for each process.
  ///
  /// - Parameters:
  ///   - routes: those of every service that is served here, this one's among them, wherever it is hosted.
  ///   - version: of the product, for the description of the interface.
  ///   - raw: what is answered beside operations, such as pages.
  ///   - problemPage: shows a problem to a person who asked for a page.
  ///   - onRunning: called once with the port, when connections are taken.
  public func server(
    routes: [Route], version: String, authenticator: any Authenticating, raw: [RawRoute] = [],
    problemPage: (@Sendable (Problem, WebRequest) -> WebResponse?)? = nil,
    onRunning: @escaping @Sendable (_ port: Int) async -> Void = { _ in }
  ) -> WebServer {
    directory.publish(routes)
    let document = Encoded<RawJSON>(bytes: openAPI(title: "Tiffin", version: version, routes))
    let own: [RawRoute] = [
      RawRoute(.get, "/metrics", limit: .none) { _ in
        WebResponse(contentType: "text/plain; version=0.0.4; charset=utf-8", text: Metrics.shared.prometheusText())
      },
      // For load balancers: apart from health, since a process that stops is well.
      RawRoute(.get, "/ready", limit: .none) { [self] _ in
        let isReady = !draining.load(ordering: .acquiring)
        return WebResponse(isReady ? 200 : 503, contentType: "text/plain; charset=utf-8", body: Array((isReady ? "ready" : "stopping").utf8))
      },
      RawRoute(.get, "/api/openapi.json") { _ in
        WebResponse(body: document.bytes, headers: [("ETag", "\"\(document.tag)\"")], cacheControl: "no-cache")
      }
    ]
    let endpoint = LiveEndpoint(
      switchboard: host.switchboard, channels: host.channels, authenticator: authenticator, settings: settings, ids: host.ids)
    var web = settings.web
    web.problemPage = problemPage
    return WebServer(
      configuration: web, routes: RouteTable(routes), raw: own + raw, switchboard: host.switchboard, time: host.time,
      ids: host.ids,
      authenticator: authenticator, sockets: endpoint, onRunning: onRunning)
  }
}
