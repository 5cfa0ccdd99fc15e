import Persistence

/// The tables of Payments, and those of the sandbox that plays the provider.
let paymentsMigrations = [
  Migration(
    "payments-1-payments",
    """
    CREATE TABLE payments_payments (
      id TEXT PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, tenant_id TEXT, customer_id TEXT, method TEXT, status TEXT NOT NULL,
      currency TEXT, amount BIGINT NOT NULL, captured BIGINT NOT NULL, refunded BIGINT NOT NULL, reason TEXT,
      created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
      CHECK (captured >= 0 AND refunded >= 0 AND refunded <= captured AND captured <= amount)) {clustered}
    """,
    "CREATE INDEX payments_payments_tenant ON payments_payments (tenant_id, id)",
    "CREATE INDEX payments_payments_customer ON payments_payments (customer_id, id)",
    "CREATE INDEX payments_payments_initiated ON payments_payments (method, created_at) WHERE status = 'initiated'"),
  Migration(
    "payments-2-ledger",
    """
    CREATE TABLE payments_ledger (
      transaction_id TEXT NOT NULL, line BIGINT NOT NULL, kind TEXT NOT NULL, account TEXT NOT NULL, currency TEXT NOT NULL,
      debit BIGINT NOT NULL, credit BIGINT NOT NULL, order_id TEXT NOT NULL, payment_id TEXT NOT NULL, at BIGINT NOT NULL,
      PRIMARY KEY (payment_id, transaction_id, line),
      CHECK (debit >= 0 AND credit >= 0 AND debit + credit > 0 AND (debit = 0 OR credit = 0))) {clustered}
    """),
  Migration(
    "payments-3-refunds",
    """
    CREATE TABLE payments_refunds (
      id TEXT PRIMARY KEY, payment_id TEXT NOT NULL, number BIGINT NOT NULL, request_key TEXT NOT NULL, request TEXT NOT NULL,
      amount BIGINT NOT NULL, currency TEXT NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL, created_at BIGINT NOT NULL, done_at BIGINT,
      UNIQUE (payment_id, request_key), UNIQUE (payment_id, number))
    """,
    "CREATE INDEX payments_refunds_pending ON payments_refunds (created_at) WHERE status = 'pending'"),
  Migration(
    "payments-4-sandbox",
    """
    CREATE TABLE payments_sandbox_holds (
      key TEXT PRIMARY KEY, order_id TEXT NOT NULL, token TEXT NOT NULL, currency TEXT NOT NULL, amount BIGINT NOT NULL,
      captured BIGINT NOT NULL, refunded BIGINT NOT NULL, status TEXT NOT NULL, appears_at BIGINT NOT NULL, capture_key TEXT,
      capture_attempts BIGINT NOT NULL) {clustered}
    """,
    "CREATE INDEX payments_sandbox_holds_order ON payments_sandbox_holds (order_id)",
    "CREATE INDEX payments_sandbox_holds_open ON payments_sandbox_holds (appears_at, key) WHERE status = 'held'",
    "CREATE TABLE payments_sandbox_refunds (key TEXT PRIMARY KEY, hold_key TEXT NOT NULL, amount BIGINT NOT NULL)",
    "CREATE TABLE payments_sandbox_notices (position {serial}, hold_key TEXT NOT NULL, appears_at BIGINT NOT NULL)")
]
