import IdentityAPI
import Kernel
import ServiceKit
import TestKit
import Testing
import Wire

@testable import Identity

struct SessionTests {
  private func cookie(_ work: () async throws -> Void) async throws -> ReplyCookie? {
    let remarks = ReplyRemarks()
    try await CallContext.$remarks.withValue(remarks) { try await work() }
    return remarks.cookies.last
  }

  @Test func anAccessTokenEnds() async throws {
    let bench = try await Bench()
    let signedIn = try await bench.register()
    await bench.time.advance(by: .seconds(15 * 60 - 2))
    #expect(try await bench.caller(signedIn) != nil)
    await bench.time.advance(by: .seconds(2))
    #expect(try await bench.caller(signedIn) == nil)
    #expect(signedIn.expiresAt.milliseconds <= bench.time.now.milliseconds)
  }

  @Test func aForgedTokenIsNobody() async throws {
    let bench = try await Bench()
    let signedIn = try await bench.register()
    let other = try await Bench()
    let parts = signedIn.accessToken.split(separator: ".")
    let swapped = "\(parts[0]).\(parts[1].dropLast(4))AAAA.\(parts[2])"
    for token in [
      "", "x", "a.b.c", swapped, signedIn.accessToken + "x", try await other.register().accessToken, String(repeating: "a", count: 10_000)
    ] {
      #expect(try await bench.module.authenticator.caller(bearer: token) == nil)
      #expect(try await bench.module.authenticator.caller(cookie: token) == nil)
    }
    #expect(try await bench.caller(signedIn) != nil)
  }

  @Test func loggingOutCountsAtOnceAndEverywhere() async throws {
    let bench = try await Bench()
    let node = try await Bench(like: bench)
    let signedIn = try await bench.register()
    let caller = try #require(try await bench.caller(signedIn))
    #expect(try await node.caller(signedIn) == caller)
    _ = try await Caller.$current.withValue(caller) { try await bench.board.call(LogOut()) }
    #expect(try await bench.caller(signedIn) == nil)
    #expect(await refusal(bench.board, RefreshSession(refreshToken: signedIn.refreshToken)) == .unknown)
    // The other node hears of it by event.
    #expect(try await bench.events() == ["customer.created", "session.revoked"])
    for reaction in node.module.reactions where reaction.name == "WhenSessionRevoked" {
      guard case .onEveryNode(let hear) = reaction.kind else { continue }
      let event = SessionRevoked(sessionId: caller.session!, userId: caller.user!)
      try hear(
        Envelope(
          id: bench.ids.next(), name: SessionRevoked.name, version: 1, topic: .identity, time: bench.time.now, aggregate: event.aggregate,
          sequence: 2, payload: RawJSON(event)))
    }
    #expect(try await node.caller(signedIn) == nil)
  }

  @Test func withoutTheEventAnotherNodeFindsOutSoon() async throws {
    let bench = try await Bench()
    let node = try await Bench(like: bench)
    let signedIn = try await bench.register()
    let caller = try #require(try await node.caller(signedIn))
    _ = try await Caller.$current.withValue(caller) { try await bench.board.call(LogOut()) }
    await node.time.advance(by: .seconds(31))
    #expect(try await node.caller(signedIn) == nil)
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aRefreshTokenIsGoodForOne(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let first = try await bench.register()
    let session = try await bench.caller(first)?.session
    await bench.time.advance(by: .seconds(3600))
    let second = try await bench.board.call(RefreshSession(refreshToken: first.refreshToken))
    #expect(second.refreshToken != first.refreshToken)
    #expect(try await bench.caller(first) == nil && session != nil)
    #expect(try await bench.caller(second)?.session == session)
    // Shown a second time: somebody has what is not theirs, so that both lose the session.
    #expect(await refusal(bench.board, RefreshSession(refreshToken: first.refreshToken)) == .reused)
    #expect(try await bench.caller(second) == nil)
    #expect(await refusal(bench.board, RefreshSession(refreshToken: second.refreshToken)) == .unknown)
    #expect(try await bench.events() == ["customer.created", "session.revoked"])
  }

  @Test func ofTwoThatRefreshAtOnceOneLoses() async throws {
    let bench = try await Bench()
    let signedIn = try await bench.register()
    let won = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<6 { group.addTask { (try? await bench.board.call(RefreshSession(refreshToken: signedIn.refreshToken))) != nil } }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(won == 1)
  }

  @Test func aRefreshTokenEndsUnused() async throws {
    let bench = try await Bench()
    let signedIn = try await bench.register()
    await bench.time.advance(by: .seconds(7 * 86_400 + 1))
    #expect(await refusal(bench.board, RefreshSession(refreshToken: signedIn.refreshToken)) == .unknown)
    await bench.time.advance(by: .seconds(86_400))
    try await bench.run("identity.sweep")
    #expect(try await bench.count("identity_sessions") == 0)
    #expect(try await bench.count("identity_refresh_tokens") == 0)
  }

  @Test func staffSignInAgainEachShift() async throws {
    let bench = try await Bench()
    let signedIn = try await bench.register()
    _ = try await bench.board.callAsSystem(GrantRole(userId: signedIn.user.id, role: .kitchenStaff, tenantId: bench.ids.next()))
    var current = try await bench.logIn()
    await bench.time.advance(by: .seconds(7 * 3600))
    current = try await bench.board.call(RefreshSession(refreshToken: current.refreshToken))
    await bench.time.advance(by: .seconds(3600 + 1))
    #expect(await refusal(bench.board, RefreshSession(refreshToken: current.refreshToken)) == .unknown)
  }

  @Test func aBrowserIsRecognisedByItsCookie() async throws {
    let bench = try await Bench()
    var user: UserID?
    let set = try await cookie { user = try await bench.register().user.id }
    #expect(set?.name == "tiffin_session")
    #expect(set?.maxAgeSeconds == 86_400)
    let value = try #require(set?.value)
    let caller = try #require(try await bench.module.authenticator.caller(cookie: value))
    #expect(caller.user == user)
    // What a person may do is looked up, so that a new role needs no new cookie.
    _ = try await bench.board.callAsSystem(GrantRole(userId: user!, role: .owner, tenantId: bench.ids.next()))
    #expect(try await bench.module.authenticator.caller(cookie: value)?.roles == [.customer, .owner])
    let cleared = try await cookie { _ = try await Caller.$current.withValue(caller) { try await bench.board.call(LogOut()) } }
    #expect(cleared == ReplyCookie(name: "tiffin_session", value: "", maxAgeSeconds: 0))
    #expect(try await bench.module.authenticator.caller(cookie: value) == nil)
  }

  @Test func aCookieEndsAfterADay() async throws {
    let bench = try await Bench()
    let value = try #require(try await cookie { _ = try await bench.register() }?.value)
    await bench.time.advance(by: .seconds(86_400 - 1))
    #expect(try await bench.module.authenticator.caller(cookie: value) != nil)
    await bench.time.advance(by: .seconds(1))
    #expect(try await bench.module.authenticator.caller(cookie: value) == nil)
  }

  @Test func noSecretIsKeptAsItIs() async throws {
    let bench = try await Bench()
    var tokens: [String] = ["correct horse"]
    if let value = try await cookie({ tokens.append(try await bench.register().refreshToken) })?.value { tokens.append(value) }
    let kept = try await bench.database.read { transaction in
      try transaction.all("SELECT digest FROM identity_refresh_tokens") { $0.text(0) }
        + transaction.all("SELECT cookie_digest FROM identity_sessions") { $0.text(0) }
        + transaction.all("SELECT password_hash FROM identity_users") { $0.text(0) }
    }
    #expect(tokens.count == 3 && kept.count == 3)
    #expect(kept.allSatisfy { row in !tokens.contains { row.contains($0) } })
  }

  @Test func keysRotateAndOldTokensStayGood() async throws {
    let bench = try await Bench(settings: ["identity.keyRotationDays": "1"])
    func keys() async throws -> [WebKey] { try await bench.board.call(ReadSigningKeys()).keys }
    let first = try await keys()
    #expect(first.count == 1)
    #expect(first.allSatisfy { $0.kty == "EC" && $0.crv == "P-256" && $0.alg == "ES256" && $0.x.utf8.count == 43 && $0.y.utf8.count == 43 })
    await bench.time.advance(by: .seconds(86_401))
    let old = try await bench.register()
    try await bench.run("identity.keys")
    #expect(try await keys().count == 2, "the new key is told before it signs")
    #expect(try await bench.caller(await bench.logIn()) != nil)
    await bench.time.advance(by: .seconds(200))
    try await bench.run("identity.keys")
    let new = try await bench.logIn()
    #expect(new.accessToken.prefix { $0 != "." } != old.accessToken.prefix { $0 != "." }, "another key is named in the header")
    #expect(try await bench.caller(old) != nil)
    #expect(try await bench.caller(new) != nil)
    // A node that starts now knows the same keys.
    let node = try await Bench(like: bench)
    #expect(try await node.caller(new) != nil)
  }
}
