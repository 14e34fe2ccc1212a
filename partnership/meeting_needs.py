"""What meetings need of people: registered by ``partnership.home``. Each costs a bounded number of queries."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from django.db.models import Count, Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from partnership import meetings
from partnership.choices import ItemStatus, MeetingStatus
from partnership.engine.home import Need
from partnership.models import AgendaItem, Meeting, User
from partnership.models.meetings import TOOK_PLACE, MeetingQuerySet
from partnership.permissions import Perm

MOST_NAMED: Final = 5  # of each kind, the most pressing
AGENDA_FROM: Final = timedelta(days=28)  # before a meeting, from when on its agenda is asked for


def _run_by(user: User) -> MeetingQuerySet | None:
    """The meetings that the person runs, with what their papers-out day needs; None if there can be none."""
    if not user.has_perm(Perm.MANAGE_MEETING):
        return None
    run: MeetingQuerySet = Meeting.objects.allowed(user, Perm.MANAGE_MEETING)
    return run.select_related("group__meeting_pattern")


def agenda_to_prepare(user: User, on: date) -> list[Need]:
    """For those who run meetings: those of the next four weeks that have not been called, due when their papers should
    go out. One query."""
    run = _run_by(user)
    if run is None:
        return []
    soon = run.filter(status=MeetingStatus.PLANNED, starts_at__date__range=(on, on + AGENDA_FROM))
    needs = []
    for meeting in soon.order_by("starts_at")[:MOST_NAMED]:
        due = meetings.papers_out_on(meeting)
        url = reverse("agenda", args=[meeting.pk])
        needs.append(
            Need(
                f"Agenda to prepare: {meeting}",
                url,
                "Then call the meeting",
                due,
                urgent=due < on,
                group=meeting.group_id,
            )
        )
    return needs


def papers_to_read(user: User, on: date) -> list[Need]:
    """For those who sit on a group: its called meetings to come. One query."""
    if not user.groups_sat_on():
        return []
    called = Meeting.objects.filter(group__in=user.groups_sat_on(), status=MeetingStatus.CALLED)
    coming = called.filter(ends_at__gte=timezone.now()).select_related("group").order_by("starts_at")
    return [
        Need(
            f"Papers to read: {meeting}",
            meeting.get_absolute_url(),
            "Before the meeting",
            meeting.day,
            group=meeting.group_id,
        )
        for meeting in coming[:MOST_NAMED]
    ]


def minutes_to_move_on(user: User, on: date) -> list[Need]:
    """For those who run meetings: one whose day has passed without a call, attendance to record, minutes to write, to
    circulate and to agree. One query."""
    run = _run_by(user)
    if run is None:
        return []
    later = Meeting.objects.filter(
        group=OuterRef("group"), starts_at__gt=OuterRef("starts_at"), status__in=TOOK_PLACE
    ).exclude(status=MeetingStatus.AGREED)
    waiting = run.filter(status__in=_STEPS, starts_at__date__lte=on).annotate(can_be_agreed=Exists(later))
    to_move = waiting.exclude(status=MeetingStatus.CIRCULATED, can_be_agreed=False)
    to_move = to_move.exclude(status=MeetingStatus.PLANNED, starts_at__date=on)  # its agenda is asked for still
    return [_step_of(meeting) for meeting in to_move.order_by("starts_at")[:MOST_NAMED]]


_STEPS: Final = {
    MeetingStatus.PLANNED: ("Never called: call or cancel", "meeting"),
    MeetingStatus.CALLED: ("Attendance to record", "record_attendance"),
    MeetingStatus.HELD: ("Minutes to write", "minutes"),
    MeetingStatus.DRAFTED: ("Minutes to circulate", "minutes"),
    MeetingStatus.CIRCULATED: ("Minutes to agree", "agree_minutes"),
}


def _step_of(meeting: Meeting) -> Need:
    title, page = _STEPS[MeetingStatus(meeting.status)]
    return Need(f"{title}: {meeting}", reverse(page, args=[meeting.pk]), due=None, group=meeting.group_id)


def proposals_to_decide(user: User, on: date) -> list[Need]:
    """For those who run meetings: what members have proposed for one to come. One query."""
    run = _run_by(user)
    if run is None:
        return []
    proposed = AgendaItem.objects.filter(meeting=OuterRef("pk"), status=ItemStatus.PROPOSED).order_by()
    counted = proposed.values("meeting").annotate(number=Count("pk")).values("number")
    waiting = run.to_come(timezone.now()).filter(Exists(proposed)).annotate(number=counted)
    return [
        Need(
            f"{'1 proposed item' if meeting.number == 1 else f'{meeting.number} proposed items'}: {meeting}",
            f"{reverse('agenda', args=[meeting.pk])}#proposals",
            "Accept or decline",
            meeting.day,
            group=meeting.group_id,
        )
        for meeting in waiting.order_by("starts_at")[:MOST_NAMED]
    ]
