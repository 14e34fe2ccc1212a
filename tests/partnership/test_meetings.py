"""Meetings from the plan of a year to agreed minutes: the services and the rules they go by."""

from datetime import date, datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hscp.lib.dates import is_working_day
from partnership import meetings
from partnership.choices import Capacity, DocumentStatus, ItemOrigin, ItemStatus, MeetingStatus, Presence
from partnership.engine import documents, home, search
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.priorities import gathered
from partnership.engine.workflow import NoteRequired, TooLate
from partnership.figures import attendance_by_organisation, meetings_quorate
from partnership.meeting_record import record_of
from partnership.models import Action, Decision, Document, Meeting, MeetingPattern, OutgoingMessage, StandingItem
from partnership.services import meetings as services
from partnership.services.meetings.minutes import Came, initials, loaded_attendance
from tests.factories import GroupFactory, OrganisationFactory, PriorityFactory, UserFactory, seat
from tests.partnership.meetings import accepted, at, make_decision, make_item, make_meeting, make_paper

S = MeetingStatus


def slot(days: int = 20, hours: int = 2) -> meetings.Slot:
    return meetings.Slot(at(days), at(days) + timedelta(hours=hours))


def titles(meeting) -> list[str]:
    return [item.title for item in meeting.items.on_agenda()]


def told(name: str) -> set[str]:
    return set(OutgoingMessage.objects.filter(name=name).values_list("to_email", flat=True))


def a_pack(meeting, **fields) -> Document:
    """A pack that is ready, without being made."""
    return Document.objects.create(
        about=meeting, kind="meeting_pack", title="Pack", status=DocumentStatus.READY, **fields
    )


@pytest.fixture
def held(audit_group, maya, chloe, ursula):
    """A meeting of yesterday that Maya came to, and for which Chloe sent a deputy."""
    meeting = make_meeting(audit_group, days=-1, status=S.CALLED)
    seats = {one.person: one for one in meetings.expected(meeting)}
    came = [Came(seats[maya], Presence.PRESENT), Came(seats[chloe], Presence.DEPUTY, "Sam Example")]
    return services.record_attendance(meeting, came, by=ursula, loaded=loaded_attendance([]))


# --- A year -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1, 4, 6, 12])
def test_the_days_of_a_year_are_working_days_of_the_week_apart_from_each_other(number):
    days = meetings.propose_days(2027, number=number, weekday=0)
    assert len(days) == number
    assert len(set(days)) == len(days)
    assert all(day.weekday() == 0 and is_working_day(day) and day.year == 2027 for day in days)


def test_four_meetings_a_year_come_in_each_quarter_and_miss_bank_holidays():
    assert [day.month for day in meetings.propose_days(2027, number=4, weekday=2)] == [1, 4, 7, 10]
    mondays = meetings.propose_days(2027, number=52, weekday=0)
    assert date(2027, 3, 29) not in mondays  # Easter Monday
    assert len(mondays) == 47  # five Mondays of the year are bank holidays


def test_a_clash_is_with_another_group_at_the_same_time_that_shares_members(audit_group, maya, chloe):
    other, stranger = GroupFactory(name="Board"), GroupFactory()
    seat(maya, other)
    make_meeting(other, days=20)
    make_meeting(stranger, days=20)
    make_meeting(other, days=21, status=S.CANCELLED)
    found = meetings.clashes(audit_group, [slot(20), slot(21), slot(22)])
    assert [(clash.meeting.group, clash.shared) for clash in found] == [(other, 1)]
    assert "Board meets at the same time, and 1 person sits on both" in found[0].sentence


def test_days_off_and_days_twice_are_warned_of():
    warned = meetings.unusual_days([date(2026, 12, 25), date(2026, 12, 7), date(2026, 12, 7)])
    assert len(warned) == 2
    assert "25 December 2026 is a weekend or a bank holiday" in warned[0]


def test_a_year_is_created_whole_or_not_at_all(audit_group, chloe):
    made = services.plan_meetings(audit_group, [slot(20), slot(50)], by=chloe, place="Stevenage")
    assert [(one.status, one.place) for one in made] == [("planned", "Stevenage")] * 2
    with pytest.raises(ValidationError, match="starts at this time already"):
        services.plan_meetings(audit_group, [slot(80), slot(20)], by=chloe)
    assert audit_group.meetings.count() == 2
    with pytest.raises(ValidationError, match="The end must be after the start"):
        services.add_meeting(audit_group, slot(90, hours=0), by=chloe)
    audit_group.ends = at(60).date()
    with pytest.raises(ValidationError, match="Performance and Audit Group does not exist on"):
        services.add_meeting(audit_group, slot(70), by=chloe)


def test_members_and_scrutineers_plan_nothing(audit_group, maya, stella):
    for person in (maya, stella):
        with pytest.raises(PermissionDenied):
            services.add_meeting(audit_group, slot(), by=person)


# --- Moved and cancelled ----------------------------------------------------------------------------------------------


def test_a_planned_meeting_moves_without_a_word_and_calendars_are_told(audit_group, maya, ursula):
    meeting = make_meeting(audit_group)
    moved = services.change_meeting(meeting, slot(30), by=ursula, place="Online")
    assert (moved.starts_at, moved.place, moved.sequence) == (at(30), "Online", 1)
    assert told("meeting_changed") == set()
    assert services.change_meeting(moved, slot(30), by=ursula, place="Online").sequence == 1  # nothing changed


def test_a_meeting_moved_after_papers_went_out_needs_a_reason_and_tells_everybody(audit_group, maya, chloe, ursula):
    meeting = make_meeting(audit_group, status=S.CALLED)
    with pytest.raises(ValidationError, match="its papers are out"):
        services.change_meeting(meeting, slot(30), by=ursula, reason="  ")
    with pytest.raises(ValidationError, match="a time to come"):
        services.change_meeting(meeting, slot(-30), by=ursula, reason="Half of us are ill")
    services.change_meeting(meeting, slot(30), by=ursula, reason="Half of us are ill")
    assert told("meeting_changed") == {maya.email, chloe.email}
    assert "Half of us are ill" in OutgoingMessage.objects.first().body
    held = make_meeting(audit_group, days=-9, status=S.HELD)
    with pytest.raises(TooLate, match="the status is “held”"):
        services.change_meeting(held, slot(40), by=ursula)


def test_a_cancelled_meeting_tells_its_members_why(audit_group, maya, ursula):
    with pytest.raises(NoteRequired):
        services.cancel_meeting(make_meeting(audit_group), by=ursula, note=" ")
    cancelled = services.cancel_meeting(make_meeting(audit_group, days=16), by=ursula, note="Snow")
    assert (cancelled.status, cancelled.change_reason, cancelled.sequence) == (S.CANCELLED, "Snow", 1)
    assert told("meeting_cancelled") == {maya.email}


# --- The agenda -------------------------------------------------------------------------------------------------------


def test_an_agenda_is_built_of_standing_items_and_what_was_carried_forward(audit_group, ursula, held):
    StandingItem.objects.create(group=audit_group, title="Any other business", closes=True)
    StandingItem.objects.create(group=audit_group, title="Apologies", order=1)
    StandingItem.objects.create(group=audit_group, title="Gone", removed_on=timezone.localdate())
    make_item(held, "Neglect audit", carry_forward=True)
    make_item(held, "Finished")
    meeting = make_meeting(audit_group)
    services.add_item(meeting, title="Budget", by=ursula)
    assert services.build_agenda(meeting, by=ursula) == 3
    services.add_item(meeting, title="New", by=ursula)
    assert titles(meeting) == ["Apologies", "Budget", "Neglect audit", "New", "Any other business"]
    assert [item.order for item in meeting.items.on_agenda()] == [1, 2, 3, 4, 5]
    assert meeting.items.get(title="Neglect audit").origin == ItemOrigin.CARRIED_FORWARD
    assert services.build_agenda(meeting, by=ursula) == 0
    assert services.build_agenda(make_meeting(audit_group, days=40), by=ursula) == 2  # carried forward once


def test_anything_can_become_an_item_with_its_source(audit_group, ursula):
    meeting, source = make_meeting(audit_group), OrganisationFactory()
    item = services.add_item(meeting, title="A suggestion", source=source, by=None, purpose="decision")
    item.refresh_from_db()
    assert (item.source, item.order, item.purpose) == (source, 1, "decision")
    with pytest.raises(ValidationError, match="NHS number"):
        services.add_item(meeting, title="About 943 476 5919", by=ursula)


def test_a_member_proposes_and_is_told_what_became_of_it(audit_group, maya, chloe, ursula, pat):
    meeting = make_meeting(audit_group)
    with pytest.raises(PermissionDenied):
        services.propose_item(meeting, by=pat, title="Mine")
    first = services.propose_item(meeting, by=maya, title="County lines")
    second = services.propose_item(meeting, by=maya, title="Parking")
    assert titles(meeting) == []
    services.accept_item(first, by=chloe)
    with pytest.raises(NoteRequired):
        services.decline_item(second, by=chloe, note="")
    services.decline_item(second, by=chloe, note="Not for this group.")
    assert titles(meeting) == ["County lines"]
    subjects = {message.subject: message.body for message in OutgoingMessage.objects.filter(to_user=maya)}
    assert set(subjects) == {"On the agenda: County lines", "Not on the agenda: Parking"}
    assert "Not for this group." in subjects["Not on the agenda: Parking"]


def test_a_scrutineer_who_sits_on_the_group_may_propose_but_not_decide(audit_group, stella):
    seat(stella, audit_group, organisation=OrganisationFactory())
    item = services.propose_item(make_meeting(audit_group), by=stella, title="Voice of the child")
    with pytest.raises(PermissionDenied):
        services.accept_item(item, by=stella)


def test_an_accepted_proposal_can_be_declined_later_and_the_gap_closes(audit_group, maya, ursula):
    meeting = make_meeting(audit_group)
    item = services.accept_item(services.propose_item(meeting, by=maya, title="Mine"), by=ursula)
    services.add_item(meeting, title="Other", by=ursula)
    with pytest.raises(ValidationError, match="Decline it, and say why"):
        services.remove_item(item, by=ursula)
    declined = services.decline_item(item, by=ursula, note="No time")
    assert (declined.order, declined.status) == (None, ItemStatus.DECLINED)
    assert [item.order for item in meeting.items.on_agenda()] == [1]


def test_items_move_by_one_and_a_stale_page_is_told(audit_group, ursula):
    meeting = make_meeting(audit_group)
    one, _, three = (services.add_item(meeting, title=name, by=ursula) for name in ("One", "Two", "Three"))
    meeting.refresh_from_db()
    services.move_item(three, up=True, by=ursula, loaded=meeting.agenda_version)
    assert titles(meeting) == ["One", "Three", "Two"]
    with pytest.raises(TooLate, match="Somebody else has changed the agenda"):
        services.move_item(one, up=False, by=ursula, loaded=meeting.agenda_version)
    meeting.refresh_from_db()
    services.move_item(one, up=True, by=ursula, loaded=meeting.agenda_version)  # the first stays the first
    assert titles(meeting) == ["One", "Three", "Two"]


def test_whoever_saves_an_item_second_is_told_and_nothing_is_overwritten(audit_group, ursula, chloe):
    item = services.add_item(make_meeting(audit_group), title="Audit", by=ursula)
    services.edit_item(item, by=chloe, loaded=item.version, title="Audit of neglect")
    with pytest.raises(ChangedMeanwhile) as conflict:
        services.edit_item(item, by=ursula, loaded=item.version, title="Audit of harm")
    assert conflict.value.current.title == "Audit of neglect"


def test_an_item_with_papers_or_words_stays(audit_group, ursula):
    meeting = make_meeting(audit_group)
    with_paper, with_words = make_item(meeting), make_item(meeting, minute="Said")
    make_paper(with_paper)
    for item in (with_paper, with_words):
        with pytest.raises(ValidationError):
            services.remove_item(item, by=ursula)
    services.remove_item(make_item(meeting), by=ursula)
    assert meeting.items.count() == 2


# --- Papers and the call ----------------------------------------------------------------------------------------------


def test_papers_should_go_out_working_days_before_the_meeting_as_the_group_or_the_portal_says(audit_group, settings):
    monday = datetime(2027, 1, 4, 10, tzinfo=timezone.get_current_timezone())  # after a bank holiday on 1 January
    meeting = Meeting.objects.create(group=audit_group, starts_at=monday, ends_at=monday + timedelta(hours=2))
    settings.PAPERS_OUT_DAYS = 5
    assert meetings.papers_out_on(meeting) == date(2026, 12, 23)  # 31, 30, 29, 24, 23: the 28th stands for Boxing Day
    MeetingPattern.objects.create(group=audit_group, papers_out_days=1)
    audit_group.refresh_from_db()
    assert meetings.papers_out_on(meeting) == date(2026, 12, 31)
    assert not meetings.is_late(meeting, on=date(2026, 12, 31))
    assert meetings.is_late(meeting, on=date(2027, 1, 1))


def test_a_paper_has_versions_and_each_is_kept_as_it_was_uploaded(audit_group, maya, ursula):
    item = make_item(make_meeting(audit_group, days=40))
    paper = services.add_paper(item, title="Audit", upload=accepted(2), by=ursula)
    second = accepted(3, "second.pdf")
    services.add_version(paper, upload=second, by=ursula)
    found = meetings.papers_of(item.meeting)[0]
    assert [(one.number, one.is_late) for one in found.versions.all()] == [(2, False), (1, False)]
    document = found.newest.document
    assert (document.filename, document.status, document.about) == ("second.pdf", DocumentStatus.READY, paper)
    assert document.file.read() == second.content
    assert maya.has_perm(documents.kind_of(document).perm, paper)


def test_a_paper_can_be_removed_until_members_were_sent_it(audit_group, ursula, django_capture_on_commit_callbacks):
    meeting = make_meeting(audit_group)
    paper = services.add_paper(make_item(meeting), title="Audit", upload=accepted(), by=ursula)
    document = paper.newest.document
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_paper(paper, by=ursula)
    assert not Document.objects.filter(pk=document.pk).exists()
    assert not document.file.storage.exists(document.file.name)
    called = make_meeting(audit_group, days=20, status=S.CALLED)
    with pytest.raises(ValidationError, match="Upload a newer version instead"):
        services.remove_paper(make_paper(make_item(called)), by=ursula)


def test_a_removed_paper_is_no_longer_in_any_pack(audit_group, ursula, django_capture_on_commit_callbacks):
    meeting = make_meeting(audit_group)
    paper = services.add_paper(make_item(meeting), title="Audit", upload=accepted(), by=ursula)
    pack = services.make_pack(meeting, by=ursula)
    assert documents.make(pack.pk)
    pack.refresh_from_db()
    with django_capture_on_commit_callbacks(execute=True):
        services.remove_paper(paper, by=ursula)
    assert documents.latest("meeting_pack", about=meeting) is None
    assert not pack.file.storage.exists(pack.file.name)


def test_the_name_of_a_file_and_of_who_presents_are_screened(audit_group, ursula):
    item = make_item(make_meeting(audit_group))
    named = accepted(name="Audit, NHS number 943 476 5919.pdf")
    with pytest.raises(ValidationError) as refused:
        services.add_paper(item, title="Audit", upload=named, by=ursula)
    assert "NHS number" in refused.value.message_dict["upload"][0]
    assert not item.papers.exists()
    with pytest.raises(ValidationError) as refused:
        services.add_item(item.meeting, title="Audit", presenter="Mother, 07700 900123", by=ursula)
    assert "telephone number" in refused.value.message_dict["presenter"][0]


def test_a_meeting_is_called_once_with_a_pack_that_shows_the_agenda_as_it_stands(audit_group, maya, chloe, ursula):
    meeting = make_meeting(audit_group)
    gone = UserFactory(is_active=False)
    seat(gone, audit_group, organisation=OrganisationFactory())
    with pytest.raises(ValidationError, match="nothing on the agenda"):
        services.make_pack(meeting, by=ursula)
    services.add_item(meeting, title="Audit", by=ursula)
    assert services.make_pack(meeting, by=ursula).status == DocumentStatus.WANTED
    with pytest.raises(ValidationError, match="Make the pack first"):
        services.call_meeting(meeting, by=ursula)
    Document.objects.update(status=DocumentStatus.READY)
    called = services.call_meeting(meeting, by=ursula)
    assert (called.status, told("meeting_called")) == (S.CALLED, {maya.email, chloe.email})
    assert f"/meetings/{meeting.pk}/pack/" in OutgoingMessage.objects.first().body
    with pytest.raises(TooLate):
        services.call_meeting(meeting, by=ursula)
    assert OutgoingMessage.objects.filter(name="meeting_called").count() == 2


def test_a_pack_is_out_of_date_once_the_agenda_changes(audit_group, ursula):
    meeting = make_meeting(audit_group)
    item = services.add_item(meeting, title="Audit", by=ursula)
    a_pack(meeting)
    services.edit_item(item, by=ursula, loaded=1, title="Audit of neglect")
    with pytest.raises(ValidationError, match="Make the pack first"):
        services.call_meeting(meeting, by=ursula)


def test_late_papers_are_marked_and_told_once_a_day_with_a_new_pack(audit_group, maya, ursula):
    meeting = make_meeting(audit_group, status=S.CALLED)
    item, now = make_item(meeting), timezone.now()
    assert services.tell_of_late_papers(at=now) == 0
    paper = services.add_paper(item, title="Late audit", upload=accepted(), by=ursula)
    assert paper.newest.is_late
    assert documents.latest("meeting_pack", about=meeting).status == DocumentStatus.WANTED
    assert services.tell_of_late_papers(at=now) == 1
    services.add_version(paper, upload=accepted(), by=ursula)
    assert services.tell_of_late_papers(at=now) == 0  # told today already
    assert services.tell_of_late_papers(at=now + timedelta(days=1)) == 1
    assert services.tell_of_late_papers(at=now + timedelta(days=2)) == 0
    messages = OutgoingMessage.objects.filter(name="late_papers").order_by("pk")
    assert [message.to_email for message in messages] == [maya.email] * 2
    assert "Late audit (version 2)" in messages[1].body


# --- Attendance -------------------------------------------------------------------------------------------------------


def test_those_expected_are_who_sits_on_the_group_that_day_and_its_chair(audit_group, maya, chloe):
    observer = UserFactory()
    seat(observer, audit_group, Capacity.OBSERVER, organisation=maya.organisation)
    seat(UserFactory(), audit_group, organisation=maya.organisation, ends=timezone.localdate())
    audit_group.memberships.filter(person=chloe).delete()
    seats = meetings.expected(make_meeting(audit_group))
    assert [(one.person, one.capacity) for one in seats] == [
        (maya, Capacity.MEMBER),
        (chloe, Capacity.MEMBER),
        (observer, Capacity.OBSERVER),
    ]


def test_recording_attendance_makes_the_meeting_held_and_counts_deputies(held):
    held.group.terms.create(version=1, text="x", in_force_from=date(2020, 1, 1), quorum=2)
    record = record_of(held)
    assert held.status == S.HELD
    assert (record.quorum.present, record.quorum.is_met) == (2, True)
    assert (record.quorum.sentence, record.quorum.verdict) == ("2 present, 2 needed", "Quorate")
    held.group.terms.create(version=2, text="x", in_force_from=timezone.localdate() + timedelta(days=1), quorum=9)
    assert record_of(held).quorum.needed == 2  # the terms of its day
    held.group.terms.update(quorum=3)
    assert record_of(held).quorum.verdict == "Not quorate"


def test_attendance_is_refused_before_the_day_and_from_a_stale_page(audit_group, maya, held, ursula):
    to_come = make_meeting(audit_group, status=S.CALLED)
    with pytest.raises(TooLate, match="has not begun"):
        services.record_attendance(to_come, [], by=ursula, loaded=loaded_attendance([]))
    with pytest.raises(ChangedMeanwhile):
        services.record_attendance(held, [], by=ursula, loaded=loaded_attendance([]))
    with pytest.raises(TooLate, match="the status is “planned”"):
        services.record_attendance(make_meeting(audit_group, days=0), [], by=ursula, loaded="")


def test_the_name_of_a_deputy_is_screened(held, maya, ursula):
    seats = {one.person: one for one in meetings.expected(held)}
    loaded = loaded_attendance(held.attendance.all())
    with pytest.raises(ValidationError) as refused:
        services.record_attendance(
            held, [Came(seats[maya], Presence.DEPUTY, "Sam, sam@example.org")], by=ursula, loaded=loaded
        )
    assert f"deputy_{maya.pk}" in refused.value.message_dict


def test_a_deputy_needs_a_name_and_a_correction_replaces_the_row(held, maya, ursula):
    rows = list(held.attendance.all())
    seat_of_maya = next(one for one in meetings.expected(held) if one.person == maya)
    with pytest.raises(ValidationError, match="in the place of Maya Member"):
        services.record_attendance(
            held, [Came(seat_of_maya, Presence.DEPUTY, " ")], by=ursula, loaded=loaded_attendance(rows)
        )
    came = [Came(seat_of_maya, Presence.APOLOGIES, "left over")]
    services.record_attendance(held, came, by=ursula, loaded=loaded_attendance(rows))
    row = held.attendance.get(person=maya)
    assert (row.presence, row.deputy, held.attendance.count()) == (Presence.APOLOGIES, "", 2)


def test_attendance_of_an_organisation_is_the_share_of_its_members_who_came_or_sent_a_deputy(audit_group, maya):
    observer = UserFactory()
    for days, presence in ((-60, "present"), (-40, "deputy"), (-20, "apologies")):
        meeting = make_meeting(audit_group, days=days, status=S.HELD)
        fields = {"organisation": maya.organisation, "presence": presence}
        meeting.attendance.create(person=maya, deputy="Sam" if presence == "deputy" else "", **fields)
        meeting.attendance.create(person=observer, capacity=Capacity.OBSERVER, **fields | {"presence": "absent"})
    (row,) = attendance_by_organisation(Meeting.objects.took_place())
    assert (row.organisation, row.expected, row.represented, str(row.rate)) == (maya.organisation, 3, 2, "66.7")
    assert meetings_quorate(Meeting.objects.all()) is None
    audit_group.terms.create(version=1, text="x", in_force_from=date(2020, 1, 1), quorum=1)
    assert str(meetings_quorate(Meeting.objects.all())) == "66.7"


# --- Minutes ----------------------------------------------------------------------------------------------------------


def test_minutes_hold_what_was_said_decided_and_undertaken(held, ursula, chloe):
    item, priority = make_item(held), PriorityFactory()
    services.write_minute(item, by=ursula, loaded=item.version, minute="Half the cases were good.", carry_forward=True)
    with pytest.raises(ChangedMeanwhile):
        services.write_minute(item, by=chloe, loaded=item.version, minute="All were good.")
    decision = services.record_decision(item, by=chloe, text="Audit again.", reason="Few cases.", serves=priority)
    due = timezone.localdate() + timedelta(days=30)
    services.record_action(item, held.group, by=ursula, what="Choose cases", due=due)
    record = record_of(held)
    assert record.items[0].item.minute == "Half the cases were good."
    assert record.decisions == [decision]
    assert [action.source for action in record.actions] == [item]
    assert Action.objects.get().group == held.group


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Performance and Audit Group", "PAG"),
        ("Board", "B"),
        ("Task-and-finish group on neglect", "TFGN"),
        ("!", "HSCP"),
    ],
)
def test_the_letters_of_a_reference_are_the_initials_of_the_group(name, letters):
    assert initials(name) == letters


def test_decisions_are_numbered_in_the_year_of_the_meeting_and_need_a_reason(held, ursula):
    item, year = make_item(held), held.day.year
    first = services.record_decision(item, by=ursula, text="One", reason="Because")
    second = services.record_decision(item, by=ursula, text="Two", reason="Because")
    assert [first.reference, second.reference] == [f"PAG/{year}/01", f"PAG/{year}/02"]
    services.remove_decision(first, by=ursula)
    assert services.record_decision(item, by=ursula, text="Three", reason="Because").reference == f"PAG/{year}/03"
    with pytest.raises(ValidationError) as wrong:
        services.record_decision(item, by=ursula, text="Four", reason="  ")
    assert wrong.value.message_dict == {"reason": ["Enter why it was decided"]}
    with pytest.raises(ChangedMeanwhile):
        services.edit_decision(second, by=ursula, loaded=7, text="Two", reason="Because")


def test_minutes_are_circulated_taken_back_and_agreed_at_a_later_meeting(held, audit_group, maya, chloe, ursula):
    make_item(held)
    services.draft_minutes(held, by=ursula)
    services.circulate_minutes(held, by=chloe)
    assert told("minutes_circulated") == {maya.email, chloe.email}
    held.refresh_from_db()
    with pytest.raises(TooLate, match="Take them back first"):
        services.write_minute(held.items.get(), by=ursula, loaded=1, minute="Else")
    services.reopen_minutes(held, by=ursula, note="A name was wrong")
    services.draft_minutes(held, by=ursula)
    services.circulate_minutes(held, by=ursula)
    later = make_meeting(audit_group, days=0, status=S.HELD)
    for wrong in (held, make_meeting(audit_group, days=5), make_meeting(days=0, status=S.HELD)):
        with pytest.raises(ValidationError, match="a later meeting"):
            services.agree_minutes(held, by=chloe, at=wrong)
    agreed = services.agree_minutes(held, by=chloe, at=later)
    assert (agreed.status, agreed.agreed_at, agreed.agreed_on) == (S.AGREED, later, later.day)
    assert documents.latest("meeting_minutes", about=agreed).status == DocumentStatus.WANTED
    assert record_of(later).agreed_here == [agreed]


def test_minutes_that_are_taken_back_are_not_to_be_had_as_a_pdf(held, ursula, django_capture_on_commit_callbacks):
    services.draft_minutes(held, by=ursula)
    circulated = services.circulate_minutes(held, by=ursula)
    pdf = documents.latest("meeting_minutes", about=circulated)
    assert documents.make(pdf.pk)
    late = documents.want("meeting_minutes", about=circulated, by=ursula)
    services.reopen_minutes(circulated, by=ursula, note="A name was wrong")
    assert not Document.objects.filter(kind="meeting_minutes").exists()
    assert not documents.make(late.pk)
    wanted_all_the_same = documents.want("meeting_minutes", about=circulated, by=ursula)
    assert not documents.make(wanted_all_the_same.pk)


@pytest.fixture
def agreed(audit_group):
    meeting = make_meeting(audit_group, days=-30, status=S.CIRCULATED)
    item = make_item(meeting)
    make_decision(item)
    make_paper(item)
    meeting.attendance.create(person=UserFactory(), organisation=OrganisationFactory(), presence="present")
    Meeting.objects.filter(pk=meeting.pk).update(
        status=S.AGREED, agreed_at=make_meeting(audit_group, days=-10, status=S.HELD), agreed_on=timezone.localdate()
    )
    meeting.refresh_from_db()
    return meeting


def test_a_change_of_agreed_minutes_is_refused_with_a_clear_sentence(agreed, ursula):
    item = agreed.items.get()
    changes = [
        lambda: services.write_minute(item, by=ursula, loaded=1, minute="Else"),
        lambda: services.record_decision(item, by=ursula, text="More", reason="Because"),
        lambda: services.add_paper(item, title="Late", upload=accepted(), by=ursula),
        lambda: services.record_attendance(agreed, [], by=ursula, loaded=""),
        lambda: services.change_meeting(agreed, slot(), by=ursula),
        lambda: services.add_item(agreed, title="More", by=ursula),
    ]
    for change in changes:
        with pytest.raises(TooLate, match="never change"):
            change()


def test_the_database_itself_keeps_agreed_minutes(agreed):
    item = agreed.items.get()
    changes = [
        lambda: Meeting.objects.filter(pk=agreed.pk).update(place="Elsewhere"),
        lambda: Meeting.objects.filter(pk=agreed.pk).update(status=S.HELD, agreed_at=None, agreed_on=None),
        lambda: agreed.items.update(minute="Else"),
        lambda: make_item(agreed),
        lambda: item.decisions.update(text="Else"),
        lambda: item.decisions.get().delete(),
        lambda: make_decision(item, "PAG/2026/02"),
        lambda: agreed.attendance.update(presence="absent"),
        lambda: agreed.attendance.get().delete(),
        lambda: item.papers.update(title="Else"),
        lambda: item.papers.get().versions.update(is_late=True),
    ]
    for change in changes:
        with pytest.raises(DatabaseError, match=r"never change|Cannot update"), transaction.atomic():
            change()


def test_no_row_moves_from_one_meeting_to_another(audit_group):
    item, other = make_item(make_meeting(audit_group)), make_meeting(audit_group, days=30)
    with pytest.raises(DatabaseError), transaction.atomic():
        other.items.model.objects.filter(pk=item.pk).update(meeting=other)


def test_a_correction_is_noted_at_a_later_meeting(agreed, audit_group, ursula):
    later = agreed.agreed_at
    with pytest.raises(ValidationError, match="minutes were agreed"):
        services.note_correction(later, corrects=later, text="Wrong", by=ursula)
    services.note_correction(later, corrects=agreed, text="Ann came, not Anna.", by=ursula)
    assert [one.text for one in agreed.corrections.all()] == ["Ann came, not Anna."]
    assert record_of(later).corrections[0].corrects == agreed


# --- What others show -------------------------------------------------------------------------------------------------


def test_a_meeting_needs_its_agenda_then_readers_then_minutes(audit_group, maya, chloe):
    def needs(person):
        person.forget_reach()
        return [need.title.partition(":")[0] for need in home.needs_of(person, on=timezone.localdate())]

    meeting = make_meeting(audit_group)
    services.propose_item(meeting, by=maya, title="Mine")
    assert needs(maya) == []
    assert sorted(needs(chloe)) == ["1 proposed item", "Agenda to prepare"]
    Meeting.objects.update(status=S.CALLED)
    assert needs(maya) == ["Papers to read"]
    Meeting.objects.update(starts_at=at(-1), ends_at=at(-1, 12))
    assert "Attendance to record" in needs(chloe)
    Meeting.objects.update(status=S.PLANNED)
    assert "Never called" in needs(chloe)
    for status, title in ((S.HELD, "Minutes to write"), (S.DRAFTED, "Minutes to circulate")):
        Meeting.objects.update(status=status)
        assert needs(chloe) == [title]
    Meeting.objects.update(status=S.CIRCULATED)
    assert needs(chloe) == []
    make_meeting(audit_group, days=0, status=S.HELD)
    assert "Minutes to agree" in needs(chloe)


def test_needs_cost_the_same_for_one_meeting_and_for_many(audit_group, chloe):
    def cost():
        chloe.forget_reach()
        with CaptureQueriesContext(connection) as queries:
            home.needs_of(chloe, on=timezone.localdate())
        return len(queries)

    make_meeting(audit_group)
    few = cost()
    for days in range(3, 9):
        make_meeting(audit_group, days=days)
        make_meeting(audit_group, days=-days, status=S.HELD)
    assert cost() == few


def test_a_priority_shows_meetings_and_decisions_to_those_who_may_see_them(audit_group, maya, pat, held):
    priority = PriorityFactory()
    make_decision(make_item(held, serves=priority), serves=priority)
    Meeting.objects.filter(pk=held.pk).update(status=S.CIRCULATED)
    found = {kind.heading: [entry.title for entry in entries] for kind, entries in gathered(priority, maya)}
    assert found["Decisions"] == ["Look again in a year."]
    assert found["Meetings"] == ["Audit of neglect"]
    for outsider in (pat, None):
        assert not {"Decisions", "Meetings"} & {kind.heading for kind, _ in gathered(priority, outsider)}


def test_decisions_are_found_by_members_only_once_the_minutes_are_out(held, maya):
    make_decision(make_item(held))
    assert not Decision.objects.visible_to(maya).exists()
    Meeting.objects.filter(pk=held.pk).update(status=S.CIRCULATED)
    assert Decision.objects.visible_to(maya).exists()


def test_whose_seat_has_ended_sees_nothing_from_that_day(audit_group, maya, held):
    assert Meeting.objects.visible_to(maya).count() == 1
    audit_group.memberships.filter(person=maya).update(ends=timezone.localdate())
    maya.forget_reach()
    assert not Meeting.objects.visible_to(maya).exists()


def test_a_slot_is_in_local_time_whatever_the_season():
    summer = meetings.slot_on(date(2027, 7, 1), time(10), time(12))
    assert summer.starts_at.utcoffset() == timedelta(hours=1)


def test_minutes_are_found_by_their_words_and_decisions_by_their_reference_once_they_are_out(held, maya):
    def found(words):
        return [place.source.kind for place in search.Search(words, maya).places]

    make_decision(make_item(held, minute="Thresholds were questioned."))
    assert found("thresholds") == found("PAG/2026/01") == []
    Meeting.objects.filter(pk=held.pk).update(status=S.CIRCULATED)
    maya.forget_reach()
    assert found("thresholds") == ["Minutes"]
    assert found("PAG/2026/01") == ["Decision"]
