import IdentityAPI
import Kernel
import ServiceKit
import Testing

@testable import Identity

/// Every operation of Identity, asked by a caller of each kind.
struct AccessTests {
  private static let nobody = "not_signed_in"

  /// What is denied to whom; what is let through may still be refused for other reasons.
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func everyCallerGetsItsAnswer(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let tenant: TenantID = bench.ids.next()
    let user: UserID = bench.ids.next()
    let word = "x1234567"
    // anonymous, customer, waiter, manager, owner of another tenant, administrator, a key with every scope there is.
    let anyone = Array(repeating: "in", count: 7)
    let signedIn = [Self.nobody] + Array(repeating: "in", count: 5) + ["scope_missing"]
    // Who has no account, or none any more, has nothing to prove.
    let gone = Array(repeating: Self.nobody, count: 6) + ["scope_missing"]
    let managers = [Self.nobody, "forbidden", "forbidden", "in", "tenant_mismatch", "in", "forbidden"]
    let recordReaders = [Self.nobody, "forbidden", "forbidden", "in", "in", "in", "forbidden"]
    let administrators = [Self.nobody, "forbidden", "forbidden", "forbidden", "forbidden", "in", "forbidden"]
    let inside = Array(repeating: "forbidden", count: 7)
    let named = ["in", "in", "in", "in", "tenant_mismatch", "in", "in"]
    let rows: [(any Operation, [String])] = [
      (Register(email: "a@b.example", password: word), anyone), (LogIn(email: "a@b.example", password: word), anyone),
      (RefreshSession(refreshToken: word), anyone), (ReadSigningKeys(), anyone), (RequestCode(phone: "+442071838750"), anyone),
      (VerifyCode(phone: "+442071838750", otp: "000000"), anyone),
      (LogInStaff(tenantId: tenant, username: "kim", password: word), named),
      (ReplaceFirstPassword(tenantId: tenant, username: "kim", password: word, newPassword: word + "y"), named),
      (RequestPasswordReset(email: "a@b.example"), anyone), (ResetPassword(token: word, newPassword: word), anyone),
      (ListSignInProviders(), anyone), (BeginExternalSignIn(), anyone), (FinishExternalSignIn(), anyone), (LogOut(), signedIn), (ReadMe(), signedIn),
      (ReadSafeguards(), gone), (ChangePassword(password: word, newPassword: word), gone),
      (BeginSecondFactor(password: word), gone),
      (ConfirmSecondFactor(code: "000000"), gone), (DropSecondFactor(password: word, code: "000000"), gone), (ListSessions(), signedIn),
      (EndSession(sessionId: bench.ids.next()), signedIn), (EndSessions(), signedIn), (UpdateProfile(), signedIn), (ReadConsents(), signedIn),
      (ChangeConsent(purpose: .terms, isGiven: true), signedIn), (ListAddresses(), signedIn),
      (AddAddress(label: "x", text: "x", point: GeoPoint(latitude: 0, longitude: 0)), signedIn),
      (UpdateAddress(addressId: bench.ids.next()), signedIn), (RemoveAddress(addressId: bench.ids.next()), signedIn), (EraseMe(), gone),
      (CreateStaff(tenantId: tenant, username: "new", role: .waiter), managers), (ListStaff(tenantId: tenant), managers),
      (UpdateStaff(tenantId: tenant, userId: user), managers), (ResetStaffPassword(tenantId: tenant, userId: user), managers),
      (CreateApiKey(tenantId: tenant, name: "x", scopes: [.orderingRead]), managers), (ListApiKeys(tenantId: tenant), managers),
      (RevokeApiKey(tenantId: tenant, keyId: bench.ids.next()), managers), (ListAudit(), recordReaders), (ExportAudit(), recordReaders),
      (ListUsers(), administrators), (UpdateUserStatus(userId: user, isDisabled: true), administrators),
      (ListUserSessions(userId: user), administrators), (EndUserSessions(userId: user), administrators), (IdentifyCaller(), inside),
      (FindUsers(userIds: []), inside), (GrantRole(userId: user, role: .admin), inside),
      (CreateAdmin(email: "a@b.example", password: word), inside), (ExportAccount(userId: user), inside)
    ]
    #expect(Set(rows.map { type(of: $0.0).address }) == Set(bench.module.operations.map(\.address)), "every operation has its row")
    var key = Caller(user: user, tenant: tenant, roles: [.waiter])
    key.scopes = ApiScope.allCases.map(\.rawValue)
    let callers: [(String, Caller)] = [
      ("anonymous", .anonymous), ("customer", Caller(user: bench.ids.next(), roles: [.customer])),
      ("waiter", bench.manager(of: tenant, .waiter)), ("manager", bench.manager(of: tenant)),
      ("stranger", bench.manager(of: bench.ids.next(), .owner)), ("admin", Caller(user: bench.ids.next(), roles: [.admin])), ("key", key)
    ]
    for (operation, outcomes) in rows {
      for ((kind, caller), expected) in zip(callers, outcomes) {
        let outcome = await outcome(operation, as: caller, bench)
        #expect(outcome == expected, "\(type(of: operation).address) as \(kind)")
      }
    }
  }

  private func outcome<O: Operation>(_ operation: O, as caller: Caller, _ bench: Bench) async -> String {
    await Caller.$current.withValue(caller) {
      do throws(CallFailure<O.Refusal>) {
        _ = try await bench.board.call(operation)
        return "in"
      } catch {
        switch error {
        case .denied(let denial): return denial.rawValue
        case .failed(let reason): return "failed: \(reason)"
        default: return "in"
        }
      }
    }
  }

  @Test func routesNameFieldsThatTheirOperationsHave() {
    #expect(IdentityModule.routes.flatMap(\.faults).isEmpty)
    _ = RouteTable(IdentityModule.routes)
  }
}
