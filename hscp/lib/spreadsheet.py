"""A table that somebody uploads, read row by row from CSV or XLSX: bounded, and never run.

What the file is shows in its first bytes, not in its name. A workbook is unpacked only as far as its own list of
contents says, and refused before that if the list says too much; macros, formulas and links to other files are never
followed. Values come out as text, as a person would read them in the cell.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from typing import Any, BinaryIO

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

MOST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED = 20 * 1024 * 1024  # bytes of all parts of a workbook together
MOST_PARTS = 500  # files inside a workbook
MOST_COLUMNS = 50
MOST_LINES = 20_000  # of a sheet, empty ones between the others included
MOST_CHARACTERS = 1_000  # in one cell

ZIP, OLE, PDF = b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF"
BYTE_ORDER_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
DELIMITERS = (",", ";", "\t")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]+")


class SpreadsheetError(Exception):
    """The file cannot be read as a table. The text says what to do about it, ready to show."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column to look for. Headings match in any case, with any spaces and signs: "E-mail" is "email"."""

    name: str
    headings: tuple[str, ...]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number as the spreadsheet shows it, its text by the column, and what is wrong in its cells."""

    number: int
    cells: Mapping[str, str]
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Line:
    """A row as it stands in the file, before its columns are known. ``problems`` are by the place of the cell."""

    number: int
    values: list[str]
    problems: dict[int, str]


def read_table(file: BinaryIO, columns: Iterable[Column], *, most_rows: int) -> list[Row]:
    """The rows under the heading row, without those that are empty.

    The heading row is the first that is not empty. Of a workbook, the first sheet that can be seen is read. Columns
    that nobody asked for are passed over. Raises ``SpreadsheetError``, naming what is missing or too large.
    """
    lines = (line for line in _lines(_content(file)) if any(line.values) or line.problems)
    places = _places(next(lines, None), list(columns))
    rows = [_row(line, places) for line in islice(lines, most_rows + 1)]
    if len(rows) > most_rows:
        raise SpreadsheetError(f"The file has more than {most_rows:,} rows. Split it into several files.")
    if not rows:
        raise SpreadsheetError("The file has headings but no rows under them.")
    return rows


def _content(file: BinaryIO) -> bytes:
    content = file.read(MOST_BYTES + 1)
    if not content.strip():
        raise SpreadsheetError("The file is empty.")
    if len(content) > MOST_BYTES:
        raise SpreadsheetError(f"The file is larger than {MOST_BYTES // 1024 // 1024} MB. Take out what is not needed.")
    return content


def _lines(content: bytes) -> Iterator[_Line]:
    if content.startswith(ZIP):
        return _xlsx_lines(content)
    if content.startswith(OLE):
        raise SpreadsheetError(
            "This is an old Excel file (.xls) or has a password. Save it as .xlsx without a password."
        )
    if content.startswith(PDF):
        raise SpreadsheetError("This is a PDF. Upload a CSV or XLSX file.")
    return _csv_lines(_decoded(content))


# --- Columns ----------------------------------------------------------------------------------------------------------


def _places(heading: _Line | None, columns: list[Column]) -> dict[int, str]:
    """Which column stands at which place."""
    places: dict[int, str] = {}
    for place, text in enumerate(heading.values if heading else []):
        name = _name_of(text, columns)
        if name in places.values():
            raise SpreadsheetError(f"Two columns are headed “{text.strip()}”. Take one out.")
        if name is not None:
            places[place] = name
    missing = [column.headings[0] for column in columns if column.required and column.name not in places.values()]
    if missing:
        wanted = ", ".join(column.headings[0] for column in columns if column.required)
        raise SpreadsheetError(f"The first row must name the columns {wanted}. Missing: {', '.join(missing)}.")
    return places


def _name_of(text: str, columns: list[Column]) -> str | None:
    plain = _plain(text)
    return next((column.name for column in columns if plain in map(_plain, column.headings)), None)


def _plain(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _row(line: _Line, places: Mapping[int, str]) -> Row:
    cells = {name: line.values[place] if place < len(line.values) else "" for place, name in places.items()}
    return Row(line.number, cells, tuple(line.problems[place] for place in sorted(line.problems) if place in places))


def _line(number: int, cells: Iterable[tuple[str, str]]) -> _Line:
    """A line of pairs: the text of a cell, and what is wrong with it (empty if nothing)."""
    texts: list[str] = []
    problems: dict[int, str] = {}
    for place, (text, problem) in enumerate(cells):
        if len(text) > MOST_CHARACTERS:
            text, problem = "", f"holds more than {MOST_CHARACTERS:,} characters"
        texts.append(" ".join(CONTROL_CHARACTERS.sub(" ", text).split()))
        if problem:
            problems[place] = f"Cell {get_column_letter(place + 1)}{number} {problem}"
    return _Line(number, texts, problems)


FORMULA = "holds a formula. Copy the column and paste it as values"


# --- CSV --------------------------------------------------------------------------------------------------------------


def _decoded(content: bytes) -> str:
    """The text of a CSV file: by its byte-order mark, else UTF-8, else the code page of older Windows programs."""
    encoding = next((name for mark, name in BYTE_ORDER_MARKS.items() if content.startswith(mark)), None)
    for candidate in [encoding] if encoding else ["utf-8", "cp1252"]:
        try:
            text = content.decode(candidate)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise SpreadsheetError("This is neither a CSV nor an XLSX file. Save the table as one of them and upload that.")


def _csv_lines(text: str) -> Iterator[_Line]:
    first = text.lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = 0
    try:
        for number, values in enumerate(reader, start=1):
            yield _line(
                number, ((value, FORMULA if value.lstrip().startswith("=") else "") for value in values[:MOST_COLUMNS])
            )
    except csv.Error as error:
        raise SpreadsheetError(
            f"Row {number + 1} cannot be read as CSV: look for a quotation mark too many."
        ) from error


# --- XLSX -------------------------------------------------------------------------------------------------------------


def _xlsx_lines(content: bytes) -> Iterator[_Line]:
    _check_parts(content)
    try:
        # Formulas are read as such, not as the value that a program kept of them, so that they can be named.
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        for number, row in enumerate(_sheet_rows(book), start=1):
            if number > MOST_LINES:
                raise SpreadsheetError(
                    f"The sheet goes down beyond row {MOST_LINES:,}. Delete what is below the table."
                )
            yield _line(number, map(_text_of, row))
    except SpreadsheetError:
        raise
    except Exception as error:  # whatever a broken workbook makes of openpyxl: KeyError, ValueError, ParseError, …
        raise SpreadsheetError("The workbook is damaged. Open it, save it again and upload that.") from error


def _sheet_rows(book: Any) -> Iterator[tuple[Any, ...]]:
    sheet = next((sheet for sheet in book.worksheets if sheet.sheet_state == "visible"), None)
    if sheet is not None:
        sheet.reset_dimensions()  # what the sheet says of its own size may be wrong
        yield from sheet.iter_rows(max_col=MOST_COLUMNS)


def _check_parts(content: bytes) -> None:
    """Look at a workbook's list of contents before anything is unpacked; unpacking never goes beyond what it says."""
    try:
        parts = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except zipfile.BadZipFile as error:
        raise SpreadsheetError("The workbook is damaged. Open it, save it again and upload that.") from error
    names = {part.filename for part in parts}
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise SpreadsheetError("The workbook has macros. Save it as .xlsx, which has none, and upload that.")
    if "xl/workbook.xml" not in names:
        raise SpreadsheetError("This is neither a CSV nor an XLSX file. Save the table as one of them and upload that.")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise SpreadsheetError("The workbook is too large. Copy the table into a new workbook and upload that.")


def _text_of(cell: Any) -> tuple[str, str]:
    """The text of a workbook's cell, and what is wrong with it."""
    if cell.value is None:
        return "", ""
    if cell.data_type == "f":
        return "", FORMULA
    if cell.data_type == "e":
        return "", f"holds an error ({cell.value})"
    return _in_words(cell.value), ""


def _in_words(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
