import Kernel
import OrderingAPI
import ServiceKit
import Testing

@testable import Ordering

@Suite struct AcceptDeadlineTests {
  private func events(_ bench: Bench, after seconds: Int) async throws -> [String] {
    await bench.time.advance(by: .seconds(seconds))
    try await bench.runJob("ordering.acceptDeadlines")
    try await bench.runJob("ordering.acceptDeadlines")  // Twice is once.
    return try await bench.events().filter { $0 != "order.created" && $0 != "order.status_changed" }
  }

  @Test func silenceEndsInCancellationAndRefund() async throws {
    let bench = try await Bench()
    let order = try await bench.ask(bench.request(), as: People.customer)
    #expect(try await events(bench, after: 299) == [])
    #expect(try await events(bench, after: 1) == ["order.accept_reminder"])
    #expect(try await events(bench, after: 180) == ["order.accept_reminder", "order.accept_reminder"])
    #expect(try await events(bench, after: 119).count == 2)
    #expect(try await events(bench, after: 1) == ["order.accept_reminder", "order.accept_reminder", "order.cancelled"])
    let end = try await bench.ask(GetOrder(orderId: order.id), as: People.customer)
    #expect(end.status == .cancelled && end.refund == end.total && end.history.last?.by == .system)
    let told = try await bench.envelopes("order.accept_reminder").map { try $0.event(as: OrderAcceptReminder.self) }
    #expect(told.map(\.urgency) == [.reminder, .escalation])
    #expect(told.allSatisfy { $0.acceptBy == end.acceptBy })
  }

  @Test func answeredOrdersAreLeftAlone() async throws {
    let bench = try await Bench()
    let order = try await bench.ask(bench.request(), as: People.customer)
    try await bench.advance(order.id, .confirmed)
    #expect(try await events(bench, after: 3600) == ["order.confirmed"])
  }

  @Test func orderPlacedAheadCountsFromItsRelease() async throws {
    let bench = try await Bench()
    let wanted = bench.time.now + .seconds(7200)
    let order = try await bench.ask(bench.request(wantedAt: wanted), as: People.customer)
    // 20 minutes of cooking and 5 on the way before it is wanted, then the restaurant's 10 minutes.
    #expect(order.acceptBy == wanted - .seconds(25 * 60) + .seconds(600))
    #expect(order.estimatedDeliveryTime == wanted)
    #expect(try await events(bench, after: 5000) == [])
    let confirmed = try await bench.advance(order.id, .confirmed)
    #expect(confirmed?.readyAt == wanted - .seconds(5 * 60) && confirmed?.estimatedDeliveryTime == wanted)
  }

  @Test func manyOverdueOrdersGoInBatches() async throws {
    let bench = try await Bench()
    let count = AcceptDeadlineJob.batch * 2 + 3
    for _ in 0..<count { _ = try await bench.ask(bench.request(.pickup), as: People.customer) }
    let events = try await events(bench, after: 3600)
    #expect(events.count { $0 == "order.cancelled" } == count)
    #expect(events.count { $0 == "order.accept_reminder" } == count * 2)
  }
}
