"""Logs without the secrets of addresses: those of invitations, calendars, new passwords and forms that were kept."""

from __future__ import annotations

import logging
import re

# As long as a secret is, and nothing else that has to be read in a log: a group's address loses its end, no more.
SECRET = re.compile(r"[\w-]{32,}")


def discreet(text: str) -> str:
    """``text`` (an address, or a line with one) with a mark in the place of whatever is as long as a secret."""
    return SECRET.sub("[hidden]", text)


class Discreet(logging.Filter):
    """Hides secrets in the text of a record's arguments: Django logs the address of what it refuses."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple):
            record.args = tuple(discreet(one) if isinstance(one, str) else one for one in record.args)
        return True
