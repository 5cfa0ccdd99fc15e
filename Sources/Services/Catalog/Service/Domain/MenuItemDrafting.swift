import CatalogAPI
import Kernel
import ServiceKit
import Wire

extension MenuItemDraft {
  init(_ request: CreateMenuItem) {
    self.init(
      categoryId: request.categoryId, name: request.name, price: request.price, description: request.description,
      imageUrl: request.imageUrl, taxClass: request.taxClass, isAvailable: request.isAvailable, unavailableUntil: request.unavailableUntil,
      sortOrder: request.sortOrder, optionGroups: request.optionGroups)
  }

  /// Everything wrong with the dish beyond its shape.
  ///
  /// - Parameter prefix: stands before each path, such as `items[3].`.
  func faults(in currency: Currency, prefix: String = "") -> [Fault] {
    var faults: [Fault] = []
    if name.isBlank { faults.append(Fault(path: "\(prefix)name", message: "must not be blank")) }
    if let message = price.priceViolation(currency) { faults.append(Fault(path: "\(prefix)price", message: message)) }
    return faults + optionGroups.faults(in: currency, prefix: prefix)
  }

  /// The dish as it will be kept.
  func item(_ id: MenuItemID, of restaurant: RestaurantID, in currency: Currency, ids: IdentifierSource) -> MenuItem {
    MenuItem(
      id: id, restaurantId: restaurant, categoryId: categoryId, version: 1, name: name, description: description?.nonEmpty,
      imageUrl: imageUrl?.nonEmpty, currency: currency, price: price.exact(currency), taxClass: taxClass?.nonEmpty,
      isAvailable: isAvailable || unavailableUntil != nil, unavailableUntil: unavailableUntil, sortOrder: sortOrder,
      optionGroups: optionGroups.groups(in: currency, keeping: [], ids: ids))
  }
}

extension [OptionGroupDraft] {
  func faults(in currency: Currency, prefix: String) -> [Fault] {
    var faults: [Fault] = []
    for (index, group) in enumerated() {
      let path = "\(prefix)optionGroups[\(index)]"
      func fault(_ field: String, _ message: String) { faults.append(Fault(path: "\(path).\(field)", message: message)) }
      if group.name.isBlank { fault("name", "must not be blank") }
      let maximum = group.maximum ?? group.options.count
      if maximum > group.options.count { fault("maximum", "must be at most the number of options, \(group.options.count)") }
      if group.minimum > maximum { fault("minimum", "must be at most the maximum, \(maximum)") }
      for (at, option) in group.options.enumerated() {
        if option.name.isBlank { fault("options[\(at)].name", "must not be blank") }
        if let message = option.price.priceViolation(currency) { fault("options[\(at)].price", message) }
      }
    }
    return faults
  }

  /// The groups with their ids: those that the dish has already are kept, others are new.
  func groups(in currency: Currency, keeping old: [OptionGroup], ids: IdentifierSource) -> [OptionGroup] {
    // An id may be used once, and only where the dish had it: nobody picks ids, or another dish's.
    var groupIDs = Set(old.map(\.id))
    var optionIDs = Set(old.flatMap(\.options).map(\.id))
    return map { draft in
      OptionGroup(
        id: draft.id.flatMap { groupIDs.remove($0) } ?? ids.next(), name: draft.name, minimum: draft.minimum,
        maximum: draft.maximum ?? draft.options.count,
        options: draft.options.map { option in
          MenuOption(
            id: option.id.flatMap { optionIDs.remove($0) } ?? ids.next(), name: option.name, price: option.price.exact(currency),
            isAvailable: option.isAvailable)
        })
    }
  }
}

extension Amount {
  /// The same amount with all of the currency's digits; only for what `priceViolation` let through.
  func exact(_ currency: Currency) -> Amount { Money(self, currency)?.amount ?? self }
}

extension MenuItem {
  /// The dish with what the request names put in place, its version counted up.
  func changed(by request: UpdateMenuItem, ids: IdentifierSource) -> MenuItem {
    var changed = self
    changed.version += 1
    if let categoryId = request.categoryId { changed.categoryId = categoryId }
    if let name = request.name { changed.name = name }
    if let price = request.price { changed.price = price.exact(currency) }
    if let description = request.description { changed.description = description.nonEmpty }
    if let imageUrl = request.imageUrl { changed.imageUrl = imageUrl.nonEmpty }
    if let taxClass = request.taxClass { changed.taxClass = taxClass.nonEmpty }
    if let isAvailable = request.isAvailable {
      changed.isAvailable = isAvailable
      changed.unavailableUntil = nil
    }
    if let until = request.unavailableUntil {
      changed.unavailableUntil = until
      changed.isAvailable = true
    }
    if let sortOrder = request.sortOrder { changed.sortOrder = sortOrder }
    if let groups = request.optionGroups { changed.optionGroups = groups.groups(in: currency, keeping: optionGroups, ids: ids) }
    return changed
  }

  /// The dish as it reads at a moment: what was out until then is back.
  func asOf(_ now: Instant) -> MenuItem {
    var seen = self
    if let until = unavailableUntil {
      if now < until { seen.isAvailable = false } else { seen.unavailableUntil = nil }
    }
    return seen
  }
}

extension UpdateMenuItem {
  func faults(in currency: Currency) -> [Fault] {
    var faults: [Fault] = []
    if let name, name.isBlank { faults.append(Fault(path: "name", message: "must not be blank")) }
    if let message = price?.priceViolation(currency) { faults.append(Fault(path: "price", message: message)) }
    return faults + (optionGroups ?? []).faults(in: currency, prefix: "")
  }
}
