/// Where a process takes operations: host and port out of `http://host:port`.
public struct PeerAddress: Hashable, Sendable, CustomStringConvertible {
  public let host: String
  public let port: Int

  public init(host: String, port: Int) {
    self.host = host
    self.port = port
  }

  /// Nil when the text is no such address.
  public init?(_ text: String) {
    guard text.hasPrefix("http://") else { return nil }
    var rest = text.dropFirst(7)
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    guard let colon = rest.lastIndex(of: ":"), colon != rest.startIndex, let port = Int(rest[rest.index(after: colon)...]), 1...65_535 ~= port
    else { return nil }
    let host = rest[..<colon]
    guard host.utf8.allSatisfy({ $0 > 0x20 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "@") }) else { return nil }
    self.init(host: host.filter { $0 != "[" && $0 != "]" }, port: port)
  }

  public var description: String { host.contains(":") ? "http://[\(host)]:\(port)" : "http://\(host):\(port)" }
}
