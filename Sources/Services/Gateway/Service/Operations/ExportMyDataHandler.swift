import DeliveryAPI
import GatewayAPI
import IdentityAPI
import Kernel
import NotificationsAPI
import OrderingAPI
import PaymentsAPI
import ServiceKit
import Wire

/// Answers `ExportMyData`: asks every service for what it has, as the person and nothing more.
struct ExportMyDataHandler: Sendable {
  let switchboard: Switchboard
  let time: TimeSource
  /// Pages of a hundred that are taken of each list.
  private static let mostPages = 50

  func answer(_ request: ExportMyData) async throws -> PersonalData {
    guard let user = Caller.current.user, Caller.current.scopes == nil else { throw Denial.notSignedIn }
    let identity: AccountData
    do throws(CallFailure<ReadMeRefusal>) { identity = try await switchboard.callAsSystem(ExportAccount(userId: user)) } catch {
      if case .refused(let refusal) = error { throw refusal }
      throw error
    }
    var data = PersonalData(
      exportedAt: time.now, identity: identity, orders: [], payments: [], notifications: [], deliveries: [], shortened: [])
    // As a customer alone: what a tenant owns is not the person's to take.
    let customer = Caller(user: user, roles: [.customer])
    (data.orders, data.shortened) = try await all("orders", data.shortened) { cursor in
      try await ask(ListOrders(mine: true, limit: 100, cursor: cursor.flatMap { OrderID($0) }), as: customer)
    }
    (data.payments, data.shortened) = try await all("payments", data.shortened) { cursor in
      try await ask(ListPayments(cursor: cursor.flatMap { PaymentID($0) }, limit: 100), as: customer)
    }
    (data.notifications, data.shortened) = try await all("notifications", data.shortened) { cursor in
      try await ask(ListNotifications(limit: 100, cursor: cursor), as: customer)
    }
    data.cart = try? await ask(GetCart(), as: customer)
    if identity.account.roles.contains(.deliveryPartner) {
      let courier = Caller(user: user, roles: [.deliveryPartner])
      data.partner = try? await ask(GetPartner(), as: courier)
      (data.deliveries, data.shortened) = try await all("deliveries", data.shortened) { cursor in
        try await ask(ListDeliveries(limit: 100, cursor: cursor), as: courier)
      }
    }
    return data
  }

  private func ask<O: Operation>(_ operation: O, as caller: Caller) async throws -> O.Reply {
    try await Caller.$current.withValue(caller) { try await switchboard.call(operation) }
  }

  private func all<Item: WireValue>(
    _ name: String, _ shortened: [String], _ page: (String?) async throws -> Page<Item>
  ) async throws -> ([Item], [String]) {
    var items: [Item] = []
    var cursor: String?
    for _ in 0..<Self.mostPages {
      let next = try await page(cursor)
      items += next.items
      cursor = next.nextCursor
      if cursor == nil { return (items, shortened) }
    }
    return (items, shortened + [name])
  }
}
