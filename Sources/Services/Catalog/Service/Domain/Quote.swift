import CatalogAPI
import Kernel
import ServiceKit
import Wire

/// Whether a restaurant can make what is wanted, and what it costs.
struct Quote {
  let restaurant: RestaurantRecord
  let schedule: Schedule
  let terms: RestaurantTerms
  let item: (MenuItemID) -> MenuItem?

  /// Nothing is ordered further ahead.
  static let farthestAhead = Duration.seconds(30 * 86_400)

  /// Refuses with the path of what cannot be had.
  func answer(_ request: QuoteItems, at now: Instant, isOpenNow: Bool) throws -> ItemsQuote {
    guard restaurant.isActive else { throw refusal(.restaurantUnknown, "restaurantId", "There is no such restaurant.") }
    guard restaurant.approval.isGiven else {
      throw refusal(.restaurantNotApproved, "restaurantId", "\(restaurant.details.name) is not approved yet")
    }
    if let wanted = request.wantedAt, wanted > now + Self.farthestAhead {
      throw InvalidInput([Fault(path: "wantedAt", message: "must be within 30 days")])
    }
    // What is wanted in the past is wanted now.
    let wanted = max(request.wantedAt ?? now, now)
    let isOpen = wanted == now ? isOpenNow : schedule.isOpen(at: wanted)
    if request.checksOpening, !isOpen {
      let path = request.wantedAt == nil ? "restaurantId" : "wantedAt"
      if schedule.isPaused(at: wanted) { throw refusal(.restaurantPaused, path, "\(restaurant.details.name) takes no orders at the moment") }
      throw refusal(.restaurantClosed, path, "\(restaurant.details.name) is closed then")
    }
    try checkFulfilment(request.fulfilment)
    var quoted: [QuotedItem] = []
    quoted.reserveCapacity(request.items.count)
    for (index, want) in request.items.enumerated() { quoted.append(try quote(want, at: index, wanted)) }
    return ItemsQuote(terms: terms, items: quoted, isOpen: isOpen)
  }

  private func checkFulfilment(_ fulfilment: Fulfilment) throws(QuoteItemsRefusal) {
    let isOffered =
      switch fulfilment {
      case .delivery: restaurant.details.acceptsDelivery
      case .pickup: restaurant.details.acceptsPickup
      case .dineIn: restaurant.details.acceptsDineIn
      }
    if !isOffered { throw refusal(.fulfilmentNotOffered, "fulfilment", "\(restaurant.details.name) does not offer \(fulfilment.rawValue)") }
  }

  private func quote(_ want: WantedItem, at index: Int, _ wanted: Instant) throws(QuoteItemsRefusal) -> QuotedItem {
    guard let item = item(want.menuItemId) else {
      throw refusal(.itemUnknown, "items[\(index)].menuItemId", "is not on the menu of \(restaurant.details.name)")
    }
    let isOut = item.unavailableUntil.map { wanted < $0 } ?? false
    guard item.isAvailable, !isOut else {
      throw refusal(.itemUnavailable, "items[\(index)].menuItemId", "\(item.name) is not available")
    }
    let options = try choose(want.optionIds, of: item, at: index)
    var units = Money(item.price, item.currency)?.units ?? 0
    for option in options { units += Money(option.price, item.currency)?.units ?? 0 }
    return QuotedItem(
      menuItemId: item.id, name: item.name, quantity: want.quantity, unitPrice: Money(units: units, item.currency).amount, options: options,
      specialInstructions: want.specialInstructions, taxClass: item.taxClass)
  }

  /// The chosen options in the order of the menu, each group between its minimum and maximum.
  private func choose(_ ids: [OptionID], of item: MenuItem, at index: Int) throws(QuoteItemsRefusal) -> [ChosenOption] {
    if ids.isEmpty, item.optionGroups.allSatisfy({ $0.minimum == 0 }) { return [] }
    let path = "items[\(index)].optionIds"
    var left = ids
    var chosen: [ChosenOption] = []
    for group in item.optionGroups {
      var count = 0
      for option in group.options {
        guard let at = left.firstIndex(of: option.id) else { continue }
        left.remove(at: at)
        guard option.isAvailable else { throw refusal(.optionInvalid, path, "\(option.name) of \(item.name) is not available") }
        chosen.append(ChosenOption(optionId: option.id, name: option.name, price: option.price))
        count += 1
      }
      if count < group.minimum { throw refusal(.optionInvalid, path, "\(group.name) of \(item.name) needs at least \(group.minimum)") }
      if count > group.maximum { throw refusal(.optionInvalid, path, "\(group.name) of \(item.name) takes at most \(group.maximum)") }
    }
    // What is left is no option of the dish, or was chosen twice.
    if let stranger = left.first {
      let place = "\(path)[\(ids.lastIndex(of: stranger) ?? 0)]"
      throw refusal(.optionInvalid, place, chosen.contains { $0.optionId == stranger } ? "is chosen twice" : "is no option of \(item.name)")
    }
    return chosen
  }

  private func refusal(_ reason: QuoteItemsReason, _ path: String, _ message: String) -> QuoteItemsRefusal {
    QuoteItemsRefusal(reason: reason, path: path, message: message)
  }
}
