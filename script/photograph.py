"""photograph.py URL FOLDER: pictures of the live page, taken over the browser's own protocol; exits 1 when the page complains."""

import base64
import itertools
import json
import pathlib
import subprocess
import sys
import tempfile
import time
import urllib.request

import websockets.sync.client

#: name, width, height, colour scheme
VIEWS = [
    ("live-city-light", 1280, 800, "light"), ("live-city-dark", 1280, 800, "dark"), ("live-city-phone", 390, 844, "light"),
]


class Browser:
    def __init__(self, folder):
        self.process = subprocess.Popen(
            ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--remote-debugging-port=0",
             f"--user-data-dir={folder}", "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        told = pathlib.Path(folder) / "DevToolsActivePort"
        deadline = time.monotonic() + 30
        while not told.exists() or not told.read_text().strip():
            if time.monotonic() > deadline:
                raise SystemExit("chromium does not start")
            time.sleep(0.1)
        port = told.read_text().split()[0]
        pages = json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/json/list"))
        page = next(p for p in pages if p["type"] == "page")
        self.socket = websockets.sync.client.connect(page["webSocketDebuggerUrl"], max_size=1 << 26)
        self.numbers = itertools.count(1)
        self.complaints = []

    def ask(self, method, **parameters):
        number = next(self.numbers)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv(timeout=30))
            if answer.get("id") == number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            if answer.get("method") in ("Log.entryAdded", "Runtime.exceptionThrown"):
                entry = answer["params"].get("entry") or answer["params"].get("exceptionDetails")
                if entry.get("level", "error") == "error":
                    self.complaints.append(entry.get("text", str(entry)))

    def close(self):
        self.socket.close()
        self.process.terminate()
        self.process.wait()


def main(url, folder):
    pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(profile)
        for domain in ("Page", "Runtime", "Log"):
            browser.ask(f"{domain}.enable")
        for name, width, height, scheme in VIEWS:
            browser.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            browser.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
            browser.ask("Page.navigate", url=url)
            time.sleep(6)
            picture = browser.ask("Page.captureScreenshot", format="png")
            path = pathlib.Path(folder) / f"{name}.png"
            path.write_bytes(base64.b64decode(picture["data"]))
            print(f"{path}: {width} x {height}, {path.stat().st_size // 1024} KB")
        browser.close()
    for complaint in browser.complaints:
        print(f"the page complains: {complaint}", file=sys.stderr)
    return 1 if browser.complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
