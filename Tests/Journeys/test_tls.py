"""TLS spoken by the server itself: HTTP/2, HTTP/1.1 and sockets on one port, and settings that cannot be used told in one line."""

import ssl
import subprocess

import httpx
import pytest
import websockets.sync.client

from tiffin import Server


@pytest.fixture(scope="module")
def paper(tmp_path_factory):
    """A certificate for localhost and its key, as files."""
    folder = tmp_path_factory.mktemp("paper")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "key.pem", "-out", folder / "certificate.pem", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def secure(binary, paper, tmp_path_factory):
    server = Server(
        binary, tmp_path_factory.mktemp("tls") / "tiffin.db", web__tlsCertificate=paper / "certificate.pem", web__tlsKey=paper / "key.pem",
        web__maximumBodyBytes=4096)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def trust(paper):
    return ssl.create_default_context(cafile=paper / "certificate.pem")


@pytest.mark.parametrize("version", ["HTTP/2", "HTTP/1.1"])
def test_both_versions_say_the_same(secure, trust, version):
    with httpx.Client(verify=trust, http2=version == "HTTP/2", base_url=f"https://localhost:{secure.port}") as client:
        found = client.get("/api/restaurants")
        assert (found.http_version, found.status_code) == (version, 200)
        assert found.headers["strict-transport-security"].startswith("max-age=")
        assert found.headers["x-content-type-options"] == "nosniff" and found.headers["x-correlation-id"] and found.headers["date"]
        missing = client.get("/api/nothing")
        assert missing.status_code == 404 and missing.headers["content-type"] == "application/problem+json"
        wrong = client.post("/api/auth/login", json={"email": "nobody@journeys.example"})
        assert wrong.status_code == 400 and wrong.json()["errors"][0]["field"] == "password"
        made = client.post("/api/auth/register", json={
            "email": f"tls-{version[-1]}@journeys.example", "password": "Journey-pass-7", "role": "customer", "firstName": "Jo", "lastName": "Urney"})
        assert made.status_code == 201, made.text
        cookies = made.headers.get_list("set-cookie")
        assert cookies and all("; Secure" in cookie for cookie in cookies)
        assert client.post("/api/auth/login", content=b"{" + b" " * 5000).status_code == 413
        assert client.get("/api/restaurants", headers={"X-Long": "x" * 20_000}).status_code == 431
        assert client.head("/api/restaurants").content == b""


def test_many_requests_share_one_connection(secure, trust):
    with httpx.Client(verify=trust, http2=True, base_url=f"https://localhost:{secure.port}", limits=httpx.Limits(max_connections=1)) as client:
        import concurrent.futures
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            assert {pool.submit(client.get, "/api/restaurants").result().status_code for _ in range(200)} == {200}


def test_sockets_are_secure_too(secure, trust):
    with websockets.sync.client.connect(f"wss://localhost:{secure.port}/ws", ssl=trust) as socket:
        socket.send('{"type":"ping"}')
        assert "pong" in socket.recv(timeout=10)


def test_nobody_is_served_in_the_clear(secure):
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://localhost:{secure.port}/api/restaurants", timeout=5)


def test_an_older_tls_is_refused(secure, trust):
    trust.maximum_version = ssl.TLSVersion.TLSv1_1
    trust.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"https://localhost:{secure.port}/api/restaurants", verify=trust, timeout=5)


def test_the_server_stops_with_connections_open(binary, paper, tmp_path, trust):
    server = Server(binary, tmp_path / "tiffin.db", web__tlsCertificate=paper / "certificate.pem", web__tlsKey=paper / "key.pem")
    server.start()
    with httpx.Client(verify=trust, http2=True, base_url=f"https://localhost:{server.port}") as client:
        assert client.get("/api/restaurants").status_code == 200
        assert server.stop() == 0


@pytest.mark.parametrize("setting, files", [
    ("web.tlsCertificate", ("missing.pem", "key.pem")), ("web.tlsKey", ("certificate.pem", "missing.pem")),
    ("web.tlsCertificate", ("empty.pem", "key.pem")), ("web.tlsKey", ("certificate.pem", "certificate.pem")), ("web.tlsKey", ("certificate.pem", "other.pem")),
])
def test_what_cannot_be_used_is_told_in_one_line(binary, paper, tmp_path, setting, files):
    (paper / "empty.pem").write_text("")
    if not (paper / "other.pem").exists():
        subprocess.run(["openssl", "genrsa", "-out", paper / "other.pem", "2048"], check=True, capture_output=True)
    run = subprocess.run(
        [binary, "serve", "--database", tmp_path / "tiffin.db", "--port", "0", "--set", f"web.tlsCertificate={paper / files[0]}", "--set",
         f"web.tlsKey={paper / files[1]}"], capture_output=True, text=True, timeout=30)
    assert run.returncode != 0
    lines = [line for line in run.stderr.splitlines() if setting in line]
    assert len(lines) == 1 and "must be" in lines[0], run.stderr
