import CatalogAPI
import IdentityAPI
import Kernel
import ServiceKit
import Testing

@testable import Catalog

@Suite struct TenantTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func theFounderBecomesOwner(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (tenant, owner) = try await bench.found()
    #expect(Set(bench.grants) == [GrantRole(userId: owner.user!, role: .owner, tenantId: tenant.id)])
    #expect(try await bench.ask(GetTenant(tenantId: tenant.id), as: owner) == tenant)
    #expect(try await bench.events() == ["tenant.created"])
  }

  @Test func aFoundingThatStoppedHalfwayIsFinishedByAskingAgain() async throws {
    let bench = try await CatalogBench()
    let founder = bench.customer()
    bench.refuseGrants(.userUnknown)
    #expect(await bench.outcome(CreateTenant(name: "Early"), as: founder) != "ok")
    #expect(try await bench.events().isEmpty)
    bench.refuseGrants(nil)
    let tenant = try await bench.ask(CreateTenant(name: "Later"), as: founder)
    #expect(tenant.name == "Later")
    #expect(try await bench.count("catalog_tenants") == 1)
    // The old token still says that there is no tenant.
    #expect(await bench.outcome(CreateTenant(name: "Again"), as: founder) == "has_tenant")
    #expect(bench.grants.count == 1)
  }

  @Test func staffOfAnotherTenantFoundNone() async throws {
    let bench = try await CatalogBench()
    bench.refuseGrants(.otherTenant)
    #expect(await bench.outcome(CreateTenant(name: "Mine"), as: bench.customer()) == "has_tenant")
    #expect(await bench.outcome(CreateTenant(name: "   "), as: bench.customer()) == "name")
  }
}
