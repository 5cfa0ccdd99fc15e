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

  func register(_ name: String, role: String? = nil) async throws -> (Session, SignedIn) {
    let body = Registration(email: "\(name)-\(run)@simulation.example", password: Self.password, firstName: name, lastName: "Simulated", role: role)
    let signed = try await notebook.attempt("register") {
      try await client.send(.post, "/api/auth/register", body, as: SignedIn.self)
    }
    return (Session(client: client, user: signed.user.id, token: signed.accessToken, notebook: notebook), signed)
  }

  func customers(_ count: Int) async throws -> [Session] {
    try await inParallel(Array(0..<count)) { try await register("customer\($0)").0 }
  }

  func couriers() async throws -> [(Instance.Courier, Session)] {
    try await inParallel(instance.couriers) { courier in
      let (session, _) = try await register("courier-\(courier.name)", role: "delivery_partner")
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
    let tenant = try await notebook.attempt("createTenant") {
      try await client.send(.post, "/api/tenants", NewTenant(name: "Tenant of \(restaurant.name)"), token: owner.token, as: Made<TenantEntity>.self)
    }
    // The roles of a tenant stand in the token, so a new one is needed.
    if let refresh = signed.refreshToken {
      signed = try await notebook.attempt("refresh") {
        try await client.send(.post, "/api/auth/refresh", RefreshRequest(refreshToken: refresh), as: SignedIn.self)
      }
    }
    owner.token = signed.accessToken
    let allDay = [NewInterval(opens: "00:00", closes: "24:00")]
    let body = NewRestaurant(
      name: "Restaurant \(restaurant.name)", address: "\(restaurant.name) Street, Simulation City", point: map.point(restaurant.spot),
      timeZone: "America/New_York", currency: .usd, cuisineTypes: ["simulated"],
      openingHours: NewWeek(monday: allDay, tuesday: allDay, wednesday: allDay, thursday: allDay, friday: allDay, saturday: allDay, sunday: allDay),
      preparationMinutes: 15, deliveryRadiusMeters: 50_000, acceptsDelivery: true, acceptsPickup: true)
    let token = owner.token
    let made = try await notebook.attempt("createRestaurant") {
      try await client.send(.post, "/api/restaurants", body, token: token, as: Made<RestaurantEntity>.self)
    }
    let category = try await notebook.attempt("createCategory") {
      try await client.send(.post, "/api/menus/categories", NewCategory(restaurantId: made.id, name: "Dishes"), token: token, as: Made<CategoryEntity>.self)
    }
    var first: MenuItemID?
    for number in 0..<dishes {
      let item = try await notebook.attempt("createMenuItem") {
        try await client.send(
          .post, "/api/menus/items",
          NewItem(
            restaurantId: made.id, categoryId: category.id, name: "Dish \(number + 1) of the day", price: Self.price,
            description: "What the kitchen makes best, number \(number + 1), with rice and greens on the side."),
          token: token, as: Made<MenuItemEntity>.self)
      }
      first = first ?? item.id
    }
    guard let first else { preconditionFailure("a kitchen has a dish") }
    return Kitchen(restaurant: restaurant, owner: owner, tenant: tenant.id, id: made.id, dish: first)
  }
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

@Wire struct NewTenant { var name: String }

/// The id of something just made.
struct Made<Entity>: WireValue {
  var id: Identifier<Entity>

  static func read(_ reader: inout JSONReader) -> Made? {
    guard reader.beginObject() else { return nil }
    var id: Identifier<Entity>?
    var first = true
    while let key = reader.nextKey(first: &first) {
      if key == "id" { id = reader.field("id") } else { reader.skip() }
    }
    guard let id else { reader.missing("id"); return nil }
    return Made(id: id)
  }

  func write(to writer: inout JSONWriter) { id.write(to: &writer) }
  static var schema: Schema { Identifier<Entity>.schema }
}

@Wire struct NewInterval {
  var opens: String
  var closes: String
}

@Wire struct NewWeek {
  var monday: [NewInterval]
  var tuesday: [NewInterval]
  var wednesday: [NewInterval]
  var thursday: [NewInterval]
  var friday: [NewInterval]
  var saturday: [NewInterval]
  var sunday: [NewInterval]
}

@Wire struct NewRestaurant {
  var name: String
  var address: String
  var point: GeoPoint
  var timeZone: String
  var currency: Currency
  var cuisineTypes: [String]
  var openingHours: NewWeek
  var preparationMinutes: Int
  var deliveryRadiusMeters: Int
  var acceptsDelivery: Bool
  var acceptsPickup: Bool
}

@Wire struct NewCategory {
  var restaurantId: RestaurantID
  var name: String
}

@Wire struct NewItem {
  var restaurantId: RestaurantID
  var categoryId: CategoryID
  var name: String
  var price: Amount
  var description: String
}
