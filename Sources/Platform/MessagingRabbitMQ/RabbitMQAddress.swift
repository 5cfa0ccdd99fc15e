import Foundation

/// Where a RabbitMQ broker is, and as whom to sign in: `amqp://user:password@host:5672/vhost`, or `amqps://` over TLS.
///
/// For TLS, `?cacert=FILE` names the authorities to trust, and `?verify=false` trusts anybody.
public struct RabbitMQAddress: Sendable, Hashable {
  public var host: String
  public var port: Int
  public var isTLS: Bool
  public var user: String
  public var password: String
  public var vhost: String
  public var authorities: String
  public var isVerified: Bool

  /// Nil when the text is no such address.
  public init?(_ text: String) {
    guard let parts = URLComponents(string: text), let scheme = parts.scheme, scheme == "amqp" || scheme == "amqps",
      let host = parts.host, !host.isEmpty
    else { return nil }
    isTLS = scheme == "amqps"
    self.host = host
    port = parts.port ?? (isTLS ? 5671 : 5672)
    user = parts.user ?? "guest"
    password = parts.password ?? "guest"
    let path = parts.path
    vhost = path.count > 1 ? String(path.dropFirst()) : "/"
    var query: [String: String] = [:]
    for item in parts.queryItems ?? [] { query[item.name] = item.value ?? "" }
    authorities = query.removeValue(forKey: "cacert") ?? "/etc/ssl/certs/ca-certificates.crt"
    isVerified = query.removeValue(forKey: "verify") != "false"
    if !query.isEmpty { return nil }
  }

  /// For messages: without the password.
  public var place: String { "\(host):\(port)" }
}
