import Crypto
import Foundation
import NIOCore
import ServiceKit
import Synchronization

/// Reads the frames of one WebSocket (RFC 6455), answers pings, and asks a silent peer whether it is there.
///
/// Frames are read by hand rather than by NIO's decoder: a position message costs one pass over its bytes.
final class SocketHandler: ChannelInboundHandler, Watched {
  typealias InboundIn = ByteBuffer

  private let socket: Socket
  private let state: ServerState
  private let place: LoopPlace
  private let open: (Socket) -> any SocketSession
  private var session: (any SocketSession)?
  /// Bytes of a frame that has not come whole.
  private var rest: ByteBuffer?
  /// The parts so far of a message in fragments.
  private var fragments: ByteBuffer?
  private var fragmentOpcode: UInt8 = 0
  private var nextPing = NIODeadline.now()
  private var unanswered = 0

  init(_ socket: Socket, _ state: ServerState, _ place: LoopPlace, _ open: @escaping (Socket) -> any SocketSession) {
    self.socket = socket
    self.state = state
    self.place = place
    self.open = open
  }

  func handlerAdded(context: ChannelHandlerContext) {
    state.openSockets.add(1, ordering: .relaxed)
    nextPing = .now() + TimeAmount(state.configuration.socketPingInterval)
    place.watch(self)
    session = open(socket)
  }

  func handlerRemoved(context: ChannelHandlerContext) { leave() }

  func channelInactive(context: ChannelHandlerContext) {
    leave()
    context.fireChannelInactive()
  }

  private func leave() {
    guard let session else { return }
    self.session = nil
    state.openSockets.subtract(1, ordering: .relaxed)
    place.forget(self)
    session.closed()
  }

  // MARK: Reading

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var bytes = unwrapInboundIn(data)
    if var rest {
      self.rest = nil
      rest.writeImmutableBuffer(bytes)
      bytes = rest
    }
    while session != nil, readFrame(&bytes) {}
    rest = session != nil && bytes.readableBytes > 0 ? bytes : nil
  }

  /// Takes one frame; false when it has not come whole, or the conversation is over.
  private func readFrame(_ bytes: inout ByteBuffer) -> Bool {
    let start = bytes.readerIndex
    guard bytes.readableBytes >= 2, let first: UInt8 = bytes.getInteger(at: start), let second: UInt8 = bytes.getInteger(at: start + 1) else {
      return false
    }
    guard second & 0x80 != 0, first & 0x70 == 0 else { fail(1002, "frames must be masked and plain"); return false }
    var count = Int(second & 0x7F)
    var header = 6
    if count == 126 {
      guard let long: UInt16 = bytes.getInteger(at: start + 2) else { return false }
      count = Int(long)
      header = 8
    } else if count == 127 {
      guard let long: UInt64 = bytes.getInteger(at: start + 2) else { return false }
      guard long <= 0x7FFF_FFFF else { fail(1009, "too long"); return false }
      count = Int(long)
      header = 14
    }
    let opcode = first & 0x0F
    let isFinal = first & 0x80 != 0
    if count > state.configuration.maximumFrameBytes { fail(1009, "longer than \(state.configuration.maximumFrameBytes) bytes"); return false }
    if opcode >= 8, count > 125 || !isFinal { fail(1002, "control frames are short and whole"); return false }
    guard bytes.readableBytes >= header + count else { return false }
    bytes.withUnsafeMutableReadableBytes { Self.unmask($0, mask: header - 4, count: count) }
    bytes.moveReaderIndex(forwardBy: header)
    guard let payload = bytes.readSlice(length: count) else { return false }
    handle(opcode, isFinal, payload)
    return true
  }

  private static func unmask(_ bytes: UnsafeMutableRawBufferPointer, mask at: Int, count: Int) {
    let mask = bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self)
    let wide = UInt64(mask) | UInt64(mask) << 32
    var index = at + 4
    let end = index + count
    while end - index >= 8 {
      bytes.storeBytes(of: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self) ^ wide, toByteOffset: index, as: UInt64.self)
      index += 8
    }
    var step = 0
    while index < end {
      bytes[index] ^= UInt8(truncatingIfNeeded: mask >> (UInt32(step & 3) * 8))
      index += 1
      step += 1
    }
  }

  private func handle(_ opcode: UInt8, _ isFinal: Bool, _ payload: ByteBuffer) {
    unanswered = 0
    switch opcode {
    case 0x0:
      guard fragments != nil else { fail(1002, "nothing to continue"); return }
      fragments!.writeImmutableBuffer(payload)
      guard fragments!.readableBytes <= state.configuration.maximumFrameBytes else { fail(1009, "too long"); return }
      if isFinal, let whole = fragments {
        fragments = nil
        message(fragmentOpcode, whole)
      }
    case 0x1, 0x2:
      guard fragments == nil else { fail(1002, "the message before is not finished"); return }
      if isFinal {
        message(opcode, payload)
      } else {
        fragments = payload
        fragmentOpcode = opcode
      }
    case 0x8: socket.closeNow(1000)
    case 0x9: socket.send(Socket.frame(0xA, payload))
    case 0xA: break
    default: fail(1002, "unknown opcode")
    }
  }

  private func message(_ opcode: UInt8, _ payload: ByteBuffer) {
    guard opcode == 0x1 else { fail(1003, "only text is understood"); return }
    payload.withUnsafeReadableBytes { session?.received($0) }
  }

  private func fail(_ code: UInt16, _ reason: String) {
    socket.closeNow(code, reason)
    leave()
  }

  // MARK: The end

  func look(at now: NIODeadline) {
    guard now >= nextPing else { return }
    nextPing = now + TimeAmount(state.configuration.socketPingInterval)
    unanswered += 1
    if unanswered > 3 { socket.drop() } else { socket.send(Socket.frame(0x9, ByteBuffer())) }
  }

  func end() { socket.drop() }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    switch event {
    case is ChannelShouldQuiesceEvent: socket.closeNow(1001, "the server is stopping")
    case ChannelEvent.inputClosed: socket.drop()
    default: context.fireUserInboundEventTriggered(event)
    }
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { socket.drop() }
}

/// What RFC 6455 wants as `Sec-WebSocket-Accept`.
func webSocketAccept(_ key: String) -> String {
  Data(Insecure.SHA1.hash(data: Data((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))).base64EncodedString()
}
