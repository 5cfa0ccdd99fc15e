"""Each rule of rules.py finds what it is there to find, and leaves alone what is right."""

import json

import pytest

import front_rules
import rules

PACKAGE = """
  service("Identity"),
  service("Ordering", calls: ["Catalog"]),
  service("Catalog", calls: ["Identity"]),
"""
HOUSE = {
    "Package.swift": PACKAGE,
    "Sources/Services/Ordering/API/OrderingTypes.swift": "",
    "Sources/Services/Catalog/API/CatalogTypes.swift": "",
    "Sources/Platform/Wire/Fault.swift": "",
}
IN_SERVICE = "Sources/Services/Ordering/Service/Operations/PlaceOrderHandler.swift"
IN_STORE = "Sources/Services/Ordering/Service/Storage/OrderStore.swift"
IN_DOMAIN = "Sources/Services/Ordering/Service/Domain/Order.swift"
IN_API = "Sources/Services/Ordering/API/Operations/PlaceOrder.swift"

MESSAGES = {"customer.home.title": "Hello {{name}}", "customer.script.items.one": "One dish", "customer.script.items.other": "{{count}} dishes"}
ARABIC = {
    "customer.home.title": "مرحبا {{name}}", **{f"customer.script.items.{form}": "طبق" for form in ("zero", "one", "two")},
    **{f"customer.script.items.{form}": "{{count}} أطباق" for form in ("few", "many", "other")}}
FRONT = {f"{front_rules.FILES}customer/texts/{language}.json": json.dumps(MESSAGES) for language in front_rules.LANGUAGES}
FRONT[f"{front_rules.FILES}customer/texts/ar.json"] = json.dumps(ARABIC)
FRONT[f"{front_rules.FILES}customer/home.html"] = '<h1 title="[[customer.home.title]]">[[customer.home.title]] · Tiffin</h1>'
FRONT[f"{front_rules.FILES}customer/home.js"] = 'import { counting } from "../shared/texts.js";\ncounting("customer.script.items", 2);'
HOUSE |= FRONT
IN_FRONT = "Sources/Fronts/CustomerWeb/HomePage.swift"
GERMAN, ARABIC_FILE, ENGLISH = (f"{front_rules.FILES}customer/texts/{language}.json" for language in ("de", "ar", "en"))
PAGE, SCRIPT, STYLE = (f"{front_rules.FILES}customer/other.{ending}" for ending in ("html", "js", "css"))


def but(messages, **changes):
    """The messages as JSON, some of them changed; `None` leaves one out."""
    changed = {**messages, **{f"customer.{key.replace('__', '.')}": value for key, value in changes.items()}}
    return json.dumps({key: value for key, value in changed.items() if value is not None})


BROKEN = [
    ("outside_packages_stay_under_platform", IN_SERVICE, "import GRDB"),
    ("outside_packages_stay_under_platform", IN_API, "public import struct NIOCore.ByteBuffer"),
    ("implementations_do_not_import_each_other", IN_SERVICE, "import Catalog"),
    ("platform_knows_no_food", "Sources/Platform/Wire/Rule.swift", "import CatalogAPI"),
    ("domain_files_are_pure", IN_DOMAIN, "import Persistence"),
    ("services_take_time_ids_and_chance_from_the_host", IN_SERVICE, "let now = Date()"),
    ("services_take_time_ids_and_chance_from_the_host", IN_SERVICE, "let id = UUID()"),
    ("services_take_time_ids_and_chance_from_the_host", IN_SERVICE, "try await Task.sleep(for: .seconds(1))"),
    ("services_take_time_ids_and_chance_from_the_host", IN_SERVICE, "let n = Int.random(in: 1...6)"),
    ("services_take_time_ids_and_chance_from_the_host", IN_SERVICE, "Task { await work() }"),
    ("no_foundation_json", "Sources/Simulation/Day.swift", "let x = JSONEncoder()"),
    ("sql_names_own_tables", IN_STORE, 'let a = "SELECT id FROM catalog_items WHERE id = ?"'),
    ("sql_names_own_tables", IN_STORE, 'let a = """\n  CREATE TABLE orders (id TEXT)\n  """'),
    ("sql_names_own_tables", "Sources/Platform/Wire/Rule.swift", 'let a = "UPDATE ordering_orders SET a = 1"'),
    ("no_sqlite_only_sql", IN_STORE, 'let a = "INSERT OR REPLACE INTO ordering_orders VALUES (?)"'),
    ("names_say_something", IN_SERVICE, "struct OrderManager {}"),
    ("names_say_something", "Sources/Services/Ordering/Service/OrderHelper.swift", ""),
    ("files_are_short", IN_SERVICE, "\n" * 501),
    ("base_names_differ_within_a_target", "Sources/Services/Ordering/API/Events/OrderingTypes.swift", ""),
    ("nothing_left_open", IN_SERVICE, "// TODO: later"),
    ("inlinable_code_has_no_key_path", "Sources/Platform/Wire/Rule.swift", "@inlinable\nfunc f() {\n  g(all.map(\\.name))\n}"),
    ("inlinable_code_has_no_key_path", "Sources/Platform/Wire/Rule.swift", "@inlinable func f() -> [Int] { all.map(\\.name) }"),
    ("public_declarations_are_documented", IN_API, "@Wire public struct PlaceOrder {}"),
    ("links_lead_somewhere", "docs/nowhere.md", "see [this](no-such-file.md)"),
    ("problems_are_documented", IN_SERVICE, 'throw OrderRefusal("too_salty", .ruled, "no")'),
    ("problems_are_documented", IN_API, 'public enum EatRefusal: String, WireEnum, Refusal {\n  case tooSalty = "too_salty"\n}\n'),
    ("problems_are_documented", "docs/errors.md", "| `too_salty` | 422 | never |"),
    ("catalogues_are_tables_of_texts", GERMAN, "[1]"),
    ("catalogues_are_tables_of_texts", GERMAN, but(MESSAGES, home__title=7)),
    ("catalogues_are_tables_of_texts", GERMAN, but(MESSAGES, home__title=" ")),
    ("catalogues_are_tables_of_texts", GERMAN, json.dumps(MESSAGES)[:-1] + ', "customer.home.title": "Hallo {{name}}"}'),
    ("catalogues_are_tables_of_texts", GERMAN, json.dumps({**MESSAGES, "home.title": "Hallo"})),
    ("catalogues_are_tables_of_texts", f"{front_rules.FILES}customer/texts/xx.json", "{}"),
    ("languages_have_the_same_messages", GERMAN, but(MESSAGES, home__title=None)),
    ("languages_have_the_same_messages", GERMAN, but(MESSAGES, home__more="Mehr")),
    ("languages_have_the_same_messages", GERMAN, but(MESSAGES, script__items__few="{{count}} Gerichte")),
    ("languages_have_the_same_messages", ARABIC_FILE, but(ARABIC, script__items__many=None)),
    ("languages_have_the_same_messages", f"{front_rules.FILES}courier/texts/en.json", "{}"),
    ("languages_have_the_same_blanks", GERMAN, but(MESSAGES, home__title="Hallo {{Name}}")),
    ("languages_have_the_same_blanks", GERMAN, but(MESSAGES, home__title="Hallo")),
    ("languages_have_the_same_blanks", ARABIC_FILE, but(ARABIC, script__items__few="أطباق")),
    ("messages_exist", PAGE, "[[customer.home.titel]]"),
    ("messages_exist", SCRIPT, 'text("customer.script.none")'),
    ("messages_exist", SCRIPT, "text(`customer.script.state.${state}`)"),
    ("messages_exist", SCRIPT, 'text("customer.home.title")'),
    ("messages_exist", SCRIPT, 'text("customer.script.items")'),
    ("messages_exist", IN_FRONT, 'let title = request.texts["customer.home.titel"]'),
    ("messages_exist", IN_FRONT, 'let title = request.texts("customer.home.titel", ["name": name])'),
    ("messages_exist", IN_FRONT, 'let title = request.texts.counting("customer.home.title", 2)'),
    ("messages_exist", IN_FRONT, 'let title = request.texts["customer.state.\\(state)"]'),
    ("messages_are_used", ENGLISH, but(MESSAGES, home__unused="Nobody reads this")),
    ("templates_speak_by_messages", PAGE, "<h1>{{name}} is hungry</h1>"),
    ("templates_speak_by_messages", PAGE, '<input placeholder="Your name">'),
    ("pages_hold_nothing_inline", PAGE, '<p style="color: red">'),
    ("pages_hold_nothing_inline", PAGE, '<button type="button" onclick="pay()">'),
    ("pages_hold_nothing_inline", PAGE, "<script>pay()</script>"),
    ("pages_hold_nothing_inline", PAGE, "<style>p { color: red }</style>"),
    ("pages_hold_nothing_inline", PAGE, '<a href="javascript:pay()">'),
    ("pages_hold_nothing_inline", SCRIPT, 'element.setAttribute("style", "color: red")'),
    ("pages_hold_nothing_inline", SCRIPT, 'eval("pay()")'),
    ("pages_ask_no_other_host", PAGE, '<script src="https://cdn.invalid/x.js"></script>'),
    ("pages_ask_no_other_host", PAGE, '<img src="//img.invalid/x.png">'),
    ("pages_ask_no_other_host", STYLE, "@font-face { src: url(https://fonts.invalid/x.woff2) }"),
    ("pages_ask_no_other_host", IN_FRONT, 'let tiles = "https://tiles.invalid/{z}/{x}/{y}.png"'),
    ("front_files_are_text", PAGE, b"\xff\xfe".decode(errors="surrogateescape")),
    ("front_files_are_text", PAGE, "a\r\nb"),
    ("fronts_see_apis_only", IN_FRONT, "import Catalog"),
    ("fronts_see_apis_only", IN_FRONT, "import Persistence"),
    ("nothing_left_open", PAGE, "<!-- TODO -->"),
    ("calls_have_no_circle", "Package.swift", PACKAGE.replace('"Identity"]', '"Ordering"]')),
    ("modules_say_whom_they_call", "Sources/Services/Ordering/Service/OrderingModule.swift", 'public static let calls = ["identity", "delivery"]'),
]

RIGHT = [
    (IN_SERVICE, "import CatalogAPI\nimport Synchronization\n// Date() and Task.sleep are refused here\nlet n = ids.random(in: 1...6)"),
    (IN_SERVICE, 'let text = "JSONEncoder is slow"\nlet database = base.value\nenum Database {}\nstruct Baseline {}'),
    (IN_STORE, 'let a = "SELECT o.id FROM ordering_orders o JOIN ordering_items i ON i.a = o.id"'),
    (IN_STORE, 'let a = "WITH due AS (SELECT 1 FROM ordering_orders) SELECT * FROM due"'),
    (IN_STORE, 'let a = "INSERT INTO ordering_orders (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET a = excluded.a"'),
    (IN_DOMAIN, "import CatalogAPI\nimport Kernel"),
    (IN_API, "/// Places an order.\n@Wire public struct PlaceOrder {}\npublic enum OrderEntity {}"),
    (IN_FRONT, 'import CatalogAPI\nlet title = request.texts("customer.home.title", ["name": "//"])\nlet map = "https://www.openstreetmap.org/?mlat=1"'),
    (ENGLISH, json.dumps(MESSAGES, indent=2)),
    (PAGE, '<script type="application/json" id="a">{{{json}}}</script>\n<script type="module" src="{{assets}}/customer/home.js"></script>\n'
           '<option{{#isCurrent}} selected{{/isCurrent}}>{{name}}</option><input placeholder="jo@mail.example"><code>WELCOME10</code> UTC'),
    (SCRIPT, 'element.style.width = "3px"; button.onclick = pay; const url = `//${location.host}/ws`; // style = "none"'),
    ("Sources/Platform/PersistenceSQLite/Writer.swift", "import GRDB\nlet c = ContinuousClock()"),
]


@pytest.mark.parametrize("name, path, text", BROKEN, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(BROKEN)])
def test_rule_finds(name, path, text):
    found = list(rules.faults({**HOUSE, path: text}))
    assert name in [n for n, _ in found], found


@pytest.mark.parametrize("path, text", RIGHT, ids=[str(i) for i in range(len(RIGHT))])
def test_right_is_left_alone(path, text):
    assert list(rules.faults({**HOUSE, path: text})) == []


def test_every_rule_is_shown_to_fail():
    assert {check.__name__ for check in rules.RULES} == {name for name, _, _ in BROKEN}


def test_exceptions_are_of_rules_and_files_that_exist():
    for (name, path), reason in rules.EXCEPTIONS.items():
        assert name in {check.__name__ for check in rules.RULES}
        assert (rules.ROOT / path).exists() and reason
