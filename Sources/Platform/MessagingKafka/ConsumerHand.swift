import CLibRdKafka

/// What the thread of a consumer has in hand, and what librdkafka tells it meanwhile.
final class ConsumerHand: KafkaListener {
  var handle: OpaquePointer?
  /// The partitions that are assigned; each is known by its index here until others are.
  private(set) var places: [KafkaPlace] = []
  var progress: [PartitionProgress] = []
  var handled = HandledOffsets()
  /// Where a node begins: what comes before is not for it.
  var begins: [KafkaPlace: Int64] = [:]
  /// What could not be read and is to be tried again when it is due.
  var putOff: [(due: Int, origin: Origin, attempts: Int, body: [UInt8])] = []
  /// Of the last message: the next is mostly of the same partition.
  private var lastTopic: OpaquePointer?
  private var lastIndex = 0
  var isAssigned = false
  var isPaused = false
  /// Since when the subscriber has as much in hand as it may.
  var fullSince: ContinuousClock.Instant?
  var isDown = false
  var problem: String?
  var reason = ""

  var open: Int { progress.reduce(0) { $0 + $1.open } }

  /// Which partition a message comes from; nil when that is not assigned any more.
  func partition(of message: UnsafePointer<rd_kafka_message_t>) -> Int? {
    let (topic, partition) = (message.pointee.rkt, message.pointee.partition)
    if topic == lastTopic, places[lastIndex].partition == partition { return lastIndex }
    let name = String(cString: rd_kafka_topic_name(topic))
    guard let index = places.firstIndex(where: { $0.partition == partition && $0.topic == name }) else { return nil }
    (lastTopic, lastIndex) = (topic, index)
    return index
  }

  override func failed(_ code: rd_kafka_resp_err_t, _ reason: String, isFatal: Bool) {
    if isFatal { problem = reason }
    if code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN { isDown = true }
    self.reason = reason
  }

  override func rebalanced(_ places: [KafkaPlace], isAssigned: Bool) {
    if !isAssigned { commit(waits: true) }
    // What is still being handled is delivered again to whoever has the partition now.
    putOff = []
    isPaused = false
    fullSince = nil
    self.isAssigned = isAssigned
    assign(places)
  }

  func assign(_ places: [KafkaPlace]) {
    self.places = places
    progress = places.map { _ in PartitionProgress() }
    handled = HandledOffsets()
    lastTopic = nil
  }

  /// Counts what the subscriber is done with.
  func countHandled() { for origin in handled.take() { progress[origin.partition].finish(origin.offset) } }

  func commit(waits: Bool) {
    countHandled()
    let news = progress.indices.compactMap { index in progress[index].uncommitted.map { (index: index, offset: $0) } }
    guard !news.isEmpty, let handle else { return }
    let code = withPartitions(news.map { (places[$0.index], $0.offset) }) { rd_kafka_commit(handle, $0, waits ? 0 : 1) }
    if code == RD_KAFKA_RESP_ERR_NO_ERROR { for (index, offset) in news { progress[index].committed = offset } }
  }
}
