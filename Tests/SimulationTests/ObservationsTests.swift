import DeliveryAPI
import IdentityAPI
import Kernel
import OrderingAPI
import ServiceKit
import Testing

@testable import Simulation

/// Each promise is broken on purpose, and a good day breaks none.
@Suite struct ObservationsTests {
  private let order = OrderID(high: 1, low: 1)
  private let other = OrderID(high: 1, low: 2)
  private let anna = UserID(high: 2, low: 1)
  private let ben = UserID(high: 2, low: 2)
  private let offer = OfferID(high: 3, low: 1)
  private let second = OfferID(high: 3, low: 2)
  private let delivery = DeliveryID(high: 4, low: 1)
  private let next = DeliveryID(high: 4, low: 2)
  private static let states: [OrderStatus] = [.pending, .confirmed, .preparing, .readyForPickup, .outForDelivery, .delivered]
  private func at(_ seconds: Int) -> Instant { Instant(milliseconds: seconds * 1000) }

  /// One order from basket to door, as all who take part see it.
  private func goodDay() -> Observations {
    var day = Observations()
    day.joined("kitchen", "tenant:1", how: "fresh", cursor: "e1-0")
    day.joined("guest", "order:1", how: "fresh", cursor: "e1-7")
    day.placed(order, name: "o1")
    for (index, state) in Self.states.enumerated() {
      day.cursor("kitchen", "tenant:1", "e1-\(index + 1)")
      day.update("kitchen", "tenant:1", order, version: index + 1, status: state)
      if index > 0 {
        day.cursor("guest", "order:1", "e1-\(index + 7)")
        day.update("guest", "order:1", order, version: index + 1, status: state)
      }
    }
    day.offered(anna, offer, at: at(0), expires: at(30))
    day.closed(anna, offer)
    day.assigned(anna, delivery, order)
    day.finished(anna, delivery)
    day.final(order, status: .delivered, version: 6, history: Self.states)
    day.followed("kitchen", "tenant:1", order, history: Self.states, isWhole: true)
    day.followed("guest", "order:1", order, history: Self.states, isWhole: false)
    day.payment(of: order, captures: 1)
    day.ledger(currency: "USD", debits: Amount(units: 1200), credits: Amount(units: 12, scale: 0))
    return day
  }

  private func rules(_ day: Observations) -> [String] { day.breaches().map(\.rule) }

  @Test func aGoodDayBreaksNothing() { #expect(goodDay().breaches() == []) }

  @Test func anOrderThatNeverEndsIsFound() {
    var day = Observations()
    day.placed(order, name: "o1")
    day.final(order, status: .preparing, version: 3, history: [.pending, .confirmed, .preparing])
    #expect(rules(day) == ["no_order_stuck"])
  }

  @Test func anOrderThatVanishesIsFound() {
    var day = Observations()
    day.placed(order, name: "o1")
    #expect(rules(day) == ["one_end"])
  }

  @Test func anOrderThatEndsTwiceIsFound() {
    var day = goodDay()
    day.final(order, status: .cancelled, version: 7, history: Self.states + [.cancelled])
    #expect(Set(rules(day)) == ["one_end", "one_capture"])
  }

  @Test func aStateThatItsHistoryDoesNotKnowIsFound() {
    var day = goodDay()
    day.final(order, status: .delivered, version: 7, history: Array(Self.states.dropLast()))
    #expect(rules(day).contains("one_end"))
  }

  @Test func oneOrderPlacedTwiceIsFound() {
    var day = goodDay()
    day.placed(other, name: "o1")
    #expect(rules(day).contains("placed_once"))
  }

  @Test(arguments: [0, 2]) func aDeliveredOrderIsCapturedOnce(captures: Int) {
    var day = Observations()
    day.placed(order, name: "o1")
    day.final(order, status: .delivered, version: 6, history: Self.states)
    day.payment(of: order, captures: captures)
    #expect(rules(day) == ["one_capture"])
  }

  @Test func aCancelledOrderIsNotCaptured() {
    var day = Observations()
    day.placed(order, name: "o1")
    day.final(order, status: .cancelled, version: 2, history: [.pending, .cancelled])
    #expect(rules(day) == [])
    day.payment(of: order, captures: 1)
    #expect(rules(day) == ["one_capture"])
  }

  @Test func aLedgerThatDoesNotBalanceIsFound() {
    var day = goodDay()
    day.ledger(currency: "EUR", debits: Amount(units: 1200), credits: Amount(units: 1201))
    #expect(rules(day) == ["ledger_balances"])
  }

  @Test func twoOpenOffersAreFound() {
    var day = goodDay()
    day.offered(ben, offer, at: at(0), expires: at(30))
    day.offered(ben, second, at: at(29), expires: at(59))
    #expect(rules(day) == ["one_open_offer"])
  }

  @Test func anOfferAfterTheLastTimedOutIsFine() {
    var day = goodDay()
    day.offered(ben, offer, at: at(0), expires: at(30))
    day.offered(ben, offer, at: at(1), expires: at(30))
    day.offered(ben, second, at: at(31), expires: at(61))
    #expect(rules(day) == [])
  }

  @Test func anOfferDuringADeliveryIsFound() {
    var day = goodDay()
    day.assigned(ben, next, other)
    day.offered(ben, offer, at: at(0), expires: at(30))
    #expect(rules(day).contains("one_open_offer"))
  }

  @Test func twoDeliveriesAtOnceAreFound() {
    var day = goodDay()
    day.assigned(ben, delivery, order)
    day.assigned(ben, next, other)
    #expect(rules(day).contains("one_delivery"))
  }

  @Test func anOrderWithTwoPartnersIsFound() {
    var day = goodDay()
    day.assigned(ben, next, order)
    #expect(rules(day) == ["one_partner"])
  }

  @Test(arguments: [
    ("e1-8", "a gap"), ("e1-6", "the same again"), ("e1-5", "an older one"), ("nonsense", "no cursor")
  ]) func cursorsCountWithoutGaps(cursor: String, what: String) {
    var day = goodDay()
    day.cursor("kitchen", "tenant:1", cursor)
    #expect(rules(day) == ["every_event_once"], "\(what)")
  }

  @Test func theFirstFrameFollowsOnTheCursorOfJoining() {
    var day = goodDay()
    day.joined("late", "tenant:1", how: "fresh", cursor: "e1-6")
    day.cursor("late", "tenant:1", "e1-8")
    #expect(rules(day) == ["every_event_once"])
  }

  @Test func afterAResumeNothingIsMissing() {
    var day = goodDay()
    day.joined("kitchen", "tenant:1", how: "resumed", cursor: "e1-9")
    for number in 7...9 { day.cursor("kitchen", "tenant:1", "e1-\(number)") }
    #expect(rules(day) == [])
    day.joined("kitchen", "tenant:1", how: "resumed", cursor: "e1-11")
    day.cursor("kitchen", "tenant:1", "e1-11")
    #expect(rules(day) == ["every_event_once"])
  }

  @Test func positionsCarryTheCursorOfTheLastKeptFrame() {
    var day = goodDay()
    day.cursor("kitchen", "tenant:1", "e1-6", isKept: false)
    day.cursor("kitchen", "tenant:1", "e1-7")
    #expect(rules(day) == [])
    day.cursor("kitchen", "tenant:1", "e1-8", isKept: false)
    #expect(rules(day) == ["every_event_once"])
  }

  @Test func anotherRunOfTheServerMayCountAnew() {
    var day = goodDay()
    day.cursor("kitchen", "tenant:1", "e2-1")
    #expect(rules(day) == [])
  }

  @Test func anEventToldTwiceIsFound() {
    var day = goodDay()
    day.update("kitchen", "tenant:1", order, version: 6, status: .delivered)
    #expect(rules(day) == ["every_event_once"])
  }

  @Test func anEventThatOneSubscriberMissedIsFound() {
    var day = Observations()
    day.placed(order, name: "o1")
    for (index, state) in Self.states.enumerated() where state != .preparing {
      day.update("kitchen", "tenant:1", order, version: index + 1, status: state)
    }
    day.final(order, status: .delivered, version: 6, history: Self.states)
    day.payment(of: order, captures: 1)
    day.followed("kitchen", "tenant:1", order, history: Self.states, isWhole: true)
    #expect(rules(day) == ["every_event_once"])
  }

  @Test func aSubscriberThatJoinedLaterMayMissTheStartButNotTheEnd() {
    var day = goodDay()
    day.update("late", "order:1", order, version: 5, status: .outForDelivery)
    day.followed("late", "order:1", order, history: Self.states, isWhole: false)
    #expect(rules(day) == ["every_event_once"])
  }

  @Test func whatIsMissedIsForgivenOnlyWhereItWasSaid() {
    func day(gapAfter place: Int?) -> Observations {
      var day = Observations()
      day.joined("kitchen", "tenant:1", how: "fresh", cursor: "e1-0")
      day.placing("o1")
      day.placed(order, name: "o1")
      // The third state is never told.
      for (index, state) in Self.states.enumerated() {
        if index == place { day.joined("kitchen", "tenant:1", how: "refetch", cursor: "e2-\(index)") }
        if index != 2 { day.update("kitchen", "tenant:1", order, version: index + 1, status: state) }
      }
      day.followed("kitchen", "tenant:1", order, history: Self.states, isWhole: true)
      return day
    }
    #expect(day(gapAfter: 2).seen == [])
    #expect(day(gapAfter: 3).seen == [])
    for place in [nil, 0, 1, 4, 5] { #expect(day(gapAfter: place).seen.map(\.rule) == ["every_event_once"], "said after \(place ?? -1)") }
  }

  @Test func anOrderThatACourierHeardOfFirstIsPlacedOnce() {
    var day = Observations()
    day.placing("o1")
    day.assigned(anna, delivery, order)
    day.placed(order, name: "o1")
    #expect(day.seen == [])
    day.placed(order, name: "o2")
    #expect(day.seen.map(\.rule) == ["placed_once"])
  }
}
