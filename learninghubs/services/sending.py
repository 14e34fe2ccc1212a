"""Sending an issue: one ``Delivery`` for each reader first, in one transaction; then one message after another.

Each message is sent while its row is locked, and marked in the same short transaction, over a connection to the mail
server that serves many. So several workers can send side by side, and one that is killed leaves whole rows: whoever
comes next, by the clock, goes on there. The message that was under way may then come twice, under the same Message-ID
(``partnership.engine.mail`` says why).
"""

from __future__ import annotations

import logging
import time
from datetime import datetime
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from hscp.lib import later
from hscp.lib.mail_line import FAILURES, MailLine
from learninghubs import telling as told
from learninghubs.choices import DeliveryStatus, IssueStatus, SubscriberStatus
from learninghubs.letters import Letter
from learninghubs.links import preferences_url, unsubscribe_url
from learninghubs.models import Delivery, NewsletterIssue, Subscriber
from learninghubs.moves import FINISH_SENDING, START_SENDING
from learninghubs.permissions import Perm
from learninghubs.services import bounces, telling
from partnership.engine import mail
from partnership.engine.workflow import MoveNotAllowed, TooLate, take
from partnership.models import User

log = logging.getLogger(__name__)

BATCH = 200  # deliveries looked up at a time
SLICE = 55  # seconds that one task sends; then others have their turn, and the clock begins the next
GOES_OUT = (IssueStatus.SENDING, IssueStatus.SENT)  # sent: those that are tried again


# --- Begun ------------------------------------------------------------------------------------------------------------


def start_due(*, at: datetime) -> None:
    """Begin to send the issues that are approved for ``at`` or before."""
    for issue in NewsletterIssue.objects.to_be_sent(at).order_by("pk"):
        try:
            start(issue, by=None)
        except TooLate:
            continue  # taken back to draft, or begun by another, a moment ago


@transaction.atomic
def start(issue: NewsletterIssue, *, by: User | None) -> NewsletterIssue:
    """Make a delivery for each reader of the hub and a letter for each author who is none, and have them sent.

    Raises ``MoveNotAllowed``, ``PermissionDenied``. Its deliveries are made in statements of two thousand rows.
    """
    started = take(START_SENDING, issue, by=by, sending_from=timezone.now())
    readers = Subscriber.objects.readers_of(started.hub).order_by("pk")
    Delivery.objects.bulk_create(
        (
            Delivery(issue=started, subscriber_id=pk, message_id=message_id(started.pk, pk))
            for pk in readers.values_list("pk", flat=True)
        ),
        batch_size=2000,
    )
    telling.write_letters(started)
    later.do("learninghubs.jobs.send_issue", started.pk)
    return started


def message_id(issue_id: int, subscriber_id: int) -> str:
    """The Message-ID of one issue to one reader, the same whenever it is asked for."""
    return f"<newsletter.{issue_id}.{subscriber_id}@{mail.sending_domain() or 'localhost'}>"


# --- Sent -------------------------------------------------------------------------------------------------------------


def issues_to_send(*, at: datetime) -> list[int]:
    """The ids of issues with deliveries that are due at ``at``, and of those that wait for nothing but their end."""
    waiting = Exists(Delivery.objects.due(at).filter(issue=OuterRef("pk")))
    out = NewsletterIssue.objects.filter(status__in=GOES_OUT)
    queued = Exists(Delivery.objects.filter(issue=OuterRef("pk"), status=DeliveryStatus.QUEUED))
    done = out.filter(~queued, status=IssueStatus.SENDING)
    return sorted({*out.filter(waiting).values_list("pk", flat=True), *done.values_list("pk", flat=True)})


def send(issue_id: int, *, seconds: float = SLICE) -> int:
    """Send what is due of an issue, for so long at most, and return how many messages went. Nothing happens while the
    mail server does not answer. Ends the sending where nothing waits any more."""
    issue = NewsletterIssue.objects.select_related("hub__group").filter(pk=issue_id, status__in=GOES_OUT).first()
    if issue is None:
        return 0
    until = time.monotonic() + seconds
    went = 0
    with MailLine() as line:
        sender = _Sender(issue, line)
        while not mail.server_pause.is_on() and time.monotonic() < until:
            taken, sent = sender.send_some(until)
            went += sent
            if not taken:
                break
    finish(issue)
    return went


class _Sender:
    """Sends the deliveries of one issue."""

    def __init__(self, issue: NewsletterIssue, line: MailLine) -> None:
        self.issue, self.line = issue, line
        self.letter = Letter(issue)
        self.own: dict[str, told.Own] = {}
        self.sender = formataddr((settings.PORTAL_NAME, mail.sending_address()))
        domain = mail.sending_domain() or "localhost"
        self.headers = {
            "List-Id": f"<{issue.hub.group.slug}.newsletter.{domain}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            "Auto-Submitted": "auto-generated",
            "Precedence": "bulk",
        }

    def send_some(self, until: float) -> tuple[int, int]:
        """Go through the next ``BATCH`` that are due: how many this worker dealt with, and how many of them went."""
        self.own = told.own_answers(self.issue)
        due = self._due()
        taken = self._take_out(due)
        sent = 0
        for delivery in due:
            if time.monotonic() > until or not self._is_ready():
                break
            outcome = self._send_one(delivery) if delivery.is_read else None
            taken += outcome is not None
            sent += outcome is True
        return taken, sent

    def _due(self) -> list[Any]:
        """The next deliveries, with their readers' themes, and whether those still read the hub's newsletter. One
        query."""
        reads = Subscriber.objects.readers_of(self.issue.hub).filter(pk=OuterRef("subscriber"))
        chosen = Subscriber.themes.through.objects.filter(subscriber=OuterRef("subscriber")).values("theme")
        due = Delivery.objects.due(timezone.now()).filter(issue=self.issue)
        return list(due.annotate(is_read=Exists(reads), themes=ArraySubquery(chosen))[:BATCH])

    def _take_out(self, due: list[Any]) -> int:
        """Delete the deliveries to those who unsubscribed, were suspended or chose other hubs; return how many. Nothing
        is sent to them, and nothing waits."""
        gone = [delivery.pk for delivery in due if not delivery.is_read]
        return Delivery.objects.filter(pk__in=gone, status=DeliveryStatus.QUEUED).delete()[0] if gone else 0

    def _is_ready(self) -> bool:
        """Whether the mail server takes messages now. Where it does not, no delivery has to pay for it."""
        if mail.server_pause.is_on():
            return False
        try:
            self.line.open()
        except FAILURES as error:
            mail.server_pause.begin()
            log.warning("The mail server did not let us send: %s", type(error).__name__)
            return False
        return True

    @transaction.atomic
    def _send_one(self, waiting: Any) -> bool | None:
        """Send one and return whether it went; None if it is in other hands, or its reader has just stopped."""
        delivery = self._locked(waiting.pk)
        if delivery is None:
            return None
        own = self.own.get(delivery.subscriber.email.lower(), told.NOTHING)
        was_fresh = self.line.is_fresh
        try:
            self.line.send(self._message(delivery, waiting.themes, own))
        except FAILURES as error:
            if was_fresh and mail.is_unreachable(error):
                mail.server_pause.begin()
            _record_failure(delivery, error)
            return False
        _record_sent(delivery, own)
        return True

    def _locked(self, pk: int) -> Delivery | None:
        """The delivery and its reader, locked (who unsubscribes now waits until it is sent); None if another has it or
        it is done. The readers' lock leaves other issues' rows free to point to them."""
        rows = Delivery.objects.select_for_update(skip_locked=True, no_key=True, of=("self", "subscriber"))
        waiting = rows.filter(pk=pk, status=DeliveryStatus.QUEUED, subscriber__status=SubscriberStatus.ACTIVE)
        found: Delivery | None = waiting.select_related("subscriber").order_by().first()
        return found

    def _message(self, delivery: Delivery, themes: list[int], own: told.Own) -> EmailMultiAlternatives:
        reader = delivery.subscriber
        unsubscribe = unsubscribe_url(reader)
        words = self.letter.compose(
            themes=frozenset(themes),
            own=own.responses,
            preferences=preferences_url(reader),
            unsubscribe=unsubscribe,
        )
        message = EmailMultiAlternatives(
            mail.one_line(words.subject),
            words.text,
            self.sender,
            [reader.email],
            reply_to=[settings.CONTACT_EMAIL],
            headers={
                "Message-ID": delivery.message_id,
                "List-Unsubscribe": f"<{unsubscribe}>",
                **self.headers,
            },
        )
        message.attach_alternative(words.html, "text/html")
        return message


def _record_sent(delivery: Delivery, own: told.Own) -> None:
    delivery.status, delivery.sent_at, delivery.error = DeliveryStatus.SENT, timezone.now(), ""
    delivery.attempts += 1
    delivery.save(update_fields=["status", "sent_at", "error", "attempts"])
    if own.authors:
        telling.record_told(own.authors, at=delivery.sent_at)


def _record_failure(delivery: Delivery, error: Exception) -> None:
    """A delivery that failed waits for its next attempt; one whose address is unknown has come back."""
    again = None if mail.is_for_good(error) else mail.try_again_at(delivery.attempts)
    delivery.attempts += 1
    delivery.error = mail.in_words(error)
    if again is not None:
        delivery.next_attempt_at = again
    elif not bounces.is_hard(error):
        delivery.status = DeliveryStatus.FAILED
    delivery.save(update_fields=["attempts", "error", "next_attempt_at", "status"])
    if bounces.is_hard(error):
        bounces.come_back(delivery, delivery.error)
    log.warning("Delivery %s did not go (attempt %s): %s", delivery.pk, delivery.attempts, type(error).__name__)


def finish(issue: NewsletterIssue) -> None:
    """End the sending of ``issue`` if nothing waits to be sent any more, also where some did not arrive."""
    if issue.status != IssueStatus.SENDING or issue.deliveries.filter(status=DeliveryStatus.QUEUED).exists():
        return
    try:
        take(FINISH_SENDING, issue, by=None, sent_at=timezone.now())
    except MoveNotAllowed:
        return  # another worker was as quick


# --- Tried again ------------------------------------------------------------------------------------------------------


@transaction.atomic
def try_again(issue: NewsletterIssue, *, by: User) -> int:
    """Have what failed sent once more, from now on with all attempts; return how many. Those that came back stay so.
    Raises ``PermissionDenied``, ``TooLate`` where nothing failed."""
    if not by.has_perm(Perm.SEND_ISSUE, issue):
        raise PermissionDenied(f"{by} may not send {issue}")
    failed = issue.deliveries.filter(status=DeliveryStatus.FAILED)
    number = failed.update(status=DeliveryStatus.QUEUED, attempts=0, next_attempt_at=timezone.now(), sent_at=None)
    if not number:
        raise TooLate("Nothing has failed, or somebody has had it sent again already.")
    later.do("learninghubs.jobs.send_issue", issue.pk)
    return number
