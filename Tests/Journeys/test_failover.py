"""PostgreSQL's first server dies under load and its synchronous standby takes over; and connections that only trust a known authority."""

import subprocess
import time

import databases
import pytest

from test_postgres import OnPostgres, cluster, no_file, on_postgres  # noqa: F401
from tiffin import eventually
from traffic import agree_in_the_end, make_traffic
from world import Person, Place, key

pytestmark = pytest.mark.own_engines


class Pair:
    """A server and the synchronous standby that follows it, behind one address."""

    def __init__(self):
        self.first = self.current = databases.Cluster(wal_level="replica", max_wal_senders="4").start()
        self.second = databases.Cluster(follows=self.first).start()
        self.first.psql("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        self.first.psql("SELECT pg_reload_conf()")
        eventually(lambda: self.first.psql("SELECT sync_state FROM pg_stat_replication") == [["sync"]], "the standby is synchronous")

    def url(self, name):
        return f"postgres://tiffin@127.0.0.1:{self.first.port},127.0.0.1:{self.second.port}/{name}?target_session_attrs=read-write"

    def psql(self, sql, name="postgres"):
        return self.current.psql(sql, name)

    def remove(self):
        for each in (self.first, self.second):
            each.remove()


def test_failover_to_the_synchronous_standby(binary, tmp_path, seed):
    """Within fifteen seconds of the promotion orders are taken; each that was acknowledged is there once, and the books agree."""
    pair = Pair()
    server = OnPostgres(binary, tmp_path, pair)
    try:
        server.start()
        buyers, kitchen = make_traffic(server, seed)
        eventually(lambda: all(len(b.acknowledged) > 5 for b in buyers), "orders come in", seconds=60)
        place, customer = Place(server), Person(server).register()
        pair.first.kill()
        before = {next(iter(ids)) for b in buyers for ids in list(b.acknowledged.values())}
        eventually(
            lambda: customer.ask("POST", "/api/orders", place.order("pickup"), headers=key()).status_code == 503, "a standby takes no orders")
        pair.second.promote()
        pair.current = pair.second
        promoted = time.monotonic()
        eventually(
            lambda: customer.ask("POST", "/api/orders", place.order("pickup"), headers=key()).status_code == 201, "orders are taken again", seconds=15)
        took = time.monotonic() - promoted
        # Orders go on for a while on the new server.
        so_far = sum(len(b.acknowledged) for b in buyers)
        eventually(lambda: sum(len(b.acknowledged) for b in buyers) > so_far + 20, "the buyers go on", seconds=60)
        for each in [*buyers, kitchen]:
            each.end()
        for buyer in buyers:
            buyer.ask_again(patience=20)
        told = sum(len(b.acknowledged) for b in buyers)
        print(f"measured: orders are taken {took:.1f} s after the promotion; {told} orders acknowledged, {len(before)} of them before")
        server.stop()
        agree_in_the_end(server, buyers)
        ids = {next(iter(ids)) for b in buyers for ids in b.acknowledged.values()}
        assert ids <= {row[0] for row in server.psql("SELECT id FROM ordering_orders WHERE is_visible = 1")}
        assert server.psql("SELECT COALESCE(SUM(debit), 0) = COALESCE(SUM(credit), 0) FROM payments_ledger") == [["t"]]
        assert not [fault for buyer in buyers for fault in buyer.faults]
    finally:
        server.kill()
        pair.remove()


def make_authority(folder, name):
    """A certificate authority of our own: its certificate, and one it signed for `localhost` with its key."""
    folder.mkdir()

    def openssl(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True, cwd=folder, timeout=60)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}", "-keyout", "ca.key", "-out", "ca.crt")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    (folder / "names").write_text("subjectAltName=DNS:localhost\n")
    openssl(
        "x509", "-req", "-in", "server.csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "names", "-out",
        "server.crt")
    return folder


def test_tls_with_a_known_authority_only(binary, tmp_path, cluster, on_postgres):  # noqa: F811
    """With sslmode=verify-full every connection is encrypted; an unknown authority or another name is refused, naming the setting."""
    known, unknown = make_authority(tmp_path / "known", "Known"), make_authority(tmp_path / "unknown", "Unknown")
    cluster.stop()
    data = cluster.folder / "data"
    for file in ("server.crt", "server.key"):
        cluster.put(known / file, file)
    cluster.options["ssl"] = "on"
    hosts = data / "pg_hba.conf"
    hosts.write_text(hosts.read_text().replace("\nhost ", "\nhostssl "))
    cluster.start()

    def url(host="localhost", authority=known, mode="verify-full"):
        return f"postgres://tiffin:geheim@{host}:{cluster.port}/tiffin?sslmode={mode}&sslrootcert={authority}/ca.crt"

    server = on_postgres()
    cluster.url = lambda name="tiffin": url()
    server.start()
    place = Place(server)
    assert Person(server).register().ask("POST", "/api/orders", place.order("pickup"), headers=key()).status_code == 201
    found = server.psql(
        "SELECT ssl, COUNT(*) > 2 FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) WHERE application_name = 'tiffin' GROUP BY ssl")
    assert found == [["t", "t"]], found
    for wrong in (url(authority=unknown), url(host="127.0.0.1"), url(mode="disable")):
        for command in ("serve", "doctor"):
            run = subprocess.run([str(binary), command, "--database", wrong], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
            assert run.returncode == 1, (wrong, run)
            said = [line for line in (run.stderr + run.stdout).splitlines() if "database.url" in line]
            assert len(said) == 1 and "sslmode" in said[0] and "geheim" not in said[0], (wrong, run)
