"""A disk that fills up: writes are refused in good order, reads go on, and nothing that was acknowledged is lost."""

import contextlib
import os
import subprocess
import time

import pytest

from databases import IS_POSTGRES, integrity
from tiffin import eventually
from traffic import Buyer, agree_in_the_end
from world import Person, Place

pytestmark = pytest.mark.skipif(IS_POSTGRES, reason="it is about the file; test_postgres.py fills the disk of PostgreSQL")


@pytest.fixture
def small_disk(tmp_path):
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no file system can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=False)


def test_full_disk(fresh, small_disk, seed):
    server = fresh(folder=small_disk)
    server.log = small_disk.parent / "server.log"
    server.start()
    place = Place(server)
    customer = Person(server).register()
    buyer = Buyer(server, place, f"{seed} buyer")
    for number in range(20):
        name = f"before-{number}"
        buyer.bodies[name] = place.order("pickup")
        buyer.check_out(name, patience=20)
    before = {next(iter(ids)) for ids in buyer.acknowledged.values()}
    assert len(before) == 20

    ballast = small_disk / "ballast"
    fill(ballast)
    statuses, refused = set(), None
    end = time.monotonic() + 20
    number = 0
    while time.monotonic() < end and refused is None:
        # Room that the file already has is used up first.
        name = f"full-{number}"
        number += 1
        buyer.bodies[name] = place.order("pickup")
        answer = buyer.person.ask("POST", "/api/orders", buyer.bodies[name], headers={"Idempotency-Key": name})
        statuses.add(answer.status_code)
        if answer.status_code in (200, 201):
            buyer.acknowledged.setdefault(name, set()).add(answer.json()["id"])
        else:
            refused = answer
    assert refused is not None, "the disk never filled"
    assert statuses <= {200, 201, 503}, refused.text
    problem = refused.json()
    assert refused.headers["content-type"].startswith("application/problem+json") and problem["status"] == 503 and problem["code"]
    assert int(refused.headers["Retry-After"]) > 0
    for path in (f"/api/restaurants/{place.id}", f"/api/restaurants/{place.id}/menu", "/api/restaurants?limit=5"):
        assert customer.ask("GET", path).status_code == 200, path
    for order_id in list(before)[:5]:
        assert buyer.person.ask("GET", f"/api/orders/{order_id}").status_code == 200

    os.remove(ballast)
    eventually(
        lambda: customer.ask("POST", "/api/orders", place.order("pickup"), headers={"Idempotency-Key": "room-again"}).status_code in (200, 201, 409),
        "orders are taken again once there is room")
    for name in list(buyer.bodies):
        buyer.check_out(name, patience=20)
    buyer.refusals.clear()
    server.kill()
    admin = agree_in_the_end(server, [buyer])
    assert before <= {o["id"] for o in admin.all("/api/orders")}
    server.stop()
    assert integrity(server.database) == "ok"


def test_no_room_to_start(fresh, small_disk):
    """Without room even for the tables, the server says so in one line instead of running."""
    (small_disk / "ballast").write_bytes(b"\0" * (small_disk_size(small_disk) - 8192))
    server = fresh(folder=small_disk)
    server.log = small_disk.parent / "start.log"
    server.database.touch()
    server.start(wait=False)
    code = server.process.wait(timeout=30)
    assert code not in (0, None)
    said = server.tail()
    assert "Fatal error" not in said and said.strip(), said


def fill(path):
    """Writes without a buffer until nothing more fits: a buffered file would say so once more when it is closed."""
    with open(path, "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while file.write(b"\0" * 65536):
                pass


def small_disk_size(folder):
    room = os.statvfs(folder)
    return room.f_bavail * room.f_frsize
