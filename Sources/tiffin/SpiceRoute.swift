import CatalogAPI
import IdentityAPI
import Kernel
import Observability
import ServiceKit

/// The demo tenant "Spice Route": an id, a menu and three people that its descriptions name, so that examples can be written down.
struct SpiceRoute: Sendable {
  static let tenant = TenantID(high: 0x1111_1111_1111_1111, low: 0x1111_1111_1111_1111)
  static let name = "Spice Route"
  static let password = "Password@123"
  private static let owner = (email: "owner@spice-route.example", password: "Spice-Route-1")
  private static let staff: [(username: String, role: StaffRole)] = [
    ("manager1", .manager), ("kitchen_staff1", .kitchenStaff), ("waiter1", .waiter)
  ]
  private static let menu: [(category: String, dishes: [(name: String, price: Int, description: String)])] = [
    ("Appetizers", [("Vegetable Samosa", 149, "Crisp pastry with potatoes and peas")]),
    (
      "Main Course",
      [
        ("Hyderabadi Biryani", 349, "Basmati rice with spiced chicken"), ("Butter Chicken", 399, "In tomato and cream"),
        ("Dal Makhani", 279, "Black lentils, cooked overnight")
      ]
    ),
    ("Sides", [("Garlic Naan", 79, "From the tandoor")]), ("Desserts", [])
  ]

  let switchboard: Switchboard

  /// Founds what is not there yet.
  ///
  /// - Returns: who can sign in, in lines for people; why nobody can, where founding failed.
  func found() async -> [String] {
    do {
      let owner = try await ownerID()
      let tenant = try await switchboard.callAsSystem(FoundTenant(tenantId: Self.tenant, name: Self.name, ownerId: owner))
      let caller = Caller(user: owner, tenant: tenant.id, roles: [.owner])
      try await Caller.$current.withValue(caller) {
        try await foundRestaurant()
        for (username, role) in Self.staff { try await hire(username, role) }
      }
      return [
        "  \(Self.name)  tenant \(Self.tenant)  staff \(Self.staff.map(\.username).joined(separator: ", "))  password \(Self.password)",
        "  owner      \(Self.owner.email)   password \(Self.owner.password)"
      ]
    } catch {
      Log("demo").warning("Spice Route was not founded", ["reason": "\(error)"])
      return []
    }
  }

  private func ownerID() async throws -> UserID {
    do throws(CallFailure<RegisterRefusal>) {
      return try await switchboard.call(Register(email: Self.owner.email, password: Self.owner.password, firstName: "Priya", lastName: "Rao")).user.id
    } catch .refused(.emailTaken) {
      return try await switchboard.call(LogIn(email: Self.owner.email, password: Self.owner.password)).user.id
    } catch {
      throw error
    }
  }

  private func foundRestaurant() async throws {
    guard try await switchboard.call(ListMyRestaurants()).items.isEmpty else { return }
    let day = DailyInterval(opens: TimeOfDay(minutes: 11 * 60), closes: TimeOfDay(minutes: 23 * 60))
    let restaurant = try await switchboard.call(
      CreateRestaurant(
        tenantId: Self.tenant, name: Self.name, cuisineTypes: ["indian"], address: "12 Church Street, Bengaluru",
        point: GeoPoint(latitude: 12.9752, longitude: 77.6050), timeZone: "Asia/Kolkata", currency: try currency(),
        openingHours: .daily([day])))
    for (number, section) in Self.menu.enumerated() {
      let category = try await switchboard.call(CreateCategory(restaurantId: restaurant.id, name: section.category, sortOrder: number))
      guard !section.dishes.isEmpty else { continue }
      let items = section.dishes.enumerated().map { place, dish in
        MenuItemDraft(
          categoryId: category.id, name: dish.name, price: Amount(units: dish.price, scale: 0), description: dish.description, sortOrder: place)
      }
      _ = try await switchboard.call(CreateMenuItems(restaurantId: restaurant.id, items: items))
    }
  }

  private func currency() throws -> Currency {
    guard let currency = Currency(code: "INR") else { throw CommandFault("INR is no currency") }
    return currency
  }

  /// Opens an account, its first password replaced by the one of the demo; leaves an account of the name as it is.
  private func hire(_ username: String, _ role: StaffRole) async throws {
    do throws(CallFailure<StaffRefusal>) {
      let made = try await switchboard.call(CreateStaff(tenantId: Self.tenant, username: username, role: role, firstName: username))
      _ = try? await switchboard.call(
        ReplaceFirstPassword(tenantId: Self.tenant, username: username, password: made.firstPassword, newPassword: Self.password))
    } catch .refused(.usernameTaken) {
      return
    } catch {
      throw error
    }
  }
}
