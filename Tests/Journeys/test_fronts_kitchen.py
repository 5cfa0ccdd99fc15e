"""What the restaurant's app lets its kitchen do, and what its managers set up: in windows of a browser."""

import re

import pytest
from playwright.sync_api import expect

import screens
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


def test_each_reads_the_reason_in_their_own_language(town, world, window):
    """A German tablet declines, a French guest and a Spanish operator read why; what somebody typed stays as it is."""
    place, person = town.place, town.guest("Zoe")
    order = town.order(person, "pickup")["id"]
    kitchen = window(town.owner, "tablet", language="de")
    kitchen.go(f"/restaurant/{place.id}")
    screens.ticket(kitchen, order).locator("details.reject summary").click()
    screens.ticket(kitchen, order).get_by_role("button", name="Etwas ist ausverkauft").click()
    eventually(lambda: person.get(f"/api/orders/{order}")["status"] == "rejected", "the order is declined")
    assert person.get(f"/api/orders/{order}")["history"][-1]["reason"] == "out_of_stock"
    expect(kitchen.go(f"/restaurant/{place.id}/orders/{order}").locator("ol.list")).to_contain_text("Etwas ist ausverkauft")
    guest = window(person, language="fr")
    expect(guest.go(f"/orders/{order}").locator("#live .message").first).to_have_text("Un plat est épuisé")
    expect(guest.go("/orders").locator(f'[data-order="{order}"]')).to_contain_text("Un plat est épuisé")
    operator = window(world.admin, "desktop", language="es")
    expect(operator.go(f"/admin/orders/{order}").locator('[data-part="history"]')).to_contain_text("Algo se ha agotado")
    other = town.order(person, "pickup")["id"]
    place.move(other, "rejected", reason="too_busy: try_after nine: please")
    expect(guest.go(f"/orders/{other}").locator("#live .message").first).to_have_text("Trop de commandes en ce moment: try_after nine: please")


def test_what_a_courier_reports_is_read_by_everybody(town, world, window):
    person, rider = town.guest("Yan"), town.courier("Rae Rider")
    order = town.order(person)
    town.send_off(rider, order)
    courier = window(rider, language="hi")
    page = courier.go("/courier")
    courier.ready()
    page.locator(".trouble summary").click()
    form = page.locator("[data-fail]:visible")
    form.locator("[name=reason]").select_option("customer_unreachable")
    form.locator("[name=details]").fill("rang twice")
    form.locator("button").click()
    ended = eventually(lambda: (o := person.get(f"/api/orders/{order['id']}"))["status"] == "cancelled" and o, "the order ends", seconds=20)
    assert ended["history"][-1]["reason"] == "delivery_failed: customer_unreachable: rang twice"
    expect(courier.go("/courier/deliveries").locator("main")).to_contain_text("दरवाज़े पर कोई नहीं है: rang twice")
    guest = window(person, language="de")
    expect(guest.go(f"/orders/{order['id']}").locator("#live .message").first).to_have_text(
        "Die Lieferung ist gescheitert: Niemand an der Tür: rang twice")
    operator = window(world.admin, "desktop", language="ar")
    expect(operator.go(f"/admin/orders/{order['id']}").locator('[data-part="history"]')).to_contain_text("لا أحد عند الباب")
    rider.patch("/api/delivery-partner", {"status": "offline"})


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_fee_of_ones_own_goes_back_to_the_platforms(scripts, town, window):
    place = town.place
    one = window(town.owner, "desktop", scripts=scripts)

    def save(base, per):
        page = one.go(f"/restaurant/{place.id}/settings")
        for name, value in {"base": base, "perKilometer": per, "freeKilometers": "", "maximum": ""}.items():
            page.locator(f'[name="deliveryFee.{name}"]').fill(value)
        page.locator(".dock-row button[value=save]").click()
        expect(page.locator(".message.good")).to_be_visible()
        return town.owner.get(f"/api/restaurants/{place.id}").get("deliveryFee")

    assert save("2.50", "0.40")["base"] == "2.50"
    assert save("", "") is None


def test_the_staff_page_shows_the_way_in(town, window):
    one = window(town.owner, "desktop", permissions=["clipboard-read", "clipboard-write"])
    page = one.go("/restaurant/staff")
    one.ready()
    address = f"{town.server.url}/sign-in?for=restaurant&tenant={town.place.tenant['id']}"
    expect(page.locator("#way-in a")).to_have_text(address)
    page.locator("[data-copies=way-in]").click()
    expect(page.locator(".toast")).to_have_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == address


def test_rows_that_were_not_saved_come_back(town, window):
    place = town.place
    one = window(town.owner, "desktop")
    page = one.go(f"/restaurant/{place.id}/hours")
    one.ready()
    page.locator('[value="addClosure"]').click()
    page.locator('[name="closures[0].firstDay"]').fill("2031-12-24")
    page.locator('[name="closures[0].lastDay"]').fill("2031-12-26")
    page.locator('[name="closures[0].reason"]').fill("Christmas")
    page.reload()
    expect(page.locator('[name="closures[0].reason"]')).to_have_value("Christmas")
    page.locator(".dock-row button[value=save]").click()
    expect(page.locator(".message.good")).to_be_visible()
    assert [each["reason"] for each in town.owner.get(f"/api/restaurants/{place.id}")["closures"]] == ["Christmas"]
    # What was saved is what the page shows from now on, and what was removed elsewhere does not come back.
    town.owner.patch(f"/api/restaurants/{place.id}", {"closures": []})
    page.reload()
    expect(page.locator('[value="addClosure"]')).to_be_visible()
    expect(page.locator('[name="closures[0].reason"]')).to_have_count(0)
    dish = f"/restaurant/{place.id}/menu/items/{place.soup['id']}"
    page.goto(dish)
    one.ready()
    page.locator('[value="addGroup"]').click()
    page.locator('[name="optionGroups[0].name"]').fill("Bread")
    page.locator('[value="addOption:0"]').click()
    page.locator('[name="optionGroups[0].options[1].name"]').fill("Rye")
    page.locator('[name="optionGroups[0].options[1].isAvailable"]').uncheck()
    page.reload()
    expect(page.locator('[name="optionGroups[0].options[1].name"]')).to_have_value("Rye")
    expect(page.locator('[name="optionGroups[0].name"]')).to_have_value("Bread")
    expect(page.locator('[name="optionGroups[0].options[1].isAvailable"]')).not_to_be_checked()
    # Somebody saved the dish meanwhile: theirs counts.
    town.owner.patch(f"/api/menus/items/{place.soup['id']}", {"description": "Hot"})
    page.reload()
    expect(page.locator('[value="addGroup"]')).to_be_visible()
    expect(page.locator('[name="optionGroups[0].name"]')).to_have_count(0)
