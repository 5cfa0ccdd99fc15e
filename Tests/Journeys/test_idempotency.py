"""One basket is one order, however often its checkout is sent."""

import concurrent.futures
import uuid

from world import Person, key


def test_hundred_copies_of_one_checkout(world):
    place, customer = world.place, Person(world.server).register()
    headers, body = {"Idempotency-Key": uuid.uuid4().hex}, place.order()

    def check_out(_):
        return customer.ask("POST", "/api/orders", body, headers=headers)

    with concurrent.futures.ThreadPoolExecutor(25) as pool:
        answers = list(pool.map(check_out, range(100)))
    statuses = {a.status_code for a in answers}
    # A copy may be told that the first is still being worked on; it may not be told anything else.
    assert statuses <= {201, 200, 409, 503}, statuses
    placed = [a.json() for a in answers if a.status_code in (200, 201)]
    assert placed and len({o["id"] for o in placed}) == 1
    again = check_out(0)
    assert again.status_code in (200, 201) and again.json()["id"] == placed[0]["id"]
    assert again.headers.get("Idempotent-Replay") == "true"
    assert len(customer.get("/api/orders")["items"]) == 1
    payments = world.admin.get(f"/api/payments?orderId={placed[0]['id']}")["items"]
    assert len(payments) == 1
    assert [m["kind"] for m in payments[0]["movements"]].count("hold") == 1
    assert world.admin.get("/api/admin/ledger")["isBalanced"]


def test_same_key_other_body_is_a_conflict(world):
    place, customer = world.place, world.customer
    headers = key()
    first = customer.post("/api/orders", place.order(quantity=1), expect=201, headers=headers)
    second = customer.ask("POST", "/api/orders", place.order(quantity=3), expect=409, headers=headers)
    assert second.json()["code"] == "idempotency_conflict"
    assert customer.get(f"/api/orders/{first['id']}")["items"][0]["quantity"] == 1


def test_keys_belong_to_their_caller(world):
    place, headers = world.place, key()
    one, other = Person(world.server).register(), Person(world.server).register()
    assert one.post("/api/orders", place.order(), headers=headers)["id"] != other.post("/api/orders", place.order(), headers=headers)["id"]


def test_key_in_the_body_counts_the_same(world):
    place, customer = world.place, Person(world.server).register()
    name = uuid.uuid4().hex
    one = customer.post("/api/orders", {**place.order(), "idempotencyKey": name})
    two = customer.post("/api/orders", {**place.order(), "idempotencyKey": name})
    assert one["id"] == two["id"] and len(customer.get("/api/orders")["items"]) == 1
