"""The server is killed again and again while orders come in; nobody who was told of an order loses it, and the money adds up."""

import time

from databases import integrity, open_rows
from tiffin import eventually
from traffic import agree_in_the_end, make_traffic

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

    server.stop()
    try:
        agree_in_the_end(server, buyers)
    finally:
        server.stop()
    # Stopped cleanly: what could be carried to its end is at its end.
    assert open_rows(server.database) == {}
    assert integrity(server.database) == "ok"
