import CatalogAPI
import Kernel
import Persistence
import ServiceKit

/// The texts that restaurants are found by: one row each, folded, so that both engines compare them alike.
struct SearchStore {
  let transaction: any Transaction

  init(_ transaction: any Transaction) { self.transaction = transaction }

  /// Keeps what the restaurant itself is called.
  func put(_ record: RestaurantRecord) throws {
    let details = record.details
    let place = [details.name, details.description ?? ""] + details.cuisineTypes
    try transaction.run(
      """
      INSERT INTO catalog_search (restaurant_id, place, dishes) VALUES (?, ?, '')
      ON CONFLICT (restaurant_id) DO UPDATE SET place = excluded.place
      """, .id(record.id), .text(SearchWords.folded(place.joined(separator: "\n"))))
  }

  /// Keeps what the dishes of a restaurant are called now.
  func putDishes(of restaurant: RestaurantID) throws {
    let names = try transaction.all("SELECT name FROM catalog_items WHERE restaurant_id = ? AND deleted_at IS NULL", .id(restaurant)) { $0.text(0) }
    try transaction.run(
      "UPDATE catalog_search SET dishes = ? WHERE restaurant_id = ?", .text(SearchWords.folded(names.joined(separator: "\n"))), .id(restaurant))
  }

  /// Restaurants that nobody finds: those that a version of the program without search wrote.
  func missing(limit: Int) throws -> [RestaurantID] {
    try transaction.all(
      """
      SELECT r.id FROM catalog_restaurants r WHERE NOT EXISTS (SELECT 1 FROM catalog_search s WHERE s.restaurant_id = r.id)
      ORDER BY r.id LIMIT ?
      """, .integer(limit)
    ) { try $0.id(0) }
  }
}

extension SearchWords {
  /// The condition under which a restaurant `r` has all the words, with its arguments.
  var condition: (sql: String, arguments: [SQLValue]) {
    let each = patterns.map { _ in "(s.place LIKE ? ESCAPE '!' OR s.dishes LIKE ? ESCAPE '!')" }.joined(separator: " AND ")
    return (
      "EXISTS (SELECT 1 FROM catalog_search s WHERE s.restaurant_id = r.id AND \(each))", patterns.flatMap { [.text($0), .text($0)] }
    )
  }
}
