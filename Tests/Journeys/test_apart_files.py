"""Services in processes of their own, each on a file of its own: calls, identity, failure and return, without any engine."""

import http.client
import json
import subprocess
import time

import httpx
import pytest

from cluster import SECRET, Cluster
from tiffin import ADMIN, eventually
from world import Person

pytestmark = pytest.mark.own_engines

PLAN = {"gateway": "gateway", "identity": "identity", "catalog-1": "catalog,pricing"}


@pytest.fixture(scope="module")
def cluster(binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("apart")
    cluster = Cluster(
        binary, folder, {**PLAN, "payments": "payments", "ordering": "ordering", "delivery": "delivery", "notifications": "notifications"},
        database__path=str(folder / "{name}.db"), cluster__registry=f"database:{folder / 'registry.db'}")
    cluster.make_admin()
    cluster.start()
    yield cluster
    cluster.kill()


def test_gateway_answers_for_services_elsewhere(cluster):
    gateway = cluster["gateway"]
    admin = Person(gateway, *ADMIN).log_in()
    assert admin.get("/api/auth/me")["email"] == ADMIN[0]
    assert admin.get("/api/restaurants")["items"] == []
    assert admin.get("/api/admin/ledger")["isBalanced"]
    customer = Person(gateway).register()
    assert customer.get("/api/orders")["items"] == []
    cart = customer.get("/api/cart")
    assert cart["items"] == []
    # Refusals, denials and every fault of an input cross as they are.
    assert customer.ask("GET", "/api/admin/ledger").status_code == 403
    assert Person(gateway).ask("GET", "/api/orders").status_code == 401
    answer = Person(gateway).ask("POST", "/api/auth/register", {"email": "no", "password": "x"})
    assert answer.status_code == 400 and len(answer.json()["errors"]) >= 2, answer.text
    answer = customer.ask("POST", "/api/auth/login", {"email": customer.email, "password": "not-the-one-1"})
    assert answer.status_code == 401
    assert customer.ask("GET", "/api/orders/0191a9c8-0000-7000-8000-000000000000").status_code == 404


def test_a_session_lives_and_ends_across_processes(cluster):
    customer = Person(cluster["gateway"]).register()
    answer = httpx.post(f"{customer.server.url}/api/auth/login", json={"email": customer.email, "password": customer.password})
    assert "tiffin_session" in answer.cookies, "a cookie that another process sets reaches the browser"
    browser = httpx.Client(base_url=customer.server.url, cookies={"tiffin_session": answer.cookies["tiffin_session"]})
    assert browser.get("/api/auth/me").json()["email"] == customer.email
    assert customer.ask("GET", "/api/auth/me", headers={"Authorization": "Bearer forged"}).status_code == 401


def test_health_tells_of_every_service_and_instance(cluster):
    health = eventually(
        lambda: (h := httpx.get(f"{cluster['gateway'].url}/api/health").json()) and h["status"] == "up" and h, "all is up")
    names = {s["name"]: s for s in health["services"]}
    assert set(names) == {"catalog", "delivery", "gateway", "identity", "notifications", "ordering", "payments", "pricing"}
    assert all(len(s["instances"]) == 1 for s in names.values()), names
    aggregate = httpx.get(f"{cluster['gateway'].url}/health").json()
    assert aggregate["services"]["ordering"] == "up"
    routes = httpx.get(f"{cluster['gateway'].url}/routes").json()["routes"]
    assert {"ordering.placeOrder", "identity.logIn", "catalog.getMenu"} <= {r["operation"] for r in routes}
    told = cluster["ordering"].health()
    assert told["status"] == "up" and told["services"] == ["ordering"]


def test_a_dead_service_fails_fast_and_comes_back(cluster):
    gateway, catalog = cluster["gateway"], cluster["catalog-1"]
    visitor = Person(gateway)
    assert visitor.ask("GET", "/api/restaurants").status_code == 200
    catalog.kill()
    slowest = 0.0
    for _ in range(12):
        started = time.monotonic()
        answer = visitor.ask("GET", "/api/restaurants?limit=7")
        slowest = max(slowest, time.monotonic() - started)
        assert answer.status_code == 503 and "Retry-After" in answer.headers, answer.text
    assert slowest < 2.0, f"an answer took {slowest:.1f} s while nobody was there to give it"
    assert visitor.ask("GET", "/api/auth/me").status_code == 401, "the others answer"
    health = eventually(
        lambda: (h := httpx.get(f"{gateway.url}/api/health").json()) and h["status"] == "degraded" and h, "the gateway notices")
    assert {s["name"]: s["status"] for s in health["services"]}["catalog"] == "down"
    catalog.start()
    started = time.monotonic()
    eventually(lambda: visitor.ask("GET", "/api/restaurants?limit=7").status_code == 200, "the catalog is asked again", seconds=15)
    print(f"measured: asked again {time.monotonic() - started:.1f} s after it listened")


def test_operations_need_the_secret_of_the_installation(cluster):
    """A caller who reaches the port for operations and does not know the secret gets nothing, whatever it says it is."""
    port = cluster["payments"].operations_port
    caller = json.dumps({"roles": ["system"]})
    headers = {
        "tiffin-caller": caller, "tiffin-sender": "mallory", "tiffin-target": f"http://127.0.0.1:{port}", "tiffin-time": str(int(time.time() * 1000)),
        "tiffin-nonce": "1", "tiffin-patience-milliseconds": "1000", "tiffin-signature": "0" * 64}
    with httpx.Client(http1=False, http2=True) as client:
        answer = client.post(f"http://127.0.0.1:{port}/operations/payments.readLedger", content=b"{}", headers=headers)
        assert answer.status_code == 401 and answer.http_version == "HTTP/2", answer.text
        answer = client.post(f"http://127.0.0.1:{port}/operations/payments.readLedger", content=b"{}")
        assert answer.status_code == 401
    assert cluster["payments"].has_logged("a call was not believed")
    # The public port knows no operations, and HTTP/1.1 only probes.
    assert httpx.post(f"{cluster['gateway'].url}/operations/payments.readLedger", content=b"{}").status_code == 404
    probe = http.client.HTTPConnection("127.0.0.1", port)
    probe.request("POST", "/operations/payments.readLedger", b"{}", headers)
    assert probe.getresponse().status == 404
    probe = http.client.HTTPConnection("127.0.0.1", port)
    probe.request("GET", "/metrics")
    assert b"remote_calls_refused_total" in probe.getresponse().read()


@pytest.mark.parametrize("change, words", [
    ({"cluster.registry": ""}, "cluster.registry"),
    ({"cluster.registry": "static:ordering"}, "cluster.registry"),
    ({"cluster.secret": ""}, "cluster.secret"),
    ({"cluster.secret": "short"}, "cluster.secret"),
    ({"cluster.services": "oredring"}, "cluster.services"),
    ({"cluster.address": "10.0.0.7"}, "cluster.address"),
    ({"cluster.registry": "static:catalog=http://127.0.0.1:9", "cluster.waitSeconds": "1"}, "no process hosts pricing (called by ordering), payments (called by ordering)"),
])
def test_what_is_wrong_at_start_is_named(binary, tmp_path, change, words):
    settings = {
        "cluster.services": "ordering", "cluster.registry": "static:catalog=http://127.0.0.1:9", "cluster.secret": SECRET,
        "database.path": str(tmp_path / "x.db"), **change}
    run = subprocess.run(
        [str(binary), "serve", *(x for k, v in settings.items() for x in ("--set", f"{k}={v}"))], capture_output=True, text=True, timeout=60)
    assert run.returncode == 1
    lines = [line for line in run.stderr.splitlines() if not line.startswith("{")]
    assert len(lines) == 1 and words in lines[0], run.stderr


def test_doctor_looks_at_the_others(cluster, binary):
    """Each process is named with how it is; one that is missing, and a secret that is another, are found."""
    def doctor(**changes):
        settings = {**cluster.settings_for(cluster["ordering"]), "cluster.services": "ordering", "cluster.secret": SECRET, **changes}
        return subprocess.run(
            [str(binary), "doctor", *(x for k, v in settings.items() for x in ("--set", f"{k}={v}"))], capture_output=True, text=True, timeout=60)

    run = eventually(lambda: (r := doctor()) and r.returncode == 0 and r, "all is well")
    assert run.stdout.count("ok     cluster: ") == 7 and " is up" in run.stdout, run.stdout
    run = doctor(**{"cluster.secret": "quite-another-secret-0123456789"})
    assert run.returncode == 1 and "does not believe this process" in run.stdout and "cluster.secret" in run.stdout, run.stdout
    cluster["payments"].kill()
    try:
        run = eventually(lambda: (r := doctor()) and r.returncode == 1 and r, "the missing one is found")
        assert "payments" in run.stdout, run.stdout
    finally:
        cluster["payments"].start()
