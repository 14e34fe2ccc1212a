"""Meetings of groups, worked out: dates of a year, papers-out days, who is expected, quorum, attendance. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from hscp.lib.dates import ONE_DAY, is_working_day
from partnership.choices import Capacity, MeetingStatus, Presence
from partnership.groups import chair_on, members_on, quorum_on
from partnership.models import (
    Attendance,
    Group,
    Meeting,
    MeetingPattern,
    Membership,
    Organisation,
    Paper,
    StandingItem,
    User,
)

DAYS_OF_YEAR = 365
FIRST_AFTER = 21  # days into the year before which no meeting is proposed, where there is room


# --- The calendar of a year -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slot:
    """When a meeting would be: both ends in local time."""

    starts_at: datetime
    ends_at: datetime

    @property
    def day(self) -> date:
        return timezone.localdate(self.starts_at)


def slot_on(day: date, starts: time, ends: time) -> Slot:
    """A meeting on ``day`` between two times of the clock, in local time."""
    return Slot(timezone.make_aware(datetime.combine(day, starts)), timezone.make_aware(datetime.combine(day, ends)))


def propose_days(year: int, *, number: int, weekday: int) -> list[date]:
    """``number`` days of ``year``, evenly apart, each on ``weekday`` (0 is Monday) and a working day.

    A day that falls on a bank holiday is moved on by a week. Fewer come back where the year has not enough such days.
    """
    first = min(FIRST_AFTER, DAYS_OF_YEAR // number // 2)
    wanted = (date(year, 1, 1) + timedelta(days=first + DAYS_OF_YEAR * n // number) for n in range(number))
    days: list[date] = []
    for day in wanted:
        free = _free_day(day, weekday, after=days[-1] if days else None)
        if free.year == year:
            days.append(free)
    return days


def _free_day(day: date, weekday: int, *, after: date | None) -> date:
    """The first such weekday from ``day`` on that is a working day and later than ``after``."""
    day += timedelta(days=(weekday - day.weekday()) % 7)
    while (after is not None and day <= after) or (weekday < 5 and not is_working_day(day)):
        day += timedelta(days=7)
    return day


def pattern_of(group: Group) -> MeetingPattern:
    """How the group usually meets; where nobody has said, what is usual, with the number that the group means to have.
    No query if ``meeting_pattern`` is selected with it."""
    try:
        return group.meeting_pattern
    except MeetingPattern.DoesNotExist:
        return MeetingPattern(group=group, number=group.meetings_a_year or 4)


@dataclass(frozen=True, slots=True)
class Clash:
    """Another group's meeting at the same time, and how many people sit on both."""

    slot: Slot
    meeting: Meeting
    shared: int

    @property
    def sentence(self) -> str:
        people = "1 person sits" if self.shared == 1 else f"{self.shared} people sit"
        day = f"{self.slot.day:%A} {self.slot.day.day} {self.slot.day:%B}"
        return f"{day}: {self.meeting.group} meets at the same time, and {people} on both"


def clashes(group: Group, slots: Iterable[Slot], *, but: Meeting | None = None) -> list[Clash]:
    """The meetings of other groups that overlap one of ``slots`` and share a member with ``group``. Three queries."""
    wanted = sorted(slots, key=lambda slot: slot.starts_at)
    if not wanted:
        return []
    others = _others_between(group, wanted[0].starts_at, max(slot.ends_at for slot in wanted), but)
    shared = _shared_members(group, {other.group_id for other in others}, wanted[0].day)
    return [
        Clash(slot, other, shared[other.group_id])
        for slot in wanted
        for other in others
        if shared[other.group_id] and other.starts_at < slot.ends_at and slot.starts_at < other.ends_at
    ]


def _others_between(group: Group, first: datetime, last: datetime, but: Meeting | None) -> list[Meeting]:
    others = Meeting.objects.exclude(status=MeetingStatus.CANCELLED).exclude(group=group)
    if but is not None:
        others = others.exclude(pk=but.pk)
    return list(others.filter(starts_at__lt=last, ends_at__gt=first).select_related("group"))


def _shared_members(group: Group, others: set[int], on: date) -> dict[int, int]:
    """How many people sit on ``group`` and on each of ``others``, by id."""
    sitting = Membership.objects.on(on)
    people = sitting.filter(group=group).values("person")
    found: dict[int, set[int]] = defaultdict(set)
    for other, person in sitting.filter(group__in=others, person__in=people).values_list("group", "person"):
        found[other].add(person)
    return defaultdict(int, {other: len(persons) for other, persons in found.items()})


def unusual_days(days: Iterable[date]) -> list[str]:
    """A sentence for each day that is a weekend or bank holiday, and for each that stands twice."""
    ordered = sorted(days)
    off = [f"{_in_words(day)} is a weekend or a bank holiday" for day in ordered if not is_working_day(day)]
    twice = [f"{_in_words(day)} is there twice" for day, following in pairwise(ordered) if day == following]
    return off + twice


def _in_words(day: date) -> str:
    return f"{day:%A} {day.day} {day:%B %Y}"


# --- Papers -----------------------------------------------------------------------------------------------------------


def working_days_before(day: date, days: int) -> date:
    """The day that lies ``days`` working days before ``day``, which itself is not counted."""
    for _ in range(days):
        day -= ONE_DAY
        while not is_working_day(day):
            day -= ONE_DAY
    return day


def papers_out_on(meeting: Meeting) -> date:
    """The day on which agenda and papers should go out: as many working days before as the group has, or the portal.
    One query."""
    days = pattern_of(meeting.group).papers_out_days
    return working_days_before(meeting.day, settings.PAPERS_OUT_DAYS if days is None else days)


def is_late(meeting: Meeting, *, on: date) -> bool:
    """Whether a paper uploaded on ``on`` is late: the papers are out, or should have been by the day before. One
    query."""
    return meeting.papers_are_out or on > papers_out_on(meeting)


def papers_of(meeting: Meeting) -> list[Paper]:
    """The papers of the agenda in its order, with versions and files. Two queries."""
    papers = Paper.objects.with_versions().filter(item__meeting=meeting, item__order__isnull=False)
    return list(papers.order_by("item__order", "order", "pk"))


def standing_items_of(group: Group, on: date) -> QuerySet[StandingItem]:
    """What stands on every agenda of the group on ``on``: first what begins it, then what closes it."""
    found = StandingItem.objects.filter(group=group)
    return (found.filter(removed_on=None) | found.filter(removed_on__gt=on)).order_by("closes", "order", "pk")


# --- Who comes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who is expected at a meeting: for which organisation, and as what they sit on the group."""

    person: User
    organisation: Organisation
    capacity: str

    @property
    def capacity_label(self) -> str:
        return str(Capacity(self.capacity).label)


ORDER_OF_CAPACITIES = {capacity: place for place, capacity in enumerate(Capacity)}


def expected(meeting: Meeting) -> list[Seat]:
    """Who sits on the group on the day of the meeting, members first, by organisation and name; and the chair, who
    counts as a member, should they not sit on it. Two queries."""
    seats = [Seat(one.person, one.organisation, one.capacity) for one in members_on(meeting.group, meeting.day)]
    term = chair_on(meeting.group, meeting.day)
    if term is not None and term.person_id not in {seat.person.pk for seat in seats}:
        seats.append(Seat(term.person, term.organisation, Capacity.MEMBER))
    return sorted(seats, key=lambda seat: (ORDER_OF_CAPACITIES[Capacity(seat.capacity)], seat.organisation.name))


def people_to_tell(meeting: Meeting) -> list[User]:
    """Who is told of a meeting: everybody expected at it who has not left. Two queries."""
    return [seat.person for seat in expected(meeting) if seat.person.is_active]


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many count towards the quorum (members present, and members whose deputy came) and how many must; ``needed``
    is 0 where the terms of reference do not say."""

    present: int
    needed: int

    @property
    def is_met(self) -> bool:
        return self.present >= self.needed

    @property
    def sentence(self) -> str:
        """The numbers in words."""
        if not self.needed:
            return f"{self.present} present; the terms of reference do not say how many must be"
        return f"{self.present} present, {self.needed} needed"

    @property
    def verdict(self) -> str:
        """What that means, in a word or two; empty where the terms of reference do not say."""
        return ("Quorate" if self.is_met else "Not quorate") if self.needed else ""


def quorum_of(meeting: Meeting, attendance: Iterable[Attendance]) -> Quorum:
    """The quorum of a meeting by the terms of reference in force on its day. One query."""
    return Quorum(sum(row.counts for row in attendance), quorum_on(meeting.group, meeting.day))


def attendance_of(meeting: Meeting) -> list[Attendance]:
    """What was recorded, members first, then by organisation and name. One query."""
    rows = meeting.attendance.select_related("person", "organisation")
    return sorted(rows, key=lambda row: ORDER_OF_CAPACITIES[Capacity(row.capacity)])


# --- Attendance over time ---------------------------------------------------------------------------------------------


@dataclass(slots=True)
class OrganisationAttendance:
    """How an organisation's members came to the meetings that they were expected at."""

    organisation: Organisation
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(Presence.values, 0))

    @property
    def expected(self) -> int:
        """How often one of its members was expected."""
        return sum(self.counts.values())

    @property
    def represented(self) -> int:
        """How often that member came, or their deputy."""
        return self.counts[Presence.PRESENT] + self.counts[Presence.DEPUTY]

    @property
    def rate(self) -> Decimal | None:
        """``represented`` as a share of ``expected``: see ``share``."""
        return share(self.represented, self.expected)


def share(part: int, whole: int) -> Decimal | None:
    """``part`` of ``whole`` as a percentage, 0-100, to one decimal place (half up); None of nothing."""
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def attendance_by_organisation(meetings: QuerySet[Meeting]) -> list[OrganisationAttendance]:
    """Attendance of members at ``meetings`` that were held, by organisation, in the order of its name. One query.

    Deputies, advisers and observers do not count: of them nobody is bound to come.
    """
    rows = Attendance.objects.filter(meeting__in=meetings.order_by().values("pk"), capacity=Capacity.MEMBER)
    found: dict[int, OrganisationAttendance] = {}
    for row in rows.select_related("organisation").order_by("organisation__name", "organisation", "pk"):
        found.setdefault(row.organisation_id, OrganisationAttendance(row.organisation)).counts[row.presence] += 1
    return list(found.values())


# --- Before and after -------------------------------------------------------------------------------------------------


def before(meeting: Meeting) -> Meeting | None:
    """The group's last meeting before this one that was held. One query."""
    earlier = Meeting.objects.took_place().filter(group=meeting.group_id, starts_at__lt=meeting.starts_at)
    return earlier.order_by("-starts_at").first()


def could_agree(meeting: Meeting) -> QuerySet[Meeting]:
    """The later meetings of the group that were held and whose own minutes are not agreed: at one of these the minutes
    of ``meeting`` can be agreed."""
    later = Meeting.objects.took_place().exclude(status=MeetingStatus.AGREED)
    return later.filter(group=meeting.group_id, starts_at__gt=meeting.starts_at).order_by("starts_at")
