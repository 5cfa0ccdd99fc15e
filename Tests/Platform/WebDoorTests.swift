import Caching
import Testing

@testable import WebServer

/// Who a request comes from, which other pages may send it, and what it may ask for in a while.
@Suite struct WebDoorTests {
  // MARK: Addresses

  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1", "192.0.2.1"), ("::1", "0:0:0:0:0:0:0:1", "0:0:0:0::/64"),
    ("2001:DB8:1:2:3:4:5:6", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"), ("2001:db8::", "2001:db8:0:0:0:0:0:0", "2001:db8:0:0::/64")
  ]) func addressesAreReadAndCountedByHousehold(text: String, written: String, block: String) {
    #expect(ClientAddress(text)?.description == written)
    #expect(ClientAddress(text)?.block == block)
  }

  @Test(arguments: [
    "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "+1.2.3.4", "1.2.3.-4", ":", ":::", "1::2::3", "12345::", "g::", "1:2:3:4:5:6:7:8:9", "unknown"
  ])
  func whatIsNoAddressIsNone(text: String) { #expect(ClientAddress(text) == nil) }

  @Test(arguments: [
    // Nobody is believed where nobody is trusted.
    ("", "198.51.100.7", "1.1.1.1", "198.51.100.7"),
    // What the client wrote itself stands left of what the proxy added.
    ("10.0.0.0/8", "10.1.2.3", "1.1.1.1, 203.0.113.9", "203.0.113.9"), ("10.0.0.0/8", "10.1.2.3", "1.1.1.1, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
    ("10.0.0.0/8", "10.1.2.3", "10.7.7.7, 10.9.9.9", "10.7.7.7"),
    // The header of one who is no proxy of ours means nothing.
    ("10.0.0.0/8", "198.51.100.7", "1.1.1.1", "198.51.100.7"), ("10.0.0.0/9", "10.200.0.1", "1.1.1.1", "10.200.0.1"),
    ("10.0.0.0/8", "10.1.2.3", "nonsense", "10.1.2.3"), ("10.0.0.0/8", "10.1.2.3", "1.1.1.1, nonsense", "10.1.2.3"),
    ("2001:db8::/33", "2001:db8:7fff::1", "203.0.113.9", "203.0.113.9"),
    ("2001:db8::/33", "2001:db8:8000::1", "203.0.113.9", "2001:db8:8000:0:0:0:0:1")
  ]) func theClientIsTheFirstFromTheRightThatIsNoProxy(trusted: String, peer: String, header: String, client: String) throws {
    let proxies = try #require(TrustedProxies(trusted))
    #expect(proxies.client(peer: try #require(ClientAddress(peer)), forwardedFor: header).description == client)
    #expect(proxies.client(peer: try #require(ClientAddress(peer)), forwardedFor: nil).description == ClientAddress(peer)?.description)
  }

  @Test(arguments: ["10.0.0.0/33", "10.0.0.0/", "10.0.0.0/8/8", "proxy.example", "10.0.0.1 10.0.0.2x", "::/129"])
  func whatNamesNoProxiesIsRefused(text: String) { #expect(TrustedProxies(text) == nil) }

  @Test func limitsCountTheClientBehindTheProxy() async throws {
    let limits = RateLimits([.address: [RateAllowance(1, per: .seconds(600))]])
    try await withServer({
      $0.limits = limits; $0.trustedProxies = TrustedProxies("127.0.0.1")!
    }) { port throws in
      func status(_ forwardedFor: String) throws -> Int { try ask(port, "GET", thingPath, ["X-Forwarded-For": forwardedFor]).status }
      #expect(try status("203.0.113.1") == 200)
      #expect(try status("203.0.113.1") == 429)
      #expect(try status("8.8.8.8, 203.0.113.1") == 429, "what the client writes itself does not help it")
      #expect(try status("203.0.113.2") == 200)
    }
  }

  // MARK: Allowances

  @Test func theAllowanceNearestToItsEndIsTold() async {
    let limits = RateLimits([.address: [RateAllowance(3, per: .seconds(60)), RateAllowance(4, per: .seconds(3600))]])
    let now = NowBox()
    let limiter = RateLimiter(limits, now: { now.value })
    func take() async -> RateLimiter.Verdict? { await limiter.take(.address, "192.0.2.1") }
    #expect(await [take(), take(), take()].map { $0?.remaining } == [2, 1, 0])
    let refused = await take()
    #expect(refused?.isAllowed == false && refused?.limit == 3 && refused?.resetSeconds == 20)
    now.value += 60_000_000_000
    let last = await take()
    #expect(last?.isAllowed == true && last?.limit == 4 && last?.remaining == 0)
    let hour = await take()
    #expect(hour?.isAllowed == false && hour?.limit == 4, "the minute is fresh, the hour is used up")
    #expect(await limiter.take(.address, "192.0.2.2")?.isAllowed == true)
    #expect(await limiter.take(.user, "192.0.2.1") == nil)
  }

  @Test func usersAndTenantsHaveAllowancesWhereverTheyAskFrom() async throws {
    let once = [RateAllowance(1, per: .seconds(600))]
    for bucket in [RateLimits.Bucket.user, .tenant] {
      try await withServer({
        $0.limits = RateLimits([bucket: once]); $0.trustedProxies = TrustedProxies("127.0.0.1")!
      }) { port throws in
        func status(_ address: String, _ token: String) throws -> Int {
          try ask(port, "GET", thingPath, ["X-Forwarded-For": address, "Authorization": "Bearer \(token)"]).status
        }
        #expect(try status("203.0.113.1", "staff") == 200)
        #expect(try status("203.0.113.2", "staff") == 429, "\(bucket)")
        #expect(try ask(port, "GET", thingPath).status == 200)
      }
    }
  }

  // MARK: Other origins

  @Test func pagesOfAllowedOriginsMayReadTheAnswers() async throws {
    let shop = "https://shop.example"
    try await withServer({ $0.crossOrigin = CrossOrigin("https://Shop.example, http://localhost:3000")! }) { port throws in
      let preflight = ["Origin": shop, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"]
      let asked = try ask(port, "OPTIONS", thingPath, preflight)
      #expect(asked.status == 204)
      #expect(asked["Access-Control-Allow-Origin"] == shop)
      #expect(asked["Access-Control-Allow-Credentials"] == "true")
      #expect(asked["Access-Control-Allow-Methods"]?.contains("PUT") == true)
      #expect(asked["Access-Control-Allow-Headers"]?.contains("Idempotency-Key") == true)
      let read = try ask(port, "GET", thingPath, ["Origin": shop])
      #expect(read["Access-Control-Allow-Origin"] == shop && read["Vary"] == "Origin")
      #expect(try ask(port, "GET", "/nowhere", ["Origin": shop])["Access-Control-Allow-Origin"] == shop, "a page must be able to read what is wrong")
      for stranger in ["https://evil.example", "https://shop.example.evil.example", "null", "http://shop.example"] {
        let answer = try ask(port, "OPTIONS", thingPath, preflight.merging(["Origin": stranger]) { $1 })
        #expect(answer["Access-Control-Allow-Origin"] == nil && answer["Access-Control-Allow-Methods"] == nil, "\(stranger)")
      }
    }
  }

  @Test func aCookieWritesFromAllowedOriginsOnly() async throws {
    try await withServer({ $0.crossOrigin = CrossOrigin("https://shop.example")! }) { port throws in
      func status(_ origin: String) throws -> Int {
        try ask(port, "POST", "/misbehave", ["Cookie": "tiffin_session=kept", "Origin": origin], body: #"{"how":"replay"}"#).status
      }
      #expect(try status("https://shop.example") == 200)
      #expect(try status("https://evil.example") == 403)
    }
  }

  @Test(arguments: ["*", "shop.example", "https://", "https://shop.example/", "https://a@shop.example", "ftp://shop.example"])
  func whatIsNoOriginIsRefused(text: String) { #expect(CrossOrigin(text) == nil) }
}

/// A clock that a test moves; used by one test at a time.
private final class NowBox: @unchecked Sendable { var value: UInt64 = 1 }

private let thingPath = "/things/\(someThing)"
