import OrderingAPI
import ServiceKit

/// Answers `AddCartItem`.
struct AddCartItemHandler: Sendable {
  let desk: CartDesk
  let ids: IdentifierSource

  func callAsFunction(_ request: AddCartItem) async throws -> Cart {
    let entry = CartEntry(
      lineId: ids.next(), menuItemId: request.menuItemId, quantity: request.quantity, optionIds: request.optionIds,
      specialInstructions: request.specialInstructions.flatMap { $0.isEmpty ? nil : $0 })
    try await desk.check(entry, of: request.restaurantId)
    return try await desk.view(try await desk.change { try $0.add(entry, from: request.restaurantId, replace: request.replace) })
  }
}
