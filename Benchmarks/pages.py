"""pages.py URL CUSTOMER ADMIN PASSWORD ROUNDS: what pages of a running demo city cost a browser, as one line of JSON.

Phones are the DevTools' own: a processor four times slower and "Fast 4G" (9 Mbit/s down, 1.5 up, each at nine tenths; 165 ms to an answer).
"""

import itertools
import json
import math
import shutil
import statistics
import sys

import httpx
from playwright.sync_api import sync_playwright

SLOWER = 4
FAST_4G = {"offline": False, "downloadThroughput": 9e6 / 8 * 0.9, "uploadThroughput": 1.5e6 / 8 * 0.9, "latency": 60 * 2.75}
COURIERS = 2000
#: Counts what moves on the page from its first moment; what follows a touch within half a second was wanted.
WATCH = """
window.shifted = 0;
new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value; })
  .observe({ type: "layout-shift", buffered: true });
"""
TOLD = """() => ({
  paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime,
  shift: window.shifted,
  script: performance.getEntriesByType("resource").filter((each) => /\\/assets\\/(?!.*\\/libraries\\/).*\\.js$/.test(new URL(each.name).pathname))
    .reduce((sum, each) => sum + each.encodedBodySize, 0),
})"""


def sign_in(url, email, password):
    answer = httpx.post(f"{url}/api/auth/login", json={"email": email, "password": password}, timeout=30)
    answer.raise_for_status()
    return answer.json()["accessToken"], [{"name": name, "value": value, "url": url} for name, value in answer.cookies.items()]


def place_order(url, token):
    """An order to be tracked, at the first restaurant that takes one; answers its id and the restaurant's."""
    client = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {token}"}, timeout=30)
    for restaurant in client.get("/api/restaurants?limit=100&openNow=true").json()["items"]:
        menu = client.get(f"/api/restaurants/{restaurant['id']}/menu").json()
        plain = [item for category in menu["categories"] for item in category["items"] if not item["optionGroups"] and item["isAvailable"]]
        if not plain:
            continue
        answer = client.post("/api/orders", headers={"Idempotency-Key": f"bench-{restaurant['id']}"}, json={
            "restaurantId": restaurant["id"], "items": [{"menuItemId": plain[0]["id"], "quantity": 4}], "fulfilment": "delivery",
            "deliveryAddress": {"text": "7 Tar Street", "point": restaurant["point"]}, "payment": {"method": "card", "cardToken": "tok_approve"}})
        if answer.status_code == 201:
            return answer.json()["id"], restaurant
    raise SystemExit("no restaurant of the demo city takes an order")


def on_a_phone(browser, url, cookies, path):
    """One visit with nothing kept."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, device_scale_factor=3)
    context.add_cookies(cookies)
    context.add_init_script(WATCH)
    page = context.new_page()
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.send("Network.emulateNetworkConditions", FAST_4G)
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url + path, wait_until="load", timeout=60_000)
    page.wait_for_timeout(3000)
    told = page.evaluate(TOLD)
    context.close()
    return told


def at_the_desk(browser, url, cookies, token, seconds=12):
    """Frames a second of the operator's map while so many couriers move; they come over a socket as the server's would."""
    city = httpx.get(f"{url}/api/city", headers={"Authorization": f"Bearer {token}"}, timeout=30).json()
    middle = city["deliveries"][0]["restaurant"] if city["deliveries"] else {"latitude": 50.12, "longitude": -6.41}

    def partners(second):
        return [{
            "latitude": middle["latitude"] + 0.02 * math.sin(number) + 0.00004 * second * math.cos(number * 7),
            "longitude": middle["longitude"] + 0.03 * math.cos(number * 1.3) + 0.00006 * second * math.sin(number * 5),
            "status": ("available", "offered", "busy")[number % 3], "vehicleType": ("bicycle", "scooter", "car")[number % 3]}
            for number in range(COURIERS)]

    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_cookies(cookies)
    lines = []

    def opened(line):
        lines.append(line)
        line.on_message(lambda text: line.send(json.dumps(
            {"type": "subscribed", "channel": json.loads(text)["data"].get("channel"), "cursor": "bench-1", "data": {"joined": "fresh"}}))
            if json.loads(text)["type"] == "subscribe" else None)

    context.route_web_socket("**/ws", opened)
    page = context.new_page()
    page.goto(f"{url}/admin")
    measured = []
    for second in itertools.count():
        for line in lines:
            line.send(json.dumps({"type": "city", "channel": "city", "cursor": f"bench-{second + 2}", "data": {**city, "partners": partners(second)}}))
        page.wait_for_timeout(1000)
        if second > 3:
            measured.append(page.evaluate("window.tiffinFrames"))
        if second >= seconds:
            break
    context.close()
    return statistics.median(measured)


def main(url, customer, admin, password, rounds):
    token, cookies = sign_in(url, customer, password)
    admin_token, admin_cookies = sign_in(url, admin, password)
    order, restaurant = place_order(url, token)
    point = restaurant["point"]
    cookies.append({"name": "tiffin_place", "value": f"{point['latitude']}_{point['longitude']}__7%20Tar%20Street", "url": url})
    paths = {"list": "/", "menu": f"/restaurants/{restaurant['id']}", "tracking": f"/orders/{order}"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        visits = {name: [on_a_phone(browser, url, cookies, path) for _ in range(int(rounds))] for name, path in paths.items()}
        frames = at_the_desk(browser, url, admin_cookies, admin_token)
        browser.close()
    told = {name: {"paint": statistics.median(one["paint"] for one in all), "script": max(one["script"] for one in all),
                   "shift": max(one["shift"] for one in all)} for name, all in visits.items()}
    print(json.dumps({"pages": told, "frames": frames, "couriers": COURIERS}))


if __name__ == "__main__":
    main(*sys.argv[1:])
