"""A whole day of a city played against an installation by `tiffin simulate`, while its parts are killed in turn if wanted.

Used by the journeys and by `script/cluster --simulate`.
"""

import os
import random
import subprocess
import threading
import time

from tiffin import ADMIN

#: What dies, one after the other: the engines, and each process of the plan that journeys use.
VICTIMS = ["redis", "bus", "postgres", "gateway-1", "ordering-1", "identity", "catalog", "payments", "delivery", "notifications", "ordering-2", "gateway-2"]


def settings(binary, speed):
    """What a server needs for a day at that speed, as the simulator itself says."""
    run = subprocess.run([binary, "simulate", "--print-settings", "--speed", str(speed)], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return dict(line.split("=", 1) for line in run.stdout.splitlines())


def command(binary, country, instance, *arguments):
    return [
        str(binary), "simulate", "--mdrp", str(instance), "--server", country.url, "--admin-email", ADMIN[0], "--admin-password", ADMIN[1], *arguments]


def play(binary, country, instance, *arguments, seconds=600):
    """Plays a day to its end.

    Returns: the exit code and what was said.
    """
    run = subprocess.run(command(binary, country, instance, *arguments), capture_output=True, text=True, timeout=seconds)
    return run.returncode, run.stdout + run.stderr


class Killer(threading.Thread):
    """Kills one part after the other with SIGKILL, brings each back ten seconds later, and begins anew until it is ended."""

    def __init__(self, country, victims=VICTIMS, away=10.0, rest=20.0, say=print):
        super().__init__(daemon=True)
        self.country, self.victims, self.away, self.rest, self.say = country, victims, away, rest, say
        self.ending = threading.Event()
        self.killed = []
        self.fault = None

    def run(self):
        try:
            while not self.ending.wait(self.rest):
                name = self.victims[len(self.killed) % len(self.victims)]
                victim = self.country.engines.get(name) or self.country.cluster[name]
                self.say(f"killed {name}")
                victim.kill()
                self.killed.append(name)
                time.sleep(self.away)
                victim.start()
                self.say(f"{name} is back")
        except BaseException as error:  # noqa: BLE001 - told by whoever ends this
            self.fault = error

    def end(self):
        self.ending.set()
        self.join(120)
        if self.fault:
            raise self.fault
        return self.killed


def make_instance(folder, seed=1, orders=40, minutes=40, restaurants=8, couriers=24):
    """A small busy hour of a made city, in the form of the public instances."""
    chance = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)

    def write(name, header, rows):
        (folder / name).write_text("\n".join("\t".join(map(str, row)) for row in [header, *rows]) + os.linesep)

    def spot():
        return chance.randint(0, 4000), chance.randint(0, 4000)

    write("restaurants.txt", ("restaurant", "x", "y"), [(f"r{n}", *spot()) for n in range(restaurants)])
    write("couriers.txt", ("courier", "x", "y", "on_time", "off_time"), [(f"c{n}", *spot(), 0, 600) for n in range(couriers)])
    placed = sorted(chance.randrange(10, 10 + minutes) for _ in range(orders))
    write(
        "orders.txt", ("order", "x", "y", "placement_time", "restaurant", "ready_time"),
        [(f"o{n}", *spot(), at, f"r{chance.randrange(restaurants)}", at + chance.randint(5, 12)) for n, at in enumerate(placed)])
    write(
        "instance_parameters.txt", (
            "meters_per_minute", "pickup service minutes", "dropoff service minutes", "target click-to-door", "maximum click-to-door", "pay per order",
            "guaranteed pay per hour"), [(320, 4, 4, 40, 90, 10, 15)])
    return folder
