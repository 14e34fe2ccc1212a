"""What every page sends and how it is built: a strict policy, nothing inline, one heading, a name for every control.

The pages are those of the URL map, each seen by the first of the cast whom the tables let in; and the error pages.
"""

import re
from collections import Counter
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from tests import cast
from tests.hscp.test_url_map import ANSWERED, OWN_ACCOUNT, PUBLIC, expected
from tests.pages import Page, all_pages

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
# Pages that want something to have happened first (a code that was sent, a link from an email): tests of their own.
NEED_A_STORY = {
    "accept_invitation",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_reset_password_from_key",
    "mfa_authenticate",
    "mfa_edit_webauthn",
    "mfa_remove_webauthn",
}
# Shows an e-mail in a frame, with the styles that e-mails have: a policy and a test of its own.
OWN_POLICY = "learninghubs:issue_email"
NO_LABEL_NEEDED = {"hidden", "submit", "button", "reset", "image"}


class Html(HTMLParser):
    """A page, read for what must be true of each."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: dict[str, str] = {}
        self.labelled_inside: list[dict[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if "label" in self.open:
            self.labelled_inside.append(attributes)
        if tag not in {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}:
            self.open.append(tag)

    def handle_endtag(self, tag):
        while tag in self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data):
        for tag in {"title", "h1"} & set(self.open):
            self.words[tag] = self.words.get(tag, "") + data

    def all(self, *names: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def inline_code(html: Html) -> list[str]:
    """What the policy forbids, as the browser would report it."""
    found = [f"<{tag}>" for tag, attributes in html.tags if tag == "style" or _is_inline_script(tag, attributes)]
    for tag, attributes in html.tags:
        found += [f"<{tag} {name}>" for name in attributes if re.fullmatch(r"style|on\w+|hx-on.*", name)]
        found += [f"<{tag} {name}={value}>" for name, value in attributes.items() if _is_foreign(tag, name, value)]
    return found


def _is_inline_script(tag: str, attributes: dict[str, str]) -> bool:
    return tag == "script" and not attributes.get("src") and attributes.get("type") != "application/json"  # data


def _is_foreign(tag: str, name: str, value: str) -> bool:
    if value.strip().lower().startswith("javascript:"):
        return True
    loads = (tag, name) in {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("form", "action")}
    return loads and re.match(r"(\w+:)?//", value) is not None


def unlabelled(html: Html) -> list[str]:
    """Form controls that a screen reader could not name."""
    named = {label.get("for") for label in html.all("label")}
    ids = {attributes.get("id") for _, attributes in html.tags}
    return [
        control.get("name", "?")
        for control in html.all("input", "select", "textarea")
        if control.get("type") not in NO_LABEL_NEEDED
        and control.get("id") not in named
        and control not in html.labelled_inside
        and not control.get("aria-label")
        and control.get("aria-labelledby") not in ids - {None}
    ]


def problems(text: str) -> list[str]:
    """What is wrong with a page, in words; an empty list for a good one. A part of a page, as htmx asks for it, has no
    language, title or heading of its own."""
    html = Html(text)
    checks = _checks_of_any_part(html) | (_checks_of_a_whole_page(html) if html.all("html") else {})
    return [what for what, is_wrong in checks.items() if is_wrong]


def _checks_of_a_whole_page(html: Html) -> dict[str, bool]:
    referred, ids = _references(html), _ids(html)
    return {
        "no language": html.all("html")[0].get("lang") != "en",
        "an empty title": not html.words.get("title", "").split(" – ")[0].strip(),
        f"{len(html.all('h1'))} headings of the first level": len(html.all("h1")) != 1,
        "an empty heading": not html.words.get("h1", "").strip(),
        f"ids that are referred to and are not there: {referred - set(ids)}": not referred <= set(ids),
        "more or less than one main part": len(html.all("main")) != 1,
    }


def _checks_of_any_part(html: Html) -> dict[str, bool]:
    twice = [name for name, count in _ids(html).items() if count > 1]
    return {
        f"ids used twice: {twice}": bool(twice),
        f"inline code: {inline_code(html)}": bool(inline_code(html)),
        f"controls without a label: {unlabelled(html)}": bool(unlabelled(html)),
        "an image without a text": any("alt" not in image for image in html.all("img")),
    }


def _ids(html: Html) -> Counter[str]:
    return Counter(attributes["id"] for _, attributes in html.tags if "id" in attributes)


def _references(html: Html) -> set[str]:
    names = ("aria-describedby", "aria-labelledby", "aria-controls")
    return {each for _, attributes in html.tags for name in names for each in attributes.get(name, "").split()}


def visitor(page: Page) -> str | None:
    """The first of the cast whom the tables let in; nobody for a public page."""
    if page.name in PUBLIC:
        return None
    return next((name for name in cast.PEOPLE if page.name in OWN_ACCOUNT or expected(page, name) & ANSWERED), "amira")


def is_page(response) -> bool:
    return response.get("Content-Type", "").startswith("text/html") and response.status_code not in (302, 405)


def policy_of(response) -> dict[str, str]:
    parts = response["Content-Security-Policy"].split(";")
    return {name: values for name, _, values in (part.strip().partition(" ") for part in parts if part.strip())}


SEEN = [page for page in all_pages() if page.name not in NEED_A_STORY | {OWN_POLICY}]


@pytest.mark.parametrize("entry", [pytest.param(page, id=str(page)) for page in SEEN])
def test_each_page_is_well_built_and_sends_the_strict_policy(entry, world, db):
    response = world.visit(entry, visitor(entry)).response
    if is_page(response):
        assert policy_of(response) == POLICY
        assert problems(response.content.decode()) == []
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"


def test_most_pages_are_really_looked_at(world, db):
    pages = [entry for entry in SEEN if is_page(world.visit(entry, visitor(entry)).response)]
    assert len(pages) > len(SEEN) * 0.7, [str(entry) for entry in SEEN if entry not in pages]


@pytest.mark.parametrize(
    ("name", "address", "status"),
    [
        (None, "/there-is-no-such-page/", 404),
        ("amira", "/there-is-no-such-page/", 404),
        ("amira", "schools:register", 403),
        ("pat", "schools:register", 404),
    ],
)
def test_the_error_pages_are_well_built_too(name, address, status, world, db):
    response = world.client(name).get(address if address.startswith("/") else reverse(address))
    assert response.status_code == status
    assert policy_of(response) == POLICY
    assert problems(response.content.decode()) == []


def test_a_page_that_is_out_of_date_says_so_in_a_page(world, db):
    client = Client(enforce_csrf_checks=True)
    response = client.post(reverse("account_login"), {"login": "x"})
    assert response.status_code == 403
    assert problems(response.content.decode()) == []


# The check itself finds what is wrong

GOOD = """<html lang="en"><title>Page – Portal</title><main><h1>Page</h1><form action="/x/">
<label for="a">A</label><input id="a" name="a"><label>B <input name="b"></label></form></main></html>"""


def test_a_good_page_has_no_problems():
    assert problems(GOOD) == []
    assert problems("<p>Half done</p>") == []


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('lang="en"', ""), "no language"),
        (("<title>Page – Portal", "<title> – Portal"), "an empty title"),
        (("<h1>Page</h1>", "<h2>Page</h2>"), "0 headings of the first level"),
        (("<h1>Page</h1>", "<h1>Page</h1><h1>Page</h1>"), "2 headings of the first level"),
        (('name="b"', 'name="b" id="a"'), "ids used twice: ['a']"),
        (('name="b"', 'name="b" aria-describedby="c"'), "ids that are referred to and are not there: {'c'}"),
        (("<h1>", '<h1 style="color: red">'), "inline code: ['<h1 style>']"),
        (("<h1>", '<h1 onclick="x()">'), "inline code: ['<h1 onclick>']"),
        (("<main>", "<main><script>x()</script>"), "inline code: ['<script>']"),
        (("<main>", "<main><style>x{}</style>"), "inline code: ['<style>']"),
        (
            ("<main>", '<main><script src="https://cdn.example/x.js"></script>'),
            "inline code: ['<script src=https://cdn.example/x.js>']",
        ),
        (("<main>", '<main><a href="javascript:x()">x</a>'), "inline code: ['<a href=javascript:x()>']"),
        (('for="a"', 'for="z"'), "controls without a label: ['a']"),
        (("<main>", '<main><img src="/x.png">'), "an image without a text"),
        (("<main>", "<main></main><main>"), "more or less than one main part"),
    ],
)
def test_each_fault_is_found(change, problem):
    assert problem in problems(GOOD.replace(*change))
