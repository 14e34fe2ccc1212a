"""A year of a subgroup in a browser: its members, its chair, its meetings, and what becomes of what they ask for.

The parts are tested one by one elsewhere; here the way leads from each to the next by the links that people see.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from hscp.lib.dates import add_working_days
from partnership.choices import ActionStatus, MeetingStatus, Role
from partnership.engine import documents
from partnership.models import (
    Action,
    ActionReminders,
    ChairTerm,
    Document,
    HandoverStep,
    Meeting,
    OutgoingMessage,
    StandingItem,
)
from partnership.services import action_reminders, groups
from tests.factories import PriorityFactory, UserFactory, grant
from tests.partnership.meetings import at, pdf_bytes

pytestmark = pytest.mark.django_db(transaction=True)

TOPIC = "Neglect: what the audit found"
DECIDED = "Every school hears back within five days."
ASKED = "Write to all schools about feedback"


@pytest.fixture
def group(audit_group, ursula, chloe, maya):
    """With terms of reference that say two are a quorum. Chloe's year in the chair ends today."""
    today = timezone.localdate()
    groups.write_terms(
        audit_group, by=ursula, text="It audits.", in_force_from=today - timedelta(days=300), quorum=2, based_on=0
    )
    term = audit_group.chair_terms.get()
    ChairTerm.objects.filter(pk=term.pk).update(starts=today - timedelta(days=364), ends=today + timedelta(days=1))
    HandoverStep.objects.create(term=term, text="Go through the open actions", order=1)
    StandingItem.objects.create(group=audit_group, title="Welcome and apologies")
    return audit_group


@pytest.fixture
def priority(db):
    return PriorityFactory(name="Neglect", slug="neglect")


@pytest.fixture
def nora(constabulary):
    """Has an account, and sits on nothing yet."""
    person = UserFactory(name="Nora New", email="nora@example.org", organisation=constabulary)
    grant(person, Role.PARTNER, constabulary)
    return person


def test_a_year_of_a_subgroup(visitor, plain_visitor, group, priority, ursula, chloe, maya, nora, tmp_path):
    the_unit_seats_a_member_and_names_the_next_chair(visitor, group, ursula)
    the_chair_is_handed_over(visitor, group, chloe, maya)
    first, second = the_calendar_is_planned(visitor, group, maya)
    an_agenda_is_built_with_a_paper(visitor, first, tmp_path)
    the_pack_is_made_and_members_are_told(visitor, first)
    a_member_reads_the_papers_on_a_phone(plain_visitor, first, nora)
    the_meeting_is_held(visitor, first, [maya, chloe, nora])
    a_decision_and_an_action_are_recorded(visitor, nora)
    the_minutes_are_agreed_at_the_next_meeting(visitor, first, second)
    the_action_is_chased_and_done(plain_visitor, nora)
    everything_leads_to_everything(visitor, group, priority, first)


def the_unit_seats_a_member_and_names_the_next_chair(visitor, group, ursula):
    visitor.signs_in(ursula)
    visitor.follows("Groups")
    visitor.follows(group.name)
    visitor.follows("Add a member")
    visitor.page.get_by_label("Who?").fill("Nora New")
    fill_date(visitor.page, "starts", timezone.localdate())
    visitor.presses("Add")
    visitor.sees("Nora New")
    visitor.looks()
    visitor.follows("The chair")
    visitor.follows("Add a term")
    visitor.page.get_by_label("Who?").fill("Maya Member")
    fill_date(visitor.page, "starts", timezone.localdate() + timedelta(days=1))
    fill_date(visitor.page, "last_day", timezone.localdate() + timedelta(days=365))
    visitor.presses("Save")
    visitor.sees("Maya Member")
    visitor.signs_out()


def the_chair_is_handed_over(visitor, group, chloe, maya):
    """Warned on the home page, ticked off; and the next day the other one chairs."""
    visitor.signs_in(chloe)
    visitor.follows(f"Hand over the chair of {group}")
    visitor.sees("Maya Member, Constabulary")
    visitor.page.get_by_role("button", name="Go through the open actions").click()
    visitor.sees("Not done after all")
    visitor.signs_out()
    today = timezone.localdate()
    group.chair_terms.filter(person=chloe).update(ends=today)
    group.chair_terms.filter(person=maya).update(starts=today)


def the_calendar_is_planned(visitor, group, maya):
    """Four dates proposed and taken; the first two then come about at once."""
    visitor.signs_in(maya)
    visitor.follows("Groups")
    visitor.follows(group.name)
    visitor.sees("You chair this group")
    visitor.looks()
    visitor.follows("Plan a year of meetings")
    visitor.page.get_by_label("Number of meetings").fill("4")
    visitor.presses("Propose dates")
    visitor.presses("Create the meetings")
    visitor.sees("4 meetings planned")
    first, second = Meeting.objects.filter(group=group).order_by("starts_at")[:2]
    is_on(first, 14)
    is_on(second, 104)
    return first, second


def is_on(meeting, days):
    """The meeting as if it were so many days from today."""
    Meeting.objects.filter(pk=meeting.pk).update(starts_at=at(days), ends_at=at(days, 12))


def an_agenda_is_built_with_a_paper(visitor, meeting, folder):
    visitor.goes_to("/")
    visitor.follows("Agenda to prepare")
    visitor.follows("Build the agenda")
    visitor.presses("Build the agenda")
    visitor.sees("Welcome and apologies")
    visitor.follows("Add an item")
    visitor.page.get_by_label("Title").fill(TOPIC)
    visitor.page.get_by_label("Decision").check()
    visitor.page.get_by_label("Which priority of the plan does it serve? (optional)").select_option("Neglect")
    visitor.presses("Save")
    visitor.follows(f"Add a paper to {TOPIC}")
    paper = folder / "audit.pdf"
    paper.write_bytes(pdf_bytes(2))
    visitor.page.get_by_label("Title of the paper").fill("The audit")
    visitor.page.get_by_label("File").set_input_files(paper)
    visitor.presses("Upload")
    visitor.sees("Paper added")


def the_pack_is_made_and_members_are_told(visitor, meeting):
    visitor.follows("Make the pack")
    visitor.presses("Make the pack")
    documents.make(Document.objects.get(kind="meeting_pack").pk)
    visitor.page.reload()
    visitor.follows("Call the meeting")
    visitor.sees("Nora New")
    visitor.presses("Call the meeting and tell its members")
    visitor.sees("The meeting is called")
    letters = OutgoingMessage.objects.filter(name="meeting_called")
    assert {letter.to_email.split("@")[0] for letter in letters} == {"maya", "chloe", "nora"}


def a_member_reads_the_papers_on_a_phone(phone, meeting, nora):
    phone.signs_in(nora)
    phone.follows("Papers to read")
    phone.sees(TOPIC)
    phone.sees("The audit")
    assert phone.page.evaluate("document.documentElement.scrollWidth") <= 375
    with phone.page.expect_download() as downloading:
        phone.page.get_by_role("link", name="The audit").first.click()
    assert downloading.value.path().read_bytes().startswith(b"%PDF")


def the_meeting_is_held(visitor, meeting, people):
    """Two of three came: the quorum is there."""
    is_on(meeting, 0)
    visitor.goes_to("/")
    visitor.follows("Attendance to record")
    for person, answer in zip(people, ("present", "apologies", "present"), strict=True):
        visitor.page.locator(f"input[name=presence_{person.pk}][value={answer}]").check()
    visitor.presses("Save attendance")
    visitor.sees("Attendance recorded")
    visitor.sees("Quorate")
    visitor.looks()


def a_decision_and_an_action_are_recorded(visitor, nora):
    visitor.follows("Write the minutes")
    visitor.follows(f"Record a decision about {TOPIC}")
    visitor.page.get_by_label("What was decided?").fill(DECIDED)
    visitor.page.get_by_label("Why?").fill("Who hears nothing stops telling us.")
    visitor.presses("Save")
    visitor.follows(f"Record an action from {TOPIC}")
    visitor.page.get_by_label("What is to be done?").fill(ASKED)
    visitor.page.get_by_label("Who does it? (optional)").select_option(str(nora.pk))
    fill_date(visitor.page, "due", morning() + timedelta(days=ActionReminders().last_before))
    visitor.presses("Give out the action")
    visitor.follows("The draft is finished")
    visitor.presses("The draft is finished")
    visitor.follows("Circulate the minutes")
    visitor.presses("Circulate the minutes")
    visitor.sees("Members are being told")


def the_minutes_are_agreed_at_the_next_meeting(visitor, meeting, following):
    is_on(meeting, -90)
    Meeting.objects.filter(pk=following.pk).update(status=MeetingStatus.HELD, called_at=timezone.now())
    is_on(following, -1)
    visitor.goes_to("/")
    visitor.follows("Minutes to agree")
    visitor.page.get_by_role("radio").first.check()
    visitor.presses("The minutes are agreed")
    visitor.sees("They never change again")


def the_action_is_chased_and_done(phone, nora):
    """One message leads her there; she says what shows that it is done."""
    assert action_reminders.send_digests(on=morning()) == 1
    message = OutgoingMessage.objects.get(name="action_digest", to_email=nora.email)
    action = Action.objects.get()
    assert action.get_absolute_url() in message.body
    phone.goes_to("/")
    phone.follows(ASKED)
    phone.follows("Mark as done")
    phone.page.get_by_label("What shows that it is done?").fill("The letter went to every school")
    phone.presses("Mark as done")
    phone.sees("The action is done")
    action.refresh_from_db()
    assert (action.status, action.group.slug) == (ActionStatus.DONE, "performance-and-audit")


def everything_leads_to_everything(visitor, group, priority, meeting):
    """From the group to the meeting, its minutes, the action, the decision and back; and all from the priority."""
    visitor.goes_to(group.get_absolute_url())
    visitor.page.locator("main").get_by_role("link", name="Meetings", exact=True).click()
    visitor.page.get_by_label("When").select_option("all")
    visitor.presses("Apply filters")
    visitor.page.locator(f"main a[href='{meeting.get_absolute_url()}']").click()
    visitor.follows("Read the minutes")
    visitor.sees(DECIDED)
    visitor.follows(ASKED)
    visitor.sees("The letter went to every school")
    assert visitor.page.locator("dl").get_by_role("link", name=group.name).count() == 1
    visitor.follows("Decision PAG")
    visitor.page.locator(".hscp-decision").get_by_role("link", name=TOPIC).click()
    visitor.sees(DECIDED)
    visitor.goes_to(priority.get_absolute_url())
    for text in (ASKED, DECIDED, TOPIC):
        visitor.sees(text)


def morning():
    """The next working day, on which people are reminded."""
    return add_working_days(timezone.localdate(), 1)


def fill_date(page, name, day):
    for part in ("day", "month", "year"):
        page.locator(f"[name={name}_{part}]").fill(str(getattr(day, part)))
