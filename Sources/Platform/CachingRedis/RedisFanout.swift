import NIOConcurrencyHelpers
import Observability
public import Realtime
import RedisClient
import ServiceKit

/// Frames from node to node by publish and subscribe. Redis counts each channel's frames, so that every node sees them in one
/// order and notices when one is missing.
///
/// Without Redis a frame goes to the listeners of its own node. When Redis is back every listener is told to fetch again; and where
/// it was only this node that could not reach it, the listeners of the frames' channels on the other nodes are.
public final class RedisFanout: Fanout {
  private static let channel = "tiffin:frames"
  /// Counts the channel's frame, or leaves a number out of its count, and tells all nodes so. A count is kept for a day after its last frame.
  private static let telling = """
    local function tell(step, frame)
      local time = redis.call('TIME')
      local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
      local number = redis.call('HINCRBY', KEYS[1], 'number', step)
      if number == step then redis.call('HSET', KEYS[1], 'generation', now) end
      redis.call('PEXPIRE', KEYS[1], ARGV[1])
      redis.call('PUBLISH', ARGV[2], redis.call('HGET', KEYS[1], 'generation') .. ' ' .. number .. ' ' .. now .. '\\n' .. frame)
      return number
    end
    local function tear() return tell(2, '\\n' .. ARGV[3] .. '\\n\\n') end

    """
  /// What another node has told is not told again. What comes after its followers were told, and was told by nobody, tears the channel: a
  /// node that missed an event, and told the next ones, may have been before one that only lags.
  private static let publishing = RedisScript(
    telling + """
      if ARGV[5] ~= '' then
        if redis.call('HSETNX', KEYS[2], ARGV[5], '') == 0 then return 0 end
        redis.call('PEXPIRE', KEYS[2], 120000)
        local last = redis.call('HGET', KEYS[2], 'last')
        if last and tonumber(last) > tonumber(ARGV[5]) then return tear() end
        redis.call('HSET', KEYS[2], 'last', ARGV[5])
      end
      return tell(1, ARGV[4])
      """)
  private static let tearing = RedisScript(telling + "return tear()")
  /// Tells all nodes the time, behind everything that was published before.
  private static let ticking = RedisScript(
    """
    local time = redis.call('TIME')
    return redis.call('PUBLISH', ARGV[1], string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000)) .. '\\n\\n\\n\\n')
    """)
  private static let tickEvery = Duration.seconds(2)
  /// In a cluster messages of different masters come on different ways, and clocks differ: what is older has come.
  private static let slackMilliseconds = 1000
  private static let day = 86_400_000
  /// Channels remembered at most that other nodes have missed a frame of.
  private static let mostTorn = 20_000

  static let scripts = [publishing, tearing, ticking]

  private struct State: Sendable {
    var channels: Channels?
    var subscription: RedisSubscription?
    var isOn = false
    var hasJoined = false
    /// The newest frame that came before it was known since when this node hears all.
    var newest = 0
    var isAsked = false
    /// Channels of which other nodes have missed a frame.
    var torn: Set<String> = []
    var isMending = false
  }

  private let client: RedisClient
  private let isListening: Bool
  private let node: String
  private let count = NIOLockedValueBox(0)
  private let state = NIOLockedValueBox(State())
  private let sent: Counter
  private let local: Counter

  init(_ client: RedisClient, isListening: Bool, ids: IdentifierSource, metrics: Metrics) {
    self.client = client
    self.isListening = isListening
    node = ids.word(8)
    func way(_ name: String) -> Counter { metrics.counter("fanout_frames_total", help: "Frames published, by the way they went", ["way": name]) }
    sent = way("shared")
    local = way("here_only")
  }

  public func start(_ channels: Channels) {
    state.withLockedValue { $0.channels = channels }
    guard isListening else { return }
    let subscription = client.subscribe(
      to: [Self.channel],
      .init(began: { [weak self] in self?.began() }, message: { [weak self] in self?.heard($1) }, ended: { [weak self] in self?.ended() }))
    state.withLockedValue { $0.subscription = subscription }
    tick()
  }

  private func tick() {
    client.after(Self.tickEvery) { [weak self] in
      guard let self else { return }
      client.submit(RedisCommand(Self.ticking, keys: [], [.text(Self.channel)])) { _ in }
      tick()
    }
  }

  /// A name for a frame that no other frame has.
  public func nextID() -> String {
    let number = count.withLockedValue { count in
      count += 1
      return count
    }
    return "\(node)\(number)"
  }

  public func send(_ frame: FanoutFrame) {
    var payload = Array("\(frame.type)\n\(frame.channel)\n\(frame.id)\n".utf8)
    payload += frame.data
    let command: RedisCommand
    if frame.isKept {
      command = RedisCommand(
        Self.publishing, keys: ["channel:{\(frame.channel)}", "channel:{\(frame.channel)}:news:\(frame.turn?.aggregate ?? "")"],
        [
          .number(Self.day), .text(Self.channel), .text(frame.channel), .bytes(payload), .text(frame.turn.map { String($0.number) } ?? "")
        ])
    } else {
      command = RedisCommand(["PUBLISH", .text(Self.channel), .bytes(Array("-\n".utf8) + payload)], key: frame.channel)
    }
    client.submit(command) { [self] result in
      // Refused ones are told on the same loop as lost ones, so that frames of a channel stay in order.
      guard case .failure = result else { return sent.increment() }
      local.increment()
      state.withLockedValue { $0.channels }?.deliver(frame, mark: nil)
      if frame.isKept { tear(frame.channel) }
    }
  }

  /// Other nodes have missed a frame of the channel, and are to be told so.
  private func tear(_ channel: String) {
    let isFirst = state.withLockedValue { state in
      if state.torn.count < Self.mostTorn { state.torn.insert(channel) }
      defer { state.isMending = true }
      return !state.isMending
    }
    if isFirst { mend() }
  }

  /// Tells of torn channels, one after the other, for as long as it takes.
  private func mend() {
    let channel = state.withLockedValue { state -> String? in
      let channel = state.torn.first
      state.isMending = channel != nil
      return channel
    }
    guard let channel else { return }
    // Forgotten before it is told: a frame lost meanwhile tears anew.
    state.withLockedValue { state in _ = state.torn.remove(channel) }
    let command = RedisCommand(
      Self.tearing, keys: ["channel:{\(channel)}"], [.number(Self.day), .text(Self.channel), .text(channel)], isRepeatable: true)
    client.submit(command, within: .seconds(10), patience: .untilDeadline) { [weak self] result in
      guard let self else { return }
      if case .failure(let failure) = result {
        if failure == .closed { return }
        state.withLockedValue { state in _ = state.torn.insert(channel) }
        return client.after(.milliseconds(200)) { [weak self] in self?.mend() }
      }
      mend()
    }
  }

  public func rejoin() { if state.withLockedValue({ $0.isOn }) { askSince() } }

  // MARK: Listening; on the client's loop

  private func began() {
    state.withLockedValue { state in
      state.isOn = true
      state.newest = 0
    }
    askSince()
  }

  private func ended() {
    let channels = state.withLockedValue { state in
      state.isOn = false
      state.hasJoined = false
      return state.channels
    }
    channels?.isApart()
  }

  /// From this moment of Redis's on nothing is missed.
  private func askSince() {
    let isFirst = state.withLockedValue { state in
      defer { state.isAsked = true }
      return !state.isAsked
    }
    guard isFirst else { return }
    client.submit(RedisCommand(["TIME"], isRepeatable: true), within: .seconds(2), patience: .untilDeadline) { [weak self] result in
      // A closed client refuses at once and for good: asked again from here, it would never end.
      if case .failure(.closed) = result { return }
      guard let self else { return }
      let parts = (try? result.get())?.elements ?? []
      let now = parts.count == 2 ? parts[0].integer.map { $0 * 1000 + (parts[1].integer ?? 0) / 1000 } : nil
      let (channels, since, isOn) = state.withLockedValue { state -> (Channels?, Int, Bool) in
        state.isAsked = false
        guard state.isOn, let now else { return (nil, 0, state.isOn) }
        state.hasJoined = true
        return (state.channels, max(now, state.newest), true)
      }
      if let channels { channels.isJoined(since: since) } else if isOn { askSince() }
    }
  }

  private func heard(_ bytes: [UInt8]) {
    var rest = bytes[...]
    func line() -> String? {
      guard let end = rest.firstIndex(of: 0x0A) else { return nil }
      defer { rest = rest[(end + 1)...] }
      return String(decoding: rest[..<end], as: UTF8.self)
    }
    guard let head = line(), let type = line(), let channel = line(), let id = line() else { return }
    let numbers = head.split(separator: " ").compactMap { Int($0) }
    if numbers.count == 1, type.isEmpty {
      state.withLockedValue { $0.hasJoined ? $0.channels : nil }?.hasHeard(until: numbers[0] - Self.slackMilliseconds)
      return
    }
    let mark = numbers.count == 3 ? FanoutMark(generation: numbers[0], number: numbers[1], time: numbers[2]) : nil
    let channels = state.withLockedValue { state -> Channels? in
      guard state.hasJoined else {
        // Before it is known since when all is heard; who listens is told to fetch again just after.
        state.newest = max(state.newest, mark?.time ?? 0)
        return nil
      }
      return state.channels
    }
    channels?.deliver(FanoutFrame(type: type, channel: channel, data: Array(rest), isKept: mark != nil, id: id), mark: mark)
  }
}
