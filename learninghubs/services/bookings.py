"""Places at a forum: booked, waited for, given up; and what those who booked are told.

Every change begins with the lock of the forum, so that of many who press at once for the last place one gets it, and
the waiting list is in the order in which they came.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from typing import Any, Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from learninghubs import forums as reads
from learninghubs.choices import BookingStatus, ForumStatus
from learninghubs.links import absolute
from learninghubs.models import Booking, Forum
from learninghubs.models.forums import HOLDING
from learninghubs.permissions import Perm
from partnership.engine import mail
from partnership.engine.workflow import TooLate, lock
from partnership.models import Organisation, User
from partnership.services.people import hash_secret

FORGET_AFTER: Final = timedelta(days=7)  # how long a booking waits for its address to be confirmed


# --- Booked -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def book(forum: Forum, *, by: User) -> Booking:
    """Book a place for somebody with an account, or put them on the waiting list, and tell them which. Whoever has
    booked already keeps the booking that they have, which comes back.

    Raises ``PermissionDenied``, ``TooLate`` if the forum is over or cancelled.
    """
    locked = _bookable(forum)
    if not by.has_perm(Perm.BOOK_FORUM, locked):
        raise PermissionDenied(f"{by} may not book")
    held = reads.own_booking(locked, by)
    if held is not None:
        return held
    new = Booking(forum=locked, person=by, name=by.name, email=by.email, agency=by.organisation)
    return _give_place(new)


@transaction.atomic
def ask_to_book(forum: Forum, *, name: str, email: str, agency: Organisation | None = None) -> None:
    """Send the link that books a place for somebody without an account once it is confirmed. Whoever has one already
    is told so by e-mail, and nobody else is: the page must not say who comes.

    Raises ``TooLate`` if the forum is over or cancelled.
    """
    locked = _bookable(forum)
    held = reads.held_by(locked, email)
    if held is not None:
        _tell("forum_already_booked", held)
        return
    waiting = locked.bookings.filter(status=BookingStatus.UNCONFIRMED, email__iexact=email.strip()).first()
    booking = waiting or Booking(forum=locked, email=email.strip(), status=BookingStatus.UNCONFIRMED)
    booking.name, booking.agency, booking.booked_at = name.strip(), agency, timezone.now()
    _keep(booking)
    _tell("forum_confirm_booking", booking)


@transaction.atomic
def confirm(booking: Booking) -> Booking:
    """Book the place, or the place on the waiting list, whose address is confirmed, and return the booking that holds
    it: another one, where the address has a place by then. Pressed twice, nothing more happens.

    Raises ``TooLate`` if the booking is no longer kept, or the forum is over or cancelled.
    """
    forum = _bookable(booking.forum)
    locked = lock(booking)
    if locked.status != BookingStatus.UNCONFIRMED:
        return locked
    held = reads.held_by(forum, locked.email)
    if held is not None:
        locked.delete()
        return held
    locked.forum = forum
    locked.person = User.objects.filter(email__iexact=locked.email, is_active=True).first()
    return _give_place(locked)


def _bookable(forum: Forum) -> Forum:
    """``forum`` locked. Raises ``TooLate`` if it is over or cancelled."""
    locked = lock(forum)
    if sentence := reads.why_closed(locked, timezone.now()):
        raise TooLate(sentence)
    return locked


def _give_place(booking: Booking) -> Booking:
    """Book ``booking`` on the locked forum, or put it last on the waiting list."""
    is_free = reads.places_left(booking.forum) != 0
    booking.status = BookingStatus.BOOKED if is_free else BookingStatus.WAITING
    booking.booked_at = timezone.now()
    _keep(booking)
    _tell("forum_booked" if is_free else "forum_waiting", booking)
    return booking


def add_walk_in(forum: Forum, name: str, *, agency: Organisation | None = None, email: str = "") -> Booking:
    """Note on the locked ``forum`` that somebody came who had not booked; under an address that had, that one came."""
    held = reads.held_by(forum, email) if email else None
    booking = held or Booking(forum=forum, name=name.strip(), email=email.strip(), agency=agency)
    booking.came = True
    return _keep(booking)


def _keep(booking: Booking) -> Booking:
    """Save ``booking`` with the hash of its secret, which follows from its number."""
    if booking._state.adding:
        booking.secret_hash = secrets.token_hex(32)
        booking.save()
    booking.secret_hash = hash_secret(reads.secret_of(booking))
    booking.save()
    return booking


# --- Given up ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def cancel(booking: Booking, *, by: User | None = None) -> Booking:
    """Give up a place, or a place on the waiting list; the first who waits moves up and is told. ``by`` is who is
    signed in, None for whoever has the link. Pressed twice, nothing more happens.

    Raises ``PermissionDenied`` for somebody else's booking, ``TooLate`` if the forum is over or cancelled.
    """
    if by is not None and booking.person_id != by.pk and booking.email.casefold() != by.email.casefold():
        raise PermissionDenied(f"{by} may not cancel the booking of somebody else")
    forum = _bookable(booking.forum)
    locked = lock(booking)
    if locked.status in HOLDING:
        locked.status = BookingStatus.CANCELLED
        locked.save(update_fields=["status"])
        fill_places(forum)
    return locked


def fill_places(forum: Forum) -> list[Booking]:
    """Give the free places of the locked ``forum`` to those who wait longest, tell them, and return their bookings."""
    if reads.why_closed(forum, timezone.now()):
        return []
    free, waiting = reads.places_left(forum), forum.bookings.waiting()
    moved = list(waiting if free is None else waiting[:free])
    for booking in moved:
        booking.status = BookingStatus.BOOKED
        booking.save(update_fields=["status"])
        _tell("forum_moved_up", booking)
    return moved


def forget_unconfirmed(*, at: datetime) -> int:
    """Delete bookings whose address nobody has confirmed for ``FORGET_AFTER``, and return how many."""
    old = Booking.objects.filter(status=BookingStatus.UNCONFIRMED, booked_at__lt=at - FORGET_AFTER)
    return old.delete()[0]


# --- Told -------------------------------------------------------------------------------------------------------------


def tell_all(name: str, forum: Forum, **context: Any) -> int:
    """Send everybody who has a place at the locked ``forum``, or waits for one, the message ``name``; how many."""
    listed = list(forum.bookings.filter(status__in=HOLDING).exclude(email="").select_related("person"))
    for booking in listed:
        booking.forum = forum
        _tell(name, booking, **context)
    return len(listed)


def _tell(name: str, booking: Booking, **context: Any) -> None:
    """Send ``booking``'s person the message ``name``, with the links that are theirs alone."""
    if not booking.email:
        return
    secret = _current_secret(booking)
    links = {
        "link": absolute("learninghubs:booking", secret),
        "calendar": absolute("learninghubs:booking_calendar", secret),
        "evaluation": absolute("learninghubs:evaluate_forum", secret),
    }
    to = booking.person if booking.person and booking.person.is_active else booking.email
    mail.queue(name, to=[to], about=booking, secret=True, forum=booking.forum, **links, **context)


def _current_secret(booking: Booking) -> str:
    """The secret of the booking's link. Where the portal's key has changed, the link of its next e-mail is the one that
    works."""
    secret = reads.secret_of(booking)
    if booking.secret_hash != hash_secret(secret):
        _keep(booking)
    return secret


# --- After the forum --------------------------------------------------------------------------------------------------


def ask_what_they_thought(*, at: datetime) -> int:
    """Send those who came to a forum that has been recorded the link to its questions, once; and return how many."""
    since = at - reads.EVALUATE_WITHIN
    held = Booking.objects.filter(forum__status=ForumStatus.HELD, forum__ends_at__gt=since)
    waiting = held.filter(came=True, asked_at=None).exclude(email="")
    return sum(_ask(pk, at) for pk in list(waiting.values_list("pk", flat=True)))


@transaction.atomic
def _ask(pk: int, at: datetime) -> bool:
    unlocked = Booking.objects.select_for_update(skip_locked=True, of=("self",)).select_related("forum", "person")
    booking = unlocked.filter(pk=pk, came=True, asked_at=None).first()
    if booking is None:  # another worker was as quick
        return False
    booking.asked_at = at
    booking.save(update_fields=["asked_at"])
    _tell("forum_evaluation", booking)
    return True
