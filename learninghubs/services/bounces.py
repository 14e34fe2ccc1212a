"""Newsletters that come back: what the mail server says at once, and what the mail service reports later.

An address that does not exist suspends its reader; they, or the business unit, can start the newsletters again. So
does a mailbox that has taken none of the last ``MOST_SOFT_BOUNCES`` issues. Who reports a newsletter as spam is
unsubscribed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from smtplib import SMTPRecipientsRefused

from django.db import transaction

from learninghubs.choices import DeliveryStatus, SubscriberStatus
from learninghubs.models import Delivery, Subscriber
from learninghubs.services import telling
from learninghubs.services.subscribers import suspend, unsubscribe

MOST_SOFT_BOUNCES = 3  # in a row, then it is not a full mailbox any more
HARD, SOFT, COMPLAINT = KINDS = ("hard", "soft", "complaint")
MOST_CHARACTERS = 1_000  # of what a server says


@dataclass(frozen=True, slots=True)
class Event:
    """What the mail service reports of one message: one of ``KINDS``, and the words of the server that refused it."""

    message_id: str
    kind: str
    detail: str = ""


def is_hard(error: Exception) -> bool:
    """Whether a mail server says that there is no such address. "5.7" is about us, not about the address (RFC 3463):
    its servers do not let us send, and no reader must be suspended for that."""
    if not isinstance(error, SMTPRecipientsRefused):
        return False
    return all(code >= 500 and not bytes(words).startswith(b"5.7.") for code, words in error.recipients.values())


@transaction.atomic
def note(event: Event) -> bool:
    """Write down what is reported of a delivery, and return whether it changed anything. A message that is not ours and
    a report that came before change nothing."""
    locked = Delivery.objects.select_for_update(no_key=True, of=("self", "subscriber")).select_related("subscriber")
    delivery = locked.filter(message_id=event.message_id.strip()).first()
    if delivery is None or delivery.status not in (DeliveryStatus.SENT, DeliveryStatus.FAILED):
        return False
    if event.kind == COMPLAINT:
        return _complain(delivery)
    if event.kind == HARD:
        return come_back(delivery, event.detail)
    return delivery.status == DeliveryStatus.SENT and come_back_softly(delivery, event.detail)


def note_all(events: Iterable[Event]) -> int:
    """``note`` each, and return how many changed something."""
    return sum(note(event) for event in events)


def come_back(delivery: Delivery, why: str) -> bool:
    """Record that there is no such address, and send nothing there from now on. The rows are locked."""
    _record(delivery, DeliveryStatus.BOUNCED, why)
    _suspend(delivery.subscriber, f"Their mail server refused the newsletter: {why}" if why else "It came back")
    return True


def come_back_softly(delivery: Delivery, why: str) -> bool:
    """Record that a mailbox took no message this time; after ``MOST_SOFT_BOUNCES`` in a row, send nothing there."""
    reader = delivery.subscriber
    before = reader.deliveries.filter(pk__lt=delivery.pk).exclude(status=DeliveryStatus.QUEUED).order_by("-pk").first()
    in_a_row = before is not None and before.status != DeliveryStatus.SENT
    reader.soft_bounces = reader.soft_bounces + 1 if in_a_row else 1
    reader.save(update_fields=["soft_bounces"])
    _record(delivery, DeliveryStatus.FAILED, why)
    if reader.soft_bounces >= MOST_SOFT_BOUNCES:
        _suspend(reader, f"{reader.soft_bounces} newsletters in a row came back: {why}")
    return True


def _record(delivery: Delivery, status: DeliveryStatus, why: str) -> None:
    delivery.status, delivery.error = status, why[:MOST_CHARACTERS].replace("\0", "")
    delivery.save(update_fields=["status", "error"])
    telling.was_not_told(delivery)


def _suspend(reader: Subscriber, why: str) -> None:
    if reader.status == SubscriberStatus.ACTIVE:
        suspend(reader, by=None, note=why[:MOST_CHARACTERS].replace("\0", ""))


def _complain(delivery: Delivery) -> bool:
    if delivery.subscriber.status == SubscriberStatus.UNSUBSCRIBED:
        return False
    unsubscribe(delivery.subscriber)
    return True
