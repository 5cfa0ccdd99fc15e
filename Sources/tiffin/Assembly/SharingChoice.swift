import Caching
import CachingRedis
import Gateway
import Realtime
import RedisClient
import ServiceKit
import Settings

/// What the nodes of an installation share in passing: nothing, or a Redis.
struct SharingChoice {
  let address: RedisAddress?
  let options: RedisOptions
  /// How long a start waits for Redis.
  private let patience: Duration

  /// - Throws: `SettingsFault` when the address is none.
  init(_ settings: SettingsSource) throws {
    let text = settings.text(
      "redis.url", default: "", isSecret: true,
      "The Redis that nodes share, such as redis://:password@host:6379/0, rediss://, redis+cluster:// or redis+sentinel://; empty: none.")
    var options = RedisOptions()
    options.connections = try settings.integer("redis.connections", default: 2, within: 1...64, "Connections to each Redis server.")
    options.maximumInFlight = try settings.integer(
      "redis.commandsAtOnce", default: 10_000, within: 1...1_000_000, "Commands that may wait for Redis; more are refused at once.")
    options.deadline = try settings.duration("redis.deadlineMilliseconds", default: 500, within: 1...60_000, "How long Redis may take to answer.")
    let trust = settings.text("redis.trustFile", default: "", "PEM certificates to trust for rediss://; empty: the system's.")
    options.trustFile = trust.isEmpty ? nil : trust
    patience = try settings.duration("redis.startSeconds", default: 10, within: 0...3600, "How long a start waits for Redis.")
    self.options = options
    do { address = text.isEmpty ? nil : try RedisAddress(text) } catch { throw SettingsFault(name: "redis.url", problem: "\(error)") }
  }

  /// What an installation shares.
  struct Sharing {
    let memory: Neighbourhood
    let channels: Channels?
    /// Waits for the engine.
    ///
    /// - Throws: `CommandFault` in one line that names the setting.
    let prepare: @Sendable () async throws -> Void
  }

  /// Connects in the background.
  ///
  /// - Parameter services: those hosted here; who opens sockets hears the frames of all nodes.
  func open(_ services: ServiceChoice, time: TimeSource, ids: IdentifierSource) throws -> Opened<Sharing> {
    guard let address else { return Opened(Sharing(memory: .alone(time: time), channels: nil, prepare: {})) }
    let sharing: RedisSharing
    let isListening = services.hosted.contains { $0 == GatewayModule.self }
    do { sharing = try RedisSharing(address, options, isListening: isListening, time: time, ids: ids) } catch {
      throw SettingsFault(name: "redis.url", problem: "\(error)")
    }
    let channels = Channels(epoch: ids.word(8), time: time, fanout: sharing.fanout)
    let prepare: @Sendable () async throws -> Void = { [patience] in
      guard await sharing.client.isReady(within: patience) else { throw Self.fault(sharing.client) }
    }
    return Opened(Sharing(memory: sharing.memory, channels: channels, prepare: prepare), close: { await sharing.close() })
  }

  /// For `tiffin doctor`: what is wrong, or which Redis answers; `nil` where none is set.
  func check() async throws -> String? {
    guard let address else { return nil }
    let client: RedisClient
    do { client = try RedisClient(address, options) } catch { throw SettingsFault(name: "redis.url", problem: "\(error)") }
    let isReady = await client.isReady(within: min(patience, .seconds(5)))
    let fault = Self.fault(client)
    let version = try? await client.send("INFO", "server").text?.split(whereSeparator: \.isNewline).first { $0.hasPrefix("redis_version:") }
    await client.close()
    guard isReady else { throw fault }
    return "\(address) answers, \(version.map { $0.replacing("redis_version:", with: "version ") } ?? "version unknown")"
  }

  private static func fault(_ client: RedisClient) -> CommandFault {
    CommandFault("setting redis.url: no answer from \(client.address) (\(client.health.reason)); start Redis, or correct the address")
  }
}
