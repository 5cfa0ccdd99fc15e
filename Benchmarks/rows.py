"""What must be fast, each measured beside its yardstick in the same run."""
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass

from servers import ROOT, Apart, Broker, Nginx, Postgres, Redis, Tiffin, load, program, python

HERE = pathlib.Path(__file__).parent
CLIENTS = 50


@dataclass
class Row:
    name: str
    measured: float
    yardstick: float
    # None: no goal is set, the ratio is only told.
    goal: float | None
    unit: str
    note: str = ""
    # Whether less is better, as with times and memory: then the ratio is yardstick to measured.
    is_limit: bool = False

    @property
    def ratio(self):
        if self.is_limit:
            return self.yardstick / self.measured if self.measured else float("inf")
        return self.measured / self.yardstick if self.yardstick else 0.0

    @property
    def is_ok(self):
        return self.goal is None or self.ratio >= self.goal


class Folder:
    """A directory for one row's servers, removed afterwards."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="tiffin-bench-")
        return self.path

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)


def wrk(url, seconds, *headers):
    more = [part for header in headers for part in ("-H", header)]
    done = subprocess.run([program("wrk"), "-t2", "-c64", f"-d{seconds}s", *more, url], capture_output=True, text=True, check=True).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", done)
    if bad:
        raise RuntimeError(f"{url}: {bad[1]} answers were no success")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", done)[1])


def menu(binary, is_quick):
    """A menu of fifty items read, against nginx serving the same bytes as a file."""
    rounds, seconds = (2, 2) if is_quick else (3, 6)
    with Folder() as folder, Tiffin(binary, folder) as tiffin, Nginx(folder) as nginx:
        path = tiffin.load("menu", "--prepare")["path"]
        body = tiffin.read(path)
        assert len(json.loads(body)["categories"][0]["items"]) == 50, "the menu has not fifty items"
        (pathlib.Path(folder) / "files" / "menu.json").write_bytes(body)
        file = f"http://127.0.0.1:{nginx.port}/menu.json"
        wrk(tiffin.url + path, 1)
        # By turns, so that a slow moment of the machine falls on both.
        pairs = [(wrk(file, seconds), wrk(tiffin.url + path, seconds)) for _ in range(rounds)]
    return [Row("menu", statistics.median(p[1] for p in pairs), statistics.median(p[0] for p in pairs), 0.6, "requests/s", f"{len(body)} bytes")]


def door(binary, is_quick):
    """The same menu with an access token, against without: what it costs to know who asks."""
    rounds, seconds = (3, 2) if is_quick else (5, 4)
    with Folder() as folder, Tiffin(binary, folder) as tiffin:
        path = tiffin.load("menu", "--prepare")["path"]
        person = {"email": "door@bench.example", "password": "Bench-door-7", "role": "customer", "firstName": "Do", "lastName": "Or"}
        token = tiffin.post("/api/auth/register", person)["accessToken"]
        wrk(tiffin.url + path, 1)
        pairs = [
            (wrk(tiffin.url + path, seconds), wrk(tiffin.url + path, seconds, f"Authorization: Bearer {token}")) for _ in range(rounds)]
    return [Row(
        "door", statistics.median(p[1] for p in pairs), statistics.median(p[0] for p in pairs), 0.85, "requests/s", "with an access token, against without")]


def orders(binary, is_quick):
    """Orders placed through the whole saga, against a five-statement order transaction in PostgreSQL at 16 connections."""
    return orders_against_pgbench(binary, is_quick, "orders", 0.5, 128, lambda postgres: "tiffin.sqlite")


def orders_postgres(binary, is_quick):
    """The same orders kept on the very PostgreSQL that is the yardstick; both at about the number of clients that suits them best."""
    return orders_against_pgbench(binary, is_quick, "orders-postgres", 0.6, 256, lambda postgres: postgres.url("tiffin"))


def orders_against_pgbench(binary, is_quick, name, goal, connections, database):
    rounds, seconds = (2, 4) if is_quick else (4, 8)

    def pgbench(postgres):
        text = postgres.run("pgbench", "-n", "-c", "16", "-j", "2", "-T", str(seconds), "-f", f"{postgres.directory}/order.sql")
        return float(re.search(r"tps = ([\d.]+)", text)[1])

    with Postgres() as postgres, Folder() as folder, Tiffin(binary, folder, database(postgres)) as tiffin:
        for file in ("order-schema.sql", "order.sql"):
            shutil.copy(HERE / file, postgres.directory)
            (pathlib.Path(postgres.directory) / file).chmod(0o644)
        postgres.run("psql", "-q", "-f", f"{postgres.directory}/order-schema.sql")
        tiffin.load("orders", "--connections", 16, "--seconds", 1)
        # By turns, so that a slow moment of the machine falls on both.
        pairs = [(pgbench(postgres), tiffin.load("orders", "--connections", connections, "--seconds", seconds)) for _ in range(rounds)]
    results = [result for _, result in pairs]
    if any(result["errors"] for result in results):
        raise RuntimeError(f"{name}: {[(r['errors'], r.get('note')) for r in results]} errors")
    return [Row(
        name, statistics.median(r["rate"] for r in results), statistics.median(p for p, _ in pairs), goal, "orders/s",
        f"p99 {statistics.median(r['p99Milliseconds'] for r in results):.0f} ms at {connections} connections")]


def positions(binary, is_quick):
    """Positions taken in over couriers' sockets, against Redis GEOADD without pipelining from as many clients."""
    seconds = 4 if is_quick else 10
    with Folder() as folder, Redis(folder) as redis:
        done = subprocess.run(
            [program("redis-benchmark"), "-h", "127.0.0.1", "-p", str(redis.port), "-c", str(CLIENTS), "-n", str(60_000 * seconds), "-r", "100000",
             "--csv", "GEOADD", "riders", "-73.98", "40.75", "rider:__rand_int__"], capture_output=True, text=True, check=True).stdout
        yardstick = float(done.strip().splitlines()[-1].split('","')[1].strip('"'))
    with Folder() as folder, Tiffin(binary, folder) as tiffin:
        tiffin.load("positions", "--connections", CLIENTS, "--seconds", 1)
        result = tiffin.load("positions", "--connections", CLIENTS, "--seconds", seconds)
    if result["errors"]:
        raise RuntimeError(f"positions: {result['errors']} errors")
    return [Row("positions", result["rate"], yardstick, 1.0, "positions/s", f"{CLIENTS} couriers")]


def sockets(binary, is_quick):
    """From the event to the frame at a socket, with 10,000 sockets open on 1,000 live orders."""
    count, seconds = (2000, 5) if is_quick else (10_000, 20)
    with Folder() as folder, Tiffin(binary, folder) as tiffin:
        result = tiffin.load("sockets", "--connections", count, "--seconds", seconds)
    if result["errors"]:
        raise RuntimeError(f"sockets: {result['errors']} frames or sockets lost ({result.get('note')})")
    return [
        Row("sockets", result["p99Milliseconds"], 100, 1.0, "ms p99", f"p50 {result['p50Milliseconds']:.1f} ms, {result['note']}", is_limit=True)
    ]


def memory(binary, is_quick):
    """Resident memory: idle, for each idle socket, and with 100,000 orders in the file."""
    count, filled = (2000, 5_000) if is_quick else (10_000, 100_000)
    with Folder() as folder:
        with Tiffin(binary, folder) as tiffin:
            for _ in range(20):
                tiffin.read("/api/health")
            time.sleep(2)
            idle = tiffin.resident_bytes()
            # The sign-ups are done by a first load, so that only the sockets lie between the two measurements.
            tiffin.load("sockets", "--hold", "--connections", 100, "--seconds", 1)
            time.sleep(1)
            before = tiffin.resident_bytes()
            held = subprocess.Popen(
                [binary, "load", "--scenario", "sockets", "--hold", "--connections", str(count), "--seconds", "6", "--server", tiffin.url],
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            line = held.stdout.readline()
            if "open" not in line:
                raise RuntimeError(f"memory: {line}{held.stdout.read()}")
            time.sleep(2)
            each = (tiffin.resident_bytes() - before) / count
            held.communicate()
        with Tiffin(binary, folder, "full.sqlite") as tiffin:
            done = tiffin.load("orders", "--connections", 64, "--count", filled, "--seconds", 600)
            if done["count"] < filled:
                raise RuntimeError(f"memory: only {done['count']} of {filled} orders were placed ({done.get('note')})")
            after_load = tiffin.resident_bytes()
        with Tiffin(binary, folder, "full.sqlite") as tiffin:
            tiffin.load("orders", "--connections", 4, "--count", 200, "--seconds", 60)
            tiffin.load("menu", "--connections", 4, "--seconds", 1)
            full = tiffin.resident_bytes()
    mib, kib = 1 << 20, 1 << 10
    return [
        Row("memory idle", idle / mib, 60, 1.0, "MiB", is_limit=True),
        Row("memory socket", each / kib, 12, 1.0, "KiB", f"{count} idle sockets", is_limit=True),
        Row("memory orders", full / mib, 150, 1.0, "MiB", f"{filled} orders in the file; {after_load / mib:.0f} MiB right after placing them", is_limit=True),
    ]


def buses(binary, is_quick):
    """Events published, confirmed, delivered and acknowledged over each broker, against its own client in Python, by turns."""
    rounds, seconds, size = (1, 4, 800) if is_quick else (3, 8, 800)
    rows = []
    for kind, goal in (("rabbitmq", 1.0), ("kafka", 0.5)):
        with Folder() as folder, Broker(kind, folder) as broker:
            # Debian's librdkafka does not understand the broker that stands for Kafka.
            library = {"LD_LIBRARY_PATH": str(ROOT / ".venv" / "librdkafka")} if kind == "kafka" else {}
            broker.client(kind, 1, size)
            load(binary, "bus", "--bus", broker.url, "--seconds", 1, **library)
            pairs = [
                (broker.client(kind, seconds, size), load(binary, "bus", "--bus", broker.url, "--seconds", seconds, **library))
                for _ in range(rounds)
            ]
        results = [result for _, result in pairs]
        if any(result["errors"] for result in results):
            raise RuntimeError(f"{kind}: {[r['errors'] for r in results]} events did not come through")
        rows.append(Row(
            f"bus {kind}", statistics.median(r["rate"] for r in results), statistics.median(p for p, _ in pairs), goal, "events/s",
            f"p99 {statistics.median(r['p99Milliseconds'] for r in results):.0f} ms with as much under way as there may be"))
    return rows


#: Who runs with whom where an installation is five processes; who is called stands before who calls.
FIVE = ["identity,payments", "catalog,pricing", "ordering", "delivery,notifications", "gateway"]


def settled(installation, *load):
    """A load without errors, and the seconds of CPU that it took in all processes, until what follows from it is done."""
    before = installation.cpu_seconds()
    result = installation.load(*load)
    if result["errors"]:
        raise RuntimeError(f"{load}: {result['errors']} errors ({result.get('note')})")
    time.sleep(1)
    return result, installation.cpu_seconds() - before


def splitting(binary, is_quick):
    """The cost of splitting: the same orders a second on one PostgreSQL, taken by one process and by five (over RabbitMQ), by turns."""
    rounds, seconds, rate = (1, 5, 60) if is_quick else (4, 10, 60)
    with Postgres() as postgres, Folder() as folder, Broker("rabbitmq", folder) as broker:
        with Tiffin(binary, folder, postgres.url("one")) as one, \
                Apart(binary, folder, postgres.url("five"), FIVE, f"bus.url={broker.url}") as five:
            for installation in (one, five):
                installation.load("orders", "--connections", 32, "--rate", rate, "--seconds", 2)
            turns, carried = [], 0.0
            for _ in range(rounds):
                alone = settled(one, "orders", "--connections", 32, "--rate", rate, "--seconds", seconds)
                before = broker.cpu_seconds()
                turns.append((alone, settled(five, "orders", "--connections", 32, "--rate", rate, "--seconds", seconds)))
                carried += broker.cpu_seconds() - before
    # Of the whole, not of the median round: CPU is counted in hundredths of a second.
    cpu = [1000 * sum(turn[side][1] for turn in turns) / sum(turn[side][0]["count"] for turn in turns) for side in (0, 1)]
    p99 = [statistics.median(turn[side][0]["p99Milliseconds"] for turn in turns) for side in (0, 1)]
    orders = sum(turn[1][0]["count"] for turn in turns)
    return [
        Row(
            "split cpu", cpu[1], cpu[0], None, "ms CPU/order", f"{rate} orders/s; RabbitMQ took {1000 * carried / orders:.1f} ms more",
            is_limit=True),
        Row("split p99", p99[1], p99[0], None, "ms p99", f"{rate} orders/s", is_limit=True),
    ]


def gateway(binary, is_quick):
    """What a gateway before the services adds to p99, at half of the highest rate: the same asked of one process directly, by turns."""
    rounds, seconds = (1, 4) if is_quick else (3, 6)
    plan = [",".join(services for services in FIVE if services != "gateway"), "gateway"]
    rows = []
    with Postgres() as postgres, Folder() as folder:
        with Tiffin(binary, folder, postgres.url("direct")) as direct, \
                Apart(binary, folder, postgres.url("behind"), plan) as behind:
            for scenario, name in (("menu", "read"), ("orders", "order")):
                for installation in (direct, behind):
                    installation.load(scenario, "--connections", 16, "--seconds", 1)
                rate = behind.load(scenario, "--connections", 16, "--seconds", seconds)["rate"] / 2
                asked = (scenario, "--connections", 64, "--rate", round(rate), "--seconds", seconds)
                pairs = [(settled(direct, *asked)[0], settled(behind, *asked)[0]) for _ in range(rounds)]
                alone, through = (statistics.median(pair[side]["p99Milliseconds"] for pair in pairs) for side in (0, 1))
                rows.append(Row(
                    f"gateway {name}", max(0.0, through - alone), 5, 1.0, "ms p99 more",
                    f"{through:.1f} through the gateway, {alone:.1f} directly, at {rate:.0f}/s", is_limit=True))
    return rows


def pages(binary, is_quick):
    """Pages of a demo city on a phone four times slower than this machine over DevTools' Fast 4G, and the operator's map with 2,000 couriers."""
    program("chromium")
    with Folder() as folder, Tiffin(binary, folder, "city.sqlite", arguments=["--demo"]) as tiffin:
        tiffin.says(r"demo: \d+ restaurants", 180)
        customer, admin = (tiffin.says(rf"{who}\s+(\S+@\S+)\s+password (\S+)") for who in ("customer", "admin"))
        done = subprocess.run(
            [python(), str(HERE / "pages.py"), tiffin.url, customer[1], admin[1], admin[2], "2" if is_quick else "5"],
            capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(f"pages.py ended with {done.returncode}: {done.stderr.strip()[-800:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    rows = []
    for name, page in told["pages"].items():
        rows += [
            Row(f"{name} paint", page["paint"], 1000, 1.0, "ms to first contentful paint", is_limit=True),
            Row(f"{name} script", page["script"] / 1000, 60, 1.0, "kB compressed", "without Leaflet", is_limit=True),
            Row(f"{name} shift", 1000 * page["shift"], 50, 1.0, "thousandths of layout shift", is_limit=True),
        ]
    return [*rows, Row("city frames", told["frames"], 50, 1.0, "frames/s", f"{told['couriers']} couriers move; drawn by the processor")]


ALL = {
    "menu": menu, "door": door, "orders": orders, "orders-postgres": orders_postgres, "positions": positions, "sockets": sockets,
    "memory": memory, "buses": buses, "splitting": splitting, "gateway": gateway, "pages": pages,
}
