"""Sockets: who may follow what, and how a client that was away catches up."""

import json

import httpx
import pytest
import websockets.exceptions
import websockets.sync.client

from world import LiveSocket, Person, Place, key


def place_order(world, customer):
    return customer.post("/api/orders", world.place.order("pickup"), expect=201, headers=key())


def test_resume_from_a_cursor(world):
    customer = Person(world.server).register()
    order = place_order(world, customer)
    with customer.socket() as socket:
        joined = socket.subscribe(f"order:{order['id']}")
        world.place.move(order["id"], "confirmed")
        cursor = socket.hear_type("order_update", status="confirmed")["cursor"]
    world.place.move(order["id"], "preparing")
    world.place.move(order["id"], "ready_for_pickup")
    assert joined["cursor"] != cursor
    with customer.socket() as socket:
        # A client that was away gets what it missed, once and in order, and then what happens next.
        socket.say("subscribe", channel=f"order:{order['id']}", cursor=cursor)
        told = socket.hear(lambda f: f["type"] == "subscribed", "subscribed")
        if told["data"]["joined"] == "resumed":
            seen = [socket.hear_type("order_update", orderId=order["id"])["data"]["status"] for _ in range(2)]
            assert seen == ["preparing", "ready_for_pickup"]
        else:
            pytest.fail(f"joined {told['data']['joined']} with a fresh cursor")
        world.place.move(order["id"], "completed")
        assert socket.hear_type("order_update", orderId=order["id"])["data"]["status"] == "completed"


def test_cursor_of_another_run_means_refetch(world):
    customer = world.customer
    order = place_order(world, customer)
    with customer.socket() as socket:
        assert socket.subscribe(f"order:{order['id']}", cursor="somewhere-12")["data"]["joined"] == "refetch"


def test_three_ways_to_say_who_one_is(world):
    customer = Person(world.server).register()
    channel = f"user:{customer.user['id']}"
    with LiveSocket(world.server, customer.token) as socket:
        assert socket.subscribe(channel)["type"] == "subscribed"
    with LiveSocket(world.server) as socket:
        socket.say("authenticate", accessToken=customer.token)
        assert socket.subscribe(channel)["type"] == "subscribed"
    signed_in = httpx.post(f"{world.server.url}/api/auth/login", json={"email": customer.email, "password": customer.password})
    cookie = signed_in.cookies.get("tiffin_session")
    assert cookie, "signing in sets the session's cookie"
    with LiveSocket(world.server, headers={"Cookie": f"tiffin_session={cookie}", "Origin": world.server.url}) as socket:
        assert socket.subscribe(channel)["type"] == "subscribed"


def test_a_user_id_in_the_query_is_nobody(world):
    customer = world.customer
    url = f"{world.server.socket_url}?userId={customer.user['id']}&token={customer.user['id']}"
    try:
        with websockets.sync.client.connect(url, open_timeout=5) as connection:
            connection.send(json.dumps({"type": "subscribe", "data": {"channel": f"user:{customer.user['id']}"}}))
            assert json.loads(connection.recv(timeout=10))["type"] == "error"
    except websockets.exceptions.InvalidStatus as refused:
        assert refused.response.status_code in (400, 401)


def test_channels_of_others_are_closed(world):
    order = place_order(world, world.customer)
    stranger, other = Person(world.server).register(), world.other_place
    for person, channel in [
        (stranger, f"order:{order['id']}"), (stranger, f"tenant:{world.place.tenant['id']}"), (stranger, f"user:{world.customer.user['id']}"),
        (other.owner, f"order:{order['id']}"), (other.owner, f"tenant:{world.place.tenant['id']}"), (stranger, "partner:" + stranger.user["id"]),
        (stranger, "nonsense"), (stranger, "order:not-an-id"),
    ]:
        with person.socket() as socket:
            answer = socket.subscribe(channel)
            assert answer["type"] == "error" and answer["data"]["code"], (channel, answer)


def test_bad_messages_are_answered_and_change_nothing(world):
    with world.customer.socket() as socket:
        for text in ["", "{", "[]", "null", '{"type":5}', '{"type":"subscribe"}', '{"type":"dance","data":{}}',
                     '{"type":"subscribe","data":{"channel":7}}', '{"type":"position","data":{"latitude":900,"longitude":0}}']:
            socket.connection.send(text)
            assert socket.hear(lambda f: f["type"] == "error", f"a problem for {text!r}")["data"]["status"] in (400, 403, 404, 422), text
        socket.connection.send('{"type":"ping"}')
        socket.hear_type("pong")


def test_every_update_comes_once_and_in_order(world):
    place = Place(world.server)
    customers = [Person(world.server).register() for _ in range(3)]
    with place.owner.socket() as kitchen:
        kitchen.subscribe(f"tenant:{place.tenant['id']}")
        orders = [c.post("/api/orders", place.order("pickup"), expect=201, headers=key())["id"] for c in customers for _ in range(3)]
        for status in ("confirmed", "preparing", "ready_for_pickup", "completed"):
            for order in orders:
                place.move(order, status)
        seen, cursors = {o: [] for o in orders}, []
        for _ in range(len(orders) * 5):
            frame = kitchen.hear(lambda f: f["type"] == "order_update", "an update")
            seen[frame["data"]["orderId"]].append((frame["data"]["sequence"], frame["data"]["status"]))
            cursors.append(int(frame["cursor"].rsplit("-", 1)[1]))
    for order, steps in seen.items():
        assert [s for _, s in steps] == ["pending", "confirmed", "preparing", "ready_for_pickup", "completed"], (order, steps)
        assert [n for n, _ in steps] == sorted({n for n, _ in steps}), steps
    assert cursors == sorted(set(cursors))
