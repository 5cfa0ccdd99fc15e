import GatewayAPI
import Kernel
import Messaging
import ServiceKit
import Settings
import Synchronization
import TestKit
import Testing
import Wire

@testable import Gateway

@Suite("Dead letters of all services") struct DeadLetterTests {
  /// Services with so many letters each; one of them is away.
  private final class Town: Sendable {
    let letters: Mutex<[String: [Int]]>
    let board: Switchboard
    let services: [String]

    init(_ letters: [String: Int], away: String? = nil, _ delivery: Switchboard.LocalDelivery) {
      let kept = letters.mapValues { Array(0..<$0).map { $0 + 1 } }
      self.letters = Mutex(kept)
      services = letters.keys.sorted()
      let board = Switchboard(delivery: delivery)
      self.board = board
      for service in services where service != away {
        board.host([
          Hosted(ReadDeadLetters.self, of: service) { [self] request in
            let found = self.letters.withLock { $0[service, default: []] }.filter { $0 > request.after }.prefix(request.limit)
            return KeptDeadLetters(letters: found.map { Self.letter($0) })
          },
          Hosted(SettleDeadLetter.self, of: service) { [self] request in
            SettledDeadLetter(
              wasThere: self.letters.withLock { letters in
                guard let at = letters[service]?.firstIndex(of: request.position) else { return false }
                letters[service]?.remove(at: at)
                return true
              })
          }
        ])
      }
      let desk = DeadLetterHandlers(switchboard: board) { [services] in services }
      board.host([
        Hosted(ListDeadLetters.self) { try await desk.answer($0) }, Hosted(ReplayDeadLetter.self) { try await desk.answer($0) },
        Hosted(DropDeadLetter.self) { try await desk.answer($0) }
      ])
    }

    private static func letter(_ position: Int) -> KeptDeadLetter {
      KeptDeadLetter(
        position: position, reaction: "WhenX", event: "x.happened", aggregate: "x:\(position)", sequence: 1,
        happenedAt: Instant(milliseconds: 0), attempts: 8, reason: "none", failedAt: Instant(milliseconds: 0))
    }

    func ask<O: Operation>(_ operation: O, as role: Role? = .admin) async throws -> O.Reply {
      let caller = role.map { Caller(user: UserID(high: 1, low: 1), tenant: TenantID(high: 1, low: 1), roles: [$0]) } ?? .anonymous
      return try await Caller.$current.withValue(caller) { try await board.call(operation) }
    }

    func refusal<O: Operation>(_ operation: O, as role: Role? = .admin) async -> String {
      do { _ = try await ask(operation, as: role) } catch let failure as CallFailure<O.Refusal> {
        switch failure {
        case .refused(let refusal): return refusal.code
        case .denied(let denial): return denial.rawValue
        case .invalid(let faults): return faults.all.map(\.path).joined(separator: " ")
        default: return "\(failure)"
        }
      } catch { return "\(error)" }
      return "ok"
    }
  }

  @Test("are listed page by page, service by service", arguments: Switchboard.LocalDelivery.allCases)
  func pages(_ delivery: Switchboard.LocalDelivery) async throws {
    let town = Town(["catalog": 2, "delivery": 0, "ordering": 3], delivery)
    for limit in 1...6 {
      var seen: [String] = []
      var cursor: String?
      repeat {
        let page = try await town.ask(ListDeadLetters(limit: limit, cursor: cursor))
        #expect(page.items.count <= limit && page.unreached.isEmpty)
        seen += page.items.map(\.id)
        cursor = page.nextCursor
      } while cursor != nil
      #expect(seen == ["catalog-1", "catalog-2", "ordering-1", "ordering-2", "ordering-3"])
    }
    #expect(try await town.ask(ListDeadLetters(service: "ordering")).items.map(\.id) == ["ordering-1", "ordering-2", "ordering-3"])
    #expect(try await town.ask(ListDeadLetters(service: "delivery")).items.isEmpty)
    #expect(await town.refusal(ListDeadLetters(service: "pot")) == "service")
    #expect(await town.refusal(ListDeadLetters(cursor: "x")) == "cursor")
  }

  @Test("are settled where they lie", arguments: Switchboard.LocalDelivery.allCases)
  func settling(_ delivery: Switchboard.LocalDelivery) async throws {
    let town = Town(["catalog": 1, "ordering": 2], delivery)
    #expect(await town.refusal(ReplayDeadLetter(letterId: "ordering-1")) == "ok")
    #expect(await town.refusal(ReplayDeadLetter(letterId: "ordering-1")) == "dead_letter_unknown")
    #expect(await town.refusal(DropDeadLetter(letterId: "ordering-2")) == "ok")
    for name in ["ordering-3", "pot-1", "ordering", "-1", "ordering-", "ordering-01", "ordering--1", "1"] {
      #expect(await town.refusal(DropDeadLetter(letterId: name)) == "dead_letter_unknown")
    }
    #expect(try await town.ask(ListDeadLetters()).items.map(\.id) == ["catalog-1"])
  }

  @Test("of a service that is away are named as missing") func away() async throws {
    let town = Town(["catalog": 1, "delivery": 5, "ordering": 2], away: "delivery", .direct)
    let page = try await town.ask(ListDeadLetters())
    #expect(page.items.map(\.id) == ["catalog-1", "ordering-1", "ordering-2"] && page.unreached == ["delivery"])
    #expect(await town.refusal(ReplayDeadLetter(letterId: "delivery-1")).contains("unavailable"))
  }

  @Test(
    "are for administrators",
    arguments: [(nil, "not_signed_in"), (.customer, "forbidden"), (.owner, "forbidden"), (.admin, "ok")] as [(Role?, String)])
  func access(_ role: Role?, _ expected: String) async throws {
    let town = Town(["catalog": 2], .direct)
    #expect(await town.refusal(ListDeadLetters(), as: role) == expected)
    #expect(await town.refusal(ReplayDeadLetter(letterId: "catalog-1"), as: role) == expected)
    #expect(await town.refusal(DropDeadLetter(letterId: "catalog-2"), as: role) == expected)
    #expect(
      ListSettings.denial(of: role.map { Caller(user: UserID(high: 1, low: 1), roles: [$0]) } ?? .anonymous, naming: nil)?.rawValue ?? "ok"
        == expected)
  }

  @Test("settings are told as they are, secrets as stars") func settings() async throws {
    let source = SettingsSource(environment: ["TIFFIN_A_SECRET": "swordfish"], commandLine: ["a.number": "7"])
    _ = try source.integer("a.number", default: 5, "A number.")
    _ = source.text("a.secret", default: "", isSecret: true, "A secret.")
    _ = source.text("a.other", default: "hush", isSecret: true, "Another.")
    _ = try source.boolean("a.switch", default: true, "A switch.")
    let told = try await ListSettingsHandler(settings: source).answer(ListSettings())
    #expect(told.settings.map(\.name) == ["a.number", "a.other", "a.secret", "a.switch"])
    #expect(told.settings.map(\.value) == ["7", "********", "********", "true"])
    #expect(told.settings.map(\.fallback) == ["5", "********", "", "true"])
    #expect(told.settings.map(\.origin) == ["command line", "default", "environment", "default"])
    #expect(told.settings.map(\.isSet) == [true, false, true, false] && told.settings.map(\.isSecret) == [false, true, true, false])
    #expect(!String(decoding: encode(told), as: UTF8.self).contains("swordfish"))
  }

  @Test("routes fit their operations") func routes() { _ = RouteTable(gatewayRoutes) }
}
