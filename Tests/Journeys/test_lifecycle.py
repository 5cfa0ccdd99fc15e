"""Starting and stopping."""

import concurrent.futures
import subprocess
import time

import httpx

from tiffin import ADMIN, eventually
from world import LiveSocket, Person, Place, key


def test_stops_within_five_seconds_and_finishes_what_it_began(fresh):
    server = fresh()
    server.start()
    place, customer = Place(server), Person(server).register()
    socket = LiveSocket(server, customer.token)
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        def check_out(_):
            try:
                return customer.ask("POST", "/api/orders", place.order("pickup"), headers=key())
            except httpx.HTTPError as fault:
                return fault
        asked = [pool.submit(check_out, n) for n in range(60)]
        eventually(lambda: any(a.done() for a in asked), "the first order is answered", pause=0.001)
        begun = time.monotonic()
        code, took = server.stop(), time.monotonic() - begun
        answers = [a.result() for a in asked]
    print(f"measured: clean stop with requests in hand in {took:.2f} s")
    assert code == 0 and took < 5
    told = [a.json()["id"] for a in answers if not isinstance(a, Exception) and a.status_code == 201]
    broken = [a for a in answers if not isinstance(a, Exception) and a.status_code not in (201, 503)]
    assert told and not broken, broken
    socket.connection.close()

    server.start()
    print(f"measured: start on an existing file in {server.started_in:.2f} s")
    admin = Person(server, *ADMIN).log_in()
    assert set(told) <= {o["id"] for o in admin.all("/api/orders")}
    assert len(told) == len(set(told))


def test_second_start_is_quick_and_remembers(fresh):
    server = fresh()
    server.start()
    first = server.started_in
    place = Place(server)
    server.stop()
    server.start()
    print(f"measured: first start {first:.2f} s, second {server.started_in:.2f} s (a debug build)")
    assert server.started_in < 10
    person = Person(server).register()
    assert person.get(f"/api/restaurants/{place.id}")["name"] == place.restaurant["name"]
    # A session outlives the process.
    assert place.owner.get("/api/my-restaurants")["items"]


def test_wrong_settings_are_told_in_one_line(binary, tmp_path):
    database = tmp_path / "x.db"
    for arguments, word in [
        (["--set", "web.port=99999"], "web.port"), (["--set", "no.such=1"], "no.such"), (["--set", "clock.speed=fast"], "clock.speed"),
        (["--database", "/dev/null/x.db"], "database"),
    ]:
        if "--database" not in arguments:
            arguments = [*arguments, "--database", str(database)]
        run = subprocess.run([str(binary), "serve", *arguments], capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        assert run.returncode not in (0, -4, -5, -6, -11), run
        said = run.stderr.strip() or run.stdout.strip()
        assert word in said and len(said.splitlines()) <= 3, said


def test_every_command_has_help(binary):
    text = subprocess.run([str(binary), "--help"], capture_output=True, text=True, timeout=30).stdout
    for command in ("serve", "simulate", "load", "settings", "doctor", "admin"):
        assert command in text
        run = subprocess.run([str(binary), command, "--help"], capture_output=True, text=True, timeout=30)
        assert run.returncode == 0 and "USAGE" in run.stdout


def test_doctor_names_what_maps_and_charts_need(binary, tmp_path):
    def doctor(folder, *more):
        arguments = ["--database", str(tmp_path / "x.db"), "--set", f"pages.libraries={folder}", *more]
        return subprocess.run([str(binary), "doctor", *arguments], capture_output=True, text=True, timeout=60)

    there = doctor("/usr/share/javascript")
    assert "ok     pages.libraries: " in there.stdout, there.stdout + there.stderr
    missing = doctor(tmp_path)
    assert missing.returncode == 1 and "apt-get install libjs-leaflet libjs-chart.js" in missing.stdout, missing.stdout
    apart = ["cluster.services=identity", "cluster.secret=0123456789abcdef", "cluster.registry=static:gateway=http://127.0.0.1:1"]
    apart = doctor(tmp_path, *(part for setting in apart for part in ("--set", setting))).stdout
    assert "ok     settings:" in apart and "pages.libraries" not in apart, "who shows no pages needs no libraries"


def test_two_servers_want_one_port(fresh, server):
    second = fresh()
    second.start(wait=False, **{"web.port": str(server.port)})
    assert second.process.wait(timeout=30) != 0
    eventually(lambda: second.tail().strip(), "a word about the port")
    assert httpx.get(f"{server.url}/api/health").status_code == 200
