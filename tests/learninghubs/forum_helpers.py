"""Forums for tests: some days from today, with people who booked."""

import re
from datetime import datetime, time, timedelta

from django.utils import timezone

from learninghubs import forums as reads
from learninghubs.choices import ForumStatus
from learninghubs.models import Booking, Forum
from learninghubs.services import bookings
from learninghubs.services import forums as services
from partnership.models import OutgoingMessage
from tests.factories import ForumFactory


def at(days: int, hour: int = 10) -> datetime:
    """That hour of the clock, so many days from today."""
    day = timezone.localdate() + timedelta(days=days)
    return timezone.make_aware(datetime.combine(day, time(hour)))


def make_forum(hub, *, days: int = 14, **fields) -> Forum:
    """A forum of two hours, so many days from today."""
    return ForumFactory(hub=hub, starts_at=at(days), ends_at=at(days, 12), **fields)


def guest(forum, number: int = 1) -> Booking:
    """The booking of somebody without an account, confirmed by its link."""
    email = f"guest{number}@agency.example"
    bookings.ask_to_book(forum, name=f"Guest {number}", email=email)
    return bookings.confirm(Booking.objects.get(forum=forum, email=email))


def hold(hub, by, *, came: int = 3, days: int = -3) -> Forum:
    """A forum that was held: so many guests booked and came, and it is recorded what happened."""
    forum = make_forum(hub, days=1)
    rows = [guest(forum, number) for number in range(came)]
    Forum.objects.filter(pk=forum.pk).update(starts_at=at(days), ends_at=at(days, 12))
    forum.refresh_from_db()
    take_attendance(forum, {row.pk for row in rows}, by=by)
    return record(forum, by=by)


def take_attendance(forum, came=(), *, by, others_came: int = 0, **fields) -> Forum:
    loaded = reads.loaded_attendance(forum, reads.expected_at(forum))
    return services.take_attendance(forum, set(came), by=by, loaded=loaded, others_came=others_came, **fields)


def record(forum, *, by) -> Forum:
    texts = {"discussed": "How first contacts are answered.", "learned": "- Ask early\n- Tell those who asked"}
    loaded = reads.loaded_record(forum)
    held = services.record_forum(forum, by=by, loaded=loaded, **texts)
    assert held.status == ForumStatus.HELD
    return held


def letters(name: str) -> list[str]:
    """The texts of the messages of that name, oldest first."""
    return list(OutgoingMessage.objects.filter(name=name).order_by("pk").values_list("body", flat=True))


def link_in(text: str) -> str:
    """The path of the booking that a message leads to."""
    return re.search(r"(/learning/forums/bookings/[0-9a-f]{64}/)\s", text)[1]
