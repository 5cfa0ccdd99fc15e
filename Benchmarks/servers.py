"""The servers that a benchmark starts, each on a free port of this machine, each stopped by its own process id."""
import json
import os
import pathlib
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request


ROOT = pathlib.Path(__file__).resolve().parent.parent


class Missing(Exception):
    """A program that a yardstick needs is not installed."""


def program(name, *places):
    for place in places:
        if os.access(os.path.join(place, name), os.X_OK):
            return os.path.join(place, name)
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/sbin")
    if not found:
        raise Missing(f"{name} is not installed; `script/setup --bench` installs what the benchmarks measure against")
    return found


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_for(ready, what, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if ready():
            return
        time.sleep(0.05)
    raise RuntimeError(f"{what} did not start within {seconds} s")


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
        return True
    except OSError:
        return False


class Child:
    """A process that ends with the benchmark."""

    def __init__(self, command, log, **more):
        self.log = open(log, "wb")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log, **more)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def cpu_seconds(*pids):
    """What the processes have used of the processors since they started."""
    def of(pid):
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return sum(map(of, pids))


def load(binary, scenario, *more, **environment):
    """What `tiffin load` measured."""
    command = [binary, "load", "--scenario", scenario, "--json", *map(str, more)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, env={**os.environ, **environment})
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()[-500:]} {done.stdout.strip()[-500:]}")
    return json.loads(done.stdout.splitlines()[-1])


class Tiffin(Child):
    """`tiffin serve` as it is installed, but for the limits, which a load from one address would hit at once."""

    SETTINGS = ["web.rateLimits=false", "identity.passwordCost=4", "gateway.socketMessagesPerSecond=0", "identity.accessTokenMinutes=10080"]

    def __init__(self, binary, directory, database="tiffin.sqlite", *more, arguments=()):
        """database: the name of a file in the directory, or an address. more: further settings, as `name=value`. arguments: of `serve`."""
        self.binary = binary
        self.told = log = pathlib.Path(directory) / f"tiffin-{time.monotonic_ns()}.log"
        place = database if "://" in database else str(pathlib.Path(directory) / database)
        settings = [part for setting in [*self.SETTINGS, *more] for part in ("--set", setting)]
        super().__init__([binary, "serve", "--database", place, "--port", "0", "--log-level", "warning", *arguments, *settings], log)
        self.port = None

        def listens():
            if self.process.poll() is not None:
                raise RuntimeError("tiffin serve ended:\n" + log.read_text(errors="replace")[-2000:])
            for line in log.read_text(errors="replace").splitlines():
                if line.startswith('{"event":"listening"'):
                    self.port = json.loads(line)["port"]
            return self.port is not None

        try:
            wait_for(listens, "tiffin serve")
        except BaseException:
            self.stop()
            raise
        self.url = f"http://127.0.0.1:{self.port}"

    def load(self, scenario, *more):
        """What `tiffin load` measured against this server."""
        return load(self.binary, scenario, "--server", self.url, *more)

    def cpu_seconds(self):
        return cpu_seconds(self.process.pid)

    def says(self, pattern, seconds=60):
        """What its log holds by now, or soon."""
        wait_for(lambda: re.search(pattern, self.told.read_text(errors="replace")), pattern, seconds)
        return re.search(pattern, self.told.read_text(errors="replace"))

    def post(self, path, body):
        asked = urllib.request.Request(self.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=10) as answer:
            return json.loads(answer.read())

    def read(self, path):
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return answer.read()

    def resident_bytes(self):
        """What the process holds in memory of its own; pages of the mapped database file are the kernel's, and go when it wants them."""
        fields = dict(
            line.split(":", 1) for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines() if ":" in line)
        return int(fields["VmRSS"].split()[0]) * 1024


class Apart:
    """One installation of several processes, the one with the gateway last: each finds the others through the common database."""

    def __init__(self, binary, directory, database, plan, *more):
        self.processes = []
        secret = os.urandom(16).hex()
        try:
            # Each waits for those it calls, so those stand before it.
            for services in plan:
                self.processes.append(Tiffin(
                    binary, directory, database, f"cluster.services={services}", "cluster.registry=database", f"cluster.secret={secret}",
                    "cluster.port=0", *more))
        except BaseException:
            self.stop()
            raise
        self.load, self.url = self.processes[-1].load, self.processes[-1].url

    def cpu_seconds(self):
        return sum(process.cpu_seconds() for process in self.processes)

    def stop(self):
        for process in reversed(self.processes):
            process.stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Nginx(Child):
    """nginx that serves one directory as files, set for speed."""

    def __init__(self, directory):
        self.port = free_port()
        directory = pathlib.Path(directory)
        (directory / "files").mkdir(exist_ok=True)
        (directory / "nginx.conf").write_text(f"""
daemon off; pid {directory}/nginx.pid; error_log {directory}/nginx.err; worker_processes auto; worker_rlimit_nofile 20000;
{'user root;' if os.getuid() == 0 else ''}
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on; tcp_nodelay on; keepalive_requests 100000000; open_file_cache max=100;
  client_body_temp_path {directory}/b; proxy_temp_path {directory}/p; fastcgi_temp_path {directory}/f; uwsgi_temp_path {directory}/u; scgi_temp_path {directory}/s;
  default_type application/json;
  server {{ listen 127.0.0.1:{self.port} reuseport; root {directory}/files; }}
}}
""")
        super().__init__([program("nginx"), "-c", str(directory / "nginx.conf")], directory / "nginx.log")
        wait_for(lambda: answers(self.port), "nginx")


class Redis(Child):
    def __init__(self, directory):
        self.port = free_port()
        super().__init__(
            [program("redis-server"), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(directory)],
            pathlib.Path(directory) / "redis.log")
        wait_for(lambda: answers(self.port), "redis-server")


class Postgres:
    """A cluster of its own on a unix socket, as installed: synchronous_commit and fsync on."""

    PLACES = [str(path) for path in sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="tiffin-bench-pg-")
        # The server refuses to run as root.
        self.user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        if self.user:
            os.chown(self.directory, self.user.pw_uid, self.user.pw_gid)
        try:
            self._run("initdb", "-D", f"{self.directory}/data", "-A", "trust", "-U", "bench", "--no-sync")
            self._run(
                "pg_ctl", "-D", f"{self.directory}/data", "-w", "-l", f"{self.directory}/log", "start", "-o",
                f"-c listen_addresses= -c unix_socket_directories={self.directory} -c synchronous_commit=on -c fsync=on -c shared_buffers=256MB "
                "-c max_wal_size=4GB")
        except BaseException:
            self.stop()
            raise

    def _run(self, name, *arguments, check=True):
        command = [program(name, *self.PLACES), *arguments]
        more = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=self.directory, timeout=300, **more)
        if check and done.returncode != 0:
            raise RuntimeError(f"{name} ended with {done.returncode}: {done.stdout[-1000:]}")
        return done.stdout

    def run(self, name, *arguments):
        """A client program against this cluster."""
        return self._run(name, "-h", self.directory, "-U", "bench", *arguments, "postgres")

    def url(self, name):
        """A database of its own on this cluster."""
        self.run("psql", "-q", "-c", f"CREATE DATABASE {name}")
        return f"postgres://bench@/{name}?host={self.directory}"

    def stop(self):
        if os.path.exists(f"{self.directory}/data/postmaster.pid"):
            self._run("pg_ctl", "-D", f"{self.directory}/data", "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(self.directory, ignore_errors=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Broker(Child):
    """RabbitMQ or a broker that speaks Kafka's protocol, as the journeys start it."""

    def __init__(self, kind, directory):
        self.log = open(pathlib.Path(directory) / f"{kind}.log", "wb")
        self.process = subprocess.Popen(
            [python(), str(ROOT / "Tests" / "Journeys" / "brokers.py"), kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
            text=True)
        line = self.process.stdout.readline()
        if not line:
            self.stop()
            raise RuntimeError(f"{kind} did not start: {(pathlib.Path(directory) / f'{kind}.log').read_text()[-1000:]}")
        told = json.loads(line)
        self.url, self.folder = told["url"], told["folder"]

    def cpu_seconds(self):
        """Of the processes that have its folder among their words."""
        mine = []
        for words in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                if self.folder.encode() in words.read_bytes():
                    mine.append(words.parent.name)
            except OSError:
                continue
        return cpu_seconds(*mine)

    def client(self, kind, seconds, size):
        """How many messages a second go through with the engine's own client."""
        command = [python(), str(ROOT / "Benchmarks" / "clients.py"), kind, self.url, str(seconds), str(size)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()[-800:]}")
        return json.loads(done.stdout.splitlines()[-1])["rate"]

    def stop(self):
        # It ends the broker, and its folder, when nobody is there to give it orders.
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            super().stop()
        self.log.close()


def python():
    """The Python that has the brokers' clients."""
    found = ROOT / ".venv" / "bin" / "python"
    if not found.exists():
        raise Missing("the Python of .venv is not there; script/setup makes it")
    return str(found)
