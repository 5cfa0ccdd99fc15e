"""Every page of the web apps as it is met: on small and large screens, in both themes, in every language, by keyboard and by ear."""

import json
import re

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tiffin import eventually
from town import Town

LANGUAGES = ("en", "es", "fr", "de", "hi", "ar")
#: By app: who looks, and at what. What stands in braces is filled from the town.
PAGES = {
    "visitor": ["/", "/restaurants/{restaurant}", "/restaurants/{restaurant}/items/{pie}", "/basket", "/sign-in", "/sign-in?for=restaurant&way=staff",
                "/sign-in?way=phone", "/register", "/register?for=courier", "/forgot-password", "/reset-password?token=none", "/offline", "/live"],
    "customer": ["/", "/restaurants/{restaurant}", "/basket", "/checkout", "/orders", "/orders/{running}", "/orders/{delivered}", "/orders/{rejected}",
                 "/notifications", "/account", "/account/addresses", "/account/addresses/new", "/account/addresses/{address}", "/account/security",
                 "/account/sessions", "/account/privacy", "/account/erase", "/sign-out"],
    "restaurant": ["/restaurant?all=1", "/restaurant/new", "/restaurant/{restaurant}", "/restaurant/{restaurant}/orders",
                   "/restaurant/{restaurant}/orders/{delivered}", "/restaurant/{restaurant}/dispatch", "/restaurant/{restaurant}/today",
                   "/restaurant/{restaurant}/availability", "/restaurant/{restaurant}/menu", "/restaurant/{restaurant}/menu/items/{pie}",
                   "/restaurant/{restaurant}/hours", "/restaurant/{restaurant}/settings", "/restaurant/staff"],
    "founder": ["/restaurant"],
    "courier": ["/courier", "/courier/deliveries", "/courier/earnings", "/courier/profile"],
    "newcomer": ["/courier"],
    "rider": ["/courier"],
    "operator": ["/admin", "/admin/dispatch", "/admin/orders", "/admin/orders/{delivered}", "/admin/restaurants", "/admin/tenants", "/admin/users",
                 "/admin/users/{guest}", "/admin/ledger", "/admin/audit", "/admin/dead-letters", "/admin/health", "/admin/settings"],
}
#: Paths that show no page of their own: they lead on, or are part of a page.
NO_PAGES = re.compile(
    r"^/(sw\.js|assets/.*|language|place|api/.*|v1/.*|ws|health|ready|live/.*|metrics|routes|robots\.txt|sign-in/(done|with/.*|phone|code|staff|first-password)"
    r"|account/(password|second-factor.*|addresses/:addressId/.*|sessions/.*)|restaurant/:restaurantId/columns|.*\.(json|txt|css|js|svg|png|ico))$")


@pytest.fixture(scope="module")
def town(server, world):
    """A town in which every page has something to show."""
    town = Town(server, north=90_000)
    guest, courier, rider = town.guest(), town.courier(), town.courier("Ri Der", 200, 200)
    delivered = town.order(guest, specialInstructions="Ring twice", tip="1.50")
    town.bring(guest, courier, delivered)
    courier.patch("/api/delivery-partner", {"status": "offline"})
    rejected = town.order(guest)
    town.place.move(rejected["id"], "rejected", reason="No soup left")
    running = town.order(guest)
    town.place.move(running["id"], "confirmed", readyInMinutes=1)
    town.place.move(running["id"], "preparing")
    delivery = town.hand_to(rider, running)
    rider.step(delivery["id"], "arrived_at_restaurant")
    town.order(town.guest("Grace"), specialInstructions="<b>No salt</b>")
    guest.post("/api/cart/items", {"restaurantId": town.place.id, "menuItemId": town.place.soup["id"], "quantity": 2}, expect=201)
    address = guest.post("/api/users/addresses", {"label": "Home", "text": town.door["text"], "point": town.door["point"]})
    founder = town.guest("Fo")
    newcomer = town.guest("Ne").__class__(server).register(role="delivery_partner")
    town.people.append(newcomer)
    town.who = {"visitor": None, "customer": guest, "restaurant": town.owner, "founder": founder, "courier": courier, "newcomer": newcomer,
                "rider": rider, "operator": world.admin}
    town.names = {
        "restaurant": town.place.id, "pie": town.place.pie["id"], "running": running["id"], "delivered": delivered["id"], "rejected": rejected["id"],
        "address": address["id"], "guest": guest.user["id"]}
    yield town
    town.close()


def pages(town, app):
    return [path.format(**town.names) for path in PAGES[app]]


def violations(page, **options):
    """What axe finds, in lines that can be read."""
    found = Axe().run(page, options={"resultTypes": ["violations"], **options}).response["violations"]
    return [f"{page.url} [{each['id']}] {node['html'][:160]} {node['any'][0]['message'][:160] if node['any'] else each['help']}"
            for each in found for node in each["nodes"][:3]]


def too_wide(page):
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")


CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}


def looked_at(one, town, app, theme=None):
    """What stands in the way on each page of the app: what axe finds, of contrasts in the other theme too, and what runs out of 320 pixels."""
    faults, screen = [], one.page.viewport_size
    for path in pages(town, app):
        page = one.go(path)
        one.ready()
        faults += violations(page)
        if theme:
            other = {"light": "dark", "dark": "light"}[theme]
            page.emulate_media(color_scheme=other, reduced_motion="reduce")
            faults += [f"{other}: {line}" for line in violations(page, **CONTRAST)]
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
        for width in {screen["width"], 320}:
            page.set_viewport_size({**screen, "width": width})
            if (more := too_wide(page)) > 0:
                faults.append(f"{path} is {more} pixels wider than {width}")
        page.set_viewport_size(screen)
        yield page
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize("device, theme", [("phone", "light"), ("desktop", "dark")])
@pytest.mark.parametrize("app", PAGES)
def test_nothing_stands_in_the_way_of_anybody(app, device, theme, town, window):
    for _ in looked_at(window(town.who[app], device, theme=theme), town, app, theme):
        pass


@pytest.mark.parametrize("app", PAGES)
def test_nothing_stands_in_the_way_from_right_to_left(app, town, window):
    for page in looked_at(window(town.who[app], "narrow", language="ar"), town, app):
        assert page.evaluate("getComputedStyle(document.body).direction") == "rtl", page.url


# MARK: Languages

def cookies_of(person):
    return dict(person.ask("POST", "/api/auth/login", {"email": person.email, "password": person.password}, expect=200).cookies)


@pytest.mark.parametrize("app", PAGES)
def test_every_page_speaks_every_language(app, town):
    """No name of a message shows, nothing is left unfilled, and no two languages say the same."""
    person = town.who[app]
    raw = re.compile(r"\b(account|customer|restaurant|courier|admin|live|shared)(\.[a-zA-Z_]+){1,5}\b(?!\.(css|js|svg|webmanifest|png))")
    faults = []
    with httpx.Client(base_url=town.server.url, cookies=cookies_of(person) if person else None, timeout=30) as client:
        for path in pages(town, app):
            said = {}
            for language in LANGUAGES:
                answer = client.get(path, headers={"Accept": "text/html", "Accept-Language": language}, follow_redirects=True)
                assert answer.status_code == 200, f"{path} answers {answer.status_code} in {language}"
                assert f'<html lang="{language}"' in answer.text, path
                texts = json.loads(re.search(r'id="texts">(.*?)</script>', answer.text, re.S)[1])
                shown = re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]*>", " ", answer.text, flags=re.S)
                told = re.findall(r'(?:aria-label|title|placeholder|alt)="([^"]*)"', answer.text)
                for text in (shown, *told):
                    if "[[" in text or "]]" in text or "{{" in text:
                        left = re.search(r".{0,40}(?:\[\[|\]\]|{{).{0,40}", text)[0]
                        faults.append(f"{path} in {language}: left unfilled: {left}")
                    faults += [f"{path} in {language}: a raw key: {found[0]}" for found in raw.finditer(text)]
                assert all(texts.values()), path
                said[language] = re.sub(r"\s+", " ", re.search(r"<main.*?</main>", shown if "<main" in shown else answer.text, re.S)[0])
            if len(set(said.values())) < len(LANGUAGES):
                faults.append(f"{path}: two languages say the same")
    assert not faults, "\n".join(faults)


def test_every_page_is_looked_at(town):
    """What the server shows to people stands in the list above, or is known to be no page."""
    routes = town.place.owner.get("/routes")
    routes = routes["routes"] if isinstance(routes, dict) else routes
    paths = {route["path"] if isinstance(route, dict) else route.split()[-1]
             for route in routes if (route["method"] if isinstance(route, dict) else route.split()[0]).upper() == "GET"}
    listed = {path.split("?")[0] for app in PAGES.values() for path in app}
    patterns = [re.compile("^" + re.sub(r"\\?\{\w+\\?\}", ":[^/]+", re.escape(path).replace("\\{", "{").replace("\\}", "}")) + "$") for path in listed]
    missing = [path for path in sorted(paths) if not NO_PAGES.match(path) and not any(pattern.match(path) for pattern in patterns)]
    assert not missing, missing


def test_the_language_is_chosen_and_kept(town, window):
    page = window(None, "phone").go("/")
    page.locator("#language").select_option("de")
    page.locator("html[lang=de]").wait_for(state="attached")
    page.goto("/sign-in")
    assert page.locator("html").get_attribute("lang") == "de"
    without = window(None, "phone", scripts=False).go("/sign-in?for=courier")
    without.locator("#language").select_option("ar")
    without.locator("form.languages button").click()
    assert without.locator("html").get_attribute("dir") == "rtl" and "/sign-in?for=courier" in without.url


def test_the_live_city_speaks_too(town, window):
    """What scripts write there, figures and events, is in the reader's language; a city that is not shown says so."""
    town.place.move(town.order(town.guest("Lia"), "pickup")["id"], "rejected", reason="No soup left")
    for language, words in {"de": ("Live", "Unterwegs", "hat abgelehnt"), "ar": ("مباشر", "في الطريق", "رفض")}.items():
        page = window(None, "desktop", language=language).go("/live")
        expect(page.locator("#state-text")).to_have_text(words[0])
        expect(page.locator("#stages")).to_contain_text(words[1])
        expect(page.locator("#events li", has_text=words[2]).first).to_contain_text("Harbour Kitchen")
        expect(page.locator("#f-open")).to_have_text(re.compile(r"\d"))


def test_the_server_and_the_scripts_write_numbers_alike(town, window):
    """A price or a time that a script writes anew looks like the one that came with the page."""
    for language in LANGUAGES:
        one = window(town.who["customer"], "phone", language=language)
        page = one.go("/basket")
        one.ready()
        written = page.locator("[data-subtotal]").inner_text()
        again = page.evaluate("async (assets) => (await import(`${assets}/shared/texts.js`)).money('13.00', 'GBP')", page.locator("body").get_attribute("data-assets"))
        assert written.replace("\u202f", "\xa0").strip() == again.replace("\u202f", "\xa0").strip(), language


# MARK: Keyboard and ear

@pytest.fixture
def keyboard(window):
    def focus_on(page, selector, most=80):
        """Presses Tab until what is looked for has the focus, which must be seen."""
        for _ in range(most):
            page.keyboard.press("Tab")
            if page.evaluate("(selector) => document.activeElement?.matches(selector) ?? false", selector):
                seen = page.evaluate("""() => {
                    const style = getComputedStyle(document.activeElement);
                    const shown = (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== "none";
                    if (shown(style) || shown(getComputedStyle(document.activeElement, "::after"))) return true;
                    // Choices drawn by their label show it there.
                    let next = document.activeElement;
                    for (let steps = 0; steps < 5 && next; steps++, next = next.parentElement) if (shown(getComputedStyle(next))) return true;
                    return [...document.activeElement.parentElement.children].some((each) => shown(getComputedStyle(each)));
                }""")
                assert seen, f"{selector} has the focus, and nobody sees it"
                return
        raise AssertionError(f"{most} tabs do not lead to {selector} on {page.url}")
    return focus_on


def test_an_order_by_keyboard_alone(town, window, keyboard):
    guest = town.guest("Key")
    page = window(guest, "desktop").go(f"/restaurants/{town.place.id}")
    keyboard(page, "a.skip", 3)
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    keyboard(page, f'#item-{town.place.soup["id"]} form.quick button')
    page.keyboard.press("Enter")
    page.wait_for_selector("#dock a")
    keyboard(page, f'#item-{town.place.pie["id"]} a.cover')
    page.keyboard.press("Enter")
    page.wait_for_selector("#dish-form")
    keyboard(page, "#dish-form input[type=radio]")
    page.keyboard.press("Space")
    keyboard(page, "#dish-form button[type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#basket-count")).to_have_text("2")
    keyboard(page, "#dock a")
    page.keyboard.press("Enter")
    page.wait_for_url("**/basket")
    keyboard(page, "[data-checkout]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout")
    keyboard(page, '[name="deliveryAddress.text"]')
    page.keyboard.type("7 Tar Street")
    # The map is moved until the pin is at the door.
    keyboard(page, ".map.picker")
    page.keyboard.press("ArrowUp")
    page.wait_for_selector("#price [data-total]")
    keyboard(page, "#pay")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}"))
    order = page.locator("#order").get_attribute("data-order")

    # The kitchen answers by keyboard too, and the guest hears of it.
    kitchen = window(town.owner, "desktop").go(f"/restaurant/{town.place.id}")
    kitchen.wait_for_selector(f'[data-order="{order}"]')
    keyboard(kitchen, f'[data-order="{order}"] form[data-step="confirmed"] button', 200)
    kitchen.keyboard.press("Enter")
    expect(page.locator("#announce")).to_have_text(re.compile(r"\w"))
    assert page.locator("#announce").get_attribute("aria-live") == "polite"
    town.place.move(order, "cancelled", reason="The test is over")


# MARK: As an app on a phone

@pytest.mark.parametrize("path, app", [("/", "customer"), ("/courier", "courier"), ("/restaurant?all=1", "restaurant"), ("/admin", "operator")])
def test_it_can_be_kept_as_an_app(path, app, town, window):
    one = window(town.who[app], "phone", service_workers="allow")
    page = one.go(path)
    manifest = page.evaluate("""async () => {
        const answer = await fetch(document.querySelector("link[rel=manifest]").href);
        return { type: answer.headers.get("content-type"), ...(await answer.json()), icon: (await fetch(document.querySelector("link[rel=icon]").href)).ok };
    }""")
    assert manifest["type"].startswith("application/manifest+json") and manifest["display"] == "standalone" and manifest["icon"]
    assert manifest["start_url"] == path.split("?")[0] and manifest["name"] and manifest["theme_color"]
    # Without a line there is a page that says so, in place of the browser's own.
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    eventually(lambda: page.evaluate("caches.match('/offline').then((kept) => kept !== undefined)"), "the page for times without a line is kept")
    one.offline()
    page.goto("/restaurants/none" if app == "customer" else path)
    assert page.locator("h1").first.is_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    one.offline(False)
