import Persistence

/// The tables of Ordering.
enum OrderingSchema {
  static let migrations = [
    Migration(
      "ordering-1-orders",
      // `capture` is the JSON of what never changes; `is_visible` is 0 until the money is held.
      """
      CREATE TABLE ordering_orders (id TEXT PRIMARY KEY, version BIGINT NOT NULL, status TEXT NOT NULL, is_visible BIGINT NOT NULL,
        tenant_id TEXT NOT NULL, restaurant_id TEXT NOT NULL, customer_id TEXT NOT NULL, fulfilment TEXT NOT NULL,
        currency TEXT NOT NULL, total BIGINT NOT NULL, payment_method TEXT NOT NULL, payment_status TEXT NOT NULL,
        partner_id TEXT, partner_name TEXT, refund BIGINT, accept_by BIGINT, ready_at BIGINT, estimated_delivery_at BIGINT,
        due_at BIGINT, due_stage BIGINT NOT NULL, placed_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, capture TEXT NOT NULL)
      """,
      "CREATE INDEX ordering_orders_customer ON ordering_orders (customer_id, id)",
      "CREATE INDEX ordering_orders_tenant ON ordering_orders (tenant_id, id)",
      // Few orders are under way at any time, so that listing and counting them stays cheap however many there were.
      """
      CREATE INDEX ordering_orders_active ON ordering_orders (tenant_id, status, id)
        WHERE status IN ('pending', 'confirmed', 'preparing', 'ready_for_pickup', 'out_for_delivery')
      """,
      "CREATE INDEX ordering_orders_due ON ordering_orders (due_at) WHERE due_at IS NOT NULL",
      """
      CREATE TABLE ordering_order_items (order_id TEXT NOT NULL, position BIGINT NOT NULL, menu_item_id TEXT NOT NULL, name TEXT NOT NULL,
        quantity BIGINT NOT NULL, unit_price BIGINT NOT NULL, currency TEXT NOT NULL, options TEXT NOT NULL, special_instructions TEXT,
        PRIMARY KEY (order_id, position)) {clustered}
      """,
      """
      CREATE TABLE ordering_status_history (order_id TEXT NOT NULL, position BIGINT NOT NULL, status TEXT NOT NULL, from_status TEXT,
        at BIGINT NOT NULL, by_actor TEXT NOT NULL, by_user_id TEXT, reason TEXT, PRIMARY KEY (order_id, position)) {clustered}
      """),
    Migration(
      "ordering-2-carts",
      "CREATE TABLE ordering_carts (owner TEXT PRIMARY KEY, restaurant_id TEXT, lines TEXT NOT NULL, updated_at BIGINT NOT NULL)",
      "CREATE INDEX ordering_carts_updated ON ordering_carts (updated_at)"),
    Migration(
      "ordering-3-erased-customers",
      "CREATE TABLE ordering_erased_customers (customer_id TEXT PRIMARY KEY, erased_at BIGINT NOT NULL)"),
    Migration(
      "ordering-4-ratings", "ALTER TABLE ordering_orders ADD COLUMN rating BIGINT", "ALTER TABLE ordering_orders ADD COLUMN rating_comment TEXT"),
    // An order is written hidden and changed a moment later: with room beside it that needs no new place in any index.
    Migration("ordering-5-room", "{postgres} ALTER TABLE ordering_orders SET (fillfactor = 50)")
  ]
}
