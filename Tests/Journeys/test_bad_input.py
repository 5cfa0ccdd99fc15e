"""Bad input of every kind: the right problem, and nothing changes."""

import copy
import uuid

import pytest

from world import ALWAYS, Person, Place, key, near

UNKNOWN = "01900000-0000-7000-8000-000000000000"


def change(body, path, value):
    """A copy of the body with one place changed; `...` removes it."""
    body = copy.deepcopy(body)
    at = body
    *way, last = path
    for step in way:
        at = at[step]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return body


ORDERS = [
    # what, path, value, status, the path that the problem names
    ("restaurant missing", ["restaurantId"], ..., (400, 422), None),
    ("restaurant of the wrong type", ["restaurantId"], 5, 400, "restaurantId"),
    ("restaurant not an id", ["restaurantId"], "pizza", 400, "restaurantId"),
    ("restaurant unknown", ["restaurantId"], UNKNOWN, 404, None),
    ("items no list", ["items"], {}, 400, "items"),
    ("items empty", ["items"], [], (400, 422), None),
    ("dish unknown", ["items", 0, "menuItemId"], UNKNOWN, 422, "items[0].menuItemId"),
    ("quantity zero", ["items", 0, "quantity"], 0, 400, "items[0].quantity"),
    ("quantity negative", ["items", 0, "quantity"], -3, 400, "items[0].quantity"),
    ("quantity huge", ["items", 0, "quantity"], 10**30, 400, "items[0].quantity"),
    ("quantity broken", ["items", 0, "quantity"], 1.5, 400, "items[0].quantity"),
    ("quantity text", ["items", 0, "quantity"], "two", 400, "items[0].quantity"),
    ("option unknown", ["items", 0, "optionIds"], [UNKNOWN], 422, "items[0].optionIds"),
    ("fulfilment unknown", ["fulfilment"], "drone", 400, "fulfilment"),
    ("fulfilment null", ["fulfilment"], None, 400, "fulfilment"),
    ("address missing", ["deliveryAddress"], ..., (400, 422), "deliveryAddress"),
    ("latitude beyond the pole", ["deliveryAddress", "point", "latitude"], 91, 400, "deliveryAddress.point.latitude"),
    ("too far away", ["deliveryAddress", "point"], near(80_000, 0), 422, None),
    ("address too long", ["deliveryAddress", "text"], "x" * 4000, 400, "deliveryAddress.text"),
    ("payment missing", ["payment"], ..., 400, "payment"),
    ("payment of shells", ["payment", "method"], "shells", 400, "payment.method"),
    ("tip negative", ["tip"], "-1.00", (400, 422), "tip"),
    ("tip with three decimals", ["tip"], "1.005", (400, 422), "tip"),
    ("tip a word", ["tip"], "much", 400, "tip"),
    ("tip huge", ["tip"], "9" * 40, 400, "tip"),
    ("another total", ["expectedTotal"], "0.01", 409, "expectedTotal"),
    ("wanted in the past", ["wantedAt"], "2001-01-01T12:00:00.000Z", (400, 422), None),
    ("wanted no time", ["wantedAt"], "tomorrow", 400, "wantedAt"),
    ("coupon unknown", ["couponCode"], "FREE-LUNCH", 422, "couponCode"),
    ("instructions too long", ["specialInstructions"], "x" * 5000, 400, "specialInstructions"),
]


@pytest.fixture(scope="module")
def customer(world):
    return Person(world.server).register()


@pytest.mark.parametrize("what, path, value, status, named", ORDERS, ids=[o[0] for o in ORDERS])
def test_order(world, customer, what, path, value, status, named):
    body = change(world.place.order(), path, value)
    answer = customer.ask("POST", "/api/orders", body, headers=key())
    wanted = status if isinstance(status, tuple) else (status,)
    assert answer.status_code in wanted, answer.text
    problem = answer.json()
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert problem["status"] == answer.status_code and problem["code"] and problem["title"] and problem["correlationId"]
    if named:
        assert any((e.get("field") or "").startswith(named) for e in problem["errors"]), problem
    assert customer.get("/api/orders")["items"] == [], "nothing was placed"
    assert world.admin.get("/api/admin/ledger")["isBalanced"]


def test_every_fault_is_named_at_once(world, customer):
    body = world.place.order(tip="much", fulfilment="drone")
    body["items"][0]["quantity"] = 0
    problem = customer.ask("POST", "/api/orders", body, expect=400, headers=key()).json()
    named = {e["field"] for e in problem["errors"]}
    assert {"tip", "fulfilment", "items[0].quantity"} <= named


BODIES = [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b'{"a":' * 500, b"[" * 100_000, b'{"email":"a@b.c","email":"a@b.c"}', b"{} trailing"]


@pytest.mark.parametrize("body", BODIES, ids=[repr(b[:20]) for b in BODIES])
@pytest.mark.parametrize("path", ["/api/auth/login", "/api/orders", "/api/restaurants", "/api/pricing/preview"])
def test_bodies_that_are_none(world, customer, path, body):
    answer = customer.ask("POST", path, headers={"Content-Type": "application/json", **key()}, content=body)
    assert answer.status_code in (400, 403, 413), (answer.status_code, answer.text[:200])
    assert answer.json()["code"]


def test_other_content_and_too_much_of_it(world, customer):
    assert customer.ask("POST", "/api/orders", headers={"Content-Type": "text/plain", **key()}, content=b"hello").status_code in (400, 415)
    big = b'{"specialInstructions":"' + b"x" * (3 << 20) + b'"}'
    assert customer.ask("POST", "/api/orders", headers={"Content-Type": "application/json", **key()}, content=big).status_code == 413


def test_unknown_paths_and_methods(world):
    for path in ("/api/nowhere", "/api/orders/x/y/z", "/../etc/passwd", "/api/%2e%2e/%2e%2e/etc/passwd", "/" + "a" * 3000):
        answer = world.visitor.ask("GET", path)
        assert answer.status_code in (400, 401, 404, 414), (path, answer.status_code)
    assert world.visitor.ask("DELETE", "/api/auth/login").status_code == 405


def test_strangers_see_nothing(world, customer):
    order = world.customer.post("/api/orders", world.place.order(), headers=key())["id"]
    payment = world.admin.get(f"/api/payments?orderId={order}")["items"][0]["id"]
    stranger, rival = Person(world.server).register(), world.other_place.owner
    for person in (stranger, rival):
        assert person.ask("GET", f"/api/orders/{order}").status_code == 404
        assert person.ask("GET", f"/api/tracking/{order}").status_code == 404
        assert person.ask("GET", f"/api/payments/{payment}").status_code == 404
        assert person.ask("POST", f"/api/orders/{order}/cancel", {}).status_code == 404
        assert person.ask("PATCH", f"/api/orders/{order}/status", {"status": "confirmed"}).status_code == 404
        assert person.ask("GET", "/api/admin/ledger").status_code == 403
    assert world.visitor.ask("GET", f"/api/orders/{order}").status_code == 401
    assert world.visitor.ask("GET", "/api/admin/ledger").status_code == 401
    rival.ask("PATCH", f"/api/restaurants/{world.place.id}", {"name": "Mine now"}, expect=(403, 404))
    rival.ask("PATCH", f"/api/menus/items/{world.place.soup['id']}", {"price": "0.01"}, expect=(403, 404))
    rival.ask("DELETE", f"/api/menus/items/{world.place.soup['id']}", expect=(403, 404))
    stranger.ask("POST", "/api/restaurants", {"name": "x"}, expect=(400, 403))
    stranger.ask("POST", f"/api/payments/{payment}/refunds", {"reason": "please"}, expect=(403, 404), headers=key())
    world.customer.ask("PATCH", f"/api/orders/{order}/status", {"status": "confirmed"}, expect=(403, 409))
    assert world.customer.get(f"/api/orders/{order}")["status"] == "pending"
    assert world.customer.get(f"/api/restaurants/{world.place.id}")["name"] == world.place.restaurant["name"]


def test_another_tenant_named(world):
    rival = world.other_place.owner
    body = {"tenantId": world.place.tenant["id"], "name": "Spy", "address": "x", "point": near(), "timeZone": "Europe/London", "currency": "GBP",
            "openingHours": ALWAYS}
    answer = rival.ask("POST", "/api/restaurants", body, expect=403)
    assert answer.json()["code"] == "tenant_mismatch"
    assert rival.ask("GET", "/api/my-restaurants", headers={"X-Tenant-ID": world.place.tenant["id"]}).status_code == 403


def test_stale_version(world):
    order = world.customer.post("/api/orders", world.place.order("pickup"), headers=key())
    read = world.place.owner.ask("GET", f"/api/orders/{order['id']}", expect=200)
    tag = read.headers["ETag"]
    world.place.owner.ask("PATCH", f"/api/orders/{order['id']}/status", {"status": "confirmed"}, expect=200, headers={"If-Match": tag})
    world.place.owner.ask("PATCH", f"/api/orders/{order['id']}/status", {"status": "preparing"}, expect=412, headers={"If-Match": tag})
    assert world.customer.get(f"/api/orders/{order['id']}")["status"] == "confirmed"


def test_steps_that_do_not_follow(world):
    order = world.customer.post("/api/orders", world.place.order("pickup"), headers=key())["id"]
    for status in ("delivered", "completed", "ready_for_pickup", "out_for_delivery"):
        answer = world.place.owner.ask("PATCH", f"/api/orders/{order}/status", {"status": status})
        assert answer.status_code in (403, 409, 422), (status, answer.text)
    world.place.owner.ask("PATCH", f"/api/orders/{order}/status", {"status": "vanished"}, expect=400)
    assert world.customer.get(f"/api/orders/{order}")["status"] == "pending"


def test_closed_paused_gone_and_dearer(world):
    place, customer = Place(world.server), Person(world.server).register()
    preview = customer.post("/api/pricing/preview", {k: v for k, v in place.order().items() if k != "payment"})["price"]["total"]
    place.owner.patch(f"/api/menus/items/{place.soup['id']}", {"price": "7.00"})

    def refused(body, status=(409, 422)):
        answer = customer.ask("POST", "/api/orders", body, expect=status, headers=key())
        return answer.json()["code"]

    assert refused(place.order(expectedTotal=preview)) == "price_changed"
    place.owner.patch(f"/api/menus/items/{place.soup['id']}", {"isAvailable": False})
    assert refused(place.order()) == "item_unavailable"
    place.owner.patch(f"/api/menus/items/{place.soup['id']}", {"isAvailable": True})
    pie = {**place.order(), "items": [{"menuItemId": place.pie["id"], "quantity": 1, "optionIds": []}]}
    assert refused(pie) == "option_invalid"
    place.owner.ask("DELETE", f"/api/menus/items/{place.pie['id']}", expect=(200, 204))
    assert refused(pie, (404, 409, 422)) in ("item_unknown", "item_unavailable")
    place.owner.patch(f"/api/restaurants/{place.id}", {"pausedUntil": "2099-01-01T00:00:00.000Z"})
    assert refused(place.order()) == "restaurant_paused"
    place.owner.patch(f"/api/restaurants/{place.id}", {"isPaused": False})
    place.owner.patch(f"/api/restaurants/{place.id}", {"openingHours": {day: [] for day in ALWAYS}})
    assert refused(place.order()) == "restaurant_closed"
    place.owner.patch(f"/api/restaurants/{place.id}", {"openingHours": ALWAYS})
    assert customer.get("/api/orders")["items"] == []
    customer.post("/api/orders", place.order(), headers=key())


TOKENS = ["x", "Bearer", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "é" * 10]


@pytest.mark.parametrize("token", TOKENS)
def test_forged_tokens(world, token):
    person = Person(world.server)
    answer = person.ask("GET", "/api/orders", headers={"Authorization": f"Bearer {token}".encode()})
    assert answer.status_code == 401 and answer.json()["code"]


def test_a_token_changed_by_one_letter(world):
    good = Person(world.server).register()
    head, body, signature = good.token.split(".")
    flipped = ("A" if signature[5] != "A" else "B")
    for token in (f"{head}.{body}.{signature[:5]}{flipped}{signature[6:]}", f"{head}.{body}.", f"{head}.{body[:-4]}AAAA.{signature}"):
        assert good.ask("GET", "/api/auth/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    good.get("/api/auth/me")
    good.ask("POST", "/api/auth/logout", {})
    assert good.ask("GET", "/api/auth/me").status_code == 401, "signed out is signed out at once"


def test_registration_faults(world):
    visitor = world.visitor
    email = f"{uuid.uuid4().hex}@journeys.example"
    for body, named in [
        ({"email": "no-at", "password": "long enough 1"}, "email"), ({"email": email, "password": "short"}, "password"),
        ({"email": email}, "password"), ({"email": email, "password": "long enough 1", "role": "admin"}, "role"),
    ]:
        problem = visitor.ask("POST", "/api/auth/register", body, expect=400).json()
        assert any(e["field"] == named for e in problem["errors"]), problem
    visitor.ask("POST", "/api/auth/login", {"email": email, "password": "long enough 1"}, expect=401)
