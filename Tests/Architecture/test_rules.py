"""Each rule of rules.py finds what it is there to find, and leaves alone what is right."""

import pytest

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
    ("public_declarations_are_documented", IN_API, "@Wire public struct PlaceOrder {}"),
    ("links_lead_somewhere", "docs/nowhere.md", "see [this](no-such-file.md)"),
    ("problems_are_documented", IN_SERVICE, 'throw OrderRefusal("too_salty", .ruled, "no")'),
    ("problems_are_documented", IN_API, 'public enum EatRefusal: String, WireEnum, Refusal {\n  case tooSalty = "too_salty"\n}\n'),
    ("problems_are_documented", "docs/errors.md", "| `too_salty` | 422 | never |"),
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
