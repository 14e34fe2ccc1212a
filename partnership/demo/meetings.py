"""The demo's meetings: a year of each main group, the last one's minutes still on their way, the next one called.

The groups are Hertfordshire's; dates, subjects, words and decisions are invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import count, pairwise
from random import Random

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from django.utils.html import escape

from hscp.lib import pdf
from partnership.choices import ActionStatus, Capacity, ItemOrigin, ItemPurpose, MeetingStatus, Presence
from partnership.demo.groups import ADOLESCENTS, AUDIT, EXECUTIVE, POLICY, REVIEW_PANEL, STAKEHOLDERS
from partnership.engine import documents
from partnership.engine.documents import Made
from partnership.meetings import papers_out_on, propose_days, slot_on
from partnership.models import (
    Action,
    AgendaItem,
    Attendance,
    Decision,
    Group,
    Meeting,
    MeetingPattern,
    Membership,
    Paper,
    PaperVersion,
    Priority,
    StandingItem,
)
from partnership.services.meetings.minutes import MINUTES, initials
from partnership.services.meetings.papers import PACK, PAPER

# By slug: how many meetings a year, on which day of the week, when, where.
PATTERNS = {
    EXECUTIVE: (6, 1, time(9, 30), "County Hall, Hertford"),
    STAKEHOLDERS: (3, 3, time(13, 30), "Online"),
    AUDIT: (4, 2, time(10, 0), "Farnham House, Stevenage"),
    REVIEW_PANEL: (4, 3, time(14, 0), "Online"),
    POLICY: (4, 0, time(10, 0), "Online"),
    ADOLESCENTS: (4, 1, time(14, 0), "Farnham House, Stevenage"),
}
LENGTH = timedelta(hours=2)
# What has become of the last meeting of a group: where nothing is said, its minutes are circulated.
LAST = {EXECUTIVE: MeetingStatus.HELD, POLICY: MeetingStatus.DRAFTED}
WITH_PAPERS = (EXECUTIVE, AUDIT)  # whose next meeting has papers

STANDING = (
    ("Welcome and apologies", ItemPurpose.INFORMATION, 5, False),
    ("Minutes of the last meeting and actions", ItemPurpose.DECISION, 10, False),
    ("Any other business", ItemPurpose.DISCUSSION, 5, True),
)
# Subjects that come round, with what was said, decided and why; the words are nobody's.
SUBJECTS = (
    (
        "What the data of the quarter shows",
        "Members went through the figures by district. Two of them have moved more than usual.",
        "Ask both districts for a short account at the next meeting.",
        "A change of that size should be understood before anything is changed.",
    ),
    (
        "Audit of first contacts",
        "The audit found good recording and late feedback to those who had made the contact.",
        "Feedback within five working days becomes the standard, and is audited in six months.",
        "Those who hear nothing stop telling us.",
    ),
    (
        "Neglect: what the hubs have told us",
        "The hubs ask for one shared way to describe neglect. The tool in use is known to half of those asked.",
        "The shared tool is kept, with a half-hour briefing for each team.",
        "It works where it is known; another tool would start from nothing.",
    ),
    (
        "Training over the year",
        "Places were taken up well; a fifth of those who had booked did not come.",
        "Reminders are sent a week before, and empty places are offered to schools.",
        "Places cost money whether somebody sits there or not.",
    ),
)
DEPUTIES = ("Alex Moreton", "Priya Nandakumar", "Tom Westcott", "Grace Adeleke")
PROPOSED = "Feedback to those who send suggestions"


@dataclass(slots=True)
class Rows:
    """What is written at once, however many the meetings are."""

    items: list[AgendaItem] = field(default_factory=list)
    attendance: list[Attendance] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)


def load(on: date) -> None:
    """A year of meetings of each main group that exists, up to ``on``, and those of the months to come."""
    chance = Random(175)
    groups = {group.slug: group for group in Group.objects.on(on).filter(slug__in=PATTERNS)}
    for slug, group in groups.items():
        standing = _write_pattern(group, *PATTERNS[slug])
        meetings = _write_meetings(group, PATTERNS[slug], on)
        past = [meeting for meeting in meetings if meeting.day < on]
        _write_records(group, past, standing, chance)
        _settle(past, LAST.get(slug, MeetingStatus.CIRCULATED))
        _prepare([meeting for meeting in meetings if meeting.day >= on], standing, on)


def _write_pattern(group: Group, number: int, weekday: int, starts: time, place: str) -> list[StandingItem]:
    usual = {"number": number, "weekday": weekday, "starts_at": starts, "length": LENGTH.seconds // 60, "place": place}
    MeetingPattern.objects.create(group=group, **usual)
    return StandingItem.objects.bulk_create(
        StandingItem(group=group, order=order, title=title, purpose=purpose, minutes=minutes, closes=closes)
        for order, (title, purpose, minutes, closes) in enumerate(STANDING, start=1)
    )


def _write_meetings(group: Group, pattern: tuple[int, int, time, str], on: date) -> list[Meeting]:
    """Those of the last twelve months, all held, and the next two."""
    number, weekday, starts, place = pattern
    ends = (datetime.combine(on, starts) + LENGTH).time()
    days = sorted(day for year in (-1, 0, 1) for day in propose_days(on.year + year, number=number, weekday=weekday))
    wanted = [day for day in days if on - timedelta(days=365) <= day < on] + [day for day in days if day >= on][:2]
    slots = [slot_on(day, starts, ends) for day in wanted]
    return Meeting.objects.bulk_create(
        Meeting(
            group=group,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            place=place,
            status=MeetingStatus.HELD if slot.day < on else MeetingStatus.PLANNED,
            called_at=slot.starts_at - timedelta(days=7) if slot.day < on else None,
        )
        for slot in slots
    )


# --- What happened ----------------------------------------------------------------------------------------------------


def _write_records(group: Group, past: list[Meeting], standing: list[StandingItem], chance: Random) -> None:
    rows, numbers = Rows(), {meeting.day.year: count(1) for meeting in past}
    members = list(Membership.objects.filter(group=group).select_related("person", "organisation"))
    priority = Priority.objects.on(timezone.localdate()).first()
    for place, meeting in enumerate(past):
        chosen = [SUBJECTS[(place + step) % len(SUBJECTS)] for step in range(2)]
        rows.items += _items_of(meeting, standing, chosen, priority)
        rows.attendance += _attendance_of(meeting, members, chance)
    made = AgendaItem.objects.bulk_create(rows.items)
    words = {title: (decision, reason) for title, _, decision, reason in SUBJECTS}
    for item in made:
        if item.title in words:
            year = item.meeting.day.year
            reference = f"{initials(group.name)}/{year}/{next(numbers[year]):02d}"
            text, reason = words[item.title]
            rows.decisions.append(
                Decision(item=item, reference=reference, text=text, reason=reason, serves_id=item.serves_id)
            )
    Attendance.objects.bulk_create(rows.attendance)
    Decision.objects.bulk_create(rows.decisions)
    _write_actions(group, [decision.item for decision in rows.decisions][::2])


def _items_of(
    meeting: Meeting, standing: list[StandingItem], subjects: list[tuple[str, str, str, str]], priority: Priority | None
) -> Iterator[AgendaItem]:
    """An agenda with its minutes; only a subject has something to be said about it."""
    order = count(1)
    for one in [one for one in standing if not one.closes]:
        yield _from_standing(meeting, one, next(order), "Noted." if subjects else "")
    for number, (title, said, _, _) in enumerate(subjects):
        yield AgendaItem(
            meeting=meeting,
            order=next(order),
            title=title,
            purpose=ItemPurpose.DECISION,
            minutes=40,
            minute=said,
            serves=priority if number == 0 else None,
        )
    for one in [one for one in standing if one.closes]:
        yield _from_standing(meeting, one, next(order), "There was none." if subjects else "")


def _from_standing(meeting: Meeting, one: StandingItem, order: int, minute: str) -> AgendaItem:
    return AgendaItem(
        meeting=meeting,
        order=order,
        title=one.title,
        purpose=one.purpose,
        minutes=one.minutes,
        origin=ItemOrigin.STANDING,
        standing=one,
        minute=minute,
    )


def _attendance_of(meeting: Meeting, members: list[Membership], chance: Random) -> Iterator[Attendance]:
    day, seen = meeting.day, set()
    for member in members:
        if member.starts <= day and not member.is_over(on=day) and member.person_id not in seen:
            seen.add(member.person_id)
            presence = _presence(member, chance)
            yield Attendance(
                meeting=meeting,
                person=member.person,
                organisation=member.organisation,
                capacity=member.capacity,
                presence=presence,
                deputy=chance.choice(DEPUTIES) if presence == Presence.DEPUTY else "",
            )


def _presence(member: Membership, chance: Random) -> Presence:
    """Most come; only members send deputies; other people's deputies come now and then."""
    if member.capacity != Capacity.MEMBER:
        return chance.choice((Presence.PRESENT, Presence.APOLOGIES))
    return chance.choices(list(Presence), weights=(78, 10, 9, 3))[0]


def _write_actions(group: Group, items: list[AgendaItem]) -> None:
    """One action for every other decision: done, but for the newest."""
    item_type = ContentType.objects.get_for_model(AgendaItem)
    Action.objects.bulk_create(
        Action(
            group=group,
            what=f"Write to those concerned about: {item.title.lower()}",
            due=item.meeting.day + timedelta(days=28),
            status=ActionStatus.OPEN if item is items[-1] else ActionStatus.DONE,
            evidence="" if item is items[-1] else "The letter went out and was answered.",
            finished_on=None if item is items[-1] else item.meeting.day + timedelta(days=20),
            source_type=item_type,
            source_id=item.pk,
        )
        for item in items
    )


def _settle(past: list[Meeting], last: MeetingStatus) -> None:
    """The minutes of each are agreed at the next; those of the last are where ``last`` says. Locked from then on."""
    for meeting, following in pairwise(past):
        Meeting.objects.filter(pk=meeting.pk).update(
            status=MeetingStatus.AGREED, agreed_at=following, agreed_on=following.day
        )
    if past:
        Meeting.objects.filter(pk=past[-1].pk).update(status=last)
    if past and last == MeetingStatus.CIRCULATED:
        past[-1].status = last
        documents.want(MINUTES, about=past[-1], by=None)


# --- What is to come --------------------------------------------------------------------------------------------------


def _prepare(coming: list[Meeting], standing: list[StandingItem], on: date) -> None:
    """The next meeting has its agenda and is called, with papers for some groups; for the one after, a proposal."""
    if not coming:
        return
    meeting, slug = coming[0], coming[0].group.slug
    AgendaItem.objects.bulk_create(_agenda_of(meeting, standing))
    if slug in WITH_PAPERS:
        _write_papers(meeting, on)
    called_at = min(timezone.now(), timezone.make_aware(datetime.combine(papers_out_on(meeting), time(12))))
    Meeting.objects.filter(pk=meeting.pk).update(status=MeetingStatus.CALLED, called_at=called_at)
    documents.want(PACK, about=meeting, by=None)
    for later in coming[1:]:
        member = later.group.memberships.on(on).filter(capacity=Capacity.MEMBER).first()
        AgendaItem.objects.create(
            meeting=later,
            title=PROPOSED,
            summary="Those who send a suggestion hear from us late, or not at all.",
            origin=ItemOrigin.PROPOSED,
            status="proposed",
            proposed_by=member.person if member else None,
        )


def _agenda_of(meeting: Meeting, standing: list[StandingItem]) -> Iterator[AgendaItem]:
    for item in _items_of(meeting, standing, list(SUBJECTS[:3]), None):
        item.minute = ""
        yield item


def _write_papers(meeting: Meeting, on: date) -> None:
    """A short PDF for each subject of the agenda; the last came late."""
    items = [item for item in meeting.items.on_agenda() if item.standing_id is None]
    for item in items:
        paper = Paper.objects.create(item=item, title=f"Report: {item.title}"[:200])
        made = Made(_report(item.title), "report.pdf")
        document = documents.keep(PAPER, about=paper, upload=made, by=None)
        PaperVersion.objects.create(paper=paper, number=1, document=document, is_late=item is items[-1], told_on=on)


@cache
def _report(title: str) -> bytes:
    words = "This is an invented report of the demo. A real one would say here what was found, and how it is known."
    banner = '<div class="pdf-banner"><div class="pdf-banner__name">Report</div></div><div class="pdf-stripe"></div>'
    body = f"{banner}<h1>{escape(title)}</h1><p>{words}</p><h2>What is asked for</h2><p>To decide.</p>"
    return pdf.from_html(f'<!DOCTYPE html><html lang="en"><title>{escape(title)}</title><body>{body}</body></html>')
