"""The public looks at how the partnership is arranged, now and as it was."""

from datetime import date

import pytest
from playwright.sync_api import expect

from partnership.choices import GroupKind
from partnership.models import FormerName
from tests.factories import GroupFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def arranged(db):
    """An executive with a subgroup and five hubs, a linked board, and the board that came before them."""
    GroupFactory(name="Old Strategic Board", slug="old-board", starts=date(2011, 4, 1), ends=date(2019, 4, 1))
    top = GroupFactory(name="Executive Group", slug="executive", kind=GroupKind.EXECUTIVE)
    audit = GroupFactory(name="Performance and Audit Group", slug="audit", parent=top)
    FormerName.objects.create(group=audit, name="Audit Subgroup", until=date(2022, 9, 1))
    stakeholders = GroupFactory(name="Stakeholders Group", parent=top)
    for number in range(1, 6):
        GroupFactory(name=f"Learning Hub {number}", kind=GroupKind.HUB, parent=stakeholders)
    GroupFactory(name="Safeguarding Adults Board", kind=GroupKind.LINKED_BOARD, starts=None)


def test_the_structure_is_looked_at_as_a_picture_and_as_it_was(arranged, visitor):
    # Given somebody without an account, at a desktop
    page = visitor.page
    page.set_viewport_size({"width": 1280, "height": 900})

    # When they open the structure
    visitor.goes_to("/structure/")
    visitor.looks()

    # Then every group is a box of the picture, which leads to its page by mouse and by keyboard
    picture = page.locator("svg.hscp-chart")
    expect(picture.get_by_role("link")).to_have_count(9)
    picture.get_by_role("link", name="Performance and Audit Group").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Performance and Audit Group")
    visitor.looks()

    # And as it was on another day, it has the groups and names of that day
    visitor.goes_to("/structure/")
    for part, value in (("Day", "1"), ("Month", "5"), ("Year", "2020")):
        page.get_by_label(part, exact=True).fill(value)
    visitor.presses("Show")
    expect(page).to_have_url(f"{visitor.address}/structure/?on=2020-05-01")
    expect(picture).to_contain_text("Audit Subgroup")
    expect(picture).not_to_contain_text("Old Strategic Board")
    visitor.looks()
    visitor.goes_to("/structure/?on=2018-01-01")
    expect(picture).to_contain_text("Old Strategic Board")


def test_the_structure_is_read_as_a_list_on_a_phone_without_javascript(arranged, plain_visitor):
    plain_visitor.goes_to("/structure/")
    page = plain_visitor.page
    the_list, picture = page.locator(".hscp-structure__list"), page.locator("svg.hscp-chart")
    assert the_list.bounding_box()["y"] < picture.bounding_box()["y"]
    assert page.evaluate("document.documentElement.scrollWidth") == 375  # the picture scrolls in its own frame
    the_list.get_by_role("link", name="Executive Group").click()
    plain_visitor.sees("What it is for")
