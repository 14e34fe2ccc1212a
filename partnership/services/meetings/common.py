"""What every change to a meeting begins with: the row locked, the person asked, the status looked at."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.formats import date_format

from partnership.choices import MeetingStatus
from partnership.engine.workflow import TooLate, lock
from partnership.models import Meeting, User
from partnership.models.meetings import TO_COME
from partnership.permissions import Perm

# While what was said and decided is written down.
MINUTING: Final = (MeetingStatus.HELD, MeetingStatus.DRAFTED)
# While agenda and papers can change: also for what is raised or tabled at the meeting.
AT_WORK: Final = (*TO_COME, *MINUTING)


def open_meeting(meeting: Meeting, *, by: User | None, verb: str, statuses: Collection[str] = AT_WORK) -> Meeting:
    """``meeting`` locked, for a change that ``verb`` names. ``by`` is None where the portal acts.

    Raises ``PermissionDenied`` unless ``by`` runs the group's meetings, ``TooLate`` unless it is in one of
    ``statuses``: the sentence says why not.
    """
    locked = lock(meeting)
    if by is not None and not by.has_perm(Perm.MANAGE_MEETING, locked):
        raise PermissionDenied(f"{by} may not {verb}")
    if locked.status not in statuses:
        raise TooLate(why_not(locked, verb))
    return locked


def why_not(meeting: Meeting, verb: str) -> str:
    """Why ``verb`` is not possible now, in a sentence or two."""
    if meeting.status == MeetingStatus.AGREED and meeting.agreed_on is not None:
        day = date_format(meeting.agreed_on, "j F Y")
        return (
            f"You cannot {verb}: the minutes of this meeting were agreed on {day} and never change. "
            "What was wrong in them is noted as a correction at the next meeting."
        )
    if meeting.status == MeetingStatus.CIRCULATED:
        return f"You cannot {verb}: the minutes have been circulated. Take them back first."
    return f"You cannot {verb} now: the status is “{meeting.get_status_display().lower()}”."


def agenda_changed(meeting: Meeting) -> None:
    """Note on the locked ``meeting`` that its agenda or papers have changed: a pack made before is out of date."""
    meeting.agenda_version += 1
    meeting.agenda_changed_at = timezone.now()
    meeting.save(update_fields=["agenda_version", "agenda_changed_at"])


def calendar_changed(meeting: Meeting) -> None:
    """Note on the locked, unsaved ``meeting`` that the calendars of its members must change."""
    meeting.sequence += 1
    meeting.changed_at = timezone.now()
