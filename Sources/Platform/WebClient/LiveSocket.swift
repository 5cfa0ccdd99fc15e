import NIOConcurrencyHelpers
import NIOCore
public import Wire

/// One message of the server at `/ws`.
@Wire public struct LiveFrame: Hashable, Sendable {
  public var type: String
  public var channel: String?
  /// Where the channel stands after this frame.
  public var cursor: String?
  public var data: RawJSON?
}

/// A socket at `/ws` that stays: it subscribes, and after a lost connection comes back, resuming every channel from its cursor.
public final class LiveSocket: Sendable {
  /// What a listener gets, on the socket's event loop, in the order of the server.
  public enum Event: Sendable {
    case frame(LiveFrame)
    /// A channel was joined: `fresh`, `resumed`, or `refetch` where the state must be read again.
    case joined(channel: String, how: String, cursor: String?)
    /// The connection was lost; it comes back by itself.
    case lost
  }

  private struct State {
    var socket: WebSocket?
    var cursors: [String: String] = [:]
    /// In the order of subscription.
    var channels: [String] = []
    var isClosed = false
    var joining: [String: [EventLoopPromise<Void>]] = [:]
    var failures = 0
  }

  private let client: WebClient
  private let token: String
  private let listen: @Sendable (Event) -> Void
  private let state = NIOLockedValueBox(State())

  private init(_ client: WebClient, token: String, _ listen: @escaping @Sendable (Event) -> Void) {
    self.client = client
    self.token = token
    self.listen = listen
  }

  /// Opens the socket; throws when the first connection cannot be made.
  public static func open(_ client: WebClient, token: String, _ listen: @escaping @Sendable (Event) -> Void) async throws -> LiveSocket {
    let live = LiveSocket(client, token: token, listen)
    try await live.connect()
    return live
  }

  /// Joins a channel and waits for the server's word that it is joined.
  public func subscribe(_ channel: String) async throws {
    let promise = client.group.any().makePromise(of: Void.self)
    let socket = state.withLockedValue { state -> WebSocket? in
      if !state.channels.contains(channel) { state.channels.append(channel) }
      state.joining[channel, default: []].append(promise)
      return state.socket
    }
    socket?.send(encode(Request(type: "subscribe", data: Subject(channel: channel))))
    let timer = client.group.any().scheduleTask(in: .seconds(20)) { [self] in
      // Whoever takes the promises out of the table completes them, so that each is completed once.
      let waiting = state.withLockedValue { $0.joining.removeValue(forKey: channel) } ?? []
      for one in waiting { one.fail(NoAnswer(request: "subscribe \(channel)", reason: "no answer within 20 s")) }
    }
    defer { timer.cancel() }
    try await promise.futureResult.get()
  }

  public func unsubscribe(_ channel: String) {
    let socket = state.withLockedValue { state -> WebSocket? in
      state.channels.removeAll { $0 == channel }
      state.cursors[channel] = nil
      return state.socket
    }
    socket?.send(encode(Request(type: "unsubscribe", data: Subject(channel: channel))))
  }

  /// Sends one message; dropped while there is no connection, as positions may be.
  ///
  /// - Returns: whether there was a connection to send it on.
  @discardableResult
  public func send(_ message: some WireValue) -> Bool {
    guard let socket = state.withLockedValue({ $0.socket }) else { return false }
    socket.send(encode(message))
    return true
  }

  /// Loses the connection on purpose, as a phone in a tunnel does.
  public func drop() { state.withLockedValue { $0.socket }?.drop() }

  /// Closes for good.
  public func close() {
    let socket = state.withLockedValue { state -> WebSocket? in
      state.isClosed = true
      return state.socket
    }
    socket?.close()
  }

  /// Whether one connection was noted, and whether it is over: its end is told once, by whoever comes second.
  private struct Life {
    var isNoted = false
    var isOver = false
  }

  private func connect() async throws {
    let life = NIOLockedValueBox(Life())
    let socket = try await client.socket(
      token: token,
      WebSocket.Events(
        text: { [self] in take($0) },
        closed: { [self] _ in
          let wasNoted = life.withLockedValue { life in
            life.isOver = true
            return life.isNoted
          }
          if wasNoted { lost() }
        }))
    let again = state.withLockedValue { state -> [(String, String?)]? in
      guard !state.isClosed else { return nil }
      state.socket = socket
      state.failures = 0
      return state.channels.map { ($0, state.cursors[$0]) }
    }
    guard let again else {
      socket.close()
      return
    }
    let isOver = life.withLockedValue { life in
      life.isNoted = true
      return life.isOver
    }
    if isOver {
      lost()
      return
    }
    for (channel, cursor) in again { socket.send(encode(Request(type: "subscribe", data: Subject(channel: channel, cursor: cursor)))) }
  }

  private func lost() {
    let failures = state.withLockedValue { state -> Int? in
      guard !state.isClosed else { return nil }
      state.socket = nil
      state.failures += 1
      return state.failures
    }
    guard let failures else { return }
    listen(.lost)
    retry(after: min(5000, 50 << min(failures, 6)))
  }

  private func retry(after milliseconds: Int) {
    let loop = client.group.any()
    loop.scheduleTask(in: .milliseconds(Int64(milliseconds))) { [self] in
      guard !state.withLockedValue({ $0.isClosed }) else { return }
      loop.makeFutureWithTask { try await self.connect() }.whenFailure { [self] _ in
        let failures = state.withLockedValue { state -> Int in
          state.failures += 1
          return state.failures
        }
        retry(after: min(5000, 50 << min(failures, 6)))
      }
    }
  }

  private func take(_ bytes: UnsafeRawBufferPointer) {
    guard let frame = try? decode(LiveFrame.self, from: bytes) else { return }
    switch frame.type {
    case "subscribed":
      guard let channel = frame.channel else { return }
      let joined: Joined? = try? frame.data?.decoded()
      let waiting = state.withLockedValue { state in
        if joined?.joined != "resumed" || state.cursors[channel] == nil { state.cursors[channel] = frame.cursor }
        return state.joining.removeValue(forKey: channel)
      }
      listen(.joined(channel: channel, how: joined?.joined ?? "fresh", cursor: frame.cursor))
      for one in waiting ?? [] { one.succeed() }
    case "error":
      fail(frame)
      listen(.frame(frame))
    default:
      if let channel = frame.channel, let cursor = frame.cursor { state.withLockedValue { $0.cursors[channel] = cursor } }
      listen(.frame(frame))
    }
  }

  /// A refused subscription names its channel; whoever waits for it must hear.
  private func fail(_ frame: LiveFrame) {
    guard let channel = frame.channel else { return }
    let waiting = state.withLockedValue { state -> [EventLoopPromise<Void>] in
      state.channels.removeAll { $0 == channel }
      return state.joining.removeValue(forKey: channel) ?? []
    }
    let reason = String(decoding: frame.data?.bytes ?? [], as: UTF8.self)
    for one in waiting { one.fail(NoAnswer(request: "subscribe \(channel)", reason: reason)) }
  }
}

@Wire struct Request {
  var type: String
  var data: Subject
}

@Wire struct Subject {
  var channel: String
  var cursor: String?
}

@Wire struct Joined {
  var joined: String?
}
