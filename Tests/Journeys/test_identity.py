"""Ways in, sessions and what they leave behind, each against a real counterpart."""

import csv
import io
import json
import re
import time
import urllib.parse
import uuid

import httpx
import jwt
import pyotp
import pytest

from providers import IdentityProvider, MailServer, TextProvider
from tiffin import eventually
from world import PASSWORD, Person

pytestmark = pytest.mark.filterwarnings("ignore")


def a_number():
    return f"+4420{uuid.uuid4().int % 10**8:08d}"


def logged_code(server, number, seen=()):
    """The code that the log sender wrote for a number."""
    for line in server.log.read_text(errors="replace").splitlines():
        if f'"to":"{number}"' in line and (code := re.search(r"code is (\d{6})", line)) and code[1] not in seen:
            return code[1]
    return None


@pytest.mark.parametrize("ask, answer", [
    ("/api/auth/send-otp", "/api/auth/verify-otp"), ("/api/auth/customer/request-otp", "/api/auth/customer/verify-otp")])
def test_phone_code_from_the_log(world, ask, answer):
    number, visitor = a_number(), Person(world.server)
    sent = visitor.post(ask, {"phone": number})
    assert sent["expiresAt"] > sent["resendAt"]
    again = visitor.ask("POST", ask, {"phone": number}, expect=429)
    assert again.json()["code"] == "code_sent_just_now" and int(again.headers["Retry-After"]) == 30
    code = eventually(lambda: logged_code(world.server, number), "the code is in the log")
    wrong = "000000" if code != "000000" else "000001"
    assert visitor.ask("POST", answer, {"phone": number, "otp": wrong}, expect=401).json()["code"] == "code_wrong"
    visitor.signed(visitor.post(answer, {"phone": number, "otp": code}))
    assert visitor.get("/api/auth/me")["phone"] == number
    visitor.token = None
    visitor.ask("POST", answer, {"phone": number, "otp": code}, expect=401)


def test_phone_code_through_a_provider(fresh):
    with TextProvider() as provider:
        provider.refusals = 1
        server = fresh(sms__sender="msg91", sms__msg91Url=provider.url, sms__msg91Key="secret-key", sms__msg91Template="65f1").start()
        visitor, number = Person(server), a_number()
        visitor.post("/api/auth/send-otp", {"phone": number})
        eventually(lambda: len(provider.requests) >= 2, "what was refused is sent again", 40)
        for path, headers, body in provider.requests:
            assert path == "/api/v5/flow" and headers["authkey"] == "secret-key"
            assert body["template_id"] == "65f1" and body["recipients"][0]["mobiles"] == number[1:]
        code = provider.requests[-1][2]["recipients"][0]["otp"]
        visitor.signed(visitor.post("/api/auth/verify-otp", {"phone": number, "otp": code}))
        log = server.log.read_text(errors="replace")
        assert code not in log and "secret-key" not in log
        settings = [line for line in log.splitlines() if "msg91" in line]
        assert not any("secret-key" in line for line in settings)


def test_forgotten_password(fresh):
    with MailServer() as mail:
        server = fresh(mail__smtpUrl=mail.url, web__publicUrl="https://food.example.com").start()
        person = Person(server).register()
        visitor = Person(server)
        for address in (person.email, "nobody@journeys.example"):
            visitor.ask("POST", "/api/auth/forgot-password", {"email": address}, expect=202)
        eventually(lambda: mail.letters, "a letter comes")
        time.sleep(1.5)  # long enough for a second letter, which must not come
        assert len(mail.letters) == 1
        recipients, subject, text = mail.letters[0]
        assert recipients == [person.email] and "password" in subject
        token = re.search(r"https://food\.example\.com/reset-password\?token=(\S+)", text)[1]
        visitor.post("/api/auth/reset-password", {"token": token, "newPassword": "Another-pass-8"})
        assert visitor.ask("POST", "/api/auth/reset-password", {"token": token, "newPassword": "Yet-another-9"}).status_code == 401
        assert person.ask("GET", "/api/auth/me").status_code == 401, "every session ended"
        visitor.ask("POST", "/api/auth/login", {"email": person.email, "password": PASSWORD}, expect=401)
        Person(server, person.email, "Another-pass-8").log_in()
        assert token not in server.log.read_text(errors="replace")


def test_staff_and_their_second_factor(world):
    owner, tenant = world.place.owner, world.place.tenant["id"]
    name = f"kim-{uuid.uuid4().hex[:6]}"
    made = owner.post(f"/api/tenants/{tenant}/staff", {"username": name, "role": "waiter"})
    kim = Person(world.server)
    sign_in = {"tenantId": tenant, "username": name, "password": made["firstPassword"]}
    assert kim.ask("POST", "/api/auth/staff/login", sign_in, expect=403).json()["code"] == "password_change_required"
    kim.signed(kim.post("/api/auth/staff/first-password", {**sign_in, "newPassword": PASSWORD}))
    assert kim.user["roles"] == ["waiter"] and kim.user["tenantId"] == tenant
    offer = kim.post("/api/auth/second-factor", {"password": PASSWORD})
    app = pyotp.parse_uri(offer["uri"])
    assert app.secret == offer["secret"]
    codes = kim.post("/api/auth/second-factor/confirm", {"code": app.now()})["recoveryCodes"]
    sign_in["password"] = PASSWORD
    visitor = Person(world.server)
    assert visitor.ask("POST", "/api/auth/staff/login", sign_in, expect=401).json()["code"] == "second_factor_required"
    # The code of the step that follows is taken too: no need to wait for it.
    visitor.signed(visitor.post("/api/auth/staff/login", {**sign_in, "code": app.at(int(time.time()) + 30)}))
    visitor.token = None
    visitor.signed(visitor.post("/api/auth/staff/login", {**sign_in, "code": codes[0]}))
    assert Person(world.server).ask("POST", "/api/auth/staff/login", {**sign_in, "code": codes[0]}).json()["code"] == "second_factor_wrong"
    owner.patch(f"/api/tenants/{tenant}/staff/{kim.user['id']}", {"isDisabled": True})
    assert visitor.ask("GET", "/api/auth/me").status_code == 401, "who is disabled is out at once"
    visitor.token = None
    visitor.ask("POST", "/api/auth/staff/login", {**sign_in, "code": codes[1]}, expect=403)
    rival = world.other_place.owner
    rival.ask("GET", f"/api/tenants/{tenant}/staff", expect=403)
    assert name in [member.get("username") for member in owner.all(f"/api/tenants/{tenant}/staff")]


def test_keys_of_machines(world):
    owner, tenant = world.place.owner, world.place.tenant["id"]
    made = owner.post(f"/api/tenants/{tenant}/api-keys", {"name": "Till 1", "role": "manager", "scopes": ["catalog:read", "ordering:read"]})
    till = Person(world.server)
    till.token = made["secret"]
    till.get("/api/orders")
    till.get("/api/my-restaurants")
    answer = till.ask("PATCH", f"/api/restaurants/{world.place.id}", {"priceLevel": 3}, expect=403)
    assert answer.json()["code"] == "scope_missing"
    till.ask("POST", f"/api/tenants/{tenant}/api-keys", {"name": "x", "scopes": ["catalog:write"]}, expect=403)
    till.ask("GET", "/api/auth/sessions", expect=403)
    listed = owner.all(f"/api/tenants/{tenant}/api-keys")
    assert made["secret"] not in json.dumps(listed)

    def last_used():
        return next(k for k in owner.all(f"/api/tenants/{tenant}/api-keys") if k["id"] == made["apiKey"]["id"]).get("lastUsedAt")

    eventually(last_used, "its use is written down")
    owner.ask("DELETE", f"/api/tenants/{tenant}/api-keys/{made['apiKey']['id']}", expect=200)
    assert till.ask("GET", "/api/orders").status_code == 401


def come_back(server, provider, person, start="/api/auth/external/oidc", callback="/api/auth/oidc/callback", browser=None):
    """What a browser does: to the provider, and back with what it says."""
    browser = browser or httpx.Client(base_url=server.url, timeout=20)
    begun = browser.get(start)
    assert begun.status_code == 302, begun.text
    place = begun.headers["location"]
    assert "SameSite=Lax" in begun.headers["set-cookie"] and "HttpOnly" in begun.headers["set-cookie"]
    agreed = httpx.post(place, data={"sub": person})
    assert agreed.status_code == 302, agreed.text
    back = urllib.parse.urlparse(agreed.headers["location"])
    assert back.path == callback
    return browser, f"{back.path}?{back.query}"


def test_a_provider_vouches(fresh):
    with IdentityProvider() as provider:
        server = fresh(
            identity__oidcIssuer=provider.url, identity__oidcClientId="tiffin", identity__oidcClientSecret="s3cret",
            identity__googleIssuer=provider.url, identity__googleClientId="tiffin-google",
            identity__googleClientSecret="s3cret").start()

        def person(sub, **claims):
            httpx.put(f"{provider.url}/users/{sub}", json=claims).raise_for_status()

        ann = Person(server).register()
        person("ann-1", email=ann.email, email_verified=True, given_name="Ann")
        browser, back = come_back(server, provider, "ann-1")
        stranger = httpx.get(server.url + back)
        assert stranger.status_code == 401, "another browser cannot end it"
        signed_in = browser.get(back)
        assert signed_in.status_code == 200, signed_in.text
        assert signed_in.json()["user"]["id"] == ann.user["id"], "linked by the verified address"
        assert "tiffin_session" in browser.cookies
        assert browser.get(back).status_code == 401, "a second time it is worth nothing"
        # Nobody had shown that the address was theirs: the password that was set before opens it no more.
        assert ann.ask("GET", "/api/auth/me").status_code == 401
        Person(server).ask("POST", "/api/auth/login", {"email": ann.email, "password": PASSWORD}, expect=401)
        # Again, after the provider changed its keys, and by the other door: the same account.
        provider.change_key()
        browser, back = come_back(server, provider, "ann-1")
        assert browser.get(back).json()["user"]["id"] == ann.user["id"]
        browser, back = come_back(server, provider, "ann-1", "/api/auth/google?returnTo=/orders", "/api/auth/google/callback")
        went_on = browser.get(back)
        assert went_on.status_code == 302 and went_on.headers["location"] == "/orders", went_on.text
        assert browser.get("/api/auth/me").json()["id"] == ann.user["id"]
        # Who has no verified address gets an account of their own.
        person("eve-1", email=ann.email, email_verified=False)
        browser, back = come_back(server, provider, "eve-1")
        eve = browser.get(back).json()["user"]
        assert eve["id"] != ann.user["id"] and not eve.get("email")
        # A forged way back, and one to another site.
        browser, back = come_back(server, provider, "eve-1")
        assert browser.get(back.replace("state=", "state=x")).status_code == 401
        for path in ("https://evil.example", "//evil.example", "/\\evil.example", "orders"):
            assert browser.get("/api/auth/external/oidc", params={"returnTo": path}).status_code == 400
        assert not provider.pkce_faults
    assert httpx.get(f"{server.url}/api/auth/external/oidc").status_code in (302, 503)


def test_a_provider_that_is_not_set_up(world):
    answer = world.visitor.ask("GET", "/api/auth/google", expect=404)
    assert answer.json()["code"] == "provider_unknown"


def test_sessions_are_listed_and_ended(world):
    here = Person(world.server).register()
    there = Person(world.server, here.email).log_in()
    third = Person(world.server, here.email).log_in()
    sessions = here.get("/api/auth/sessions")["items"]
    assert len(sessions) == 3 and sum(s["isCurrent"] for s in sessions) == 1
    assert all(s["address"] == "127.0.0.1" and s["agent"].startswith("python-httpx") for s in sessions)
    other = jwt.decode(there.token, options={"verify_signature": False})["sid"]
    world.customer.ask("DELETE", f"/api/auth/sessions/{other}", expect=404)
    here.ask("DELETE", f"/api/auth/sessions/{other}", expect=200)
    assert there.ask("GET", "/api/auth/me").status_code == 401
    assert there.ask("POST", "/api/auth/refresh", {"refreshToken": there.refresh_token}).status_code == 401
    assert here.ask("DELETE", "/api/auth/sessions?keepThis=true", expect=200).json()["count"] == 1
    assert third.ask("GET", "/api/auth/me").status_code == 401
    here.get("/api/auth/me")
    here.ask("DELETE", "/api/auth/sessions", expect=200)
    assert here.ask("GET", "/api/auth/me").status_code == 401


def test_tokens_are_verified_from_outside(world):
    person = Person(world.server).register()
    keys = jwt.PyJWKClient(f"{world.server.url}/.well-known/jwks.json")
    claims = jwt.decode(person.token, keys.get_signing_key_from_jwt(person.token).key, algorithms=["ES256"])
    assert claims["sub"] == person.user["id"] and claims["roles"] == ["customer"] and claims["exp"] - claims["iat"] == 60 * int(world.server.settings["identity.accessTokenMinutes"])


def test_keys_rotate_and_nobody_is_signed_out(fresh):
    # A day passes in 17 seconds.
    server = fresh(clock__speed="5000", identity__keyRotationDays="1", identity__accessTokenMinutes="1200").start()
    person = Person(server).register()
    first = jwt.get_unverified_header(person.token)["kid"]
    late = None

    def rotated():
        nonlocal late
        late = Person(server, person.email).log_in()
        if jwt.get_unverified_header(late.token)["kid"] == first:
            person.refresh()  # while it still signs
            return False
        return True

    eventually(rotated, "another key signs", 60, 0.5)
    keys = {k["kid"] for k in person.get("/.well-known/jwks.json")["keys"]}
    assert {first, jwt.get_unverified_header(late.token)["kid"]} <= keys
    client = jwt.PyJWKClient(f"{server.url}/.well-known/jwks.json")
    for one in (person, late):
        claims = jwt.decode(one.token, client.get_signing_key_from_jwt(one.token).key, algorithms=["ES256"],
                            options={"verify_iat": False, "verify_exp": False})
        assert claims["sub"] == person.user["id"]
        one.get("/api/auth/me")
    person.refresh()
    person.get("/api/auth/me")


def test_what_was_done_is_on_record(world):
    admin, owner = world.admin, world.place.owner
    person = Person(world.server).register()
    Person(world.server).ask("POST", "/api/auth/login", {"email": person.email, "password": "wrong-pass"}, expect=401)
    entries = admin.get(f"/api/admin/audit?subjectId={person.user['id']}")["items"]
    assert [e["action"] for e in entries] == ["sign_in_failed", "registered"]
    assert entries[0]["address"] == "127.0.0.1"
    answer = admin.ask("GET", f"/api/admin/audit.csv?subjectId={person.user['id']}", expect=200)
    assert answer.headers["content-type"].startswith("text/csv") and "audit.csv" in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["action"] for row in rows] == ["sign_in_failed", "registered"]
    assert all(e["tenantId"] == world.place.tenant["id"] for e in owner.get("/api/audit")["items"])
    person.ask("GET", "/api/audit", expect=403)
    admin.patch(f"/api/admin/users/{person.user['id']}", {"isDisabled": True, "reason": "journey"})
    assert person.ask("GET", "/api/auth/me").status_code == 401
    person.token = None
    assert person.ask("POST", "/api/auth/login", {"email": person.email, "password": PASSWORD}, expect=403).json()["code"] == "account_disabled"


def test_what_people_own(world):
    person, stranger = Person(world.server).register(), Person(world.server).register()
    changed = person.put("/api/users/profile", {"lastName": "Lee", "photoUrl": "https://pictures.example.com/a.png"})
    assert person.get("/api/users/profile") == changed and changed["photoUrl"].endswith("a.png")
    home = person.post("/api/users/addresses", {"label": "Home", "text": "7 Tar Street", "point": {"latitude": 50.1, "longitude": -6.4}})
    bad = {"label": "Pole", "text": "x", "point": {"latitude": 91, "longitude": 181}}
    faults = person.ask("POST", "/api/users/addresses", bad, expect=400).json()["errors"]
    assert {fault["field"] for fault in faults} == {"point.latitude", "point.longitude"}
    work = person.post("/api/users/addresses", {"label": "Work", "text": "8 Tar Street", "point": {"latitude": 50.1, "longitude": -6.4}})
    assert home["isDefault"] and not work["isDefault"]
    person.patch(f"/api/users/addresses/{work['id']}", {"isDefault": True})
    assert [a["label"] for a in person.get("/api/users/addresses")["items"]] == ["Work", "Home"]
    stranger.ask("DELETE", f"/api/users/addresses/{home['id']}", expect=404)
    person.ask("DELETE", f"/api/users/addresses/{work['id']}", expect=200)
    assert [a["isDefault"] for a in person.get("/api/users/addresses")["items"]] == [True]
    person.put("/api/users/consents", {"purpose": "marketing_mail", "isGiven": True})
    assert person.get("/api/users/consents")["consents"][0]["isGiven"]


def test_people_take_their_data_and_go(world):
    person = Person(world.server).register()
    person.post("/api/users/addresses", {"label": "Home", "text": "7 Tar Street", "point": {"latitude": 50.1, "longitude": -6.4}})
    order = person.post("/api/orders", world.place.order(specialInstructions="ring twice"), headers={"Idempotency-Key": uuid.uuid4().hex})
    data = person.get("/api/users/export")
    assert data["identity"]["account"]["id"] == person.user["id"] and len(data["identity"]["addresses"]) == 1
    assert [o["id"] for o in data["orders"]] == [order["id"]] and isinstance(data["notifications"], list) and data["shortened"] == []
    assert [p["orderId"] for p in data["payments"]] == [order["id"]]
    person.ask("POST", "/api/users/erase", {"password": "not-mine"}, expect=422)
    person.ask("POST", "/api/users/erase", {"password": PASSWORD}, expect=200)
    assert person.ask("GET", "/api/auth/me").status_code == 401
    owner = world.place.owner
    # The order is still under way: its courier needs the door.
    assert owner.get(f"/api/orders/{order['id']}")["deliveryAddress"]["text"] == "7 Tar Street"
    world.place.move(order["id"], "rejected", reason="closing")
    eventually(lambda: owner.get(f"/api/orders/{order['id']}")["deliveryAddress"]["text"] == "erased", "the order forgets its customer", 60)
    left = owner.get(f"/api/orders/{order['id']}")
    assert "ring twice" not in json.dumps(left) and left["total"] == order["total"]
    Person(world.server, person.email).register()  # the address is free again
