public import ServiceKit
public import WebClient

/// Saltmere, a city of our own writing that lives on a running server: founded on the first start, then ordered in, cooked in and
/// ridden through by bots, all through the public interface.
public struct DemoCity: Sendable {
  /// Who can sign in, for people to try.
  public struct SignIn: Sendable {
    public let role: String
    public let email: String
    public let password: String
  }

  private let server: WebAddress
  private let seed: UInt64
  private let time: TimeSource
  private let log: DemoLog
  private let password: String

  /// - Parameters:
  ///   - server: where the server listens.
  ///   - seed: the same seed gives the same city and passwords.
  ///   - time: the time the server runs on.
  ///   - announce: takes one line for the person at the terminal.
  public init(server: WebAddress, seed: UInt64 = 1, time: TimeSource, announce: @escaping @Sendable (String) -> Void) {
    self.server = server
    self.seed = seed
    self.time = time
    log = DemoLog(announce)
    password = Self.password(seed: seed)
  }

  /// The password of everybody in the city of that seed, the administrator's too.
  public static func password(seed: UInt64) -> String { "Saltmere-\(DemoChance(seed: seed, "password").word(10))-7" }

  /// The administrator that the server must know before the city starts.
  public static func admin(seed: UInt64) -> SignIn { SignIn(role: "admin", email: "admin@saltmere.example", password: password(seed: seed)) }

  /// One of each kind of person.
  public var signIns: [SignIn] {
    [Self.admin(seed: seed)]
      + ["owner", "customer", "courier"].map { SignIn(role: $0, email: "\($0)1@saltmere.example", password: password) }
  }

  /// Founds what is missing of the city and lets it live until cancelled.
  public func run() async {
    let client = WebClient(server, connections: 24)
    await live(client)
    await client.shutdown()
  }

  private func live(_ client: WebClient) async {
    let plan = CityPlan(seed: seed)
    let town = DemoTown(client: client, time: time, seed: seed, log: log)
    let founding = CityFounding(client: client, password: password, time: time)
    await withTaskGroup(of: Void.self) { city in
      // Tenants are founded four at a time; each kitchen opens as soon as it stands.
      await withTaskGroup(of: DemoSession?.self) { founders in
        var waiting = plan.tenants.makeIterator()
        func next() {
          guard let tenant = waiting.next() else { return }
          founders.addTask {
            var owner: DemoSession?
            await log.attempt("founding \(tenant.name)") { owner = try await founding.found(tenant) }
            return owner
          }
        }
        for _ in 0..<4 { next() }
        for await owner in founders {
          if let owner { city.addTask { await KitchenBot(owner, in: town).run() } }
          next()
        }
      }
      guard !Task.isCancelled else { return }
      log.say("demo: \(Saltmere.name) stands, its people are getting up")
      // Two at a time: signing in costs the server a password hash each.
      let couriers = await signIn(plan.couriers, as: "delivery_partner", client) { courier in
        city.addTask { await CourierBot(courier, in: town).run() }
      }
      let customers = await signIn(plan.customers, as: "customer", client) { _ in }
      guard !customers.isEmpty, !Task.isCancelled else { return }
      log.say("demo: \(plan.tenants.count * 2) restaurants, \(couriers.count) couriers, \(customers.count) customers")
      city.addTask { await CustomerBots(customers: customers, town: town).run() }
    }
  }

  /// Signs people in two at a time and hands each over at once.
  private func signIn(
    _ people: [Saltmere.Person], as role: String, _ client: WebClient, each: (DemoSession) -> Void
  ) async -> [DemoSession] {
    await withTaskGroup(of: DemoSession?.self) { group in
      var waiting = people.makeIterator()
      func next() {
        guard let person = waiting.next() else { return }
        group.addTask {
          var session: DemoSession?
          await log.attempt("signing in \(person.email)") {
            session = try await DemoSession.open(person, role: role, password: password, client, time)
          }
          return session
        }
      }
      for _ in 0..<2 { next() }
      var sessions: [DemoSession] = []
      for await session in group {
        if let session {
          sessions.append(session)
          each(session)
        }
        next()
      }
      return sessions
    }
  }
}
