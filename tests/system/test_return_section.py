"""One section of a return in a browser: what opens by itself, the draft, two people at once. Nothing typed is lost."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from schools.models import Collection, SectionDraft
from schools.services.sections import Content
from schools.sheets import Sheet
from tests.factories import fill, open_return

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def record(oak_lane, dan, debbie):
    return open_return(oak_lane)


@pytest.fixture
def complaints(page):
    """What the browser complains of: breaches of the security policy, errors in scripts."""
    found = []
    page.on("console", lambda message: found.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.fixture
def at_section(visitor, record, dan):
    """``at_section("S1")`` brings Dan to a section and gives the page and its questions by number."""

    def come(code):
        visitor.signs_in(dan)
        visitor.goes_to(f"/returns/{record.pk}/sections/{code}/")
        return visitor.page, {line.question.code: f"q{line.question.pk}" for line in Sheet(record).part(code).lines}

    return come


def hide(page):
    """As if somebody closed the lid or changed to another window: the page is told that it is out of sight."""
    page.evaluate("Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true})")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_a_weak_answer_opens_the_action_that_it_needs(at_section, complaints):
    page, q = at_section("S1")
    for code, weaken in [
        ("1.1", lambda: page.locator(f"input[name={q['1.1']}_value][value=developing]").check()),
        ("1.2", lambda: page.locator(f"input[name={q['1.2']}_value][value=no]").check()),
        ("1.3", lambda: page.locator(f"[name={q['1.3']}_value]").fill("99%")),
    ]:
        action = page.locator(f"[name={q[code]}_action_what]")
        expect(action).to_be_hidden()
        weaken()
        page.keyboard.press("Tab")
        expect(action).to_be_visible()
    assert complaints == []


def test_a_good_answer_opens_nothing(at_section):
    page, q = at_section("S1")
    page.locator(f"input[name={q['1.1']}_value][value=in_place]").check()
    page.locator(f"[name={q['1.3']}_value]").fill("100")
    page.keyboard.press("Tab")
    for code in ("1.1", "1.3"):
        expect(page.locator(f"[name={q[code]}_action_what]")).to_be_hidden()


def test_an_old_date_and_what_does_not_apply_open_what_they_need(at_section):
    page, q = at_section("S2")
    for part, number in (("day", "1"), ("month", "9"), ("year", "2020")):
        page.locator(f"[name={q['2.1']}_value_{part}]").fill(number)
    page.keyboard.press("Tab")
    expect(page.locator(f"[name={q['2.1']}_action_what]")).to_be_visible()
    page.reload()
    page.locator(f"[name={q['2.1']}_never]").check()
    expect(page.locator(f"[name={q['2.1']}_action_what]")).to_be_visible()
    page.locator(f"input[name={q['2.2']}_value][value=na]").check()
    expect(page.locator(f"[name={q['2.2']}_reason]")).to_be_visible()


def test_a_draft_is_kept_when_the_page_goes_out_of_sight_and_offered_back(at_section, visitor, record, complaints):
    # Given somebody who has typed and not saved, when they turn away
    page, q = at_section("S1")
    page.locator(f"[name={q['1.1']}_evidence]").fill("Half a sentence")
    hide(page)
    visitor.sees("Draft saved at")
    assert SectionDraft.objects.get().fields[f"{q['1.1']}_evidence"] == ["Half a sentence"]
    # then it is offered when they come back, and shown when they want it
    page.reload()
    visitor.sees("You have unsaved changes from")
    visitor.looks()
    expect(page.locator(f"[name={q['1.1']}_evidence]")).to_have_value("")
    visitor.follows("Continue with them")
    expect(page.locator(f"[name={q['1.1']}_evidence]")).to_have_value("Half a sentence")
    # and is gone once they have saved it
    page.locator("input[name=complete][value=no]").check()
    visitor.presses("Save and continue")
    visitor.sees("Safeguarding return 2026-27")
    assert not SectionDraft.objects.exists()
    assert record.answers.get().evidence == "Half a sentence"
    assert complaints == []


def test_a_draft_that_nobody_wants_is_discarded(at_section, visitor):
    page, q = at_section("S1")
    page.locator(f"[name={q['1.1']}_evidence]").fill("Half a sentence")
    hide(page)
    visitor.sees("Draft saved at")
    page.reload()
    visitor.presses("Discard them")
    expect(page.locator("body")).not_to_contain_text("You have unsaved changes")
    assert not SectionDraft.objects.exists()


def test_the_page_says_when_the_session_has_ended_and_keeps_what_was_typed(at_section, visitor):
    page, q = at_section("S1")
    page.context.clear_cookies(name="sessionid")
    page.locator(f"[name={q['1.1']}_evidence]").fill("Half a sentence")
    hide(page)
    visitor.sees("You have been signed out. What you typed is still on this page")
    expect(page.locator(f"[name={q['1.1']}_evidence]")).to_have_value("Half a sentence")


def test_the_page_says_when_the_deadline_has_passed_and_keeps_what_was_typed(at_section, visitor, record):
    page, q = at_section("S1")
    yesterday = timezone.localdate() - timedelta(days=1)
    Collection.objects.update(
        opens_on=yesterday - timedelta(days=9), first_deadline=yesterday, final_deadline=yesterday
    )
    page.locator(f"[name={q['1.1']}_evidence]").fill("Half a sentence")
    hide(page)
    visitor.sees("can no longer be saved")
    page.locator("input[name=complete][value=no]").check()
    visitor.presses("Save and continue")
    visitor.sees("This has not been saved")
    expect(page.locator(f"[name={q['1.1']}_evidence]")).to_have_value("Half a sentence")
    visitor.looks()


def test_two_people_change_one_answer_and_the_second_chooses(at_section, visitor, record, debbie):
    # Given two people at one section, when the other saves first
    page, q = at_section("S1")
    fill(record, by=debbie, values={"1.1": Content("embedded", evidence="Hers")}, sections=["S1"], complete=False)
    page.locator(f"input[name={q['1.1']}_value][value=in_place]").check()
    page.locator(f"[name={q['1.1']}_evidence]").fill("Mine")
    page.locator("input[name=complete][value=no]").check()
    visitor.presses("Save and continue")
    # then both texts are shown, and nothing is overwritten before a choice is made
    visitor.sees("Debbie Deputy changed this answer while you were working on it.")
    visitor.looks()
    assert record.answers.get(question__code="1.1").evidence == "Hers"
    page.get_by_label("Mine, as it stands below").check()
    visitor.presses("Save and continue")
    visitor.sees("Safeguarding return 2026-27")
    assert record.answers.get(question__code="1.1").evidence == "Mine"


def test_the_enter_key_saves_and_adds_nobody(at_section, visitor, record):
    page, q = at_section("C")
    page.locator(f"[name={q['C1']}_name]").fill("Jo Example")
    page.locator("input[name=complete][value=no]").check()
    page.locator(f"[name={q['C1']}_name]").press("Enter")
    visitor.sees("Safeguarding return 2026-27")
    assert record.answers.get(question__code="C1").value == {"name": "Jo Example"}
