"""What forums want of those who run them, and where everybody else goes for them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from learninghubs.choices import BookingStatus, BriefingStatus, ForumStatus
from learninghubs.forums import bookings_to_come
from learninghubs.models import Booking, Briefing, Forum
from learninghubs.permissions import Perm
from partnership.choices import Role
from partnership.engine import home
from partnership.models import User

BRIEFING_WITHIN = timedelta(days=28)  # after a forum its briefing should be out; until then it is not late
REMIND_FOR = timedelta(days=120)  # what nobody has written for so long will not be written
MOST = 6  # forums named on the home page


def to_write_up(user: User, on: date) -> list[home.Need]:
    """Forums of a hub lead's hub that are over and wait for attendance, record or briefing. One query."""
    if Role.HUB_LEAD not in user.roles():
        return []
    now = timezone.now()
    over = Forum.objects.allowed(user, Perm.MANAGE_FORUM).filter(ends_at__range=(now - REMIND_FOR, now))
    over = over.exclude(status=ForumStatus.CANCELLED).select_related("theme", "hub__group")
    unticked = Booking.objects.filter(forum=OuterRef("pk"), status=BookingStatus.BOOKED, came=None)
    published = Briefing.objects.filter(forum=OuterRef("pk"), status=BriefingStatus.PUBLISHED)
    found = over.annotate(unticked=Exists(unticked), published=Exists(published)).order_by("starts_at")
    return [need for forum in found if (need := _need_of(forum))][:MOST]


def _need_of(forum: Forum) -> home.Need | None:
    """The next thing that ``forum`` waits for; None if nothing is left."""
    url, group = forum.get_absolute_url(), forum.hub.group_id
    if forum.unticked:  # type: ignore[attr-defined]
        url = reverse("learninghubs:forum_attendance", args=[forum.pk])
        return home.Need("Forum: say who came", url, str(forum), due=forum.day, group=group)
    if forum.status == ForumStatus.PLANNED:
        url = reverse("learninghubs:record_forum", args=[forum.pk])
        return home.Need("Forum: record what happened", url, str(forum), due=forum.day, group=group)
    if not forum.published:  # type: ignore[attr-defined]
        due = forum.day + BRIEFING_WITHIN
        return home.Need("Forum: publish its learning briefing", url, str(forum), due=due, group=group)
    return None


def places(user: User) -> list[home.Link]:
    """The forums; and first the person's own bookings to come. One query."""
    return [*_own(user), home.Link("Forums", reverse("learninghubs:forums"), "Learn with your hub, and book", order=40)]


def _own(user: User) -> Iterator[home.Link]:
    for booking in bookings_to_come(user, timezone.now())[:MOST]:
        forum = booking.forum
        when = date_format(timezone.localtime(forum.starts_at), "l j F Y, H:i")
        waits = " (waiting list)" if booking.status == BookingStatus.WAITING else ""
        yield home.Link(f"Your forum: {forum.theme}", forum.get_absolute_url(), f"{when}{waits}", order=20)
