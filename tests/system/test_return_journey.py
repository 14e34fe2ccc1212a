"""A school files its return, in a browser: from the lead's first click to the signed PDF and the unit's acceptance."""

from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from django.utils import timezone
from playwright.sync_api import expect

from partnership.choices import DocumentStatus
from partnership.models import Action, Document, OutgoingMessage
from schools.choices import AnswerType, ReturnStatus
from schools.sheets import Sheet
from tests.factories import good_answer, open_return

pytestmark = pytest.mark.django_db(transaction=True)

WEAK = {"1.1": "not_in_place", "1.3": 90}  # one red, and critical; one amber


@pytest.fixture
def record(oak_lane, dan, debbie, amira, colin, ursula):
    """Oak Lane's return, open and not begun; everybody who has a part in it."""
    return open_return(oak_lane)


def fill_section(visitor, part):
    """Answer every question on the page, the weak ones with their action, and say that the section is complete."""
    for line in part.lines:
        question = line.question
        answer(visitor.page, question, WEAK.get(question.code, good_answer(question)))
        if question.code in WEAK:
            describe_action(visitor.page, question, runs_scripts=visitor.runs_scripts)
    visitor.page.locator("input[name=complete][value=yes]").check()
    visitor.looks_if_it_can()
    visitor.presses("Save and continue")


def answer(page, question, value):
    name = f"q{question.pk}"
    if question.answer_type == AnswerType.MULTI:
        for code in value:
            page.locator(f"input[name={name}_value][value={code}]").check()
    elif question.options:
        page.locator(f"input[name={name}_value][value={value}]").check()
    elif question.answer_type == AnswerType.DATE:
        type_date(page, f"{name}_value", value)
    elif question.answer_type == AnswerType.REPEAT:
        type_person(page, f"{name}_0_", value[0])
    elif isinstance(value, dict):
        type_person(page, f"{name}_", value)
    else:
        page.locator(f"[name={name}_value]").fill(str(value))


def type_person(page, prefix, person):
    for key, value in person.items():
        if key in ("appointed", "trained"):
            type_date(page, prefix + key, value)
        elif page.locator(f"[name={prefix}{key}]").count():
            page.locator(f"[name={prefix}{key}]").fill(value)


def type_date(page, name, iso):
    year, month, day = iso.split("-")
    for part, value in (("day", day), ("month", month), ("year", year)):
        page.locator(f"[name={name}_{part}]").fill(value)


def describe_action(page, question, *, runs_scripts):
    what = page.locator(f"[name=q{question.pk}_action_what]")
    if runs_scripts:  # the page itself opens what a weak answer needs, once one leaves the answer
        page.keyboard.press("Tab")
        expect(what).to_be_visible()
    else:
        page.locator(f"details:has([name=q{question.pk}_action_what]) summary").click()
    what.fill("Run a culture survey and report to governors")
    page.locator(f"[name=q{question.pk}_action_who]").fill("Headteacher")
    due = timezone.localdate() + timedelta(days=60)
    type_date(page, f"q{question.pk}_action_due", due.isoformat())


def fill_whole_return(visitor, record):
    """Section by section; what one section says may decide what the next one asks."""
    done = set()
    while todo := [part for part in Sheet(record).parts if part.section.code not in done]:
        part = todo[0]
        done.add(part.section.code)
        visitor.goes_to(f"/returns/{record.pk}/sections/{part.section.code}/")
        fill_section(visitor, part)
        record.refresh_from_db()


def lead_files(visitor, record, dan):
    visitor.signs_in(dan)
    visitor.goes_to(f"/returns/{record.pk}/")
    visitor.sees("Not started")
    visitor.looks_if_it_can()
    visitor.follows("Start now")
    fill_whole_return(visitor, record)
    visitor.goes_to(f"/returns/{record.pk}/")
    visitor.looks_if_it_can()
    visitor.goes_to(f"/returns/{record.pk}/answers/")
    visitor.sees("Everything is there")
    visitor.looks_if_it_can()
    visitor.presses("Send to the head")
    record.refresh_from_db()
    assert record.status == ReturnStatus.WITH_HEAD


def head_confirms(visitor, record, amira):
    visitor.signs_in(amira)
    visitor.sees("Oak Lane School")
    visitor.goes_to(f"/returns/{record.pk}/summary/")
    visitor.sees("Staff assume that harm could happen here.")
    visitor.looks_if_it_can()
    visitor.follows("Confirm and submit")
    visitor.looks_if_it_can()
    visitor.presses("Confirm and submit")
    visitor.sees("There is a problem")
    visitor.page.get_by_label("I agree with this statement").check()
    visitor.presses("Confirm and submit")
    visitor.sees("Return submitted")
    visitor.sees(record.reference)
    visitor.looks_if_it_can()


def test_a_return_goes_from_first_click_to_signed_pdf(visitor, record, dan, amira, colin, ursula, celery_worker):
    # Given a return that nobody has begun, when the lead fills it with one red and one amber answer
    lead_files(visitor, record, dan)
    visitor.signs_out()

    # and the head confirms it
    head_confirms(visitor, record, amira)
    with visitor.page.expect_download() as downloading:
        link = visitor.page.get_by_role("link", name="Download")
        expect(link).to_be_visible(timeout=60_000)
        link.click()
    visitor.signs_out()

    # then the signed PDF is there, tagged, and the weak answers are actions of the tracker
    with pikepdf.open(BytesIO(downloading.value.path().read_bytes())) as pdf:
        assert "/StructTreeRoot" in pdf.Root
        assert "Oak Lane School" in str(pdf.docinfo.get("/Title", ""))
    assert Action.objects.filter(organisation=record.organisation).count() == len(WEAK)

    # and the chair signs for the governors
    visitor.signs_in(colin)
    visitor.goes_to(f"/returns/{record.pk}/governance/")
    visitor.looks()
    visitor.page.get_by_label("I agree with this statement").check()
    visitor.presses("Sign the return")
    visitor.signs_out()
    assert record.sign_offs.count() == 2

    # and the business unit accepts it
    visitor.signs_in(ursula)
    visitor.looks()
    visitor.goes_to(f"/returns/{record.pk}/accept/")
    visitor.looks()
    visitor.presses("Accept the return")
    record.refresh_from_db()
    assert record.status == ReturnStatus.ACCEPTED
    told = set(OutgoingMessage.objects.values_list("name", flat=True))
    assert {"return_with_head", "return_submitted", "governance_wanted", "return_accepted"} <= told


def test_the_same_works_on_a_phone_without_javascript(plain_visitor, record, dan, amira):
    lead_files(plain_visitor, record, dan)
    plain_visitor.signs_out()
    head_confirms(plain_visitor, record, amira)
    record.refresh_from_db()
    assert record.status == ReturnStatus.SUBMITTED
    assert Document.objects.about(record).get().status == DocumentStatus.WANTED


def test_what_was_typed_is_kept_when_the_session_ends(visitor, record, dan):
    visitor.signs_in(dan)
    part = Sheet(record).part("S1")
    question = part.lines[0].question
    visitor.goes_to(f"/returns/{record.pk}/sections/S1/")
    visitor.page.locator(f"[name=q{question.pk}_evidence]").fill("A survey of all staff in October")
    visitor.page.locator("input[name=complete][value=no]").check()
    visitor.page.context.clear_cookies(name="sessionid")
    visitor.presses("Save and continue")
    visitor.page.get_by_label("Email").fill(dan.email)
    visitor.page.get_by_label("Password", exact=True).fill("three random words")
    visitor.presses("Sign in")
    kept = visitor.page.locator(f"[name=q{question.pk}_evidence]")
    expect(kept).to_have_value("A survey of all staff in October")
