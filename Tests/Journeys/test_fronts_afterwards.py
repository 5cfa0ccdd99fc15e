"""What becomes of an order once it was placed, in a browser and without its scripts: it is cancelled, rated, and ordered again."""

import re

import pytest
from playwright.sync_api import expect

import screens
from tiffin import eventually
from town import Town
from world import Place

BOTH = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])


@pytest.fixture(scope="module")
def town(server):
    town = Town(server, north=180_000)
    yield town
    town.close()


def cancel(page, reason="I am out"):
    """Cancels by the form of the order's page; answers what it says beforehand."""
    page.locator("#cancel summary").click()
    said = screens.told(page.locator("#cancel-form p"))
    page.locator("#cancel-form [name=reason]").fill(reason)
    page.locator("#cancel-form button").click()
    return said


def reads(one, path, selector, words):
    """Looks until the page says so: what Payments does is told a moment later."""
    eventually(lambda: words in screens.told(one.go(path).locator(selector)), f"{path} says {words}", pause=0.3)


# MARK: Cancelling

@BOTH
def test_who_cancels_in_time_gets_all_back(town, window, scripts):
    guest = town.guest("Cam")
    order = town.order(guest)["id"]
    kitchen, one = window(town.owner, "tablet"), window(guest, scripts=scripts)
    kitchen.go(f"/restaurant/{town.place.id}")
    expect(screens.ticket(kitchen, order)).to_be_visible()
    page = one.go(f"/orders/{order}")
    total = screens.told(page.locator("#receipt dd.total"))
    assert cancel(page) == f"You get back the whole {total}."
    expect(page.locator('#order[data-status="cancelled"]')).to_be_attached()
    expect(page.locator("#live .message.good")).to_contain_text(f"You get back {total}.")
    expect(page.locator("#live")).to_contain_text("I am out")
    expect(page.locator("#cancel")).to_have_count(0)
    expect(screens.ticket(kitchen, order)).to_have_count(0)
    reads(one, f"/orders/{order}", "[data-payment]", "not charged")
    assert [each["status"] for each in guest.get(f"/api/payments?orderId={order}")["items"]] == ["voided"]


def test_who_cancels_while_it_cooks_gets_a_part(town, window):
    guest = town.guest("Lee")
    order = town.order(guest, "pickup")
    town.place.move(order["id"], "confirmed", readyInMinutes=10)
    town.place.move(order["id"], "preparing")
    one = window(guest)
    page = one.go(f"/orders/{order['id']}")
    assert "only a part of" in cancel(page)
    expect(page.locator('#order[data-status="cancelled"]')).to_be_attached()
    half = f"£{float(order['total']) / 2:.2f}"
    expect(page.locator("#live .message.good")).to_contain_text(f"You get back {half}.")

    def is_settled():
        found = guest.get(f"/api/payments?orderId={order['id']}")["items"]
        return found and found[0]["captures"] and found[0]

    payment = eventually(is_settled, "the other half is kept")
    assert float(payment["captured"]) - float(payment["refunded"]) == float(order["total"]) / 2, payment


def test_who_cancels_too_late_is_told(town, window):
    guest = town.guest("Max")
    order = town.order(guest, "pickup")["id"]
    # Without scripts the page does not follow what happens meanwhile.
    one = window(guest, scripts=False)
    page = one.go(f"/orders/{order}")
    for status in ("confirmed", "preparing", "ready_for_pickup", "completed"):
        town.place.move(order, status)
    cancel(page)
    expect(page.locator("main .message.bad")).to_be_visible()
    expect(page.locator('#order[data-status="completed"]')).to_be_attached()
    expect(page.locator("#cancel")).to_have_count(0)
    assert guest.get(f"/api/orders/{order}").get("refund") is None


# MARK: Rating

@BOTH
def test_a_meal_is_rated_from_the_list_of_orders(town, window, scripts):
    guest = town.guest("Ray")
    order = town.order(guest, "pickup")["id"]
    for status in ("confirmed", "preparing", "ready_for_pickup", "completed"):
        town.place.move(order, status)
    one = window(guest, scripts=scripts)
    page = one.go("/orders")
    page.locator(f'[data-order="{order}"] a[href$="#rating"]').click()
    page.wait_for_url(re.compile(f"/orders/{order}"))
    # Nobody brought it, so nobody is asked how.
    expect(page.locator("#rating-form [name=deliveryStars]")).to_have_count(0)
    page.locator("#rating-form [name=comment]").fill("Hot & good")
    page.locator("#rating-form button[type=submit]").click()
    expect(page.locator("#e-stars")).to_be_visible()
    expect(page.locator("#rating-form [name=comment]")).to_have_value("Hot & good")
    page.locator('#rating-form label:has([name=stars][value="4"])').click()
    page.locator("#rating-form button[type=submit]").click()
    expect(page.locator("#rating")).to_contain_text("Hot & good")
    expect(page.locator("#rating-form")).to_have_count(0)
    expect(one.go("/orders").locator(f'[data-order="{order}"] .stars-given')).to_contain_text("★★★★")
    assert guest.get(f"/api/orders/{order}")["rating"] == 4
    expect(window(town.owner).go(f"/restaurant/{town.place.id}/orders/{order}").locator("main")).to_contain_text("Hot & good")


def test_who_brought_it_is_rated_without_the_meal(town, window):
    guest, rider = town.guest("Dee"), town.courier()
    order = town.order(guest)
    town.bring(guest, rider, order)
    rider.patch("/api/delivery-partner", {"status": "offline"})
    page = window(guest).go(f"/orders/{order['id']}")
    page.locator('#rating-form label:has([name=deliveryStars][value="5"])').click()
    page.locator("#rating-form button[type=submit]").click()
    expect(page.locator("#rating .stars-given")).to_have_count(1)
    expect(page.locator("#rating")).to_contain_text("You rated the delivery")
    # The meal may follow, the ride is rated once.
    expect(page.locator("#rating-form [name=deliveryStars]")).to_have_count(0)
    page.locator('#rating-form label:has([name=stars][value="3"])').click()
    page.locator("#rating-form button[type=submit]").click()
    expect(page.locator("#rating .stars-given")).to_have_count(2)
    assert guest.get(f"/api/tracking/{order['id']}")["deliveryRating"] == 5 and guest.get(f"/api/orders/{order['id']}")["rating"] == 3


# MARK: Again

@BOTH
def test_what_was_good_is_ordered_again(town, window, scripts):
    guest, special = town.guest("Ann"), town.dish("Special")
    pie, chips = town.place.pie, town.place.pie["optionGroups"][0]["options"][1]
    order = town.order(guest, "pickup", items=[
        {"menuItemId": pie["id"], "quantity": 2, "optionIds": [chips["id"]], "specialInstructions": "Crisp"},
        {"menuItemId": special["id"], "quantity": 1}])["id"]
    for status in ("confirmed", "preparing", "ready_for_pickup", "completed"):
        town.place.move(order, status)
    town.owner.ask("DELETE", f"/api/menus/items/{special['id']}", expect=(200, 204))
    one = window(guest, scripts=scripts)

    def again():
        one.go("/orders").locator(f'[data-order="{order}"] form[action$="/again"] button').click()

    # What is gone is left out, and said.
    again()
    page = one.page
    page.wait_for_url("**/basket?skipped=1")
    expect(page.locator("main .message.warn").first).to_contain_text("1 dish cannot be had any more")
    expect(page.locator("li.line")).to_have_count(1)
    expect(page.locator("li.line")).to_contain_text("Chips")
    cart = guest.get("/api/cart")["items"]
    assert [(each["menuItemId"], each["quantity"], each["specialInstructions"]) for each in cart] == [(pie["id"], 2, "Crisp")]

    # A basket of another kitchen is not emptied unasked.
    other = Place(town.server, town.north + 500, 0)
    guest.post("/api/cart/items", {"restaurantId": other.id, "menuItemId": other.soup["id"], "quantity": 1, "replace": True}, expect=201)
    again()
    expect(page.locator("#replace-text")).to_contain_text(other.restaurant["name"])
    assert guest.get("/api/cart")["restaurantId"] == other.id
    page.locator("[role=alertdialog] form button").click()
    page.wait_for_url("**/basket?skipped=1")
    expect(page.locator("li.line")).to_contain_text("Pie")
    assert guest.get("/api/cart")["restaurantId"] == town.place.id
    other.owner.close()
