"""A person's meetings as an iCalendar file (RFC 5545), for the calendar program that asks for it again and again.

The ``icalendar`` library escapes, folds and joins the lines. Times are in UTC, so that no program needs to know how
British clocks change; programs show them in their own zone.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet
from icalendar import Calendar, Event

from partnership.choices import MeetingStatus
from partnership.models import Meeting, User

SHOWN_FOR: Final = timedelta(days=365)  # after a meeting is over
ASK_AGAIN: Final = timedelta(hours=1)


def meetings_for(person: User, *, at: datetime) -> QuerySet[Meeting]:
    """The meetings in the calendar of ``person``: of the groups they sit on or chair, of the last year and to come,
    cancelled ones too; of somebody who sits on none, all that they may see."""
    recent = Meeting.objects.filter(ends_at__gte=at - SHOWN_FOR)
    own = recent.of(person) if person.groups_sat_on() | person.groups_chaired() else recent.visible_to(person)
    return own.select_related("group").order_by("starts_at", "pk")


def calendar_of(person: User, *, at: datetime) -> bytes:
    """The calendar of ``person`` at ``at``, as bytes in UTF-8. Three queries, whatever the number of meetings."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.PORTAL_SHORT_NAME}//Portal//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", f"{settings.PORTAL_SHORT_NAME} meetings")
    calendar.add("x-published-ttl", "PT1H")
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    for meeting in meetings_for(person, at=at):
        calendar.add_component(event_of(meeting))
    content: bytes = calendar.to_ical()
    return content


def event_of(meeting: Meeting) -> Event:
    """A meeting as an event: the same UID for ever, a SEQUENCE that rises when it is moved or cancelled."""
    event = Event()
    event.add("uid", f"meeting-{meeting.pk}@{urlsplit(settings.PORTAL_ADDRESS).hostname or 'portal'}")
    event.add("sequence", meeting.sequence)
    event.add("dtstamp", meeting.changed_at.astimezone(UTC))
    event.add("last-modified", meeting.changed_at.astimezone(UTC))
    event.add("dtstart", meeting.starts_at.astimezone(UTC))
    event.add("dtend", meeting.ends_at.astimezone(UTC))
    event.add("summary", _summary(meeting))
    event.add("status", _STATUSES.get(MeetingStatus(meeting.status), "CONFIRMED"))
    event.add("url", settings.PORTAL_ADDRESS + meeting.get_absolute_url())
    if where := meeting.place or meeting.link:
        event.add("location", where)
    event.add("description", _description(meeting))
    return event


_STATUSES: Final = {MeetingStatus.PLANNED: "TENTATIVE", MeetingStatus.CANCELLED: "CANCELLED"}


def _summary(meeting: Meeting) -> str:
    return f"Cancelled: {meeting.group}" if meeting.status == MeetingStatus.CANCELLED else str(meeting.group)


def _description(meeting: Meeting) -> str:
    lines = [meeting.change_reason, f"Join online: {meeting.link}" if meeting.link else ""]
    lines.append(f"Agenda and papers: {settings.PORTAL_ADDRESS}{meeting.get_absolute_url()}")
    return "\n".join(filter(None, lines))
