import DeliveryAPI
import Kernel
import ServiceKit
import TestKit
import Testing

@testable import Delivery

@Suite struct ListPartnersTests {
  private func ask(_ town: Town, limit: Int = 20, as caller: Caller) async throws -> [NearbyPartner] {
    let center = Town.center
    return try await town.call(ListPartners(latitude: center.latitude, longitude: center.longitude, limit: limit), as: caller).items
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases) func whoIsFreeIsShownNearestFirst(_ delivery: Switchboard.LocalDelivery) async throws {
    let town = try await Town(delivery)
    #expect(try await ask(town, as: town.staff).isEmpty)
    var couriers: [Caller] = []
    for meters in [900.0, 100, 500] { couriers.append(try await town.online(Town.center.offset(northMeters: meters, eastMeters: 0))) }
    await town.time.advance(by: .seconds(7))
    let shown = try await ask(town, as: town.admin)
    #expect(shown.map(\.id) == [1, 2, 0].map { couriers[$0].user! })
    #expect(shown.map(\.distanceMeters) == [100, 500, 900] && shown.allSatisfy { $0.ageSeconds == 7 && $0.status == .available })
    #expect(shown[0].name == "Ada" && shown[0].vehicleType == .bicycle && shown[0].rating == nil)
    // A map needs no door, and a restaurant no map.
    #expect(shown.allSatisfy { $0.point.map { ($0.latitude * 1e4).rounded() == $0.latitude * 1e4 } ?? false })
    #expect(try await ask(town, as: town.staff).allSatisfy { $0.point == nil })
    #expect(try await ask(town, limit: 1, as: town.staff).map(\.distanceMeters) == [100])
  }

  @Test func whoIsOfflineSilentOrHasAnOfferIsNot() async throws {
    let town = try await Town()
    let (offered, silent, free, leaving) = (
      try await town.online(Town.center), try await town.online(Town.center.offset(northMeters: 20_000, eastMeters: 0)),
      try await town.online(Town.center.offset(northMeters: 15_000, eastMeters: 0)),
      try await town.online(Town.center.offset(northMeters: 16_000, eastMeters: 0))
    )
    try await town.hear(town.notice())
    try await town.dispatcher.runIfTime()
    #expect(try await town.status(offered) == .offered)
    _ = try await town.call(UpdatePartner(status: .offline), as: leaving)
    #expect(try await Set(ask(town, as: town.staff).map(\.id)) == [silent.user!, free.user!])
    await town.time.advance(by: .seconds(31))
    try await town.place(free, Town.center.offset(northMeters: 14_000, eastMeters: 0))
    #expect(try await ask(town, as: town.staff).map(\.id) == [free.user!])
    #expect(try await ask(town, as: town.staff).map(\.distanceMeters) == [14_000])
  }
}
