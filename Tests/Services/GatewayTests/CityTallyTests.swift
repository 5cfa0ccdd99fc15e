import CatalogAPI
import GatewayAPI
import Kernel
import OrderingAPI
import ServiceKit
import TestKit
import Testing
import Wire

@testable import Gateway

@Suite("The tally of the live city") struct CityTallyTests {
  let start = Instant(milliseconds: 1_800_000_000_000)
  let ids = IdentifierSource(time: .scaled(from: Instant(milliseconds: 1_800_000_000_000)))

  private func note(_ tally: inout CityTally, _ id: OrderID, _ status: OrderStatus, after seconds: Int = 0) {
    tally.note(
      orderID: id, status: status, restaurantName: "Tidewater", fulfilment: .delivery, placedAt: start, at: start + .seconds(seconds))
  }

  @Test("counts an order once at each status, however often it is told")
  func once() {
    var tally = CityTally(startedAt: start)
    let id: OrderID = ids.next()
    for status: OrderStatus in [.pending, .pending, .confirmed, .preparing, .confirmed, .readyForPickup, .outForDelivery] {
      note(&tally, id, status)
    }
    #expect(tally.pulse(at: start).open.map(\.count) == [0, 0, 0, 0, 1])
    note(&tally, id, .delivered, after: 600)
    note(&tally, id, .delivered, after: 601)
    let pulse = tally.pulse(at: start + .seconds(602))
    #expect(pulse.open.map(\.count) == [0, 0, 0, 0, 0])
    #expect(pulse.placedToday == 1)
    #expect(pulse.servedToday == 1)
    #expect(pulse.doorMinutes == 10)
    #expect(pulse.placedByMinute.reduce(0, +) == 1)
    #expect(pulse.servedByMinute.reduce(0, +) == 1)
    #expect(pulse.latest.map(\.status).first == "delivered")
    #expect(pulse.latest.count == 6)
  }

  @Test("starts a new day at midnight and keeps at most thirty moments")
  func bounds() {
    var tally = CityTally(startedAt: start)
    for _ in 0..<50 { note(&tally, ids.next(), .pending) }
    #expect(tally.pulse(at: start).placedToday == 50)
    #expect(tally.pulse(at: start).latest.count == 30)
    #expect(tally.pulse(at: start + .seconds(86_400)).placedToday == 0)
    note(&tally, ids.next(), .pending, after: 86_400)
    #expect(tally.pulse(at: start + .seconds(86_400)).placedToday == 1)
  }

  @Test("tells how long kitchens take, of all and minute by minute")
  func preparation() throws {
    var tally = CityTally(startedAt: start)
    #expect(tally.pulse(at: start).preparationMinutes == nil)
    let (first, second, third): (OrderID, OrderID, OrderID) = (ids.next(), ids.next(), ids.next())
    for id in [first, second, third] {
      note(&tally, id, .pending)
      note(&tally, id, .confirmed, after: 60)
      note(&tally, id, .preparing, after: 90)
    }
    for _ in 0..<2 { note(&tally, first, .readyForPickup, after: 600) }
    note(&tally, second, .readyForPickup, after: 630)
    note(&tally, third, .readyForPickup, after: 1260)
    // Of this one it was never heard that it was confirmed.
    note(&tally, ids.next(), .readyForPickup, after: 1260)
    let pulse = tally.pulse(at: start + .seconds(1260))
    #expect(pulse.preparationMinutes == 12.8)
    #expect(pulse.preparationByMinute.count == 30 && pulse.preparationByMinute.last == 20)
    #expect(pulse.preparationByMinute.compactMap(\.self) == [9.3, 20])
    let read = try decode(CityPulse.self, from: encode(pulse))
    #expect(read == pulse)
  }
}
