"""The companion file of links: which establishment came before or after which."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import BinaryIO

from schools.gias.lines import MAX_BYTES, RegisterFileError
from schools.gias.table import Column, Table, Text, day, urn


class Direction(StrEnum):
    """What the linked establishment is to the one that the link stands under."""

    PREDECESSOR = "predecessor"
    SUCCESSOR = "successor"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One link of ``urn`` to ``link_urn``; the file may hold the same link from the other side too."""

    urn: int
    link_urn: int
    link_name: str
    link_type: str
    established: date | None
    line: int = field(default=0, compare=False)

    @property
    def direction(self) -> Direction:
        """Whether ``link_urn`` is the predecessor or the successor of ``urn``, by the words of the register.

        "Result of Amalgamation" stands under the school that resulted and names one that went into it, so it is a
        predecessor. Expansions, changes of age range, sixth form centres and children's centres tie two establishments
        of which neither takes over the other's history: other.
        """
        words = self.link_type.casefold()
        if words.startswith("predecessor") or words == "result of amalgamation":
            return Direction.PREDECESSOR
        return Direction.SUCCESSOR if words.startswith("successor") else Direction.OTHER


COLUMNS = (
    Column("urn", "URN", urn),
    Column("link_urn", "LinkURN", urn),
    Column("link_name", "LinkName", Text(200)),
    Column("link_type", "LinkType", Text(100, may_be_empty=False)),
    Column("established", "LinkEstablishedDate", day),
)


def read_links(
    stream: BinaryIO, *, max_bytes: int = MAX_BYTES, progress: Callable[[int], None] | None = None
) -> Iterator[Link]:
    """The links of the file, as they are read; bounds, ``progress`` and errors as for ``schools.gias.read``."""
    table = Table(stream, COLUMNS, kind="list of links between schools", max_bytes=max_bytes, progress=progress)
    return _links(table)


def _links(table: Table) -> Iterator[Link]:
    empty = True
    for record in table:
        empty = False
        yield Link(line=record.line, **record.values())
    if empty:
        raise RegisterFileError("the file names its columns but has no links.")
