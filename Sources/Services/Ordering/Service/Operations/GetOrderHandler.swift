import OrderingAPI
import ServiceKit

/// Answers `GetOrder`.
struct GetOrderHandler: Sendable {
  let reader: OrderReader

  func callAsFunction(_ request: GetOrder) async throws -> Order { try await reader.order(request.orderId, for: Caller.current) }
}
