"""What people do in their windows, by what they see there: the words of the journeys of the web apps."""

import re

from playwright.sync_api import expect

from town import plain


# MARK: Customers

def choose_place(window, text="7 Tar Street"):
    """By the device, which knows where it is."""
    page = window.go("/")
    window.ready()
    if page.locator("#place[open]").count() == 0:
        page.locator("#place summary").click()
    page.locator("#place-form [name=text]").fill(text)
    page.locator("#locate").click()
    expect(page.locator("#place summary")).to_contain_text(text)


def fill_basket(window, place):
    """A soup by the button of the menu, and a pie with a side by its own form; answers how many dishes that are."""
    page = window.page
    page.locator(f'[data-restaurant="{place.id}"] a.cover').click()
    expect(page.locator("h1")).to_have_text(place.restaurant["name"])
    page.locator(f'#item-{place.soup["id"]} form.quick button').click()
    expect(page.locator("#dock a")).to_be_visible()
    page.locator(f'#item-{place.pie["id"]} a.cover').click()
    form = page.locator("#dish-form")
    form.locator("label.check", has_text="Chips").click()
    form.locator("button[type=submit]").last.click()
    expect(page.locator("#basket-count")).to_have_text("2")


def check_out(window):
    page = window.page
    page.locator("#dock a").click()
    page.locator("[data-checkout]").click()


def pay(window):
    """Pays what the checkout shows; answers the id of the order."""
    page = window.page
    expect(page.locator("#price [data-total]")).to_be_visible()
    page.locator("#pay").click()
    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}"))
    return page.locator("#order").get_attribute("data-order")


def sees_step(window, status):
    """The customer's page stands at the step, sooner than it would look by itself."""
    expect(window.page.locator(f'#live[data-status="{status}"]')).to_be_attached(timeout=15_000)


def hears(window, words):
    """What the page says to who cannot see it."""
    expect(window.page.locator("#announce")).to_have_text(re.compile(words))


# MARK: Restaurants

def ticket(window, order_id):
    return window.page.locator(f'[data-order="{order_id}"]')


def accept(window, order_id, minutes=None):
    buttons = ticket(window, order_id).locator('form[data-step="confirmed"] button')
    (buttons.first if minutes is None else buttons.and_(window.page.locator(f'[value="{minutes}"]'))).click()
    expect(window.page.locator(f'[data-order="{order_id}"][data-status="confirmed"]')).to_be_visible()


def cook(window, order_id, status):
    ticket(window, order_id).locator(f'form[data-step="{status}"] button').click()
    expect(window.page.locator(f'[data-order="{order_id}"][data-status="{status}"]')).to_be_attached()


# MARK: Couriers

def start_shift(window):
    page = window.go("/courier")
    window.ready()
    page.locator("#shift [role=switch]").click()
    expect(page.locator("#shift-tag")).to_have_attribute("data-shift", "online")
    expect(page.locator('#position-state[data-position="shared"], #position-state[data-position="sharing"], #position-state[data-position="on"]')).to_be_attached()


def take_offer(window, order_id):
    page = window.page
    expect(page.locator(f'[data-offer][data-order="{order_id}"]')).to_be_visible()
    page.locator("[data-accept] button").click()
    expect(page.locator(f'[data-delivery][data-order="{order_id}"]')).to_be_visible()


def take_step(window, status, code=None):
    """Taps the button of the step; the page shows the next one at once."""
    form = window.page.locator(f'[data-stage]:not([hidden]) form:has(input[name=status][value="{status}"])')
    if code:
        form.locator("[name=handOverCode]").fill(code)
    form.locator("button[type=submit]").click()
    if status != "delivered":
        expect(window.page.locator(f'[data-stage="{status}"]')).to_be_visible()


def told(locator):
    return plain(locator.inner_text())
