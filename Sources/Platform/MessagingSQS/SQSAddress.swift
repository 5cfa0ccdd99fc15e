import Foundation

/// Where Amazon SQS is: `sqs://sqs.eu-west-1.amazonaws.com?region=eu-west-1`; the keys in it (`sqs://KEY:SECRET@host`) or in the
/// environment (`AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`). `tls=false` for a server of one's own.
public struct SQSAddress: Sendable, Hashable {
  public var host: String
  public var port: Int
  public var isTLS: Bool
  public var region: String
  public var credentials: Credentials

  /// Nil when the text is no such address, or there are no keys for it.
  ///
  /// - Parameter environment: the process's own when it is nil.
  public init?(_ text: String, environment: [String: String]? = nil) {
    let environment = environment ?? ProcessInfo.processInfo.environment
    guard let parts = URLComponents(string: text), parts.scheme == "sqs", let host = parts.host, !host.isEmpty else { return nil }
    var query: [String: String] = [:]
    for item in parts.queryItems ?? [] { query[item.name] = item.value ?? "" }
    self.host = host
    isTLS = query.removeValue(forKey: "tls") != "false"
    port = parts.port ?? (isTLS ? 443 : 80)
    let words = host.split(separator: ".")
    guard
      let region = query.removeValue(forKey: "region") ?? environment["AWS_REGION"]
        ?? (words.count > 2 && words[0] == "sqs" ? String(words[1]) : nil),
      let key = parts.user ?? environment["AWS_ACCESS_KEY_ID"], let secret = parts.password ?? environment["AWS_SECRET_ACCESS_KEY"], query.isEmpty
    else { return nil }
    self.region = region
    credentials = Credentials(key: key, secret: secret, token: parts.user == nil ? environment["AWS_SESSION_TOKEN"] : nil)
  }

  /// As whom requests are signed.
  public struct Credentials: Sendable, Hashable {
    public var key: String
    public var secret: String
    public var token: String?

    public init(key: String, secret: String, token: String? = nil) {
      self.key = key
      self.secret = secret
      self.token = token
    }
  }

  /// For messages: without the keys.
  public var place: String { "\(host):\(port)" }
  /// As requests name it: without the port that goes without saying.
  var authority: String { port == (isTLS ? 443 : 80) ? host : place }
  var url: String { "\(isTLS ? "https" : "http")://\(authority)/" }
}
