public import Caching

/// How the web server listens, and what it puts up with.
public struct WebServerConfiguration: Sendable {
  public var host = "127.0.0.1"
  /// 0 takes any free port.
  public var port = 8080
  public var maximumBodyBytes = 1 << 20
  /// Of a request's line and headers together.
  public var maximumHeaderBytes = 16 << 10
  /// How long a connection may be silent between two requests.
  public var idleTimeout = Duration.seconds(75)
  /// How long a client may take to send one request, or to take one response.
  public var slowClientTimeout = Duration.seconds(15)
  /// When a caller stops waiting, told to handlers as their deadline, on the service's time.
  public var requestTimeout = Duration.seconds(30)
  /// How long a stopping server lets requests in hand go on.
  public var shutdownGrace = Duration.seconds(5)
  public var maximumConnections = 20_000
  /// Requests in hand at one time; above it the answer is 503.
  public var maximumConcurrentRequests = 4096
  /// What may wait to be sent to one socket; a slower one is closed.
  public var outgoingBufferBytes = 1 << 20
  public var maximumFrameBytes = 64 << 10
  /// How often a silent socket is asked whether it is there; the third question without an answer closes it.
  public var socketPingInterval = Duration.seconds(30)
  /// Whether clients reach this server over TLS, ended by a proxy: cookies become `Secure`, and HSTS is sent.
  public var isBehindTLS = false
  /// The certificate and key where TLS, and with it HTTP/2, is spoken here.
  public var tls: TLSIdentity?
  /// Whether clients come over TLS, ended here or by a proxy.
  var hasTLS: Bool { isBehindTLS || tls != nil }
  /// The proxies whose `X-Forwarded-For` tells the client.
  public var trustedProxies = TrustedProxies.none
  /// The origins whose pages may call with the user's credentials.
  public var crossOrigin = CrossOrigin.none
  public var limits = RateLimits.off
  /// The buckets that all nodes draw from; nothing where each counts by itself.
  public var buckets: (any RateBuckets)?
  /// Shows a problem to a person who asked for a page; nothing where programs alone ask.
  public var problemPage: (@Sendable (Problem, WebRequest) -> WebResponse?)?
  /// Event loops; 0 takes one for each core.
  public var loops = 0

  public init() {}
}
