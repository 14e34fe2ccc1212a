"""Browser tests: few, whole journeys, told as given, when, then. Debian's Chromium, a live server, a real worker.

Every page that a journey comes to is looked at by axe (WCAG 2.2 AA) with ``visitor.looks()``.
"""

import os
import shutil
from pathlib import Path

import pytest
from django.conf import settings as project_settings
from playwright.sync_api import Page, expect

AXE = Path(project_settings.BASE_DIR) / "node_modules" / "axe-core" / "axe.min.js"
PASSWORD = "three random words"  # of everyone whom tests.factories makes
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]

# Playwright's loop runs in the test's own thread; Django must be told that its database may be used there all the same.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Debian's Chromium; the one that Playwright would fetch for itself is not used."""
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is not installed: make test installs it where it may"
    return {**browser_type_launch_args, "executable_path": chromium, "args": FLAGS}


class Visitor:
    """A person at a browser. Actions are named by what the person sees."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address

    def goes_to(self, path: str) -> None:
        self.page.goto(self.address + path)

    def signs_in(self, person) -> None:
        self.goes_to("/account/login/")
        self.page.get_by_label("Email").fill(person.email)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        self.sees("What needs you")

    def signs_out(self) -> None:
        self.page.get_by_role("button", name="Sign out").click()

    def follows(self, link: str) -> None:
        """Follow a link, or what looks like a button and leads somewhere."""
        role = self.page.get_by_role
        role("link", name=link).or_(role("button", name=link)).first.click()

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def sends(self, button: str) -> None:
        """Press a button and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.presses(button)

    def sees(self, text: str) -> None:
        expect(self.page.locator("body")).to_contain_text(text)

    runs_scripts = True

    def looks_if_it_can(self) -> None:
        """``looks`` where the browser runs scripts: axe is one."""
        if self.runs_scripts:
            self.looks()

    def looks(self) -> None:
        """The page stands up to axe, and has one main heading and a title."""
        self.page.wait_for_load_state()
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "async (rules) => (await axe.run(document, {runOnly: {type: 'tag', values: rules}})).violations", RULES
        )
        told = [f"{one['id']}: {one['help']} {[node['target'] for node in one['nodes']][:3]}" for one in found]
        assert not told, f"{self.page.url}: {told}"
        assert self.page.locator("h1").count() == 1, self.page.url
        assert self.page.title()


@pytest.fixture
def visitor(page, live_server):
    """Somebody at a desktop browser, JavaScript on."""
    return Visitor(page, live_server.url)


@pytest.fixture
def plain_visitor(browser, live_server):
    """Somebody on a phone whose browser runs no JavaScript."""
    context = browser.new_context(java_script_enabled=False, viewport={"width": 375, "height": 800})
    plain = Visitor(context.new_page(), live_server.url)
    plain.runs_scripts = False
    yield plain
    context.close()
