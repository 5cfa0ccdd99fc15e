import Persistence

/// The tables of Delivery.
enum DeliverySchema {
  static let migrations = [
    Migration(
      "delivery-1-tables",
      """
      CREATE TABLE delivery_partners (
        user_id TEXT PRIMARY KEY, name TEXT NOT NULL, vehicle TEXT NOT NULL, status TEXT NOT NULL, is_online BIGINT NOT NULL,
        rating_sum BIGINT NOT NULL, rating_count BIGINT NOT NULL, offers_ended BIGINT NOT NULL, offers_accepted BIGINT NOT NULL,
        deliveries_ended BIGINT NOT NULL, deliveries_completed BIGINT NOT NULL, version BIGINT NOT NULL, created_at BIGINT NOT NULL)
      """,
      // What Delivery has heard of every order, whether it is delivered or not: tracking is answered from here.
      """
      CREATE TABLE delivery_orders (
        order_id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL, customer_id TEXT NOT NULL, version BIGINT NOT NULL, status TEXT NOT NULL,
        notice TEXT NOT NULL, steps TEXT NOT NULL)
      """,
      """
      CREATE TABLE delivery_deliveries (
        id TEXT PRIMARY KEY, order_id TEXT NOT NULL UNIQUE, tenant_id TEXT NOT NULL, customer_id TEXT NOT NULL, restaurant_id TEXT NOT NULL,
        restaurant_name TEXT NOT NULL, restaurant_address TEXT NOT NULL, restaurant_latitude DOUBLE PRECISION NOT NULL,
        restaurant_longitude DOUBLE PRECISION NOT NULL, customer_address TEXT NOT NULL, customer_instructions TEXT,
        customer_latitude DOUBLE PRECISION NOT NULL, customer_longitude DOUBLE PRECISION NOT NULL, distance_meters BIGINT NOT NULL,
        currency TEXT NOT NULL, way_units BIGINT NOT NULL, tip_units BIGINT NOT NULL, status TEXT NOT NULL, partner_id TEXT,
        hand_over_code TEXT, wrong_codes BIGINT NOT NULL, last_wrong_code TEXT, failed_partner_id TEXT, radius_index BIGINT NOT NULL, asked BIGINT NOT NULL, round BIGINT NOT NULL,
        due_at BIGINT, was_reported BIGINT NOT NULL, ready_at BIGINT, created_at BIGINT NOT NULL, assigned_at BIGINT,
        arrived_at_restaurant_at BIGINT, picked_up_at BIGINT, arrived_at_customer_at BIGINT, ended_at BIGINT, reason TEXT,
        stars BIGINT, version BIGINT NOT NULL)
      """,
      // One running delivery a partner, whatever the code believes.
      """
      CREATE UNIQUE INDEX delivery_one_run_a_partner ON delivery_deliveries (partner_id)
        WHERE status IN ('assigned', 'arrived_at_restaurant', 'picked_up', 'arrived_at_customer')
      """,
      "CREATE INDEX delivery_due ON delivery_deliveries (due_at, id) WHERE due_at IS NOT NULL",
      "CREATE INDEX delivery_of_partner ON delivery_deliveries (partner_id, id)",
      "CREATE INDEX delivery_of_tenant ON delivery_deliveries (tenant_id, id)",
      "CREATE INDEX delivery_open ON delivery_deliveries (status, id) WHERE ended_at IS NULL",
      """
      CREATE TABLE delivery_offers (
        id TEXT PRIMARY KEY, delivery_id TEXT NOT NULL, partner_id TEXT NOT NULL, round BIGINT NOT NULL, status TEXT NOT NULL,
        score DOUBLE PRECISION NOT NULL, score_distance DOUBLE PRECISION NOT NULL, score_rating DOUBLE PRECISION NOT NULL,
        score_acceptance DOUBLE PRECISION NOT NULL, score_completion DOUBLE PRECISION NOT NULL, distance_meters BIGINT NOT NULL,
        offered_at BIGINT NOT NULL, expires_at BIGINT NOT NULL, ended_at BIGINT, reason TEXT)
      """,
      // One open offer a partner and one a delivery, whatever the code believes.
      "CREATE UNIQUE INDEX delivery_one_offer_a_partner ON delivery_offers (partner_id) WHERE status = 'open'",
      "CREATE UNIQUE INDEX delivery_one_offer_a_delivery ON delivery_offers (delivery_id) WHERE status = 'open'",
      "CREATE INDEX delivery_offers_expiring ON delivery_offers (expires_at) WHERE status = 'open'",
      "CREATE INDEX delivery_offers_of_delivery ON delivery_offers (delivery_id)",
      """
      CREATE TABLE delivery_earnings (
        delivery_id TEXT PRIMARY KEY, partner_id TEXT NOT NULL, currency TEXT NOT NULL, way_units BIGINT NOT NULL, tip_units BIGINT NOT NULL,
        distance_meters BIGINT NOT NULL, earned_at BIGINT NOT NULL)
      """,
      "CREATE INDEX delivery_earnings_of_partner ON delivery_earnings (partner_id, earned_at)",
      """
      CREATE TABLE delivery_positions (
        partner_id TEXT NOT NULL, recorded_at BIGINT NOT NULL, latitude DOUBLE PRECISION NOT NULL, longitude DOUBLE PRECISION NOT NULL,
        PRIMARY KEY (partner_id, recorded_at))
      """,
      "CREATE INDEX delivery_positions_by_age ON delivery_positions (recorded_at)",
      """
      CREATE TABLE delivery_last_positions (
        partner_id TEXT PRIMARY KEY, recorded_at BIGINT NOT NULL, latitude DOUBLE PRECISION NOT NULL, longitude DOUBLE PRECISION NOT NULL)
      """)
  ]
}
