"""What all journeys share: the binary under test, a server for those that need only one, and the seed.

JOURNEY_SEED=7 plays a run again; JOURNEY_BINARY=PATH takes another build.
"""

import os
import pathlib
import random
import time

import pytest

import beside
from browser import chromium, pytest_collection_modifyitems, pytest_runtest_makereport, window  # noqa: F401
from tiffin import Server
from world import World

ROOT = pathlib.Path(__file__).resolve().parents[2]


def pytest_configure(config):
    config.addinivalue_line("markers", "own_engines: starts the engines that it is about, whatever the run is on")
    config.addinivalue_line("markers", "browser: opens windows of a browser, whatever the run is on; marked by the fixtures that it uses")
    config.journey_seed = int(os.environ.get("JOURNEY_SEED", "0")) or int(time.time()) % 1_000_000


def pytest_report_header(config):
    return f"JOURNEY_SEED={config.journey_seed} plays this run again"


@pytest.fixture(scope="session")
def seed(request):
    return request.config.journey_seed


@pytest.fixture
def chance(seed, request):
    """A generator of the run's seed and the test's name."""
    return random.Random(f"{seed} {request.node.name}")


@pytest.fixture(scope="session")
def binary():
    path = pathlib.Path(os.environ.get("JOURNEY_BINARY", ROOT / ".build/debug/tiffin"))
    if not path.exists():
        pytest.fail(f"{path} is not there; build first: swift build --build-tests")
    return path


@pytest.fixture(scope="session")
def server(binary, tmp_path_factory):
    """One server for the journeys that leave it as they found it."""
    server = Server(binary, tmp_path_factory.mktemp("journeys") / "tiffin.db")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def world(server):
    world = World(server)
    yield world
    world.close()


@pytest.fixture
def fresh(binary, tmp_path):
    """Makes servers of a test's own, and ends them with it."""
    made = []

    def make(name="tiffin.db", folder=None, **settings):
        server = Server(binary, (folder or tmp_path) / name, **settings)
        made.append(server)
        return server

    yield make
    for server in made:
        server.kill()
        beside.forget(server.database)
