"""The databases of the journeys: a file for each server, or with TIFFIN_JOURNEY_DATABASE=postgres a database on a server of their own.

PostgreSQL is looked at from outside, by psql.
"""

import atexit
import contextlib
import os
import pathlib
import pwd
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

IS_POSTGRES = os.environ.get("TIFFIN_JOURNEY_DATABASE", "sqlite") == "postgres"


class Cluster:
    """A PostgreSQL server on a free port, durable as installed; started, stopped and killed by its process."""

    def __init__(self, follows=None, **options):
        """Makes an empty server, or with `follows` a copy of another, which follows that one once it is started."""
        places = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
        assert places, "no PostgreSQL under /usr/lib/postgresql: install the Debian package postgresql"
        self.place = places[-1]
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tiffin-journey-pg-"))
        self.options = {"max_connections": "300", "shared_buffers": "128MB", **options}
        # The server refuses to run as root.
        self.user = pwd.getpwnam("postgres") if os.getuid() == 0 else None
        if self.user:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.process = None
        if follows:
            self._run(
                "pg_basebackup", "-D", self.folder / "data", "-R", "-X", "stream", "-c", "fast", "--no-sync", "-d",
                f"host=127.0.0.1 port={follows.port} user=tiffin application_name=standby")
        else:
            self._run("initdb", "-D", self.folder / "data", "-A", "trust", "-U", "tiffin", "--no-sync", "--locale=C", "-E", "UTF8")
        atexit.register(self.remove)

    def _as_user(self):
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}

    def _run(self, name, *arguments):
        done = subprocess.run(
            [str(self.place / name), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=self.folder, timeout=120,
            **self._as_user())
        assert done.returncode == 0, f"{name}: {done.stdout}{done.stderr}"
        return done.stdout

    def start(self):
        settings = {"listen_addresses": "127.0.0.1", "unix_socket_directories": str(self.folder), "port": str(self.port), **self.options}
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(
                [str(self.place / "postgres"), "-D", str(self.folder / "data"), *(x for k, v in settings.items() for x in ("-c", f"{k}={v}"))],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, start_new_session=True, **self._as_user())
        end = time.monotonic() + 60
        while subprocess.run([str(self.place / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]).returncode != 0:
            assert self.process.poll() is None and time.monotonic() < end, (self.folder / "log").read_text(errors="replace")[-2000:]
            time.sleep(0.05)
        return self

    def kill(self):
        """Ends the server as a crash does: the parent and every session at once."""
        for pid in [*self._children(), self.process.pid]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        # What a machine that crashed would not have: the shared memory of the dead server, which its successor waits for.
        time.sleep(0.1)

    def _children(self):
        path = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text().split()] if path.exists() else []

    def put(self, file, name):
        """Puts a file among the server's own, which others may not read."""
        place = self.folder / "data" / name
        shutil.copy(file, place)
        place.chmod(0o600)
        if self.user:
            os.chown(place, self.user.pw_uid, self.user.pw_gid)

    def promote(self):
        """Makes a follower the one that is written to."""
        self._run("pg_ctl", "-D", self.folder / "data", "-w", "promote")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            self.process.wait(timeout=60)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, name="postgres"):
        return f"postgres://tiffin@127.0.0.1:{self.port}/{name}"

    def psql(self, sql, name="postgres"):
        """The rows of a query, each as a list of texts."""
        done = subprocess.run(
            ["psql", "-X", "-q", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", "-c", sql, self.url(name)], capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return [line.split("\x1f") for line in done.stdout.splitlines() if line]


_cluster = None


def cluster():
    """The one that the journeys share."""
    global _cluster
    if _cluster is None:
        _cluster = Cluster().start()
    return _cluster


def name(path):
    """The name of the database that stands for a file."""
    path = pathlib.Path(path)
    return "j_" + re.sub(r"[^a-z0-9]", "_", f"{path.parent.name}_{path.stem}".lower())[-50:]


def exists(path):
    if not IS_POSTGRES:
        return pathlib.Path(path).exists()
    return bool(cluster().psql(f"SELECT 1 FROM pg_database WHERE datname = '{name(path)}'"))


def target(path):
    """What `--database` is told; on PostgreSQL the database is made when there is none."""
    if not IS_POSTGRES:
        return str(path)
    if not exists(path):
        cluster().psql(f"CREATE DATABASE {name(path)}")
    return cluster().url(name(path))


def rows(path, sql):
    if IS_POSTGRES:
        return cluster().psql(sql, name(path))
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return [[str(value) for value in row] for row in connection.execute(sql)]
    finally:
        connection.close()


def insert(path, table, row):
    """Puts a row into a table of a stopped server."""
    names = ", ".join(row)
    if IS_POSTGRES:
        quoted = ", ".join(str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'" for value in row.values())
        cluster().psql(f"INSERT INTO {table} ({names}) VALUES ({quoted})", name(path))
        return
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def tables(path):
    if IS_POSTGRES:
        return [row[0] for row in rows(path, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
    return [row[0] for row in rows(path, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]


def open_rows(path):
    """What is still under way in the database of a stopped server: sagas, events to relay, reactions to repeat, dead letters."""
    names = tables(path)
    ends = ("_saga", "_outbox", "_parked", "_dead_letters")
    assert sum(t.endswith("_outbox") for t in names) >= 3, names
    assert sum(t.endswith("_saga") for t in names) >= 1, names
    found = {}
    for table in names:
        if table.endswith(ends):
            count = int(rows(path, f"SELECT count(*) FROM {table}")[0][0])
            if count:
                found[table] = (count, [tuple(v[:120] for v in row) for row in rows(path, f"SELECT * FROM {table} LIMIT 3")])
    return found


def integrity(path):
    """`ok` when the database is whole."""
    if IS_POSTGRES:
        # Every index agrees with its table, as far as the server's own inspector looks.
        cluster().psql("CREATE EXTENSION IF NOT EXISTS amcheck", name(path))
        cluster().psql(
            "SELECT bt_index_check(index => c.oid, heapallindexed => true) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            "JOIN pg_am a ON a.oid = c.relam JOIN pg_namespace n ON n.oid = c.relnamespace WHERE a.amname = 'btree' AND n.nspname = 'public'",
            name(path))
        return "ok"
    return rows(path, "PRAGMA integrity_check")[0][0]
