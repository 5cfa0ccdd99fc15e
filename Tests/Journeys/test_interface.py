"""The description of the interface, and whether the server keeps to it."""

import os
import pathlib
import re
import subprocess
import sys

import openapi_spec_validator
import pytest

from tiffin import Server
from world import Courier, World

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = os.environ.get("JOURNEY_EXAMPLES", "6")


def test_document_is_valid_openapi(world):
    document = world.visitor.get("/api/openapi.json")
    assert document["openapi"].startswith("3.1")
    openapi_spec_validator.validate(document)
    assert len(document["paths"]) > 40


@pytest.fixture(scope="module")
def playground(binary, tmp_path_factory):
    """A server of its own, for random requests change what they find."""
    server = Server(binary, tmp_path_factory.mktemp("playground") / "tiffin.db")
    server.start()
    world = World(server)
    yield world
    world.close()
    server.stop()


@pytest.mark.parametrize("who", ["visitor", "customer", "courier", "kitchen_staff", "waiter", "manager", "owner", "admin"])
def test_schemathesis(playground, seed, who, tmp_path):
    """Random requests along the document: no 5xx, no status, content type or body that it does not name.

    Without what ends the very session that asks.
    """
    makers = {
        "visitor": lambda: playground.visitor, "customer": lambda: playground.customer, "courier": lambda: Courier(playground.server).register("delivery_partner"),
        "owner": lambda: playground.place.owner, "admin": lambda: playground.admin,
    }
    person = makers.get(who, lambda: playground.place.hire(who))()
    command = [
        str(pathlib.Path(sys.executable).parent / "schemathesis"), "run", f"{playground.server.url}/api/openapi.json", "--url", playground.server.url,
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--max-examples", EXAMPLES if who in makers else "2", "--seed", str(seed), "--phases", "examples,coverage,fuzzing", "--workers", "2",
        "--exclude-path-regex", "/api/auth/(logout|sessions)|/api/admin/users/.*/sessions", "--request-timeout", "20", "--no-color", "--continue-on-failure",
        "--suppress-health-check", "all",
    ]
    if person.token:
        command += ["--header", f"Authorization: Bearer {person.token}"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=600, cwd=tmp_path)
    said = run.stdout + run.stderr
    if run.returncode:
        start = said.find("= FAILURES")
        pytest.fail(f"schemathesis as {who} (seed {seed}) ended with {run.returncode}:\n{said[max(0, start):][:6000]}", pytrace=False)
    assert playground.server.is_running()


def test_every_problem_is_documented(world):
    """docs/errors.md names every code that the document names, and no other."""
    document = world.visitor.get("/api/openapi.json")
    codes = set()

    def collect(node):
        if isinstance(node, dict):
            code = (node.get("properties") or {}).get("code")
            if isinstance(code, dict):
                codes.update(code.get("enum") or ([code["const"]] if "const" in code else []))
            for value in node.values():
                collect(value)
        elif isinstance(node, list):
            for value in node:
                collect(value)

    collect(document)
    written = set(re.findall(r"^\| `([a-z0-9_]+)`", (ROOT / "docs/errors.md").read_text(), re.M))
    assert not codes - written, f"docs/errors.md lacks {sorted(codes - written)}"
    assert written, "the page lists codes"


def test_health_metrics_and_page(world):
    visitor = world.visitor
    health = visitor.get("/api/health")
    assert health["status"] and health["time"] and health["speed"] == 1
    assert visitor.ask("GET", "/health").status_code == 200
    assert visitor.get("/routes")
    metrics = visitor.ask("GET", "/metrics", expect=200)
    assert metrics.headers["content-type"].startswith("text/plain") and "# TYPE" in metrics.text
    assert isinstance(visitor.get("/api/metrics"), dict)
    page = visitor.ask("GET", "/", expect=200)
    assert page.headers["content-type"].startswith("text/html") and "unsafe-inline" not in page.headers["content-security-policy"]
    assert "unsafe-inline" not in visitor.ask("GET", "/live", expect=200).headers["content-security-policy"]
    city, pulse = visitor.get("/api/city"), visitor.get("/api/city/pulse")
    assert "partners" in city and len(pulse["placedByMinute"]) == 30


def test_headers_that_every_answer_carries(world):
    for path, expected in [("/api/restaurants", 200), ("/api/nowhere", 404), ("/api/orders", 401), ("/", 200)]:
        answer = world.visitor.ask("GET", path, expect=expected, headers={"X-Correlation-ID": "journey-0123456789"})
        assert answer.headers["X-Correlation-ID"] == "journey-0123456789"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Referrer-Policy" in answer.headers and "Content-Security-Policy" in answer.headers
    strange = world.visitor.ask("GET", "/api/restaurants", headers={"X-Correlation-ID": "x y\"<script>"})
    assert "<script>" not in strange.headers["X-Correlation-ID"]


def test_unchanged_reads_cost_nothing(world):
    path = f"/api/restaurants/{world.place.id}/menu"
    first = world.visitor.ask("GET", path, expect=200)
    again = world.visitor.ask("GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304 and again.content == b""


def test_envelope_on_request(world):
    answer = world.visitor.ask("GET", f"/api/restaurants/{world.place.id}", expect=200, headers={"Accept": "application/vnd.tiffin.envelope+json"})
    assert answer.json()["data"]["id"] == world.place.id
