"""Getting in and looking after an account, in a browser and without its scripts: what signing in asks for next, the basket that comes along,
what opens the account, and the way back from elsewhere."""

import base64
import hashlib
import hmac
import re
import struct
import time

import httpx
import pytest
from playwright.sync_api import expect

from brokers import free_port
from providers import IdentityProvider
from tiffin import eventually
from town import Town
from world import PASSWORD, Person

BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])


def code_of(secret):
    """What an authenticator app shows now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


@pytest.fixture(scope="module")
def town(server):
    town = Town(server, north=90_000)
    yield town
    town.close()


@BOTH
def test_the_basket_comes_along(town, window, scripts):
    key = f"basket-of-nobody-{scripts}"
    httpx.post(
        f"{town.server.url}/api/cart/items", headers={"x-cart-key": key},
        json={"restaurantId": town.place.id, "menuItemId": town.place.soup["id"], "quantity": 2}).raise_for_status()
    visitor = window(None, scripts=scripts)
    visitor.context.add_cookies([{"name": "tiffin_cart", "value": key, "url": town.server.url}])
    person = Person(town.server).register()
    page = visitor.go("/sign-in?for=customer&then=%2Fbasket")
    page.fill("[name=email]", person.email)
    page.fill("[name=password]", PASSWORD)
    page.click("#by-email button[type=submit]")
    page.wait_for_url(f"{town.server.url}/basket")
    assert person.get("/api/cart")["itemCount"] == 2


@BOTH
def test_a_second_factor_is_asked_for_and_dropped(town, window, scripts):
    person = Person(town.server).register()
    one = window(person, scripts=scripts)
    page = one.go("/account/security")
    page.fill("#begin [name=password]", PASSWORD)
    page.click("#begin button")
    secret = page.locator("#confirm [name=secret]").input_value()
    page.fill("#confirm [name=code]", "000000")
    page.click("#confirm button")
    expect(page.locator("#confirm .error")).to_be_visible()
    assert page.locator("#confirm [name=secret]").input_value() == secret, "a wrong code does not make a new key"
    page.fill("#confirm [name=code]", code_of(secret))
    page.click("#confirm button")
    expect(page.locator("#recovery-codes code")).to_have_count(10)
    codes = page.locator("#recovery-codes code").all_text_contents()
    other = window(None, scripts=scripts).go("/sign-in?then=%2Faccount%2Fsecurity")
    other.fill("[name=email]", person.email)
    other.fill("[name=password]", PASSWORD)
    other.click("#by-email button[type=submit]")
    expect(other.locator("[name=code]")).to_be_visible()
    # Only a script may keep a password, in the browser; the server sends none back.
    expect(other.locator("[name=password]")).to_have_value(PASSWORD if scripts else "")
    other.fill("[name=password]", PASSWORD)
    other.fill("[name=code]", codes[0])
    other.click("#by-email button[type=submit]")
    other.wait_for_url(re.compile("/account/security$"))
    other.click("details summary")
    other.fill("#drop [name=password]", PASSWORD)
    other.fill("#drop [name=code]", codes[1])
    other.click("#drop button")
    expect(other.locator("#begin")).to_be_visible()


@BOTH
def test_staff_replace_their_first_password(town, window, scripts):
    name, tenant = f"waiter-{scripts}".lower(), town.place.tenant["id"]
    town.owner.post(f"/api/tenants/{tenant}/staff", {"username": name, "role": "waiter", "password": PASSWORD})
    page = window(None, "tablet", scripts=scripts).go(f"/sign-in?for=restaurant&tenant={tenant}")
    page.fill("[name=username]", name)
    page.fill("[name=password]", PASSWORD)
    page.click("#by-name button[type=submit]")
    page.locator("#first-password [name=password]").fill(PASSWORD)
    page.locator("#first-password [name=newPassword]").fill("Another-pass-8")
    page.click("#first-password button[type=submit]")
    page.wait_for_url(re.compile("/restaurant"))
    page.goto("/sign-out")
    page.click("main form button")
    page.wait_for_url(re.compile("/sign-in"))
    expect(page.locator("[name=tenantId]")).to_have_value(tenant)


def test_an_address_is_picked_kept_and_taken_away(town, window):
    person = Person(town.server).register()
    one = window(person)
    page = one.go("/account/addresses/new")
    page.fill("[name=label]", "Home")
    page.fill("[name=text]", "7 Tar Street")
    page.locator(".map.leaflet-container").click(position={"x": 200, "y": 120})
    picked = page.locator("[name='point.latitude']").input_value()
    assert picked
    page.reload()
    expect(page.locator("[name=label]")).to_have_value("Home")
    expect(page.locator("[name='point.latitude']")).to_have_value(picked)
    one.offline()
    page.click("#address button[type=submit]")
    expect(page.locator(".toast")).to_be_visible()
    expect(page.locator("[name=text]")).to_have_value("7 Tar Street")
    one.offline(False)
    page.click("#address button[type=submit]")
    page.wait_for_url(re.compile("/account/addresses\\?"))
    page.locator("[data-removes] button").click()
    expect(page.locator("[data-address]")).to_be_hidden()
    page.locator(".toast button").last.click()
    expect(page.locator("[data-address]")).to_be_visible()
    page.locator("[data-removes] button").click()
    eventually(lambda: not person.get("/api/users/addresses")["items"], "the address is gone")


@BOTH
def test_a_device_is_ended_and_an_account_erased(town, window, scripts):
    person = Person(town.server).register()
    lost, kept = (window(person, scripts=scripts) for _ in range(2))
    lost.go("/account")
    page = kept.go("/account/sessions")
    page.locator("[name=keepThis][value=true]").click()
    page.wait_for_url(re.compile("notice=ended"))
    lost.page.goto("/account")
    assert "/sign-in" in lost.page.url
    page.goto("/account/erase")
    page.fill("#erase [name=password]", PASSWORD)
    page.click("#erase button")
    expect(page.locator("#erase .error")).to_be_visible()
    page.fill("#erase [name=password]", PASSWORD)
    page.check("#erase [name=confirm]")
    page.click("#erase button")
    page.wait_for_url(re.compile("notice=erased"))
    person.ask("POST", "/api/auth/login", {"email": person.email, "password": PASSWORD}, expect=401)


def test_a_provider_lets_in(town, window, fresh):
    with IdentityProvider() as provider:
        port = free_port()
        server = fresh(
            identity__oidcIssuer=provider.url, identity__oidcClientId="tiffin", identity__oidcClientSecret="s3cret",
            web__publicUrl=f"http://127.0.0.1:{port}").start(**{"web.port": str(port)})
        one = window(None, at_server=server)
        page = one.go("/sign-in?then=%2Faccount")
        page.click('a[href^="/sign-in/with/oidc"]')
        page.fill("[name=sub]", "ann-1")
        page.locator("button").first.click()
        page.wait_for_url(f"{server.url}/account")
        page.goto("/api/auth/oidc/callback?error=access_denied&state=none")
        page.wait_for_url(re.compile("/sign-in\\?problem="))
        expect(page.locator(".message")).to_be_visible()
        # The provider is another host, of course, and its page asks others again.
        one.complaints[:] = [each for each in one.complaints if provider.url not in each and "jsdelivr" not in each]


def test_a_link_from_elsewhere_takes_a_step_of_our_own(town):
    """The session's cookie stays at home on the first step from another site, such as a mail's link."""
    person = Person(town.server).register()
    answer = person.ask("POST", "/api/auth/login", {"email": person.email, "password": PASSWORD}, expect=200)
    with httpx.Client(base_url=town.server.url, headers={"accept": "text/html"}) as browser:
        asked = browser.get("/sign-in?then=%2Faccount", headers={"sec-fetch-site": "cross-site"})
        step = re.search(r'http-equiv="refresh" content="0;url=([^"]+)"', asked.text)[1].replace("&amp;", "&")
        browser.cookies.update(answer.cookies)
        on = browser.get(step)
        while on.status_code == 303 and on.headers["location"] != "/account":
            on = browser.get(on.headers["location"])
        assert on.headers["location"] == "/account"
        # Who holds no session signs in after all; and nobody is led to another site.
        assert "by-email" in httpx.get(town.server.url + step).text
        assert browser.get("/sign-in/done?then=%2F%2Fevil.example").headers["location"] == "/"
