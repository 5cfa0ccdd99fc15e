import CatalogAPI
import Kernel
import ServiceKit
import Testing
import Wire

@testable import Catalog

@Suite struct MenuTests {
  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func theMenuHoldsWhatWasAddedInItsOrder(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    let restaurant = place.restaurant.id
    let starters = try await bench.ask(CreateCategory(restaurantId: restaurant, name: "Starters", sortOrder: 1), as: owner)
    _ = try await bench.ask(UpdateCategory(categoryId: place.category.id, sortOrder: 2), as: owner)
    let drafts = (0..<200).map { number in
      MenuItemDraft(categoryId: starters.id, name: "Dish \(number)", price: Amount(units: number, scale: 1), sortOrder: 200 - number)
    }
    let made = try await bench.ask(CreateMenuItems(restaurantId: restaurant, items: drafts), as: owner)
    #expect(made.items.map(\.name) == drafts.map(\.name))
    let menu = try await bench.ask(GetMenu(restaurantId: restaurant), as: .anonymous).value()
    #expect(menu.categories.map(\.name) == ["Starters", "Pizza"])
    #expect(menu.categories[0].items.map(\.id) == made.items.reversed().map(\.id))
    #expect(menu.categories[1].items == [place.item])
    #expect(try await bench.ask(GetMenuItem(menuItemId: place.item.id), as: .anonymous) == place.item)
    let page = try await bench.ask(ListMenuItems(restaurantId: restaurant, categoryId: starters.id, limit: 100), as: .anonymous)
    let next = try await bench.ask(
      ListMenuItems(restaurantId: restaurant, categoryId: starters.id, limit: 100, cursor: page.nextCursor), as: .anonymous)
    #expect((page.items + next.items).map(\.id) == made.items.map(\.id))
    #expect(next.nextCursor == nil)
  }

  @Test func aBatchWithOneWrongDishAddsNone() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    let other = try await bench.restaurant(of: owner)
    let good = MenuItemDraft(categoryId: place.category.id, name: "Good", price: Amount(units: 1, scale: 0))
    var wrong = good
    wrong.price = Amount(units: 1234, scale: 3)
    wrong.categoryId = other.category.id
    wrong.optionGroups = [
      OptionGroupDraft(name: "Size", minimum: 3, maximum: 2, options: [OptionDraft(name: "S", price: Amount(units: -1)), OptionDraft(name: "L")])
    ]
    let before = try await bench.count("catalog_items")
    let outcome = await bench.outcome(CreateMenuItems(restaurantId: place.restaurant.id, items: [good, wrong]), as: owner)
    #expect(outcome == "items[1].price items[1].optionGroups[0].minimum items[1].optionGroups[0].options[0].price items[1].categoryId")
    #expect(try await bench.count("catalog_items") == before)
    #expect(try await bench.count("catalog_prices") == before)
  }

  @Test(arguments: ["JPY", "KWD"])
  func pricesHaveTheDigitsOfTheirCurrency(_ code: String) async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let currency = Currency(code: code)!
    let restaurant = try await bench.ask(CatalogBench.request(currency: currency), as: owner)
    let category = try await bench.ask(CreateCategory(restaurantId: restaurant.id, name: "All"), as: owner)
    func add(_ price: Amount) async throws -> Amount {
      try await bench.ask(CreateMenuItem(restaurantId: restaurant.id, categoryId: category.id, name: "x", price: price), as: owner).price
    }
    #expect(try await add(Amount(units: 12, scale: 0)).description == (code == "JPY" ? "12" : "12.000"))
    let fine = CreateMenuItem(restaurantId: restaurant.id, categoryId: category.id, name: "x", price: Amount(units: 1234, scale: 3))
    #expect(await bench.outcome(fine, as: owner) == (code == "JPY" ? "price" : "ok"))
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func aNewPriceIsRememberedAndStaleOnesAreRefused(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    let item = place.item.id
    _ = try await bench.ask(GetMenu(restaurantId: place.restaurant.id), as: .anonymous)
    await bench.time.advance(by: .seconds(60))
    let dearer = try await bench.ask(UpdateMenuItem(menuItemId: item, version: 1, price: Amount(units: 105, scale: 1)), as: owner)
    #expect(dearer.version == 2)
    #expect(dearer.price.description == "10.50")
    #expect(dearer.optionGroups == place.item.optionGroups)
    _ = try await bench.ask(UpdateMenuItem(menuItemId: item, name: "Margherita DOC"), as: owner)
    #expect(await bench.outcome(UpdateMenuItem(menuItemId: item, version: 2, price: Amount(units: 1)), as: owner) == "stale")
    let menu = try await bench.ask(GetMenu(restaurantId: place.restaurant.id), as: .anonymous).value()
    #expect(menu.categories[0].items[0].price.description == "10.50")
    #expect(menu.categories[0].items[0].name == "Margherita DOC")
    let first = try await bench.ask(ListItemPrices(menuItemId: item, limit: 1), as: owner)
    let second = try await bench.ask(ListItemPrices(menuItemId: item, limit: 1, cursor: first.nextCursor), as: owner)
    #expect((first.items + second.items).map(\.price.description) == ["10.50", "9.50"])
    #expect(first.items[0].from == bench.time.now)
    #expect(second.nextCursor == nil)
  }

  @Test func keptOptionsKeepTheirIds() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    let size = place.item.optionGroups[0]
    let stolen = place.item.optionGroups[1].id
    let changed = try await bench.ask(
      UpdateMenuItem(
        menuItemId: place.item.id,
        optionGroups: [
          OptionGroupDraft(id: size.id, name: "Size", minimum: 1, maximum: 1, options: [OptionDraft(id: size.options[1].id, name: "Huge")]),
          OptionGroupDraft(id: bench.ids.next(), name: "Extra", options: [OptionDraft(id: size.options[1].id, name: "Twice")])
        ]), as: owner)
    #expect(changed.optionGroups[0].id == size.id)
    #expect(changed.optionGroups[0].options[0].id == size.options[1].id)
    #expect(changed.optionGroups[1].id != stolen)
    #expect(changed.optionGroups[1].options[0].id != size.options[1].id)
  }

  @Test func aDishThatIsOutComesBackByItself() async throws {
    let bench = try await CatalogBench()
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    func isAvailable() async throws -> Bool {
      try await bench.ask(GetMenu(restaurantId: place.restaurant.id), as: .anonymous).value().categories[0].items[0].isAvailable
    }
    #expect(try await isAvailable())
    let out = try await bench.ask(
      UpdateMenuItem(menuItemId: place.item.id, isAvailable: false, unavailableUntil: bench.time.now + .seconds(60)), as: owner)
    #expect(!out.isAvailable)
    #expect(try await !isAvailable())
    await bench.time.advance(by: .seconds(59))
    #expect(try await !isAvailable())
    await bench.time.advance(by: .seconds(1))
    #expect(try await isAvailable())
    _ = try await bench.ask(UpdateMenuItem(menuItemId: place.item.id, isAvailable: false), as: owner)
    await bench.time.advance(by: .seconds(100_000))
    #expect(try await !isAvailable())
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func theKitchenSwitchesADishOffAndOnAndChangesNothingElse(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (tenant, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    let kitchen = bench.staff(.kitchenStaff, of: tenant.id)
    let item = place.item.id
    func isAvailable() async throws -> Bool {
      try await bench.ask(GetMenu(restaurantId: place.restaurant.id), as: .anonymous).value().categories[0].items[0].isAvailable
    }
    #expect(try await isAvailable())
    let before = try await bench.events()
    let until = bench.time.now + .seconds(60)
    let out = try await bench.ask(SetItemAvailability(menuItemId: item, version: 1, unavailableUntil: until), as: kitchen)
    #expect(!out.isAvailable && out.unavailableUntil == until && out.version == 2)
    // Guests read the change at once, and the dish is back by itself.
    #expect(try await !isAvailable())
    await bench.time.advance(by: .seconds(60))
    #expect(try await isAvailable())
    #expect(try await !bench.ask(SetItemAvailability(menuItemId: item, isAvailable: false), as: kitchen).isAvailable)
    let back = try await bench.ask(SetItemAvailability(menuItemId: item, isAvailable: true), as: kitchen)
    var expected = place.item
    expected.version = 4
    #expect(back == expected)
    #expect(try await bench.events() == before + Array(repeating: "menu.updated", count: 3))
    #expect(await bench.outcome(SetItemAvailability(menuItemId: item, version: 3, isAvailable: false), as: kitchen) == "stale")
    #expect(await bench.outcome(SetItemAvailability(menuItemId: item), as: kitchen) == "isAvailable")
    #expect(await bench.outcome(SetItemAvailability(menuItemId: bench.ids.next(), isAvailable: true), as: kitchen) == "item_unknown")
  }

  @Test(arguments: Switchboard.LocalDelivery.allCases)
  func deletedThingsAreGoneAndStayAsRows(_ delivery: Switchboard.LocalDelivery) async throws {
    let bench = try await CatalogBench(delivery)
    let (_, owner) = try await bench.found()
    let place = try await bench.restaurant(of: owner)
    #expect(await bench.outcome(DeleteCategory(categoryId: place.category.id), as: owner) == "category_not_empty")
    _ = try await bench.ask(DeleteMenuItem(menuItemId: place.item.id), as: owner)
    #expect(await bench.outcome(GetMenuItem(menuItemId: place.item.id), as: owner) == "item_unknown")
    #expect(await bench.outcome(UpdateMenuItem(menuItemId: place.item.id, name: "x"), as: owner) == "item_unknown")
    #expect(try await bench.ask(GetMenu(restaurantId: place.restaurant.id), as: .anonymous).value().categories.isEmpty)
    _ = try await bench.ask(DeleteCategory(categoryId: place.category.id), as: owner)
    #expect(try await bench.ask(ListCategories(restaurantId: place.restaurant.id), as: owner).items.isEmpty)
    #expect(await bench.outcome(UpdateCategory(categoryId: place.category.id, name: "x"), as: owner) == "category_unknown")
    #expect(try await bench.count("catalog_items") == 1)
    #expect(try await bench.count("catalog_categories") == 1)
    #expect(try await bench.ask(ListItemPrices(menuItemId: place.item.id), as: owner).items.count == 1)
  }
}
