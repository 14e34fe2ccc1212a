"""What a register file would change: one ``Difference`` for each school that is not as the file says. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from datetime import date
from functools import cache
from itertools import islice
from typing import Any, TypeVar

from django.db.models import F
from django.utils.formats import date_format

from partnership.models import Organisation
from schools.choices import ChangeKind, SchoolStatus
from schools.gias import RegisterFileError, Row
from schools.gias.lines import shown
from schools.models import School

T = TypeVar("T")

BATCH = 500  # schools compared, and written, at a time

# What an import writes: every fact of the file's row, by the name that it has in ``School`` too.
NOT_FACTS = {"urn", "name", "status_code", "status_name", "line"}
FACTS = (*(item.name for item in fields(Row) if item.name not in NOT_FACTS), "status")

STATUSES = {status.label.casefold(): status for status in SchoolStatus}

# What the comparison tells of a new school, so that a reader knows what kind of school it is.
TOLD_OF_A_NEW_SCHOOL = ("status", "type_name", "phase", "district_name", "trust_name", "open_date", "close_date")


@dataclass(frozen=True, slots=True)
class Difference:
    """One school on which the file and the register differ, and how.

    ``facts`` are the file's, by field of ``School``, and ``name`` the organisation's; ``school_id`` is None for a new
    school. A school that the file does not have (``UNKNOWN``) has no facts: nothing is to be written. ``fields`` tells
    what differs in words: what the field is called, its value so far, its value in the file.
    """

    kind: ChangeKind
    urn: int
    name: str
    school_id: int | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    fields: list[tuple[str, str, str]] = field(default_factory=list)


def differences(rows: Iterable[Row], *, absent: frozenset[str], local_authority: str) -> Iterator[Difference]:
    """The differences between ``rows``, a file's schools of ``local_authority``, and the register as it is now.

    As they are found, those not in the file last; ``absent`` names the facts that the file does not have. One query for
    every 500 schools and one more. Raises ``RegisterFileError``, perhaps only at the last line: nothing may be kept
    before the end.
    """
    seen: set[int] = set()
    for batch in in_batches(rows, BATCH):
        known = _as_known(row.urn for row in batch)
        seen.update(row.urn for row in batch)
        found = (_compare(row, known.get(row.urn), absent=absent) for row in batch)
        yield from (difference for difference in found if difference is not None)
    yield from _not_in_file(local_authority, seen)


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """``items`` in lists of ``size``, the last one shorter."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


def _as_known(urns: Iterable[int]) -> dict[int, dict[str, Any]]:
    found = School.objects.order_by().filter(urn__in=list(urns))
    return {values["urn"]: values for values in found.values("pk", "urn", *FACTS, name=F("organisation__name"))}


def _compare(row: Row, known: dict[str, Any] | None, *, absent: frozenset[str]) -> Difference | None:
    facts = facts_of(row, absent=absent)
    if known is None:
        told = [(label(name), "", in_words(name, facts.get(name))) for name in TOLD_OF_A_NEW_SCHOOL]
        return Difference(ChangeKind.NEW, row.urn, row.name, None, facts, [line for line in told if line[2]])
    changed = [name for name in facts if facts[name] != known[name]]
    renamed = row.name != known["name"]
    if not changed and not renamed:
        return None
    lines = [(label(name), in_words(name, known[name]), in_words(name, facts[name])) for name in changed]
    if renamed:
        lines.insert(0, (label("name"), known["name"], row.name))
    return Difference(_kind(known["status"], facts["status"]), row.urn, row.name, known["pk"], facts, lines)


def _kind(was: str, becomes: str) -> ChangeKind:
    if was == becomes or SchoolStatus.CLOSED not in (was, becomes):
        return ChangeKind.CHANGED
    return ChangeKind.CLOSED if becomes == SchoolStatus.CLOSED else ChangeKind.REOPENED


def _not_in_file(local_authority: str, seen: set[int]) -> Iterator[Difference]:
    """Open schools of the authority that the file says nothing of. They are reported and left as they are."""
    ours = School.objects.open().filter(la_name__iexact=local_authority).order_by("urn")
    for urn, name, pk in ours.values_list("urn", "organisation__name", "pk"):
        if urn not in seen:
            yield Difference(ChangeKind.UNKNOWN, urn, name, pk)


def facts_of(row: Row, *, absent: frozenset[str] = frozenset()) -> dict[str, Any]:
    """What the portal keeps of ``row``, by field of ``School``, without the columns that the file does not have.

    Raises ``RegisterFileError`` for a status that is none of the register's four.
    """
    facts = {name: getattr(row, name) for name in FACTS if name not in absent and name != "status"}
    return facts | {"status": _status(row)}


def _status(row: Row) -> SchoolStatus:
    try:
        return STATUSES[row.status_name.casefold()]
    except KeyError:
        known = ", ".join(f"“{status.label}”" for status in SchoolStatus)
        raise RegisterFileError(
            f"EstablishmentStatus (name) is {shown(row.status_name)}, which is none of {known}.", line=row.line
        ) from None


@cache
def label(name: str) -> str:
    """What a field is called, e.g. "Head’s last name"."""
    model = Organisation if name == "name" else School
    plain_field: Any = model._meta.get_field(name)
    words = str(plain_field.verbose_name)
    return words[:1].upper() + words[1:]


def in_words(name: str, value: Any) -> str:
    """A value as people read it: "" for nothing, a day as "1 September 2026", a status by its name."""
    if value is None:
        return ""
    if isinstance(value, date):
        return date_format(value, "j F Y")
    return str(SchoolStatus(value).label if name == "status" else value)
