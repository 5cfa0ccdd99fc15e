/// Where a server listens: scheme, host and port of `http://127.0.0.1:8080`.
public struct WebAddress: Hashable, Sendable, CustomStringConvertible {
  public let isSecure: Bool
  public let host: String
  public let port: Int

  public init(host: String = "127.0.0.1", port: Int, isSecure: Bool = false) {
    self.host = host
    self.port = port
    self.isSecure = isSecure
  }

  /// Parses `http://host`, `http://host:port` and the same with `https`; a path after it is not taken.
  public init?(_ text: String) {
    guard let mark = text.firstRange(of: "://") else { return nil }
    let scheme = text[..<mark.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https" else { return nil }
    var rest = text[mark.upperBound...]
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    guard !rest.isEmpty, !rest.contains(where: { "/?#@".contains($0) }) else { return nil }
    let fallback = scheme == "https" ? 443 : 80
    if let colon = rest.lastIndex(of: ":"), !rest.hasSuffix("]") {
      guard let port = Int(rest[rest.index(after: colon)...]), 1...65535 ~= port, colon > rest.startIndex else { return nil }
      self.init(host: String(rest[..<colon]), port: port, isSecure: scheme == "https")
    } else {
      self.init(host: String(rest), port: fallback, isSecure: scheme == "https")
    }
  }

  /// Whether it is this machine.
  public var isLoopback: Bool { host == "localhost" || host == "[::1]" || host.hasPrefix("127.") }

  public var description: String { "\(isSecure ? "https" : "http")://\(host):\(port)" }
}
