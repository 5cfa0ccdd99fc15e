"""Between basket and order, in a browser and without its scripts: cards that fail, dishes that sell out or cost more, times that are chosen,
and kitchens that are closed."""

import datetime
import re
import zoneinfo

import httpx
import pytest
from playwright.sync_api import expect

import screens
from tiffin import eventually
from town import Town, plain
from world import ALWAYS

BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])


@pytest.fixture(scope="module")
def town(server):
    town = Town(server, north=150_000)
    yield town
    town.close()


@pytest.fixture(scope="module")
def closed(server):
    """A town whose restaurant opens in two days, at noon."""
    then = datetime.datetime.now(zoneinfo.ZoneInfo("Europe/London")) + datetime.timedelta(days=2)
    hours = {day: [] for day in ALWAYS} | {then.strftime("%A").lower(): [{"opens": "12:00", "closes": "14:00"}]}
    town = Town(server, north=165_000, openingHours=hours)
    yield town
    town.close()


def price_anew(window, has_scripts):
    """Has the price follow what was chosen, which scripts do by themselves."""
    if not has_scripts:
        window.page.locator("#refresh-price").click()
    expect(window.page.locator("#price [data-total]")).to_be_visible()


def orders_of(person):
    return person.get("/api/orders")["items"]


# MARK: Cards

@BOTH
@pytest.mark.parametrize("card, words", [("tok_decline", "declined"), ("tok_timeout", "does not answer")])
def test_a_card_that_fails_costs_nothing_but_another_try(town, window, card, words, scripts):
    person = town.hungry("Cara")
    one = window(person, scripts=scripts)
    page = one.go("/checkout")
    typed = {"deliveryAddress.instructions": "Blue door", "specialInstructions": "No salt"}
    for name, value in typed.items():
        page.locator(f'[name="{name}"]').fill(value)
    page.locator("label.choice-box", has=page.locator("#tip-10")).click()
    page.select_option("#cardToken", card)
    price_anew(one, scripts)
    page.locator("#pay").click()
    expect(page.locator("#e-payment")).to_contain_text(words)
    expect(page.locator("#e-payment")).to_contain_text("nothing was charged")
    # A silent bank is no fault of a page.
    one.complaints[:] = [each for each in one.complaints if "answered 503" not in each]
    for name, value in typed.items():
        expect(page.locator(f'[name="{name}"]')).to_have_value(value)
    expect(page.locator("#tip-10")).to_be_checked()
    assert not orders_of(person) and person.get("/api/cart")["itemCount"] == 2
    assert not [each for each in person.get("/api/payments")["items"] if each["status"] in ("authorized", "succeeded")]
    page.select_option("#cardToken", "tok_approve")
    order = screens.pay(one)
    expect(page.locator("[data-payment]")).to_contain_text("reserved")
    assert [each["id"] for each in orders_of(person)] == [order]
    assert [each["orderId"] for each in person.get("/api/payments")["items"] if each["status"] == "authorized"] == [order]
    assert person.get(f"/api/orders/{order}")["deliveryAddress"]["instructions"] == "Blue door"


# MARK: Dishes

@BOTH
def test_a_dish_sells_out_on_the_way_to_the_till(town, window, scripts):
    special = town.dish("Special")
    person = town.hungry("Sol", special)
    one = window(person, scripts=scripts)
    page = one.go("/checkout")
    page.locator('[name="specialInstructions"]').fill("No salt")
    town.owner.patch(f"/api/menus/items/{special['id']}/availability", {"isAvailable": False})
    page.locator("#pay").click()
    told = page.locator("#checkout .message.bad")
    expect(told).to_contain_text("sold out")
    expect(page.locator(".receipt li.out")).to_contain_text("Special")
    assert not orders_of(person)
    told.locator("a").click()
    page.wait_for_url("**/basket")
    expect(page.locator("li.line.out")).to_contain_text("Sold out")
    expect(page.locator("[data-checkout]")).to_have_attribute("aria-disabled", "true")
    page.locator("li.line.out [data-remove]").click()
    expect(page.locator("li.line:visible")).to_have_count(1)
    expect(page.locator('[data-checkout]:not([aria-disabled="true"])')).to_be_visible()
    page.locator("[data-checkout]").click()
    page.wait_for_url("**/checkout")
    expect(page.locator('[name="specialInstructions"]')).to_have_value("No salt" if scripts else "")
    order = screens.pay(one)
    assert [each["name"] for each in person.get(f"/api/orders/{order}")["items"]] == ["Soup"]


@BOTH
def test_a_price_that_changed_is_shown_before_it_is_paid(town, window, scripts):
    special = town.dish("Roast", "9.00")
    person = town.hungry("Pia", special)
    one = window(person, scripts=scripts)
    page = one.go("/checkout")
    before = screens.told(page.locator("#price [data-total]"))
    page.locator('[name="specialInstructions"]').fill("No salt")
    town.owner.patch(f"/api/menus/items/{special['id']}", {"price": "11.00"})
    page.locator("#pay").click()
    expect(page.locator("#e-price")).to_contain_text(before)
    now = screens.told(page.locator("#price [data-total]"))
    assert now != before and now in screens.told(page.locator("#e-price")) and not orders_of(person)
    expect(page.locator('[name="specialInstructions"]')).to_have_value("No salt")
    screens.pay(one)
    assert now in screens.told(page.locator("#receipt"))


# MARK: Times

def test_an_order_for_tomorrow_is_one_for_everybody(town, window):
    person = town.hungry("Otto")
    guest, kitchen = window(person), window(town.owner, "tablet")
    kitchen.go(f"/restaurant/{town.place.id}")
    page = guest.go("/checkout")
    guest.ready()
    chosen = page.locator("#wantedAt optgroup").nth(1).locator("option").nth(24)
    value, time = chosen.get_attribute("value"), plain(chosen.text_content()).split(", ")[-1]
    page.select_option("#wantedAt", value)
    # A time that was chosen outlives a reload, as what was typed does.
    page.reload()
    guest.ready()
    expect(page.locator("#wantedAt")).to_have_value(value)
    order = screens.pay(guest)
    assert person.get(f"/api/orders/{order}")["wantedAt"][:16] == value[:16]

    def shows_the_time():
        told = screens.told(page.locator("#live"))
        assert f"at {time}" in told and "Arrives" not in told, told

    # Delivery has heard of it, and promises nothing for today.
    tracked = eventually(lambda: person.ask("GET", f"/api/tracking/{order}").status_code == 200, "delivery follows the order")
    assert tracked and "eta" not in person.get(f"/api/tracking/{order}")
    page.reload()
    shows_the_time()
    ticket = screens.ticket(kitchen, order)
    expect(ticket).to_be_visible()
    assert f"at {time}" in screens.told(ticket.locator(".wanted"))
    expect(ticket.locator("[data-left]")).to_contain_text("Answer by")
    expect(ticket.locator('form[data-step="confirmed"] button')).to_have_count(1)
    screens.accept(kitchen, order)
    screens.sees_step(guest, "confirmed")
    shows_the_time()
    # It is to be ready for tomorrow, and no courier is asked today.
    assert " at " in screens.told(ticket.locator(".ready-by"))
    assert person.get(f"/api/tracking/{order}")["deliveryStatus"] == "searching"
    town.place.move(order, "cancelled", reason="The test is over")


@BOTH
def test_a_closed_kitchen_is_looked_at_and_ordered_from_ahead(closed, window, scripts):
    person = closed.hungry("Cleo")
    one = window(person, scripts=scripts)
    page = one.go(f"/restaurants/{closed.place.id}")
    said = screens.told(page.locator("#menu .message.warn"))
    assert "12:00 PM. You can order ahead." in said
    expect(page.locator(f"#item-{closed.place.soup['id']}")).to_contain_text("Soup")
    assert said in screens.told(one.go("/basket").locator(".message.warn").first)
    page = one.go("/checkout")
    expect(page.locator("#shut")).to_contain_text("12:00 PM. Choose a later time.")
    page.locator('[name="specialInstructions"]').fill("No salt")
    page.locator("#pay").click()
    page.wait_for_load_state()
    expect(page.locator("#e-wantedAt")).to_contain_text("12:00 PM. Choose a later time.")
    assert not orders_of(person)
    expect(page.locator('[name="specialInstructions"]')).to_have_value("No salt")
    page.select_option("#wantedAt", index=1)
    expect(page.locator("#shut")).to_be_hidden()
    price_anew(one, scripts)
    order = screens.pay(one)
    assert "at 12:00 PM" in screens.told(page.locator("#live"))
    assert person.get(f"/api/orders/{order}")["specialInstructions"] == "No salt"


def test_where_nothing_can_be_ordered_ahead_nobody_is_told_to(closed):
    """A restaurant that never opens, and one that has left."""
    town = Town(closed.server, north=170_000, openingHours={day: [] for day in ALWAYS})
    path = f"{town.server.url}/restaurants/{town.place.id}"
    page = httpx.get(path).text
    assert "Closed at the moment" in page and "order ahead" not in page
    town.owner.ask("DELETE", f"/api/restaurants/{town.place.id}", expect=(200, 204))
    page = httpx.get(path).text
    assert re.search("This restaurant is not here any more", page) and "order ahead" not in page
    town.close()
