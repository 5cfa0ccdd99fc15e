import OrderingAPI

/// Answers `RemoveCartItem`.
struct RemoveCartItemHandler: Sendable {
  let desk: CartDesk

  func callAsFunction(_ request: RemoveCartItem) async throws -> Cart {
    try await desk.view(
      try await desk.change { try $0.change(request.lineId, quantity: 0, optionIds: nil, specialInstructions: nil) })
  }
}
