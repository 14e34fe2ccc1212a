"""The life of a record: a table of moves per app, and ``take``, which alone sets a status.

``take`` locks the row, checks permission and status, writes an immutable ``StatusChange`` and saves, in one
transaction. A stale click raises ``MoveNotAllowed``, whose text says what has already happened.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.utils import timezone
from django.utils.formats import date_format

from partnership.models import StatusChange, User

R = TypeVar("R", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Move:
    """One step in a life. ``perm`` None means that only the system takes it, never a person."""

    verb: str
    sources: frozenset[str]
    target: str
    perm: str | None
    note_required: bool = False

    def __init__(
        self, verb: str, sources: Iterable[str], target: str, perm: str | None, *, note_required: bool = False
    ) -> None:
        object.__setattr__(self, "verb", verb)
        object.__setattr__(self, "sources", frozenset(sources))
        object.__setattr__(self, "target", target)
        object.__setattr__(self, "perm", perm)
        object.__setattr__(self, "note_required", note_required)


@dataclass(frozen=True, slots=True)
class Life:
    """The moves of one model, in the order a record goes through them."""

    model: type[models.Model]
    moves: tuple[Move, ...]


_lives: dict[type[models.Model], Life] = {}


def life(model: type[models.Model], *moves: Move) -> Life:
    """Declare the moves of ``model`` (for ``docs/lives.md`` and the tests). Raises ``ValueError`` on a second life."""
    if model in _lives:
        raise ValueError(f"{model.__name__} has a life already")
    _lives[model] = Life(model, moves)
    return _lives[model]


def lives() -> list[Life]:
    """Every life declared, in the order of declaration."""
    return list(_lives.values())


class TooLate(Exception):
    """The record has changed since the page was drawn. The text says what has happened, ready to show."""


class MoveNotAllowed(TooLate):
    """The record is not where the move starts from. The text is ready to show to the person who pressed."""

    def __init__(self, move: Move, record: Any) -> None:
        self.move, self.record = move, record
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        last = StatusChange.objects.about(self.record).select_related("by").order_by("-pk").first()
        status = self.record.get_status_display().lower()
        if last is None:
            return f"You cannot {self.move.verb} now: the status is “{status}”."
        at = date_format(timezone.localtime(last.at), "j F Y, H:i")
        return f"You cannot {self.move.verb} now: {last.by_name} changed the status to “{status}” on {at}."


class NoteRequired(Exception):
    """The move needs a reason and none was given."""


@transaction.atomic
def take(move: Move, record: R, *, by: User | None, note: str = "", **fields: Any) -> R:
    """Take ``move`` on ``record`` and return the locked, saved row.

    ``by`` is the person, or None where the system acts (a clock ran out). ``fields`` are set in the same write.
    Raises ``PermissionDenied``, ``TooLate`` (deleted), ``MoveNotAllowed`` (stale or wrong status) or ``NoteRequired``.
    Three to five queries.
    """
    locked = lock(record)
    _check(move, locked, by, note)
    return _write(move, locked, by, note, fields)


def lock(record: R) -> R:
    """``record`` re-read and locked until the transaction ends. Raises ``TooLate`` if it has been deleted."""
    locked = type(record)._default_manager.select_for_update(of=("self",)).filter(pk=record.pk).order_by().first()
    if locked is None:
        raise TooLate("What this was about is no longer there: somebody has removed or replaced it.")
    return locked


def _check(move: Move, record: Any, by: User | None, note: str) -> None:
    if by is not None and (move.perm is None or not by.has_perm(move.perm, record)):
        raise PermissionDenied(f"{by} may not {move.verb}")
    if record.status not in move.sources:
        raise MoveNotAllowed(move, record)
    if move.note_required and not note.strip():
        raise NoteRequired(f"Enter a reason to {move.verb}")


def _write(move: Move, record: R, by: User | None, note: str, fields: dict[str, Any]) -> R:
    row: Any = record
    StatusChange.objects.create(
        about=record, verb=move.verb, from_status=row.status, to_status=move.target, by=by, note=note.strip()
    )
    row.status = move.target
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=["status", *fields])
    return record
