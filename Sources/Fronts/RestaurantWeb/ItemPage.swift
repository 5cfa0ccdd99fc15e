import Wire
import CatalogAPI
import Kernel
import Pages
import ServiceKit
import WebServer

/// One dish with its choices, and what it cost before; `new` in place of an id is one that is not there yet.
enum ItemPage {
  private static let names = ["name", "price", "description", "imageUrl", "taxClass", "categoryId"]

  /// The form and what it is about.
  private struct Desk {
    let place: Workplace
    /// Nothing for a new dish.
    let item: MenuItem?
    let categories: [MenuCategory]

    init(_ request: PageRequest) async throws {
      place = try await Workplace(request)
      categories = try await request.call(ListCategories(restaurantId: place.restaurant.id)).items.sorted { $0.sortOrder < $1.sortOrder }
      guard request.path["menuItemId"] != "new" else {
        item = nil
        return
      }
      item = try await request.call(GetMenuItem(menuItemId: try request.id("menuItemId")))
      guard item?.restaurantId == place.restaurant.id else { throw Problem(refusal: CatalogRefusal.itemUnknown) }
    }
  }

  static func show(_ request: PageRequest) async throws -> WebResponse {
    let desk = try await Desk(request)
    return try await page(desk, desk.item.map { ItemDraft($0) } ?? ItemDraft(Fields([])), problem: nil)
  }

  private static func page(_ desk: Desk, _ draft: ItemDraft, problem: Problem?) async throws -> WebResponse {
    let (place, request) = (desk.place, desk.place.request)
    var known: [String: String] = ["categoryId": request.query["category"] ?? "\(desk.categories.first?.id.description ?? "")"]
    if let item = desk.item {
      known = [
        "name": item.name, "price": "\(item.price)", "description": item.description ?? "", "imageUrl": item.imageUrl ?? "",
        "taxClass": item.taxClass ?? "", "categoryId": "\(item.categoryId)"
      ]
    }
    // What stands in rows is told beside the rows.
    let ofFields = problem.map { Problem($0.status, $0.code, $0.detail, faults: $0.faults.filter { !$0.path.hasPrefix("optionGroups[") }) }
    var form = request.formFields(names, known: known, problem: ofFields)
    if let problem, !problem.faults.isEmpty { form["problem"] = request.texts["shared.form.lookAgain"] }
    let chosen = request.form["categoryId"] ?? known["categoryId"]
    var fields: [String: Any] = [
      "f": form, "groups": draft.fields(problem, request), "currency": place.restaurant.currency.code, "isNew": desk.item == nil,
      "title": desk.item?.name ?? request.texts["restaurant.item.new"], "action": "\(place.home)/menu/items/\(desk.item.map { "\($0.id)" } ?? "new")",
      "categories": request.choices(desk.categories.map { ("\($0.id)", $0.name) }, chosen: chosen),
      "taxClasses": Set(place.restaurant.taxRules.compactMap(\.taxClass)).sorted().map { ["name": $0] },
      "isAvailable": request.form.all.isEmpty ? desk.item?.isAvailable ?? true : request.form["isAvailable"] != nil,
      // Who was told that somebody changed the dish may save all the same.
      "itemVersion": desk.item?.version ?? 0, "focus": request.form["do"] ?? ""
    ]
    if let item = desk.item {
      let prices = try await request.call(ListItemPrices(menuItemId: item.id, limit: 20)).items
      fields["prices"] = prices.map {
        [
          "price": request.formats.money($0.price, $0.currency), "from": request.formats.dayAndTime($0.from, in: place.zone), "at": "\($0.from)"
        ]
      }
      fields["hasPrices"] = !prices.isEmpty
    }
    return try place.page("restaurant/item", at: .menu, status: problem?.status ?? 200, fields)
  }

  static func save(_ request: PageRequest) async throws -> WebResponse {
    let desk = try await Desk(request)
    var draft = ItemDraft(request.form)
    let button = request.form["do"] ?? "save"
    if draft.change(button) { return try await page(desk, draft, problem: nil) }
    let menu = "\(desk.place.home)/menu"
    do throws(Problem) {
      if button == "delete", let item = desk.item {
        _ = try await TypedForm(request).send(DeleteMenuItem(menuItemId: item.id))
        return request.redirect(to: "\(menu)?done=itemDeleted")
      }
      try await send(desk, draft)
      return request.redirect(to: "\(menu)?done=itemSaved#c-\(request.form["categoryId"] ?? "")")
    } catch {
      return try await page(desk, draft, problem: error)
    }
  }

  private static func send(_ desk: Desk, _ draft: ItemDraft) async throws(Problem) {
    let request = desk.place.request
    var form = TypedForm(request)
    let category = desk.categories.first { "\($0.id)" == form.text("categoryId") }?.id
    if category == nil { form.note("categoryId", "is required") }
    let price = form.price("price")
    let groups = draft.drafts(&form)
    let isAvailable = form.isTicked("isAvailable")
    if let item = desk.item {
      var change = UpdateMenuItem(
        menuItemId: item.id, version: request.form.integer("version"), categoryId: category, name: form.text("name"), price: price,
        description: form.text("description"), imageUrl: form.text("imageUrl"), taxClass: form.text("taxClass"), optionGroups: groups)
      // A dish that is out until a time stays so unless somebody says otherwise.
      if isAvailable != item.isAvailable { change.isAvailable = isAvailable }
      _ = try await form.send(change)
    } else {
      let last = try await MenuList.items(desk.place).filter { $0.categoryId == category }.map(\.sortOrder).max() ?? -1
      _ = try await form.send(
        CreateMenuItem(
          restaurantId: desk.place.restaurant.id, categoryId: category ?? CategoryID(high: 0, low: 0), name: form.text("name"), price: price,
          description: form.optional("description"), imageUrl: form.optional("imageUrl"), taxClass: form.optional("taxClass"),
          isAvailable: isAvailable, sortOrder: min(100_000, last + 1), optionGroups: groups))
    }
  }
}
