import OrderingAPI

/// Answers `UpdateOrderStatus`.
struct UpdateOrderStatusHandler: Sendable {
  let moves: OrderMoves

  func callAsFunction(_ request: UpdateOrderStatus) async throws -> Order {
    try await moves.move(
      request.orderId, to: request.status, reason: request.reason, readyInMinutes: request.readyInMinutes, version: request.version)
  }
}
