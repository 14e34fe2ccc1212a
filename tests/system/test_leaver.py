"""Somebody leaves, in a browser: their access ends in one step, and what they leave is handed over."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from partnership.choices import Role
from partnership.models import Action, RoleGrant
from tests.factories import UserFactory, grant
from tests.system.conftest import Visitor

pytestmark = pytest.mark.django_db(transaction=True)


def begins_to_hand_over(visitor, what):
    row = visitor.page.locator(".govuk-summary-list__row").filter(has_text=what)
    row.get_by_role("link", name="Hand over").click()


def hands_over(visitor, what, to):
    begins_to_hand_over(visitor, what)
    visitor.page.get_by_label("Who takes it over?").select_option(label=to)
    visitor.presses("Hand over and tell them")
    visitor.sees(f"Handed over to {to.partition(',')[0]}")


def test_a_leaver_is_out_at_once_and_everything_they_leave_finds_somebody(
    visitor, browser, ursula, chloe, health_board, audit_group
):
    # Given somebody of the health board who chairs a group, sits on it and has an action to do,
    # a colleague of theirs, and the business unit
    group_page = audit_group.get_absolute_url()
    colleague = UserFactory(name="Henry Health", job_title="Named nurse", organisation=health_board)
    grant(colleague, Role.PARTNER, health_board)
    due = timezone.localdate() + timedelta(days=30)
    Action.objects.create(person=chloe, organisation=health_board, what="Audit the referrals", due=due)
    elsewhere = Visitor(browser.new_context().new_page(), visitor.address)
    elsewhere.signs_in(chloe)
    elsewhere.goes_to(group_page)
    elsewhere.sees("Performance and Audit Group")

    # when the business unit says that they leave today
    visitor.signs_in(ursula)
    visitor.follows("People")
    visitor.page.get_by_label("Name or email address").fill("chloe")
    visitor.presses("Apply filters")
    visitor.looks()
    visitor.follows("Chloe Chair")
    visitor.looks()
    visitor.follows("This person is leaving")
    for part in ("What ends", "Chair: Performance and Audit Group", "Action: Audit the referrals"):
        visitor.sees(part)
    visitor.looks()
    visitor.presses("End their access")

    # then they are out at once, also where they are signed in
    visitor.sees("Chloe Chair has left. Their access has ended")
    visitor.looks()
    elsewhere.goes_to(group_page)
    expect(elsewhere.page.get_by_role("button", name="Sign out")).to_have_count(0)
    elsewhere.goes_to("/account/login/")
    elsewhere.page.get_by_label("Email").fill(chloe.email)
    elsewhere.page.get_by_label("Password", exact=True).fill("three random words")
    elsewhere.presses("Sign in")
    elsewhere.sees("Your account is closed")
    elsewhere.page.context.close()

    # and what they leave waits on the home page, and is handed over, one thing after another
    visitor.goes_to("/")
    visitor.follows("3 things of Chloe Chair to hand over")
    hands_over(visitor, "Seat as member", "Henry Health, Named nurse")
    hands_over(visitor, "Audit the referrals", "Henry Health, Named nurse")
    begins_to_hand_over(visitor, "Chair")
    visitor.looks()
    visitor.page.get_by_label("Who takes it over?").select_option(label="Henry Health, Named nurse")
    visitor.presses("Hand over and tell them")
    visitor.sees("Nothing waits for anybody")
    today = timezone.localdate()
    assert colleague.chair_terms.on(today).get().group == colleague.memberships.on(today).get().group == audit_group
    assert not RoleGrant.objects.active(today).filter(user=chloe).exists()
