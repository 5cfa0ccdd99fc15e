"""The main job in four windows at once: who orders, who cooks, who rides and who watches the city see each other's steps as they happen."""

import re

import pytest
from playwright.sync_api import expect

import screens
from tiffin import eventually
from town import Town


@pytest.fixture(scope="module")
def town(server):
    town = Town(server)
    yield town
    town.close()


@pytest.mark.parametrize("device", ["phone", "desktop"])
def test_from_basket_to_door(town, world, window, device):
    place, rider = town.place, town.courier()
    kitchen = window(town.owner, "tablet")
    courier = window(rider, "phone", at=town.at(100, 100))
    city = window(world.admin, "desktop")
    guest = window(None, device, at=town.door["point"])

    kitchen.go(f"/restaurant/{place.id}")
    city.go("/admin")
    screens.start_shift(courier)
    ordered_before = int(re.sub(r"\D", "", city.page.locator('[data-pulse="placedToday"]').inner_text()) or 0)

    # Whoever is hungry looks around first, and says who they are when it is time to pay.
    screens.choose_place(guest)
    screens.fill_basket(guest, place)
    screens.check_out(guest)
    page = guest.page
    page.wait_for_url(re.compile("/sign-in"))
    page.locator('a[href^="/register"]').first.click()
    email = f"guest-{device}-{place.id[:8]}@journeys.example"
    for name, value in {"firstName": "Ada", "lastName": "Byron", "email": email, "password": "Journey-pass-7"}.items():
        page.locator(f"#register [name={name}]").fill(value)
    page.locator("#register button[type=submit]").click()
    page.wait_for_url(re.compile("/checkout"))
    total = screens.told(page.locator("#price [data-total]"))
    order = screens.pay(guest)
    screens.sees_step(guest, "pending")
    assert total in screens.told(page.locator("#receipt"))

    # From here on no window is loaded anew.
    for one in (guest, kitchen, courier, city):
        one.page.evaluate("window.wasHere = true")
    expect(screens.ticket(kitchen, order)).to_be_visible()
    expect(city.page.locator('[data-pulse="placedToday"]')).not_to_have_text(re.compile(rf"^{ordered_before}$"))

    screens.accept(kitchen, order)
    screens.sees_step(guest, "confirmed")
    screens.hears(guest, r"\w+")
    screens.cook(kitchen, order, "preparing")
    screens.sees_step(guest, "preparing")
    screens.take_offer(courier, order)
    expect(page.locator("#live .rider")).to_contain_text("Jo")
    screens.take_step(courier, "arrived_at_restaurant")
    screens.cook(kitchen, order, "ready_for_pickup")
    screens.sees_step(guest, "ready_for_pickup")
    screens.take_step(courier, "picked_up")
    screens.sees_step(guest, "out_for_delivery")

    # The courier rides; the customer sees where.
    expect(page.locator("#map .pin.courier")).to_be_visible()
    before = page.locator("#live").get_attribute("data-courier")
    courier.move_to(town.at(400, 300))
    expect(page.locator("#live")).not_to_have_attribute("data-courier", before)
    expect(page.locator("#seen [data-age]")).to_be_visible()

    code = screens.told(page.locator("[data-code]"))
    screens.take_step(courier, "arrived_at_customer")
    wrong = f"{(int(code) + 1) % 10000:04d}"
    screens.take_step(courier, "delivered", code=wrong)
    expect(courier.page.locator("#f-handOverCode-error")).to_be_visible()
    screens.take_step(courier, "delivered", code=code)
    expect(courier.page.locator("#told")).to_contain_text("£")
    screens.sees_step(guest, "delivered")
    expect(screens.ticket(kitchen, order)).to_have_count(0)

    # Done, paid and worth five stars.
    page.locator('#rating-form label:has([name=stars][value="5"])').click()
    page.locator('#rating-form label:has([name=deliveryStars][value="4"])').click()
    page.locator("#rating-form [name=comment]").fill("Hot & good")
    for one in (guest, kitchen, courier, city):
        assert one.page.evaluate("window.wasHere"), f"{one.name} was loaded anew"
    page.locator("#rating-form button[type=submit]").click()
    expect(page.locator("#rating")).to_contain_text("Hot & good")
    final = eventually(lambda: (o := world.admin.get(f"/api/orders/{order}")).get("rating") and o, "the rating is kept")
    assert final["status"] == "delivered" and final["rating"] == 5
    payment = eventually(
        lambda: [p for p in world.admin.get(f"/api/payments?orderId={order}")["items"] if p["status"] == "succeeded"], "the payment is captured")
    assert len(payment) == 1 and payment[0]["captures"] == 1
    rider.patch("/api/delivery-partner", {"status": "offline"})
