import IdentityAPI
import Kernel
import ServiceKit
import TestKit
import Testing

@testable import Identity

struct ProfileTests {
  private func ann(_ bench: Bench) async throws -> Caller { try #require(try await bench.caller(try await bench.register())) }
  private let home = GeoPoint(latitude: 51.5, longitude: -0.1)

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aProfileIsReadAndChanged(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let caller = try await ann(bench)
    let changed = try await bench.call(
      UpdateProfile(lastName: " Lee ", phone: "+1 (212) 555-0123", photoUrl: "https://pictures.example.com/ann.png"), as: caller)
    #expect(changed.firstName == "Ann" && changed.lastName == "Lee" && changed.phone == "+12125550123")
    #expect(try await bench.call(ReadMe(), as: caller) == changed)
    let emptied = try await bench.call(UpdateProfile(firstName: "", photoUrl: ""), as: caller)
    #expect(emptied.firstName == nil && emptied.photoUrl == nil && emptied.lastName == "Lee")
    for url in [
      "http://x.example/a", "javascript:alert(1)", "https://x\"onerror=1.example", "https://nohost", "https://a@b.example/", "data:image/png"
    ] {
      await Caller.$current.withValue(caller) { #expect(await faults(bench.board, UpdateProfile(photoUrl: url)) == ["photoUrl"], "\(url)") }
    }
    #expect(try await bench.call(ReadMe(), as: caller) == emptied)
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func oneOfTheAddressesIsTheDefault(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await Bench(delivery)
    let caller = try await ann(bench)
    let stranger = try #require(try await bench.caller(try await bench.register("bob@example.com")))
    let first = try await bench.call(AddAddress(label: "Home", text: "1 Quay", point: home), as: caller)
    #expect(first.isDefault)
    let second = try await bench.call(AddAddress(label: "Work", text: "2 Quay", point: home, isDefault: true), as: caller)
    func list() async throws -> [String] {
      try await bench.call(ListAddresses(), as: caller).items.map { $0.label + ($0.isDefault ? "*" : "") }
    }
    #expect(try await list() == ["Work*", "Home"])
    #expect(await bench.refusal(of: UpdateAddress(addressId: first.id, label: "Mine"), as: stranger) == .addressUnknown)
    #expect(await bench.refusal(of: RemoveAddress(addressId: first.id), as: stranger) == .addressUnknown)
    #expect(try await bench.call(ListAddresses(), as: stranger).items.isEmpty)
    _ = try await bench.call(UpdateAddress(addressId: first.id, label: "Flat", isDefault: true), as: caller)
    #expect(try await list() == ["Flat*", "Work"])
    _ = try await bench.call(RemoveAddress(addressId: first.id), as: caller)
    #expect(try await list() == ["Work*"])
    _ = try await bench.call(RemoveAddress(addressId: second.id), as: caller)
    #expect(try await list() == [])
    for _ in 0..<50 { _ = try await bench.call(AddAddress(label: "x", text: "y", point: home), as: caller) }
    #expect(await bench.refusal(of: AddAddress(label: "x", text: "y", point: home), as: caller) == .tooMany)
    #expect(try await list().filter { $0.hasSuffix("*") }.count == 1)
  }

  @Test func everyChangeOfAConsentIsKept() async throws {
    let bench = try await Bench()
    let caller = try await ann(bench)
    #expect(try await bench.call(ReadConsents(), as: caller).consents.isEmpty)
    for isGiven in [true, true, false] {
      await bench.time.advance(by: .seconds(1))
      _ = try await bench.call(ChangeConsent(purpose: .marketingMail, isGiven: isGiven), as: caller)
    }
    let standing = try await bench.call(ChangeConsent(purpose: .terms, isGiven: true), as: caller).consents
    #expect(standing.map(\.purpose) == [.terms, .marketingMail] && standing.map(\.isGiven) == [true, false])
    #expect(try await bench.count("identity_consents") == 3)
  }

  @Test func whoGoesIsForgotten() async throws {
    let bench = try await Bench()
    let signedIn = try await bench.register()
    let caller = try #require(try await bench.caller(signedIn))
    _ = try await bench.call(AddAddress(label: "Home", text: "1 Quay", point: home), as: caller)
    let data = try await bench.board.callAsSystem(ExportAccount(userId: signedIn.user.id))
    #expect(data.account == signedIn.user && data.addresses.count == 1 && data.sessions.count == 1)
    #expect(data.record.map(\.action) == [.dataExported, .registered])
    #expect(await bench.refusal(of: EraseMe(), as: caller) == .wrongPassword)
    #expect(await bench.refusal(of: EraseMe(password: "wrong"), as: caller) == .wrongPassword)
    _ = try await bench.call(EraseMe(password: "correct horse"), as: caller)
    #expect(try await bench.caller(signedIn) == nil)
    #expect(await refusal(bench.board, LogIn(email: "ann@example.com", password: "correct horse")) == .wrongCredentials)
    let rest = try await bench.database.read {
      try $0.first("SELECT email, first_name, password_hash, phone FROM identity_users") { row in (0..<4).allSatisfy { row.isNull($0) } }
    }
    #expect(rest == true)
    #expect(try await bench.count("identity_addresses") == 0)
    #expect(try await bench.events() == ["customer.created", "session.revoked", "person.erased"])
    // The address is free again, and is somebody new.
    #expect(try await bench.register().user.id != signedIn.user.id)
  }

  @Test func accountsThatWereGivenAreNotOnesOwnToEnd() async throws {
    let bench = try await Bench()
    let kim = try await bench.staff(of: bench.ids.next())
    let caller = try #require(try await bench.caller(kim))
    #expect(await bench.refusal(of: EraseMe(password: "correct horse"), as: caller) == .notOwn)
  }

  @Test func withoutAPasswordTheSignInMustBeFresh() async throws {
    let bench = try await Bench()
    _ = try await bench.board.call(RequestCode(phone: "+442071838750"))
    let signedIn = try await bench.board.call(VerifyCode(phone: "+442071838750", otp: try #require(try await bench.word())))
    let caller = try #require(try await bench.caller(signedIn))
    await bench.time.advance(by: .seconds(900))
    #expect(await bench.refusal(of: EraseMe(), as: caller) == .signInAgain)
    await bench.time.advance(by: .seconds(-1))
    _ = try await bench.call(EraseMe(), as: caller)
    #expect(try await bench.count("identity_phones") == 0)
  }
}
