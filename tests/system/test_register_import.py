"""The business unit brings in the register: with a browser as most have, and on a phone without JavaScript."""

import pytest
from playwright.sync_api import expect

from schools.models import School
from tests.schools.gias_files import links_bytes, register_bytes, row, rows
from tests.services import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

FIRST = register_bytes(row(), *rows(60))
SECOND = register_bytes(row(head_last_name="Brown"), *rows(59), row(urn=900201, name="Oak Lane Academy"))
LINKS = links_bytes((900201, 900101, "Oak Lane School", "Predecessor", "01-09-2026"))


def uploads(visitor, data: bytes, links: bytes | None = None) -> None:
    visitor.goes_to("/register/imports/")
    visitor.presses("Import the register")
    visitor.looks_if_it_can()
    named = {"name": "edubasealldata.csv", "mimeType": "text/csv", "buffer": data}
    visitor.page.get_by_label("Register file").set_input_files(named)
    if links:
        named = {"name": "links_edubasealldata.csv", "mimeType": "text/csv", "buffer": links}
        visitor.page.get_by_label("Links file (optional)").set_input_files(named)
    visitor.presses("Upload and compare")


@pytest.fixture(autouse=True)
def _a_worker(celery_worker):
    """Files are compared and applied by a real worker."""


def test_the_register_is_imported_looked_at_and_filtered(visitor, ursula):
    visitor.looks_if_it_can = visitor.looks
    visitor.signs_in(ursula)
    visitor.follows("Schools")
    visitor.sees("There are no schools in the register yet")
    visitor.looks()

    uploads(visitor, FIRST)
    visitor.sees("New: 61 schools")  # the page asks by itself until the worker is done
    visitor.looks()
    visitor.presses("Apply this import")
    visitor.looks()
    visitor.presses("Apply to the register")
    visitor.sees("What was changed")
    visitor.looks()

    uploads(visitor, SECOND, LINKS)
    visitor.sees("1 new link between schools")
    visitor.page.get_by_role("link", name="1 Changed").click()
    visitor.sees("Head’s last name: Aziz becomes Brown")
    visitor.looks()
    visitor.page.get_by_role("link", name="1 Not in the file").click()
    visitor.sees("They stay as they are")
    visitor.goes_to("/register/imports/")
    visitor.looks()

    visitor.follows("Schools")
    visitor.page.get_by_label("School or URN").fill("oak")
    visitor.presses("Apply filters")
    visitor.sees("1 school")
    visitor.follows("URN")
    expect(visitor.page.get_by_role("columnheader", name="URN")).to_have_attribute("aria-sort", "ascending")
    expect(visitor.page.get_by_label("School or URN")).to_have_value("oak")
    visitor.looks()
    with visitor.page.expect_download() as download:
        visitor.follows("Download as CSV")
    assert "Oak Lane School" in download.value.path().read_text(encoding="utf-8-sig")


def test_it_works_on_a_phone_without_javascript(plain_visitor, ursula):
    visitor = plain_visitor
    visitor.looks_if_it_can = lambda: None  # axe is a script
    visitor.signs_in(ursula)
    uploads(visitor, FIRST)
    until_seen(visitor, "New: 61 schools")
    visitor.presses("Apply this import")
    visitor.presses("Apply to the register")
    until_seen(visitor, "What was changed")
    assert School.objects.count() == 61

    uploads(visitor, b"%PDF-1.7")
    visitor.sees("This is not the register of schools: it looks like a PDF document.")


def until_seen(visitor, text: str) -> None:
    """Follow "Refresh" until the worker is done."""

    def seen() -> bool:
        refresh = visitor.page.get_by_role("link", name="Refresh")
        if refresh.count():
            refresh.click()
        return text in visitor.page.inner_text("body")

    wait_until(seen, text)
