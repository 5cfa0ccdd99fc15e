import OrderingAPI

/// Answers `CancelOrder`.
struct CancelOrderHandler: Sendable {
  let moves: OrderMoves

  func callAsFunction(_ request: CancelOrder) async throws -> Order {
    try await moves.move(request.orderId, to: .cancelled, reason: request.reason, version: request.version)
  }
}
