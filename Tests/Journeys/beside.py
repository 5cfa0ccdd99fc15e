"""What stands beside the servers of the journeys, where the run asks for it: TIFFIN_JOURNEY_BUS=rabbitmq|kafka, TIFFIN_JOURNEY_REDIS=1.

One broker serves the whole run, each server with names of its own on it; each server has a Redis to itself.
"""

import atexit
import hashlib
import os
import pathlib
import shutil
import tempfile

import pika

import brokers

BUS = os.environ.get("TIFFIN_JOURNEY_BUS", "")
HAS_REDIS = os.environ.get("TIFFIN_JOURNEY_REDIS", "") not in ("", "0")
if BUS == "kafka":
    # Debian 12's librdkafka does not understand the test broker.
    os.environ["LD_LIBRARY_PATH"] = brokers.Kafka.client_library()

_broker = None
_redis = {}


def broker():
    global _broker
    if _broker is None:
        _broker = brokers.KINDS[BUS]().start()
        atexit.register(_broker.stop)
    return _broker


def namespace(database):
    """What stands before the names of a server on the broker: the same after a restart."""
    return f"j{hashlib.sha256(str(database).encode()).hexdigest()[:10]}."


def settings(database):
    """The settings of a server that has this database."""
    found = {}
    if BUS:
        found.update({"bus.url": broker().url, "bus.namespace": namespace(database)})
    if HAS_REDIS:
        if database not in _redis:
            from redis_server import RedisServer
            _redis[database] = RedisServer(pathlib.Path(tempfile.mkdtemp(prefix="tiffin-journey-redis-"))).start()
        found["redis.url"] = _redis[database].url
    return found


def forget(database):
    """Ends and removes what a server of a test had to itself."""
    redis = _redis.pop(database, None)
    if redis:
        redis.kill()
        shutil.rmtree(redis.folder, ignore_errors=True)
    if BUS == "rabbitmq" and _broker:
        # Each quorum queue costs the broker memory and a process, and there are twenty for every server.
        connection = pika.BlockingConnection(pika.URLParameters(_broker.url))
        channel = connection.channel()
        for service in ("identity", "catalog", "pricing", "ordering", "payments", "delivery", "notifications", "gateway"):
            for kind in ("", ".dead", ".retry"):
                channel.queue_delete(f"{namespace(database)}{service}_queue{kind}")
        connection.close()


@atexit.register
def end():
    for redis in _redis.values():
        redis.kill()
        shutil.rmtree(redis.folder, ignore_errors=True)
