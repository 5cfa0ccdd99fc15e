"""photograph.py BINARY FOLDER [NAME...]: pictures of the web apps of a demo city that it starts, lets live and stops; exits 1 when a page complains."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

import httpx
from playwright.sync_api import sync_playwright

#: Width, height, whether fingers are used.
DEVICES = {"phone": (390, 844, True), "tablet": (1024, 768, True), "desktop": (1280, 800, False)}
#: Name, who looks, at what, on which device; each in light and dark, unless it says otherwise.
PICTURES = [
    ("customer-home", "customer", "/", "phone"),
    ("customer-menu", "customer", "/restaurants/{restaurant}", "phone"),
    ("customer-order", "customer", "/orders/{order}", "phone"),
    ("restaurant-board", "owner", "/restaurant/{restaurant}", "tablet"),
    ("courier-delivery", "courier", "/courier", "phone"),
    ("operator-city", "admin", "/admin", "desktop"),
    ("live-city", "nobody", "/live", "phone"),
]
OTHERS = [
    ("customer-home-desktop", "customer", "/", "desktop", "light", "en"),
    ("customer-home-arabic", "customer", "/", "phone", "light", "ar"),
]
#: How long the people of the city have to get hungry, in seconds.
WAKING = 75


class Demo:
    """A demo city on a port of its own."""

    def __init__(self, binary, folder):
        self.log = pathlib.Path(folder) / "demo.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [binary, "serve", "--demo", "--port", "0", "--database", f"{folder}/demo.db", "--set", "gateway.publicCity=true", "--set", "web.rateLimits=false"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        port = self.told(r'"event":"listening","port":(\d+)')
        self.url = f"http://127.0.0.1:{port}"
        self.client = httpx.Client(base_url=self.url, timeout=30)
        self.password = self.told(r"admin@\S+\s+password (\S+)")
        self.told("people are getting up|people: |demo: \\d+ restaurants()")

    def told(self, pattern, seconds=120):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            found = re.search(pattern, self.log.read_text(errors="replace"))
            if found:
                return found.group(1) if found.groups() else found.group()
            if self.process.poll() is not None:
                break
            time.sleep(0.2)
        raise SystemExit(f"the demo did not say {pattern}:\n{self.log.read_text(errors='replace')[-2000:]}")

    def sign_in(self, email):
        self.client.cookies.clear()
        answer = self.client.post("/api/auth/login", json={"email": email, "password": self.password})
        answer.raise_for_status()
        return answer.json()["accessToken"], dict(answer.cookies)

    def ask(self, path, token):
        self.client.cookies.clear()
        answer = self.client.get(path, headers={"Authorization": f"Bearer {token}"})
        answer.raise_for_status()
        return answer.json()

    def email_of(self, query, token):
        return self.ask(f"/api/admin/users?{query}", token)["items"][0]["user"]["email"]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()


def find_people(demo, email):
    """Who has something to show just now: a customer whose food is on its way, the busiest restaurant and whose that is."""
    token, _ = demo.sign_in(email)
    end = time.monotonic() + 120
    while True:
        orders = demo.ask("/api/orders?limit=100", token)["items"]
        on_the_way = [order for order in orders if order["status"] == "out_for_delivery"]
        if len(on_the_way) > 2 or (on_the_way and time.monotonic() > end):
            break
        if time.monotonic() > end:
            raise SystemExit("nobody in the demo city is on the way with food")
        time.sleep(2)
    order = on_the_way[0]
    opened = {}
    for each in orders:
        if each["status"] in ("pending", "confirmed", "preparing", "ready_for_pickup"):
            opened[each["restaurantId"]] = opened.get(each["restaurantId"], 0) + 1
    busiest = max(opened, key=opened.get) if opened else order["restaurantId"]
    tenant = next((each["tenantId"] for each in orders if each["restaurantId"] == busiest), order["tenantId"])
    customer, owner = demo.email_of(f"userId={order['customerId']}", token), demo.email_of(f"tenantId={tenant}&role=owner", token)
    return {"customer": customer, "owner": owner, "admin": email}, {"order": order["id"], "restaurant": busiest}


def find_courier(demo, token):
    """Who set out last, and where they are to fetch the food: rides in the demo city are short."""
    end = time.monotonic() + 60
    while True:
        running = demo.ask("/api/deliveries?status=assigned&limit=20", token)["items"]
        if running:
            newest = max(running, key=lambda each: each["id"])
            return demo.email_of(f"userId={newest['partnerId']}", token), newest["restaurantPoint"]
        if time.monotonic() > end:
            raise SystemExit("nobody in the demo city sets out")
        time.sleep(0.5)


def main(binary, folder, *chosen):
    chromium = shutil.which("chromium")
    if not chromium:
        raise SystemExit("chromium is not there: script/setup installs it")
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    complaints = []
    with tempfile.TemporaryDirectory(prefix="tiffin-pictures-") as place:
        demo = Demo(binary, place)
        try:
            print(f"the demo city lives at {demo.url}; its people have {WAKING} s to get hungry", flush=True)
            time.sleep(WAKING)
            admin = demo.told(r"admin\s+(admin@\S+)")
            emails, names = find_people(demo, admin)
            place_of = demo.client.get(f"/api/restaurants/{names['restaurant']}").json()["point"]
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--hide-scrollbars"])
                wanted = [(*each, theme, "en") for each in PICTURES for theme in ("light", "dark")] + OTHERS
                for name, who, path, device, theme, language in wanted:
                    if chosen and name not in chosen:
                        continue
                    width, height, has_touch = DEVICES[device]
                    context = browser.new_context(
                        base_url=demo.url, viewport={"width": width, "height": height}, color_scheme=theme, locale=language, has_touch=has_touch,
                        is_mobile=has_touch, timezone_id="Europe/London")
                    if who == "courier":
                        emails[who], point = find_courier(demo, demo.sign_in(admin)[0])
                        context.grant_permissions(["geolocation"])
                        context.set_geolocation({**point, "accuracy": 8})
                    if who != "nobody":
                        cookies = demo.sign_in(emails[who])[1]
                        context.add_cookies([{"name": key, "value": value, "url": demo.url} for key, value in cookies.items()])
                    if who == "customer":
                        # Where this person eats.
                        text = f"{place_of['latitude']}_{place_of['longitude']}__7%20Tar%20Street"
                        context.add_cookies([{"name": "tiffin_place", "value": text, "url": demo.url}])
                    page = context.new_page()
                    page.on("console", lambda message, name=name: complaints.append(f"{name}: {message.text}") if message.type == "error" else None)
                    page.goto(path.format(**names))
                    # Maps, charts and sockets come a moment after the page.
                    page.wait_for_timeout(6000 if who in ("admin", "nobody") else 2500)
                    file = folder / f"{name}{'' if (name, who, path, device, theme, language) in OTHERS else f'-{theme}'}.png"
                    page.screenshot(path=file)
                    print(f"{file}: {width} x {height}, {file.stat().st_size // 1024} kB", flush=True)
                    context.close()
                browser.close()
        finally:
            demo.stop()
    for complaint in complaints:
        print(f"a page complains: {complaint}", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
