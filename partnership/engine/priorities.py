"""What is done about a priority: registered by each app in its ``priority_entries.py``, gathered on its page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from partnership.models import Priority, User


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing done about a priority: what it is, where it stands (a status and its word), the day it belongs to."""

    title: str
    url: str = ""
    detail: str = ""
    status: str = ""
    status_label: str = ""
    when: date | None = None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entries, as an app registers it. ``entries`` gives what of it the person may see (None: the public)."""

    heading: str
    order: int
    entries: Callable[[Priority, User | None], list[Entry]]


_kinds: list[Kind] = []


def register(kind: Kind) -> None:
    """Declare a kind of entries. Its function must cost a bounded number of queries."""
    _kinds.append(kind)


def gathered(priority: Priority, user: User | None) -> list[tuple[Kind, list[Entry]]]:
    """Everything done about ``priority`` that ``user`` may see, by kind in order; kinds with nothing are left out."""
    found = [(kind, kind.entries(priority, user)) for kind in sorted(_kinds, key=lambda kind: kind.order)]
    return [(kind, entries) for kind, entries in found if entries]
