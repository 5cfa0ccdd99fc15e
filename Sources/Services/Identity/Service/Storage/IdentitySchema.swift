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
    "CREATE TABLE identity_keys (generation BIGINT PRIMARY KEY, name TEXT NOT NULL, pem TEXT NOT NULL, created_at BIGINT NOT NULL)")
]
