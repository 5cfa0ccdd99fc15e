"""A process beside Redis: what is kept there, seen from outside; and the same process while Redis is killed and comes back."""

import subprocess
import threading
import time
import uuid

import httpx
import pytest

from redis_server import RedisServer
from tiffin import eventually
from traffic import make_traffic
from world import Courier, Person, Place, key, near

pytestmark = pytest.mark.own_engines


@pytest.fixture
def redis_server(tmp_path):
    folder = tmp_path / "redis"
    folder.mkdir()
    server = RedisServer(folder).start()
    yield server
    server.kill()


def metric(server, name):
    lines = httpx.get(f"{server.url}/metrics", timeout=10).text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith(name))


def engines(server):
    return {e["name"]: e["status"] for e in httpx.get(f"{server.url}/api/health", timeout=10).json()["engines"]}


class Rider(threading.Thread):
    """A courier who rides about and tells where it is, ten times a second."""

    def __init__(self, server, courier):
        super().__init__(daemon=True)
        self.server, self.courier, self.ending, self.answers = server, courier, threading.Event(), []

    def run(self):
        step = 0
        while not self.ending.wait(0.1):
            step += 1
            answer = self.courier.ask("POST", "/api/delivery-partner/location", near(100 + step % 50, 100))
            self.answers.append((time.monotonic(), answer.status_code))


def test_what_is_kept_in_redis(fresh, redis_server):
    server = fresh(redis__url=redis_server.url)
    server.start()
    assert engines(server) == {"redis": "up"}
    outside = redis_server.look()
    assert {"tiffin:frames", "tiffin:signals", "tiffin:places"} <= set(outside.pubsub_channels())

    place = Place(server)
    menu_key = f"tenant:{place.tenant['id']}:menu:{place.id}"
    place.owner.get(f"/api/restaurants/{place.id}/menu")
    eventually(lambda: outside.exists(menu_key) and outside.exists(f"restaurant:{place.id}"), "menu and restaurant are kept")
    assert "Soup" in outside.get(menu_key)
    assert 0 < outside.pttl(menu_key) <= 900_000
    place.owner.patch(f"/api/menus/items/{place.soup['id']}", {"name": "Broth"}, headers={"If-Match": f'"{place.soup["version"]}"'})
    assert "Broth" in str(place.owner.get(f"/api/restaurants/{place.id}/menu"))
    eventually(lambda: "Broth" in (outside.get(menu_key) or ""), "the changed menu is kept instead")

    courier = Courier(server).start()
    member = courier.user["id"]
    point = near(100, 100)

    def found():
        return outside.geosearch(
            "tenant:platform:partners:locations", longitude=point["longitude"], latitude=point["latitude"], radius=20, unit="m")

    eventually(lambda: member in found(), "the courier is found where it is")
    assert outside.hget(f"tenant:platform:partner:{member}", "status") == "available"
    assert 0 < outside.ttl(f"tenant:platform:partner:{member}") <= 30

    # A second process finds in Redis what the first has read: here, the same process after a start.
    server.stop()
    server.start()
    hits = metric(server, 'shared_cache_reads_total{outcome="hit"}')
    place.owner.get(f"/api/restaurants/{place.id}/menu")
    assert metric(server, 'shared_cache_reads_total{outcome="hit"}') > hits

    # A session is kept once somebody asked in it, and gone with its end.
    customer = Person(server).register()
    server.stop()
    server.start()
    customer.get("/api/auth/me")
    sessions = eventually(lambda: list(outside.scan_iter("session:*")), "the session is kept")
    assert any(customer.user["id"] in (outside.get(s) or "") for s in sessions)
    token = customer.token
    customer.post("/api/auth/logout", expect=(200, 204))
    customer.token = token
    assert customer.ask("GET", "/api/auth/me").status_code == 401
    eventually(lambda: not any(customer.user["id"] in (outside.get(s) or "") for s in outside.scan_iter("session:*")), "the session is gone")


def wrong_sign_in(server):
    """The status of a wrong sign-in, to another account each time: those have an allowance of their own."""
    email = f"nobody-{uuid.uuid4().hex[:8]}@journeys.example"
    return httpx.post(f"{server.url}/api/auth/login", json={"email": email, "password": "Wrong-pass-9"}, timeout=10).status_code


def test_limits_hold_with_redis_and_without(fresh, redis_server):
    server = fresh(redis__url=redis_server.url, web__rateLimits="true", web__signInsPerQuarterHour="6")
    server.start()
    outside = redis_server.look()

    assert [wrong_sign_in(server) for _ in range(3)] == [401] * 3
    assert outside.keys("auth_limit:*") == ["auth_limit:127.0.0.1"]
    redis_server.kill()
    eventually(lambda: engines(server) == {"redis": "down"}, "the loss is seen")
    # What was left is left, and no more: the limits do not open.
    assert [wrong_sign_in(server) for _ in range(5)] == [401] * 3 + [429] * 2


def test_redis_killed_under_load(fresh, redis_server, seed):
    server = fresh(redis__url=redis_server.url)
    server.start()
    buyers, kitchen = make_traffic(server, seed, buyers=3)
    courier = Courier(server).start()
    rider = Rider(server, courier)
    rider.start()
    place = buyers[0].place
    customer = Person(server).register()
    outage = 10.0

    def move_and_hear(socket, what):
        """An order is placed and moved; its follower hears of it. Answers how long that took."""
        order = customer.post("/api/orders", place.order("pickup"), expect=201, headers=key())
        socket.subscribe(f"order:{order['id']}")
        started = time.monotonic()
        place.move(order["id"], "cancelled", reason="test", expect=(200, 409))
        socket.hear(lambda f: f["type"] == "order_update" and f["data"]["orderId"] == order["id"], f"{what}: told of order {order['id']}")
        return time.monotonic() - started

    with customer.socket() as socket, customer.socket() as city:
        city.subscribe("city")
        before = move_and_hear(socket, "before")
        shared = metric(server, 'fanout_frames_total{way="shared"}')
        assert shared > 0

        redis_server.kill()
        killed = time.monotonic()
        eventually(lambda: engines(server) == {"redis": "down"}, "the loss is seen", seconds=5)
        seen = time.monotonic() - killed
        told = []
        while time.monotonic() < killed + outage:
            told.append(move_and_hear(socket, "while it is gone"))
            city.hear_type("city")
            time.sleep(0.2)
        assert metric(server, 'fanout_frames_total{way="here_only"}') > 0

        redis_server.start()
        back = time.monotonic()
        eventually(lambda: engines(server) == {"redis": "up"}, "it is back", seconds=15)
        socket.hear(lambda f: f["type"] == "subscribed" and f["data"]["joined"] == "refetch", "told to fetch again")
        healed = time.monotonic() - back
        shared = metric(server, 'fanout_frames_total{way="shared"}')
        eventually(lambda: metric(server, 'fanout_frames_total{way="shared"}') > shared, "frames go by Redis again")
        after = move_and_hear(socket, "after")
        city.hear_type("city")
        outside = redis_server.look()
        eventually(lambda: outside.zscore("tenant:platform:partners:locations", courier.user["id"]), "the courier is found again")
        eventually(lambda: outside.keys("restaurant:*") and outside.keys("tenant:*:menu:*"), "the cache fills again")
    rider.ending.set()
    rider.join(20)
    for each in [*buyers, kitchen]:
        each.end()

    answers = {status for _, status in rider.answers}
    assert answers == {200}, answers
    gaps = [b - a for (a, _), (b, _) in zip(rider.answers, rider.answers[1:])]
    refusals = {}
    for buyer in buyers:
        assert not buyer.faults, buyer.faults[:3]
        for status, count in buyer.refusals.items():
            refusals[status] = refusals.get(status, 0) + count
    assert all(status < 500 for status in refusals), refusals
    orders = sum(len(b.acknowledged) for b in buyers)
    print(f"measured: Redis gone for {outage:.0f} s under load: seen after {seen:.2f} s, {orders} orders placed without one 5xx, longest pause of a "
          f"courier {max(gaps):.2f} s; an order's frame {before * 1000:.0f} ms before, at most {max(told) * 1000:.0f} ms while gone, "
          f"{after * 1000:.0f} ms after; clients told to fetch again {healed:.2f} s after it was back")


@pytest.mark.parametrize("url, words", [
    ("localhost:6379", "has no scheme"), ("http://localhost", "it must be redis"), ("redis://127.0.0.1:1", "no answer from redis://127.0.0.1:1/0"),
    ("redis+cluster://127.0.0.1:{port}", "it is no cluster"), ("redis://:wrong-secret@127.0.0.1:{port}", "password")])
def test_a_wrong_redis_is_named_in_one_line(fresh, binary, redis_server, url, words):
    redis_server.look().config_set("requirepass", "right-secret") if "secret" in url else None
    server = fresh(redis__url=url.format(port=redis_server.port), redis__startSeconds="1")
    server.make_admin()
    for command in ("serve", "doctor"):
        run = subprocess.run([str(binary), command, *server.arguments()], capture_output=True, text=True, timeout=60)
        assert run.returncode == 1, run.stdout + run.stderr
        lines = [line for line in (run.stdout + run.stderr).splitlines() if "redis.url" in line]
        assert len(lines) == 1 and words in lines[0], run.stdout + run.stderr
        assert "wrong-secret" not in run.stdout + run.stderr


def test_a_right_redis_is_seen_by_doctor(fresh, binary, redis_server):
    server = fresh(redis__url=redis_server.url)
    server.start()
    server.stop()
    run = subprocess.run([str(binary), "doctor", *server.arguments()], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"ok     redis: redis://127.0.0.1:{redis_server.port}/0 answers, version" in run.stdout
