import OrderingAPI

/// Answers `ChangeCartItem`.
struct ChangeCartItemHandler: Sendable {
  let desk: CartDesk

  func callAsFunction(_ request: ChangeCartItem) async throws -> Cart {
    let change: @Sendable (inout CartContents) throws -> Void = {
      try $0.change(
        request.lineId, quantity: request.quantity, optionIds: request.optionIds, specialInstructions: request.specialInstructions)
    }
    var preview = try await desk.look()
    try change(&preview)
    if request.optionIds != nil, let entry = preview.entries.first(where: { $0.lineId == request.lineId }), let restaurantId = preview.restaurantId {
      try await desk.check(entry, of: restaurantId)
    }
    return try await desk.view(try await desk.change(change))
  }
}
