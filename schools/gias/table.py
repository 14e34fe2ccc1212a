"""A CSV file whose columns are found by name: the ground that the register and its links are read on."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

from schools.gias.lines import Lines, RegisterFileError, shown

MAX_WHOLE_NUMBER = 999_999
MAX_AGE = 120  # years

URN = re.compile(r"[1-9][0-9]{4,7}")  # schools have six digits, some kinds of establishment five or seven
DATE = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{4})")
WHOLE_NUMBER = re.compile(r"[0-9]{1,6}")


@dataclass(frozen=True, slots=True)
class Text:
    """The value as it stands (codes keep their leading zeros), up to the length that the portal's own field takes."""

    longest: int
    may_be_empty: bool = True

    def __call__(self, value: str) -> str:
        if len(value) > self.longest:
            raise ValueError(f"has {len(value):,} characters, more than the {self.longest} that fit")
        if not value and not self.may_be_empty:
            raise ValueError("is empty")
        return value


def urn(value: str) -> int:
    """A unique reference number, the key of the register."""
    if not URN.fullmatch(value):
        raise ValueError(f"is {shown(value)}, not a unique reference number of 5 to 8 digits")
    return int(value)


def whole_number(value: str) -> int | None:
    if value and not WHOLE_NUMBER.fullmatch(value):
        raise ValueError(f"is {shown(value)}, not a whole number from 0 to {MAX_WHOLE_NUMBER:,}")
    return int(value) if value else None


def age(value: str) -> int | None:
    """Years."""
    years = whole_number(value)
    if years is not None and years > MAX_AGE:
        raise ValueError(f"is {shown(value)}, not an age in years")
    return years


def day(value: str) -> date | None:
    if not value:
        return None
    found = DATE.fullmatch(value)
    try:
        if found:
            return date(int(found[3]), int(found[2]), int(found[1]))
    except ValueError:  # 31-02-2020
        pass
    raise ValueError(
        f"is {shown(value)}, not a date written dd-mm-yyyy. A spreadsheet program may have changed the dates: use the "
        "file as downloaded"
    )


@dataclass(frozen=True, slots=True)
class Column:
    """One column that is used: the field it fills, its name in the file, and how its values are read."""

    field: str
    name: str
    convert: Callable[[str], object]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Record:
    """One row of the file, not yet converted. ``line`` is the number of its first line."""

    line: int
    cells: Sequence[str]
    columns: dict[str, tuple[int, Column]]

    def __getitem__(self, field: str) -> Any:
        """The converted value of one field; raises ``RegisterFileError`` naming line and column if it is not one."""
        position, column = self.columns[field]
        try:
            return column.convert(self.cells[position].strip())
        except ValueError as error:
            raise RegisterFileError(f"{column.name} {error}.", line=self.line) from error

    def values(self) -> dict[str, Any]:
        """Every field that the file has, converted."""
        return {field: self[field] for field in self.columns}


class Table:
    """The rows of a CSV file, one at a time; only the columns asked for are looked at.

    Column names are matched whatever their capitals, order and surrounding space. Raises ``RegisterFileError`` at once
    where the file is empty, of another kind, or lacks a required column, and while reading where a row is unsound.
    ``absent`` holds the fields whose optional column is not in the file.
    """

    def __init__(
        self,
        stream: BinaryIO,
        columns: Sequence[Column],
        *,
        kind: str,
        max_bytes: int,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._kind = kind
        self._lines = Lines(stream, kind=kind, max_bytes=max_bytes, progress=progress)
        self._rows = self._read_rows()
        header_line, header = self._read_header()
        self._width = len(header)
        self._columns = _find(columns, header, header_line)
        self._require(columns, header, header_line)
        self.absent = frozenset(column.field for column in columns) - self._columns.keys()

    def __iter__(self) -> Iterator[Record]:
        for line, cells in self._rows:
            if len(cells) != self._width:
                raise self._wrong_width(cells, line)
            yield Record(line, cells, self._columns)

    def _read_header(self) -> tuple[int, list[str]]:
        try:
            return next(self._rows)
        except StopIteration:
            raise RegisterFileError("the file is empty.") from None

    def _read_rows(self) -> Iterator[tuple[int, list[str]]]:
        """Each row that is not blank, with the number of its first line."""
        reader = csv.reader(self._lines, strict=True)
        while True:
            line = self._lines.start_row()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise self._unreadable(line) from error
            if cells:
                yield line, cells

    def _unreadable(self, line: int) -> RegisterFileError:
        if self._lines.at_end:
            return RegisterFileError(
                "a quotation mark is opened on this row and never closed: the file seems to be cut short.", line=line
            )
        return RegisterFileError(
            "the row cannot be read: its quotation marks do not pair up, or its line ends are of an unknown kind.",
            line=line,
        )

    def _wrong_width(self, cells: Sequence[str], line: int) -> RegisterFileError:
        cause = "It is cut short" if len(cells) < self._width else "A comma or a quotation mark is out of place"
        return RegisterFileError(
            f"the row that starts {shown(cells[0])} has {len(cells)} values where there are {self._width} columns. "
            f"{cause}.",
            line=line,
        )

    def _require(self, columns: Sequence[Column], header: Sequence[str], line: int) -> None:
        required = [column for column in columns if column.required]
        missing = [column.name for column in required if column.field not in self._columns]
        if len(missing) == len(required):
            raise RegisterFileError(
                f"this is not the {self._kind}: its first line should name the columns ({required[0].name}, "
                f"{required[1].name} and so on) but starts {shown(header[0])}.",
                line=line,
            )
        if missing:
            raise RegisterFileError(
                f"the {self._kind} needs {_count(missing)} that this file does not have: {', '.join(missing)}.",
                line=line,
            )


def _count(names: Sequence[str]) -> str:
    return "a column" if len(names) == 1 else f"{len(names)} columns"


def _find(columns: Sequence[Column], header: Sequence[str], line: int) -> dict[str, tuple[int, Column]]:
    """Where each column stands in the header, by field. A name that stands there twice could mean either: refused."""
    wanted = {column.name.casefold(): column for column in columns}
    found: dict[str, tuple[int, Column]] = {}
    for position, name in enumerate(header):
        column = wanted.get(name.strip().casefold())
        if column is None:
            continue
        if column.field in found:
            raise RegisterFileError(
                f"the column {column.name} is there twice, in places {found[column.field][0] + 1} and {position + 1}.",
                line=line,
            )
        found[column.field] = position, column
    return found
