import Caching
import ServiceKit
import Settings
import WebServer

/// What can be set about the web server and the sockets.
struct GatewaySettings: Sendable {
  var web = WebServerConfiguration()
  /// Whether anyone may follow the `city` channel.
  var isCityPublic: Bool
  /// Messages a socket may send in a second on average; 0 for any number.
  var messagesPerSecond: Int
  var maximumSubscriptions: Int

  init(_ settings: SettingsSource) throws {
    isCityPublic = try settings.boolean("gateway.publicCity", default: false, "Whether anyone may see the live city.")
    messagesPerSecond = try settings.integer(
      "gateway.socketMessagesPerSecond", default: 200, "Messages a socket may send in a second on average; 0 for any number.")
    maximumSubscriptions = try settings.integer("gateway.maximumSubscriptions", default: 64, within: 1...10_000, "Channels one socket may follow.")
    web.host = settings.text("web.host", default: "127.0.0.1", "The address to listen on.")
    web.port = try settings.integer("web.port", default: 8080, within: 0...65_535, "The port to listen on; 0 takes any free one.")
    web.loops = try settings.integer("web.loops", default: 0, within: 0...1024, "Event loops; 0 takes one for each core.")
    web.maximumBodyBytes = try settings.integer("web.maximumBodyBytes", default: 1 << 20, within: 1024...(1 << 28), "The longest body taken.")
    web.maximumHeaderBytes = try settings.integer(
      "web.maximumHeaderBytes", default: 16 << 10, within: 1024...(64 << 10), "The longest headers taken.")
    web.idleTimeout = try settings.duration(
      "web.idleTimeoutSeconds", default: 75, within: 1...3600, "How long a connection may be silent between requests.")
    web.slowClientTimeout = try settings.duration(
      "web.slowClientTimeoutSeconds", default: 15, within: 1...600, "How long a client may take to send a request or take a response.")
    web.requestTimeout = try settings.duration("web.requestTimeoutSeconds", default: 30, within: 1...600, "How long a request may take.")
    web.shutdownGrace = try settings.duration(
      "web.shutdownGraceSeconds", default: 4, within: 0...300, "How long requests in hand go on when stopping.")
    web.maximumConnections = try settings.integer("web.maximumConnections", default: 20_000, within: 1...1_000_000, "Connections taken at one time.")
    web.maximumConcurrentRequests = try settings.integer(
      "web.maximumConcurrentRequests", default: 4096, within: 1...100_000, "Requests in hand at one time; above it the answer is 503.")
    web.outgoingBufferBytes = try settings.integer(
      "web.socketBufferBytes", default: 1 << 20, within: 4096...(1 << 28), "What may wait to be sent to a socket; a slower one is closed.")
    web.socketPingInterval = try settings.duration(
      "web.socketPingSeconds", default: 30, within: 1...3600, "How often a silent socket is asked whether it is there.")
    web.isBehindTLS = try settings.boolean(
      "web.behindTLS", default: false, "Whether clients come over TLS, ended by a proxy: secure cookies and HSTS.")
    web.trustedProxies = try settings.parsed(
      "web.trustedProxies", default: "", "Addresses and networks of the proxies whose X-Forwarded-For is believed, with commas between them.",
      expected: "addresses or networks such as 127.0.0.1, 10.0.0.0/8", TrustedProxies.init)
    web.crossOrigin = try settings.parsed(
      "web.allowedOrigins", default: "", "Other origins whose pages may call with the user's credentials, with commas between them.",
      expected: "origins such as https://shop.example", CrossOrigin.init)
    web.tls = try Self.tls(settings)
    web.limits = try Self.limits(settings)
  }

  private static func tls(_ settings: SettingsSource) throws -> TLSIdentity? {
    let (certificate, key) = ("web.tlsCertificate", "web.tlsKey")
    let files = (
      settings.text(certificate, default: "", "A file in PEM with the certificate and its chain, to speak TLS and HTTP/2 here; empty: no TLS."),
      settings.text(key, default: "", "A file in PEM with the private key of the certificate.")
    )
    if files.0.isEmpty, files.1.isEmpty { return nil }
    do { return try TLSIdentity(certificate: files.0, key: files.1) } catch {
      throw SettingsFault(name: error.isOfKey ? key : certificate, problem: error.description)
    }
  }

  private static func limits(_ settings: SettingsSource) throws -> RateLimits {
    func count(_ name: String, _ fallback: Int, _ summary: String) throws -> Int {
      try settings.integer(name, default: fallback, within: 1...1_000_000_000, summary)
    }
    let isOn = try settings.boolean("web.rateLimits", default: true, "Whether requests are limited.")
    let minute = try count("web.requestsPerMinute", 100, "Requests a minute for an address, and for a user.")
    let hour = try count("web.requestsPerHour", 1000, "Requests an hour for an address, and for a user.")
    let signIns = try count("web.signInsPerQuarterHour", 5, "Sign-ins in 15 minutes for an address.")
    let orders = try count("web.ordersPerMinute", 10, "Orders a minute for a user.")
    let tenant = try count("web.tenantRequestsPerMinute", 6000, "Requests a minute that concern one tenant, whoever makes them.")
    let general = [RateAllowance(minute, per: .seconds(60)), RateAllowance(hour, per: .seconds(3600))]
    let auth = [RateAllowance(signIns, per: .seconds(900))]
    return isOn
      ? RateLimits([
        .address: general, .user: general, .auth: auth, .orders: [RateAllowance(orders, per: .seconds(60))],
        .tenant: [RateAllowance(tenant, per: .seconds(60))]
      ]) : .off
  }
}
