"""A small busy hour of a city, played by `tiffin simulate` against nine processes behind nginx: over each bus, and while parts are killed."""

import re

import pytest

import simulated_day
from engines import Country

pytestmark = pytest.mark.own_engines


@pytest.fixture
def country(binary, tmp_path):
    made = []

    def make(bus, speed):
        made.append(Country(binary, tmp_path / "country", bus=bus, **simulated_day.settings(binary, speed)))
        return made[-1].start()

    yield make
    for each in made:
        each.stop()


def figures(text):
    return re.search(r"^undelivered .*$", text, re.M).group(0), re.search(r"^event to socket, ms .*$", text, re.M).group(0)


@pytest.mark.parametrize("bus", ["rabbitmq", "kafka"])
def test_a_busy_hour_breaks_no_promise(binary, tmp_path, country, seed, bus):
    instance = simulated_day.make_instance(tmp_path / "day", seed)
    code, said = simulated_day.play(binary, country(bus, 60), instance)
    assert code == 0 and "\nno breach" in said, said[-4000:]
    print(f"measured: {bus}: 40 orders at 60 times the speed;", *figures(said))


@pytest.mark.parametrize("bus", ["rabbitmq", "durable-kafka"])
def test_a_busy_hour_breaks_no_promise_while_parts_are_killed(binary, tmp_path, country, seed, bus):
    """Ten seconds of ours are five minutes of the day here: what is promised is that nothing is lost or done twice, not that all arrives."""
    instance = simulated_day.make_instance(tmp_path / "day", seed, orders=24, minutes=30)
    place = country(bus, 30)
    victims = ["bus", "ordering-1", "postgres", "gateway-1", "delivery"]
    killer = simulated_day.Killer(place, victims, away=6, rest=8)
    killer.start()
    try:
        _, said = simulated_day.play(binary, place, instance)
    finally:
        killed = killer.end()
    assert "\nno breach" in said, said[-4000:]
    assert len(killed) >= 3, killed
    print(f"measured: {bus}: {len(killed)} parts killed while 24 orders were played;", *figures(said))


def test_a_wrong_time_of_the_day_is_named(binary, tmp_path):
    instance = simulated_day.make_instance(tmp_path / "day")
    class Nowhere:
        url = "http://127.0.0.1:9"
    code, said = simulated_day.play(binary, Nowhere, instance, "--from", "9:00", "--until", "9:30")
    assert code != 0 and "is placed at that time" in said and said.strip().count("\n") == 0
