import Kernel
import OrderingAPI
import Persistence
import ServiceKit
import Wire

/// The carts, one a person or browser.
struct CartStore: Sendable {
  func find(_ owner: CartOwner, in transaction: any Transaction) throws -> CartContents? {
    try transaction.first("SELECT restaurant_id, lines FROM ordering_carts WHERE owner = ?", .text(owner.key)) { row in
      CartContents(restaurantId: try row.optionalID(0), entries: try row.json(1))
    }
  }

  func save(_ cart: CartContents, of owner: CartOwner, at now: Instant, in transaction: any Transaction) throws {
    guard !cart.entries.isEmpty else { return try remove(owner, in: transaction) }
    try transaction.run(
      """
      INSERT INTO ordering_carts (owner, restaurant_id, lines, updated_at) VALUES (?, ?, ?, ?) ON CONFLICT (owner) DO UPDATE SET \
      restaurant_id = excluded.restaurant_id, lines = excluded.lines, updated_at = excluded.updated_at
      """, .text(owner.key), .id(cart.restaurantId), .json(cart.entries), .instant(now))
  }

  func remove(_ owner: CartOwner, in transaction: any Transaction) throws {
    try transaction.run("DELETE FROM ordering_carts WHERE owner = ?", .text(owner.key))
  }

  /// Forgets carts that nobody touched since; answers how many.
  func prune(before: Instant, limit: Int, in transaction: any Transaction) throws -> Int {
    try transaction.run(
      "DELETE FROM ordering_carts WHERE owner IN (SELECT owner FROM ordering_carts WHERE updated_at < ? ORDER BY updated_at LIMIT ?)",
      .instant(before), .integer(limit))
  }
}

/// Whose cart it is.
enum CartOwner: Hashable, Sendable {
  case person(UserID)
  /// Whoever holds the key that a browser made up.
  case browser(String)

  var key: String {
    switch self {
    case .person(let id): "user:\(id)"
    case .browser(let key): "key:\(key)"
    }
  }
}
