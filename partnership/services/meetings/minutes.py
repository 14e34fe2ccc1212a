"""What happened at a meeting: who came, what was said, decided and undertaken; the minutes until they are agreed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone

from hscp.lib.fingerprint import fingerprint
from partnership import meetings
from partnership.choices import ItemStatus, MeetingStatus, Presence
from partnership.engine import documents, mail
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import TooLate, lock, take
from partnership.models import Action, AgendaItem, Attendance, Decision, Meeting, MinuteCorrection, User
from partnership.moves import AGREE_MINUTES, CIRCULATE_MINUTES, DRAFT_MINUTES, HOLD_MEETING, REOPEN_MINUTES
from partnership.services import actions
from partnership.services.actions import Owner
from partnership.services.meetings.common import MINUTING, open_meeting
from partnership.texts import refuse_identifying

MINUTES: Final = "meeting_minutes"  # the kind of document, registered in partnership/documents.py
WRITE: Final = "change the minutes"
SMALL_WORDS: Final = {"a", "an", "and", "for", "in", "of", "on", "the", "to", "with"}


# --- Attendance -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Came:
    """Whether the person of a seat came; ``deputy`` is who came in their place."""

    seat: meetings.Seat
    presence: Presence
    deputy: str = ""


def loaded_attendance(rows: Iterable[Attendance]) -> str:
    """The fingerprint of what was recorded: what the form was filled from."""
    return fingerprint(sorted([row.person_id, row.presence, row.deputy] for row in rows))


@transaction.atomic
def record_attendance(
    meeting: Meeting, came: Sequence[Came], *, by: User, loaded: str, also_present: str = ""
) -> Meeting:
    """Record who came. A called meeting counts as held from then on; that cannot be before its day.

    ``loaded`` is ``loaded_attendance`` of what the form showed. Raises ``ChangedMeanwhile`` (``current`` are the rows),
    ``PermissionDenied``, ``TooLate``, ``ValidationError``.
    """
    locked = open_meeting(meeting, by=by, verb="record attendance", statuses=(MeetingStatus.CALLED, *MINUTING))
    if locked.day > timezone.localdate():
        raise TooLate("The meeting has not begun: attendance is recorded on its day.")
    refuse_identifying(also_present=also_present)
    rows = list(locked.attendance.select_related("person"))
    if loaded != (now := loaded_attendance(rows)):
        raise ChangedMeanwhile(rows, now)
    _write_attendance(locked, came)
    if locked.status == MeetingStatus.CALLED:
        locked = take(HOLD_MEETING, locked, by=by)
    locked.also_present = also_present.strip()
    locked.save(update_fields=["also_present"])
    return locked


def _write_attendance(meeting: Meeting, came: Sequence[Came]) -> None:
    rows = [_row(meeting, one) for one in came]
    Attendance.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["meeting", "person"],
        update_fields=["organisation", "capacity", "presence", "deputy"],
    )


def _row(meeting: Meeting, came: Came) -> Attendance:
    deputy = came.deputy.strip() if came.presence == Presence.DEPUTY else ""
    if came.presence == Presence.DEPUTY and not deputy:
        raise ValidationError(f"Enter who came in the place of {came.seat.person}")
    refuse_identifying(**{f"deputy_{came.seat.person.pk}": deputy})
    seat = came.seat
    return Attendance(
        meeting=meeting,
        person=seat.person,
        organisation=seat.organisation,
        capacity=seat.capacity,
        presence=came.presence,
        deputy=deputy,
    )


# --- What was said, decided and undertaken ----------------------------------------------------------------------------


def _open_item(item: AgendaItem, *, by: User, verb: str = WRITE) -> AgendaItem:
    """``item`` of a meeting that is being minuted, both locked."""
    open_meeting(item.meeting, by=by, verb=verb, statuses=MINUTING)
    locked = lock(item)
    if locked.status != ItemStatus.ON_AGENDA:
        raise TooLate("The item is no longer on the agenda.")
    return locked


@transaction.atomic
def write_minute(item: AgendaItem, *, by: User, loaded: int, minute: str, carry_forward: bool = False) -> AgendaItem:
    """Write what was said about an item, and whether it goes on the next agenda; ``loaded`` is the version that the
    form showed. Raises ``ChangedMeanwhile``, ``PermissionDenied``, ``TooLate``, ``ValidationError``."""
    refuse_identifying(minute=minute)
    locked = _open_item(item, by=by)
    if locked.version != loaded:
        raise ChangedMeanwhile(locked, locked.version)
    locked.minute, locked.carry_forward = minute.strip(), carry_forward
    locked.version += 1
    locked.save(update_fields=["minute", "carry_forward", "version"])
    return locked


@transaction.atomic
def record_decision(item: AgendaItem, *, by: User, text: str, reason: str, serves: Any = None) -> Decision:
    """Record what was decided and why, under the next reference of the group in the year of the meeting.

    Raises ``PermissionDenied``, ``TooLate``, ``ValidationError`` without the text or the reason.
    """
    _check_decision(text, reason)
    locked = _open_item(item, by=by)
    return Decision.objects.create(
        item=locked,
        reference=_next_reference(locked.meeting),
        text=text.strip(),
        reason=reason.strip(),
        serves=serves,
        recorded_by=by,
    )


@transaction.atomic
def edit_decision(decision: Decision, *, by: User, loaded: int, text: str, reason: str, serves: Any = None) -> Decision:
    """Put a recorded decision right before the minutes are circulated. Raises as ``record_decision`` does, and
    ``ChangedMeanwhile``."""
    _check_decision(text, reason)
    _open_item(decision.item, by=by)
    locked = lock(decision)
    if locked.version != loaded:
        raise ChangedMeanwhile(locked, locked.version)
    locked.text, locked.reason, locked.serves = text.strip(), reason.strip(), serves
    locked.version += 1
    locked.save(update_fields=["text", "reason", "serves", "version"])
    return locked


@transaction.atomic
def remove_decision(decision: Decision, *, by: User) -> None:
    """Take back what was recorded by mistake; its reference is not given again while later ones stand. Raises
    ``PermissionDenied``, ``TooLate``."""
    _open_item(decision.item, by=by)
    lock(decision).delete()


def _check_decision(text: str, reason: str) -> None:
    missing = {}
    if not text.strip():
        missing["text"] = "Enter what was decided"
    if not reason.strip():
        missing["reason"] = "Enter why it was decided"
    if missing:
        raise ValidationError(missing)
    refuse_identifying(text=text, reason=reason)


def initials(name: str) -> str:
    """The capital initials of a group's name, small words left out: "Performance and Audit Group" gives "PAG"."""
    words = [word for word in name.replace("-", " ").split() if word.lower() not in SMALL_WORDS]
    return "".join(word[0] for word in words if word[0].isalnum()).upper()[:8] or "HSCP"


def _next_reference(meeting: Meeting) -> str:
    """The next free reference such as PAG/2026/07. Groups with the same initials share their numbers, so that no
    reference is given twice; the lock holds until the transaction ends."""
    series = f"{initials(meeting.group.name)}/{meeting.day.year}/"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"decision {series}"])
    given = Decision.objects.filter(reference__startswith=series).values_list("reference", flat=True)
    last = max((int(reference.rpartition("/")[2]) for reference in given), default=0)
    return f"{series}{last + 1:02d}"


@transaction.atomic
def record_action(
    item: AgendaItem, owner: Owner, *, by: User, what: str, due: Any, who: str = "", **fields: Any
) -> Action:
    """An action that the meeting asked for: it lives in the tracker, with ``item`` as its source.

    Raises ``PermissionDenied``, ``TooLate``, ``ValidationError`` by field.
    """
    locked = _open_item(item, by=by, verb="record an action")
    actions.check_owner(owner)
    refuse_identifying(what=what, who=who)
    return actions.open_action(owner, by=by, what=what.strip(), who=who.strip(), due=due, source=locked, **fields)


# --- The minutes ------------------------------------------------------------------------------------------------------


@transaction.atomic
def draft_minutes(meeting: Meeting, *, by: User) -> Meeting:
    """Say that the draft is whole, for the chair to look at. Raises ``MoveNotAllowed``, ``PermissionDenied``."""
    return take(DRAFT_MINUTES, meeting, by=by)


@transaction.atomic
def circulate_minutes(meeting: Meeting, *, by: User) -> Meeting:
    """Have the PDF made and send everybody who is on the group the link. Raises ``MoveNotAllowed``,
    ``PermissionDenied``."""
    circulated = take(CIRCULATE_MINUTES, meeting, by=by)
    documents.want(MINUTES, about=circulated, by=by)
    mail.queue("minutes_circulated", to=meetings.people_to_tell(circulated), about=circulated, by=by)
    return circulated


@transaction.atomic
def reopen_minutes(meeting: Meeting, *, by: User, note: str) -> Meeting:
    """Take the minutes back to put something right, with the reason; their PDF goes too. Raises ``NoteRequired``,
    ``MoveNotAllowed``, ``PermissionDenied``, ``ValidationError``."""
    refuse_identifying(note=note)
    reopened = take(REOPEN_MINUTES, meeting, by=by, note=note)
    documents.discard(MINUTES, about=reopened)
    return reopened


@transaction.atomic
def agree_minutes(meeting: Meeting, *, by: User, at: Meeting) -> Meeting:
    """Record at which later meeting the minutes were agreed: from then on nothing of the meeting changes.

    Raises ``ValidationError`` unless ``at`` is a later meeting of the group that was held, ``MoveNotAllowed``,
    ``PermissionDenied``.
    """
    if not meetings.could_agree(meeting).filter(pk=at.pk).exists():
        raise ValidationError({"at": "Select a later meeting of the group that has been held"})
    agreed = take(AGREE_MINUTES, meeting, by=by, agreed_at=at, agreed_on=at.day)
    documents.want(MINUTES, about=agreed, by=by)
    return agreed


@transaction.atomic
def note_correction(meeting: Meeting, *, corrects: Meeting, text: str, by: User) -> MinuteCorrection:
    """Note at ``meeting`` what was wrong in the agreed minutes of an earlier one, which stay as they are.

    Raises ``ValidationError``, ``PermissionDenied``, ``TooLate``.
    """
    locked = open_meeting(meeting, by=by, verb="note a correction", statuses=MINUTING)
    is_earlier = corrects.group_id == locked.group_id and corrects.starts_at < locked.starts_at
    if not is_earlier or corrects.status != MeetingStatus.AGREED:
        raise ValidationError({"corrects": "Select an earlier meeting whose minutes were agreed"})
    if not text.strip():
        raise ValidationError({"text": "Enter what was wrong and what is right"})
    refuse_identifying(text=text)
    return MinuteCorrection.objects.create(meeting=locked, corrects=corrects, text=text.strip(), noted_by=by)
