import Persistence

/// The tables of Identity.
let identityMigrations = [
  Migration(
    "identity-1-accounts",
    """
    CREATE TABLE identity_users (
      id TEXT PRIMARY KEY, email TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL, first_name TEXT, last_name TEXT, phone TEXT,
      tenant_id TEXT, created_at BIGINT NOT NULL)
    """,
    "CREATE TABLE identity_roles (user_id TEXT NOT NULL, role TEXT NOT NULL, granted_at BIGINT NOT NULL, PRIMARY KEY (user_id, role))",
    """
    CREATE TABLE identity_sessions (
      id TEXT PRIMARY KEY, user_id TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, revoked_at BIGINT,
      cookie_digest TEXT NOT NULL UNIQUE, cookie_expires_at BIGINT NOT NULL)
    """,
    "CREATE INDEX identity_sessions_expiry ON identity_sessions (expires_at)",
    """
    CREATE TABLE identity_refresh_tokens (
      digest TEXT PRIMARY KEY, session_id TEXT NOT NULL, issued_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, used_at BIGINT)
    """,
    "CREATE INDEX identity_refresh_tokens_expiry ON identity_refresh_tokens (expires_at)",
    "CREATE TABLE identity_keys (generation BIGINT PRIMARY KEY, name TEXT NOT NULL, pem TEXT NOT NULL, created_at BIGINT NOT NULL)"),
  // People without an e-mail address, and a password that may not be there: neither engine alters columns so the same way.
  Migration(
    "identity-2-people",
    """
    CREATE TABLE identity_people (
      id TEXT PRIMARY KEY, email TEXT UNIQUE, email_verified_at BIGINT, username TEXT, tenant_id TEXT, password_hash TEXT,
      must_change_password BIGINT NOT NULL DEFAULT 0, first_name TEXT, last_name TEXT, phone TEXT, photo_url TEXT, disabled_at BIGINT,
      erased_at BIGINT, factor_secret TEXT, factor_offer TEXT, factor_step BIGINT NOT NULL DEFAULT 0, created_at BIGINT NOT NULL,
      UNIQUE (tenant_id, username))
    """,
    """
    INSERT INTO identity_people (id, email, tenant_id, password_hash, first_name, last_name, phone, created_at)
    SELECT id, email, tenant_id, password_hash, first_name, last_name, phone, created_at FROM identity_users
    """,
    "DROP TABLE identity_users", "ALTER TABLE identity_people RENAME TO identity_users",
    "CREATE TABLE identity_recovery_codes (user_id TEXT NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (user_id, digest))",
    "CREATE TABLE identity_phones (phone TEXT PRIMARY KEY, user_id TEXT NOT NULL, verified_at BIGINT NOT NULL)",
    "CREATE INDEX identity_phones_user ON identity_phones (user_id)"),
  Migration(
    "identity-3-ways-in",
    """
    CREATE TABLE identity_codes (
      phone TEXT PRIMARY KEY, code_hash TEXT NOT NULL, sent_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, tries_left BIGINT NOT NULL)
    """,
    "CREATE TABLE identity_resets (digest TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires_at BIGINT NOT NULL)",
    "CREATE TABLE identity_attempts (subject TEXT PRIMARY KEY, count BIGINT NOT NULL, ends_at BIGINT NOT NULL)",
    """
    CREATE TABLE identity_letters (
      id TEXT PRIMARY KEY, kind TEXT NOT NULL, recipient TEXT NOT NULL, secret TEXT NOT NULL, due_at BIGINT NOT NULL, expires_at BIGINT NOT NULL)
    """,
    "CREATE INDEX identity_letters_due ON identity_letters (due_at)",
    "ALTER TABLE identity_sessions ADD COLUMN way TEXT", "ALTER TABLE identity_sessions ADD COLUMN address TEXT",
    "ALTER TABLE identity_sessions ADD COLUMN agent TEXT", "ALTER TABLE identity_sessions ADD COLUMN refreshed_at BIGINT",
    "CREATE INDEX identity_sessions_user ON identity_sessions (user_id, created_at)"),
  Migration(
    "identity-4-audit",
    """
    CREATE TABLE identity_audit (
      id TEXT PRIMARY KEY, at BIGINT NOT NULL, action TEXT NOT NULL, actor_id TEXT, subject_id TEXT, tenant_id TEXT, address TEXT, agent TEXT,
      before_value TEXT, after_value TEXT)
    """,
    "CREATE INDEX identity_audit_tenant ON identity_audit (tenant_id, id)", "CREATE INDEX identity_audit_subject ON identity_audit (subject_id, id)",
    "CREATE INDEX identity_audit_actor ON identity_audit (actor_id, id)"),
  Migration(
    "identity-5-api-keys",
    """
    CREATE TABLE identity_api_keys (
      id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, name TEXT NOT NULL, prefix TEXT NOT NULL, digest TEXT NOT NULL UNIQUE, role TEXT NOT NULL,
      scopes TEXT NOT NULL, created_by TEXT, created_at BIGINT NOT NULL, expires_at BIGINT, revoked_at BIGINT, used_at BIGINT)
    """,
    "CREATE INDEX identity_api_keys_tenant ON identity_api_keys (tenant_id, id)"),
  Migration(
    "identity-6-providers",
    """
    CREATE TABLE identity_external_attempts (
      state TEXT PRIMARY KEY, provider TEXT NOT NULL, nonce TEXT NOT NULL, verifier TEXT NOT NULL, binding TEXT NOT NULL, return_to TEXT,
      expires_at BIGINT NOT NULL)
    """,
    """
    CREATE TABLE identity_external_accounts (
      issuer TEXT NOT NULL, subject TEXT NOT NULL, user_id TEXT NOT NULL, linked_at BIGINT NOT NULL, PRIMARY KEY (issuer, subject))
    """,
    "CREATE INDEX identity_external_accounts_user ON identity_external_accounts (user_id)"),
  Migration(
    "identity-7-profiles",
    """
    CREATE TABLE identity_addresses (
      id TEXT PRIMARY KEY, user_id TEXT NOT NULL, label TEXT NOT NULL, body TEXT NOT NULL, latitude DOUBLE PRECISION NOT NULL,
      longitude DOUBLE PRECISION NOT NULL, instructions TEXT, is_default BIGINT NOT NULL, created_at BIGINT NOT NULL)
    """,
    "CREATE INDEX identity_addresses_user ON identity_addresses (user_id, id)",
    """
    CREATE TABLE identity_consents (
      id TEXT PRIMARY KEY, user_id TEXT NOT NULL, purpose TEXT NOT NULL, is_given BIGINT NOT NULL, at BIGINT NOT NULL)
    """,
    "CREATE INDEX identity_consents_user ON identity_consents (user_id, id)")
]
