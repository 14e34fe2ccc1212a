"""Development mail: kept in Redis for the mailbox page, sent nowhere."""

from collections.abc import Sequence

from django.core.cache import cache
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

KEY, MOST, SECONDS = "mailbox", 200, 7 * 24 * 60 * 60


def kept() -> list[dict[str, str]]:
    """The newest messages, newest first: ``to``, ``subject``, ``body``, ``at``."""
    return list(cache.get(KEY, []))


class MailboxBackend(BaseEmailBackend):
    """Keeps the newest messages where the mailbox page can show them."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        new = [
            {
                "to": ", ".join(message.to),
                "subject": str(message.subject),
                "body": str(message.body),
                "at": timezone.localtime().strftime("%d %B %Y, %H:%M"),
            }
            for message in email_messages
        ]
        cache.set(KEY, [*reversed(new), *kept()][:MOST], SECONDS)
        return len(new)
