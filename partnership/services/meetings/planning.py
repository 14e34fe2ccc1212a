"""Meetings planned, moved and cancelled; how a group usually meets, and what stands on every agenda."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from partnership import meetings
from partnership.engine import mail
from partnership.engine.workflow import lock, take
from partnership.meetings import Slot
from partnership.models import Group, Meeting, MeetingPattern, StandingItem, User
from partnership.models.meetings import TO_COME
from partnership.moves import CANCEL_MEETING
from partnership.permissions import Perm
from partnership.services.meetings.common import calendar_changed, open_meeting
from partnership.texts import refuse_identifying

LONGEST: Final = timedelta(hours=24)
ONE_A_TIME: Final = "meeting_one_at_a_time"  # the constraint of the model


# --- Planned ----------------------------------------------------------------------------------------------------------


def plan_meetings(group: Group, slots: Sequence[Slot], *, by: User, place: str = "", link: str = "") -> list[Meeting]:
    """New meetings of ``group``, all or none. Raises ``PermissionDenied``, or ``ValidationError`` where an end is not
    after its start, the group does not exist on the day, or meets at that time already."""
    _check_may_plan(group, by)
    for slot in slots:
        _check_slot(group, slot)
    fields = {"group": group, "place": place.strip(), "link": link, "created_by": by}
    made = [Meeting(starts_at=slot.starts_at, ends_at=slot.ends_at, **fields) for slot in slots]
    try:
        with transaction.atomic():
            return Meeting.objects.bulk_create(made)
    except IntegrityError as error:
        raise _taken(error) from error


def add_meeting(group: Group, slot: Slot, *, by: User, place: str = "", link: str = "") -> Meeting:
    """One new meeting. Raises as ``plan_meetings`` does."""
    return plan_meetings(group, [slot], by=by, place=place, link=link)[0]


def save_pattern(group: Group, *, by: User, **fields: Any) -> MeetingPattern:
    """Say how the group usually meets. Raises ``PermissionDenied``."""
    _check_may_plan(group, by)
    return MeetingPattern.objects.update_or_create(group=group, defaults=fields)[0]


def _check_may_plan(group: Group, by: User) -> None:
    if not by.has_perm(Perm.PLAN_MEETINGS, group):
        raise PermissionDenied(f"{by} may not plan meetings of {group}")


def _check_slot(group: Group, slot: Slot) -> None:
    if not group.exists_on(slot.day):
        raise ValidationError({"day": f"{group} does not exist on {date_format(slot.day, 'j F Y')}"})
    if slot.ends_at <= slot.starts_at:
        raise ValidationError({"ends": "The end must be after the start"})
    if slot.ends_at - slot.starts_at > LONGEST:
        raise ValidationError({"ends": "A meeting cannot last longer than a day"})


def _taken(error: IntegrityError) -> ValidationError:
    """What to say where the group meets at that time already. Any other error is raised again."""
    if ONE_A_TIME not in str(error):
        raise error
    return ValidationError({"starts": "The group has a meeting that starts at this time already"})


# --- Moved and cancelled ----------------------------------------------------------------------------------------------


def change_meeting(
    meeting: Meeting, slot: Slot, *, by: User, place: str = "", link: str = "", reason: str = ""
) -> Meeting:
    """Change when and where a meeting is. Once its papers have gone out that needs a reason, and everybody is told.

    Raises ``PermissionDenied``, ``TooLate`` (it was held or cancelled), ``ValidationError`` by field.
    """
    _check_slot(meeting.group, slot)
    refuse_identifying(reason=reason)
    with transaction.atomic():
        locked = open_meeting(meeting, by=by, verb="change the meeting", statuses=TO_COME)
        before = (locked.starts_at, locked.ends_at, locked.place, locked.link)
        after = (slot.starts_at, slot.ends_at, place.strip(), link)
        if before == after:
            return locked
        if locked.papers_are_out:
            _check_change_after_call(slot, reason)
        was = before[0]
        locked.starts_at, locked.ends_at, locked.place, locked.link = after
        locked.change_reason = reason.strip()
        _save_change(locked)
        if locked.papers_are_out:
            mail.queue("meeting_changed", to=meetings.people_to_tell(locked), about=locked, was=was, by=by)
        return locked


def _check_change_after_call(slot: Slot, reason: str) -> None:
    if not reason.strip():
        raise ValidationError({"reason": "Enter why the meeting changes: its papers are out, and everybody is told"})
    if slot.starts_at < timezone.now():
        raise ValidationError({"starts": "The meeting has been called: it can only be moved to a time to come"})


def _save_change(meeting: Meeting) -> None:
    calendar_changed(meeting)
    try:
        with transaction.atomic():
            meeting.save()
    except IntegrityError as error:
        raise _taken(error) from error


@transaction.atomic
def cancel_meeting(meeting: Meeting, *, by: User, note: str) -> Meeting:
    """Cancel a meeting to come and tell its members why. Raises ``NoteRequired``, ``MoveNotAllowed``,
    ``PermissionDenied``, ``ValidationError``."""
    refuse_identifying(note=note)
    now = timezone.now()
    cancelled = take(CANCEL_MEETING, meeting, by=by, note=note, change_reason=note.strip()[:500], changed_at=now)
    cancelled.sequence += 1
    cancelled.save(update_fields=["sequence"])
    if cancelled.starts_at > now:
        mail.queue("meeting_cancelled", to=meetings.people_to_tell(cancelled), about=cancelled, by=by)
    return cancelled


# --- What stands on every agenda --------------------------------------------------------------------------------------


@transaction.atomic
def save_standing_item(group: Group, item: StandingItem | None = None, *, by: User, **fields: Any) -> StandingItem:
    """A new standing item of ``group``, or ``item`` changed. Agendas that have it already keep it as it was. Raises
    ``PermissionDenied``, ``ValidationError``."""
    _check_may_plan(group, by)
    refuse_identifying(title=fields["title"], presenter=fields.get("presenter", ""))
    row = lock(item) if item else StandingItem(group=group)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    return row


@transaction.atomic
def remove_standing_item(item: StandingItem, *, by: User) -> None:
    """Leave an item off the agendas built from today on. Raises ``PermissionDenied``, ``TooLate`` (deleted)."""
    _check_may_plan(item.group, by)
    row = lock(item)
    row.removed_on = row.removed_on or timezone.localdate()
    row.save(update_fields=["removed_on"])
