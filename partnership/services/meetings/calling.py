"""A meeting is called: its members are sent the link to agenda and papers, once; of late papers they are told after."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from partnership import meetings
from partnership.choices import DocumentStatus, MeetingStatus
from partnership.engine import documents, mail
from partnership.engine.workflow import take
from partnership.models import Document, Meeting, PaperVersion, User
from partnership.models.meetings import TO_COME
from partnership.moves import CALL_MEETING
from partnership.services.meetings.common import open_meeting
from partnership.services.meetings.papers import PACK


@transaction.atomic
def make_pack(meeting: Meeting, *, by: User) -> Document:
    """Ask the worker for the pack of ``meeting`` as it stands. Raises ``ValidationError`` without an agenda,
    ``PermissionDenied``, ``TooLate`` (it is over)."""
    locked = open_meeting(meeting, by=by, verb="make the pack", statuses=TO_COME)
    if not locked.items.on_agenda().exists():
        raise ValidationError("There is nothing on the agenda yet.")
    return documents.want(PACK, about=locked, by=by)


def pack_of(meeting: Meeting) -> Document | None:
    """The newest pack of ``meeting``, in whatever state. One query."""
    return documents.latest(PACK, about=meeting)


def is_current(pack: Document | None, meeting: Meeting) -> bool:
    """Whether ``pack`` is ready and was asked for after the last change to agenda and papers."""
    return pack is not None and pack.status == DocumentStatus.READY and pack.wanted_at >= meeting.agenda_changed_at


@transaction.atomic
def call_meeting(meeting: Meeting, *, by: User) -> Meeting:
    """Send everybody who is expected the link to the pack: once, for nobody can call a meeting twice.

    Raises ``ValidationError`` unless the pack is ready and shows the agenda as it stands, ``MoveNotAllowed``,
    ``PermissionDenied``.
    """
    called = take(CALL_MEETING, meeting, by=by, called_at=timezone.now())
    if not is_current(pack_of(called), called):
        raise ValidationError("Make the pack first, and look at it: the agenda or a paper has changed since the last.")
    late = PaperVersion.objects.filter(paper__item__meeting=called, is_late=True)
    late.update(told_on=timezone.localdate())  # they go out with the rest
    mail.queue("meeting_called", to=meetings.people_to_tell(called), about=called, by=by)
    return called


def tell_of_late_papers(*, at: datetime) -> int:
    """Tell the members of every called meeting to come of late papers that they were not told of, and return how many
    meetings that were. Once a day at most for each meeting: what comes later that day is told the next."""
    waiting = _with_news(at)
    return sum(_tell(pk, at) for pk in waiting.order_by().values_list("pk", flat=True).distinct())


def _with_news(at: datetime) -> QuerySet[Meeting]:
    untold = PaperVersion.objects.filter(is_late=True, told_on=None).values("paper__item__meeting")
    called = Meeting.objects.filter(status=MeetingStatus.CALLED, starts_at__gt=at, pk__in=untold)
    return called.exclude(late_told_on=timezone.localdate(at))


@transaction.atomic
def _tell(pk: int, at: datetime) -> bool:
    meeting = _with_news(at).select_for_update(skip_locked=True, of=("self",)).filter(pk=pk).first()
    if meeting is None:  # another worker was as quick
        return False
    today = timezone.localdate(at)
    untold = PaperVersion.objects.filter(paper__item__meeting=meeting, is_late=True, told_on=None)
    late = list(untold.select_related("paper__item").order_by("paper__item__order", "paper__order", "number"))
    mail.queue("late_papers", to=meetings.people_to_tell(meeting), about=meeting, late=late)
    untold.update(told_on=today)
    meeting.late_told_on = today
    meeting.save(update_fields=["late_told_on"])
    return True
