"""The rules of docs/architecture.md that a search can hold. script/lint runs them; test_rules.py shows that each can fail.

A rule is a function of a tree (path -> text) that yields `path:line: message`.
"""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]

SYSTEM_MODULES = {
    "Foundation", "FoundationEssentials", "FoundationNetworking", "Synchronization", "RegexBuilder", "Testing", "XCTest",
    "CompilerPluginSupport", "PackageDescription",
}
FORBIDDEN_WORDS = ("Manager", "Helper", "Helpers", "Utils", "Util", "Utilities", "Common", "Shared", "Base")
WARN_LINES, MOST_LINES = 400, 500

#: Why a file may pass a rule it breaks: (rule, path) -> reason. Kept short; every entry is a decision.
EXCEPTIONS = {
    ("services_take_time_ids_and_chance_from_the_host", "Sources/Services/Gateway/Service/Sockets/LiveSession.swift"):
        "how many messages a socket may send is a matter of the machine's time: a clock that runs faster must not widen it",
}


def rule(check):
    RULES.append(check)
    return check


RULES = []


def read_tree(root=ROOT):
    """Every checked file of the checkout by its path."""
    tree = {}
    for top in ("Sources", "Tests", "docs", "script", "Benchmarks"):
        for path in (root / top).rglob("*") if (root / top).exists() else ():
            if path.is_file() and path.suffix in (".swift", ".md", ".py", ""):
                if "__pycache__" in path.parts:
                    continue
                try:
                    tree[str(path.relative_to(root))] = path.read_text()
                except UnicodeDecodeError:
                    pass
    for path in (root / "Sources/Fronts/Files").rglob("*"):
        if path.is_file():
            tree[str(path.relative_to(root))] = path.read_bytes().decode(errors="surrogateescape")
    for path in [*root.glob("*.md"), root / "Package.swift"]:
        tree[path.name] = path.read_text()
    return tree


def swift(tree, under="Sources/"):
    for path in sorted(tree):
        if path.startswith(under) and path.endswith(".swift"):
            yield path, tree[path]


def code_lines(text):
    """(number, line) of a Swift file without its comments and without what stands in string literals of one line."""
    in_block = False
    for number, line in enumerate(text.split("\n"), 1):
        if in_block:
            if "*/" not in line:
                continue
            line, in_block = line.split("*/", 1)[1], False
        line = re.sub(r'"(?:[^"\\]|\\.)*"', '""', line)
        line = re.sub(r"//.*", "", line)
        if "/*" in line:
            in_block = "*/" not in line
            line = line.split("/*")[0]
        yield number, line


def imports(text):
    for number, line in code_lines(text):
        found = re.match(r"\s*(?:@\w+(?:\(\w+\))?\s+)*(?:public |internal |package |private |fileprivate )?import\s+(?:(?:struct|class|enum|protocol|func)\s+)?(\w+)", line)
        if found:
            yield number, found.group(1)


def service_names(tree):
    return sorted({path.split("/")[2] for path in tree if path.startswith("Sources/Services/") and path.count("/") > 2})


def platform_names(tree):
    return {path.split("/")[2] for path in tree if path.startswith("Sources/Platform/") and path.count("/") > 2}


@rule
def outside_packages_stay_under_platform(tree):
    """Packages and C libraries from outside are imported under Sources/Platform, and in the executable, only."""
    services = service_names(tree)
    own = platform_names(tree) | {"Kernel", "Demo", "Simulation"} | {f"{s}API" for s in services} | set(services)
    own |= {path.split("/")[2] for path in tree if path.startswith("Sources/Fronts/") and path.count("/") > 2}
    for path, text in swift(tree):
        if path.startswith(("Sources/Platform/", "Sources/tiffin/")):
            continue
        for number, module in imports(text):
            if module not in own | SYSTEM_MODULES:
                yield f"{path}:{number}: imports {module}, which is from outside; only Sources/Platform may"


@rule
def implementations_do_not_import_each_other(tree):
    """Services, fronts and platform see of a service its API, never its implementation."""
    services = set(service_names(tree))
    for path, text in swift(tree):
        if path.startswith("Sources/tiffin/"):
            continue
        for number, module in imports(text):
            if module in services:
                yield f"{path}:{number}: imports the implementation {module}; import {module}API"


@rule
def platform_knows_no_food(tree):
    """Nothing under Sources/Platform or Sources/Kernel imports a service."""
    services = set(service_names(tree)) | {f"{s}API" for s in service_names(tree)}
    for path, text in swift(tree):
        if path.startswith(("Sources/Platform/", "Sources/Kernel/")):
            for number, module in imports(text):
                if module in services:
                    yield f"{path}:{number}: the platform imports {module}, a service"


@rule
def calls_have_no_circle(tree):
    """The graph of `calls:` in Package.swift has no circle."""
    calls = {}
    for name, rest in re.findall(r'^\s*service\("(\w+)"(.*)\),?$', tree.get("Package.swift", ""), re.M):
        listed = re.search(r"calls:\s*\[([^\]]*)\]", rest)
        calls[name] = re.findall(r'"(\w+)"', listed.group(1)) if listed else []

    def reaches(start, at, seen):
        for other in calls.get(at, []):
            if other == start or (other not in seen and reaches(start, other, seen | {other})):
                return True
        return False

    for name in sorted(calls):
        if reaches(name, name, set()):
            yield f"Package.swift:1: the calls of {name} lead back to {name}"


@rule
def modules_say_whom_they_call(tree):
    """`calls` of a module, which a process that hosts it looks for at its start, is what Package.swift says."""
    for name, rest in re.findall(r'^\s*service\("(\w+)"(.*)\),?$', tree.get("Package.swift", ""), re.M):
        listed = re.search(r"calls:\s*\[([^\]]*)\]", rest)
        wanted = sorted(each.lower() for each in re.findall(r'"(\w+)"', listed.group(1))) if listed else []
        path = f"Sources/Services/{name}/Service/{name}Module.swift"
        found = re.search(r"static let calls = \[([^\]]*)\]", tree.get(path, ""))
        said = sorted(re.findall(r'"(\w+)"', found.group(1))) if found else []
        if path in tree and said != wanted:
            yield f"{path}:1: calls {', '.join(said) or 'nobody'}, and Package.swift says {', '.join(wanted) or 'nobody'}"


@rule
def domain_files_are_pure(tree):
    """Domain files import Kernel, Wire, ServiceKit's values and APIs: no storage, no messaging, no clock."""
    services = service_names(tree)
    allowed = {"Kernel", "Wire", "ServiceKit", "Foundation", "Synchronization"} | {f"{s}API" for s in services}
    for path, text in swift(tree, "Sources/Services/"):
        if "/Domain/" in path:
            for number, module in imports(text):
                if module not in allowed:
                    yield f"{path}:{number}: a domain file imports {module}"


IMPURE = [
    (r"(?<![\w.])Date\(\)", "Date(): take the time from host.time"),
    (r"\bDate\.now\b", "Date.now: take the time from host.time"),
    (r"(?<![\w.])UUID\(\)", "UUID(): take ids from host.ids"),
    (r"\bTask\.sleep\b", "Task.sleep: sleep on host.time"),
    (r"(?<!ids)\.random\((?!.*using:)", ".random(: take randomness from host.ids"),
    (r"\b(?:ContinuousClock|SuspendingClock)\b", "a clock of its own: take the time from host.time"),
    (r"(?<![\w.])Task\s*(?:\.detached\s*)?\{", "a loose Task: own it in a group, or make it a job"),
    (r"\bDispatchQueue\b|\bimport Dispatch\b|\bimport NIO", "Dispatch or NIO outside of Platform"),
]


@rule
def services_take_time_ids_and_chance_from_the_host(tree):
    """No wall clock, sleep, random id or loose task in Sources/Services."""
    for path, text in swift(tree, "Sources/Services/"):
        for number, line in code_lines(text):
            for pattern, message in IMPURE:
                if re.search(pattern, line):
                    yield f"{path}:{number}: {message}"


@rule
def no_foundation_json(tree):
    """JSON is read and written through Wire."""
    for path, text in swift(tree):
        for number, line in code_lines(text):
            if re.search(r"\bJSON(?:Encoder|Decoder|Serialization)\b", line):
                yield f"{path}:{number}: Foundation's JSON is slow and silent about faults; use Wire"


SQL_TABLE = re.compile(r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE(?: IF NOT EXISTS)?|INDEX(?: IF NOT EXISTS)? \w+ ON)\s+([a-z][a-z0-9_]*)\b")
#: Words that follow those words in SQL without being a table.
NO_TABLE = {"set", "select", "excluded", "the", "a", "an"}


def sql_strings(text):
    """(number, SQL) of each string literal that reads as SQL."""
    for found in re.finditer(r'#*"""(.*?)"""#*|"((?:[^"\\\n]|\\.)*)"', text, re.S):
        literal = found.group(1) or found.group(2) or ""
        if re.search(r"\b(SELECT|INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM|CREATE (?:UNIQUE )?(?:TABLE|INDEX)|ALTER TABLE)\b", literal):
            yield text[: found.start()].count("\n") + 1, literal


@rule
def sql_names_own_tables(tree):
    """SQL of a service names tables that begin with the service's name, and SQL of the platform no service's table."""
    services = [s.lower() for s in service_names(tree)]
    for path, text in swift(tree):
        parts = path.split("/")
        owner = parts[2].lower() if path.startswith("Sources/Services/") else None
        for number, literal in sql_strings(text):
            names = set(SQL_TABLE.findall(literal)) - NO_TABLE
            common = set(re.findall(r"(?:WITH|,)\s*([a-z_]+)\s+AS\s*\(", literal))
            for name in sorted(names - common):
                if owner and not name.startswith(f"{owner}_"):
                    yield f"{path}:{number}: SQL names the table {name}; tables of {parts[2]} begin with {owner}_"
                if not owner and path.startswith("Sources/Platform/") and name.split("_")[0] in services:
                    yield f"{path}:{number}: SQL of the platform names {name}, the table of a service"


@rule
def no_sqlite_only_sql(tree):
    """SQL of services runs on PostgreSQL too."""
    words = r"\b(AUTOINCREMENT|INSERT OR (?:REPLACE|IGNORE)|WITHOUT ROWID|strftime|datetime\(|julianday|IFNULL|group_concat|rowid|json_extract|PRAGMA)\b"
    for path, text in swift(tree, "Sources/Services/"):
        for number, literal in sql_strings(text):
            found = re.search(words, literal, re.I)
            if found:
                yield f"{path}:{number}: {found.group(1)} is SQLite's own; write what PostgreSQL understands too"


@rule
def names_say_something(tree):
    """No type and no file is called Manager, Helper, Utils, Common, Shared or Base."""
    end = r"(?:%s)" % "|".join(FORBIDDEN_WORDS)
    for path, text in swift(tree):
        stem = pathlib.PurePath(path).stem
        if re.search(rf"(?:^|[a-z+]){end}(?:$|[A-Z+])", stem):
            yield f"{path}:1: the file's name says nothing: {stem}"
        for number, line in code_lines(text):
            for name in re.findall(r"\b(?:struct|class|enum|actor|protocol|typealias)\s+([A-Z]\w*)", line):
                if re.search(rf"(?:^|[a-z]){end}(?:$|[A-Z])", name):
                    yield f"{path}:{number}: the type's name says nothing: {name}"


@rule
def files_are_short(tree):
    """A file holds one idea: 500 lines at most (400 are warned of by script/lint)."""
    for path, text in swift(tree, ""):
        lines = text.count("\n")
        if lines > MOST_LINES:
            yield f"{path}:{lines}: {lines} lines; {MOST_LINES} are the most"


@rule
def base_names_differ_within_a_target(tree):
    """Two files of one name in one target do not build."""
    seen = {}
    for path, _ in swift(tree):
        parts = path.split("/")
        depth = 4 if path.startswith("Sources/Services/") else 3 if path.startswith(("Sources/Platform/", "Sources/Fronts/")) else 2
        key = ("/".join(parts[:depth]), parts[-1])
        if key in seen:
            yield f"{path}:1: another file of this name is in the target: {seen[key]}"
        seen[key] = path


@rule
def nothing_left_open(tree):
    """No note to do something later, no stub."""
    front_files = ((path, tree[path]) for path in sorted(tree) if path.startswith("Sources/Fronts/Files/"))
    for path, text in (*swift(tree, ""), *front_files):
        for number, line in enumerate(text.split("\n"), 1):
            if re.search(r"\b(TODO|FIXME|XXX|HACK)\b|not implemented|in production you would", line, re.I if "roduction" in line else 0):
                yield f"{path}:{number}: left open: {line.strip()[:80]}"


@rule
def inlinable_code_has_no_key_path(tree):
    """Of a key path in inlinable code the optimiser of another module may want a getter that no module has: then the release does not link."""
    for path, text in swift(tree):
        end = None
        for number, line in code_lines(text):
            indent = len(line) - len(line.lstrip())
            if end is None and "@inlinable" in line:
                end = indent
            if end is None:
                continue
            if re.search(r"\(\\\.\w", line):
                yield f"{path}:{number}: a key path in inlinable code; write a closure: {line.strip()[:60]}"
            # It ends with its closing brace, or on the line that opens and closes it.
            opens = re.search(r"\b(func|var|init|subscript)\b", line)
            if indent == end and (line.strip() == "}" or opens and line.rstrip().endswith("}")):
                end = None


@rule
def public_declarations_are_documented(tree):
    """Every public type of an API and of the platform promises something in a doc comment."""
    for path, text in swift(tree):
        if not ("/API/" in path or path.startswith(("Sources/Platform/", "Sources/Kernel/"))):
            continue
        lines = text.split("\n")
        for index, line in enumerate(lines):
            # Types named only to tell ids apart, `public enum OrderEntity {}`, say it all.
            if re.match(r"(?:@\w+(?:\(.*?\))? )*public (?:final )?(?:struct|class|enum|actor|protocol) \w+", line) and not re.search(r"Entity \{\}", line):
                at = index - 1
                while at >= 0 and lines[at].startswith("@"):
                    at -= 1
                if at < 0 or not re.match(r"\s*(///|\*/)", lines[at]):
                    yield f"{path}:{index + 1}: public, and without a doc comment: {line.strip()[:60]}"


@rule
def links_lead_somewhere(tree):
    """Relative links of the documentation lead to a file."""
    for path in sorted(tree):
        if not path.endswith(".md"):
            continue
        folder = pathlib.PurePosixPath(path).parent
        plain = re.sub(r"```.*?```", lambda m: "\n" * m.group(0).count("\n"), tree[path], flags=re.S)
        for number, line in enumerate(plain.split("\n"), 1):
            for target in re.findall(r"\]\(([^)\s]+)\)|src(?:set)?=\"([^\"]+)\"", line):
                target = (target[0] or target[1]).split("#")[0]
                if not target or re.match(r"[a-z]+:", target):
                    continue
                if not (ROOT / folder / target).exists():
                    yield f"{path}:{number}: leads nowhere: {target}"


def problem_codes(tree):
    """Every problem code that the sources can answer with, and where it stands."""
    codes = {}
    for path, text in swift(tree):
        if path.startswith(("Sources/Demo/", "Sources/Simulation/", "Sources/Platform/WebClient/")):
            continue
        for found in re.finditer(r"\bProblem\(\s*\d{3}, \"([a-z_]+)\"|\b\w+Refusal\(\s*\"([a-z_]+)\", \.", text):
            codes.setdefault(found.group(1) or found.group(2), path)
        for found in re.finditer(r"public enum (\w+)\s*: String,[^{\n]*\{", text):
            if not re.search(r"(Refusal|Reason|Denial)$", found.group(1)):
                continue
            body = text[found.end():]
            ends = re.search(r"\n\}|^[^\n]*\}\n", body)
            for line in body[: ends.start() + 1 if ends else None].split("\n"):
                if re.match(r"\s*case [a-z]", line) and not re.search(r":\s*(\.|$|\")", line):
                    for case in line.strip()[5:].split("//")[0].split(","):
                        name, _, raw = (part.strip(' "}') for part in case.partition("="))
                        codes.setdefault(raw or name, path)
    return codes


@rule
def problems_are_documented(tree):
    """docs/errors.md names every problem code, and no code that does not exist."""
    page = "docs/errors.md"
    written = set(re.findall(r"^\| `([a-z_]+)` \|", tree.get(page, ""), re.M))
    codes = problem_codes(tree)
    for code in sorted(set(codes) - written):
        yield f"{codes[code]}:1: the problem code {code} is not in {page}"
    known = " ".join(text for path, text in swift(tree))
    for code in sorted(written - set(codes)):
        words = code.split("_")
        if f'"{code}"' not in known and f"case {words[0]}" + "".join(w.title() for w in words[1:]) not in known:
            yield f"{page}:1: {code} is no code of any problem"


def faults(tree):
    """Everything wrong with a tree, by rule."""
    for check in RULES:
        for fault in check(tree):
            path = fault.split(":")[0]
            if (check.__name__, path) not in EXCEPTIONS:
                yield check.__name__, fault


def long_files(tree):
    for path, text in swift(tree, ""):
        if WARN_LINES < text.count("\n") <= MOST_LINES:
            yield f"{path}: {text.count(chr(10))} lines, better under {WARN_LINES}"
