"""A register file in the real layout, for the demo partnership and the tests."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import BinaryIO

from schools.gias.register import COLUMNS, Row

COLUMNS_FILE = Path(__file__).resolve().parent.parent / "data" / "gias_columns.csv"

# The columns that the register writes without quotation marks; where empty they have them like all others.
BARE = {
    "URN",
    "StatutoryLowAge",
    "StatutoryHighAge",
    "SchoolCapacity",
    "UKPRN",
    "Easting",
    "Northing",
    "SENStat",
    "SENNoStat",
}


class Layout(StrEnum):
    """The columns of a register file; the value names their places in ``data/gias_columns.csv``.

    The former layout had Ofsted's judgements and the commissioner's region, which are absent since April 2025.
    """

    FORMER = "pos_140_old"
    CURRENT = "pos_135_new"

    @property
    def columns(self) -> tuple[str, ...]:
        """The column names in the order of the file: 140 of them, or 135."""
        return _columns(self)


@cache
def _columns(layout: Layout) -> tuple[str, ...]:
    with COLUMNS_FILE.open(encoding="utf-8", newline="") as file:
        places = {int(row[layout]): row["csv_column"] for row in csv.DictReader(file) if row[layout]}
    return tuple(name for _, name in sorted(places.items()))


def write(
    rows: Iterable[Row], stream: BinaryIO, *, columns: Sequence[str] | None = None, encoding: str = "cp1252"
) -> None:
    """Write ``rows`` as the register has them: ``columns`` in their order (the current ones if None), CRLF between rows
    and none after the last, numbers bare and all else quoted. ``rows`` may be endless: none is kept.

    Columns that ``Row`` does not hold are left empty. Raises ``UnicodeEncodeError`` for a character that ``encoding``
    does not have.
    """
    columns = Layout.CURRENT.columns if columns is None else columns
    takers = [_taker(name) for name in columns]
    stream.write(",".join(map(_quoted, columns)).encode(encoding))
    for row in rows:
        line = ",".join(_cell(name, take(row)) for name, take in zip(columns, takers, strict=True))
        # Not "utf-8-sig" again: the mark stands once, before the header.
        stream.write(f"\r\n{line}".encode("utf-8" if encoding == "utf-8-sig" else encoding))


def _taker(name: str) -> Callable[[Row], object]:
    """What takes the value of the column ``name`` from a row."""
    fields = [column.field for column in COLUMNS if column.name.casefold() == name.strip().casefold()]
    if not fields:
        return lambda row: ""
    return lambda row: getattr(row, fields[0])


def _cell(column: str, value: object) -> str:
    written = _written(value)
    return written if column in BARE and written.isdigit() else _quoted(written)


def _written(value: object) -> str:
    if isinstance(value, date):
        return f"{value:%d-%m}-{value.year:04}"  # %Y leaves out leading zeros
    return "" if value is None else str(value)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
