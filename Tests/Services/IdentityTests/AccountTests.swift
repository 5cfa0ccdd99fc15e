import IdentityAPI
import Kernel
import ServiceKit
import TestKit
import Testing

@testable import Identity

struct AccountTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func whoRegistersIsRecognised(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let signedIn = try await bench.register(" Ann@Example.com ")
    #expect(signedIn.user.email == "ann@example.com")
    let caller = try await bench.caller(signedIn)
    #expect(caller?.user == signedIn.user.id)
    #expect(caller?.roles == [.customer])
    #expect(try await bench.events() == ["customer.created"])
    let me = try await Caller.$current.withValue(caller!) { try await bench.board.call(ReadMe()) }
    #expect(me == signedIn.user)
    #expect(try await bench.logIn("ANN@example.com").user.id == me.id)
  }

  @Test func aCourierIsNoCustomer() async throws {
    let bench = try await Bench()
    #expect(try await bench.register(role: .deliveryPartner).user.roles == [.deliveryPartner])
    #expect(try await bench.events() == [])
  }

  @Test func anAddressIsOneAccountHoweverManyAsk() async throws {
    let bench = try await Bench()
    let won = await withTaskGroup(of: Bool.self) { group in
      for index in 0..<8 {
        group.addTask { (try? await bench.register(index % 2 == 0 ? "ann@example.com" : "ANN@EXAMPLE.COM")) != nil }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(won == 1)
    #expect(await refusal(bench.board, Register(email: "ann@example.com", password: "another one")) == .emailTaken)
    #expect(try await bench.count("identity_users") == 1)
    #expect(try await bench.count("identity_sessions") == 1)
  }

  @Test(arguments: [
    (Register(email: "nobody", password: "long enough"), ["email"]),
    (Register(email: "ann@example.com", password: String(repeating: "é", count: 40)), ["password"]),
    (Register(email: "ann@example.com", password: "eight\u{0}chars"), ["password"]),
    (Register(email: "x", password: "nul\u{0}nul\u{0}nul", phone: "call me"), ["email", "password", "phone"]),
    (Register(email: "ann@example.com", password: "long enough", phone: "12"), ["phone"])
  ])
  func everythingWrongIsTold(request: Register, paths: [String]) async throws {
    let bench = try await Bench()
    #expect(await faults(bench.board, request) == paths)
    #expect(try await bench.count("identity_users") == 0)
  }

  @Test func wrongIsWrongWhetherKnownOrNot() async throws {
    let bench = try await Bench()
    _ = try await bench.register()
    for (email, password) in [
      ("ann@example.com", "wrong horse"), ("bob@example.com", "correct horse"), ("no address", "correct horse"),
      ("ann@example.com", "correct horse\u{0}"), ("ann@example.com", "correct horse" + String(repeating: "x", count: 100))
    ] {
      #expect(await refusal(bench.board, LogIn(email: email, password: password)) == .wrongCredentials)
    }
    #expect(try await bench.count("identity_sessions") == 1)
  }

  @Test func aRoleIsGivenOnceAndStaffHaveOneTenant() async throws {
    let bench = try await Bench(.loopback)
    let signedIn = try await bench.register()
    let (own, other): (TenantID, TenantID) = (bench.ids.next(), bench.ids.next())
    _ = try await bench.board.callAsSystem(GrantRole(userId: signedIn.user.id, role: .owner, tenantId: own))
    let again = try await bench.logIn()
    #expect(again.user.roles == [.customer, .owner])
    #expect(again.user.tenantId == own)
    #expect(try await bench.caller(again)?.tenant == own)
    #expect(try await bench.events() == ["customer.created", "role.granted"])
    await Caller.$current.withValue(.system) {
      #expect(await refusal(bench.board, GrantRole(userId: signedIn.user.id, role: .manager, tenantId: other)) == .otherTenant)
      #expect(await refusal(bench.board, GrantRole(userId: bench.ids.next(), role: .deliveryPartner)) == .userUnknown)
      #expect(await refusal(bench.board, GrantRole(userId: bench.ids.next(), role: .owner, tenantId: own)) == .userUnknown)
      #expect(await faults(bench.board, GrantRole(userId: signedIn.user.id, role: .owner)) == ["tenantId"])
      #expect(await faults(bench.board, GrantRole(userId: signedIn.user.id, role: .system)) == ["tenantId"])
    }
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func othersFindPeopleInOneCall(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let (ann, bob) = (try await bench.register(), try await bench.register("bob@example.com"))
    let found = try await bench.board.callAsSystem(FindUsers(userIds: [bob.user.id, bench.ids.next(), ann.user.id])).users
    #expect(found.map(\.id) == [ann.user.id, bob.user.id])
    #expect(found.map(\.displayName) == ["Ann", "Ann"])
    #expect(found.allSatisfy { $0.roles == [.customer] })
  }

  @Test func onlyThePlatformMakesAdministratorsAndLooksPeopleUp() async throws {
    let bench = try await Bench()
    let user: UserID = bench.ids.next()
    for caller in [Caller.anonymous, Caller(user: user, roles: [.customer]), Caller(user: user, roles: [.superAdmin])] {
      await Caller.$current.withValue(caller) {
        await #expect(throws: CallFailure<RegisterRefusal>.self) {
          try await bench.board.call(CreateAdmin(email: "root@example.com", password: "long enough"))
        }
        await #expect(throws: CallFailure<Never>.self) { try await bench.board.call(FindUsers(userIds: [user])) }
        await #expect(throws: CallFailure<GrantRoleRefusal>.self) { try await bench.board.call(GrantRole(userId: user, role: .admin)) }
      }
    }
    #expect(try await bench.count("identity_users") == 0)
    let admin = try await bench.board.callAsSystem(CreateAdmin(email: "Root@example.com", password: "correct horse"))
    #expect(admin.roles == [.superAdmin])
    #expect(try await bench.logIn("root@example.com").user == admin)
  }
}
