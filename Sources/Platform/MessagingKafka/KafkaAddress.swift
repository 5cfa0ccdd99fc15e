import Foundation

/// Where Kafka brokers are: `kafka://host:port,host:port`, with settings of librdkafka behind a question mark, such as
/// `?security.protocol=sasl_ssl&sasl.mechanism=PLAIN&sasl.username=tiffin&sasl.password=secret`.
public struct KafkaAddress: Sendable, Hashable {
  /// As librdkafka wants it.
  public var servers: String
  public var settings: [String: String]

  /// Nil when the text is no such address.
  public init?(_ text: String) {
    guard text.hasPrefix("kafka://") else { return nil }
    let parts = text.dropFirst(8).split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    var place = parts[0]
    if place.hasSuffix("/") { place = place.dropLast() }
    let servers = place.split(separator: ",", omittingEmptySubsequences: false).map { server -> String? in
      let halves = server.split(separator: ":", omittingEmptySubsequences: false)
      switch halves.count {
      case 1 where !halves[0].isEmpty: return "\(halves[0]):9092"
      case 2 where !halves[0].isEmpty: return UInt16(halves[1]).map { "\(halves[0]):\($0)" }
      default: return nil
      }
    }
    if servers.contains(nil) { return nil }
    self.servers = servers.compactMap(\.self).joined(separator: ",")
    var settings: [String: String] = [:]
    for pair in parts.count > 1 ? parts[1].split(separator: "&") : [] {
      let halves = pair.split(separator: "=", maxSplits: 1)
      guard halves.count == 2, let value = String(halves[1]).removingPercentEncoding else { return nil }
      settings[String(halves[0])] = value
    }
    self.settings = settings
  }
}
