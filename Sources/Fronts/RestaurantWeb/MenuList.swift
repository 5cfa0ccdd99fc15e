import CatalogAPI
import Kernel
import Pages
import WebServer

/// The dishes of a restaurant as staff see them, those that are out included.
enum MenuList {
  /// All dishes in the order of the menu.
  static func items(_ place: Workplace) async throws(Problem) -> [MenuItem] {
    do {
      let request = place.request
      async let listed = request.call(ListCategories(restaurantId: place.restaurant.id)).items
      var items: [MenuItem] = []
      var cursor: String?
      repeat {
        let page = try await request.call(ListMenuItems(restaurantId: place.restaurant.id, limit: 100, cursor: cursor))
        items += page.items
        cursor = page.nextCursor
      } while cursor != nil
      let order = Dictionary(try await listed.map { ($0.id, $0.sortOrder) }) { first, _ in first }
      return items.sorted {
        (order[$0.categoryId] ?? 0, $0.sortOrder, $0.name) < (order[$1.categoryId] ?? 0, $1.sortOrder, $1.name)
      }
    } catch let failure as any ProblemMaking { throw failure.problem } catch { throw .internal }
  }

  static func fields(_ item: MenuItem, _ place: Workplace, isFirst: Bool = true, isLast: Bool = true) -> [String: Any] {
    let texts = place.request.texts
    var fields: [String: Any] = [
      "id": "\(item.id)", "name": item.name, "price": place.request.formats.money(item.price, item.currency), "version": item.version,
      "isAvailable": item.isAvailable, "href": "\(place.home)/menu/items/\(item.id)", "home": place.home, "isFirst": isFirst, "isLast": isLast,
      "state": texts[item.isAvailable ? "restaurant.script.item.on" : "restaurant.script.item.off"], "description": item.description ?? ""
    ]
    if !item.isAvailable, let until = item.unavailableUntil {
      fields["state"] = texts("restaurant.script.item.offUntil", ["time": place.clock(until)])
    }
    return fields
  }
}
