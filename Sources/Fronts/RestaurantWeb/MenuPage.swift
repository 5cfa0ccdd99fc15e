import CatalogAPI
import Kernel
import Pages
import ServiceKit
import WebServer
import Wire

/// The menu as it is edited: categories in their order with their dishes.
enum MenuPage {
  static func show(_ request: PageRequest) async throws -> WebResponse { try await page(Workplace(request), problem: nil) }

  /// - Parameter problem: what the server said of a form of this page.
  private static func page(_ place: Workplace, problem: Problem?) async throws -> WebResponse {
    let request = place.request
    async let listed = request.call(ListCategories(restaurantId: place.restaurant.id)).items
    let items = try await MenuList.items(place)
    let categories = try await listed.sorted { ($0.sortOrder, $0.name) < ($1.sortOrder, $1.name) }
    let byCategory = Dictionary(grouping: items, by: \.categoryId)
    let failed = request.form["categoryId"]
    let shown = categories.enumerated().map { index, category -> [String: Any] in
      let dishes = byCategory[category.id] ?? []
      let isFailed = problem != nil && failed == "\(category.id)"
      var fields: [String: Any] = [
        "id": "\(category.id)", "name": category.name, "version": category.version, "isEmpty": dishes.isEmpty, "isFirst": index == 0,
        "isLast": index == categories.count - 1, "count": request.texts.counting("restaurant.menu.dishes", dishes.count),
        "home": place.home, "isOpen": isFailed, "typedName": isFailed ? request.form["name"] ?? "" : category.name,
        "typedDescription": isFailed ? request.form["description"] ?? "" : category.description ?? "",
        "dishes": dishes.enumerated().map { at, item in
          MenuList.fields(item, place, isFirst: at == 0, isLast: at == dishes.count - 1)
        }
      ]
      fields["description"] = category.description
      if isFailed, let problem {
        let faults = problem.faults.map { request.sentence(of: $0) }
        fields["error"] = faults.isEmpty ? request.sentence(of: problem) : faults.joined(separator: " ")
      }
      return fields
    }
    let isAdding = problem != nil && failed == nil
    return try place.page(
      "restaurant/menu", at: .menu, status: problem?.status ?? 200,
      [
        "categories": shown, "hasCategories": !shown.isEmpty, "f": request.formFields(["name", "description"], problem: isAdding ? problem : nil),
        "isAdding": isAdding
      ])
  }

  static func change(_ request: PageRequest) async throws -> WebResponse {
    let place = try await Workplace(request)
    let done: String?
    do throws(Problem) { done = try await carryOut(place) } catch { return try await page(place, problem: error) }
    return request.redirect(to: "\(place.home)/menu\(done.map { "?done=\($0)" } ?? "")\(request.form["at"].map { "#\($0)" } ?? "")")
  }

  /// - Returns: what is told afterwards.
  private static func carryOut(_ place: Workplace) async throws(Problem) -> String? {
    let request = place.request
    let form = TypedForm(request)
    let category: CategoryID? = request.form.id("categoryId")
    switch (request.form["do"], category) {
    case ("addCategory", _):
      let last = try await categories(place).map(\.sortOrder).max() ?? -1
      _ = try await form.send(
        CreateCategory(
          restaurantId: place.restaurant.id, name: form.text("name"), description: form.optional("description"), sortOrder: min(100_000, last + 1)))
      return "categoryAdded"
    case ("renameCategory", let category?):
      _ = try await form.send(
        UpdateCategory(
          categoryId: category, version: request.form.integer("version"), name: form.text("name"), description: form.optional("description") ?? ""))
      return "saved"
    case ("deleteCategory", let category?):
      _ = try await form.send(DeleteCategory(categoryId: category))
      return "categoryDeleted"
    case ("moveUp", let category?), ("moveDown", let category?):
      var order = try await categories(place)
      guard order.moveOne(where: { $0.id == category }, up: request.form["do"] == "moveUp") else { return nil }
      for (index, other) in order.enumerated() where other.sortOrder != index {
        _ = try await form.send(UpdateCategory(categoryId: other.id, sortOrder: index))
      }
      return nil
    case ("itemUp", _), ("itemDown", _):
      guard let item: MenuItemID = request.form.id("menuItemId") else { return nil }
      var order = try await MenuList.items(place)
      guard let own = order.first(where: { $0.id == item })?.categoryId else { return nil }
      order = order.filter { $0.categoryId == own }
      guard order.moveOne(where: { $0.id == item }, up: request.form["do"] == "itemUp") else { return nil }
      for (index, other) in order.enumerated() where other.sortOrder != index {
        _ = try await form.send(UpdateMenuItem(menuItemId: other.id, sortOrder: index))
      }
      return nil
    default:
      throw Problem(400, "invalid_input", "There is nothing to do.")
    }
  }

  private static func categories(_ place: Workplace) async throws(Problem) -> [MenuCategory] {
    do {
      return try await place.request.call(ListCategories(restaurantId: place.restaurant.id)).items.sorted {
        ($0.sortOrder, $0.name) < ($1.sortOrder, $1.name)
      }
    } catch { throw error.problem }
  }
}

extension Array {
  /// Exchanges an element with its neighbour.
  ///
  /// - Returns: whether there was one.
  mutating func moveOne(where isIt: (Element) -> Bool, up: Bool) -> Bool {
    guard let at = firstIndex(where: isIt), indices.contains(up ? at - 1 : at + 1) else { return false }
    swapAt(at, up ? at - 1 : at + 1)
    return true
  }
}
