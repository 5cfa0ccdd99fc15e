import CLibRabbitMQ
import Glibc
import ServiceKit

/// One connection to the broker, used by one thread; every call may block.
final class RabbitMQLink {
  /// What a queue is declared as.
  struct Queue {
    var name: String?
    var isExclusive = false
    var isSingleActive = false
    var deliveryLimit = 0
    var timeToLive: Duration?
    /// Where a message goes that the queue gives up.
    var deadKey: String?
  }

  private let link: OpaquePointer
  private var isOpen = false

  init(_ address: RabbitMQAddress, name: String) throws(Unavailable) {
    guard let link = tiffin_amqp_new() else { throw Unavailable("no memory for a connection") }
    self.link = link
    let status = withCStrings([address.host, address.authorities, address.vhost, address.user, address.password, name]) { texts in
      var place = tiffin_amqp_place()
      place.host = texts[0]
      place.port = Int32(address.port)
      place.is_tls = address.isTLS ? 1 : 0
      place.is_verified = address.isVerified ? 1 : 0
      place.ca_file = texts[1]
      place.vhost = texts[2]
      place.user = texts[3]
      place.password = texts[4]
      place.name = texts[5]
      place.heartbeat_seconds = 10
      place.timeout_seconds = 5
      return tiffin_amqp_connect(link, &place)
    }
    if status != 0 {
      let problem = error
      throw Unavailable(problem)
    }
    isOpen = true
  }

  deinit { tiffin_amqp_free(link) }

  private var error: String { String(cString: tiffin_amqp_error(link)) }

  private func check(_ status: Int32) throws(Unavailable) { if status != 0 { throw Unavailable(error) } }

  var socket: Int32 { tiffin_amqp_socket(link) }

  func open(_ channel: UInt16, prefetch: Int = 0, isConfirming: Bool = false) throws(Unavailable) {
    try check(tiffin_amqp_open(link, channel, Int32(prefetch), isConfirming ? 1 : 0))
  }

  func declareExchange(_ name: String) throws(Unavailable) { try check(tiffin_amqp_declare_exchange(link, name)) }

  /// Answers the queue's name, which the broker may have chosen.
  @discardableResult
  func declare(_ queue: Queue) throws(Unavailable) -> String {
    var name = [CChar](repeating: 0, count: 256)
    let status = withCStrings([queue.name, queue.deadKey, ""]) { texts in
      var wanted = tiffin_amqp_queue()
      wanted.name = texts[0]
      wanted.is_exclusive = queue.isExclusive ? 1 : 0
      wanted.is_quorum = queue.isExclusive ? 0 : 1
      wanted.is_single_active = queue.isSingleActive ? 1 : 0
      wanted.delivery_limit = Int32(queue.deliveryLimit)
      if let time = queue.timeToLive { wanted.ttl_milliseconds = Int32(time.milliseconds) }
      if queue.deadKey != nil {
        wanted.dead_exchange = texts[2]
        wanted.dead_key = texts[1]
      }
      return tiffin_amqp_declare_queue(link, 1, &wanted, &name, name.count)
    }
    try check(status)
    return name.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
  }

  /// Whether there is a queue of that name.
  func has(_ queue: String) throws(Unavailable) -> Bool {
    var has: Int32 = 0
    // A channel that no subscription has: the answer "no" closes it.
    try check(tiffin_amqp_has_queue(link, 2000, queue, &has))
    return has != 0
  }

  func delete(_ queue: String) throws(Unavailable) { try check(tiffin_amqp_delete_queue(link, 1, queue)) }

  func bind(_ queue: String, to exchange: String, _ key: String) throws(Unavailable) { try check(tiffin_amqp_bind(link, queue, exchange, key)) }

  func consume(_ queue: String, _ channel: UInt16, isAcknowledged: Bool) throws(Unavailable) {
    try check(tiffin_amqp_consume(link, channel, queue, isAcknowledged ? 1 : 0))
  }

  /// How many messages wait in the queue.
  func count(_ queue: String) throws(Unavailable) -> Int {
    var count: UInt32 = 0
    try check(tiffin_amqp_count(link, 1, queue, &count))
    return Int(count)
  }

  func publish(_ message: Outgoing) throws(Unavailable) {
    let status = withCStrings([
      message.exchange, message.key, message.id, message.type, message.correlation, message.aggregate, message.reason
    ]) { texts in
      message.body.withUnsafeBytes { body in
        var wanted = tiffin_amqp_message()
        wanted.exchange = texts[0]
        wanted.key = texts[1]
        wanted.id = texts[2]
        wanted.type = texts[3]
        wanted.correlation = texts[4]
        wanted.aggregate = texts[5]
        wanted.reason = texts[6]
        wanted.attempts = Int64(message.attempts)
        wanted.is_repeated = message.isRepeated ? 1 : 0
        wanted.body = body.baseAddress
        wanted.length = body.count
        return tiffin_amqp_publish(link, 1, &wanted)
      }
    }
    try check(status)
  }

  func acknowledge(_ channel: UInt16, _ tag: UInt64, andAllBefore isMultiple: Bool) throws(Unavailable) {
    try check(tiffin_amqp_ack(link, channel, tag, isMultiple ? 1 : 0))
  }

  /// The next thing that came, or nil when nothing is there; its body is good until `release`.
  func next() throws(Unavailable) -> tiffin_amqp_event? {
    var event = tiffin_amqp_event()
    try check(tiffin_amqp_next(link, &event))
    return event.kind == Int32(TIFFIN_AMQP_NOTHING) ? nil : event
  }

  func release() { tiffin_amqp_release(link) }

  /// Says good-bye to the broker.
  func close() { if isOpen { tiffin_amqp_close(link) } }
}

/// Runs the body with the texts as C strings; nil stays nil.
private func withCStrings<Value>(_ texts: [String?], _ body: ([UnsafePointer<CChar>?]) -> Value) -> Value {
  let copies = texts.map { $0.map { strdup($0) } ?? nil }
  defer { for copy in copies { free(copy) } }
  return body(copies.map { $0.map { UnsafePointer($0) } })
}
