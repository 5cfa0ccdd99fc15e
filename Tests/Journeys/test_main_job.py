"""From basket to door, over HTTP and sockets, as the three people see it."""

from decimal import Decimal

from tiffin import eventually
from world import Courier, Person, key, near


def test_delivery_from_basket_to_door(world):
    place, admin = world.place, world.admin
    customer = Person(world.server).register()
    courier = Courier(world.server).start()
    with customer.socket() as guest, place.owner.socket() as kitchen, courier.socket() as rider:
        assert kitchen.subscribe(f"tenant:{place.tenant['id']}")["type"] == "subscribed"
        assert rider.subscribe(f"partner:{courier.partner['id']}")["type"] == "subscribed"

        wish = place.order(tip="2.00")
        preview = customer.post("/api/pricing/preview", {k: v for k, v in wish.items() if k != "payment"})
        assert customer.get("/api/orders")["items"] == [], "a preview creates nothing"
        total = preview["price"]["total"]
        order = customer.post("/api/orders", {**wish, "expectedTotal": total}, expect=201, headers=key())
        assert order["status"] == "pending" and order["total"] == total and order["currency"] == "GBP"
        joined = guest.subscribe(f"order:{order['id']}")
        assert joined["type"] == "subscribed" and joined["data"]["joined"] == "fresh"

        seen = kitchen.hear_type("order_update", orderId=order["id"])
        assert seen["data"]["status"] == "pending"
        place.move(order["id"], "confirmed", readyInMinutes=1)
        guest.hear_type("order_update", orderId=order["id"], status="confirmed")
        place.move(order["id"], "preparing")
        guest.hear_type("order_update", orderId=order["id"], status="preparing")

        offer = rider.hear_type("delivery_offer", orderId=order["id"])["data"]
        taken = courier.post(f"/v1/partner/offers/{offer['offerId']}/accept")
        assert taken["status"] == "assigned" and taken["orderId"] == order["id"]
        courier.step(offer["deliveryId"], "arrived_at_restaurant")
        place.move(order["id"], "ready_for_pickup")
        guest.hear_type("order_update", orderId=order["id"], status="ready_for_pickup")
        courier.step(offer["deliveryId"], "picked_up")
        guest.hear_type("order_update", orderId=order["id"], status="out_for_delivery")

        rider.say("position", **near(300, 200))
        moved = guest.hear_type("location_update", orderId=order["id"])["data"]
        assert abs(moved["latitude"] - near(300, 200)["latitude"]) < 1e-4 and moved["ageSeconds"] >= 0
        tracking = customer.get(f"/api/tracking/{order['id']}")
        assert tracking["courier"]["position"]["ageSeconds"] >= 0 and tracking["eta"]["earliest"] <= tracking["eta"]["latest"]
        assert place.owner.get(f"/api/tracking/{order['id']}").get("handOverCode") is None, "the code is the customer's"

        courier.step(offer["deliveryId"], "arrived_at_customer")
        wrong = f"{(int(tracking['handOverCode']) + 1) % 10000:04d}"
        courier.step(offer["deliveryId"], "delivered", expect=422, handOverCode=wrong)
        courier.step(offer["deliveryId"], "delivered", handOverCode=tracking["handOverCode"])
        guest.hear_type("order_update", orderId=order["id"], status="delivered")

    final = eventually(lambda: (o := customer.get(f"/api/orders/{order['id']}")) and o["status"] == "delivered" and o, "the order is delivered")
    assert [step["status"] for step in final["history"] if step.get("from") != step["status"]] == [
        "pending", "confirmed", "preparing", "ready_for_pickup", "out_for_delivery", "delivered"]

    def captured():
        payments = admin.get(f"/api/payments?orderId={order['id']}")["items"]
        return len(payments) == 1 and payments[0]["status"] == "succeeded" and payments[0]
    payment = eventually(captured, "the payment is captured")
    assert Decimal(payment["captured"]) == Decimal(order["total"]) and payment["captures"] == 1
    assert admin.get("/api/admin/ledger")["isBalanced"]
    assert customer.get(f"/api/tracking/{order['id']}").get("courier", {}).get("position") is None, "no position after the door"
    earned = courier.get("/v1/earnings")
    assert earned, "the courier earned something"
    assert courier.get("/api/delivery-partner")["status"] in ("available", "offline")


def test_pickup_and_cash(world):
    place, customer = world.place, world.customer
    order = customer.post("/api/orders", place.order("pickup", card=None), expect=201, headers=key())
    for status in ("confirmed", "preparing", "ready_for_pickup", "completed"):
        assert place.move(order["id"], status)["status"] == status
    payment = eventually(
        lambda: [p for p in world.admin.get(f"/api/payments?orderId={order['id']}")["items"] if p["status"] == "succeeded"], "cash is collected")
    assert payment[0]["method"] == "cash" and payment[0]["captured"] == order["total"]


def test_rejected_order_gives_the_hold_back(world):
    place, customer = world.place, world.customer
    order = customer.post("/api/orders", place.order(), expect=201, headers=key())
    place.move(order["id"], "rejected", reason="No soup left")
    payment = eventually(
        lambda: [p for p in world.admin.get(f"/api/payments?orderId={order['id']}")["items"] if p["status"] == "voided"], "the hold is voided")
    assert payment[0]["captures"] == 0
    assert customer.get(f"/api/orders/{order['id']}")["status"] == "rejected"


def test_customer_changes_their_mind(world):
    place, customer = world.place, world.customer
    order = customer.post("/api/orders", place.order(), expect=201, headers=key())
    cancelled = customer.post(f"/api/orders/{order['id']}/cancel", {"reason": "Too hungry to wait"})
    assert cancelled["status"] == "cancelled"
    eventually(lambda: [p for p in world.admin.get(f"/api/payments?orderId={order['id']}")["items"] if p["status"] == "voided"], "the hold is voided")
    place.move(order["id"], "confirmed", expect=409)


def test_declined_card_leaves_nothing(world):
    place, customer = world.place, Person(world.server).register()
    answer = customer.ask("POST", "/api/orders", place.order(card="tok_decline"), headers=key())
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["code"]
    assert [o for o in customer.get("/api/orders")["items"] if o["status"] == "pending"] == []
    assert world.admin.get("/api/admin/ledger")["isBalanced"]


def test_cart_of_a_visitor(world):
    place = world.place
    mine = {"X-Cart-Key": "c" * 32}
    visitor = world.visitor
    visitor.ask("POST", "/api/cart/items", {"restaurantId": place.id, "menuItemId": place.soup["id"], "quantity": 2}, expect=201, headers=mine)
    cart = visitor.ask("GET", "/api/cart", expect=200, headers=mine).json()
    assert sum(line["quantity"] for line in cart["items"]) == 2
    other = visitor.ask("GET", "/api/cart", expect=200, headers={"X-Cart-Key": "d" * 32}).json()
    assert other["items"] == []


def test_both_spellings_reach_the_same(world):
    place, customer = world.place, world.customer
    order = customer.post("/v1/orders", place.order("pickup"), expect=201, headers=key())
    assert customer.get(f"/api/orders/{order['id']}")["id"] == customer.get(f"/v1/orders/{order['id']}")["id"]
    assert any(o["id"] == order["id"] for o in place.owner.get("/v1/restaurant/orders")["items"])
    assert customer.get(f"/v1/restaurants/{place.id}/menu") == customer.get(f"/api/restaurants/{place.id}/menu")
    moved = place.owner.put(f"/v1/restaurant/orders/{order['id']}/status", {"status": "CONFIRMED"})
    assert moved["status"] == "confirmed", "names of other descriptions are taken, ours are given"
