/// Where a Redis is, of which kind, and how to be let in.
///
/// `redis://[[user]:password@]host[:port][/db]`, `rediss://` over TLS; `redis+cluster://host:port,host:port`;
/// `redis+sentinel://host:port,host:port/NAME[/db]`; `rediss+cluster://` and `rediss+sentinel://` over TLS. Signs of a password
/// that mean something in an address are written as `%XX`.
public struct RedisAddress: Sendable, Hashable, CustomStringConvertible {
  /// One server to connect to.
  public struct Endpoint: Sendable, Hashable, CustomStringConvertible {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
      self.host = host
      self.port = port
    }

    public var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
  }

  /// How the servers belong together.
  public enum Kind: Sendable, Hashable {
    case single
    case cluster
    /// Sentinels that know who is master of this name.
    case sentinel(name: String)
  }

  public var kind: Kind
  public var endpoints: [Endpoint]
  public var user: String?
  var password: String?
  public var database: Int
  public var isTLS: Bool

  /// - Throws: `RedisAddressFault` that says what is wrong with it; it never repeats the password.
  public init(_ text: String) throws(RedisAddressFault) {
    guard let colon = text.firstRange(of: "://") else { throw RedisAddressFault("has no scheme; write redis://host:port") }
    let scheme = text[..<colon.lowerBound].lowercased()
    let parts = scheme.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts[0] == "redis" || parts[0] == "rediss" else {
      throw RedisAddressFault("begins with \(scheme)://; it must be redis, rediss, redis+cluster or redis+sentinel")
    }
    isTLS = parts[0] == "rediss"
    let rest = text[colon.upperBound...]
    let (place, tail) = Self.cut(rest, at: "/")
    let servers: Substring
    if let at = place.lastIndex(of: "@") {
      let (name, secret) = Self.cut(place[..<at], at: ":")
      guard let secret else { throw RedisAddressFault("names a user without a password; write user:password@ or :password@") }
      user = name.isEmpty ? nil : try Self.decoded(name)
      password = try Self.decoded(secret)
      servers = place[place.index(after: at)...]
    } else {
      servers = place
    }
    let isSentinel = parts.count == 2 && parts[1] == "sentinel"
    endpoints = try servers.split(separator: ",", omittingEmptySubsequences: false).map { (text) throws(RedisAddressFault) in
      try Self.endpoint(text, port: isSentinel ? 26_379 : 6379)
    }
    var path = tail.map { $0.split(separator: "/", omittingEmptySubsequences: false)[...] } ?? []
    if path.last?.isEmpty == true { path.removeLast() }
    switch parts.count == 2 ? String(parts[1]) : "" {
    case "":
      kind = .single
      guard endpoints.count == 1 else { throw RedisAddressFault("names several servers; a cluster is redis+cluster://") }
    case "cluster": kind = .cluster
    case "sentinel":
      guard let name = path.popFirst(), !name.isEmpty else { throw RedisAddressFault("names no master; write redis+sentinel://host:port/mymaster") }
      kind = .sentinel(name: String(name))
    default: throw RedisAddressFault("begins with \(scheme)://; it must be redis, rediss, redis+cluster or redis+sentinel")
    }
    database = 0
    if let number = path.popFirst() {
      guard let value = Int(number), 0...1_000_000 ~= value else { throw RedisAddressFault("has a database \"\(number)\" that is no number") }
      guard kind != .cluster || value == 0 else { throw RedisAddressFault("names a database; a cluster has only one") }
      database = value
    }
    guard path.isEmpty else { throw RedisAddressFault("goes on after the database") }
  }

  /// The address without its password.
  public var description: String {
    let scheme = isTLS ? "rediss" : "redis"
    let servers = endpoints.map(\.description).joined(separator: ",")
    return switch kind {
    case .single: "\(scheme)://\(servers)/\(database)"
    case .cluster: "\(scheme)+cluster://\(servers)"
    case .sentinel(let name): "\(scheme)+sentinel://\(servers)/\(name)/\(database)"
    }
  }

  private static func endpoint(_ text: Substring, port: Int) throws(RedisAddressFault) -> Endpoint {
    var host = text
    var port = port
    if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
      host = text[text.index(after: text.startIndex)..<close]
      let rest = text[text.index(after: close)...]
      if !rest.isEmpty { port = try number(rest.dropFirst(), rest.first == ":") }
    } else if let colon = text.lastIndex(of: ":") {
      host = text[..<colon]
      port = try number(text[text.index(after: colon)...], true)
    }
    guard !host.isEmpty, !host.contains(" ") else { throw RedisAddressFault("names no host") }
    return Endpoint(host: String(host), port: port)
  }

  private static func number(_ text: Substring, _ isPort: Bool) throws(RedisAddressFault) -> Int {
    guard isPort, let port = Int(text), 1...65_535 ~= port else { throw RedisAddressFault("has a port that is no number from 1 to 65535") }
    return port
  }

  private static func cut(_ text: Substring, at sign: Character) -> (Substring, Substring?) {
    guard let place = text.firstIndex(of: sign) else { return (text, nil) }
    return (text[..<place], text[text.index(after: place)...])
  }

  private static func decoded(_ text: Substring) throws(RedisAddressFault) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else { bytes.append(byte); continue }
      guard rest.count >= 2, let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16) else {
        throw RedisAddressFault("has a % that two digits do not follow; a % itself is written %25")
      }
      bytes.append(value)
      rest = rest.dropFirst(2)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// What is wrong with an address.
public struct RedisAddressFault: Error, Hashable, CustomStringConvertible {
  public let description: String
  init(_ description: String) { self.description = description }
}
