"""Nobody reaches what is another's: every route of the running server, asked by every kind of caller.

access.txt says who may ask for what; a route without a line there fails. Answers are looked at twice: with ids of nothing, where only the kind
of caller counts, and with ids of one tenant, where a stranger of the right kind must find nothing and change nothing.
"""

import datetime
import pathlib
import uuid

import pytest

from tiffin import Server, eventually
from world import Courier, Person, Place, World, key, near

STAFF = {"owner", "manager", "kitchen_staff", "waiter", "other tenant"}
MANAGERS = {"owner", "manager", "other tenant"}
SIGNED = {"customer", "other customer", "courier", "other courier", "admin"} | STAFF
GROUPS = {
    "anyone": SIGNED | {"nobody"},
    "signed-in": SIGNED,
    "partners": {"courier", "other courier"},
    "staff": STAFF,
    "staff+admins": STAFF | {"admin"},
    "staff+partners+admins": STAFF | {"admin", "courier", "other courier"},
    "managers+admins": MANAGERS | {"admin"},
    "owners+admins": {"owner", "other tenant", "admin"},
    "admins": {"admin"},
}
#: Routes that end sessions of who may ask for them; only the others ask.
ENDING = {"POST /api/auth/logout", "DELETE /api/auth/sessions"}


@pytest.fixture(scope="module")
def town(binary, tmp_path_factory):
    server = Server(binary, tmp_path_factory.mktemp("isolation") / "tiffin.db", identity__passwordCost=4, identity__accessTokenMinutes=15)
    server.start()
    late = Person(server).register()
    late.close()
    server.stop()
    # The clock is an hour on when the server comes back: the token has ended by itself.
    hour_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    server.settings |= {"clock.speed": "2", "clock.origin": hour_ago.strftime("%Y-%m-%dT%H:%M:%SZ")}
    server.start()
    town = Town(server, late)
    yield town
    town.world.close()
    server.stop()


class Town:
    """Two tenants, and everybody who could ask about the first one's order."""

    def __init__(self, server, late):
        self.server, self.world = server, World(server)
        self.document = Person(server).get("/api/openapi.json")
        place, other = Place(server), Place(server, 300, 300)
        self.place = place
        self.callers = {
            "nobody": Person(server), "expired token": late, "signed out": Person(server).register(), "customer": Person(server).register(),
            "other customer": Person(server).register(), "courier": Courier(server).start(), "other courier": Courier(server).register("delivery_partner"),
            "owner": place.owner, "other tenant": other.owner, "admin": self.world.admin, "key without scope": Person(server),
        }
        for role in ("manager", "kitchen_staff", "waiter"):
            self.callers[role] = place.hire(role)
        made = place.owner.post(f"/api/tenants/{place.tenant['id']}/api-keys", {"name": "Bell", "role": "manager", "scopes": ["notifications:read"]})
        self.callers["key without scope"].token = made["secret"]
        ended = self.callers["signed out"]
        ended.ask("POST", "/api/auth/logout", {}, expect=(200, 204))
        # One order with all that hangs on it, up to a courier with the food in hand.
        customer, courier = self.callers["customer"], self.callers["courier"]
        self.order = customer.post("/api/orders", place.order(), headers=key())
        self.paid = eventually(lambda: customer.get("/api/payments")["items"], "the payment is listed")[0]
        for status in ("confirmed", "preparing"):
            place.move(self.order["id"], status)
        offer = eventually(lambda: courier.get("/v1/partner/offers")["items"], "the courier is asked")[0]
        courier.post(f"/v1/partner/offers/{offer['offerId']}/accept")
        self.delivery = eventually(lambda: courier.get("/api/deliveries")["items"], "the courier has the delivery")[0]
        self.note = eventually(lambda: customer.get("/api/notifications")["items"], "the customer is told")[0]
        self.ids = {
            "orderId": self.order["id"], "restaurantId": place.id, "menuItemId": place.soup["id"], "categoryId": place.category["id"],
            "paymentId": self.paid["id"], "deliveryId": self.delivery["id"], "offerId": offer["offerId"], "notificationId": self.note["id"],
            "tenantId": place.tenant["id"], "userId": customer.user["id"],
        }

    @property
    def routes(self):
        return [(method.upper(), path) for path, methods in self.document["paths"].items() for method in methods if method in METHODS]

    def ask(self, who, method, path, ids, body=None):
        for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]:
            path = path.replace("{" + name + "}", ids.get(name) or str(uuid.uuid4()))
        headers = key() if method == "POST" else None
        return self.callers[who].ask(method, path, body if method in ("POST", "PUT", "PATCH") else None, headers=headers)

    def picture(self):
        """All that the tenant has, as its owner sees it."""
        owner, customer = self.place.owner, self.callers["customer"]
        return {path: owner.get(path) for path in (
            f"/api/restaurants/{self.place.id}", f"/api/restaurants/{self.place.id}/menu", f"/api/orders/{self.order['id']}",
            f"/api/deliveries/{self.delivery['id']}", f"/api/payments/{self.paid['id']}", f"/api/tenants/{self.place.tenant['id']}",
        )} | {"/api/notifications": customer.get("/api/notifications"), "/api/auth/me": customer.get("/api/auth/me")}


METHODS = ("get", "post", "put", "patch", "delete")


def access():
    table = {}
    for line in (pathlib.Path(__file__).parent / "access.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            group, method, path = line.split()
            assert f"{method} {path}" not in table, line
            table[f"{method} {path}"] = group
    return table


def test_every_route_has_a_line(town):
    routes = {f"{method} {path}" for method, path in town.routes}
    table = access()
    assert not routes - set(table), "routes without a line in access.txt: say who may ask"
    assert not set(table) - routes, "lines in access.txt without a route"


def test_every_caller_at_every_route(town):
    """With ids of nothing and an empty body: 401 for who is nobody, 403 for the wrong kind, anything else for the right one."""
    table, wrong, pairs = access(), [], 0
    for method, path in town.routes:
        route = f"{method} {path}"
        allowed = GROUPS[table[route]]
        for who in town.callers:
            if route in ENDING and who in allowed:
                continue
            # An order and a tenant need more than an empty body; the cart of who asks would change.
            answer = town.ask(who, method, path, {}, {})
            pairs += 1
            if who in ("expired token", "signed out"):
                fits = answer.status_code == 401
            elif who == "key without scope":
                fits = table[route] == "anyone" or answer.status_code == 403 or path.endswith("/notifications")
            elif who in allowed:
                fits = answer.status_code not in (401, 403) or answer.json()["code"] not in ("forbidden", "not_signed_in", "scope_missing")
            else:
                fits = answer.status_code == (401 if who == "nobody" else 403)
            if not fits or answer.status_code >= 500:
                wrong.append(f"{who}: {route} -> {answer.status_code} {answer.json().get('code') if answer.content else ''}")
    print(f"\nmeasured {pairs} pairs of route and caller")
    assert not wrong, "\n".join(wrong)


#: What a stranger of the right kind tries with the ids of another's tenant; each would succeed in the right hands.
TRIES = {
    "PATCH /api/restaurants/{restaurantId}": {"name": "Taken over"},
    "PUT /api/restaurants/{restaurantId}": {"name": "Taken over"},
    "PUT /api/restaurants/{restaurantId}/pace": {"preparationMinutes": 600},
    "DELETE /api/restaurants/{restaurantId}": None,
    "POST /api/menus/categories": {"restaurantId": "restaurantId", "name": "Planted", "sortOrder": 9},
    "PATCH /api/menus/categories/{categoryId}": {"name": "Taken over"},
    "DELETE /api/menus/categories/{categoryId}": None,
    "POST /api/menu": {"restaurantId": "restaurantId", "categoryId": "categoryId", "name": "Planted", "price": "1.00"},
    "POST /api/menus/items/batch": {"restaurantId": "restaurantId", "items": [{"categoryId": "categoryId", "name": "Planted", "price": "1.00"}]},
    "PATCH /api/menus/items/{menuItemId}": {"price": "0.01"},
    "PUT /api/menus/items/{menuItemId}/availability": {"isAvailable": False},
    "DELETE /api/menus/items/{menuItemId}": None,
    "GET /api/menus/items/{menuItemId}/prices": None,
    "GET /api/restaurants/{restaurantId}/day": None,
    "POST /api/orders/{orderId}/rating": {"stars": 1},
    "GET /api/tenants/{tenantId}": None,
    "GET /api/orders/{orderId}": None,
    "POST /api/orders/{orderId}/cancel": {"reason": "mine now"},
    "PATCH /api/orders/{orderId}/status": {"status": "ready"},
    "POST /api/orders/{orderId}/assign-delivery": {"partnerId": str(uuid.uuid4())},
    "GET /api/tracking/{orderId}": None,
    "GET /api/payments/{paymentId}": None,
    "POST /api/payments/{paymentId}/refunds": {"amount": "1.00", "reason": "mine now"},
    "GET /api/deliveries/{deliveryId}": None,
    "PATCH /api/deliveries/{deliveryId}/status": {"status": "arrived_at_restaurant"},
    "PUT /api/deliveries/{deliveryId}/location": near(10, 10),
    "POST /api/deliveries/{deliveryId}/rating": {"stars": 1},
    "POST /v1/partner/offers/{offerId}/accept": {},
    "POST /v1/partner/offers/{offerId}/decline": {},
    "POST /api/notifications/{notificationId}/read": {},
}


def test_strangers_find_nothing_and_change_nothing(town):
    table, wrong, pairs = access(), [], 0
    before = town.picture()
    for route, body in TRIES.items():
        method, path = route.split()
        if isinstance(body, dict):
            body = filled(body, town.ids)
        for who in ("other customer", "other courier", "other tenant"):
            if who not in GROUPS[table[route]]:
                continue
            answer = town.ask(who, method, path, town.ids, body)
            pairs += 1
            if answer.status_code not in (403, 404):
                wrong.append(f"{who}: {route} -> {answer.status_code} {answer.text[:200]}")
    print(f"\nmeasured {pairs} tries of strangers")
    assert not wrong, "\n".join(wrong)
    assert town.picture() == before


def filled(body, ids):
    if isinstance(body, dict):
        return {name: filled(value, ids) for name, value in body.items()}
    if isinstance(body, list):
        return [filled(value, ids) for value in body]
    return ids.get(body, body) if isinstance(body, str) else body


def test_lists_hold_nothing_of_others(town):
    """What each stranger is listed names neither the order nor anything of it."""
    for who in ("other customer", "other courier", "other tenant"):
        for method, path in town.routes:
            if method != "GET" or "{" in path or path.startswith(("/api/openapi", "/routes")) or access()[f"{method} {path}"] == "anyone":
                continue
            answer = town.callers[who].ask("GET", path)
            if answer.status_code == 200:
                for name in ("orderId", "paymentId", "deliveryId", "notificationId"):
                    assert town.ids[name] not in answer.text, f"{who}: {path} shows the {name} of another"


def test_a_tenant_named_in_a_header_must_be_ones_own(town):
    for who, status in (("owner", 200), ("other tenant", 403), ("admin", 200), ("customer", 200)):
        answer = town.callers[who].ask("GET", "/api/auth/me", headers={"X-Tenant-ID": town.place.tenant["id"]})
        assert answer.status_code == status, f"{who}: {answer.text}"
        if status == 403:
            assert answer.json()["code"] == "tenant_mismatch"


def test_the_channels_of_others_are_closed(town):
    """Each live channel, asked for by everybody: only those it belongs to get frames of it."""
    order, tenant = town.order["id"], town.place.tenant["id"]
    own = {
        f"order:{order}": {"customer", "owner", "manager", "kitchen_staff", "waiter", "courier", "admin"},
        f"tenant:{tenant}": {"owner", "manager", "kitchen_staff", "waiter", "admin"},
        f"user:{town.callers['customer'].user['id']}": {"customer"},
        f"partner:{town.callers['courier'].user['id']}": {"courier"},
    }
    for who, person in town.callers.items():
        if who in ("expired token", "signed out", "key without scope"):
            continue
        with person.socket() as socket:
            for channel, allowed in own.items():
                frame = socket.subscribe(channel)
                if who in allowed:
                    assert frame["type"] == "subscribed", f"{who}: {channel} {frame}"
                elif who != "admin":
                    assert frame["type"] == "error", f"{who} hears {channel}"
