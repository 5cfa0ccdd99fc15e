import ServiceKit
import Synchronization

/// The queues of an installation: their names say for whom and of what topic they are, so that whoever publishes finds them.
///
/// `NAMESPACE` + `SERVICE-TOPIC.fifo` is a service's, `NAMESPACE` + `node_ID-TOPIC.fifo` a node's.
final class SQSQueues: Sendable {
  private let client: SQSClient
  private let options: SQSBus.Options
  private let known = Mutex<[Topic: [String]]>([:])

  init(_ client: SQSClient, _ options: SQSBus.Options) {
    self.client = client
    self.options = options
  }

  /// Where the events of a topic go, as far as it is known.
  func urls(of topic: Topic) -> [String] { known.withLock { $0[topic] ?? [] } }

  /// Learns which queues there are now.
  func refresh() async throws {
    var urls: [String] = []
    var next: String?
    repeat {
      let page = try await client.ask("ListQueues", ListQueues(prefix: options.prefix, limit: 1000, next: next), as: QueuesListed.self)
      urls += page.urls ?? []
      next = page.next
    } while next != nil
    var found: [Topic: [String]] = [:]
    for url in urls.sorted() {
      guard let topic = Topic.allCases.first(where: { url.hasSuffix("-\($0.rawValue).fifo") }) else { continue }
      found[topic, default: []].append(url)
    }
    let all = found
    known.withLock { $0 = all }
  }

  /// Makes the queue of a service and topic, with its dead letters; or a node's, which nobody misses when the node is gone.
  func create(_ owner: String, _ topic: Topic, isEveryNode: Bool) async throws -> String {
    let name = "\(options.prefix)\(owner)-\(topic.rawValue)"
    var attributes = QueueAttributes(
      isFifo: "true", deduplicationScope: "messageGroup", throughputLimit: "perMessageGroupId",
      visibilityTimeout: "\(Int(options.visibility.seconds))",
      retention: isEveryNode ? "60" : "1209600")
    if !isEveryNode {
      let dead = try await client.ask(
        "CreateQueue", CreateQueue(name: "\(name)-dead.fifo", attributes: QueueAttributes(isFifo: "true", retention: "1209600")),
        as: QueueCreated.self)
      let described = try await client.ask("GetQueueAttributes", OfQueue(url: dead.url, attributes: ["QueueArn"]), as: QueueDescribed.self)
      guard let arn = described.attributes?.arn else { throw Unavailable("SQS does not tell the name of \(dead.url)") }
      attributes.redrive = #"{"deadLetterTargetArn":"\#(arn)","maxReceiveCount":"\#(options.deliveries)"}"#
    }
    return try await client.ask("CreateQueue", CreateQueue(name: "\(name).fifo", attributes: attributes), as: QueueCreated.self).url
  }

  func delete(_ url: String) async throws { _ = try await client.ask("DeleteQueue", OfQueue(url: url), as: Nothing.self) }

  /// How many messages are in the queue.
  func count(_ url: String) async throws -> Int {
    let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    let described = try await client.ask("GetQueueAttributes", OfQueue(url: url, attributes: names), as: QueueDescribed.self)
    return (described.attributes?.waiting.flatMap { Int($0) } ?? 0) + (described.attributes?.inFlight.flatMap { Int($0) } ?? 0)
  }
}
