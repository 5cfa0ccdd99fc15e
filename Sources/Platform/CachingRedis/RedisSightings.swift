import Caching
import Kernel
import NIOConcurrencyHelpers
import RedisClient
import ServiceKit

/// Partners' places in a geographic set, when each was seen beside it, and a hash for each with an end.
///
/// The keys carry the tenant; the fleet is the platform's own. Without Redis each node goes on with what it has seen; when it is
/// back, all that is known there is handed to the listener, and this node's next places tell the others.
final class RedisSightings: Sightings {
  static let locations = "tenant:platform:partners:locations"
  static let seen = "tenant:platform:partners:seen"
  static func hash(_ member: String) -> String { "tenant:platform:partner:\(member)" }

  private static let channel = "tiffin:places"
  /// Seconds after which a partner who sent nothing is offline.
  private static let hashSeconds = 30
  /// A place older than this is of nobody's use.
  private static let keep = Duration.seconds(3600)
  private static let batch = 200

  private struct State: Sendable {
    var heard: (@Sendable ([Sighting]) -> Void)?
    var subscription: RedisSubscription?
    var cleanedAt = Instant(milliseconds: 0)
  }

  private let client: RedisClient
  private let time: TimeSource
  private let state = NIOLockedValueBox(State())

  init(_ client: RedisClient, time: TimeSource) {
    self.client = client
    self.time = time
  }

  func put(_ places: [Sighting]) {
    for start in stride(from: 0, to: places.count, by: Self.batch) { put(places[start..<min(places.count, start + Self.batch)]) }
    clean()
  }

  private func put(_ places: ArraySlice<Sighting>) {
    var geo: [RedisCommand.Argument] = ["GEOADD", .text(Self.locations)]
    var seen: [RedisCommand.Argument] = ["ZADD", .text(Self.seen), "GT"]
    var lines = ""
    for place in places {
      geo += [.real(place.point.longitude), .real(place.point.latitude), .text(place.member)]
      seen += [.number(place.at.milliseconds), .text(place.member)]
      lines += "\(place.member) \(place.point.longitude) \(place.point.latitude) \(place.at.milliseconds) \(place.status)\n"
      let hash = Self.hash(place.member)
      let point = "\(place.point.latitude),\(place.point.longitude)"
      send(
        [
          "HSET", .text(hash), "status", .text(place.status), "last_location", .text(point), "at", .number(place.at.milliseconds)
        ], hash)
      send(["EXPIRE", .text(hash), .number(Self.hashSeconds)], hash)
    }
    send(geo, Self.locations)
    send(seen, Self.seen)
    send(["PUBLISH", .text(Self.channel), .text(lines)], nil)
  }

  func remove(_ members: [String]) {
    guard !members.isEmpty else { return }
    for key in [Self.locations, Self.seen] { send([.text("ZREM"), .text(key)] + members.map { .text($0) }, key) }
    for member in members { send(["DEL", .text(Self.hash(member))], Self.hash(member)) }
  }

  private func send(_ words: [RedisCommand.Argument], _ key: String?) { client.submit(RedisCommand(words, key: key)) { _ in } }

  /// Now and then takes out who was not seen for long.
  private func clean() {
    let now = time.now
    let isDue = state.withLockedValue { state in
      guard now.since(state.cleanedAt) > .seconds(60) else { return false }
      state.cleanedAt = now
      return true
    }
    guard isDue else { return }
    let limit = now - Self.keep
    client.submit(
      RedisCommand(["ZRANGEBYSCORE", .text(Self.seen), "-inf", .number(limit.milliseconds), "LIMIT", 0, 1000], key: Self.seen)
    ) { [weak self] result in
      if let members = (try? result.get())?.elements { self?.remove(members.compactMap(\.text)) }
    }
  }

  func near(_ point: GeoPoint, radiusMeters: Double, limit: Int) async -> [Sighting]? {
    let words: [RedisCommand.Argument] = [
      "GEOSEARCH", .text(Self.locations), "FROMLONLAT", .real(point.longitude), .real(point.latitude), "BYRADIUS", .real(radiusMeters), "m", "ASC",
      "COUNT", .number(limit)
    ]
    guard let members = try? await client.send(RedisCommand(words, key: Self.locations)).elements else { return nil }
    return await places(of: members.compactMap(\.text))
  }

  /// Where these are, those left out that are known no more.
  private func places(of members: [String]) async -> [Sighting]? {
    guard !members.isEmpty else { return [] }
    let names = members.map { RedisCommand.Argument.text($0) }
    let answers = await client.send(
      all: [
        RedisCommand([.text("GEOPOS"), .text(Self.locations)] + names, key: Self.locations),
        RedisCommand([.text("ZMSCORE"), .text(Self.seen)] + names, key: Self.seen)
      ] + members.map { RedisCommand(["HGET", .text(Self.hash($0)), "status"], key: Self.hash($0)) })
    guard let points = (try? answers[0].get())?.elements, let times = (try? answers[1].get())?.elements, points.count == members.count,
      times.count == members.count
    else { return nil }
    return members.indices.compactMap { index in
      guard let pair = points[index].elements, pair.count == 2, let longitude = pair[0].double, let latitude = pair[1].double,
        let at = times[index].double
      else { return nil }
      return Sighting(
        member: members[index], point: GeoPoint(latitude: latitude, longitude: longitude), at: Instant(milliseconds: Int(at)),
        status: (try? answers[index + 2].get())?.text ?? "offline")
    }
  }

  func listen(_ heard: @escaping @Sendable ([Sighting]) -> Void) {
    let subscription = client.subscribe(
      to: [Self.channel],
      .init(began: { [weak self] in self?.readAll(heard) }, message: { _, bytes in heard(Self.places(in: bytes)) }))
    state.withLockedValue { $0.subscription = subscription }
  }

  private static func places(in bytes: [UInt8]) -> [Sighting] {
    bytes.split(separator: 0x0A).compactMap { line in
      let words = line.split(separator: 0x20).map { String(decoding: $0, as: UTF8.self) }
      guard words.count >= 4, let longitude = Double(words[1]), let latitude = Double(words[2]), let at = Int(words[3]) else { return nil }
      return Sighting(
        member: words[0], point: GeoPoint(latitude: latitude, longitude: longitude), at: Instant(milliseconds: at),
        status: words.count > 4 ? words[4] : "")
    }
  }

  /// All that is known, page by page; runs on the client's loop.
  private func readAll(_ heard: @escaping @Sendable ([Sighting]) -> Void, from offset: Int = 0) {
    let limit = time.now - Self.keep
    let page = RedisCommand(
      ["ZRANGEBYSCORE", .text(Self.seen), .number(limit.milliseconds), "+inf", "WITHSCORES", "LIMIT", .number(offset), .number(Self.batch)],
      key: Self.seen)
    client.submit(page, within: .seconds(5), patience: .untilDeadline) { [weak self] result in
      guard let self, let value = try? result.get(), let rows = value.elements, !rows.isEmpty else { return }
      // RESP3 gives pairs.
      let seen = rows.compactMap { row -> (String, Double)? in
        guard let pair = row.elements, pair.count == 2, let member = pair[0].text, let at = pair[1].double else { return nil }
        return (member, at)
      }
      let positions = RedisCommand([.text("GEOPOS"), .text(Self.locations)] + seen.map { .text($0.0) }, key: Self.locations)
      client.submit(positions) { [weak self] result in
        guard let self, let points = (try? result.get())?.elements else { return }
        let places = zip(seen, points).compactMap { seen, point -> Sighting? in
          guard let pair = point.elements, pair.count == 2, let longitude = pair[0].double, let latitude = pair[1].double else { return nil }
          return Sighting(
            member: seen.0, point: GeoPoint(latitude: latitude, longitude: longitude), at: Instant(milliseconds: Int(seen.1)), status: "")
        }
        heard(places)
        if rows.count == Self.batch { readAll(heard, from: offset + Self.batch) }
      }
    }
  }
}
