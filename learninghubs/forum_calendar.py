"""A forum as a calendar file (RFC 5545), for whoever wants it in their own calendar.

Times are in UTC, so that no program needs to know how British clocks change. The UID stays the same for ever and the
SEQUENCE rises when the forum is moved or cancelled, so that opening a newer file changes the entry that is there.
"""

from __future__ import annotations

from datetime import UTC
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Event

from learninghubs.choices import BookingStatus, ForumStatus
from learninghubs.models import Booking, Forum

STATUSES: Final = {BookingStatus.WAITING: "TENTATIVE", BookingStatus.CANCELLED: "CANCELLED"}


def calendar_of(forum: Forum, booking: Booking | None = None, *, address: str = "") -> bytes:
    """The calendar file of ``forum``, in UTF-8. That of a ``booking`` also holds the link to join, which is for those
    who booked, and ``address``, the page of the booking; a cancelled booking takes the entry out again."""
    calendar = Calendar()
    calendar.add("prodid", f"-//{settings.PORTAL_SHORT_NAME}//Portal//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add_component(_event(forum, booking, address))
    content: bytes = calendar.to_ical()
    return content


def _event(forum: Forum, booking: Booking | None, address: str) -> Event:
    status = _status(forum, booking)
    event = Event()
    event.add("uid", f"forum-{forum.pk}@{urlsplit(settings.PORTAL_ADDRESS).hostname or 'portal'}")
    event.add("sequence", forum.sequence + (1 if _is_taken_out(forum, booking) else 0))
    event.add("dtstamp", forum.changed_at.astimezone(UTC))
    event.add("last-modified", forum.changed_at.astimezone(UTC))
    event.add("dtstart", forum.starts_at.astimezone(UTC))
    event.add("dtend", forum.ends_at.astimezone(UTC))
    event.add("summary", f"{'Cancelled: ' if status == 'CANCELLED' else ''}Learning hub forum: {forum.theme}")
    event.add("status", status)
    event.add("url", settings.PORTAL_ADDRESS + forum.get_absolute_url())
    event.add("location", forum.place or "Online")
    event.add("description", _description(forum, booking, address))
    return event


def _is_taken_out(forum: Forum, booking: Booking | None) -> bool:
    """Whether only the booking is cancelled, which is one step more than the forum knows of."""
    return forum.status != ForumStatus.CANCELLED and booking is not None and booking.status == BookingStatus.CANCELLED


def _status(forum: Forum, booking: Booking | None) -> str:
    if forum.status == ForumStatus.CANCELLED:
        return "CANCELLED"
    return STATUSES.get(BookingStatus(booking.status), "CONFIRMED") if booking else "CONFIRMED"


def _description(forum: Forum, booking: Booking | None, address: str) -> str:
    may_join = booking is not None and booking.status == BookingStatus.BOOKED
    lines = [str(forum.hub), f"Join online: {forum.link}" if forum.link and may_join else ""]
    lines.append(f"Your booking: {address}" if address else "")
    lines.append(f"About the forum: {settings.PORTAL_ADDRESS}{forum.get_absolute_url()}")
    return "\n".join(filter(None, lines))
