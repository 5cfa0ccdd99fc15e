"""Windows of the system's Chromium, each a person at a device; what a page complains of fails the test.

Import the fixtures into a test file's conftest; a test that uses them is marked `browser`.
"""

import json
import re
import shutil

import pytest

from processes import Serving

#: Width, height, whether fingers are used.
DEVICES = {"phone": (390, 844, True), "tablet": (1024, 768, True), "desktop": (1280, 800, False), "narrow": (320, 640, True)}
#: What the browser itself writes when the line is gone, or an answer is no success: the tests look at answers themselves.
NETWORK = re.compile(r"Failed to load resource|net::ERR_|WebSocket connection to .* failed|Refused to connect .*offline|Blocked call to navigator.vibrate")
#: What may go wrong with a page, kept for the tests to look at.
WATCH = """
addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`));
addEventListener("unhandledrejection", (event) => console.error(`unhandled: ${event.reason?.stack ?? event.reason}`));
"""
#: A device that knows where it is, and says so every second, as one on the road does: the browser's own stand-in speaks only when it moves.
DEVICE = """
{
  const place = () => JSON.parse(sessionStorage.getItem("journeys:place")) ?? START;
  const tell = (heard) => heard({ coords: { ...place(), accuracy: 8, altitude: null, heading: null, speed: null }, timestamp: Date.now() });
  const watches = new Map();
  Object.defineProperty(navigator, "geolocation", { value: {
    getCurrentPosition: (heard) => setTimeout(() => tell(heard), 50),
    watchPosition: (heard) => { const number = watches.size + 1; watches.set(number, setInterval(() => tell(heard), 1000)); setTimeout(() => tell(heard), 50); return number; },
    clearWatch: (number) => clearInterval(watches.get(number)),
  } });
}
"""


class Window:
    """One person's browser window: a context of its own with one page."""

    def __init__(self, browser, server: Serving, person=None, device="phone", theme="light", language="en", scripts=True, at=None, **more):
        width, height, has_touch = DEVICES[device]
        self.server, self.name, self.complaints = server, f"{person.email if person else 'nobody'} {device}", []
        more = {"permissions": ["geolocation"], **more} if at else more
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, has_touch=has_touch, is_mobile=has_touch and scripts, color_scheme=theme, locale=language,
            java_script_enabled=scripts, base_url=server.url, reduced_motion="reduce", timezone_id="Europe/London", **more)
        self.context.set_default_timeout(20_000)
        if person:
            self.sign_in(person)
        self.context.on("request", self._asked)
        self.context.on("response", self._answered)
        self.context.on("console", self._said)
        self.context.on("weberror", lambda error: self.complaints.append(f"thrown: {error.error}"))
        if scripts:
            self.context.add_init_script(WATCH)
            if at:
                self.context.add_init_script(DEVICE.replace("START", json.dumps(at)))
        self.page = self.context.new_page()

    def sign_in(self, person):
        """Hands the browser the cookies that signing in by password sets."""
        answer = person.ask("POST", "/api/auth/login", {"email": person.email, "password": person.password}, expect=200)
        self.context.add_cookies([{"name": name, "value": value, "url": self.server.url} for name, value in answer.cookies.items()])

    def _asked(self, request):
        if not request.url.startswith((self.server.url, "data:", "blob:", "about:")):
            self.complaints.append(f"asked another host: {request.url}")

    def _answered(self, response):
        if response.status >= 500 or (response.status == 404 and "/assets/" in response.url):
            self.complaints.append(f"answered {response.status}: {response.url}")

    def _said(self, message):
        if message.type == "error" and not NETWORK.search(message.text):
            self.complaints.append(f"console: {message.text} ({message.location.get('url', '')})")

    # MARK: What tests do

    def go(self, path, status=200):
        answer = self.page.goto(path)
        assert answer.status == status, f"{self.name}: {path} answers {answer.status}"
        return self.page

    def ready(self):
        """Until the scripts of the page have begun, where it has those of the apps."""
        if self.page.locator('script[src$="/shared/app.js"]').count():
            self.page.locator("html.js").wait_for(state="attached")
        return self.page

    def move_to(self, point):
        """Carries the device there."""
        self.page.evaluate("(point) => sessionStorage.setItem('journeys:place', JSON.stringify(point))", point)

    def offline(self, is_off=True):
        self.context.set_offline(is_off)

    def look(self, folder):
        try:
            path = folder / f"{re.sub(r'[^a-z0-9]+', '-', self.name.lower())}.png"
            self.page.screenshot(path=path, full_page=True)
            return f"{path} ({self.page.url})"
        except Exception as fault:
            return f"{self.name} cannot be photographed: {fault}"

    def close(self):
        self.context.close()


@pytest.fixture(scope="session")
def chromium():
    from playwright.sync_api import expect, sync_playwright

    place = shutil.which("chromium")
    if not place:
        pytest.fail("chromium is not there: script/setup installs it (Debian: apt-get install chromium)")
    # The machine is busy, and the server a debug build.
    expect.set_options(timeout=20_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=place, args=["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"])
        yield browser
        browser.close()


@pytest.fixture
def window(chromium, server, request, tmp_path):
    """Opens windows on the journeys' server: `window(person, "phone", theme="dark")`; none may have complained when the test ends."""
    opened = []

    def make(person=None, device="phone", at_server=None, **more):
        opened.append(Window(chromium, at_server or server, person, device, **more))
        return opened[-1]

    yield make
    report = getattr(request.node, "report_of_call", None)
    if report is None or report.failed:
        for one in opened:
            print(f"the window as it was: {one.look(tmp_path)}")
    complaints = [f"{one.name}: {complaint}" for one in opened for complaint in one.complaints]
    for one in opened:
        one.close()
    assert not complaints, "\n".join(complaints)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.report_of_call = outcome.get_result()


def pytest_collection_modifyitems(items):
    """Marks what opens windows, so that it can be left out."""
    for item in items:
        if {"chromium", "window"} & set(getattr(item, "fixturenames", ())):
            item.add_marker("browser")
