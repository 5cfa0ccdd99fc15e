\set customer random(1, 100000)
\set id random(1, 9223372036854775807)
BEGIN;
INSERT INTO orders VALUES (:id, :customer, 'pending', 2599, now());
INSERT INTO items VALUES (:id, 1, 'Dish of the day', 2, 1200);
INSERT INTO items VALUES (:id, 2, 'Rice and greens', 1, 150);
INSERT INTO items VALUES (:id, 3, 'Lemonade', 1, 49);
INSERT INTO outbox (name, payload) VALUES ('order.created', '{"order":"from the basket to the door","total":"25.99","currency":"USD","status":"pending"}');
END;
