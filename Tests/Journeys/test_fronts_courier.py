"""A courier's day on a phone: offers that come and go, dead zones, codes that are wrong, and what it earns."""

import datetime
import re

import pytest
from playwright.sync_api import expect

import screens
from tiffin import eventually
from town import Town
from world import Courier

SHOWN = "[data-stage]:not([hidden])"
placed = []


@pytest.fixture(scope="module")
def town(server):
    # By itself: an offer that goes from one courier to the next must find nobody of another journey.
    town = Town(server, north=120_000, phone="+442071234567")
    yield town
    town.close()


@pytest.fixture
def rider(town):
    """The only courier who is awake; what nobody brought in the end is cancelled, so that it is offered to none who come after."""
    for person in town.people:
        if isinstance(person, Courier):
            person.patch("/api/delivery-partner", {"status": "offline"})
    placed.clear()
    yield town.courier()
    for each in placed:
        town.owner.patch(f"/api/orders/{each}/status", {"status": "cancelled", "reason": "The test is over"}, expect=(200, 403, 409, 422))


def order(town, guest, **more):
    """An order whose courier is looked for at once."""
    made = town.order(guest, **more)
    placed.append(made["id"])
    town.place.move(made["id"], "confirmed", readyInMinutes=1)
    return made


def on_the_road(town, rider, window, status="assigned"):
    """A window with a running delivery: the guest, the order, the delivery, the window."""
    guest = town.guest()
    made = order(town, guest)
    delivery = town.hand_to(rider, made)
    for step in ("arrived_at_restaurant", "picked_up", "arrived_at_customer"):
        if status == "assigned":
            break
        if step == "picked_up":
            town.place.move(made["id"], "preparing")
            town.place.move(made["id"], "ready_for_pickup")
        rider.step(delivery["id"], step)
        if step == status:
            break
    one = window(rider, at=town.at(100, 100))
    one.go("/courier")
    one.ready()
    expect(one.page.locator(f'[data-stage="{status}"]')).to_be_visible()
    return guest, made, delivery, one


def stands_at(rider, delivery, status):
    eventually(lambda: rider.get(f"/api/deliveries/{delivery['id']}")["status"] == status, f"the delivery is {status}")


def is_kept(page):
    """Whether the courier's page is there without a line."""
    return page.evaluate("caches.match('/courier').then((kept) => kept !== undefined)")


# MARK: The first day

def test_a_newcomer_chooses_a_vehicle(town, window):
    newcomer = Courier(town.server).register(role="delivery_partner")
    town.people.append(newcomer)
    one = window(newcomer, at=town.at())
    page = one.go("/courier")
    one.ready()
    page.locator("#join [name=name]").fill("Nia")
    page.locator("#join label.vehicle", has=page.locator("[value=scooter]")).click()
    page.locator("#join button[type=submit]").click()
    expect(page.locator("#shift [role=switch]")).to_have_attribute("aria-checked", "false")
    partner = newcomer.get("/api/delivery-partner")
    assert (partner["name"], partner["vehicleType"], partner["status"]) == ("Nia", "scooter", "offline")
    # What is wrong stands beside its field, and nothing that was typed is lost.
    page = one.go("/courier/profile")
    page.locator("#profile [name=name]").evaluate("field => { field.removeAttribute('required'); field.value = ' ' }")
    page.locator("#profile label.vehicle", has=page.locator("[value=car]")).click()
    page.locator("#profile button[type=submit]").click()
    expect(page.locator("#f-name-error")).to_be_visible()
    expect(page.locator("#profile [value=car]")).to_be_checked()


def test_whoever_hides_their_place_is_told_what_that_means(town, rider, window):
    one = window(rider)
    one.context.grant_permissions([])
    page = one.go("/courier")
    one.ready()
    page.locator("#shift [role=switch]").click()
    expect(page.locator('#position-state[data-position="denied"]')).to_be_visible()
    expect(page.locator("#position-state button")).to_be_visible()
    one.context.grant_permissions(["geolocation"])
    one.context.set_geolocation(town.at(100, 100))
    # Whoever changes their mind in the browser's settings need not tell the page.
    expect(page.locator('#position-state[data-position="on"]')).to_be_visible()


# MARK: Offers

def test_an_offer_is_declined_and_another_one_withdrawn(town, rider, window):
    one = window(rider, at=town.at(100, 100))
    screens.start_shift(one)
    first = order(town, town.guest())
    expect(one.page.locator(f'[data-offer][data-order="{first["id"]}"]')).to_be_visible()
    expect(one.page.locator("#seconds")).to_have_text(re.compile(r"\d+"))
    one.page.locator("[data-decline] button").click()
    expect(one.page.locator('[data-state="waiting"]')).to_be_visible()
    second = order(town, town.guest())
    expect(one.page.locator(f'[data-offer][data-order="{second["id"]}"]')).to_be_visible()
    # Somebody at the desk gives it to another: the offer goes away by itself, with a word.
    other = town.courier("Other")
    other.patch("/api/delivery-partner", {"status": "available"})
    town.owner.post(f"/api/orders/{second['id']}/assign-delivery", {"partnerId": other.partner["id"]})
    expect(one.page.locator("#toasts")).to_contain_text("gone")
    expect(one.page.locator('[data-state="waiting"]')).to_be_visible()


def test_an_answer_that_comes_too_late_is_told(town, rider, window):
    one = window(rider, at=town.at(100, 100))
    screens.start_shift(one)
    made = order(town, town.guest())
    offer = one.page.locator(f'[data-offer][data-order="{made["id"]}"]')
    expect(offer).to_be_visible()
    gone = offer.get_attribute("data-offer")
    rider.post(f"/v1/partner/offers/{gone}/decline")
    # As a plain form says it, when the word of it was lost on the way.
    one.page.evaluate("id => fetch(`/courier/offers/${id}/accept`, { method: 'POST' }).then(answer => location.assign(answer.url))", gone)
    expect(one.page.locator(".message.warn")).to_contain_text("gone")


# MARK: On the road

def test_two_taps_are_one_step_and_a_wrong_one_is_taken_back(town, rider, window):
    _, made, delivery, one = on_the_road(town, rider, window)
    one.page.locator(f"{SHOWN} [data-step-form] button").dblclick()
    expect(one.page.locator('[data-stage="arrived_at_restaurant"]')).to_be_visible()
    kept = "Object.entries(localStorage).filter(([key]) => key.endsWith(':steps')).map(([, value]) => JSON.parse(value).length)"
    assert one.page.evaluate(kept) in ([], [1])
    one.page.locator("#toasts .link").click()
    expect(one.page.locator('[data-stage="assigned"]')).to_be_visible()
    assert rider.get(f"/api/deliveries/{delivery['id']}")["status"] == "assigned"
    screens.take_step(one, "arrived_at_restaurant")
    stands_at(rider, delivery, "arrived_at_restaurant")


def test_a_reload_in_a_dead_zone_loses_nothing(town, rider, window):
    guest, made, delivery, one = on_the_road(town, rider, window, "arrived_at_restaurant")
    town.place.move(made["id"], "preparing")
    town.place.move(made["id"], "ready_for_pickup")
    page = one.page
    eventually(lambda: is_kept(page), "the worker keeps the page")
    one.offline()
    screens.take_step(one, "picked_up")
    tapped = datetime.datetime.now(datetime.UTC)
    one.move_to(town.at(300, 200))
    page.wait_for_timeout(3500)
    one.move_to(town.at(500, 300))
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-kept", "")
    expect(page.locator('[data-stage="picked_up"]')).to_be_visible()
    expect(page.locator("#unsent")).to_be_visible()
    screens.take_step(one, "arrived_at_customer")
    page.wait_for_timeout(2000)
    one.offline(False)
    stands_at(rider, delivery, "arrived_at_customer")
    expect(page.locator("#unsent")).to_be_hidden()
    times = {step["status"]: datetime.datetime.fromisoformat(step["at"]) for step in rider.get(f"/api/deliveries/{delivery['id']}")["steps"]}
    assert abs((times["picked_up"] - tapped).total_seconds()) < 3 and times["arrived_at_customer"] > times["picked_up"]
    # The way through the dead zone is told too, up to where the courier is now.
    def is_seen():
        position = guest.get(f"/api/tracking/{made['id']}")["courier"].get("position") or {}
        return abs(position.get("latitude", 0) - town.at(500, 300)["latitude"]) < 1e-4
    eventually(is_seen, "the guest sees the courier")


def test_what_the_server_refuses_is_told_and_the_truth_is_shown(town, rider, window):
    _, made, delivery, one = on_the_road(town, rider, window)
    one.offline()
    screens.take_step(one, "arrived_at_restaurant")
    screens.take_step(one, "picked_up")
    town.place.move(made["id"], "cancelled", reason="The kitchen burns")
    eventually(lambda: rider.get("/api/delivery-partner")["status"] != "busy", "the courier is free")
    one.offline(False)
    expect(one.page.locator("[data-done]")).to_contain_text("cancelled")
    expect(one.page.locator('[data-state="waiting"]')).to_be_visible()
    expect(one.page.locator("#unsent")).to_be_hidden()


def test_codes_that_are_wrong_and_one_too_many(town, rider, window):
    guest, made, delivery, one = on_the_road(town, rider, window, "arrived_at_customer")
    code = guest.get(f"/api/tracking/{made['id']}")["handOverCode"]
    wrong = [f"{number:04}" for number in range(7) if f"{number:04}" != code]
    for each in wrong[:5]:
        screens.take_step(one, "delivered", code=each)
        expect(one.page.locator("#f-handOverCode-error")).to_contain_text("wrong")
        expect(one.page.locator("#f-handOverCode")).to_have_value(each)
        expect(one.page.locator("#f-handOverCode")).to_have_attribute("aria-invalid", "true")
    screens.take_step(one, "delivered", code=code)
    expect(one.page.locator("#f-handOverCode-error")).to_contain_text("restaurant")
    expect(one.page.locator('[data-stage="arrived_at_customer"] a[href="tel:+442071234567"]')).to_be_visible()
    town.owner.put(f"/api/deliveries/{delivery['id']}/status", {"status": "delivered"})
    expect(one.page.locator("[data-done]")).to_contain_text("earned")


@pytest.mark.parametrize("status, word", [("assigned", "no longer yours"), ("picked_up", "without being handed over")])
def test_what_cannot_be_brought(status, word, town, rider, window):
    _, made, delivery, one = on_the_road(town, rider, window, status)
    page = one.page
    page.locator(".trouble summary").click()
    form = page.locator("[data-fail]:visible")
    form.locator("[name=reason]").select_option(index=1)
    form.locator("[name=details]").fill("so it is")
    form.locator("button").click()
    expect(page.locator("[data-done]")).to_contain_text(word)
    if status == "picked_up":
        assert rider.get(f"/api/deliveries/{delivery['id']}")["reason"].endswith(": so it is")


def test_signing_out_forgets_the_page_that_was_kept(town, rider, window):
    one = window(rider, at=town.at(100, 100))
    page = one.go("/courier")
    one.ready()
    eventually(lambda: is_kept(page), "the worker keeps the page")
    page.locator("form[action='/sign-out'] button").click()
    page.wait_for_url(re.compile("/sign-in|/$|/\\?"))
    eventually(lambda: not is_kept(page), "the worker forgets the page")


# MARK: What it earned

def test_earnings_by_the_clock_of_the_device(town, rider, window):
    guest = town.guest()
    made = town.order(guest, tip="2.00")
    town.bring(guest, rider, made)
    one = window(rider, at=town.at(100, 100))
    page = one.go("/courier/earnings")
    page.wait_for_url(re.compile("timeZone=Europe"))
    expect(page.locator("#earnings")).to_have_attribute("data-zone", "Europe/London")
    sums = rider.get("/v1/earnings?timeZone=Europe/London")["days"]
    for place in ("#today", "#week", "main li[data-starts] >> nth=0"):
        assert f"£{sums[0]['total']}" in screens.told(page.locator(place)) and f"£{sums[0]['tips']}" in screens.told(page.locator(place))
    without = window(rider, scripts=False).go("/courier/earnings")
    expect(without.locator("#earnings")).to_have_attribute("data-zone", "UTC")
    page = one.go("/courier/deliveries")
    expect(page.locator(f'[data-order="{made["id"]}"][data-status="delivered"]')).to_be_visible()
    page = one.go("/courier/profile")
    expect(page.locator("#total strong")).to_have_text("1")
    expect(page.locator("#completion strong")).to_have_text("100%")
