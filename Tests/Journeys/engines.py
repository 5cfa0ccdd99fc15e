"""An installation as a country would run it: processes beside PostgreSQL, Redis and RabbitMQ, behind nginx or HAProxy.

Used by the journeys and by `script/cluster`. Everything listens on free ports of this machine and is ended by process id.
"""

import concurrent.futures
import os
import pathlib
import re
import subprocess
import time

import brokers
import databases
from brokers import free_port
from cluster import APART, Cluster
from processes import Running
from redis_server import RedisServer

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Balancer(Running):
    """nginx or HAProxy with the configuration out of deploy/, its names and ports exchanged for those of this machine."""

    def __init__(self, kind, folder, gateways):
        self.kind, self.name, self.folder, self.port = kind, kind, folder / kind, free_port()
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "log"
        text = (ROOT / "deploy" / ("nginx.conf" if kind == "nginx" else "haproxy.cfg")).read_text()
        for number, gateway in enumerate(gateways, 1):
            text, count = re.subn(rf"gateway-{number}:5000", f"127.0.0.1:{gateway.port}", text)
            assert count == 1, f"deploy/ names gateway-{number} {count} times"
        # Everybody here comes from one address.
        text = text.replace("rate=200r/s", "rate=20000r/s").replace("gt 400", "gt 100000")
        if kind == "nginx":
            text = text.replace("listen 8080;", f"listen 127.0.0.1:{self.port};").replace("/tmp/nginx", f"{self.folder}/nginx")
            text = text.replace("/usr/share/tiffin/www/", f"{ROOT}/deploy/www/")
            if os.getuid() == 0:
                text = "user root;\n" + text  # The folders of tests are for their owner only.
        else:
            text = text.replace("bind :8080", f"bind 127.0.0.1:{self.port}")
        self.configuration = self.folder / "configuration"
        self.configuration.write_text(text)

    def command(self, *more):
        if self.kind == "nginx":
            return ["nginx", "-p", str(self.folder), "-c", str(self.configuration), *(more or ["-g", "daemon off;"])]
        return ["haproxy", "-f", str(self.configuration), *(more or ["-db"])]

    def check(self):
        """What the program itself says about the configuration; empty when it is content."""
        run = subprocess.run(self.command("-t") if self.kind == "nginx" else self.command("-c"), capture_output=True, text=True, timeout=30)
        return "" if run.returncode == 0 else run.stdout + run.stderr

    def start(self):
        self.spawn(self.command())
        end = time.monotonic() + 15
        while not brokers.answers(self.port):
            assert self.is_running() and time.monotonic() < end, self.tail()
            time.sleep(0.02)
        return self


class Redis(RedisServer):
    """Comes back on the same port."""

    def stop(self):
        self.kill()


class Country:
    """All of it. Stands where journeys expect a server: its port is the balancer's.

    - Parameters:
      - plan: which process hosts which services.
      - bus: `rabbitmq`, `kafka`, or `durable-kafka`, which keeps its data when it is killed.
    """

    def __init__(self, binary, folder, plan=APART, balancer="nginx", bus="rabbitmq", **settings):
        self.binary, self.folder, self.plan, self.kind, self.bus, self.settings = binary, folder, plan, balancer, bus, settings
        folder.mkdir(parents=True, exist_ok=True)
        self.engines, self.cluster, self.balancer = {}, None, None

    def start(self):
        try:
            return self._start()
        except BaseException:
            self.stop()
            raise

    def _start(self):
        if "kafka" in self.bus:
            # Debian 12's librdkafka does not understand the test broker.
            os.environ["LD_LIBRARY_PATH"] = brokers.Kafka.client_library()
        (self.folder / "redis").mkdir(exist_ok=True)
        self.engines = {
            "postgres": databases.Cluster(), "redis": Redis(self.folder / "redis"),
            "bus": brokers.KINDS[self.bus](self.folder / self.bus)}
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(lambda engine: engine.start(), self.engines.values()))
        self.engines["postgres"].psql("CREATE DATABASE tiffin")
        self.cluster = Cluster(
            self.binary, self.folder, self.plan, **{
                "database.url": self.engines["postgres"].url("tiffin"), "redis.url": self.engines["redis"].url, "bus.url": self.engines["bus"].url,
                "cluster.registry": "database", "web.trustedProxies": "127.0.0.1", **{k.replace("__", "."): v for k, v in self.settings.items()}})
        self.cluster.make_admin()
        self.cluster.start()
        self.balancer = Balancer(self.kind, self.folder, self.cluster.of("gateway"))
        self.balancer.start()
        return self

    @property
    def port(self):
        return self.balancer.port

    @property
    def url(self):
        return self.balancer.url

    @property
    def socket_url(self):
        return self.balancer.socket_url

    def stop(self):
        if self.balancer:
            self.balancer.stop()
        if self.cluster:
            self.cluster.kill()
        for engine in self.engines.values():
            engine.remove() if isinstance(engine, databases.Cluster) else engine.stop()
