import IdentityAPI
import Kernel
import Passwords
import ServiceKit
import TestKit
import Testing

@testable import Identity

struct PasswordTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aChangedPasswordEndsTheOtherSessions(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let (here, there) = (try await bench.register(), try await bench.logIn())
    let caller = try #require(try await bench.caller(here))
    #expect(await bench.refusal(of: ChangePassword(password: "wrong", newPassword: "battery staple"), as: caller) == .wrongPassword)
    #expect(try await bench.caller(there) != nil)
    _ = try await bench.call(ChangePassword(password: "correct horse", newPassword: "battery staple"), as: caller)
    #expect(try await bench.caller(here) != nil)
    #expect(try await bench.caller(there) == nil)
    #expect(await refusal(bench.board, LogIn(email: "ann@example.com", password: "correct horse")) == .wrongCredentials)
    _ = try await bench.logIn("ann@example.com", "battery staple")
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aMailedLinkSetsANewPasswordOnce(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let signedIn = try await bench.register()
    _ = try await bench.board.call(RequestPasswordReset(email: "ANN@example.com"))
    let first = try #require(try await bench.word(of: "reset"))
    await bench.time.advance(by: .seconds(1))
    _ = try await bench.board.call(RequestPasswordReset(email: "ann@example.com"))
    let word = try #require(try await bench.word(of: "reset"))
    #expect(first != word)
    for wrong in [first, word + "x", "x"] {
      #expect(await refusal(bench.board, ResetPassword(token: wrong, newPassword: "battery staple")) == .linkInvalid)
    }
    _ = try await bench.board.call(ResetPassword(token: word, newPassword: "battery staple"))
    #expect(try await bench.caller(signedIn) == nil)
    #expect(await refusal(bench.board, ResetPassword(token: word, newPassword: "another one")) == .linkInvalid)
    _ = try await bench.logIn("ann@example.com", "battery staple")
  }

  @Test func aLinkEnds() async throws {
    let bench = try await Bench()
    _ = try await bench.register()
    _ = try await bench.board.call(RequestPasswordReset(email: "ann@example.com"))
    let word = try #require(try await bench.word(of: "reset"))
    await bench.time.advance(by: .seconds(3600))
    #expect(await refusal(bench.board, ResetPassword(token: word, newPassword: "battery staple")) == .linkInvalid)
  }

  @Test func whoIsUnknownCausesTheSameWork() async throws {
    let bench = try await Bench()
    _ = try await bench.board.call(RequestPasswordReset(email: "nobody@example.com"))
    #expect(try await bench.count("identity_letters") == 1)
    #expect(try await bench.count("identity_resets") == 1)
    #expect(try await bench.word(of: "reset") == nil, "it is for nobody")
    let word = try #require(try await bench.word(of: "none"))
    #expect(await refusal(bench.board, ResetPassword(token: word, newPassword: "battery staple")) == .linkInvalid)
    try await bench.run("identity.letters")
    #expect(try await bench.count("identity_letters") == 0)
  }

  @Test func anotherCostIsTakenOnAtSignIn() async throws {
    let bench = try await Bench()
    _ = try await bench.register()
    let node = try await Bench(settings: ["identity.passwordCost": "5"], like: bench)
    func hash() async throws -> String? {
      try await bench.database.read { try $0.first("SELECT password_hash FROM identity_users") { $0.text(0) } }
    }
    #expect(try await hash()?.hasPrefix("$2b$04$") == true)
    #expect(await refusal(node.board, LogIn(email: "ann@example.com", password: "wrong")) == .wrongCredentials)
    #expect(try await hash()?.hasPrefix("$2b$04$") == true)
    _ = try await node.logIn()
    #expect(try await hash()?.hasPrefix("$2b$05$") == true)
    _ = try await bench.logIn()
  }

  @Test func wrongAttemptsRunOut() async throws {
    let bench = try await Bench()
    _ = try await bench.register()
    for name in ["ann@example.com", "nobody@example.com"] {
      for _ in 1...5 { #expect(await refusal(bench.board, LogIn(email: name, password: "wrong")) == .wrongCredentials) }
      #expect(await refusal(bench.board, LogIn(email: name, password: "correct horse")) == .tooManyAttempts)
    }
    await bench.time.advance(by: .seconds(900))
    for _ in 1...4 { _ = await refusal(bench.board, LogIn(email: "ann@example.com", password: "wrong")) }
    _ = try await bench.logIn()
    // Who was let in begins anew.
    for _ in 1...5 { #expect(await refusal(bench.board, LogIn(email: "ann@example.com", password: "wrong")) == .wrongCredentials) }
  }

  @Test func attemptsAtTheSameTimeCountAsMany() async throws {
    let bench = try await Bench()
    _ = try await bench.register()
    let told = await withTaskGroup(of: LogInRefusal?.self) { group in
      for _ in 0..<20 { group.addTask { await refusal(bench.board, LogIn(email: "ann@example.com", password: "wrong")) } }
      return await group.reduce(into: [LogInRefusal?]()) { $0.append($1) }
    }
    #expect(told.filter { $0 == .wrongCredentials }.count == 5)
    #expect(told.filter { $0 == .tooManyAttempts }.count == 15)
  }
}
