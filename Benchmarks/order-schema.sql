-- What an order is in the database of the yardstick: one row, its items, and one event in the outbox.
CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint NOT NULL, status text NOT NULL, total bigint NOT NULL, placed_at timestamptz NOT NULL);
CREATE TABLE items (order_id bigint NOT NULL, line int NOT NULL, name text NOT NULL, quantity int NOT NULL, price bigint NOT NULL, PRIMARY KEY (order_id, line));
CREATE TABLE outbox (sequence bigserial PRIMARY KEY, name text NOT NULL, payload text NOT NULL);
