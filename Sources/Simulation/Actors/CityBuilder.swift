import CatalogAPI
import DeliveryAPI
import IdentityAPI
import Kernel
import ServiceKit
import WebClient
import Wire

/// Makes the people and places of an instance at the server, as their owners would: over HTTP, each signed in.
struct CityBuilder: Sendable {
  let client: WebClient
  let notebook: Notebook
  let instance: Instance
  let map: CityMap
  /// Tells the e-mail addresses of one run from those of another at the same server.
  let run: String

  static let price = Amount(units: 1200)
  static let password = "a-Long-Enough-Passw0rd"

  func register(_ name: String, role: SignUpRole = .customer) async throws -> (Session, SignedIn) {
    let person = Register(
      email: "\(name)-\(run)@simulation.example", password: Self.password, firstName: name, lastName: "Simulated", role: role)
    let signed = try await notebook.attempt("register") { try await client.send(.post, "/api/auth/register", person, as: SignedIn.self) }
    return (Session(client: client, user: signed.user.id, token: signed.accessToken, notebook: notebook), signed)
  }

  func customers(_ count: Int) async throws -> [Session] {
    try await inParallel(Array(0..<count)) { try await register("customer\($0)").0 }
  }

  func couriers() async throws -> [(Instance.Courier, Session)] {
    try await inParallel(instance.couriers) { courier in
      let (session, _) = try await register("courier-\(courier.name)", role: .deliveryPartner)
      _ = try await session.ask(RegisterPartner(vehicleType: .car, name: "Courier \(courier.name)"), .post, "/api/delivery-partner")
      return (courier, session)
    }
  }

  /// A restaurant with its owner and its one dish.
  struct Kitchen: Sendable {
    let restaurant: Instance.Restaurant
    let owner: Session
    let tenant: TenantID
    let id: RestaurantID
    let dish: MenuItemID
  }

  func kitchens() async throws -> [Kitchen] { try await inParallel(instance.restaurants) { try await kitchen($0) } }

  func kitchen(_ restaurant: Instance.Restaurant, dishes: Int = 1) async throws -> Kitchen {
    var (owner, signed) = try await register("owner-\(restaurant.name)")
    let tenant = try await owner.ask(CreateTenant(name: "Tenant of \(restaurant.name)"), .post, "/api/tenants")
    // The roles of a tenant stand in the token, so a new one is needed.
    for _ in 0..<20 where signed.user.tenantId == nil {
      signed = try await owner.ask(RefreshSession(refreshToken: signed.refreshToken), .post, "/api/auth/refresh")
      owner.token = signed.accessToken
      if signed.user.tenantId == nil { try await ContinuousClock().sleep(for: .milliseconds(100)) }
    }
    let made = try await owner.ask(
      CreateRestaurant(
        name: "Restaurant \(restaurant.name)", cuisineTypes: ["simulated"], address: "\(restaurant.name) Street, Simulation City",
        point: map.point(restaurant.spot), timeZone: "America/New_York", currency: .usd, openingHours: Self.always, preparationMinutes: 15,
        deliveryRadiusMeters: 50_000),
      .post, "/api/restaurants")
    let category = try await owner.ask(CreateCategory(restaurantId: made.id, name: "Dishes"), .post, "/api/menus/categories")
    let drafts = (0..<dishes).map { number in
      MenuItemDraft(
        categoryId: category.id, name: "Dish \(number + 1) of the day", price: Self.price,
        description: "What the kitchen makes best, number \(number + 1), with rice and greens on the side.", sortOrder: number)
    }
    let items = try await owner.ask(CreateMenuItems(restaurantId: made.id, items: drafts), .post, "/api/menus/items/batch").items
    guard let first = items.first else { throw NoAnswer(request: "POST /api/menus/items/batch", reason: "no dish came back") }
    return Kitchen(restaurant: restaurant, owner: owner, tenant: tenant.id, id: made.id, dish: first.id)
  }

  private static let always = OpeningHours.daily([DailyInterval(opens: TimeOfDay(minutes: 0), closes: TimeOfDay(minutes: 1440))])
}

/// Does something for each value, a few at a time, and answers in the values' order.
func inParallel<Value: Sendable, Made: Sendable>(
  _ values: [Value], width: Int = 8, _ body: @escaping @Sendable (Value) async throws -> Made
) async throws -> [Made] {
  try await withThrowingTaskGroup(of: (Int, Made).self) { group in
    var made = [Made?](repeating: nil, count: values.count)
    var next = 0
    func start() {
      guard next < values.count else { return }
      let (index, value) = (next, values[next])
      next += 1
      group.addTask { (index, try await body(value)) }
    }
    for _ in 0..<width { start() }
    while let (index, one) = try await group.next() {
      made[index] = one
      start()
    }
    return made.compactMap(\.self)
  }
}
