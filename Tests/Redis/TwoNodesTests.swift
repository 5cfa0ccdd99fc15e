import Catalog
import CatalogAPI
import Delivery
import DeliveryAPI
import Foundation
import Hosting
import Identity
import IdentityAPI
import Kernel
import Persistence
import Realtime
import ServiceKit
import Settings
import TestKit
import Testing
import Wire

/// Services hosted twice, on one database and one Redis, as two processes host them; no bus carries events between them.
@Suite(.serialized) struct TwoNodesTests {
  private struct Place: Sendable {
    let process: ServiceProcess

    func call<O: ServiceKit.Operation>(_ operation: O, as caller: Caller) async throws -> O.Reply {
      try await Caller.$current.withValue(caller) { try await process.switchboard.call(operation) }
    }

    var authenticator: any Authenticating {
      for module in process.modules { if let identity = module as? IdentityModule { return identity.authenticator } }
      preconditionFailure("identity is not hosted")
    }
  }

  private func with(_ body: (Nodes, Place, Place) async throws -> Void) async throws {
    try await Nodes.with { nodes async throws in
      let database = try await temporaryDatabase()
      let places = try [nodes.a, nodes.b].map { node in
        Place(
          process: try ServiceProcess(
            [IdentityModule.self, CatalogModule.self, DeliveryModule.self], settings: SettingsSource(), database: database,
            channels: Channels(epoch: "node", time: wallTime, fanout: node.fanout), shared: node.memory, time: wallTime,
            ids: IdentifierSource(time: wallTime)))
      }
      for place in places { try await place.process.prepare() }
      let result: Result<Void, any Error>
      do { result = .success(try await body(nodes, places[0], places[1])) } catch { result = .failure(error) }
      await database.close()
      try result.get()
    }
  }

  @Test func aSignOutAtOneNodeCountsAtTheNextRequestOfTheOther() async throws {
    try await with { nodes, a, b async throws in
      for number in 0..<20 {
        let signedIn = try await a.call(Register(email: "p\(number)@example.com", password: "Pass-word-7"), as: Caller.anonymous)
        let caller = try #require(try await b.authenticator.caller(bearer: signedIn.accessToken), "the other node lets it in")
        #expect(try await a.authenticator.caller(bearer: signedIn.accessToken) != nil)
        _ = try await a.call(LogOut(), as: caller)
        #expect(try await a.authenticator.caller(bearer: signedIn.accessToken) == nil)
        try await eventually(within: .seconds(60), "ended at the other node") {
          try await b.authenticator.caller(bearer: signedIn.accessToken) == nil
        }
      }
      // Without Redis the truth is read again soon, and at once when it is back.
      let signedIn = try await a.call(Register(email: "late@example.com", password: "Pass-word-7"), as: Caller.anonymous)
      let caller = try #require(try await b.authenticator.caller(bearer: signedIn.accessToken))
      try await nodes.isGone()
      _ = try await a.call(LogOut(), as: caller)
      #expect(try await a.authenticator.caller(bearer: signedIn.accessToken) == nil)
      try await nodes.isBack()
      try await eventually(within: .seconds(60), "ended at the other node") { try await b.authenticator.caller(bearer: signedIn.accessToken) == nil }
    }
  }

  @Test func aMenuChangedAtOneNodeIsReadAnewAtTheOther() async throws {
    try await with { nodes, a, b async throws in
      let signedIn = try await a.call(Register(email: "founder@example.com", password: "Pass-word-7"), as: Caller.anonymous)
      let founder = signedIn.user.id
      let tenant = try await a.call(CreateTenant(name: "Two Nodes"), as: Caller(user: founder, roles: [.customer]))
      let owner = Caller(user: founder, tenant: tenant.id, roles: [.owner])
      let hours = try #require(try? decode(DailyInterval.self, from: Array(#"{"opens":"00:00","closes":"24:00"}"#.utf8)))
      let restaurant = try await a.call(
        CreateRestaurant(
          name: "Da Mario", address: "1 Main Street", point: GeoPoint(latitude: 50.1, longitude: -6.4), timeZone: "Europe/London", currency: .usd,
          openingHours: .daily([hours])), as: owner)
      let category = try await a.call(CreateCategory(restaurantId: restaurant.id, name: "Mains"), as: owner)
      var item = try await a.call(
        CreateMenuItem(restaurantId: restaurant.id, categoryId: category.id, name: "Soup 0", price: Amount(units: 650, scale: 2)), as: owner)
      @Sendable func name(at place: Place) async throws -> String {
        let menu = try await place.call(GetMenu(restaurantId: restaurant.id), as: owner)
        let text = String(decoding: menu.bytes, as: UTF8.self)
        return text.firstRange(of: /Soup \d+/).map { String(text[$0]) } ?? text
      }
      for number in 1...20 {
        let before = item.name
        for place in [a, b] { #expect(try await name(at: place) == before) }
        // From either side.
        let (writer, reader) = number % 2 == 0 ? (a, b) : (b, a)
        item = try await writer.call(UpdateMenuItem(menuItemId: item.id, name: "Soup \(number)"), as: owner)
        #expect(try await name(at: writer) == "Soup \(number)")
        try await eventually(within: .seconds(2), "the other node reads it") { try await name(at: reader) == "Soup \(number)" }
      }
      #expect(try nodes.server.cli("EXISTS", "tenant:\(tenant.id):menu:\(restaurant.id)") == "1\n")
      // Changed while nobody can be told: read anew once they can.
      try await nodes.isGone()
      _ = try await a.call(UpdateMenuItem(menuItemId: item.id, name: "Soup 99"), as: owner)
      #expect(try await name(at: a) == "Soup 99")
      try await nodes.isBack()
      try await eventually(within: .seconds(60), "read anew") { try await name(at: b) == "Soup 99" }
    }
  }

  @Test func aCourierSeenAtOneNodeIsOnTheMapOfTheOther() async throws {
    try await with { nodes, a, b async throws in
      let courier = Caller(user: UserID(high: 9, low: 9), roles: [.deliveryPartner])
      _ = try await a.call(RegisterPartner(vehicleType: .bicycle, name: "Jo"), as: courier)
      _ = try await a.call(UpdatePartner(status: .available), as: courier)
      let running = [a, b].map { place in Task { await place.process.run() } }
      defer { for task in running { task.cancel() } }
      @Sendable func latitude(at place: Place) async throws -> Double? {
        let city = try await place.call(GetCity(), as: Caller(user: courier.user, roles: [.admin]))
        return try decode(City.self, from: city.bytes).partners.first?.latitude
      }
      for step in 0..<5 {
        let here = 50.1 + Double(step) / 100
        _ = try await a.call(RecordPositions(latitude: here, longitude: -6.4), as: courier)
        try await eventually(within: .seconds(60), "on the other node's map") { (try await latitude(at: b)).map { abs($0 - here) < 1e-4 } ?? false }
      }
      try await nodes.isGone()
      _ = try await a.call(RecordPositions(latitude: 51, longitude: -6.4), as: courier)
      try await eventually(within: .seconds(60), "at home it goes on") { (try await latitude(at: a)).map { abs($0 - 51) < 1e-4 } ?? false }
      try await nodes.isBack()
      try await eventually(within: .seconds(60), "listening again") { try nodes.server.cli("PUBSUB", "NUMSUB", "tiffin:places").hasSuffix("2\n") }
      _ = try await a.call(RecordPositions(latitude: 52, longitude: -6.4), as: courier)
      try await eventually(within: .seconds(60), "on the other node's map again") { (try await latitude(at: b)).map { abs($0 - 52) < 1e-4 } ?? false }
      for task in running { task.cancel() }
      for task in running { await task.value }
    }
  }
}
