"""The server is killed again and again while orders come in; nobody who was told of an order loses it, and the money adds up."""

import time

from databases import integrity, open_rows
from tiffin import ADMIN, eventually
from traffic import check_accounts, make_traffic, now
from world import Person

KILLS = 20


def test_sigkill_under_order_load(fresh, seed, chance):
    server = fresh()
    server.start()
    buyers, kitchen = make_traffic(server, seed)
    starts = []
    for _ in range(KILLS):
        time.sleep(chance.uniform(0.15, 1.0))
        server.kill()
        server.start()
        starts.append(server.started_in)
    eventually(lambda: all(b.acknowledged for b in buyers), "every buyer was told of some order")
    for each in [*buyers, kitchen]:
        each.end()
    told = sum(len(b.acknowledged) for b in buyers)
    print(f"measured: {KILLS} kills, {told} orders acknowledged, start on the file median {sorted(starts)[KILLS // 2]:.2f} s, worst {max(starts):.2f} s")
    assert told > KILLS

    # Time runs fast from here: deadlines of restaurants and the grace of holds pass, and the reconciler does its work.
    server.stop()
    server.start(**{"clock.speed": "60", "clock.origin": now()})
    admin = Person(server, *ADMIN)

    def is_right():
        admin.token = None
        admin.log_in()
        return not (faults := check_accounts(admin, buyers)) or print("  not yet:", *faults[:5], sep="\n    ")

    try:
        eventually(is_right, "orders, holds and ledger agree", seconds=60, pause=1)
    finally:
        server.stop()
    # Stopped cleanly: what could be carried to its end is at its end.
    assert open_rows(server.database) == {}
    assert integrity(server.database) == "ok"
