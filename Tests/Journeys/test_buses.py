"""Events over a broker: the main job, what a stranger's client sees of it, and brokers that die under load and come back."""

import json
import subprocess
import threading
import time

import pika
import pytest
from confluent_kafka import Consumer

from brokers import DurableKafka, Kafka, RabbitMQ, free_port
from databases import integrity, open_rows
from test_main_job import test_delivery_from_basket_to_door as deliver_from_basket_to_door
from tiffin import eventually
from traffic import agree_in_the_end, make_traffic
from world import Person, World


pytestmark = pytest.mark.own_engines


@pytest.fixture(scope="module")
def rabbitmq():
    with RabbitMQ() as broker:
        yield broker


@pytest.fixture(scope="module")
def kafka():
    with Kafka() as broker:
        yield broker


def play_the_main_job(server):
    world = World(server)
    try:
        deliver_from_basket_to_door(world)
        return world
    finally:
        world.close()


def measure(server, name):
    """The values of a measure, by its labels."""
    text = Person(server).client.get("/metrics").text
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line.startswith(name)}


def check_order_of_events(events):
    """One life of an order, as somebody outside heard it."""
    names = [e["name"] for e in events]
    assert names[0] == "order.created", names
    by_aggregate = {}
    for event in events:
        by_aggregate.setdefault(event["aggregate"], []).append(event["sequence"])
    for aggregate, sequences in by_aggregate.items():
        # What was sent twice counts once.
        first = list(dict.fromkeys(sequences))
        assert first == sorted(first), (aggregate, sequences)
    statuses = [e["payload"]["order"]["status"] for e in events if e["name"] == "order.status_changed"]
    assert statuses[-1] in ("delivered", "completed"), statuses


def test_main_job_over_rabbitmq_as_a_stranger_sees_it(rabbitmq, fresh):
    connection = pika.BlockingConnection(pika.URLParameters(rabbitmq.url))
    channel = connection.channel()
    channel.exchange_declare("orders_exchange", "topic", durable=True)
    ear = channel.queue_declare("", exclusive=True).method.queue
    channel.queue_bind(ear, "orders_exchange", "#")
    server = fresh(bus__url=rabbitmq.url)
    server.start()
    play_the_main_job(server)
    heard = []

    def hear_all():
        while True:
            method, properties, body = channel.basic_get(ear, auto_ack=True)
            if method is None:
                events = [json.loads(b) for _, _, b in heard]
                return any(e["name"] == "order.status_changed" and e["payload"]["order"]["status"] in ("delivered", "completed") for e in events)
            heard.append((method, properties, body))
    eventually(hear_all, "the stranger heard of the order")
    events = [json.loads(body) for _, _, body in heard]
    check_order_of_events(events)
    for (method, properties, _), event in zip(heard, events):
        assert method.routing_key == event["name"] == properties.type
        assert properties.message_id == event["id"] and properties.delivery_mode == 2 and properties.content_type == "application/json"
    # Every service has its queue, and nothing is left in it.
    for service in ("delivery", "payments", "ordering", "notifications"):
        queue = channel.queue_declare(f"{service}_queue", passive=True).method
        eventually(lambda q=queue.queue: channel.queue_declare(q, passive=True).method.message_count == 0, f"{queue.queue} is empty")
    assert measure(server, "tiffin_bus_up") == {"tiffin_bus_up": 1}
    assert server.stop() == 0
    assert open_rows(server.database) == {}
    connection.close()


def test_what_nobody_can_read_is_put_off_and_ends_in_the_brokers_dead_letters(rabbitmq, fresh):
    server = fresh(bus__url=rabbitmq.url, bus__namespace="poison.", bus__retrySeconds="1", bus__attempts="3")
    server.start()
    connection = pika.BlockingConnection(pika.URLParameters(rabbitmq.url))
    channel = connection.channel()
    channel.basic_publish("poison.orders_exchange", "order.created", b'{"id":"not an event"}')
    method, properties, body = eventually(
        lambda: (got := channel.basic_get("poison.delivery_queue.dead", auto_ack=True))[0] and got, "the message is among the dead letters")
    assert body == b'{"id":"not an event"}'
    assert properties.headers["attempts"] == 3 and "id" in properties.headers["reason"]
    # And it held up nobody.
    play_the_main_job(server)
    connection.close()


@pytest.mark.parametrize("kind", [RabbitMQ, DurableKafka])
def test_sigkill_of_the_broker_under_order_load(fresh, seed, monkeypatch, kind):
    if kind is DurableKafka:
        monkeypatch.setenv("LD_LIBRARY_PATH", Kafka.client_library())
    with kind() as broker:
        server = fresh(bus__url=broker.url)
        server.start()
        buyers, kitchen = make_traffic(server, seed, buyers=2)
        eventually(lambda: sum(len(b.acknowledged) for b in buyers) >= 20, "orders come in")
        back = []
        for _ in range(2):
            broker.kill()
            eventually(lambda: measure(server, "tiffin_bus_up") == {"tiffin_bus_up": 0}, "the outage is seen", 15)
            before = sum(len(b.acknowledged) for b in buyers)
            eventually(lambda: sum(len(b.acknowledged) for b in buyers) >= before + 10, "orders are taken while the broker is gone")
            assert any(table.endswith("_outbox") for table in open_rows(server.database)), "events wait in the outbox"
            broker.start()
            started = time.monotonic()
            eventually(lambda: measure(server, "tiffin_bus_up") == {"tiffin_bus_up": 1}, "the bus is back", 90)
            back.append(time.monotonic() - started)
            eventually(lambda: sum(len(b.acknowledged) for b in buyers) >= before + 30, "orders go on")
        # Then the server dies as well, while the broker lives.
        server.kill()
        server.start()
        for each in [*buyers, kitchen]:
            each.end()
        told = sum(len(b.acknowledged) for b in buyers)
        print(f"measured: {kind.__name__} killed {len(back)} times under load, {told} orders acknowledged, back after {max(back):.2f} s")
        settle(server, buyers)


def settle(server, buyers):
    """Lets deadlines and graces pass, and checks that orders, holds and ledger agree and nothing is left under way."""
    server.stop()
    try:
        agree_in_the_end(server, buyers, seconds=90)
        eventually(lambda: open_rows(server.database) == {}, "nothing is left under way", seconds=30)
    finally:
        server.stop()
    assert integrity(server.database) == "ok"


def test_main_job_over_kafka_as_a_stranger_sees_it(kafka, fresh, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", Kafka.client_library())
    server = fresh(bus__url=kafka.url)
    server.start()
    play_the_main_job(server)
    stranger = Consumer({
        "bootstrap.servers": f"127.0.0.1:{kafka.port}", "group.id": "stranger", "auto.offset.reset": "earliest", "session.timeout.ms": 6000})
    stranger.subscribe(["order-events"])
    heard = []

    def hear_all():
        message = stranger.poll(0.5)
        if message is not None and message.error() is None:
            heard.append(message)
        events = [json.loads(m.value()) for m in heard]
        return any(e["name"] == "order.status_changed" and e["payload"]["order"]["status"] in ("delivered", "completed") for e in events)
    eventually(hear_all, "the stranger heard of the order", 60)
    events = [json.loads(m.value()) for m in heard]
    check_order_of_events(events)
    for message, event in zip(heard, events):
        assert message.key().decode() == event["tenant"], "events of a tenant stay in order"
        assert dict(message.headers())["type"].decode() == event["name"]
    assert len({m.partition() for m in heard}) == 1
    assert len(stranger.list_topics("order-events").topics["order-events"].partitions) == 3
    stranger.close()
    assert measure(server, "tiffin_bus_up") == {"tiffin_bus_up": 1}
    assert server.stop() == 0
    assert open_rows(server.database) == {}


def test_kafka_that_hangs_under_order_load(fresh, seed, monkeypatch):
    monkeypatch.setenv("LD_LIBRARY_PATH", Kafka.client_library())
    with Kafka() as broker:
        server = fresh(bus__url=broker.url)
        server.start()
        buyers, kitchen = make_traffic(server, seed, buyers=2)
        eventually(lambda: sum(len(b.acknowledged) for b in buyers) >= 20, "orders come in")
        broker.pause()
        before = sum(len(b.acknowledged) for b in buyers)
        eventually(lambda: sum(len(b.acknowledged) for b in buyers) >= before + 10, "orders are taken while the broker hangs")
        assert any(table.endswith("_outbox") for table in open_rows(server.database)), "events wait in the outbox"
        broker.resume()
        eventually(lambda: sum(len(b.acknowledged) for b in buyers) >= before + 30, "orders go on")
        server.kill()
        server.start()
        for each in [*buyers, kitchen]:
            each.end()
        settle(server, buyers)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    """A certificate for localhost by an authority of the test's own, and another authority that has nothing to do with it."""
    folder = tmp_path_factory.mktemp("certificates")

    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    for name in ("ca", "other"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out", f"{name}.pem")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "request.pem")
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    openssl("x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", "cert.pem")
    # The broker runs as another user where the tests are root.
    for path in [folder, *folder.iterdir()]:
        path.chmod(0o755)
    return folder


def test_rabbitmq_over_tls(binary, fresh, tmp_path, certificates):
    with RabbitMQ(certificates=certificates) as broker:
        url = f"amqps://guest:guest@localhost:{broker.tls_port}/"
        server = fresh(bus__url=f"{url}?cacert={certificates}/ca.pem")
        server.start()
        play_the_main_job(server)
        assert measure(server, "tiffin_bus_up") == {"tiffin_bus_up": 1}
        health = Person(server).client.get("/api/health").json()
        bus = next(e for e in health["engines"] if e["name"] == "rabbitmq")
        assert bus["status"] == "up" and bus["since"] <= health["time"]
        for wrong, told in [
                (f"{url}?cacert={certificates}/other.pem", "cacert"), (f"{url}?cacert={certificates}/none.pem", "none.pem"),
                (url.replace("localhost", "127.0.0.1") + f"?cacert={certificates}/ca.pem", "hostname")]:
            run = subprocess.run(
                [binary, "serve", "--port", "0", "--database", str(tmp_path / "other.db"), "--set", f"bus.url={wrong}", "--set", "bus.connectSeconds=2"],
                capture_output=True, text=True, timeout=60)
            last = run.stderr.strip().splitlines()[-1]
            assert run.returncode == 1 and last.startswith("tiffin: setting bus.url: ") and told in last.lower(), run.stderr
            assert "guest:guest" not in run.stderr


def test_health_tells_since_when_the_bus_is_away(fresh):
    with RabbitMQ() as broker:
        server = fresh(bus__url=broker.url)
        server.start()

        def bus():
            health = Person(server).client.get("/api/health").json()
            return health["status"], next(e for e in health["engines"] if e["name"] == "rabbitmq")
        before = bus()
        assert before[0] == "up" and before[1]["status"] == "up"
        broker.kill()
        away = eventually(lambda: (b := bus())[1]["status"] == "down" and b, "the outage is told")
        assert away[0] == "degraded" and away[1]["since"] > before[1]["since"]
        broker.start()
        again = eventually(lambda: (b := bus())[1]["status"] == "up" and b, "it is back", 60)
        assert again[1]["since"] > away[1]["since"]


def test_rabbitmq_killed_just_after_its_queues_were_made(fresh):
    """RabbitMQ 3.10 knows the name of a queue that it made just before it was killed, and cannot serve it."""
    with RabbitMQ() as broker:
        server = fresh(bus__url=broker.url, bus__connectSeconds=90)
        starting = threading.Thread(target=server.start, kwargs={"deadline": 120}, daemon=True)
        starting.start()
        # As soon as there is any of its queues, which are made one after the other.
        connection = pika.BlockingConnection(pika.URLParameters(broker.url))

        def has_queue():
            channel = connection.channel()
            try:
                channel.queue_declare("ordering_queue.retry", passive=True)
                return True
            except pika.exceptions.ChannelClosedByBroker:
                return False
        eventually(has_queue, "a queue is made", 60, pause=0.005)
        broker.kill()
        broker.start()
        starting.join(120)
        assert server.port, server.tail()
        assert server.has_logged("is made anew"), "the queue was made anew"
        play_the_main_job(server)
        for service in ("delivery", "payments", "ordering", "notifications"):
            connection = pika.BlockingConnection(pika.URLParameters(broker.url))
            queue = connection.channel().queue_declare(f"{service}_queue", passive=True).method
            assert queue.consumer_count == 1, f"{queue.queue} has its consumer"
            connection.close()


@pytest.mark.parametrize("scheme, rest", [("amqp", "/"), ("kafka", "")])
def test_a_missing_broker_stops_the_start_in_one_line(binary, tmp_path, scheme, rest):
    url = f"{scheme}://127.0.0.1:{free_port()}{rest}"
    arguments = ["--database", str(tmp_path / "tiffin.db"), "--set", f"bus.url={url}", "--set", "bus.connectSeconds=1"]
    run = subprocess.run([binary, "serve", "--port", "0", *arguments], capture_output=True, text=True, timeout=60)
    assert run.returncode == 1
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith("tiffin: setting bus.url: ") and "start the broker" in last, run.stderr
    doctor = subprocess.run([binary, "doctor", *arguments], capture_output=True, text=True, timeout=60)
    assert doctor.returncode == 1 and "WRONG  bus.url:" in doctor.stdout, doctor.stdout + doctor.stderr


def test_a_wrong_address_is_named_without_its_password(binary, tmp_path):
    arguments = ["--database", str(tmp_path / "tiffin.db"), "--set", "bus.url=rabbit://me:secret@host"]
    run = subprocess.run([binary, "settings", "--check", *arguments], capture_output=True, text=True, timeout=60)
    assert run.returncode == 1 and "setting bus.url" in run.stderr and "secret" not in run.stderr
