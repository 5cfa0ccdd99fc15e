"""People of the web apps and what they do in their windows, in words of what they see."""

import re

from tiffin import eventually
from world import Courier, Person, Place, key, near

#: Far from where the other journeys eat, so that no courier of theirs gets an offer from here.
NORTH = 60_000


class Town:
    """A restaurant by itself, with guests, couriers and orders in every state, made by the public interface."""

    def __init__(self, server, north=NORTH, **more):
        self.server, self.north, self.people = server, north, []
        self.place = Place(server, north, 0, name="Harbour Kitchen", description="Soups and pies", **more)
        self.owner = self.place.owner

    def at(self, north=0.0, east=0.0):
        return near(self.north + north, east)

    @property
    def door(self):
        return {"text": "7 Tar Street", "point": self.at(600, 400)}

    def guest(self, first="Ada"):
        self.people.append(Person(self.server).register(firstName=first))
        return self.people[-1]

    def hungry(self, first, *more):
        """A guest who has an address and two soups in the basket, and one of each other dish that is named."""
        guest = self.guest(first)
        for dish, quantity in [(self.place.soup, 2), *((dish, 1) for dish in more)]:
            guest.post("/api/cart/items", {"restaurantId": self.place.id, "menuItemId": dish["id"], "quantity": quantity}, expect=201)
        guest.post("/api/users/addresses", {"label": "Home", **self.door}, expect=201)
        return guest

    def dish(self, name, price="5.00"):
        """One more dish on the menu, for what happens to it."""
        return self.owner.post("/api/menus/items/batch", {"restaurantId": self.place.id, "items": [
            {"categoryId": self.place.category["id"], "name": name, "price": price}]})["items"][0]

    def courier(self, name="Jo Rider", north=100.0, east=100.0):
        """Signed up, and offline until somebody opens a window or sends a position."""
        courier = Courier(self.server).register(role="delivery_partner")
        courier.partner = courier.post("/api/delivery-partner", {"vehicleType": "bicycle", "name": name})
        self.people.append(courier)
        return courier

    def order(self, guest, fulfilment="delivery", **more):
        body = self.place.order(fulfilment, **more)
        if fulfilment == "delivery":
            body["deliveryAddress"] = self.door
        return guest.post("/api/orders", body, expect=201, headers=key())

    def go_on(self, courier, north=100.0, east=100.0):
        courier.patch("/api/delivery-partner", {"status": "available"})
        courier.post("/api/delivery-partner/location", self.at(north, east))

    def hand_to(self, courier, order):
        """Lets the courier have the order's delivery."""
        self.go_on(courier)
        offer = eventually(
            lambda: next((o for o in courier.get("/v1/partner/offers")["items"] if o["orderId"] == order["id"]), None), "the courier is asked")
        return courier.post(f"/v1/partner/offers/{offer['offerId']}/accept")

    def send_off(self, courier, order):
        """Everything from the kitchen to the courier's bag; answers the delivery."""
        self.place.move(order["id"], "confirmed", readyInMinutes=1)
        self.place.move(order["id"], "preparing")
        delivery = self.hand_to(courier, order)
        courier.step(delivery["id"], "arrived_at_restaurant")
        self.place.move(order["id"], "ready_for_pickup")
        courier.step(delivery["id"], "picked_up")
        return delivery

    def bring(self, guest, courier, order):
        """Everything from the kitchen to the door."""
        delivery = self.send_off(courier, order)
        code = guest.get(f"/api/tracking/{order['id']}")["handOverCode"]
        courier.step(delivery["id"], "arrived_at_customer")
        courier.step(delivery["id"], "delivered", handOverCode=code)
        return eventually(lambda: (o := guest.get(f"/api/orders/{order['id']}"))["status"] == "delivered" and o, "the order is delivered")

    def close(self):
        """Everybody goes home: who stays about would be asked for what comes after."""
        for person in [self.owner, *self.people]:
            if getattr(person, "partner", None):
                person.patch("/api/delivery-partner", {"status": "offline"}, expect=(200, 401))
            person.close()


def plain(text):
    """Without the marks that steer direction, and with blanks of one kind."""
    return re.sub(r"\s+", " ", re.sub("[\u200e\u200f\u061c\u2066-\u2069]", "", text)).strip()
