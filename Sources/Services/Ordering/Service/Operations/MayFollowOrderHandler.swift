import OrderingAPI
import ServiceKit

/// Answers `MayFollowOrder`.
struct MayFollowOrderHandler: Sendable {
  let reader: OrderReader

  func callAsFunction(_ request: MayFollowOrder) async throws -> FollowPermission {
    do {
      let order = try await reader.order(request.orderId, for: request.caller)
      return FollowPermission(
        mayFollow: true, tenantId: order.tenantId, customerId: order.customerId, partnerId: order.deliveryPartner?.partnerId)
    } catch is OrderRefusal {
      return FollowPermission(mayFollow: false)
    }
  }
}
