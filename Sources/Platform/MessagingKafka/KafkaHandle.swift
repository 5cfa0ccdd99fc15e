import CLibRdKafka
import Glibc
import ServiceKit

/// One producer or consumer of librdkafka, made of its settings and gone with the object.
final class KafkaHandle {
  let kafka: OpaquePointer
  /// What its callbacks speak to; kept as long as they can come.
  private let listener: KafkaListener

  init(_ kind: rd_kafka_type_t, _ settings: [String: String], _ listener: KafkaListener) throws(Unavailable) {
    self.listener = listener
    guard let configuration = rd_kafka_conf_new() else { throw Unavailable("no memory for Kafka's client") }
    var problem = [CChar](repeating: 0, count: 512)
    for (name, value) in settings.sorted(by: { $0.key < $1.key }) {
      if rd_kafka_conf_set(configuration, name, value, &problem, problem.count) != RD_KAFKA_CONF_OK {
        rd_kafka_conf_destroy(configuration)
        throw Unavailable(problem.text)
      }
    }
    rd_kafka_conf_set_opaque(configuration, Unmanaged.passUnretained(listener).toOpaque())
    // Its own lines would go to standard error, in another form than ours.
    rd_kafka_conf_set_log_cb(configuration) { _, _, _, _ in }
    rd_kafka_conf_set_error_cb(configuration) { kafka, code, reason, opaque in
      let listener = Unmanaged<KafkaListener>.fromOpaque(opaque!).takeUnretainedValue()
      let isFatal = rd_kafka_resp_err_t(code) == RD_KAFKA_RESP_ERR__FATAL
      listener.failed(rd_kafka_resp_err_t(code), reason.map { String(cString: $0) } ?? "", isFatal: isFatal)
    }
    if kind == RD_KAFKA_PRODUCER {
      rd_kafka_conf_set_dr_msg_cb(configuration) { _, message, opaque in
        let listener = Unmanaged<KafkaListener>.fromOpaque(opaque!).takeUnretainedValue()
        listener.reported(Int(bitPattern: message!.pointee._private), message!.pointee.err)
      }
    } else {
      rd_kafka_conf_set_rebalance_cb(configuration) { kafka, code, partitions, opaque in
        let listener = Unmanaged<KafkaListener>.fromOpaque(opaque!).takeUnretainedValue()
        let isAssigned = code == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS
        if !isAssigned { listener.rebalanced([], isAssigned: false) }
        _ = rd_kafka_assign(kafka, isAssigned ? partitions : nil)
        if isAssigned, let partitions { listener.rebalanced(partitions.pointee.places, isAssigned: true) }
      }
    }
    guard let kafka = rd_kafka_new(kind, configuration, &problem, problem.count) else {
      rd_kafka_conf_destroy(configuration)
      throw Unavailable(problem.text)
    }
    self.kafka = kafka
  }

  deinit { rd_kafka_destroy_flags(kafka, Int32(RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)) }

  /// Whether a broker answers.
  func isReached(within limit: Duration) -> Bool {
    var metadata: UnsafePointer<rd_kafka_metadata>?
    guard rd_kafka_metadata(kafka, 0, nil, &metadata, Int32(limit.milliseconds)) == RD_KAFKA_RESP_ERR_NO_ERROR else { return false }
    rd_kafka_metadata_destroy(metadata)
    return true
  }

  func createTopics(_ names: [String], partitions: Int) throws(Unavailable) {
    var problem = [CChar](repeating: 0, count: 512)
    let copies = names.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    let failure = copies.map { UnsafePointer($0) }.withUnsafeBufferPointer {
      tiffin_kafka_create_topics(kafka, $0.baseAddress, Int32(names.count), Int32(partitions), 5000, &problem, problem.count)
    }
    if failure != nil { throw Unavailable(problem.text) }
  }

  /// How many partitions the topic has; nil when that cannot be learnt now.
  func partitions(of topic: String) -> Int? {
    guard let handle = rd_kafka_topic_new(kafka, topic, nil) else { return nil }
    defer { rd_kafka_topic_destroy(handle) }
    var metadata: UnsafePointer<rd_kafka_metadata>?
    guard rd_kafka_metadata(kafka, 0, handle, &metadata, 3000) == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { return nil }
    defer { rd_kafka_metadata_destroy(metadata) }
    guard metadata.pointee.topic_cnt == 1, metadata.pointee.topics[0].err == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
    return Int(metadata.pointee.topics[0].partition_cnt)
  }
}

/// Hears what librdkafka tells, on the thread that polls.
class KafkaListener {
  func failed(_ code: rd_kafka_resp_err_t, _ reason: String, isFatal: Bool) {}
  /// A message was stored, or was not.
  func reported(_ serial: Int, _ code: rd_kafka_resp_err_t) {}
  func rebalanced(_ places: [KafkaPlace], isAssigned: Bool) {}
}

/// A partition of a topic.
struct KafkaPlace: Hashable, Sendable {
  var topic: String
  var partition: Int32
}

extension rd_kafka_topic_partition_list_s {
  var places: [KafkaPlace] { (0..<Int(cnt)).map { KafkaPlace(topic: String(cString: elems[$0].topic), partition: elems[$0].partition) } }
}

extension [CChar] {
  fileprivate var text: String { withUnsafeBufferPointer { String(cString: $0.baseAddress!) } }
}

/// The list as librdkafka wants it, while the body runs.
func withPartitions<Value>(
  _ places: [(place: KafkaPlace, offset: Int64)], _ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) -> Value
) -> Value {
  let list = rd_kafka_topic_partition_list_new(Int32(places.count))!
  defer { rd_kafka_topic_partition_list_destroy(list) }
  for (place, offset) in places {
    rd_kafka_topic_partition_list_add(list, place.topic, place.partition)!.pointee.offset = offset
  }
  return body(list)
}
