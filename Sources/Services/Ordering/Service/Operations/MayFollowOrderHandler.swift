import OrderingAPI
import Persistence
import ServiceKit

/// Answers `MayFollowOrder`.
struct MayFollowOrderHandler: Sendable {
  let database: any Database
  let store: OrderStore

  func callAsFunction(_ request: MayFollowOrder) async throws -> FollowPermission {
    let order = try await database.read { try store.find(request.orderId, in: $0) }
    guard let order, order.isVisible(to: request.caller) else { return FollowPermission(mayFollow: false) }
    return FollowPermission(mayFollow: true, tenantId: order.tenantId, customerId: order.customerId, partnerId: order.partner?.partnerId)
  }
}
