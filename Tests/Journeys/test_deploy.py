"""What deploy/ holds: each file is looked at by the program it is for, or by one that knows such files."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from cluster import Cluster
from engines import Balancer

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SECRETS = {name: "0123456789abcdef0123" for name in ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "RABBITMQ_PASSWORD", "CLUSTER_SECRET")}
#: The ports of the services' list that a process of ours stands for.
PORTS = {"identity": 3001, "catalog": 3002, "ordering-1": 3004, "ordering-2": 3004, "delivery": 3005, "payments": 3006, "notifications": 3007}


@pytest.fixture(scope="module")
def compose():
    text = (DEPLOY / "compose.yaml").read_text()
    return yaml.safe_load(re.sub(r"\$\{(\w+):\?\}", lambda found: SECRETS[found.group(1)], text))


def test_dockerfile_has_no_fault():
    hadolint = pathlib.Path(sys.prefix) / "bin/hadolint"
    run = subprocess.run([str(hadolint), str(DEPLOY / "Dockerfile")], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout
    text = (DEPLOY / "Dockerfile").read_text()
    assert re.search(r"^USER \d+$", text, re.M), "it does not run as root"
    assert "HEALTHCHECK" in text and text.count("FROM ") == 2


def test_image_is_built_from_all_that_the_package_names_and_runs_with_all_that_pages_need():
    build, run = (DEPLOY / "Dockerfile").read_text().split("FROM ")[1:]
    allowed = re.findall(r"^!(\w+)$", (ROOT / ".dockerignore").read_text(), re.M)
    for folder in sorted({path.split("/")[0] for path in re.findall(r'path: "(\w+/)', (ROOT / "Package.swift").read_text())}):
        assert folder in allowed and f"COPY {folder} ./{folder}" in build, folder
    setup = (ROOT / "script/setup").read_text()
    for package in ("libsqlite3-dev", "libcrypt-dev", "libpq-dev", "librabbitmq-dev", "librdkafka-dev", "zlib1g-dev"):
        assert package in build and package in setup, package
    for package in ("zlib1g", "libjs-leaflet", "libjs-chart.js"):
        assert re.search(rf"[ \n]{re.escape(package)}[ \n]", run), package


@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
def test_balancers_take_their_configuration(kind, binary, tmp_path):
    assert shutil.which(kind), f"install {kind}: script/setup does"
    cluster = Cluster(binary, tmp_path, {"gateway-1": "gateway", "gateway-2": "gateway"})
    assert Balancer(kind, tmp_path, cluster.of("gateway")).check() == ""


def test_every_process_of_compose_has_settings_that_hold(compose, binary):
    hosted = []
    for name, service in compose["services"].items():
        environment = service.get("environment", {})
        if "TIFFIN_CLUSTER_SERVICES" not in environment:
            continue
        hosted += environment["TIFFIN_CLUSTER_SERVICES"].split(",")
        run = subprocess.run(
            [str(binary), "settings", "--check"], capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"], **environment})
        assert run.returncode == 0, f"{name}: {run.stdout}{run.stderr}"
        port = environment["TIFFIN_CLUSTER_PORT"]
        assert environment["TIFFIN_CLUSTER_ADDRESS"] == f"http://{name}:{port}"
        if name in PORTS:
            assert int(port) == PORTS[name]
        # A variable that no setting has is no fault to the program: it may be another's. Here it would be a slip.
        listed = subprocess.run(
            [str(binary), "settings", "--print"], capture_output=True, text=True, timeout=60, env={"PATH": os.environ["PATH"], **environment}).stdout
        assert len(re.findall(r"# environment;", listed)) == len([k for k in environment if k.startswith("TIFFIN_")]), f"{name}: {listed}"
    assert sorted(set(hosted)) == ["catalog", "delivery", "gateway", "identity", "notifications", "ordering", "payments", "pricing"]
    assert hosted.count("gateway") == 2 and hosted.count("ordering") == 2


def test_compose_is_guarded(compose):
    for name, service in compose["services"].items():
        assert "no-new-privileges:true" in service["security_opt"], name
        assert "mem_limit" in service and service["restart"] == "unless-stopped", name
        assert "ports" not in service or name == "nginx", f"{name} is reached from outside"
    for name, service in compose["services"].items():
        for other in service.get("depends_on", {}):
            assert other in compose["services"], f"{name} waits for {other}, which is none"
    example = (DEPLOY / "env.example").read_text()
    assert all(f"{secret}=\n" in example for secret in SECRETS), "every secret has a line, and none has a value"
