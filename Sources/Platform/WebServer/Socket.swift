import NIOConcurrencyHelpers
import NIOCore
public import Realtime
public import ServiceKit
import Synchronization

/// One open WebSocket.
public final class Socket: Channels.Listener {
  private let channel: any NIOCore.Channel
  private let place: LoopPlace
  private let isClosing = Atomic<Bool>(false)
  /// Ties together what the socket causes.
  public let correlationID: String

  init(_ channel: any NIOCore.Channel, _ place: LoopPlace, correlationID: String, bufferBytes: Int) {
    self.channel = channel
    self.place = place
    self.correlationID = correlationID
    _ = try? channel.syncOptions?.setOption(.writeBufferWaterMark, value: .init(low: bufferBytes / 2, high: bufferBytes))
  }

  public var lane: any Lane { place }

  /// Sends one text message, from any thread.
  public func deliver(_ frame: [UInt8]) { place.deliver(frame, to: [self]) }

  /// Closes with a code of RFC 6455 (1000 normal, 1008 refused by a rule, …), from any thread.
  public func close(_ code: UInt16, _ reason: String = "") {
    place.loop.execute { self.closeNow(code, reason) }
  }

  /// Does asynchronous work as `caller` on the socket's loop, then hands its outcome back there. Called on that loop.
  public func run<Outcome: Sendable>(
    as caller: Caller, _ work: @escaping @Sendable () async -> Outcome, then: @escaping (Outcome) -> Void
  ) {
    let correlationID = correlationID
    place.run({ await Caller.$current.withValue(caller) { await CallContext.$correlationID.withValue(correlationID) { await work() } } }, then: then)
  }

  /// Does something on the socket's loop after a while; nothing when the socket is gone by then. Called on that loop.
  public func after(_ duration: Duration, _ body: @escaping () -> Void) {
    let channel = channel
    _ = place.loop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) { if channel.isActive { body() } }
  }

  // MARK: On the loop

  func write(_ buffer: ByteBuffer) {
    guard !isClosing.load(ordering: .relaxed) else { return }
    guard channel.isWritable else {
      // Its peer does not keep up: it is cut off rather than waited for, and can come back with its cursor.
      isClosing.store(true, ordering: .relaxed)
      channel.close(promise: nil)
      return
    }
    channel.write(buffer, promise: nil)
  }

  func flush() { channel.flush() }

  func send(_ buffer: ByteBuffer) {
    write(buffer)
    channel.flush()
  }

  func closeNow(_ code: UInt16, _ reason: String = "") {
    guard !isClosing.exchange(true, ordering: .relaxed) else { return }
    var payload = ByteBuffer()
    payload.writeInteger(code)
    payload.writeString(String(reason.prefix(120)))
    let channel = channel
    channel.writeAndFlush(Self.frame(0x8, payload)).whenComplete { _ in channel.close(mode: .output, promise: nil) }
    // A peer that does not close its side within two seconds is cut off.
    _ = place.loop.scheduleTask(in: .seconds(2)) { channel.close(promise: nil) }
  }

  func drop() {
    isClosing.store(true, ordering: .relaxed)
    channel.close(promise: nil)
  }

  // MARK: Frames

  static func textFrame(_ bytes: [UInt8]) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: bytes.count + 10)
    writeHead(0x1, bytes.count, &buffer)
    buffer.writeBytes(bytes)
    return buffer
  }

  static func frame(_ opcode: UInt8, _ payload: ByteBuffer) -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: payload.readableBytes + 10)
    writeHead(opcode, payload.readableBytes, &buffer)
    buffer.writeImmutableBuffer(payload)
    return buffer
  }

  private static func writeHead(_ opcode: UInt8, _ count: Int, _ buffer: inout ByteBuffer) {
    buffer.writeInteger(0x80 | opcode)
    if count < 126 {
      buffer.writeInteger(UInt8(count))
    } else if count <= 0xFFFF {
      buffer.writeInteger(UInt8(126))
      buffer.writeInteger(UInt16(count))
    } else {
      buffer.writeInteger(UInt8(127))
      buffer.writeInteger(UInt64(count))
    }
  }
}
