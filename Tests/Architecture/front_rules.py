"""The rules of the web apps: their messages, templates, scripts and imports. Importing this adds them to those of rules.py."""

import functools
import html
import json
import re

from rules import imports, rule, swift

LANGUAGES = ("en", "es", "fr", "de", "hi", "ar")
#: The forms of a message with a count by language, as `Language.pluralForms` has them.
FORMS = {language: ("zero", "one", "two", "few", "many", "other") if language == "ar" else ("one", "other") for language in LANGUAGES}
#: Forms that may leave the number out, for the words say it: "one dish", "no dishes".
WORDED = ("zero", "one", "two")
FILES = "Sources/Fronts/Files/"
#: Hosts that pages lead a person to, who taps a link: nothing is loaded from there.
LINKED_HOSTS = ("www.openstreetmap.org",)


def front_files(tree, *endings):
    for path in sorted(tree):
        if path.startswith(FILES) and path.endswith(endings):
            yield path, tree[path]


def line_of(text, at):
    return text.count("\n", 0, at) + 1


# MARK: Messages

@functools.lru_cache(4096)
def pairs_of(text):
    """The pairs of a JSON object in their order; nothing where it is none."""
    try:
        pairs = json.loads(text, object_pairs_hook=lambda pairs: tuple(pairs))
    except ValueError:
        return None
    return pairs if isinstance(pairs, tuple) and all(isinstance(pair, tuple) for pair in pairs) else None


def catalogues(tree):
    """front -> language -> {key: message}"""
    found = {}
    for path, text in front_files(tree, ".json"):
        parts = path[len(FILES):].split("/")
        if len(parts) == 3 and parts[1] == "texts":
            pairs = pairs_of(text) or ()
            found.setdefault(parts[0], {})[parts[2].removesuffix(".json")] = {k: v for k, v in pairs if isinstance(v, str)}
    return found


def stems(messages):
    """The keys that stand for several forms, without the form."""
    return {key.removesuffix(".other") for key in messages if key.endswith(".other") and key.removesuffix("other") + "one" in messages}


def line_of_key(tree, path, key):
    at = tree.get(path, "").find(f'"{key}"')
    return line_of(tree[path], at) if at >= 0 else 1


@rule
def catalogues_are_tables_of_texts(tree):
    """A file of messages is a flat JSON object of texts; its keys begin with the front, and none is there twice or empty."""
    for path, text in front_files(tree, ".json"):
        parts = path[len(FILES):].split("/")
        pairs = pairs_of(text)
        if len(parts) != 3 or parts[1] != "texts" or parts[2].removesuffix(".json") not in LANGUAGES:
            yield f"{path}:1: stands where no messages are looked for; FRONT/texts/LANGUAGE.json is"
            continue
        if pairs is None:
            yield f"{path}:1: is no JSON object"
            continue
        seen = set()
        for key, value in pairs:
            at = f"{path}:{line_of_key(tree, path, key)}"
            if not isinstance(value, str) or not value.strip():
                yield f"{at}: {key} is no text"
            if not key.startswith(f"{parts[0]}."):
                yield f"{at}: {key} does not begin with {parts[0]}."
            if key in seen:
                yield f"{at}: {key} is there twice"
            seen.add(key)


@rule
def languages_have_the_same_messages(tree):
    """Each language of a front has exactly the messages of English, with the forms that its counts need."""
    for front, languages in sorted(catalogues(tree).items()):
        english = languages.get("en", {})
        counted = stems(english)
        plain = {key for key in english if key.rpartition(".")[0] not in counted or key.rpartition(".")[2] not in FORMS["ar"]}
        for language in LANGUAGES:
            path = f"{FILES}{front}/texts/{language}.json"
            if language not in languages:
                yield f"{path}:1: is missing"
                continue
            wanted = plain | {f"{stem}.{form}" for stem in counted for form in FORMS[language]}
            for key in sorted(wanted - set(languages[language])):
                yield f"{path}:1: has no {key}"
            for key in sorted(set(languages[language]) - wanted):
                yield f"{path}:{line_of_key(tree, path, key)}: {key} is not among the English messages"


def blanks(message):
    return set(re.findall(r"\{\{(.*?)\}\}", message))


@rule
def languages_have_the_same_blanks(tree):
    """What is filled into a message is the same in every language."""
    for front, languages in sorted(catalogues(tree).items()):
        english = languages.get("en", {})
        counted = stems(english)
        for language, messages in languages.items():
            path = f"{FILES}{front}/texts/{language}.json"
            for key, message in messages.items():
                stem, _, form = key.rpartition(".")
                model = f"{stem}.other" if stem in counted and form in FORMS["ar"] else key
                if model not in english:
                    continue
                wanted, has = blanks(english[model]), blanks(message)
                if stem in counted and form in WORDED:
                    has |= {"count"} & wanted
                if has != wanted:
                    told = ", ".join(sorted(wanted)) or "nothing"
                    yield f"{path}:{line_of_key(tree, path, key)}: {key} is filled with {', '.join(sorted(has)) or 'nothing'}, in English with {told}"


SWIFT_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
SCRIPT_LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"|\'((?:[^\'\\\n]|\\.)*)\'|`((?:[^`\\]|\\.)*)`')
#: What stands before the literal of a key that is looked up.
LOOKED_UP = re.compile(r"(?:texts\[|texts\(|counting\(|(?<![\w.])text\()\s*$")


def literals(path, text):
    """(offset, what is before the first blank, whether there is a blank, whether it is looked up, whether forms are) of each literal."""
    pattern, blank = (SWIFT_LITERAL, "\\(") if path.endswith(".swift") else (SCRIPT_LITERAL, "${")
    for found in pattern.finditer(text):
        whole = next((group for group in found.groups() if group is not None), "")
        before = text[max(0, found.start() - 40): found.start()]
        yield found.start(), whole.split(blank)[0], blank in whole, LOOKED_UP.search(before) is not None, re.search(r"counting\(\s*$", before)


def speakers(tree):
    """The sources that name messages."""
    yield from swift(tree, "Sources/Fronts/")
    yield from swift(tree, "Sources/Platform/Pages/")
    yield from front_files(tree, ".js")


@rule
def messages_exist(tree):
    """Every message that a template, a script or a handler names is there."""
    keys = {key for languages in catalogues(tree).values() for key in languages.get("en", {})}
    counted = stems(keys)
    for path, text in front_files(tree, ".html"):
        for found in re.finditer(r"\[\[(.*?)\]\]", text):
            if found.group(1) not in keys:
                yield f"{path}:{line_of(text, found.start())}: there is no message {found.group(1)}"
    for path, text in speakers(tree):
        for at, start, has_blank, is_looked_up, is_counted in literals(path, text):
            if not is_looked_up:
                continue
            there = any(key.startswith(start) for key in keys) if has_blank else start in (counted if is_counted else keys)
            # A prefix that the rest is added to.
            there = there or (start.endswith(".") and any(key.startswith(start) for key in keys))
            if not there:
                yield f"{path}:{line_of(text, at)}: there is no message {start}{'...' if has_blank else ''}"
            elif path.endswith(".js") and ".script." not in start:
                yield f"{path}:{line_of(text, at)}: {start} is not handed to scripts; FRONT.script. is"


@rule
def messages_are_used(tree):
    """Every message is named by a template, a script or a handler, in whole or by a beginning that ends in a dot."""
    named, beginnings = set(), set()
    for _, text in front_files(tree, ".html"):
        named |= set(re.findall(r"\[\[(.*?)\]\]", text))
    for path, text in speakers(tree):
        for _, start, has_blank, _, _ in literals(path, text):
            if has_blank or start.endswith("."):
                beginnings.add(start)
            else:
                named.add(start)
    # A beginning says at least which part of which front it is of.
    beginnings = {start for start in beginnings if re.match(r"\w+\.\w+\.", start)}
    # The page kit finds the wording of a problem by its code.
    beginnings |= {f"{front}.problem." for front in catalogues(tree)}
    for front, languages in sorted(catalogues(tree).items()):
        english = languages.get("en", {})
        counted = stems(english)
        path = f"{FILES}{front}/texts/en.json"
        for key in english:
            stem = key.rpartition(".")[0]
            if key not in named and not (stem in counted and stem in named) and not any(key.startswith(start) for start in beginnings):
                yield f"{path}:{line_of_key(tree, path, key)}: nothing names {key}"


# MARK: Templates and scripts

def without_tags(template):
    """The template without what Mustache fills in, each character that goes replaced by a blank."""
    gone = lambda found: re.sub(r"[^\n]", " ", found.group())  # noqa: E731
    return re.sub(r"\{\{\{.*?\}\}\}|\{\{.*?\}\}|\[\[.*?\]\]|<!--.*?-->", gone, template, flags=re.S)


@rule
def templates_speak_by_messages(tree):
    """What a person reads or hears in a page stands among the messages, in every language."""
    for path, text in front_files(tree, ".html"):
        # Blocks of the layout and of fields that hold no words: names of files and classes, attributes.
        plain = re.sub(r"\{\{\$(front|manifest|attributes|kind)\}\}.*?\{\{/\1\}\}", lambda found: re.sub(r"[^\n]", " ", found.group()), text, flags=re.S)
        plain = without_tags(plain)
        plain = re.sub(r"(<(script|code)\b.*?</\2>)", lambda found: re.sub(r"[^\n]", " ", found.group()), plain, flags=re.S)
        for found in re.finditer(r"\s(aria-label|title|placeholder|alt)=\"([^\"]*)\"", plain):
            if re.search(r"[^\W\d_]{2,}", found.group(2)) and not re.search(r"@|://", found.group(2)):
                yield f"{path}:{line_of(plain, found.start())}: {found.group(1)} is no message: {found.group(2).strip()}"
        words = re.sub(r"<[^>]*>", lambda found: re.sub(r"[^\n]", " ", found.group()), plain)
        for number, line in enumerate(words.split("\n"), 1):
            said = re.sub(r"\b(Tiffin|UTC)\b", "", html.unescape(line))
            if re.search(r"[^\W\d_]{2,}", said):
                yield f"{path}:{number}: is no message: {said.strip()[:60]}"


INLINE = [
    (r"\sstyle=[\"'{]", "a style of its own, which the policy forbids; write a class, or set element.style in a script"),
    (r"<\w[^>]*\son[a-z]+=[\"'{]", "a handler in the page, which the policy forbids; listen in a script"),
    (r"<style\b", "a style sheet in the page, which the policy forbids; write it into a .css"),
    (r"javascript:", "a script in an address, which the policy forbids"),
    (r"<script\b(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")[^>]*>", "a script in the page, which the policy forbids; write it into a .js"),
    (r"setAttribute\([\"']style[\"']", "a style of its own, which the policy forbids; set element.style"),
    (r"\beval\(|\bnew Function\(", "code made of text, which the policy forbids"),
]


@rule
def pages_hold_nothing_inline(tree):
    """No script, style or handler stands in a page: the content security policy would not let it run."""
    for path, text in front_files(tree, ".html", ".js"):
        for pattern, message in INLINE:
            for found in re.finditer(pattern, text):
                yield f"{path}:{line_of(text, found.start())}: {message}"


@rule
def pages_ask_no_other_host(tree):
    """Nothing is loaded from another host; links that a person taps may lead to maps."""
    sources = [*front_files(tree, ".html", ".js", ".css", ".svg", ".webmanifest"), *swift(tree, "Sources/Fronts/")]
    for path, text in sources:
        for found in re.finditer(r"(?:https?:|wss?:|[\"'(])//([\w.-]*\w)", text):
            host = found.group(1)
            if host != "www.w3.org" and host not in LINKED_HOSTS and not re.search(r"(^|\.)example(\.(com|org|net))?$", host):
                yield f"{path}:{line_of(text, found.start())}: names the host {host}"


@rule
def front_files_are_text(tree):
    """Files of the fronts become part of the program as text: UTF-8, lines that end in a line feed."""
    for path, text in front_files(tree, ""):
        # What is not UTF-8 was read as lone surrogates.
        found = re.search("[\ud800-\udfff\0\r\ufeff]", text)
        if found:
            yield f"{path}:{line_of(text, found.start())}: is no plain text in UTF-8"


@rule
def fronts_see_apis_only(tree):
    """A web app asks operations and makes pages: it imports APIs, Kernel, Wire, ServiceKit, Pages, WebServer and Foundation."""
    allowed = {"Kernel", "Wire", "ServiceKit", "Pages", "WebServer", "Foundation"}
    for path, text in swift(tree, "Sources/Fronts/"):
        for number, module in imports(text):
            if module not in allowed and not module.endswith("API"):
                yield f"{path}:{number}: a web app imports {module}"
