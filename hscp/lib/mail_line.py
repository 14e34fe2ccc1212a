"""A line to the mail server that is opened once and used for many messages."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from types import TracebackType
from typing import Self

from django.core.mail import EmailMessage, get_connection

log = logging.getLogger(__name__)

MOST_ON_ONE_LINE = 500  # messages; servers end connections that go on for ever
FAILURES = (SMTPException, OSError, ValueError)


class MailLine:
    """Whatever fails, the message after it gets a new connection."""

    def __init__(self) -> None:
        self._backend = get_connection()
        self._used = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, where: TracebackType | None) -> None:
        self.close()

    @property
    def is_fresh(self) -> bool:
        """Whether no message has gone over this connection yet."""
        return self._used == 0

    def open(self) -> None:
        """Be ready to send. Raises one of ``FAILURES`` where the server does not answer, or does not let us in."""
        if self._used >= MOST_ON_ONE_LINE:
            self.close()
        self._backend.open()

    def send(self, message: EmailMessage) -> None:
        """Send ``message``. Raises one of ``FAILURES``, ``ValueError`` where it has no address or cannot be written."""
        try:
            if not self._backend.send_messages([message]):  # Django sends nothing, and says nothing, to no address
                raise ValueError("The message has no address")
        except FAILURES:
            self.close()
            raise
        self._used += 1

    def close(self) -> None:
        """Close the connection, whatever state it is in."""
        self._used = 0
        try:
            self._backend.close()
        except FAILURES as error:
            log.info("The mail server did not part well: %s", type(error).__name__)
