"""The web apps when things go wrong: no line, a reload in the middle, two at one thing, second taps, wrong input, no scripts."""

import re
import threading

import httpx
import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

import screens
from tiffin import eventually
from town import Town


@pytest.fixture(scope="module")
def town(server):
    town = Town(server, north=120_000)
    yield town
    town.close()


def status_of(town, order):
    return town.owner.get(f"/api/orders/{order}")["status"]


def comes_to(town, order, status):
    eventually(lambda: status_of(town, order) == status, f"the order is {status}")


def test_reloads_and_lost_lines_at_every_step(town, window):
    guest_person, rider = town.hungry("Lina"), town.courier()
    guest, kitchen, courier = window(guest_person), window(town.owner, "tablet"), window(rider, at=town.at(100, 100))
    screens.start_shift(courier)
    kitchen.go(f"/restaurant/{town.place.id}")
    page = guest.go("/checkout")
    guest.ready()

    # What was typed outlives a reload, and a tap without a line.
    page.locator('[name="deliveryAddress.instructions"]').fill("Blue door")
    page.reload()
    guest.ready()
    expect(page.locator('[name="deliveryAddress.instructions"]')).to_have_value("Blue door")
    expect(page.locator("#price [data-total]")).to_be_visible()
    guest.offline()
    page.locator("#pay").click()
    expect(page.locator("#toasts .toast")).to_be_visible()
    expect(page.locator("#offline-note")).to_be_visible()
    guest.offline(False)
    expect(page.locator("#offline-note")).to_have_count(0)
    order = screens.pay(guest)
    assert len(guest_person.get("/api/orders")["items"]) == 1
    assert guest_person.get(f"/api/orders/{order}")["deliveryAddress"]["instructions"] == "Blue door"

    # The kitchen accepts without a line: the ticket moves at once, the server hears of it later.
    expect(screens.ticket(kitchen, order)).to_be_visible()
    kitchen.offline()
    screens.ticket(kitchen, order).locator('form[data-step="confirmed"] button').first.click()
    expect(kitchen.page.locator(f'#column-confirmed [data-order="{order}"]')).to_be_visible()
    page.reload()
    screens.sees_step(guest, "pending")
    kitchen.page.wait_for_timeout(6000)
    assert status_of(town, order) == "pending"
    kitchen.offline(False)
    comes_to(town, order, "confirmed")
    screens.sees_step(guest, "confirmed")
    # It reloads before its next tap was sent.
    expect(kitchen.page.locator(f'[data-order="{order}"][data-status="confirmed"]')).to_be_visible()
    screens.ticket(kitchen, order).locator('form[data-step="preparing"] button').click()
    kitchen.page.reload()
    comes_to(town, order, "preparing")
    expect(kitchen.page.locator(f'[data-order="{order}"][data-status="preparing"]')).to_be_visible()

    # The guest misses steps while there is no line, and catches up without being asked.
    guest.offline()
    courier.page.reload()
    screens.take_offer(courier, order)
    town.place.move(order, "ready_for_pickup")
    page.wait_for_timeout(500)
    expect(page.locator("#live")).to_have_attribute("data-status", re.compile("confirmed|preparing"))
    guest.offline(False)
    screens.sees_step(guest, "ready_for_pickup")

    # The courier rides through a dead zone: taps count with the times at which they were made.
    courier.offline()
    screens.take_step(courier, "arrived_at_restaurant")
    screens.take_step(courier, "picked_up")
    expect(courier.page.locator("#unsent")).to_be_visible()
    assert status_of(town, order) == "ready_for_pickup"
    courier.page.wait_for_timeout(4500)
    courier.offline(False)
    comes_to(town, order, "out_for_delivery")
    screens.sees_step(guest, "out_for_delivery")
    courier.page.reload()
    screens.take_step(courier, "arrived_at_customer")
    courier.page.reload()
    expect(courier.page.locator('[data-stage="arrived_at_customer"]')).to_be_visible()
    page.reload()
    code = screens.told(page.locator("[data-code]"))
    courier.offline()
    screens.take_step(courier, "delivered", code=code)
    courier.page.wait_for_timeout(500)
    courier.offline(False)
    screens.sees_step(guest, "delivered")
    history = [step["status"] for step in guest_person.get(f"/api/orders/{order}")["history"] if step.get("from") != step["status"]]
    assert history == ["pending", "confirmed", "preparing", "ready_for_pickup", "out_for_delivery", "delivered"], "every step once"
    rider.patch("/api/delivery-partner", {"status": "offline"})


def test_two_tablets_accept_one_order(town, window):
    order = town.order(town.guest("Tom"), "pickup")["id"]
    tablets = [window(town.owner, "tablet") for _ in range(2)]
    for tablet in tablets:
        tablet.go(f"/restaurant/{town.place.id}")
        expect(screens.ticket(tablet, order)).to_be_visible()
    for tablet in tablets:
        screens.ticket(tablet, order).locator('form[data-step="confirmed"] button').first.click()
    comes_to(town, order, "confirmed")
    number = screens.ticket(tablets[0], order).get_attribute("data-number")

    def who_is_told():
        return [one for one in tablets if any(number in text and "faster" in text for text in one.page.locator(".toast").all_inner_texts())]

    told = eventually(who_is_told, "the other is told", seconds=20)
    assert len(told) == 1, "one accepted it, the other was too late"
    for tablet in tablets:
        expect(tablet.page.locator(f'[data-order="{order}"][data-status="confirmed"]')).to_be_visible()
    assert [step["status"] for step in town.owner.get(f"/api/orders/{order}")["history"]].count("confirmed") == 1


def test_back_after_paying_and_second_taps_make_no_second_order(town, window):
    person = town.hungry("Ben")
    guest = window(person)
    page = guest.go("/basket")
    page.locator("[data-checkout]").click()
    page.wait_for_url("**/checkout")
    guest.ready()
    expect(page.locator("#price [data-total]")).to_be_visible()
    page.locator("#pay").dblclick()
    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}"))
    page.go_back()
    page.wait_for_load_state()
    if page.locator("#pay").count():
        page.locator("#pay").click()
        page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}"))
    page.goto("/checkout")
    expect(page).to_have_url(re.compile(r"/orders/[0-9a-f-]{36}"))
    assert len(person.get("/api/orders")["items"]) == 1


def test_a_form_that_comes_twice_at_once_makes_one_order(town, window):
    """As from a browser without scripts, whose person taps twice: the same form, word for word."""
    person = town.hungry("Eve")
    answer = person.ask("POST", "/api/auth/login", {"email": person.email, "password": person.password}, expect=200)
    cookies = dict(answer.cookies)
    page = httpx.get(f"{town.server.url}/checkout", cookies=cookies, headers={"Accept": "text/html"}).text
    form = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ("idempotencyKey", "expectedTotal", "addressId")}
    form |= {"fulfilment": "delivery", "payment.method": "card", "payment.cardToken": "tok_approve", "tip": "", "do": "order", "wantedAt": ""}
    places = []

    def send():
        answer = httpx.post(f"{town.server.url}/checkout", data=form, cookies=cookies, headers={"Accept": "text/html", "Origin": town.server.url}, timeout=30)
        places.append((answer.status_code, answer.headers.get("location")))

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    orders = person.get("/api/orders")["items"]
    assert len(orders) == 1, places
    assert all(status == 303 and place == f"/orders/{orders[0]['id']}" for status, place in places), places


#: Who fills which form: the page, the form, what is typed, and which fields are wrong.
FORMS = [
    ("nobody", "/register", "#register", {"firstName": "Ada", "email": "no address", "password": "short"}, ["email", "password"]),
    ("nobody", "/register?for=courier", "#register", {"firstName": "Ada", "email": "", "phone": "12", "password": "Good-enough-7"}, ["email"]),
    ("nobody", "/sign-in", "#by-email", {"email": "nobody@journeys.example", "password": "Wrong-pass-7"}, ["password"]),
    ("guest", "/account", "#profile", {"firstName": "Ada", "phone": "12"}, ["phone"]),
    ("guest", "/account/addresses/new", "#address", {"label": "", "text": "7 Tar Street", "point.latitude": "95", "point.longitude": "-6.4"},
     ["label", "point.latitude"]),
    ("guest", "/account/security", "#password", {"password": "Wrong-pass-7", "newPassword": "short"}, ["newPassword"]),
    ("owner", "/restaurant/new", "#founding", {"name": "", "phone": "1", "address": "1 Quay Street"}, ["name"]),
    ("owner", "/restaurant/{restaurant}/menu/items/{soup}", "#item", {"name": "", "price": "much", "description": "Of the day"}, ["name", "price"]),
    ("owner", "/restaurant/{restaurant}/settings", "#settings", {"name": "", "description": "Soups"}, ["name"]),
    ("owner", "/restaurant/staff", "#new-staff", {"username": "", "firstName": "Kim", "email": "kim@journeys.example"}, ["username"]),
]


@pytest.mark.parametrize("who, path, selector, typed, wrong", FORMS, ids=[f"{who}{path}" for who, path, *_ in FORMS])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_wrong_form_says_so_beside_its_fields_and_forgets_nothing(who, path, selector, typed, wrong, scripts, town, window):
    person = {"nobody": None, "guest": town.people[0] if town.people else town.guest(), "owner": town.owner}[who]
    one = window(person, scripts=scripts)
    page = one.go(path.format(restaurant=town.place.id, soup=town.place.soup["id"]))
    form = page.locator(selector)
    for name, value in typed.items():
        field = form.locator(f'[name="{name}"]').first
        if not field.is_visible():
            field.evaluate("(field) => field.closest('details')?.setAttribute('open', '')") if scripts else field.locator("xpath=ancestor::details/summary").first.click()
        field.fill(value)
    # What the browser itself would refuse is asked of the server.
    form.evaluate("(form) => { form.noValidate = true; }")
    buttons = form.locator("button[type=submit]:not([tabindex='-1']), button:not([type])")
    save = form.locator(".dock-row button[value=save]")
    (save if save.count() else buttons.last).click()
    for name in wrong:
        field = page.locator(f'{selector} [name="{name}"][aria-invalid="true"]').first
        expect(field).to_be_attached()
        described = field.get_attribute("aria-describedby").split()
        said = " ".join(screens.told(page.locator(f"[id='{each}']")) for each in described)
        assert said, f"nothing is said beside {name}"
    for name, value in typed.items():
        if "assword" not in name and value:
            expect(page.locator(f'{selector} [name="{name}"]').first).to_have_value(value)


def test_without_scripts_a_guest_orders_a_kitchen_cooks_and_a_courier_rides(town, window):
    rider = town.courier("Plain Rider")
    person = town.guest("Plain")
    guest, kitchen, courier = (window(each, "phone", scripts=False) for each in (person, town.owner, rider))
    page = guest.go(f"/restaurants/{town.place.id}")
    page.locator(f'#item-{town.place.soup["id"]} form.quick button').click()
    page.goto(f"/restaurants/{town.place.id}/items/{town.place.pie['id']}")
    page.locator("label.check", has_text="Peas").locator("input").evaluate("(box) => { box.checked = false; }")
    page.locator("#dish-form button[type=submit]").last.click()
    expect(page.locator("#dish-form .error").first).to_be_visible()
    page.locator("label.check", has_text="Peas").click()
    page.locator("#dish-form button[type=submit]").last.click()
    page.goto("/basket")
    page.locator("[data-checkout]").click()
    page.locator('[name="deliveryAddress.text"]').fill("7 Tar Street")
    for name, value in town.door["point"].items():
        page.locator(f'[name="deliveryAddress.point.{name}"]').fill(str(value))
    page.locator("#refresh-price").click()
    expect(page.locator("#price [data-total]")).to_be_visible()
    page.locator("#pay").click()
    page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}"))
    order = page.locator("#order").get_attribute("data-order")
    # Back brings no second one.
    try:
        page.go_back()
    except PlaywrightError as fault:
        # The price was asked for with a form: the browser asks whether that is to be sent again.
        assert "ERR_CACHE_MISS" in str(fault)
        page = guest.page = guest.context.new_page()
    page.goto("/checkout")
    expect(page).to_have_url(re.compile(f"/orders/{order}"))
    assert len(person.get("/api/orders")["items"]) == 1

    courier.go("/courier").locator("#shift button").click()
    courier.page.locator("[name=latitude]").fill(str(town.at(100, 100)["latitude"]))
    courier.page.locator("[name=longitude]").fill(str(town.at(100, 100)["longitude"]))
    courier.page.locator("form[action='/courier/position'] button").click()

    kitchen.go(f"/restaurant/{town.place.id}")
    screens.ticket(kitchen, order).locator('form[data-step="confirmed"] button').first.click()
    comes_to(town, order, "confirmed")
    kitchen.go(f"/restaurant/{town.place.id}")
    screens.cook(kitchen, order, "preparing")

    def is_asked():
        return courier.go("/courier").locator(f'[data-offer][data-order="{order}"]').count()
    eventually(is_asked, "the courier is asked", pause=1.0)
    screens.take_offer(courier, order)
    screens.take_step(courier, "arrived_at_restaurant")
    kitchen.go(f"/restaurant/{town.place.id}")
    screens.ticket(kitchen, order).locator('form[data-step="ready_for_pickup"] button').click()
    comes_to(town, order, "ready_for_pickup")
    screens.take_step(courier, "picked_up")
    code = screens.told(guest.go(f"/orders/{order}").locator("[data-code]"))
    screens.take_step(courier, "arrived_at_customer")
    screens.take_step(courier, "delivered", code=code)
    comes_to(town, order, "delivered")
    expect(guest.go(f"/orders/{order}").locator('#order[data-status="delivered"]')).to_be_attached()
    rider.patch("/api/delivery-partner", {"status": "offline"})
