import DeliveryAPI
import Wire

/// What a client may say on a socket: `{"type": "...", "data": {...}}`.
enum ClientMessage {
  case authenticate(Proof)
  case subscribe(Subscription)
  case unsubscribe(Subscription)
  case positions(RecordPositions)
  case ping
  case unknown(String)

  /// - Throws: everything that is wrong with the message.
  static func read(_ text: UnsafeRawBufferPointer) throws(InvalidInput) -> ClientMessage {
    var reader = JSONReader(json: text)
    var type: String?
    var message: ClientMessage?
    var early: RawJSON?
    guard reader.beginObject() else { return try reader.conclude(nil) }
    var first = true
    while let key = reader.nextKey(first: &first) {
      if key == "type" {
        type = reader.field("type")
      } else if key == "data" {
        // Clients write the type first; data that comes before it is kept until it is known.
        if let type { message = payload(of: type, &reader) } else { early = RawJSON.read(&reader) }
      } else {
        reader.skip()
      }
    }
    if type == nil { reader.missing("type") }
    if let type, let early { message = try early.bytes.withReader { payload(of: type, &$0) } }
    if message == nil, let type, reader.faults.isEmpty { message = bare(type) }
    if message == nil, reader.faults.isEmpty { reader.missing("data") }
    return try reader.conclude(message)
  }

  private static func payload(of type: String, _ reader: inout JSONReader) -> ClientMessage? {
    switch type {
    case "position", "positions": return reader.field("data", as: RecordPositions.self).map(ClientMessage.positions)
    case "subscribe": return reader.field("data", as: Subscription.self).map(ClientMessage.subscribe)
    case "unsubscribe": return reader.field("data", as: Subscription.self).map(ClientMessage.unsubscribe)
    case "authenticate": return reader.field("data", as: Proof.self).map(ClientMessage.authenticate)
    default:
      reader.skip()
      return type == "ping" ? .ping : .unknown(type)
    }
  }

  /// Messages that need no data.
  private static func bare(_ type: String) -> ClientMessage? {
    switch type {
    case "ping": .ping
    case "position", "positions", "subscribe", "unsubscribe", "authenticate": nil
    default: .unknown(type)
    }
  }
}

/// Who is on the socket.
@Wire struct Proof: Hashable, Sendable {
  @Field(.length(1...8192)) var accessToken: String
}

/// Which channel, and where the client stood.
@Wire struct Subscription: Hashable, Sendable {
  @Field(.length(1...100)) var channel: String
  @Field(.length(0...200)) var cursor: String?
}

extension [UInt8] {
  /// Reads one value from these bytes, or throws everything that is wrong with it.
  fileprivate func withReader<Value>(_ body: (inout JSONReader) -> Value?) throws(InvalidInput) -> Value {
    let result: Result<Value, InvalidInput> = withUnsafeBytes { bytes in
      var reader = JSONReader(json: bytes)
      let value = body(&reader)
      do throws(InvalidInput) { return .success(try reader.conclude(value)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
