"""E-mail: a row first, in the transaction of what it tells of; then a delivery by the worker.

A message is delivered while its row is locked, so two workers never send it together. SMTP knows no more than "at least
once": where the server has accepted a message and we do not get to know or to note it (the worker is killed before the
commit, the answer is lost on the way), it is sent again, under the same Message-ID, by which mail programs can tell
that the two are one.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from email.utils import make_msgid, parseaddr
from smtplib import SMTPConnectError, SMTPException, SMTPRecipientsRefused, SMTPServerDisconnected
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.mail import EmailMessage
from django.db import models, transaction
from django.template import Context
from django.template.loader import get_template
from django.utils import timezone
from django.utils.text import Truncator

from hscp.lib import later
from hscp.lib.pause import Pause
from partnership.choices import MessageStatus
from partnership.models import OutgoingMessage, User

log = logging.getLogger(__name__)

# Minutes to wait after each failed attempt; after the last, the message counts as not delivered.
BACKOFF = (1, 5, 15, 60, 240, 720)
MOST_SUBJECT = 250  # characters
# A server that cannot be reached costs each worker one wait a minute, not one for every message.
server_pause = Pause(seconds=60)


def queue(
    name: str, *, to: Iterable[User | str], about: Any = None, secret: bool = False, **context: Any
) -> list[OutgoingMessage]:
    """Write one message per recipient and return the rows; the worker sends them after commit.

    ``name`` is the pair of templates ``emails/<name>_subject.txt`` and ``emails/<name>_body.txt``. Nobody gets the same
    message twice from one call. ``secret`` (it holds a link that opens an account) has the text forgotten once it has
    been sent. One INSERT, whatever the number of recipients.
    """
    people = {_address(person).casefold(): person for person in to}
    return _save_new([_row(name, person, about, context, secret) for person in people.values()])


def queue_text(name: str, *, to: str, subject: str, body: str, secret: bool = False) -> OutgoingMessage:
    """Write one message whose words are ready and return the row; the worker sends it after commit."""
    return _save_new([_message(name=name, to_email=to, subject=subject, body=body, secret=secret)])[0]


def _save_new(rows: list[OutgoingMessage]) -> list[OutgoingMessage]:
    saved = OutgoingMessage.objects.bulk_create(rows)
    for row in saved:
        later.do("partnership.tasks.deliver_message", row.pk)
    return saved


def _address(person: User | str) -> str:
    return person.email if isinstance(person, User) else person.strip()


def _row(name: str, person: User | str, about: Any, context: dict[str, Any], secret: bool) -> OutgoingMessage:
    user = person if isinstance(person, User) else None
    values = {"person": user, "about": about, "address": settings.PORTAL_ADDRESS, "portal": settings.PORTAL_NAME}
    values |= {"contact_email": settings.CONTACT_EMAIL} | context
    subject, body = (_render(f"emails/{name}_{part}.txt", values) for part in ("subject", "body"))
    row = _message(name=name, to_email=_address(person), subject=subject, body=body, secret=secret)
    row.to_user = user
    if isinstance(about, models.Model):
        row.about_type = ContentType.objects.get_for_model(about)
        row.about_id = about.pk
    return row


def _message(*, name: str, to_email: str, subject: str, body: str, secret: bool) -> OutgoingMessage:
    return OutgoingMessage(
        name=name,
        to_email=to_email,
        subject=one_line(subject),
        body=body.strip() + "\n",
        secret=secret,
        message_id=make_msgid(domain=sending_domain()),
    )


def sending_address() -> str:
    """The address that e-mails come from, without the name before it."""
    return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]


def sending_domain() -> str | None:
    """The domain that e-mails come from; None where the address has none."""
    return sending_address().rpartition("@")[2] or None


def one_line(text: str) -> str:
    """``text`` as a subject: a name with a line break in it must not become a header of its own."""
    return Truncator(" ".join(text.split())).chars(MOST_SUBJECT)


def _render(template: str, values: dict[str, Any]) -> str:
    found: Any = get_template(template)
    return str(found.template.render(Context(values, autoescape=False)))  # plain text: nothing to escape


def due(*, at: datetime) -> list[int]:
    """The ids of messages that wait to be sent at ``at``, oldest first, at most 500."""
    waiting = OutgoingMessage.objects.filter(status=MessageStatus.QUEUED, next_attempt_at__lte=at)
    return list(waiting.order_by("next_attempt_at", "pk").values_list("pk", flat=True)[:500])


@transaction.atomic
def deliver(message_id: int) -> bool:
    """Send one waiting message and return whether it went.

    Nothing happens if it is sent, not due or in other hands, or if the mail server did not answer a minute ago.
    """
    if server_pause.is_on():
        return False
    waiting = OutgoingMessage.objects.select_for_update(skip_locked=True)
    row = waiting.filter(pk=message_id, status=MessageStatus.QUEUED, next_attempt_at__lte=timezone.now()).first()
    if row is None:
        return False
    try:
        _send(row)
    except (SMTPException, OSError, ValueError) as error:
        _record_failure(row, error)
        return False
    row.status, row.sent_at, row.error = MessageStatus.SENT, timezone.now(), ""
    _save(row)
    return True


def _send(row: OutgoingMessage) -> None:
    headers = {"Message-ID": row.message_id, "Auto-Submitted": "auto-generated"}
    message = EmailMessage(row.subject, row.body, settings.DEFAULT_FROM_EMAIL, [row.to_email], headers=headers)
    if not message.send():  # Django sends nothing, and says nothing, to an empty address
        raise ValueError("The message has no address")


def _record_failure(row: OutgoingMessage, error: Exception) -> None:
    row.error = in_words(error)
    if is_unreachable(error):
        server_pause.begin()
    again = None if is_for_good(error) else try_again_at(row.attempts)
    if again is None:
        row.status = MessageStatus.FAILED
    else:
        row.next_attempt_at = again
    _save(row)
    log.warning("Message %s was not delivered (attempt %s): %s", row.pk, row.attempts, type(error).__name__)


def try_again_at(failed_before: int) -> datetime | None:
    """When to try once more, after one more failure than ``failed_before``; None when it has been tried enough."""
    return timezone.now() + timedelta(minutes=BACKOFF[failed_before]) if failed_before < len(BACKOFF) else None


def in_words(error: Exception) -> str:
    """What a row keeps of ``error``: the server's words where it refused the address; a thousand characters at most."""
    if isinstance(error, SMTPRecipientsRefused):
        answers = [f"{code} {bytes(words).decode(errors='replace')}" for code, words in error.recipients.values()]
        return "; ".join(answers)[:1000].replace("\0", "")
    return f"{type(error).__name__}: {error}"[:1000].replace("\0", "")


def is_unreachable(error: Exception) -> bool:
    """Whether the server did not answer at all, so that the next message would fare no better."""
    no_server = (SMTPConnectError, SMTPServerDisconnected)
    return isinstance(error, no_server) or (isinstance(error, OSError) and not isinstance(error, SMTPException))


def is_for_good(error: Exception) -> bool:
    """Whether trying again is no use: the address or the text is impossible, or the server knows no such person."""
    if isinstance(error, SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, ValueError)


def _save(row: OutgoingMessage) -> None:
    row.attempts += 1
    if row.secret and row.status != MessageStatus.QUEUED:
        row.body = ""
    row.save(update_fields=["status", "sent_at", "error", "attempts", "next_attempt_at", "body"])
