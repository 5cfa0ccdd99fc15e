import IdentityAPI
import Kernel
import ServiceKit
import TestKit
import Testing

@testable import Identity

struct AuditTests {
  @Test func whatIsDoneToAccountsIsWrittenDown() async throws {
    let bench = try await Bench()
    let tenant: TenantID = bench.ids.next()
    var manager = bench.manager(of: tenant)
    manager.origin = CallOrigin(address: "10.0.0.9", agent: "=cmd|' /C calc'!A0")
    let made = try await bench.call(CreateStaff(tenantId: tenant, username: "kim", role: .waiter), as: manager)
    _ = await refusal(bench.board, LogInStaff(tenantId: tenant, username: "kim", password: "wrong"))
    _ = try await bench.call(UpdateStaff(tenantId: tenant, userId: made.member.id, role: .kitchenStaff, isDisabled: true), as: manager)
    #expect(try await bench.actions() == ["staff_created", "sign_in_failed", "staff_changed"])
    let changed = try #require(try await bench.call(ListAudit(action: .staffChanged), as: manager).items.first)
    #expect(changed.actorId == manager.user && changed.subjectId == made.member.id && changed.tenantId == tenant)
    #expect(changed.before == "waiter" && changed.after == "kitchen_staff disabled")
    #expect(changed.address == "10.0.0.9" && changed.at == bench.time.now)
    let csv = try await bench.call(ExportAudit(subjectId: made.member.id), as: manager)
    let lines = csv.text.split(separator: "\r\n")
    #expect(lines.count == 4 && lines[0].hasPrefix("id,at,action,"))
    #expect(lines[1].contains("staff_changed") && lines[1].contains(",'=cmd|"), "the newest first, and no formula")
  }

  @Test func managersSeeTheirOwnTenantAlone() async throws {
    let bench = try await Bench()
    let (own, other): (TenantID, TenantID) = (bench.ids.next(), bench.ids.next())
    _ = try await bench.staff("kim", of: own)
    _ = try await bench.staff("lee", of: other)
    _ = try await bench.register()
    let seen = try await bench.call(ListAudit(), as: bench.manager(of: own)).items
    #expect(!seen.isEmpty && seen.allSatisfy { $0.tenantId == own })
    let admin = Caller(user: bench.ids.next(), roles: [.admin])
    let all = try await bench.call(ListAudit(limit: 200), as: admin).items
    #expect(Set(all.map(\.tenantId)) == [own, other, nil])
    var paged: [AuditEntry] = []
    var cursor: String?
    repeat {
      let page = try await bench.call(ListAudit(cursor: cursor, limit: 2), as: admin)
      paged += page.items
      cursor = page.nextCursor
    } while cursor != nil
    #expect(paged == all)
    let late = try await bench.call(ListAudit(from: bench.time.now + .seconds(1)), as: admin)
    #expect(late.items.isEmpty)
  }

  @Test(arguments: [
    ("plain", "plain"), ("a,b", "\"a,b\""), ("say \"hi\"", "\"say \"\"hi\"\"\""), ("two\nlines", "\"two\nlines\""), ("=1+1", "'=1+1"), ("", "")
  ])
  func fieldsAreQuoted(text: String, expected: String) { #expect(CSV.field(text) == expected) }

  @Test func administratorsLookPeopleUpAndKeepThemOut() async throws {
    let bench = try await Bench()
    let ann = try await bench.register()
    _ = try await bench.register("bob@example.com", role: .deliveryPartner)
    let root = try await bench.board.callAsSystem(CreateAdmin(email: "root@example.com", password: "correct horse"))
    let admin = Caller(user: bench.ids.next(), roles: [.admin])
    #expect(try await bench.call(ListUsers(), as: admin).items.map(\.user.email) == ["root@example.com", "bob@example.com", "ann@example.com"])
    #expect(try await bench.call(ListUsers(email: "ANN@example.com"), as: admin).items.map(\.user.id) == [ann.user.id])
    #expect(try await bench.call(ListUsers(userId: ann.user.id), as: admin).items.map(\.user.email) == ["ann@example.com"])
    #expect(try await bench.call(ListUsers(role: .deliveryPartner), as: admin).items.count == 1)
    #expect(try await bench.call(UpdateUserStatus(userId: ann.user.id, isDisabled: true, reason: "fraud"), as: admin).isDisabled)
    #expect(try await bench.caller(ann) == nil)
    #expect(await refusal(bench.board, LogIn(email: "ann@example.com", password: "correct horse")) == .accountDisabled)
    #expect(await bench.refusal(of: UpdateUserStatus(userId: root.id, isDisabled: true), as: admin) == .aboveCaller)
    let superior = Caller(user: bench.ids.next(), roles: [.superAdmin])
    #expect(try await bench.call(UpdateUserStatus(userId: root.id, isDisabled: true), as: superior).isDisabled)
    #expect(await bench.refusal(of: UpdateUserStatus(userId: superior.user!, isDisabled: true), as: superior) == .isSelf)
  }
}
