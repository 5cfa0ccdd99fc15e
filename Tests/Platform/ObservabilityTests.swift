import Foundation
import Kernel
import Observability
import ServiceKit
import Synchronization
import Testing
import Wire

@Suite(.serialized) struct ObservabilityTests {
  @Test func measuresAreWrittenAsPrometheusReadsThem() {
    let metrics = Metrics()
    metrics.counter("orders_total", help: "Orders", ["kind": "a\"b"]).increment(by: 2)
    metrics.counter("orders_total", ["kind": "a\"b"]).increment()
    metrics.gauge("open").set(2.5)
    metrics.gauge("read") { 7 }
    let histogram = metrics.histogram("took_seconds", bounds: [0.1, 1])
    for value in [0.05, 0.1, 0.5, 3] { histogram.record(value) }
    let lines = metrics.prometheusText().split(separator: "\n").map(String.init)
    let wanted = [
      "# HELP orders_total Orders", "# TYPE orders_total counter", #"orders_total{kind="a\"b"} 3"#, "open 2.5", "read 7",
      #"took_seconds_bucket{le="0.1"} 2"#, #"took_seconds_bucket{le="1"} 3"#, #"took_seconds_bucket{le="+Inf"} 4"#, "took_seconds_count 4"
    ]
    for line in wanted { #expect(lines.contains(line), "\(line)") }
    #expect(metrics.total("orders_total") == 3)
    #expect(metrics.sum(ofHistogram: "took_seconds").count == 4)
  }

  @Test func aLabelWithEndlessValuesDoesNotEatTheMemory() {
    let metrics = Metrics()
    for number in 0..<5000 { metrics.counter("c", ["id": String(number)]).increment() }
    let lines = metrics.prometheusText().split(separator: "\n").filter { $0.hasPrefix("c{") }
    #expect(lines.count == Metrics.maximumSeries + 1)
    #expect(lines.contains(#"c{overflow="true"} 4000"#))
  }

  @Test func secretsDoNotPrint() {
    let secret = Secret("hunter2")
    var dumped = ""
    dump(secret, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), String(describing: [secret]), dumped] { #expect(!text.contains("hunter2")) }
    #expect(secret.revealed() == "hunter2")
  }

  @Test func linesAreJSONWithTheCorrelation() throws {
    let lines = Lines()
    Log.configure(level: .info) { line in lines.all.withLock { $0.append(line) } }
    defer { Log.configure(level: .info) { try? FileHandle.standardError.write(contentsOf: $0) } }
    CallContext.$correlationID.withValue("c-1") {
      Log("ordering").warning("order late", ["order": "o\n1", "minutes": 12])
      Log("ordering").debug("not written")
    }
    let mine = lines.all.withLock { $0.filter { String(decoding: $0, as: UTF8.self).contains("order late") } }
    #expect(mine.count == 1)
    let object = try #require(try JSONSerialization.jsonObject(with: Data(mine[0])) as? [String: Any])
    #expect(object["level"] as? String == "warn" && object["label"] as? String == "ordering" && object["message"] as? String == "order late")
    #expect(object["order"] as? String == "o\n1" && object["minutes"] as? Int == 12 && object["correlationId"] as? String == "c-1")
    #expect(!lines.all.withLock { $0 }.contains { String(decoding: $0, as: UTF8.self).contains("not written") })
  }

  private final class Lines: Sendable { let all = Mutex<[[UInt8]]>([]) }
}
