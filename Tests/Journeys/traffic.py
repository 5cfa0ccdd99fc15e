"""Orders under load from several people at once, who do not give up when the server dies, and the accounts of what they were told."""

import datetime
import random
import threading
import time
import uuid

import httpx

from tiffin import ADMIN, eventually
from world import Person, Place

ENDED = {"delivered", "completed", "rejected", "cancelled"}


def sign_in_again(person):
    """Forgets the token that is good no longer and asks for another; while nobody answers, the next request tries again."""
    person.token = None
    answer = person.ask("POST", "/api/auth/login", {"email": person.email, "password": person.password})
    if answer.status_code == 200:
        person.signed(answer.json())
    else:
        time.sleep(0.1)


class Buyer(threading.Thread):
    """Places orders one after another; a checkout without an answer is sent again with the same key until there is one."""

    def __init__(self, server, place, seed, pause=(0.0, 0.03)):
        super().__init__(daemon=True)
        self.person = Person(server).register()
        self.place, self.pause = place, pause
        self.chance = random.Random(seed)
        self.ending = threading.Event()
        #: Key -> the ids that were acknowledged for it; one, if all is well.
        self.acknowledged = {}
        self.bodies = {}
        #: What was answered beside success, by status.
        self.refusals = {}
        self.faults = []

    def run(self):
        while not self.ending.is_set():
            name = uuid.UUID(int=self.chance.getrandbits(128)).hex
            card = "tok_decline" if self.chance.random() < 0.05 else "tok_approve"
            self.bodies[name] = self.place.order(self.chance.choice(["pickup", "delivery"]), self.chance.randint(1, 3), card=card)
            self.check_out(name, patience=60)
            time.sleep(self.chance.uniform(*self.pause))

    def check_out(self, name, patience):
        end = time.monotonic() + patience
        while time.monotonic() < end:
            try:
                answer = self.person.ask("POST", "/api/orders", self.bodies[name], headers={"Idempotency-Key": name})
            except (httpx.HTTPError, OSError):
                # It died, or is not up yet; whether the order was placed is not known.
                time.sleep(0.05)
                continue
            if answer.status_code in (200, 201):
                self.acknowledged.setdefault(name, set()).add(answer.json()["id"])
                return
            self.refusals[answer.status_code] = self.refusals.get(answer.status_code, 0) + 1
            if answer.status_code == 401:
                sign_in_again(self.person)
            elif answer.status_code in (409, 503, 429):
                time.sleep(0.1)
            elif answer.status_code >= 500:
                self.faults.append(f"{answer.status_code} {answer.text[:300]}")
                time.sleep(0.1)
            else:
                return

    def end(self):
        self.ending.set()
        self.join(90)
        assert not self.is_alive(), "a buyer does not come to an end"

    def ask_again(self, patience):
        """Asks once more under every key that was given up: an order that came of it is told now, and no second one is made."""
        for name in [n for n in self.bodies if n not in self.acknowledged]:
            self.check_out(name, patience)


class Kitchen(threading.Thread):
    """Moves orders of a place on, so that events of every kind are under way when the server dies."""

    def __init__(self, place, seed):
        super().__init__(daemon=True)
        self.place, self.chance, self.ending = place, random.Random(seed), threading.Event()

    def run(self):
        steps = {"pending": ["confirmed", "confirmed", "rejected", "cancelled"], "confirmed": ["preparing"], "preparing": ["ready_for_pickup"],
                 "ready_for_pickup": ["completed"]}
        while not self.ending.is_set():
            try:
                orders = self.place.owner.ask("GET", "/api/orders?limit=40")
                if orders.status_code == 401:
                    sign_in_again(self.place.owner)
                for order in orders.json()["items"] if orders.status_code == 200 else []:
                    if self.ending.is_set() or order["status"] not in steps or self.chance.random() < 0.5:
                        continue
                    if order["status"] == "ready_for_pickup" and order["fulfilment"] == "delivery":
                        continue
                    self.place.owner.ask(
                        "PATCH", f"/api/orders/{order['id']}/status", {"status": self.chance.choice(steps[order["status"]]), "reason": "test"})
            except (httpx.HTTPError, OSError, ValueError):
                time.sleep(0.1)
            time.sleep(0.05)

    def end(self):
        self.ending.set()
        self.join(60)


def now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def check_accounts(admin, buyers):
    """Every acknowledged order exists once, in one state, with the money to match; and there is no other.

    Returns: the faults found, empty when all is well.
    """
    faults = []
    orders = admin.all("/api/orders")
    by_id = {o["id"]: o for o in orders}
    if len(by_id) != len(orders):
        faults.append("an order is listed twice")
    payments = admin.all("/api/admin/payments", limit=200)
    by_order = {}
    for payment in payments:
        by_order.setdefault(payment["orderId"], []).append(payment)
    for buyer in buyers:
        faults += buyer.faults
        own = [o for o in orders if o["customerId"] == buyer.person.user["id"]]
        known = set()
        for name, ids in buyer.acknowledged.items():
            if len(ids) != 1:
                faults.append(f"key {name} was acknowledged as {ids}")
            known |= ids
            for each in ids - set(by_id):
                faults.append(f"acknowledged order {each} is gone")
        strangers = {o["id"] for o in own if o["status"] != "cancelled" and o["status"] != "rejected"} - known
        if strangers:
            faults.append(f"orders that nobody was told of: {sorted(strangers)[:3]}")
    for order in orders:
        held = by_order.get(order["id"], [])
        # A declined card leaves a failed payment and nothing else.
        good = [p for p in held if p["status"] != "failed"]
        label = f"order {order['id']} is {order['status']}"
        if len(good) > 1:
            faults.append(f"{label} with {len(good)} payments")
            continue
        kinds = [m["kind"] for m in good[0]["movements"]] if good else []
        if kinds.count("hold") > 1 or kinds.count("capture") > 1:
            faults.append(f"{label}; its money moved {kinds}")
        if order["status"] in ("delivered", "completed") and (not good or good[0]["status"] != "succeeded"):
            faults.append(f"{label}; its payment is {good and good[0]['status']}")
        if order["status"] in ("rejected", "cancelled") and good and good[0]["status"] not in ("voided", "refunded"):
            faults.append(f"{label}; its payment is {good[0]['status']}")
        if order["status"] not in ENDED and (not good or good[0]["status"] not in ("authorized", "succeeded")):
            faults.append(f"{label}; its payment is {good and good[0]['status']}")
        steps = [s for s in order["history"] if s.get("from") != s["status"]]
        for before, after in zip(steps, steps[1:]):
            if after.get("from") != before["status"]:
                faults.append(f"{label}; its history jumps {[s['status'] for s in steps]}")
    for order_id, held in by_order.items():
        if order_id not in by_id and any(p["status"] in ("initiated", "authorized", "succeeded") for p in held):
            faults.append(f"a hold without an order: {order_id} {[p['status'] for p in held]}")
    deliveries = {}
    for delivery in admin.all("/api/deliveries"):
        deliveries.setdefault(delivery["orderId"], []).append(delivery)
    for order in orders:
        count = len(deliveries.get(order["id"], []))
        was_confirmed = any(s["status"] == "confirmed" for s in order["history"])
        if count > 1 or (count == 0 and order["fulfilment"] == "delivery" and was_confirmed and order["status"] not in ENDED):
            faults.append(f"order {order['id']} ({order['status']}) has {count} deliveries")
    ledger = admin.get("/api/admin/ledger")
    if not ledger["isBalanced"]:
        faults.append(f"the ledger is out of balance: {ledger['totals']} {ledger['unbalanced'][:3]}")
    return faults


def make_traffic(server, seed, buyers=4):
    place = Place(server)
    people = [Buyer(server, place, f"{seed} buyer {n}") for n in range(buyers)]
    kitchen = Kitchen(place, f"{seed} kitchen")
    for each in [*people, kitchen]:
        each.start()
    return people, kitchen


def agree_in_the_end(server, buyers, seconds=60):
    """Starts a stopped server whose time runs fast, so that deadlines and graces pass and the reconciler does its work, and waits until
    orders, holds and ledger agree.

    Returns: the administrator, signed in.
    """
    server.start(**{"clock.speed": "60", "clock.origin": now()})
    admin = Person(server, *ADMIN)

    def is_right():
        admin.token = None
        admin.log_in()
        return not (faults := check_accounts(admin, buyers)) or print("  not yet:", *faults[:5], sep="\n    ")

    eventually(is_right, "orders, holds and ledger agree", seconds=seconds, pause=1)
    return admin
