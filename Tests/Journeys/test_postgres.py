"""PostgreSQL under the platform: killed under load, full, missing, wrong, and moved to from the file; looked at from outside by psql."""

import os
import signal
import subprocess
import time

import databases
import pytest

from tiffin import ADMIN, Server, eventually
from traffic import Buyer, agree_in_the_end, make_traffic
from world import Person, Place, key

pytestmark = pytest.mark.own_engines


class OnPostgres(Server):
    """A server on a PostgreSQL of the test's own, whatever the run is about."""

    def __init__(self, binary, folder, cluster, name="tiffin", **settings):
        super().__init__(binary, folder / "tiffin.db", **settings)
        self.cluster, self.name = cluster, name
        cluster.psql(f"CREATE DATABASE {name}")

    def arguments(self, **more):
        return ["--database", self.cluster.url(self.name), *super().arguments(**more)[2:]]

    def make_admin(self):
        email, password = ADMIN
        run = subprocess.run(
            [self.binary, "admin", "create", "--email", email, "--database", self.cluster.url(self.name)],
            input=password + "\n", capture_output=True, text=True, timeout=60)
        assert run.returncode == 0, run.stdout + run.stderr

    def start(self, *arguments, **more):
        if self.cluster.psql("SELECT to_regclass('identity_users') IS NULL", self.name) == [["t"]]:
            self.make_admin()
        self.database.touch()
        return super().start(*arguments, **more)

    def psql(self, sql):
        return self.cluster.psql(sql, self.name)


@pytest.fixture
def cluster():
    cluster = databases.Cluster().start()
    yield cluster
    cluster.remove()


@pytest.fixture
def on_postgres(binary, tmp_path, cluster):
    made = []

    def make(name="tiffin", **settings):
        server = OnPostgres(binary, tmp_path, cluster, name, **settings)
        made.append(server)
        return server

    yield make
    for server in made:
        server.kill()


@pytest.fixture(autouse=True)
def no_file(monkeypatch):
    # Here `database` names a file that only keeps the log company.
    monkeypatch.setattr(databases, "IS_POSTGRES", False)


def test_postgres_killed_under_order_load(on_postgres, cluster, seed):
    """Ten seconds without a database: writes are refused in good order, and within fifteen of its return all is well again."""
    server = on_postgres()
    server.start()
    buyers, kitchen = make_traffic(server, seed)
    eventually(lambda: all(len(b.acknowledged) > 3 for b in buyers), "orders come in")
    place, customer = Place(server), Person(server).register()

    cluster.kill()
    statuses = set()
    gone = time.monotonic()
    while time.monotonic() < gone + 10:
        answer = customer.ask("POST", "/api/orders", place.order("pickup"), headers=key())
        statuses.add(answer.status_code)
        if answer.status_code == 503:
            assert int(answer.headers["Retry-After"]) > 0 and answer.json()["code"]
        time.sleep(0.2)
    assert statuses == {503}, statuses
    assert server.is_running()
    cluster.start()
    back = time.monotonic()
    eventually(
        lambda: customer.ask("POST", "/api/orders", place.order("pickup"), headers=key()).status_code == 201, "orders are taken again", seconds=15)
    took = time.monotonic() - back
    time.sleep(2)
    for each in [*buyers, kitchen]:
        each.end()
    told = sum(len(b.acknowledged) for b in buyers)
    print(f"measured: orders are taken {took:.1f} s after PostgreSQL is back; {told} orders acknowledged")

    server.stop()
    agree_in_the_end(server, buyers)
    ids = {next(iter(ids)) for b in buyers for ids in b.acknowledged.values()}
    # Seen from outside, by the client of PostgreSQL.
    found = {row[0] for row in server.psql("SELECT id FROM ordering_orders WHERE is_visible = 1")}
    assert ids <= found
    assert server.psql("SELECT COALESCE(SUM(debit), 0) = COALESCE(SUM(credit), 0) FROM payments_ledger") == [["t"]]
    server.stop()
    assert server.psql("SELECT COUNT(*) FROM ordering_outbox") == [["0"]]


def test_sessions_ended_by_an_administrator(on_postgres, seed):
    """Connections that the server ends are made anew, without anybody being refused for long."""
    server = on_postgres()
    server.start()
    buyers, kitchen = make_traffic(server, seed)
    for _ in range(20):
        server.psql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tiffin'")
        time.sleep(0.2)
    eventually(lambda: all(len(b.acknowledged) > 5 for b in buyers), "orders come in")
    for each in [*buyers, kitchen]:
        each.end()
    assert not [f for b in buyers for f in b.faults]
    ids = [next(iter(ids)) for b in buyers for ids in b.acknowledged.values()]
    found = {row[0] for row in server.psql("SELECT id FROM ordering_orders WHERE is_visible = 1")}
    assert set(ids) <= found


def test_full_disk_of_postgres(binary, tmp_path, seed):
    """The server's disk fills: writes are refused in good order, reads go on, and nothing acknowledged is lost."""
    cluster = databases.Cluster(max_wal_size="64MB", min_wal_size="32MB")
    place_of_data = cluster.folder / "full"
    place_of_data.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", str(place_of_data)], capture_output=True).returncode:
        cluster.remove()
        pytest.skip("no file system can be mounted here")
    server = None
    try:
        if cluster.user:
            os.chown(place_of_data, cluster.user.pw_uid, cluster.user.pw_gid)
        cluster.start()
        cluster.psql(f"CREATE TABLESPACE small LOCATION '{place_of_data}'")
        cluster.psql("ALTER DATABASE template1 SET default_tablespace = 'small'")
        server = OnPostgres(binary, tmp_path, cluster)
        cluster.psql("ALTER DATABASE tiffin SET default_tablespace = 'small'")
        server.start()
        place = Place(server)
        buyer = Buyer(server, place, f"{seed} buyer")
        for number in range(20):
            buyer.bodies[f"before-{number}"] = place.order("pickup")
            buyer.check_out(f"before-{number}", patience=20)
        before = {next(iter(ids)) for ids in buyer.acknowledged.values()}
        ballast = place_of_data / "ballast"
        with open(ballast, "wb", buffering=0) as file:
            try:
                while file.write(b"\0" * 65536):
                    pass
            except OSError:
                pass
        refused = None
        end = time.monotonic() + 30
        number = 0
        while time.monotonic() < end and refused is None:
            name = f"full-{number}"
            number += 1
            answer = buyer.person.ask("POST", "/api/orders", place.order("pickup"), headers={"Idempotency-Key": name})
            if answer.status_code == 201:
                before.add(answer.json()["id"])
            else:
                refused = answer
        assert refused is not None and refused.status_code == 503, refused and refused.text
        assert Person(server).ask("GET", f"/api/restaurants/{place.id}/menu").status_code == 200
        os.remove(ballast)
        eventually(
            lambda: buyer.person.ask("POST", "/api/orders", place.order("pickup"), headers=key()).status_code == 201,
            "orders are taken again once there is room")
        found = {row[0] for row in server.psql("SELECT id FROM ordering_orders WHERE is_visible = 1")}
        assert before <= found
    finally:
        if server:
            server.kill()
        cluster.stop()
        subprocess.run(["umount", "-l", str(place_of_data)], check=False)
        cluster.remove()


def test_what_is_wrong_with_the_database_is_told_in_one_line(binary, on_postgres, cluster):
    server = on_postgres()
    server.start()
    server.stop()
    port = cluster.port
    for url, words in [
        (f"postgres://tiffin:geheim@127.0.0.1:{port + 1}/tiffin", ["database.url", "start the server"]),
        (f"postgres://tiffin:geheim@127.0.0.1:{port}/nowhere", ["database.url", "nowhere"]),
        (f"postgres://nobody@127.0.0.1:{port}/tiffin", ["database.url", "nobody"]),
        (f"postgres://tiffin@127.0.0.1:{port}/tiffin?sslmode=require", ["database.url", "SSL"]),
        ("postgres://tiffin@127.0.0.1:port/tiffin", ["database.url", "port"]),
    ]:
        for command in ("serve", "doctor"):
            run = subprocess.run([str(binary), command, "--database", url], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
            assert run.returncode == 1, (url, run)
            said = [line for line in (run.stderr + run.stdout).splitlines() if "database.url" in line]
            assert len(said) == 1, (url, run)
            assert all(word in said[0] for word in words) and "geheim" not in said[0], said
    run = subprocess.run([str(binary), "doctor", "--database", cluster.url("tiffin")], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0 and "ledger" in run.stdout and "PostgreSQL" in run.stdout, run
    server.psql("INSERT INTO tiffin_migrations VALUES ('ordering-99-from-the-future', 9999)")
    for command in ("serve", "doctor"):
        run = subprocess.run([str(binary), command, "--database", cluster.url("tiffin")], capture_output=True, text=True, timeout=60)
        assert run.returncode == 1 and "newer tiffin" in run.stderr + run.stdout, run


def test_two_processes_on_one_database(binary, on_postgres, cluster, seed):
    """A second process joins and the first is killed: what it had begun is carried to its end by the other."""
    first = on_postgres()
    first.start()
    second = Server(binary, first.database, **first.settings)
    second.arguments = first.arguments
    second.log = first.log.with_name("second.log")
    second.start()
    try:
        buyers, kitchen = make_traffic(first, seed)
        eventually(lambda: all(len(b.acknowledged) > 3 for b in buyers), "orders come in")
        first.kill()
        for buyer in buyers:
            buyer.person.server = second
        first.port = second.port
        eventually(lambda: first.psql("SELECT COUNT(*) FROM ordering_saga") == [["0"]] or None, "the dead process's sagas end", seconds=40)
        eventually(lambda: first.psql("SELECT COUNT(*) FROM ordering_outbox") == [["0"]] or None, "its events are carried", seconds=40)
        for each in [*buyers, kitchen]:
            each.end()
        ids = {next(iter(ids)) for b in buyers for ids in b.acknowledged.values()}
        assert ids <= {row[0] for row in first.psql("SELECT id FROM ordering_orders WHERE is_visible = 1")}
    finally:
        second.kill()


def test_from_the_file_to_postgres(binary, tmp_path, on_postgres, cluster, seed):
    """A file with orders in it is copied, killed on the way and gone on with, and served from PostgreSQL as it was."""
    file = Server(binary, tmp_path / "town.db")
    file.start()
    buyers, kitchen = make_traffic(file, seed)
    eventually(lambda: all(len(b.acknowledged) > 20 for b in buyers), "orders come in", seconds=60)
    for each in [*buyers, kitchen]:
        each.end()
    admin = Person(file, *ADMIN).log_in()
    before = sorted((o["id"], o["status"], o["total"]) for o in admin.all("/api/orders"))
    file.stop()

    cluster.psql("CREATE DATABASE moved")
    command = [str(binary), "migrate", "--from", str(file.database), "--to", cluster.url("moved"), "--page", "2"]
    killed = 0
    while killed < 3:
        run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        done = killed * 15

        def is_under_way():
            assert run.poll() is None, "it ended before it could be killed"
            if cluster.psql("SELECT to_regclass('tiffin_copy') IS NULL", "moved") == [["t"]]:
                return False
            return int(cluster.psql("SELECT COUNT(*) FROM tiffin_copy", "moved")[0][0]) > done

        eventually(is_under_way, "the copy is under way", pause=0.005)
        run.send_signal(signal.SIGKILL)
        run.wait()
        killed += 1
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0 and "verified" in run.stdout and "goes on" in run.stdout, run
    for table in databases.tables(file.database):
        if table.startswith(("sqlite_", "tiffin_")):
            continue
        assert databases.rows(file.database, f"SELECT COUNT(*) FROM {table}")[0] == cluster.psql(f"SELECT COUNT(*) FROM {table}", "moved")[0], table
    again = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert again.returncode == 1 and "not empty" in again.stderr, again

    server = OnPostgres.__new__(OnPostgres)
    Server.__init__(server, binary, tmp_path / "moved.db")
    server.cluster, server.name = cluster, "moved"
    try:
        server.start()
        admin = Person(server, *ADMIN).log_in()
        after = sorted((o["id"], o["status"], o["total"]) for o in admin.all("/api/orders"))
        assert after == before
        place = Place(server)
        assert Person(server).register().ask("POST", "/api/orders", place.order("pickup"), headers=key()).status_code == 201
    finally:
        server.kill()
