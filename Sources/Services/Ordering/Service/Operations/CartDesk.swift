import CatalogAPI
import Kernel
import OrderingAPI
import Persistence
import ServiceKit
import Wire

/// Finds, changes and prices the caller's cart: what the operations on carts have in common.
struct CartDesk: Sendable {
  let switchboard: Switchboard
  let database: any Database
  let store: CartStore
  let time: TimeSource

  /// The caller's cart, after the browser's own was taken into that of the person who signed in.
  func look() async throws -> CartContents {
    let (owner, browser) = try owners()
    let (own, other) = try await database.read { transaction in
      (try store.find(owner, in: transaction), try browser.flatMap { try store.find($0, in: transaction) })
    }
    if other == nil { return own ?? CartContents() }
    return try await change { _ in }
  }

  /// Changes the caller's cart in one write.
  func change(_ body: @escaping @Sendable (inout CartContents) throws -> Void) async throws -> CartContents {
    let (owner, browser) = try owners()
    let now = time.now
    return try await database.write { transaction in
      var cart = try store.find(owner, in: transaction) ?? CartContents()
      if let browser, let other = try store.find(browser, in: transaction) {
        cart.absorb(other)
        try store.remove(browser, in: transaction)
      }
      try body(&cart)
      try store.save(cart, of: owner, at: now, in: transaction)
      return cart
    }
  }

  /// Whose cart it is, and the browser's own where its person has signed in.
  private func owners() throws -> (CartOwner, browser: CartOwner?) {
    let caller = Caller.current
    let key = caller.cartKey.flatMap { (16...64).contains($0.utf8.count) ? $0 : nil }
    if let user = caller.user { return (.person(user), key.map { .browser($0) }) }
    guard let key else {
      throw InvalidInput([Fault(path: "X-Cart-Key", message: "must be a header of 16 to 64 characters, or the caller signed in")])
    }
    return (.browser(key), nil)
  }

  /// Refuses a dish that the restaurant does not have, or not with these options.
  func check(_ entry: CartEntry, of restaurantId: RestaurantID) async throws {
    do throws(CallFailure<QuoteItemsRefusal>) {
      _ = try await quote([entry], restaurantId)
    } catch {
      guard case .refused(let refusal) = error else { throw error }
      throw OrderRefusal(refusal.code, refusal.kind, refusal.message, path: refusal.path.map { $0.replacing("items[0].", with: "") })
    }
  }

  /// The cart at the prices of now; dishes that cannot be had are marked.
  func view(_ cart: CartContents) async throws -> Cart {
    guard let restaurantId = cart.restaurantId else { return Cart(items: [], itemCount: 0) }
    var problems: [CartLineID: String] = [:]
    var found: ItemsQuote?
    while found == nil {
      let wanted = cart.entries.filter { problems[$0.lineId] == nil }
      if wanted.isEmpty { break }
      do throws(CallFailure<QuoteItemsRefusal>) {
        found = try await quote(wanted, restaurantId)
      } catch {
        guard case .refused(let refusal) = error else { throw error }
        if let line = Self.line(of: refusal.path, in: wanted) {
          problems[line] = refusal.code
        } else {
          for entry in wanted { problems[entry.lineId] = refusal.code }
        }
      }
    }
    return Self.cart(cart, restaurantId, found, problems)
  }

  private static func cart(_ cart: CartContents, _ restaurantId: RestaurantID, _ quote: ItemsQuote?, _ problems: [CartLineID: String]) -> Cart {
    var quoted = (quote?.items ?? [])[...]
    var subtotal = quote.map { Money.zero($0.terms.currency) }
    let lines = cart.entries.map { entry -> CartLine in
      var line = CartLine(
        lineId: entry.lineId, menuItemId: entry.menuItemId, quantity: entry.quantity, optionIds: entry.optionIds,
        specialInstructions: entry.specialInstructions, isAvailable: false, problem: problems[entry.lineId])
      guard line.problem == nil, let quote, let item = quoted.popFirst() else { return line }
      let price = Money(item.unitPrice, quote.terms.currency).map { $0 * item.quantity }
      line.name = item.name
      line.unitPrice = item.unitPrice
      line.lineTotal = price?.amount
      line.isAvailable = true
      if let price, let sum = subtotal { subtotal = sum + price }
      return line
    }
    return Cart(
      restaurantId: restaurantId, restaurantName: quote?.terms.name, currency: quote?.terms.currency, items: lines,
      subtotal: subtotal?.amount, itemCount: cart.entries.reduce(0) { $0 + $1.quantity })
  }

  private static func line(of path: String?, in wanted: [CartEntry]) -> CartLineID? {
    guard let path, path.hasPrefix("items["), let end = path.firstIndex(of: "]"), let index = Int(path[..<end].dropFirst(6)),
      wanted.indices.contains(index)
    else { return nil }
    return wanted[index].lineId
  }

  private func quote(_ entries: [CartEntry], _ restaurantId: RestaurantID) async throws(CallFailure<QuoteItemsRefusal>) -> ItemsQuote {
    var request = QuoteItems(restaurantId: restaurantId, items: entries.map(\.wanted), fulfilment: .delivery, checksOpening: false)
    do throws(CallFailure<QuoteItemsRefusal>) {
      return try await switchboard.callAsSystem(request)
    } catch {
      guard case .refused(let refusal) = error, refusal.reason == .fulfilmentNotOffered else { throw error }
      request.fulfilment = .pickup  // A cart does not know yet how its food will travel.
      return try await switchboard.callAsSystem(request)
    }
  }
}
