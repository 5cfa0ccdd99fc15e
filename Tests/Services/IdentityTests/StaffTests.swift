import IdentityAPI
import Kernel
import ServiceKit
import TestKit
import Testing

@testable import Identity

struct StaffTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func staffReplaceTheirFirstPassword(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let tenant: TenantID = bench.ids.next()
    let made = try await bench.call(
      CreateStaff(tenantId: tenant, username: "Kim", role: .waiter, firstName: "Kim"), as: bench.manager(of: tenant))
    #expect(made.member.username == "kim" && made.member.mustChangePassword && made.member.roles == [.waiter])
    #expect(made.firstPassword.utf8.count == 12)
    let logIn = LogInStaff(tenantId: tenant, username: "KIM", password: made.firstPassword)
    #expect(await refusal(bench.board, logIn) == .passwordChangeRequired)
    let same = ReplaceFirstPassword(tenantId: tenant, username: "kim", password: made.firstPassword, newPassword: made.firstPassword)
    #expect(await faults(bench.board, same) == ["newPassword"])
    let first = try await bench.board.call(
      ReplaceFirstPassword(tenantId: tenant, username: "kim", password: made.firstPassword, newPassword: "correct horse"))
    #expect(first.user.tenantId == tenant)
    #expect(try await bench.caller(first)?.roles == [.waiter])
    #expect(await refusal(bench.board, logIn) == .wrongCredentials)
    _ = try await bench.board.call(LogInStaff(tenantId: tenant, username: "kim", password: "correct horse"))
  }

  @Test func aNameBelongsToItsTenant() async throws {
    let bench = try await Bench()
    let (own, other): (TenantID, TenantID) = (bench.ids.next(), bench.ids.next())
    _ = try await bench.staff("kim", of: own)
    _ = try await bench.staff("kim", of: other)
    let again = CreateStaff(tenantId: own, username: "kim", role: .waiter)
    #expect(await bench.refusal(of: again, as: bench.manager(of: own)) == .usernameTaken)
    let stranger: TenantID = bench.ids.next()
    #expect(await refusal(bench.board, LogInStaff(tenantId: stranger, username: "kim", password: "correct horse")) == .wrongCredentials)
  }

  @Test func whoIsDisabledIsOutAtOnce() async throws {
    let bench = try await Bench(.loopback)
    let node = try await Bench(like: bench)
    let tenant: TenantID = bench.ids.next()
    let kim = try await bench.staff(of: tenant)
    #expect(try await bench.caller(kim) != nil)
    let manager = bench.manager(of: tenant)
    let gone = try await bench.call(UpdateStaff(tenantId: tenant, userId: kim.user.id, isDisabled: true), as: manager)
    #expect(gone.isDisabled)
    #expect(try await bench.caller(kim) == nil)
    #expect(try await node.caller(kim) == nil)
    #expect(await refusal(bench.board, RefreshSession(refreshToken: kim.refreshToken)) == .unknown)
    #expect(await refusal(bench.board, LogInStaff(tenantId: tenant, username: "kim", password: "correct horse")) == .accountDisabled)
    #expect(await refusal(bench.board, LogInStaff(tenantId: tenant, username: "kim", password: "wrong")) == .wrongCredentials)
    _ = try await bench.call(UpdateStaff(tenantId: tenant, userId: kim.user.id, isDisabled: false), as: manager)
    _ = try await bench.board.call(LogInStaff(tenantId: tenant, username: "kim", password: "correct horse"))
  }

  @Test func anotherRoleEndsTheTokensOfTheOldOne() async throws {
    let bench = try await Bench()
    let tenant: TenantID = bench.ids.next()
    let kim = try await bench.staff(of: tenant)
    let owner = bench.manager(of: tenant, .owner)
    _ = try await bench.call(UpdateStaff(tenantId: tenant, userId: kim.user.id, role: .manager), as: owner)
    #expect(try await bench.caller(kim) == nil)
    let again = try await bench.board.call(LogInStaff(tenantId: tenant, username: "kim", password: "correct horse"))
    #expect(try await bench.caller(again)?.roles == [.manager])
  }

  @Test func nobodyRaisesOthersAboveThemselves() async throws {
    let bench = try await Bench()
    let tenant: TenantID = bench.ids.next()
    let kim = try await bench.staff(of: tenant)
    let boss = try await bench.staff("boss", .owner, of: tenant)
    let manager = bench.manager(of: tenant)
    for role in [StaffRole.owner, .manager] {
      #expect(await bench.refusal(of: CreateStaff(tenantId: tenant, username: "new", role: role), as: manager) == .aboveCaller)
      #expect(await bench.refusal(of: UpdateStaff(tenantId: tenant, userId: kim.user.id, role: role), as: manager) == .aboveCaller)
    }
    #expect(await bench.refusal(of: UpdateStaff(tenantId: tenant, userId: boss.user.id, isDisabled: true), as: manager) == .aboveCaller)
    #expect(await bench.refusal(of: ResetStaffPassword(tenantId: tenant, userId: boss.user.id), as: manager) == .aboveCaller)
    let owner = try #require(try await bench.caller(boss))
    #expect(await bench.refusal(of: UpdateStaff(tenantId: tenant, userId: boss.user.id, isDisabled: true), as: owner) == .isSelf)
    #expect(await bench.refusal(of: UpdateStaff(tenantId: tenant, userId: boss.user.id, role: .waiter), as: owner) == .isSelf)
    let stranger = bench.manager(of: bench.ids.next(), .owner)
    await #expect(throws: CallFailure<StaffRefusal>.denied(.tenantMismatch)) {
      try await bench.call(UpdateStaff(tenantId: tenant, userId: kim.user.id, isDisabled: true), as: stranger)
    }
    let elsewhere = UpdateStaff(tenantId: stranger.tenant!, userId: kim.user.id, isDisabled: true)
    #expect(await bench.refusal(of: elsewhere, as: stranger) == .userUnknown)
  }

  @Test func aListIsPaged() async throws {
    let bench = try await Bench()
    let tenant: TenantID = bench.ids.next()
    for index in 1...5 { _ = try await bench.staff("user\(index)", of: tenant) }
    _ = try await bench.staff("other", of: bench.ids.next())
    let manager = bench.manager(of: tenant)
    let first = try await bench.call(ListStaff(tenantId: tenant, limit: 3), as: manager)
    let second = try await bench.call(ListStaff(tenantId: tenant, cursor: first.nextCursor, limit: 3), as: manager)
    #expect((first.items + second.items).compactMap(\.username) == ["user1", "user2", "user3", "user4", "user5"])
    #expect(second.nextCursor == nil)
  }

  @Test func aPasswordThatIsResetIsAFirstOneAgain() async throws {
    let bench = try await Bench()
    let tenant: TenantID = bench.ids.next()
    let kim = try await bench.staff(of: tenant)
    let reset = try await bench.call(ResetStaffPassword(tenantId: tenant, userId: kim.user.id), as: bench.manager(of: tenant))
    #expect(reset.member.mustChangePassword)
    #expect(try await bench.caller(kim) == nil)
    let logIn = LogInStaff(tenantId: tenant, username: "kim", password: reset.firstPassword)
    #expect(await refusal(bench.board, logIn) == .passwordChangeRequired)
  }

  @Test(arguments: ["a", "kim lee", "kim@home", "kím", ""])
  func namesHavePlainLetters(name: String) async throws {
    #expect(Username(name) == nil)
    #expect(Username("Kim.Lee_2-a")?.text == "kim.lee_2-a")
  }
}

extension CallFailure: Equatable {
  public static func == (left: CallFailure, right: CallFailure) -> Bool { "\(left)" == "\(right)" }
}
