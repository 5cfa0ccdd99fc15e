"""What a broker does with its own client, from another process than Tiffin's: `clients.py rabbitmq|kafka URL SECONDS BYTES` publishes and
consumes for so long and prints one line of JSON. Runs with the Python of .venv; publisher and consumer are a process each.

The terms are Tiffin's: a durable quorum queue, publisher confirms with 256 under way, 512 delivered ahead of what is acknowledged;
acknowledged by all replicas, an idempotent producer, three partitions."""
import json
import multiprocessing
import sys
import time
import uuid

WINDOW, PREFETCH, PARTITIONS = 256, 512, 3


class Course:
    """What publisher and consumer know of each other."""

    def __init__(self):
        self.listens = multiprocessing.Event()
        self.started = multiprocessing.Value("d", 0)
        # How many there are to consume, once that is known.
        self.total = multiprocessing.Value("q", -1)
        self.ended = multiprocessing.Value("d", 0)

    def is_through(self, count):
        if count == self.total.value:
            self.ended.value = time.monotonic()
            return True
        return False


def consume_from_rabbitmq(url, queue, course):
    import pika
    count = 0

    def take(channel, method, _properties, _body):
        nonlocal count
        count += 1
        if count % 64 == 0 or method.delivery_tag == course.total.value:
            channel.basic_ack(method.delivery_tag, multiple=True)

    def look():
        if course.is_through(count):
            connection.close()
        else:
            connection.ioloop.call_later(0.002, look)

    def opened(channel):
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.basic_consume(queue, take, callback=lambda _: course.listens.set())
        look()

    connection = pika.SelectConnection(
        pika.URLParameters(url), on_open_callback=lambda c: c.channel(on_open_callback=opened), on_close_callback=lambda c, _: c.ioloop.stop())
    connection.ioloop.start()


def rabbitmq(url, seconds, size):
    import pika
    queue, body, course = f"bench-{uuid.uuid4().hex[:8]}", b"x" * size, Course()
    with pika.BlockingConnection(pika.URLParameters(url)) as setting_up:
        setting_up.channel().queue_declare(queue, durable=True, arguments={"x-queue-type": "quorum"})
    consumer = multiprocessing.Process(target=consume_from_rabbitmq, args=(url, queue, course), daemon=True)
    consumer.start()
    course.listens.wait(30)
    sent = confirmed = 0
    properties = pika.BasicProperties(delivery_mode=2, content_type="application/json")

    def proceed(channel):
        nonlocal sent
        while time.monotonic() < course.started.value + seconds:
            if sent - confirmed >= WINDOW:
                return
            channel.basic_publish("", queue, body, properties)
            sent += 1
        if confirmed == sent:
            course.total.value = sent
            channel.connection.close()

    def opened(channel):
        def acknowledged(frame):
            nonlocal confirmed
            tag = frame.method.delivery_tag
            confirmed = tag if frame.method.multiple else confirmed + 1
            proceed(channel)
        channel.confirm_delivery(acknowledged, callback=lambda _: proceed(channel))
        course.started.value = time.monotonic()

    connection = pika.SelectConnection(
        pika.URLParameters(url), on_open_callback=lambda c: c.channel(on_open_callback=opened), on_close_callback=lambda c, _: c.ioloop.stop())
    connection.ioloop.start()
    consumer.join(60)
    with pika.BlockingConnection(pika.URLParameters(url)) as clearing_up:
        clearing_up.channel().queue_delete(queue)
    return course, sent


def consume_from_kafka(servers, topic, course):
    from confluent_kafka import Consumer
    consumer = Consumer({
        "bootstrap.servers": servers, "group.id": topic, "auto.offset.reset": "earliest", "session.timeout.ms": 6000,
        "auto.commit.interval.ms": 1000})
    consumer.subscribe([topic], on_assign=lambda *_: course.listens.set())
    count = 0
    while not course.is_through(count):
        count += sum(1 for message in consumer.consume(500, 0.05) if not message.error())
    consumer.close()


def kafka(url, seconds, size):
    from confluent_kafka import Producer
    from confluent_kafka.admin import AdminClient, NewTopic
    servers, topic, body, course = url.removeprefix("kafka://"), f"bench-{uuid.uuid4().hex[:8]}", b"x" * size, Course()
    admin = AdminClient({"bootstrap.servers": servers})
    for done in admin.create_topics([NewTopic(topic, PARTITIONS, 1)]).values():
        done.result(30)
    consumer = multiprocessing.Process(target=consume_from_kafka, args=(servers, topic, course), daemon=True)
    consumer.start()
    course.listens.wait(30)
    producer = Producer({"bootstrap.servers": servers, "acks": "all", "enable.idempotence": True})
    course.started.value = time.monotonic()
    sent = 0
    while time.monotonic() < course.started.value + seconds:
        # As far ahead as Tiffin's relay goes.
        if len(producer) >= 8192:
            producer.poll(0.001)
            continue
        producer.produce(topic, body, key=str(sent % 1000))
        sent += 1
        producer.poll(0)
    producer.flush(60)
    course.total.value = sent
    consumer.join(60)
    return course, sent


if __name__ == "__main__":
    course, count = {"rabbitmq": rabbitmq, "kafka": kafka}[sys.argv[1]](sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
    if not course.ended.value:
        sys.exit("not everything that was published was consumed within a minute")
    print(json.dumps({"count": count, "rate": count / (course.ended.value - course.started.value)}))
