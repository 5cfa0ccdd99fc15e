"""What the restaurant's app lets its kitchen do, and what its managers set up: in windows of a browser."""

import re

import pytest
from playwright.sync_api import expect

from tiffin import eventually
from town import Town
from world import PASSWORD


@pytest.fixture(scope="module")
def town(server):
    town = Town(server, north=120_000)
    yield town
    town.close()


def tablet_of(town, window, role, **more):
    """A tablet on which somebody of that role signed in by the link that the staff page shows."""
    first = town.owner.post(f"/api/tenants/{town.place.tenant['id']}/staff", {"username": f"{role}-tablet", "role": role})
    one = window(device="tablet", **more)
    page = one.go(f"/sign-in?for=restaurant&tenant={town.place.tenant['id']}")
    one.ready()
    expect(page.locator("[name=tenantId]")).to_have_value(town.place.tenant["id"])
    page.locator("[name=username]").fill(f"{role}-tablet")
    page.locator("[name=password]").fill(first["firstPassword"])
    page.locator("[name=password]").press("Enter")
    page.locator("[name=newPassword]").fill(PASSWORD)
    page.locator("[name=newPassword]").press("Enter")
    page.wait_for_url(re.compile(rf"/restaurant/{town.place.id}$"))
    return one


@pytest.mark.parametrize("role", ["kitchen_staff", "waiter"])
def test_who_works_there_switches_dishes_off_and_pauses(role, town, window):
    place, owner = town.place, town.owner
    one = tablet_of(town, window, role)
    page = one.page
    page.locator("#busy summary").click()
    page.locator('#pause [value="30"]').click()
    eventually(lambda: not owner.get(f"/api/restaurants/{place.id}")["isOpen"], "the restaurant pauses")
    page.locator("#busy summary").click()
    page.locator('#pause [value="false"]').click()
    eventually(lambda: owner.get(f"/api/restaurants/{place.id}")["isOpen"], "it goes on")
    page.locator("#busy summary").click()
    page.locator("#preparationMinutes").fill("35")
    page.locator("#preparation button").click()
    eventually(lambda: owner.get(f"/api/restaurants/{place.id}")["preparationMinutes"] == 35, "the kitchen needs longer")
    # The navigation leads to what they may change, and to nothing else.
    places = page.locator("header nav a")
    expect(places).to_have_count(4)
    page.locator(f'header nav a[href$="/availability"]').click()
    one.ready()
    line = page.locator(f'[data-item="{place.soup["id"]}"]')

    def soup():
        return owner.get(f"/api/menus/items/{place.soup['id']}")

    line.locator('[value="hour"]').click()
    expect(line).to_have_attribute("data-available", "false")
    eventually(lambda: not soup()["isAvailable"] and soup()["unavailableUntil"], "guests are not offered it", seconds=20)
    line.locator(".when-off button").click()
    eventually(lambda: soup()["isAvailable"], "the soup is back", seconds=20)
    for path in ("menu", "hours", "settings"):
        one.go(f"/restaurant/{place.id}/{path}", status=403)


def test_without_scripts_the_kitchen_switches_a_dish_off(town, window):
    kitchen = town.place.hire("kitchen_staff")
    one = window(device="tablet", scripts=False)
    answer = kitchen.ask("POST", "/api/auth/staff/login", {
        "tenantId": town.place.tenant["id"], "username": kitchen.user["username"], "password": PASSWORD}, expect=200)
    one.context.add_cookies([{"name": name, "value": value, "url": town.server.url} for name, value in answer.cookies.items()])
    page = one.go(f"/restaurant/{town.place.id}/availability")
    page.locator(f'[data-item="{town.place.pie["id"]}"] [value="today"]').click()
    expect(page.locator(f'[data-item="{town.place.pie["id"]}"]')).to_have_attribute("data-available", "false")
    page.locator(f'[data-item="{town.place.pie["id"]}"] .when-off button').click()
    expect(page.locator(f'[data-item="{town.place.pie["id"]}"]')).to_have_attribute("data-available", "true")
