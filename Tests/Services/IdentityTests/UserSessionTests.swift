import IdentityAPI
import Kernel
import ServiceKit
import TestKit
import Testing

@testable import Identity

struct UserSessionTests {
  private func admin(_ bench: Bench, _ role: Role = .admin) -> Caller { Caller(user: bench.ids.next(), roles: [role]) }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func administratorsSeeAndEndTheSessionsOfOthers(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let (first, second, third) = (try await bench.register(), try await bench.logIn(), try await bench.logIn())
    let admin = admin(bench)
    let seen = try await bench.call(ListUserSessions(userId: first.user.id), as: admin).items
    #expect(seen.count == 3 && seen.allSatisfy { !$0.isCurrent })
    let own = try #require(try await bench.caller(second)?.session)
    _ = try await bench.call(EndUserSessions(userId: first.user.id, sessionId: own, reason: "lost phone"), as: admin)
    #expect(try await bench.caller(second) == nil)
    #expect(try await bench.caller(first) != nil)
    _ = try await bench.call(EndUserSessions(userId: first.user.id), as: admin)
    for session in [first, third] { #expect(try await bench.caller(session) == nil) }
    #expect(try await bench.call(ListUserSessions(userId: first.user.id), as: admin).items.isEmpty)
    #expect(try await bench.call(EndUserSessions(userId: first.user.id), as: admin).count == 0)
    #expect(try await bench.events().count { $0 == "session.revoked" } == 3)
    let entries = try await bench.call(ListAudit(action: .sessionsEnded), as: admin).items
    #expect(entries.map(\.before) == ["all", own.description] && entries.map(\.after) == [nil, "lost phone"])
    #expect(entries.allSatisfy { $0.actorId == admin.user && $0.subjectId == first.user.id })
  }

  @Test func someoneElsesSessionIsNoneOfTheirs() async throws {
    let bench = try await Bench()
    let ann = try await bench.register()
    let bob = try await bench.register("bob@example.com")
    let admin = admin(bench)
    let session = try #require(try await bench.caller(bob)?.session)
    #expect(await bench.refusal(of: EndUserSessions(userId: ann.user.id, sessionId: session), as: admin) == .sessionUnknown)
    #expect(await bench.refusal(of: EndUserSessions(userId: bench.ids.next()), as: admin) == .userUnknown)
    #expect(await bench.refusal(of: ListUserSessions(userId: bench.ids.next()), as: admin) == .userUnknown)
    #expect(try await bench.caller(bob) != nil)
  }

  @Test func administratorsStandBelowSuperAdministratorsOnly() async throws {
    let bench = try await Bench()
    let boss = try await bench.register()
    _ = try await bench.call(GrantRole(userId: boss.user.id, role: .admin), as: .system)
    #expect(await bench.refusal(of: ListUserSessions(userId: boss.user.id), as: admin(bench)) == .aboveCaller)
    #expect(await bench.refusal(of: EndUserSessions(userId: boss.user.id), as: admin(bench)) == .aboveCaller)
    let again = try await bench.logIn()
    let own = try #require(try await bench.caller(again))
    #expect(try await bench.call(ListUserSessions(userId: boss.user.id), as: own).items.contains { $0.isCurrent })
    _ = try await bench.call(EndUserSessions(userId: boss.user.id), as: admin(bench, .superAdmin))
    #expect(try await bench.caller(again) == nil)
  }
}
