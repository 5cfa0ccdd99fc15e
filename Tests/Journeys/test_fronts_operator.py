"""What waits for whoever runs the platform: restaurants that want to be let in, and events that a service gave up on."""

import json
import re
import uuid

import pytest
from playwright.sync_api import expect

import beside
import databases
import screens
from tiffin import ADMIN, Server, eventually
from world import Person, Place


@pytest.fixture(scope="module")
def strict(binary, tmp_path_factory):
    """A platform that lets nobody in unasked, with letters that its catalogue could not be handed: each the five stars of a guest."""
    server = Server(binary, tmp_path_factory.mktemp("strict") / "tiffin.db", catalog__requiresApproval="true")
    server.start()
    server.admin = Person(server, *ADMIN).log_in()
    server.place = Place(server)
    server.stop()
    for _ in range(3):
        bury(server, server.place)
    server.start()
    server.admin.log_in()
    yield server
    server.stop()
    server.admin.close()
    server.place.owner.close()
    beside.forget(server.database)


def bury(server, place):
    """Leaves a rating among the letters of a stopped server's catalogue."""
    order, event = uuid.uuid4(), uuid.uuid4()
    envelope = {
        "id": str(event), "name": "order.rated", "version": 1, "topic": "orders", "time": "2026-01-05T12:00:00Z", "tenant": place.tenant["id"],
        "aggregate": f"order:{order}", "sequence": 1,
        "payload": {"orderId": str(order), "tenantId": place.tenant["id"], "restaurantId": place.id, "stars": 5}}
    values = ["WhenOrderRated", f"order:{order}", str(event), "order.rated", json.dumps(envelope), 8, "the disk was full", 1_767_614_400_000]
    databases.insert(server.database, "catalog_dead_letters", dict(zip(
        ("reaction", "aggregate", "event", "name", "envelope", "attempts", "reason", "failed_at"), values)))


# MARK: Letting in

def test_a_restaurant_waits_until_it_is_let_in(strict, window):
    owner = Person(strict).register(firstName="Olu")
    one, visitor, desk = (window(each, device, at_server=strict) for each, device in ((owner, "phone"), (None, "phone"), (strict.admin, "desktop")))
    page = one.go("/restaurant")
    page.locator("#tenant [name=name]").fill("Olu's house")
    page.locator("#tenant button").click()
    page.wait_for_url("**/restaurant/new")
    for field, value in {"name": "Olu's Kitchen", "address": "2 Quay Street", "point.latitude": "50.2", "point.longitude": "-6.2",
                         "timeZone": "Europe/London", "opens": "00:00", "closes": "23:59"}.items():
        page.locator(f'#founding [name="{field}"]').fill(value)
    page.locator("#founding button[type=submit]").last.click()

    # Its owner is told that it waits, there and at the board.
    page.wait_for_url(re.compile("/restaurant$"))
    card = page.locator("li.card", has_text="Olu's Kitchen")
    expect(card.locator(".tag.warn")).to_be_visible()
    waiting = eventually(lambda: owner.refresh().get("/api/my-restaurants")["items"], "the restaurant is there")[0]["id"]
    card.locator("a").first.click()
    expect(page.locator("main .message.warn").first).to_contain_text("waits for approval")

    # Guests neither find it nor get there; its owner looks at it as they will.
    def is_listed():
        return visitor.go("/?search=Olu").locator(f'[data-restaurant="{waiting}"]').count()

    path = f"/restaurants/{waiting}"
    assert not is_listed()
    visitor.go(path, status=404)
    expect(one.go(path).locator("#menu .message.warn")).to_contain_text("does not take orders yet")

    # The first answer is a no with a reason, which the owner reads; the second lets it in.
    def decide(approved, note):
        desk.go("/admin/restaurants")
        form = desk.page.locator(f"#approval-{waiting}")
        form.locator("[name=note]").fill(note)
        form.locator(f'button[value="{approved}"]').click()
        desk.page.wait_for_url(re.compile("done="))
        expect(desk.page.locator(".message.good")).to_be_visible()

    decide("false", "Send the licence")
    expect(desk.page.locator(f'li[data-restaurant="{waiting}"]')).to_contain_text("Send the licence")
    expect(one.go("/restaurant?all=1").locator("main")).to_contain_text("Send the licence")
    assert not is_listed()
    decide("true", "")
    expect(desk.page.locator(f'li[data-restaurant="{waiting}"]')).to_have_count(0)
    eventually(is_listed, "guests find it", pause=0.3)
    visitor.page.locator(f'[data-restaurant="{waiting}"] a.cover').click()
    expect(visitor.page.locator("h1")).to_have_text("Olu's Kitchen")
    expect(visitor.page.locator("main")).not_to_contain_text("does not take orders yet")
    page = one.go(f"/restaurant/{waiting}")
    expect(page.locator(".board-bar .tag.good")).to_be_visible()
    expect(page.locator("main")).not_to_contain_text("waits for approval")
    owner.close()


# MARK: Dead letters

@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_what_a_service_gave_up_on_is_handed_to_it_again(strict, window, scripts):
    one, other = (window(strict.admin, "desktop", at_server=strict, scripts=scripts) for _ in range(2))

    def ratings():
        return strict.place.owner.get(f"/api/restaurants/{strict.place.id}")["ratingCount"]

    before = ratings()
    page = one.go("/admin/dead-letters?service=catalog")
    letters = page.locator("[data-letter]")
    count = letters.count()
    letter = letters.first
    for words in ("order.rated", "WhenOrderRated", "the disk was full", "order:"):
        expect(letter).to_contain_text(words)
    number = letter.get_attribute("data-letter")
    other.go("/admin/dead-letters")
    letter.locator('form[action$="/replay"] button').click()
    page.wait_for_url(re.compile("done=replayed"))
    expect(page.locator(".message.good")).to_be_visible()
    expect(page.locator(f'[data-letter="{number}"]')).to_have_count(0)
    eventually(lambda: ratings() == before + 1, "the stars are counted")
    # Whoever replays it in another window is told that it is gone, and counts nothing twice.
    other.page.locator(f'[data-letter="{number}"] form[action$="/replay"] button').click()
    expect(other.page.locator(".message.bad")).to_be_visible()
    assert one.go("/admin/dead-letters").locator("[data-letter]").count() == count - 1
    assert ratings() == before + 1


def test_what_nobody_wants_any_more_is_dropped(strict, window):
    before = strict.place.owner.get(f"/api/restaurants/{strict.place.id}")["ratingCount"]
    page = window(strict.admin, "desktop", at_server=strict).go("/admin/dead-letters")
    letter = page.locator("[data-letter]").last
    number = letter.get_attribute("data-letter")
    letter.locator("details.confirm summary").click()
    letter.locator('form[action$="/drop"] button').click()
    page.wait_for_url(re.compile("done=dropped"))
    expect(page.locator(f'[data-letter="{number}"]')).to_have_count(0)
    assert strict.place.owner.get(f"/api/restaurants/{strict.place.id}")["ratingCount"] == before
