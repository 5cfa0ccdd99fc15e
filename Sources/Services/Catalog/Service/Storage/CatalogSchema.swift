import Persistence

/// The tables of the catalogue.
let catalogMigrations: [Migration] = [
  Migration(
    "catalog-1-restaurants",
    """
    CREATE TABLE catalog_tenants (
      id TEXT PRIMARY KEY, version BIGINT NOT NULL, name TEXT NOT NULL, founder_id TEXT NOT NULL, is_founded BIGINT NOT NULL,
      created_at BIGINT NOT NULL)
    """,
    "CREATE UNIQUE INDEX catalog_tenants_founder ON catalog_tenants (founder_id)",
    """
    CREATE TABLE catalog_restaurants (
      id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, version BIGINT NOT NULL, name_key TEXT NOT NULL, latitude DOUBLE PRECISION NOT NULL,
      longitude DOUBLE PRECISION NOT NULL, is_active BIGINT NOT NULL, details TEXT NOT NULL, created_at BIGINT NOT NULL,
      updated_at BIGINT NOT NULL)
    """,
    "CREATE INDEX catalog_restaurants_place ON catalog_restaurants (latitude, longitude)",
    "CREATE INDEX catalog_restaurants_name ON catalog_restaurants (name_key, id)",
    "CREATE INDEX catalog_restaurants_tenant ON catalog_restaurants (tenant_id, name_key, id)",
    "CREATE TABLE catalog_cuisines (restaurant_id TEXT NOT NULL, cuisine TEXT NOT NULL, PRIMARY KEY (cuisine, restaurant_id))"),
  Migration(
    "catalog-2-menus",
    """
    CREATE TABLE catalog_categories (
      id TEXT PRIMARY KEY, restaurant_id TEXT NOT NULL, tenant_id TEXT NOT NULL, version BIGINT NOT NULL, name TEXT NOT NULL,
      description TEXT, sort_order BIGINT NOT NULL, created_at BIGINT NOT NULL, deleted_at BIGINT)
    """,
    "CREATE INDEX catalog_categories_restaurant ON catalog_categories (restaurant_id, sort_order, id)",
    """
    CREATE TABLE catalog_items (
      id TEXT PRIMARY KEY, restaurant_id TEXT NOT NULL, tenant_id TEXT NOT NULL, category_id TEXT NOT NULL, version BIGINT NOT NULL,
      name TEXT NOT NULL, description TEXT, image_url TEXT, currency TEXT NOT NULL, price BIGINT NOT NULL, tax_class TEXT,
      is_available BIGINT NOT NULL, unavailable_until BIGINT, sort_order BIGINT NOT NULL, option_groups TEXT NOT NULL,
      created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, deleted_at BIGINT)
    """,
    "CREATE INDEX catalog_items_restaurant ON catalog_items (restaurant_id, sort_order, id)",
    "CREATE INDEX catalog_items_category ON catalog_items (category_id, id)",
    """
    CREATE TABLE catalog_prices (
      item_id TEXT NOT NULL, version BIGINT NOT NULL, currency TEXT NOT NULL, price BIGINT NOT NULL, changed_at BIGINT NOT NULL,
      changed_by TEXT, PRIMARY KEY (item_id, version))
    """),
  Migration(
    "catalog-3-search",
    "CREATE TABLE catalog_search (restaurant_id TEXT PRIMARY KEY, place TEXT NOT NULL, dishes TEXT NOT NULL)"),
  Migration(
    "catalog-4-ratings",
    // Columns of their own, counted up in place: a rating takes no version away from a manager who edits meanwhile.
    "ALTER TABLE catalog_restaurants ADD COLUMN rating_sum BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE catalog_restaurants ADD COLUMN rating_count BIGINT NOT NULL DEFAULT 0"),
  Migration(
    "catalog-5-approval",
    // Empty means approved: so are those that were there before, and those that a version without approval writes meanwhile.
    "ALTER TABLE catalog_restaurants ADD COLUMN waiting_since BIGINT", "ALTER TABLE catalog_restaurants ADD COLUMN approved_at BIGINT",
    "ALTER TABLE catalog_restaurants ADD COLUMN approval_note TEXT",
    "CREATE INDEX catalog_restaurants_waiting ON catalog_restaurants (id) WHERE waiting_since IS NOT NULL")
]
