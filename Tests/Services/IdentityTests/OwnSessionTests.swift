import IdentityAPI
import Kernel
import ServiceKit
import TestKit
import Testing

@testable import Identity

struct OwnSessionTests {
  private func from(_ address: String, _ agent: String, _ caller: Caller = .anonymous) -> Caller {
    var caller = caller
    caller.origin = CallOrigin(address: address, agent: agent)
    return caller
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func peopleSeeAndEndTheirOwn(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let phone = try await bench.call(
      Register(email: "ann@example.com", password: "correct horse"), as: from("10.0.0.1", "phone"))
    await bench.time.advance(by: .seconds(60))
    let desk = try await bench.call(LogIn(email: "ann@example.com", password: "correct horse"), as: from("10.0.0.2", "desk"))
    let stranger = try #require(try await bench.caller(try await bench.register("bob@example.com")))
    let caller = try #require(try await bench.caller(desk))
    let sessions = try await bench.call(ListSessions(), as: caller).items
    #expect(sessions.map(\.agent) == ["desk", "phone"])
    #expect(sessions.map(\.address) == ["10.0.0.2", "10.0.0.1"])
    #expect(sessions.map(\.isCurrent) == [true, false])
    #expect(sessions.allSatisfy { $0.way == .password })
    #expect(await bench.refusal(of: EndSession(sessionId: sessions[1].id), as: stranger) == .sessionUnknown)
    #expect(try await bench.caller(phone) != nil)
    _ = try await bench.call(EndSession(sessionId: sessions[1].id), as: caller)
    #expect(try await bench.caller(phone) == nil)
    #expect(try await bench.caller(desk) != nil)
    #expect(try await bench.call(ListSessions(), as: caller).items.count == 1)
  }

  @Test func allOthersEndAndAllEnd() async throws {
    let bench = try await Bench()
    let first = try await bench.register()
    let (second, third) = (try await bench.logIn(), try await bench.logIn())
    let caller = try #require(try await bench.caller(second))
    #expect(try await bench.call(EndSessions(keepThis: true), as: caller).count == 2)
    #expect(try await bench.caller(first) == nil)
    #expect(try await bench.caller(third) == nil)
    #expect(try await bench.caller(second) != nil)
    #expect(try await bench.call(EndSessions(), as: caller).count == 1)
    #expect(try await bench.caller(second) == nil)
  }
}
