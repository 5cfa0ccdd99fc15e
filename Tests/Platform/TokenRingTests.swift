import Kernel
import ServiceKit
import TestKit
import Testing
import Tokens

struct TokenRingTests {
  private let time = ManualTime()

  private func claims(_ roles: [Role] = [.customer]) -> AccessClaims {
    let ids = time.ids()
    return AccessClaims(
      user: ids.next(), roles: roles, tenant: ids.next(), session: ids.next(), issuedAt: time.now, expiresAt: time.now + .seconds(900))
  }

  @Test func whatIsSignedIsRead() async throws {
    let ring = TokenRing()
    try await ring.replace(with: [SigningKey(name: "one")])
    let claims = claims()
    let token = try await ring.sign(claims)
    #expect(await ring.verify(token) == claims)
    #expect(claims.caller?.roles == [.customer])
    #expect(claims.expiresAt == time.now + .seconds(900))
  }

  @Test func aTokenOfAnotherKeyIsNot() async throws {
    let (ring, other) = (TokenRing(), TokenRing())
    try await ring.replace(with: [SigningKey(name: "one")])
    try await other.replace(with: [SigningKey(name: "one")])
    #expect(try await ring.verify(await other.sign(claims())) == nil)
    // {"alg":"none","typ":"JWT"}, and claims without a signature.
    let payload = try await ring.sign(claims()).split(separator: ".")[1]
    #expect(await ring.verify("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.\(payload).") == nil)
    // {"alg":"HS256","typ":"JWT"}
    #expect(await ring.verify("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\(payload).AAAA") == nil)
  }

  @Test func aKeyThatWasKeptSignsOn() async throws {
    let key = SigningKey(name: "one")
    let (ring, later) = (TokenRing(), TokenRing())
    try await ring.replace(with: [key])
    try await later.replace(with: [try SigningKey(name: "one", pem: key.pem), SigningKey(name: "two")])
    #expect(try await later.verify(await ring.sign(claims())) != nil)
    #expect(later.publicKeys.map(\.kid) == ["one", "two"])
    #expect(later.publicKeys[0] == key.publicKey)
  }

  @Test func nobodyIsThePlatform() { #expect(claims([.system, .admin]).caller?.roles == [.admin]) }

  @Test func withoutAKeyNothingIsSigned() async {
    let ring = TokenRing()
    await #expect(throws: NoSigningKey.self) { try await ring.sign(claims()) }
  }

  @Test func opaqueTokensDifferAndDigestsAreSHA256() {
    let ids = time.ids()
    let tokens = (0..<100).map { _ in OpaqueToken(from: ids) }
    #expect(Set(tokens.map(\.text)).count == 100)
    #expect(tokens.allSatisfy { $0.text.utf8.count == 43 })
    #expect(TokenDigest(of: "abc").description == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
  }
}
