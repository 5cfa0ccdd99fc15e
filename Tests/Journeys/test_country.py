"""Nine processes on PostgreSQL, Redis and RabbitMQ behind nginx: the main job, a rolling restart, and everything killed in turn."""

import threading
import time

import httpx
import pytest

from engines import Balancer, Country
from test_main_job import (  # noqa: F401 - the same journeys, on this installation
    test_cart_of_a_visitor, test_customer_changes_their_mind, test_declined_card_leaves_nothing, test_delivery_from_basket_to_door,
    test_pickup_and_cash, test_rejected_order_gives_the_hold_back)
from simulated_day import VICTIMS
from tiffin import ADMIN, eventually
from traffic import check_accounts, make_traffic
from world import Person, World, key

pytestmark = pytest.mark.own_engines


@pytest.fixture(scope="module")
def country(binary, tmp_path_factory):
    country = Country(binary, tmp_path_factory.mktemp("country")).start()
    yield country
    country.stop()


@pytest.fixture(scope="module")
def world(country):
    """What the journeys of the main job ask for, on this installation."""
    world = World(country)
    yield world
    world.close()


def test_health_behind_the_balancer(country):
    health = eventually(lambda: (h := httpx.get(f"{country.url}/api/health").json()) and h["status"] == "up" and h, "all is up")
    count = {s["name"]: len(s["instances"]) for s in health["services"]}
    assert count == {"catalog": 1, "delivery": 1, "gateway": 2, "identity": 1, "notifications": 1, "ordering": 2, "payments": 1, "pricing": 1}
    assert httpx.get(f"{country.url}/metrics").status_code == 404, "not for everybody"


def test_balancer_zips_serves_files_and_limits_bodies(country, world):
    answer = httpx.get(f"{country.url}/api/openapi.json", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200 and answer.headers["Content-Encoding"] == "gzip"
    assert "immutable" in httpx.get(f"{country.url}/static/robots.txt").headers["Cache-Control"]
    assert httpx.post(f"{country.url}/api/orders", content=b" " * (2 << 20)).status_code == 413


def no_failed_request(country, world, act):
    """Orders and reads all the while `act` runs; every one must be answered at the first try."""
    place, failed, done, ending = world.place, [], [0], threading.Event()

    def ask(number):
        person = Person(country).register()
        while not ending.is_set():
            try:
                order = person.ask("POST", "/api/orders", place.order("pickup"), headers=key())
                if order.status_code != 201:
                    failed.append(f"order {order.status_code} {order.text[:300]}")
                    continue
                again = person.ask("GET", f"/api/orders/{order.json()['id']}")
                menu = person.ask("GET", f"/api/restaurants/{place.id}/menu")
                for answer in (again, menu):
                    if answer.status_code != 200:
                        failed.append(f"{answer.request.url} {answer.status_code} {answer.text[:200]}")
                done[0] += 3
            except httpx.HTTPError as error:
                failed.append(repr(error))

    people = [threading.Thread(target=ask, args=(n,), daemon=True) for n in range(4)]
    for person in people:
        person.start()
    eventually(lambda: done[0] > 10, "requests are answered")
    act()
    before = done[0]
    eventually(lambda: done[0] > before + 20, "requests are answered after it")
    ending.set()
    for person in people:
        person.join(60)
    print(f"measured: {done[0]} requests, {len(failed)} failed")
    assert not failed, f"{len(failed)} of {done[0]} requests failed: {failed[:5]}"


@pytest.mark.parametrize("service", ["ordering", "gateway"])
def test_no_request_fails_in_a_rolling_restart(country, world, service):
    def restart():
        for node in country.cluster.of(service):
            assert node.stop() == 0
            node.start()
            # As an operator does: the next one when this one is there and the balancer, which asks again after two seconds at most, has seen it.
            eventually(lambda: (node.health() or {}).get("status") == "up", f"{node.name} is up")
            time.sleep(2.5)

    no_failed_request(country, world, restart)


def test_haproxy_carries_the_same(country, world):
    balancer = Balancer("haproxy", country.folder, country.cluster.of("gateway"))
    assert balancer.check() == ""
    balancer.start()
    try:
        eventually(lambda: httpx.get(f"{balancer.url}/api/health").status_code == 200, "it has found a gateway")
        answer = httpx.get(f"{balancer.url}/api/openapi.json", headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200 and answer.headers["Content-Encoding"] == "gzip"
        assert httpx.get(f"{balancer.url}/ready").status_code == 404
        guest = Person(balancer).register()
        with guest.socket() as socket:
            assert socket.subscribe(f"user:{guest.user['id']}")["type"] == "subscribed"
    finally:
        balancer.stop()




def test_everything_dies_in_turn_and_nothing_is_lost(country, seed):
    admin = Person(country, *ADMIN).log_in()
    people, kitchen = make_traffic(country, seed, buyers=3)
    watcher = Person(country).register()
    place = kitchen.place

    def is_served():
        """A whole order goes through."""
        try:
            answer = watcher.ask("POST", "/api/orders", place.order("pickup", 1), headers=key())
            if answer.status_code == 401:
                watcher.log_in()
            return answer.status_code == 201
        except httpx.HTTPError:
            return False

    slow = []
    for name in VICTIMS:
        victim = country.engines.get(name) or country.cluster[name]
        victim.kill()
        time.sleep(10)
        victim.start()
        back = time.monotonic()
        eventually(is_served, f"orders are taken after {name} came back", seconds=60)
        took = time.monotonic() - back
        print(f"measured: {name} killed for 10 s; orders taken {took:.1f} s after it was back")
        if took > 15:
            slow.append((name, took))
    for each in [*people, kitchen]:
        each.end()
    assert not slow, f"back too late: {slow}"
    for each in people:
        each.ask_again(60)
    placed = sum(len(p.acknowledged) for p in people)
    assert placed > 20, "there was traffic"
    # What was under way comes to its end: then the accounts must agree.
    faults = []

    def settled():
        faults[:] = check_accounts(Person(country, *ADMIN).log_in(), people)
        return not faults

    try:
        eventually(settled, "the accounts agree", seconds=90, pause=2)
    except AssertionError:
        pytest.fail(f"{len(faults)} faults after {placed} orders: {faults[:10]}")
    print(f"measured: {placed} orders acknowledged while twelve parts were killed")


#: Two processes behind the balancer, and all services in a third: what dies here are the engines.
TOGETHER = {"gateway-1": "gateway", "gateway-2": "gateway", "rest": "identity,catalog,pricing,ordering,payments,delivery,notifications"}


@pytest.mark.parametrize("bus", ["rabbitmq", "durable-kafka"])
def test_database_and_broker_die_together_and_come_back_in_either_order(binary, tmp_path, seed, bus):
    place = Country(binary, tmp_path / "together", plan=TOGETHER, bus=bus)
    try:
        place.start()
        people, kitchen = make_traffic(place, seed, buyers=2)
        count = lambda: sum(len(p.acknowledged) for p in people)  # noqa: E731
        eventually(lambda: count() >= 10, "orders come in")
        for order in (["postgres", "bus"], ["bus", "postgres"]):
            for name in order:
                place.engines[name].kill()
            time.sleep(3)
            before = count()
            for name in order:
                time.sleep(3)
                place.engines[name].start()
            back = time.monotonic()
            eventually(lambda: count() >= before + 5, f"orders are taken after {order} came back", seconds=60)
            took = time.monotonic() - back
            assert not any(401 in p.refusals for p in people), "nobody is taken for a stranger while it cannot be looked up who asks"
            print(f"measured: {bus}: {' and '.join(order)} killed together; orders taken {took:.1f} s after both were back")
        for each in [*people, kitchen]:
            each.end()
        for each in people:
            each.ask_again(60)
        admin = Person(place, *ADMIN).log_in()
        eventually(lambda: not (faults := check_accounts(admin, people)) or print("  not yet:", *faults[:3]), "the accounts agree", 90, pause=2)
        assert count() > 20
    finally:
        place.stop()
