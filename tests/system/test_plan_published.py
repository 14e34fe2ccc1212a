"""The plan, in a browser: a draft copied, edited, sent to the partners, approved by each, published, and read by
anybody, as a page and as a PDF."""

from io import BytesIO

import pikepdf
import pytest
from playwright.sync_api import expect

from partnership.choices import DocumentStatus, PlanStatus
from partnership.models import ArrangementItem, Document, Plan
from tests.partnership.plans import make_plan, read

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def plan_in_force(audit_group, ursula, maya, chloe):
    """Version 1, with one objective that stands at amber; two statutory partners, each with somebody."""
    plan = make_plan(1, PlanStatus.PUBLISHED, lead=audit_group)
    read(plan.objectives.get(), "amber", sentence="Half of the schools know.")
    ArrangementItem.objects.create(code="funding", text="How the arrangements are funded", source="Guidance")
    return plan


def unit_makes_a_draft(visitor, ursula):
    visitor.signs_in(ursula)
    visitor.goes_to("/plan/versions/")
    visitor.follows("Make a new version")
    type_days(visitor.page, covers_from=(1, 4, 2029), covers_to=(31, 3, 2032))
    visitor.presses("Make the draft")
    visitor.sees("The draft has been made")
    visitor.looks()


def type_days(page, **days):
    for name, parts in days.items():
        for part, value in zip(("day", "month", "year"), parts, strict=True):
            page.locator(f"[name={name}_{part}]").fill(str(value))


def unit_edits_and_sends_it(visitor):
    visitor.follows("Add a section")
    visitor.page.get_by_label("Heading").fill("Money")
    visitor.page.get_by_label("Text").fill("Shares are agreed:\n\n- each year\n- in public")
    visitor.presses("Save")
    visitor.sees("The section has been saved")
    visitor.presses("Move up section Money")
    visitor.sees("Moved up")
    assert Plan.objects.get(version=2).sections.first().heading == "Money"
    visitor.page.locator(".govuk-button-group").get_by_role("button", name="Send to the partners").click()
    visitor.sees("How the arrangements are funded")  # a warning, which does not forbid
    visitor.looks()
    visitor.presses("Send to the partners")
    visitor.sees("Waiting for the approval of")
    visitor.signs_out()


def partner_approves(visitor, person):
    visitor.signs_in(person)
    visitor.follows("Approve Partnership plan, version 2")
    visitor.presses("Approve the plan")
    visitor.sees("Approved. Thank you.")
    visitor.signs_out()


def unit_publishes_it(visitor, ursula):
    visitor.signs_in(ursula)
    visitor.follows("Publish Partnership plan, version 2")
    visitor.follows("Publish")
    visitor.presses("Publish the plan")
    visitor.sees("Published. The PDF is being made.")
    visitor.signs_out()


def anybody_reads_it(visitor):
    """The public page, once the worker has made the PDF; the PDF's own contents."""
    link = visitor.page.get_by_role("link", name="Download the plan as a PDF")
    for _ in range(60):
        visitor.goes_to("/plan/")
        if link.count():
            break
        visitor.page.wait_for_timeout(250)
    expect(link).to_be_visible()
    visitor.looks()
    for words in ("April 2029 to March 2032", "Shares are agreed:", "Half of the schools know.", "Constabulary"):
        visitor.sees(words)
    with visitor.page.expect_download() as downloading:
        link.click()
    return downloading.value.path().read_bytes()


def test_a_draft_is_edited_approved_by_each_partner_published_and_read_by_anybody(
    visitor, plan_in_force, ursula, maya, chloe, celery_worker
):
    # Given a plan in force, when the unit makes the next version and sends it
    unit_makes_a_draft(visitor, ursula)
    unit_edits_and_sends_it(visitor)

    # and each partner approves it, and the unit publishes it
    for person in (maya, chloe):
        partner_approves(visitor, person)
    unit_publishes_it(visitor, ursula)

    # then anybody reads it
    content = anybody_reads_it(visitor)
    with pikepdf.open(BytesIO(content)) as pdf:
        assert str(pdf.docinfo.Title) == "Partnership plan, April 2029 to March 2032"
        assert pdf.Root.MarkInfo.Marked
    assert Document.objects.get().status == DocumentStatus.READY
    plan_in_force.refresh_from_db()
    assert plan_in_force.status == PlanStatus.SUPERSEDED
