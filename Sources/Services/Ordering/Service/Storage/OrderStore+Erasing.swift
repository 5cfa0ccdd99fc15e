import Kernel
import OrderingAPI
import Persistence
import ServiceKit

/// Customers whose accounts were ended for good, until every order of theirs has forgotten them.
struct ErasedCustomerStore: Sendable {
  func insert(_ customer: UserID, at now: Instant, in transaction: any Transaction) throws {
    try transaction.run(
      "INSERT INTO ordering_erased_customers (customer_id, erased_at) VALUES (?, ?) ON CONFLICT (customer_id) DO NOTHING", .id(customer),
      .instant(now))
  }

  func first(in transaction: any Transaction) throws -> UserID? {
    try transaction.first("SELECT customer_id FROM ordering_erased_customers ORDER BY erased_at, customer_id LIMIT 1") { try $0.id(0) }
  }

  /// Puts a customer behind the others, for whom an order is still under way.
  func postpone(_ customer: UserID, to now: Instant, in transaction: any Transaction) throws {
    try transaction.run("UPDATE ordering_erased_customers SET erased_at = ? WHERE customer_id = ?", .instant(now), .id(customer))
  }

  func delete(_ customer: UserID, in transaction: any Transaction) throws {
    try transaction.run("DELETE FROM ordering_erased_customers WHERE customer_id = ?", .id(customer))
  }
}

extension OrderStore {
  /// What an order knows of its customer, as far as it can be forgotten.
  struct Memory: Sendable {
    var id: OrderID
    var tenant: TenantID
    var status: OrderStatus
    var capture: OrderCapture
    /// Whether the customer wrote about the meal.
    var hasComment: Bool

    /// Whether anything is left to forget.
    var remembersCustomer: Bool { hasComment || capture.withoutCustomer != capture }
  }

  /// A customer's orders after one, the oldest first.
  func memories(of customer: UserID, after: OrderID?, limit: Int, in transaction: any Transaction) throws -> [Memory] {
    try transaction.all(
      "SELECT id, tenant_id, status, capture, rating_comment FROM ordering_orders WHERE customer_id = ? AND id > ? ORDER BY id LIMIT ?",
      .id(customer), .text(after?.description ?? ""), .integer(limit)
    ) { Memory(id: try $0.id(0), tenant: try $0.id(1), status: try $0.word(2), capture: try $0.json(3), hasComment: !$0.isNull(4)) }
  }

  /// Writes what is left of an order's capture, and forgets what its customer wrote.
  func forget(_ id: OrderID, leaving capture: OrderCapture, in transaction: any Transaction) throws {
    try transaction.run("UPDATE ordering_orders SET capture = ?, rating_comment = NULL WHERE id = ?", .json(capture), .id(id))
    try transaction.run("UPDATE ordering_order_items SET special_instructions = NULL WHERE order_id = ?", .id(id))
    transaction.afterCommit { [whenChanged] in whenChanged(id) }
  }
}
