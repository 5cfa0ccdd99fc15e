import DeliveryAPI
import Foundation
import Kernel
import ServiceKit
import TestKit
import Testing

@testable import Delivery

@Suite struct DeliveryStepsTests {
  /// Every step from every state: what a partner may report.
  @Test func everyReportedStep() {
    let legal: [DeliveryStatus: Set<DeliveryStatus>] = [
      .assigned: [.arrivedAtRestaurant, .failed], .arrivedAtRestaurant: [.pickedUp, .failed],
      .pickedUp: [.arrivedAtCustomer, .failed], .arrivedAtCustomer: [.delivered, .failed]
    ]
    for status in DeliveryStatus.allCases {
      for step in DeliveryStatus.allCases {
        let expected: DeliverySteps.Verdict =
          !DeliverySteps.reported.contains(step)
          ? .illegal
          : step == status ? .repeated : legal[status, default: []].contains(step) ? .move : .illegal
        #expect(DeliverySteps.verdict(step, at: status) == expected, "\(status) -> \(step)")
      }
    }
  }

  @Test func everyStateCanBeReachedAndLeftAsDrawn() {
    var reached: Set<DeliveryStatus> = [.searching]
    var growing = true
    while growing {
      let more = reached.union(reached.flatMap { DeliverySteps.next(after: $0) })
      growing = more != reached
      reached = more
    }
    #expect(reached == Set(DeliveryStatus.allCases))
    for status in DeliveryStatus.ended { #expect(DeliverySteps.next(after: status).isEmpty) }
    for status in DeliveryStatus.running {
      let hasFood = status == .pickedUp || status == .arrivedAtCustomer
      #expect(DeliverySteps.next(after: status).isSuperset(of: [hasFood ? .failed : .unassigned, .cancelled]))
    }
    for status in PartnerStatus.allCases { #expect(!PartnerSteps.next(after: status).contains(status)) }
    #expect(PartnerSteps.next(after: .offline) == [.available])
    #expect(PartnerSteps.freed(isOnline: true) == .available && PartnerSteps.freed(isOnline: false) == .offline)
  }

  @Test func aStepKeepsItsOwnTimeWithinReason() {
    let now = Instant(milliseconds: 10_000), before = Instant(milliseconds: 4000)
    #expect(DeliverySteps.time(nil, after: before, now: now) == now)
    #expect(DeliverySteps.time(Instant(milliseconds: 7000), after: before, now: now) == Instant(milliseconds: 7000))
    #expect(DeliverySteps.time(Instant(milliseconds: 1000), after: before, now: now) == before)
    #expect(DeliverySteps.time(Instant(milliseconds: 99_000), after: before, now: now) == now)
  }

  @Test func handOverCode() {
    #expect(HandOverCode.make(from: 10_007) == "0007")
    #expect(HandOverCode.verdict("1234", of: "1234", wrongTries: 4, mayComplete: false) == .right)
    #expect(HandOverCode.verdict("1235", of: "1234", wrongTries: 0, mayComplete: false) == .wrong)
    #expect(HandOverCode.verdict(nil, of: "1234", wrongTries: 0, mayComplete: false) == .needed)
    #expect(HandOverCode.verdict("1234", of: "1234", wrongTries: 5, mayComplete: false) == .locked)
    #expect(HandOverCode.verdict(nil, of: "1234", wrongTries: 5, mayComplete: true) == .right)
  }
}

@Suite struct ScoreTests {
  @Test func partsAreWeighedAsDescribed() {
    let best = PartnerRecord(ratingSum: 50, ratingCount: 10, offersEnded: 10, offersAccepted: 10, deliveriesEnded: 10, deliveriesCompleted: 10)
    #expect(abs(CandidateScore(distanceMeters: 0, radiusMeters: 3000, record: best).total - 1) < 1e-12)
    let far = CandidateScore(distanceMeters: 3000, radiusMeters: 3000, record: best)
    #expect(abs(far.total - 0.6) < 1e-12)
    // One star each time, everything declined, nothing brought: only the distance is left as many more are counted.
    let worst = PartnerRecord(
      ratingSum: 100_000, ratingCount: 100_000, offersEnded: 100_000, offersAccepted: 0, deliveriesEnded: 100_000, deliveriesCompleted: 0)
    #expect(abs(CandidateScore(distanceMeters: 1500, radiusMeters: 3000, record: worst).total - 0.2) < 0.001)
    #expect(abs(CandidateScore(distanceMeters: 1500, radiusMeters: 3000, record: best).total - 0.8) < 1e-12)
  }

  @Test func everyPartStaysBetweenZeroAndOne() {
    var random = SeededGenerator(7)
    for _ in 0..<2000 {
      let offers = Int.random(in: 0...200, using: &random), runs = Int.random(in: 0...200, using: &random),
        stars = Int.random(in: 0...50, using: &random)
      let record = PartnerRecord(
        ratingSum: stars == 0 ? 0 : Int.random(in: stars...5 * stars, using: &random), ratingCount: stars, offersEnded: offers,
        offersAccepted: Int.random(in: 0...offers, using: &random), deliveriesEnded: runs,
        deliveriesCompleted: Int.random(in: 0...runs, using: &random))
      let score = CandidateScore(distanceMeters: Double.random(in: 0...20_000, using: &random), radiusMeters: 12_000, record: record)
      for part in [score.distance, score.rating, score.acceptance, score.completion, score.total] { #expect((0...1).contains(part)) }
    }
  }
}

@Suite struct DispatchPlanTests {
  let ids = ManualTime().ids()
  let rules = SearchRules()
  let here = Town.center

  func waiting(_ status: DeliveryStatus = .searching, _ round: SearchRound = SearchRound(), passed: Set<UserID> = []) -> WaitingDelivery {
    WaitingDelivery(id: ids.next(), restaurant: here, status: status, round: round, passed: passed)
  }

  func partner(_ north: Double, _ record: PartnerRecord = PartnerRecord()) -> FreePartner {
    FreePartner(id: ids.next(), point: here.offset(northMeters: north, eastMeters: 0), record: record)
  }

  func step(_ delivery: WaitingDelivery, _ partners: [FreePartner]) -> DispatchStep {
    DispatchPlan(rules: rules).steps([delivery], near: FreePartnerGrid(partners).near)[0].1
  }

  @Test func theNearestOfEqualsIsAskedFirst() {
    let near = partner(200), far = partner(2500)
    guard case .offer(let chosen, let score, let meters, let round) = step(waiting(), [far, near]) else { Issue.record("no offer"); return }
    #expect(chosen == near.id && round == SearchRound(radiusIndex: 0, asked: 1, number: 0))
    #expect(abs(meters - 200) < 1 && abs(score.distance - (1 - 200.0 / 3000)) < 0.001)
  }

  @Test func aBetterRecordOutweighsALittleWay() {
    let bad = PartnerRecord(ratingSum: 30, ratingCount: 30, offersEnded: 40, offersAccepted: 4, deliveriesEnded: 10, deliveriesCompleted: 5)
    let close = partner(100, bad), good = partner(900)
    guard case .offer(let chosen, _, _, _) = step(waiting(), [close, good]) else { Issue.record("no offer"); return }
    #expect(chosen == good.id)
  }

  @Test func threeAreAskedThenTheCircleWidens() {
    let around = (0..<5).map { partner(Double($0) * 100 + 50) }, outer = partner(4500)
    var round = SearchRound()
    var passed: Set<UserID> = []
    var asked: [UserID] = []
    var radii: [Int] = []
    for _ in 0..<6 {
      guard case .offer(let chosen, _, _, let next) = step(waiting(.searching, round, passed: passed), around + [outer]) else { break }
      asked.append(chosen)
      radii.append(next.radiusIndex)
      passed.insert(chosen)
      round = next
    }
    #expect(asked.count == 6 && Set(asked).count == 6)
    #expect(radii == [0, 0, 0, 1, 1, 1])
    #expect(step(waiting(.searching, round, passed: passed), around + [outer]) == .giveUp(SearchRound(radiusIndex: 3, asked: 0, number: 0)))
  }

  @Test func nobodyWithinTheWidestRadiusGivesUp() {
    #expect(step(waiting(), [partner(12_500)]) == .giveUp(SearchRound(radiusIndex: 3, asked: 0, number: 0)))
    if case .offer(_, _, _, let round) = step(waiting(), [partner(11_900)]) { #expect(round.radiusIndex == 3) } else { Issue.record("no offer") }
  }

  @Test func theManualListIsTriedAgainWithEverybody() {
    let only = partner(400)
    let again = waiting(.unassigned, SearchRound(radiusIndex: 3, asked: 0, number: 0))
    guard case .offer(let chosen, _, _, let round) = step(again, [only]) else { Issue.record("no offer"); return }
    #expect(chosen == only.id && round == SearchRound(radiusIndex: 3, asked: 1, number: 1))
  }

  /// Where two want the same partner: the nearer one, unless the other's food waits for much longer.
  @Test func aContestedPartnerGoesWhereItMattersMost() {
    let only = partner(0)
    func contest(waited: Double) -> [Bool] {
      var near = waiting(), far = waiting()
      near.restaurant = here.offset(northMeters: 300, eastMeters: 0)
      far.restaurant = here.offset(northMeters: -2100, eastMeters: 0)
      far.waitedSeconds = waited
      return DispatchPlan(rules: rules).steps([far, near], near: FreePartnerGrid([only]).near).map { if case .offer = $0.1 { true } else { false } }
    }
    #expect(contest(waited: 0) == [false, true])
    #expect(contest(waited: 1790) == [false, true])
    #expect(contest(waited: 1810) == [true, false])
  }

  /// No delivery and partner would both rather have each other than what they were given.
  @Test func theMatchingIsStable() {
    var random = SeededGenerator(21)
    for _ in 0..<20 {
      let partners = (0..<12).map { _ in
        FreePartner(
          id: ids.next(),
          point: here.offset(
            northMeters: Double.random(in: -2000...2000, using: &random), eastMeters: Double.random(in: -2000...2000, using: &random)),
          record: PartnerRecord(offersEnded: 20, offersAccepted: Int.random(in: 0...20, using: &random)))
      }
      let all = (0..<18).map { _ in
        var delivery = waiting()
        delivery.restaurant = here.offset(
          northMeters: Double.random(in: -900...900, using: &random), eastMeters: Double.random(in: -900...900, using: &random))
        delivery.waitedSeconds = Double.random(in: -600...900, using: &random)
        return delivery
      }
      let steps = DispatchPlan(rules: SearchRules(radiiMeters: [5000])).steps(all, near: FreePartnerGrid(partners).near)
      func score(_ delivery: WaitingDelivery, _ partner: FreePartner) -> Double {
        CandidateScore(distanceMeters: partner.point.distanceMeters(to: delivery.restaurant), radiusMeters: 5000, record: partner.record).total
      }
      func claim(_ delivery: WaitingDelivery, _ partner: FreePartner) -> Double {
        DispatchPlan(rules: SearchRules()).claim(delivery, approachMeters: partner.point.distanceMeters(to: delivery.restaurant))
      }
      var given: [UserID: WaitingDelivery] = [:]
      var got: [DeliveryID: Double] = [:]
      for case (let delivery, .offer(let id, let score, _, _)) in steps { given[id] = delivery; got[delivery.id] = score.total }
      #expect(given.count == 12)
      for delivery in all {
        for partner in partners where score(delivery, partner) > got[delivery.id] ?? -1 {
          #expect(given[partner.id].map { claim($0, partner) <= claim(delivery, partner) } == true)
        }
      }
    }
  }

  @Test func nobodyIsOfferedTwoDeliveriesAtOnce() {
    var random = SeededGenerator(3)
    let partners = (0..<60).map { _ in partner(Double.random(in: -9000...9000, using: &random)) }
    let steps = DispatchPlan(rules: rules).steps((0..<100).map { _ in waiting() }, near: FreePartnerGrid(partners).near)
    let chosen = steps.compactMap { if case .offer(let id, _, _, _) = $0.1 { id } else { nil } }
    #expect(chosen.count == 60 && Set(chosen).count == 60)
  }

  /// The grid finds exactly those that a look at everybody finds, near the poles and over the date line too.
  @Test(arguments: [(52.5, 13.4), (0, 179.99), (-33.9, -179.98), (69.6, 18.9), (84, 10)])
  func theGridMissesNobody(_ latitude: Double, _ longitude: Double) {
    var random = SeededGenerator(11)
    let center = GeoPoint(latitude: latitude, longitude: longitude)
    let partners = (0..<400).map { _ -> FreePartner in
      var point = center.offset(
        northMeters: Double.random(in: -15_000...15_000, using: &random), eastMeters: Double.random(in: -15_000...15_000, using: &random))
      if point.longitude > 180 { point.longitude -= 360 } else if point.longitude < -180 { point.longitude += 360 }
      return FreePartner(id: ids.next(), point: point, record: PartnerRecord())
    }
    let grid = FreePartnerGrid(partners)
    for radius in rules.radiiMeters {
      let expected = Set(partners.filter { $0.point.distanceMeters(to: center) <= radius }.map(\.id))
      #expect(Set(grid.near(center, radius).map(\.id)) == expected)
      #expect(!expected.isEmpty)
    }
  }

  @Test func theSearchStartsInTimeForTheFood() {
    let now = Instant(milliseconds: 1_000_000_000)
    #expect(rules.start(readyAt: nil, now: now) == now)
    #expect(rules.start(readyAt: now + .seconds(300), now: now) == now)
    #expect(rules.start(readyAt: now + .seconds(1500), now: now) == now + .seconds(900))
  }
}

@Suite struct ArrivalEstimateTests {
  func inputs(_ status: DeliveryStatus, courier: GeoPoint? = nil, readyIn: Int = 0, age: Int = 0) -> ArrivalEstimate.Inputs {
    let now = Instant(milliseconds: 1_767_607_200_000)
    return .init(
      status: status, now: now, readyAt: now + .seconds(readyIn), restaurant: Town.center,
      customer: Town.center.offset(northMeters: 2000, eastMeters: 0), courier: courier, seenAt: now - .seconds(age), vehicle: .bicycle,
      typicalApproachSeconds: 600)
  }

  func latest(_ inputs: ArrivalEstimate.Inputs) -> Int { ArrivalEstimate.range(inputs).latest.milliseconds - inputs.now.milliseconds }

  @Test func everyStepBringsItNearer() {
    let all: [DeliveryStatus] = [.searching, .assigned, .arrivedAtRestaurant, .pickedUp, .arrivedAtCustomer]
    let times = all.map { latest(inputs($0, courier: $0 == .searching ? nil : Town.center)) }
    #expect(times == times.sorted(by: >) && Set(times).count == times.count)
    // On a bicycle 2 km of line take 2000 * 1.3 / 4.2 = 619 s, and a minute at the door.
    #expect(abs(times[3] - Int((619.05 + 60) * 1300)) < 100)
  }

  @Test func theRangeIsARangeAndWidensWithAge() {
    for status in DeliveryStatus.allCases {
      let range = ArrivalEstimate.range(inputs(status, courier: Town.center))
      #expect(range.earliest <= range.latest && range.earliest >= inputs(status).now)
    }
    #expect(latest(inputs(.pickedUp, courier: Town.center, age: 120)) == latest(inputs(.pickedUp, courier: Town.center)) + 120_000)
  }

  @Test func theKitchenHoldsTheCourierUp() {
    #expect(latest(inputs(.assigned, courier: Town.center, readyIn: 1800)) > latest(inputs(.assigned, courier: Town.center)) + 1_800_000)
    #expect(latest(inputs(.pickedUp, courier: Town.center, readyIn: 1800)) == latest(inputs(.pickedUp, courier: Town.center)))
  }
}

@Suite struct PayAndEarningsTests {
  @Test func payCountsBaseWayAndTip() {
    let pay = CourierPay(baseUnits: 250, perKilometerUnits: 60, tipPercent: 50)
    #expect(pay.way(distanceMeters: 2500, .eur) == Money(units: 400, .eur))
    #expect(pay.way(distanceMeters: 0, Currency(code: "JPY")!) == Money(units: 250, Currency(code: "JPY")!))
    #expect(pay.tip(Money(units: 301, .eur)) == Money(units: 150, .eur))
  }

  @Test func daysAndWeeksAreThoseOfTheZone() {
    let days = EarningDays(zone: TimeZone(identifier: "America/New_York")!)
    // 2026-11-02T03:00Z is still Sunday the 1st in New York, where daylight saving ended that morning.
    let sunday = Instant(milliseconds: 1_793_588_400_000)
    #expect(sunday.description == "2026-11-02T03:00:00.000Z")
    #expect(EarningDays.text(days.day(of: sunday)) == "2026-11-01")
    #expect(EarningDays.text(days.monday(of: days.day(of: sunday))) == "2026-10-26")
    let monday = sunday + .seconds(3 * 3600)
    #expect(EarningDays.text(days.monday(of: days.day(of: monday))) == "2026-11-02")
    let sums = days.sums(
      [
        EarnedDelivery(at: sunday, way: Money(units: 400, .eur), tip: Money(units: 100, .eur)),
        EarnedDelivery(at: monday, way: Money(units: 300, .eur), tip: .zero(.eur)),
        EarnedDelivery(at: monday, way: Money(units: 500, .usd), tip: .zero(.usd))
      ], from: sunday, to: monday + .seconds(1))
    #expect(sums.totals.map(\.total.description) == ["8.00", "5.00"] && sums.totals.map(\.deliveries) == [2, 1])
    #expect(sums.days.map(\.starts) == ["2026-11-01", "2026-11-02", "2026-11-02"])
    #expect(sums.weeks.map(\.starts) == ["2026-10-26", "2026-11-02", "2026-11-02"])
  }

  @Test func pointsAreThinned() {
    let at = Instant(milliseconds: 1_000_000)
    #expect(PositionThinning.keeps(Town.center, at: at, after: nil))
    #expect(!PositionThinning.keeps(Town.center, at: at + .seconds(29), after: (Town.center, at)))
    #expect(PositionThinning.keeps(Town.center, at: at + .seconds(30), after: (Town.center, at)))
    for (meters, kept) in [(60.0, false), (99, false), (101, true), (5000, true)] {
      for point in [Town.center.offset(northMeters: meters, eastMeters: 0), Town.center.offset(northMeters: 0, eastMeters: -meters)] {
        #expect(PositionThinning.keeps(point, at: at + .seconds(2), after: (Town.center, at)) == kept, "\(meters)")
      }
    }
  }
}
