"""People and places at the public interface, with as little as a journey needs of each."""

import itertools
import json
import threading
import time
import uuid

import httpx
import websockets.sync.client

from tiffin import ADMIN, eventually

CENTER = {"latitude": 50.12, "longitude": -6.41}
ALWAYS = {day: [{"opens": "00:00", "closes": "24:00"}] for day in
          ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")}
PASSWORD = "Journey-pass-7"
counter = itertools.count(1)


def near(meters_north=0.0, meters_east=0.0):
    return {"latitude": round(CENTER["latitude"] + meters_north / 111_195, 6),
            "longitude": round(CENTER["longitude"] + meters_east / (111_195 * 0.641), 6)}


class Person:
    """Someone signed in (or not) who asks things of a server."""

    def __init__(self, server, email=None, password=PASSWORD):
        self.server, self.email, self.password = server, email, password
        self.token = self.refresh_token = self.user = None
        self.local = threading.local()
        self.clients = []

    @property
    def client(self):
        # One connection pool for each thread and each port: a restarted server listens elsewhere.
        if getattr(self.local, "port", None) != self.server.port:
            self.local.client = httpx.Client(base_url=self.server.url, timeout=20)
            self.local.port = self.server.port
            self.clients.append(self.local.client)
        return self.local.client

    def close(self):
        for client in self.clients:
            client.close()

    def ask(self, method, path, body=None, *, expect=None, headers=None, **more):
        headers = dict(headers or {})
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        if body is not None:
            more["json"] = body
        # People here speak by token; the cookie that signing in sets is for browsers.
        self.client.cookies.clear()
        answer = self.client.request(method, path, headers=headers, **more)
        if expect is not None:
            wanted = expect if isinstance(expect, tuple) else (expect,)
            assert answer.status_code in wanted, f"{method} {path} -> {answer.status_code} {answer.text[:500]}"
        return answer

    def get(self, path, **more):
        return self.ask("GET", path, expect=200, **more).json()

    def post(self, path, body=None, expect=(200, 201), **more):
        return self.ask("POST", path, body if body is not None else {}, expect=expect, **more).json()

    def put(self, path, body, expect=200, **more):
        return self.ask("PUT", path, body, expect=expect, **more).json()

    def patch(self, path, body, expect=200, **more):
        return self.ask("PATCH", path, body, expect=expect, **more).json()

    def all(self, path, limit=100):
        """Every item of a list, page by page."""
        items, cursor = [], None
        while True:
            mark = "&" if "?" in path else "?"
            page = self.get(f"{path}{mark}limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
            items += page["items"]
            cursor = page.get("nextCursor")
            if not cursor:
                return items

    def signed(self, answer):
        self.token, self.refresh_token, self.user = answer["accessToken"], answer["refreshToken"], answer["user"]
        return self

    def register(self, role="customer", **more):
        self.email = self.email or f"{role}{next(counter)}-{uuid.uuid4().hex[:8]}@journeys.example"
        return self.signed(self.post("/api/auth/register", {
            "email": self.email, "password": self.password, "role": role, "firstName": "Jo", "lastName": "Urney", **more}))

    def log_in(self):
        return self.signed(self.post("/api/auth/login", {"email": self.email, "password": self.password}))

    def refresh(self):
        return self.signed(self.post("/api/auth/refresh", {"refreshToken": self.refresh_token}))

    def socket(self):
        return LiveSocket(self.server, self.token)


class LiveSocket:
    """One socket at /ws; frames that are not asked for are kept."""

    def __init__(self, server, token=None, headers=None):
        headers = dict(headers or {})
        if token:
            headers["Authorization"] = f"Bearer {token}"
        self.connection = websockets.sync.client.connect(
            server.socket_url, additional_headers=headers, open_timeout=10, close_timeout=2, max_queue=4096)
        self.frames = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def say(self, type, **data):
        self.connection.send(json.dumps({"type": type, "data": data}))

    def hear(self, check, what, seconds=15.0):
        """The first frame, kept or to come, that passes; it is taken from the kept ones."""
        for index, frame in enumerate(self.frames):
            if check(frame):
                return self.frames.pop(index)
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"no frame in {seconds:.0f} s: {what}; kept: {self.frames[-5:]}")
            try:
                frame = json.loads(self.connection.recv(timeout=left))
            except TimeoutError:
                continue
            if check(frame):
                return frame
            self.frames.append(frame)

    def hear_type(self, type, **data):
        def fits(frame):
            return frame.get("type") == type and all((frame.get("data") or {}).get(k) == v for k, v in data.items())
        return self.hear(fits, f"{type} {data}")

    def subscribe(self, channel, cursor=None):
        self.say("subscribe", channel=channel, **({"cursor": cursor} if cursor else {}))
        return self.hear(lambda f: f.get("type") in ("subscribed", "error"), f"subscribed {channel}")


class Place:
    """A restaurant with its owner and a small menu."""

    def __init__(self, server, north=0.0, east=0.0, **more):
        self.owner = Person(server).register()
        self.tenant = self.owner.post("/api/tenants", {"name": f"Tenant {uuid.uuid4().hex[:6]}"})

        def is_owner():
            self.owner.refresh()
            return self.owner.user.get("tenantId") == self.tenant["id"]

        eventually(is_owner, "the founder becomes owner")
        self.restaurant = self.owner.post("/api/restaurants", {
            "name": f"Kitchen {uuid.uuid4().hex[:6]}", "address": "1 Quay Street", "point": near(north, east), "timeZone": "Europe/London",
            "currency": "GBP", "cuisineTypes": ["italian"], "openingHours": ALWAYS, "preparationMinutes": 10, "deliveryRadiusMeters": 5000,
            **more})
        self.id = self.restaurant["id"]
        self.category = self.owner.post("/api/menus/categories", {"restaurantId": self.id, "name": "Mains", "sortOrder": 1})
        self.items = self.owner.post("/api/menus/items/batch", {"restaurantId": self.id, "items": [
            {"categoryId": self.category["id"], "name": "Soup", "price": "6.50", "description": "Of the day"},
            {"categoryId": self.category["id"], "name": "Pie", "price": "11.25", "optionGroups": [
                {"name": "Side", "minimum": 1, "maximum": 1, "options": [{"name": "Peas", "price": "0.00"}, {"name": "Chips", "price": "2.50"}]}]},
        ]})["items"]
        self.soup, self.pie = self.items

    def order(self, fulfilment="delivery", quantity=2, card="tok_approve", **more):
        """The body of an order of soup."""
        order = {
            "restaurantId": self.id, "items": [{"menuItemId": self.soup["id"], "quantity": quantity}], "fulfilment": fulfilment,
            "payment": {"method": "card", "cardToken": card} if card else {"method": "cash"}}
        if fulfilment == "delivery":
            order["deliveryAddress"] = {"text": "7 Tar Street", "point": near(600, 400)}
        return {**order, **more}

    def hire(self, role):
        """Somebody who works here, with a password of their own."""
        name = f"{role}-{uuid.uuid4().hex[:6]}"
        first = self.owner.post(f"/api/tenants/{self.tenant['id']}/staff", {"username": name, "role": role})
        person = Person(self.owner.server)
        person.signed(person.post("/api/auth/staff/first-password", {
            "tenantId": self.tenant["id"], "username": name, "password": first["firstPassword"], "newPassword": PASSWORD}))
        return person

    def move(self, order_id, status, expect=200, **more):
        return self.owner.patch(f"/api/orders/{order_id}/status", {"status": status, **more}, expect=expect)


class Courier(Person):
    def start(self, north=100.0, east=100.0):
        self.register(role="delivery_partner")
        self.partner = self.post("/api/delivery-partner", {"vehicleType": "bicycle", "name": "Jo Rider"})
        self.patch("/api/delivery-partner", {"status": "available"})
        self.post("/api/delivery-partner/location", near(north, east))
        return self

    def step(self, delivery_id, status, expect=200, **more):
        return self.put(f"/api/deliveries/{delivery_id}/status", {"status": status, **more}, expect=expect)


class World:
    """A server's people: an administrator, a restaurant, a customer, made when first asked for."""

    def __init__(self, server):
        self.server = server
        self.made = {}

    def once(self, name, make):
        if name not in self.made:
            self.made[name] = make()
        return self.made[name]

    @property
    def admin(self):
        return self.once("admin", lambda: Person(self.server, *ADMIN).log_in())

    @property
    def place(self):
        return self.once("place", lambda: Place(self.server))

    @property
    def other_place(self):
        return self.once("other place", lambda: Place(self.server, 300, 300))

    @property
    def customer(self):
        return self.once("customer", lambda: Person(self.server).register())

    @property
    def visitor(self):
        return self.once("visitor", lambda: Person(self.server))

    def close(self):
        for one in self.made.values():
            (one.owner if isinstance(one, Place) else one).close()


def key():
    return {"Idempotency-Key": uuid.uuid4().hex}
