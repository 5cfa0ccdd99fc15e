import Foundation
import IdentityAPI
import Kernel
import OrderingAPI
import ServiceKit
public import WebClient
import Wire

/// One real day played against a running server: everyone comes, orders, cooks and rides, and in the end all of it is checked from outside.
public struct SimulatedDay: Sendable {
  /// How the day is played.
  public struct Options: Sendable {
    /// Server seconds between two positions of a courier.
    public var positionSeconds = 15
    /// Picks who orders and who pays in cash.
    public var seed: UInt64 = 1
    /// Share of orders paid in cash, in percent.
    public var cashPercent = 10
    /// How many minutes of the day the end may take after the last order.
    public var closingMinutes = 120
    /// Seconds of ours between two progress lines.
    public var progressSeconds = 2
    /// Whether a person gives what stands on the manual list to idle couriers.
    public var hasDispatcher = false
    public var adminEmail: String
    public var adminPassword: String
    /// Tells this run from others at the same server.
    public var run: String

    public init(adminEmail: String, adminPassword: String, run: String) {
      self.adminEmail = adminEmail
      self.adminPassword = adminPassword
      self.run = run
    }
  }

  /// What came out of a day.
  public struct Outcome: Sendable {
    public let table: DayTable
    public let breaches: [Breach]
    public let files: SolutionFiles
  }

  private let instance: Instance
  private let client: WebClient
  private let options: Options
  private let notebook: Notebook
  private let map = CityMap()
  private let say: @Sendable (String) -> Void

  /// - Parameter say: takes the progress line, again and again.
  public init(_ instance: Instance, client: WebClient, options: Options, say: @escaping @Sendable (String) -> Void) {
    self.instance = instance
    self.client = client
    self.options = options
    self.say = say
    notebook = Notebook(instance)
  }

  /// Plays the day to its end.
  ///
  /// - Throws: when the server is not there, or the city cannot be made; what goes wrong later is counted in the table.
  public func play() async throws -> Outcome {
    let (time, uncertainty) = try await DayClock.time(of: client)
    say("server clock runs \(time.speed) times as fast, known to \(DayTable.number(uncertainty)) ms; making the city")
    let admin = try await signInAsAdmin()
    let builder = CityBuilder(client: client, notebook: notebook, instance: instance, map: map, run: options.run)
    let kitchens = try await builder.kitchens()
    let customers = try await builder.customers(max(1, min(100, instance.orders.count / 4)))
    let riders = try await builder.couriers()

    let first = (instance.orders.first?.placementMinute ?? 0) - 5
    // A second of ours, so that everyone is on their socket when the first minute comes.
    let clock = DayClock(time: time, start: time.now + .seconds(time.speed * 1.5), firstMinute: first)
    let desk = OrderDesk(instance.orders)
    let cooks = try await inParallel(kitchens) { try await KitchenBot($0, desk: desk, clock: clock) }
    let guests = try await inParallel(Array(customers.enumerated())) {
      try await CustomerBot($1, name: "customer \($0)", desk: desk, clock: clock, map: map, run: options.run)
    }
    let plan = plan(guests: guests.count)
    let bikes = try await inParallel(riders) { courier, session in
      try await CourierBot(courier, session, instance: instance, desk: desk, clock: clock, map: map) { ticket, id in
        try await guests[plan[ticket.order.name]?.guest ?? 0].handOverCode(of: id)
      }
    }
    say("\(cooks.count) restaurants, \(bikes.count) couriers and \(guests.count) customers are on their sockets")

    await withTaskGroup(of: Void.self) { group in
      for cook in cooks { group.addTask { await cook.work() } }
      for guest in guests { group.addTask { await guest.catchUp() } }
      for bike in bikes { group.addTask { await bike.work() } }
      group.addTask { await sendPositions(bikes, clock) }
      group.addTask { await report(desk, bikes, clock) }
      if options.hasDispatcher { group.addTask { await assignByHand(bikes, admin, desk, clock) } }
      await placeAll(desk, guests, cooks, plan, clock)
      await awaitEnds(desk, clock)
      // Nobody comes any more for what is not ready, and a wait for it would never end.
      for ticket in desk.tickets { ticket.ready.fulfil(false) }
      for bike in bikes { bike.close() }
      group.cancelAll()
    }
    let closing = DayClosing(notebook: notebook, admin: admin, desk: desk)
    try await closing.end(cooks)
    try await closing.check(cooks, guests, following: plan.mapValues { "customer \($0.guest)" })
    for cook in cooks { cook.close() }
    for guest in guests { guest.close() }
    let record = notebook.record
    return Outcome(table: DayTable(record), breaches: notebook.breaches, files: SolutionFiles(record))
  }

  private func signInAsAdmin() async throws -> Session {
    let signed: SignedIn
    do {
      signed = try await client.send(.post, "/api/auth/login", LogIn(email: options.adminEmail, password: options.adminPassword))
    } catch let problem as WebProblem {
      throw InstanceFault(
        "signing in as administrator \(options.adminEmail) was refused (\(problem)): give --admin-email and --admin-password of the server")
    }
    return Session(client: client, user: signed.user.id, token: signed.accessToken, notebook: notebook)
  }

  // MARK: Who orders

  struct Choice: Sendable {
    var guest: Int
    var isCash: Bool
  }

  private func plan(guests: Int) -> [String: Choice] {
    var random = SplitMix(seed: options.seed)
    var plan: [String: Choice] = [:]
    for order in instance.orders {
      plan[order.name] = Choice(
        guest: Int.random(in: 0..<guests, using: &random), isCash: Int.random(in: 0..<100, using: &random) < options.cashPercent)
    }
    return plan
  }

  private func placeAll(_ desk: OrderDesk, _ guests: [CustomerBot], _ cooks: [KitchenBot], _ plan: [String: Choice], _ clock: DayClock) async {
    let kitchens = Dictionary(uniqueKeysWithValues: cooks.map { ($0.kitchen.restaurant.name, $0.kitchen) })
    await withDiscardingTaskGroup { group in
      // The tickets stand in the order of their placement, so one wait follows the other.
      for ticket in desk.tickets {
        guard let kitchen = kitchens[ticket.order.restaurant], let choice = plan[ticket.order.name] else { continue }
        do { try await clock.wait(until: Double(ticket.order.placementMinute)) } catch { return }
        group.addTask {
          do { try await guests[choice.guest].place(ticket, at: kitchen, isCash: choice.isCash) } catch { notebook.failed("place", error) }
        }
      }
    }
  }

  /// Until every order ended, or the closing time after the last one has passed.
  private func awaitEnds(_ desk: OrderDesk, _ clock: DayClock) async {
    let last = (instance.orders.map(\.readyMinute).max() ?? 0) + options.closingMinutes
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        for ticket in desk.tickets { _ = await ticket.ended.wait() }
        return true
      }
      group.addTask {
        try? await clock.wait(until: Double(last))
        // Releases the other wait; what ends later has ended already for everyone here.
        if !Task.isCancelled { for ticket in desk.tickets { ticket.ended.fulfil(nil) } }
        return false
      }
      _ = await group.next()
      group.cancelAll()
    }
    // Couriers still write down what they just brought.
    try? await ContinuousClock().sleep(for: .milliseconds(500))
  }

  // MARK: What goes on beside

  private func sendPositions(_ bikes: [CourierBot], _ clock: DayClock) async {
    let slots = 10
    var slot = 0
    // Each tenth of the interval a tenth of the couriers speaks, so that the server sees a stream and no bursts.
    while !Task.isCancelled {
      for index in stride(from: slot, to: bikes.count, by: slots) where bikes[index].isOnline { bikes[index].sendPosition() }
      slot = (slot + 1) % slots
      do { try await clock.time.sleep(for: .seconds(options.positionSeconds) / slots) } catch { return }
    }
  }

  /// A dispatcher who looks at the manual list and gives what stands there to the nearest idle courier.
  private func assignByHand(_ bikes: [CourierBot], _ admin: Session, _ desk: OrderDesk, _ clock: DayClock) async {
    while !Task.isCancelled {
      do { try await clock.time.sleep(for: .seconds(60)) } catch { return }
      await Dispatcher(admin: admin, desk: desk, clock: clock).look(at: bikes)
    }
  }

  private func report(_ desk: OrderDesk, _ bikes: [CourierBot], _ clock: DayClock) async {
    var told = 0
    while !Task.isCancelled {
      do { try await ContinuousClock().sleep(for: .seconds(options.progressSeconds)) } catch { return }
      for breach in notebook.breaches(from: told) {
        say("BREACH at minute \(Int(clock.minute)): \(breach)")
        told += 1
      }
      let record = notebook.record
      let minute = Int(clock.minute)
      let placed = desk.tickets.count { $0.placed.value != nil }
      let ended = desk.tickets.count { $0.ended.value != nil }
      let errors = record.errors.values.reduce(0, +)
      let hour = minute >= 0 ? String(format: "%02d:%02d", minute / 60, minute % 60) : "before"
      say(
        "\(hour)  placed \(placed)  under way \(placed - ended)  delivered \(record.deliveredCount)  online \(bikes.count { $0.isOnline })  frames \(record.framesSeen)  errors \(errors)  breaches \(notebook.breachCount)"
      )
    }
  }
}

/// A small generator that gives the same numbers for the same seed (SplitMix64).
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64
  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
