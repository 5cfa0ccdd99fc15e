/// The address of a client, as bytes: four, or sixteen.
public struct ClientAddress: Hashable, Sendable, CustomStringConvertible {
  let bytes: [UInt8]

  /// Of a connection that ended before it was asked.
  static let unknown = ClientAddress(bytes: [0, 0, 0, 0])

  private init(bytes: [UInt8]) { self.bytes = bytes }

  /// Reads `192.0.2.1` or `2001:db8::1`; an IPv4 address that is written as IPv6 (`::ffff:192.0.2.1`) is the IPv4 address.
  public init?(_ text: some StringProtocol) {
    guard let bytes = text.utf8.contains(0x3A) ? Self.six(text) : Self.four(text) else { return nil }
    self.bytes = bytes.count == 16 && bytes[..<12].elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]) ? Array(bytes[12...]) : bytes
  }

  private static func four(_ text: some StringProtocol) -> [UInt8]? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let bytes = parts.compactMap { $0.utf8.allSatisfy { 0x30...0x39 ~= $0 } ? UInt8($0) : nil }
    return parts.count == 4 && bytes.count == 4 ? bytes : nil
  }

  /// RFC 4291, section 2.2.
  private static func six(_ text: some StringProtocol) -> [UInt8]? {
    func groups(_ text: Substring) -> [UInt8]? {
      if text.isEmpty { return [] }
      var bytes: [UInt8] = []
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      for (index, part) in parts.enumerated() {
        if index == parts.count - 1, part.utf8.contains(0x2E) {
          guard let last = four(part) else { return nil }
          bytes += last
          continue
        }
        guard 1...4 ~= part.utf8.count, part.utf8.first != 0x2B, part.utf8.first != 0x2D, let value = UInt16(part, radix: 16) else { return nil }
        bytes += [UInt8(value >> 8), UInt8(truncatingIfNeeded: value)]
      }
      return bytes
    }
    let whole = Substring(text)
    guard let gap = whole.firstRange(of: "::") else {
      guard let bytes = groups(whole), bytes.count == 16 else { return nil }
      return bytes
    }
    guard let head = groups(whole[..<gap.lowerBound]), let tail = groups(whole[gap.upperBound...]), head.count + tail.count <= 14 else { return nil }
    return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
  }

  public var description: String {
    if bytes.count == 4 { return bytes.map(String.init).joined(separator: ".") }
    return stride(from: 0, to: 16, by: 2).map { String(UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]), radix: 16) }.joined(separator: ":")
  }

  /// What one household or machine has: the address itself, or the first 64 bits of an IPv6 address, for the rest is its to choose.
  var block: String { bytes.count == 4 ? description : description.split(separator: ":").prefix(4).joined(separator: ":") + "::/64" }
}

/// The proxies before the server whose `X-Forwarded-For` is believed.
public struct TrustedProxies: Hashable, Sendable {
  private struct Network: Hashable, Sendable {
    let bytes: [UInt8]
    let bits: Int

    func contains(_ address: ClientAddress) -> Bool {
      guard address.bytes.count == bytes.count else { return false }
      let whole = bits / 8
      guard address.bytes[..<whole] == bytes[..<whole] else { return false }
      let rest = bits % 8
      return rest == 0 || (address.bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0
    }
  }

  private let networks: [Network]

  /// Nobody: the client is who is connected.
  public static let none = TrustedProxies(networks: [])

  private init(networks: [Network]) { self.networks = networks }

  /// Reads addresses and networks, with commas between them: `127.0.0.1, 10.0.0.0/8`; `nil` when one cannot be read.
  public init?(_ text: String) {
    var networks: [Network] = []
    for part in text.split(separator: ",") {
      let pieces = part.filter { $0 != " " }.split(separator: "/", omittingEmptySubsequences: false)
      guard let first = pieces.first, let address = ClientAddress(first), pieces.count <= 2 else { return nil }
      let most = address.bytes.count * 8
      guard let bits = pieces.count == 2 ? Int(pieces[1]) : most, 0...most ~= bits else { return nil }
      networks.append(Network(bytes: address.bytes, bits: bits))
    }
    self.networks = networks
  }

  private func contains(_ address: ClientAddress) -> Bool { networks.contains { $0.contains(address) } }

  /// The client: read from the right, the first address of the header that is no proxy of ours, for what stands left of it anybody can write.
  ///
  /// - Parameters:
  ///   - peer: who is connected.
  ///   - forwardedFor: the header `X-Forwarded-For`.
  func client(peer: ClientAddress, forwardedFor: String?) -> ClientAddress {
    guard let forwardedFor, contains(peer) else { return peer }
    var client = peer
    for part in forwardedFor.split(separator: ",", omittingEmptySubsequences: false).reversed() {
      guard contains(client), let next = ClientAddress(part.filter { $0 != " " }) else { break }
      client = next
    }
    return client
  }
}
