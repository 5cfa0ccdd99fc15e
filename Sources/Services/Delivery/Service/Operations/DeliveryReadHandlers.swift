import DeliveryAPI
import Kernel
import Persistence
import ServiceKit
import Wire

struct ListDeliveriesHandler {
  let context: DeliveryContext

  func answer(_ request: ListDeliveries) async throws -> Page<Delivery> {
    let owner = try context.owner(.current)
    let cursor = try DeliveryCursor.read(request.cursor)
    let rows = try await context.database.read { transaction in
      try DeliveryStore(transaction: transaction).list(
        of: owner, status: request.status, order: request.orderId, after: cursor, limit: request.limit + 1)
    }
    return DeliveryCursor.page(rows, limit: request.limit, forPartner: owner.isPartner)
  }
}

struct ListUnassignedHandler {
  let context: DeliveryContext

  func answer(_ request: ListUnassigned) async throws -> Page<Delivery> {
    let owner = try context.owner(.current)
    let cursor = try DeliveryCursor.read(request.cursor)
    let rows = try await context.database.read { transaction in
      try DeliveryStore(transaction: transaction).list(of: owner, status: .unassigned, after: cursor, limit: request.limit + 1, oldestFirst: true)
    }
    return DeliveryCursor.page(rows, limit: request.limit, forPartner: false)
  }
}

struct GetDeliveryHandler {
  let context: DeliveryContext

  func answer(_ request: GetDelivery) async throws -> Delivery {
    let owner = try context.owner(.current)
    let row = try await context.database.read { try DeliveryStore(transaction: $0).find(request.deliveryId) }
    guard let row, row.isVisible(to: owner) else { throw GetDeliveryRefusal.deliveryUnknown }
    return row.view(forPartner: owner.isPartner)
  }
}

/// A place in a list of deliveries: the id of the last one shown.
private enum DeliveryCursor {
  static func read(_ text: String?) throws(InvalidInput) -> DeliveryID? {
    guard let text else { return nil }
    guard let id = DeliveryID(text) else { throw InvalidInput([Fault(path: "cursor", message: "is not one that a list gave")]) }
    return id
  }

  static func page(_ rows: [DeliveryRow], limit: Int, forPartner: Bool) -> Page<Delivery> {
    Page(rows.map { $0.view(forPartner: forPartner) }, upTo: limit, cursor: \.id.description)
  }
}
