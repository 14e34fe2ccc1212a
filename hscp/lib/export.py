"""Lists as files for a spreadsheet: CSV and XLSX, of the same columns and rows, safe to open.

A cell that begins with = + - or @ would be run as a formula by the program that opens the file; so would one behind a
tab or a line break. Such text gets an apostrophe before it, which makes it text again: in XLSX too, where it would do
no harm by itself, because people save such a file as CSV.
Source: OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.http import content_disposition_header
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

SIGNS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
BREAKS = ("\t", "\r", "\n")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # not allowed in XLSX, of no use in CSV
UTF8_MARK = "\ufeff"  # tells Excel that the CSV is UTF-8
DATE_FORMATS = {date: "dd/mm/yyyy", datetime: "dd/mm/yyyy hh:mm"}

Cell = str | int | float | Decimal | date | datetime | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading, and what gives its value for a row. ``width`` is in characters, for XLSX."""

    heading: str
    value: Callable[[Any], Any]
    width: int = 18


def csv_response(columns: Sequence[Column], rows: Iterable[Any], *, filename: str) -> HttpResponseBase:
    """A CSV file of ``rows``, sent as it is made: UTF-8 with a byte-order mark, CRLF, days as 01/09/2026."""
    response = StreamingHttpResponse(_csv_lines(columns, rows), content_type="text/csv; charset=utf-8")
    return _as_private_file(response, f"{filename}.csv")


def xlsx_response(columns: Sequence[Column], rows: Iterable[Any], *, filename: str, title: str) -> HttpResponseBase:
    """A workbook with one sheet ``title``: a heading row that stays in view, and ``rows``.

    Numbers and days are such; the file is made on disk, whatever its length.
    """
    file = TemporaryFile()  # noqa: SIM115 - the response closes it
    _workbook(columns, rows, title).save(file)
    file.seek(0)
    media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _as_private_file(FileResponse(file, content_type=media_type), f"{filename}.xlsx")


def cell(value: Any) -> Cell:
    """``value`` as it stands in a cell: numbers and days as they are, times in local time, all else harmless text."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, datetime):
        return timezone.make_naive(value) if timezone.is_aware(value) else value
    if value is None or isinstance(value, (int, float, Decimal, date)):
        return value
    return harmless(str(value))


def harmless(text: str) -> str:
    """``text`` without control characters, and with an apostrophe before it where it could be taken for a formula."""
    text = CONTROL_CHARACTERS.sub("", text)
    return f"'{text}" if text.startswith(BREAKS) or text.lstrip().startswith(SIGNS) else text


class _Echo:
    """A file that gives back what is written to it, so that a line can be sent as soon as it is made."""

    def write(self, text: str) -> str:
        return text


def _csv_lines(columns: Sequence[Column], rows: Iterable[Any]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield UTF8_MARK + writer.writerow([harmless(column.heading) for column in columns])
    for row in rows:
        yield writer.writerow([_written(cell(column.value(row))) for column in columns])


def _written(value: Cell) -> Cell:
    if isinstance(value, datetime):
        return f"{value:%d/%m/%Y %H:%M}"
    return f"{value:%d/%m/%Y}" if isinstance(value, date) else value


def _workbook(columns: Sequence[Column], rows: Iterable[Any], title: str) -> Workbook:
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for number, column in enumerate(columns, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = column.width
    sheet.append([_heading(sheet, column.heading) for column in columns])
    for row in rows:
        sheet.append([_xlsx_cell(sheet, cell(column.value(row))) for column in columns])
    return book


def _heading(sheet: Any, text: str) -> Any:
    heading = WriteOnlyCell(sheet, harmless(text))
    heading.font = Font(bold=True)
    heading.alignment = Alignment(wrap_text=True, vertical="top")
    return heading


def _xlsx_cell(sheet: Any, value: Any) -> Any:
    date_format = DATE_FORMATS.get(type(value))
    if date_format is None:
        return value
    day = WriteOnlyCell(sheet, value)
    day.number_format = date_format
    return day


def _as_private_file(response: Any, filename: str) -> HttpResponseBase:
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=filename)
    response["Cache-Control"] = "private, no-store"
    return response  # type: ignore[no-any-return]
