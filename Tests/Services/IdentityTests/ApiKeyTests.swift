import IdentityAPI
import Kernel
import ServiceKit
import TestKit
import Testing

@testable import Identity

struct ApiKeyTests {
  private func use(_ key: NewApiKey, _ bench: Bench) async throws -> Caller? { try await bench.module.authenticator.caller(bearer: key.secret) }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aMachineActsAsItsKeySays(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let tenant: TenantID = bench.ids.next()
    let made = try await bench.call(
      CreateApiKey(tenantId: tenant, name: "till", role: .waiter, scopes: [.orderingRead, .orderingRead]), as: bench.manager(of: tenant))
    #expect(made.apiKey.scopes == [.orderingRead])
    let caller = try #require(try await use(made, bench))
    #expect(caller.tenant == tenant && caller.roles == [.waiter] && caller.scopes == ["ordering:read"])
    // Nothing of Identity is in any scope, so that a key makes no key.
    for outcome in [await denial(bench, ReadMe(), caller), await denial(bench, ListSessions(), caller)] { #expect(outcome == .scopeMissing) }
    let kept = try await bench.database.read { try $0.first("SELECT digest FROM identity_api_keys") { $0.text(0) } }
    #expect(kept.map { made.secret.contains($0) } == false)
    #expect(try await bench.module.authenticator.caller(bearer: made.secret + "x") == nil)
    #expect(try await bench.module.authenticator.caller(cookie: made.secret) == nil)
  }

  private func denial<O: Operation>(_ bench: Bench, _ operation: O, _ caller: Caller) async -> Denial? {
    await Caller.$current.withValue(caller) {
      do throws(CallFailure<O.Refusal>) {
        _ = try await bench.board.call(operation)
        return nil
      } catch {
        if case .denied(let denial) = error { return denial }
        return nil
      }
    }
  }

  @Test func aRevokedKeyIsRefusedAtOnceAndEverywhere() async throws {
    let bench = try await Bench(.loopback)
    let tenant: TenantID = bench.ids.next()
    let manager = bench.manager(of: tenant)
    let made = try await bench.call(CreateApiKey(tenantId: tenant, name: "till", scopes: [.orderingRead]), as: manager)
    #expect(try await use(made, bench) != nil)
    let other = bench.manager(of: bench.ids.next())
    #expect(await bench.refusal(of: RevokeApiKey(tenantId: other.tenant!, keyId: made.apiKey.id), as: other) == .keyUnknown)
    #expect(try await use(made, bench) != nil)
    let ended = try await bench.call(RevokeApiKey(tenantId: tenant, keyId: made.apiKey.id), as: manager)
    #expect(ended.revokedAt == bench.time.now)
    #expect(try await use(made, bench) == nil)
    let node = try await Bench(like: bench)
    #expect(try await use(made, node) == nil)
    #expect(try await bench.events() == ["session.revoked"], "nodes that remember it are told")
  }

  @Test func aKeyEndsWhenItSaidSo() async throws {
    let bench = try await Bench()
    let tenant: TenantID = bench.ids.next()
    let manager = bench.manager(of: tenant)
    let made = try await bench.call(
      CreateApiKey(tenantId: tenant, name: "till", scopes: [.orderingRead], expiresAt: bench.time.now + .seconds(60)), as: manager)
    await bench.time.advance(by: .seconds(59))
    #expect(try await use(made, bench) != nil)
    await bench.time.advance(by: .seconds(1))
    #expect(try await use(made, bench) == nil)
    let past = CreateApiKey(tenantId: tenant, name: "till", scopes: [.orderingRead], expiresAt: bench.time.now)
    await Caller.$current.withValue(manager) { #expect(await faults(bench.board, past) == ["expiresAt"]) }
  }

  @Test func itsLastUseIsKnown() async throws {
    let bench = try await Bench()
    let tenant: TenantID = bench.ids.next()
    let manager = bench.manager(of: tenant)
    let made = try await bench.call(CreateApiKey(tenantId: tenant, name: "till", scopes: [.orderingRead]), as: manager)
    func lastUse() async throws -> Instant? { try await bench.call(ListApiKeys(tenantId: tenant), as: manager).items[0].lastUsedAt }
    #expect(try await lastUse() == nil)
    await bench.time.advance(by: .seconds(100))
    _ = try await use(made, bench)
    try await bench.run("identity.keyUses")
    #expect(try await lastUse() == bench.time.now)
  }

  @Test func nobodyGivesAwayMoreThanTheyHave() async throws {
    let bench = try await Bench()
    let tenant: TenantID = bench.ids.next()
    let request = CreateApiKey(tenantId: tenant, name: "till", role: .owner, scopes: [.catalogWrite])
    #expect(await bench.refusal(of: request, as: bench.manager(of: tenant)) == .aboveCaller)
    _ = try await bench.call(request, as: bench.manager(of: tenant, .owner))
  }
}
