"""Readers of the newsletters: they ask, confirm their address, choose, and stop. Only they can start again.

An address that has unsubscribed is kept, so that no imported list brings it back. What a public form says of an
address is the same whether it is known or not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from learninghubs import links
from learninghubs.choices import DeliveryStatus, SubscriberSource, SubscriberStatus
from learninghubs.models import LearningHub, Subscriber, Theme
from learninghubs.moves import ASK_AGAIN, CONFIRM_ADDRESS, RESUME, SUSPEND, UNSUBSCRIBE
from learninghubs.permissions import Perm
from partnership.engine import mail
from partnership.engine.workflow import lock, take
from partnership.models import StatusChange, User
from partnership.texts import refuse_identifying

WAIT = timedelta(minutes=5)  # between two e-mails to an address that is asked for again and again

USED = {
    SubscriberStatus.ACTIVE: "This link has been used already: the newsletters come to your address.",
    SubscriberStatus.SUSPENDED: "This link has been used already. Since then, newsletters to your address came back.",
    SubscriberStatus.UNSUBSCRIBED: "This link has been used already, and you have unsubscribed since.",
}

# --- By themselves ----------------------------------------------------------------------------------------------------


@transaction.atomic
def ask(*, email: str, hubs: Iterable[LearningHub], themes: Iterable[Theme], at: datetime) -> None:
    """Ask the owner of ``email`` to confirm that they want the newsletters of ``hubs``.

    Nothing is sent before they do. An address that gets them already is told so, and keeps its choices: whoever filled
    in the form may be somebody else. Asked twice within ``WAIT``, one e-mail goes out.
    """
    reader = _locked(email, at, SubscriberSource.SELF)
    just_now = at - WAIT < reader.asked_at < at
    if reader.status in ASK_AGAIN.sources:
        reader = take(ASK_AGAIN, reader, by=None, asked_at=at, source=SubscriberSource.SELF)
        just_now = False
    if reader.status == SubscriberStatus.PENDING:
        _set(reader, hubs, themes)
    if not just_now:
        _send_link(reader, at)


def _locked(email: str, at: datetime, source: SubscriberSource) -> Subscriber:
    """The row of an address, made if there is none, locked."""
    address = email.strip().lower()
    found = Subscriber.objects.with_address(address).select_for_update()
    reader: Subscriber | None = found.first()
    if reader is None:
        Subscriber.objects.bulk_create([Subscriber(email=address, asked_at=at, source=source)], ignore_conflicts=True)
        reader = cast(Subscriber, found.get())
    return reader


def _send_link(reader: Subscriber, at: datetime) -> None:
    reader.asked_at = at
    reader.save(update_fields=["asked_at"])
    if reader.status == SubscriberStatus.PENDING:
        name, link = "subscription_confirm", links.confirm_url(reader)
    else:
        name, link = "subscription_known", links.preferences_url(reader)
    days = links.CONFIRM_DAYS
    mail.queue(name, to=[reader.email], about=reader, secret=True, link=link, hubs=list(reader.hubs.all()), days=days)


@transaction.atomic
def ask_again(reader: Subscriber, *, at: datetime) -> None:
    """Send a link to confirm to somebody who had stopped, or to whom newsletters came back, and who wants them again.
    With the choices that they made before."""
    ask(email=reader.email, hubs=list(reader.hubs.all()), themes=list(reader.themes.all()), at=at)


@transaction.atomic
def confirm(token: str, *, at: datetime) -> Subscriber:
    """Start the newsletters to whoever was sent ``token``. Raises ``LinkUnusable``, also for the second of two."""
    reader = lock(check_request(token))
    if reader.status != SubscriberStatus.PENDING:  # somebody was as quick
        raise links.LinkUnusable(USED[SubscriberStatus(reader.status)])
    return take(CONFIRM_ADDRESS, reader, by=None, confirmed_at=at, soft_bounces=0)


def check_request(token: str) -> Subscriber:
    """Who would confirm by ``token``. Raises ``LinkUnusable`` as ``confirm`` would. One query."""
    reader = links.request_of(token)
    if reader.status != SubscriberStatus.PENDING:
        raise links.LinkUnusable(USED[SubscriberStatus(reader.status)])
    return reader


@transaction.atomic
def subscribe_account(
    person: User, *, hubs: Iterable[LearningHub], themes: Iterable[Theme], at: datetime
) -> Subscriber:
    """Start the newsletters of ``hubs`` to somebody who is signed in, at once: their address is known to be theirs."""
    reader = _locked(person.email, at, SubscriberSource.ACCOUNT)
    if reader.status in ASK_AGAIN.sources:
        reader = take(ASK_AGAIN, reader, by=None, asked_at=at, source=SubscriberSource.ACCOUNT)
    if reader.status == SubscriberStatus.PENDING:
        reader = take(CONFIRM_ADDRESS, reader, by=None, confirmed_at=at, soft_bounces=0)
    _set(reader, hubs, themes)
    return reader


@transaction.atomic
def choose(reader: Subscriber, *, hubs: Iterable[LearningHub], themes: Iterable[Theme]) -> Subscriber:
    """Set which newsletters ``reader`` gets, and on which themes. What waits to be sent of the others is taken out.
    Raises ``ValidationError`` (``hubs``) where there is none left."""
    locked = lock(reader)
    _set(locked, hubs, themes)
    return locked


def _set(reader: Subscriber, hubs: Iterable[LearningHub], themes: Iterable[Theme]) -> None:
    chosen = list(hubs)
    if not chosen:
        raise ValidationError({"hubs": "Select at least one hub, or unsubscribe"})
    reader.hubs.set(chosen)
    reader.themes.set(themes)
    reader.deliveries.filter(status=DeliveryStatus.QUEUED).exclude(issue__hub__in=chosen).delete()


@transaction.atomic
def unsubscribe(reader: Subscriber, *, by: User | None = None, note: str = "") -> Subscriber:
    """Stop every newsletter to ``reader``, those that wait to be sent too. Done twice, it is done. ``by`` is None where
    they do so themselves. Raises ``PermissionDenied``, ``ValidationError`` (``note``)."""
    refuse_identifying(note=note)
    locked = lock(reader)
    if locked.status == SubscriberStatus.UNSUBSCRIBED:
        return locked
    done = take(UNSUBSCRIBE, locked, by=by, note=note)
    _take_out_waiting(done)
    return done


def _take_out_waiting(reader: Subscriber) -> None:
    reader.deliveries.filter(status=DeliveryStatus.QUEUED).delete()


# --- By the business unit ---------------------------------------------------------------------------------------------


@transaction.atomic
def suspend(reader: Subscriber, *, by: User | None, note: str) -> Subscriber:
    """Send nothing to ``reader`` until further notice. ``by`` is None where their mail server refused them.
    Raises ``MoveNotAllowed``, ``PermissionDenied``, ``NoteRequired``, ``ValidationError`` (``note``)."""
    if by is not None:
        refuse_identifying(note=note)
    done = take(SUSPEND, reader, by=by, note=note)
    _take_out_waiting(done)
    return done


@transaction.atomic
def resume(reader: Subscriber, *, by: User) -> Subscriber:
    """Send to ``reader`` again from the next issue on. Raises ``MoveNotAllowed``, ``PermissionDenied``,
    ``ValidationError`` where they have never confirmed their address."""
    if reader.confirmed_at is None:
        raise ValidationError("They have never confirmed this address. They can ask for the newsletter themselves.")
    return take(RESUME, reader, by=by, soft_bounces=0)


@transaction.atomic
def make_links_void(reader: Subscriber, *, by: User) -> Subscriber:
    """Have every link that was sent to ``reader`` stop working: somebody else got hold of one. New issues carry new
    ones. Raises ``PermissionDenied``."""
    if not by.has_perm(Perm.MANAGE_SUBSCRIBERS, reader):
        raise PermissionDenied(f"{by} may not change the links of {reader}")
    locked = lock(reader)
    locked.key += 1
    locked.save(update_fields=["key"])
    return locked


# --- By the clock -----------------------------------------------------------------------------------------------------


def forget_unconfirmed(*, at: datetime) -> None:
    """Forget addresses whose owners did not confirm in time: somebody else may have typed them. Of those that had
    unsubscribed before, that stays known."""
    late = Subscriber.objects.filter(
        status=SubscriberStatus.PENDING, asked_at__lt=at - timedelta(days=links.CONFIRM_DAYS)
    )
    for reader in late:
        _forget(reader)


@transaction.atomic
def _forget(reader: Subscriber) -> None:
    locked = lock(reader)
    if locked.status != SubscriberStatus.PENDING or locked.asked_at != reader.asked_at:
        return  # confirmed, or asked for again, meanwhile
    if StatusChange.objects.about(locked).exists():
        unsubscribe(locked)
    else:
        locked.delete()
