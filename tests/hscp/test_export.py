"""Exports say what the rows say, in both formats, and nothing in them runs when they are opened."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from hscp.lib.export import Column, cell, csv_response, harmless, xlsx_response

COLUMNS = [
    Column("School", lambda row: row["school"]),
    Column("Pupils", lambda row: row["pupils"], width=9),
    Column("Opened", lambda row: row["opened"]),
    Column("Seen", lambda row: row["seen"]),
    Column("Asked", lambda row: row["asked"]),
]
ROW = {
    "school": "St Mary’s, “Old” School\nWare",
    "pupils": 210,
    "opened": date(1965, 9, 1),
    "seen": datetime(2026, 7, 1, 12, 30, tzinfo=UTC),
    "asked": True,
}
EMPTY = dict.fromkeys(ROW)


def text_of(response) -> str:
    return b"".join(response.streaming_content).decode()


def sheet_of(response):
    return load_workbook(io.BytesIO(b"".join(response.streaming_content))).active


def test_a_csv_file_says_what_the_rows_say():
    text = text_of(csv_response(COLUMNS, [ROW, EMPTY], filename="schools"))
    assert text.startswith("\ufeffSchool,")
    assert "\r\n" in text
    assert list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))) == [
        ["School", "Pupils", "Opened", "Seen", "Asked"],
        ["St Mary’s, “Old” School\nWare", "210", "01/09/1965", "01/07/2026 13:30", "Yes"],
        ["", "", "", "", ""],
    ]


def test_a_workbook_says_the_same_with_numbers_and_days_as_such():
    sheet = sheet_of(
        xlsx_response(COLUMNS, [EMPTY, ROW], filename="schools", title="Schools of the partnership and more")
    )
    assert sheet.title == "Schools of the partnership and "
    assert sheet.freeze_panes == "A2"
    heading, empty, first = sheet.iter_rows()
    assert [item.value for item in heading] == [column.heading for column in COLUMNS]
    assert all(item.font.bold for item in heading)
    assert [item.value for item in first] == [
        "St Mary’s, “Old” School\nWare",
        210,
        datetime(1965, 9, 1),  # noqa: DTZ001 - a spreadsheet knows no time zones
        datetime(2026, 7, 1, 13, 30),  # noqa: DTZ001
        "Yes",
    ]
    assert [item.number_format for item in first[2:4]] == ["dd/mm/yyyy", "dd/mm/yyyy hh:mm"]
    assert [item.value for item in empty] == [None] * 5


@pytest.mark.parametrize("make", [csv_response, lambda *args, **kw: xlsx_response(*args, title="x", **kw)])
def test_the_file_is_private_and_named(make):
    response = make(COLUMNS, [ROW], filename="schools-2026-11-23")
    assert response["Content-Disposition"].startswith('attachment; filename="schools-2026-11-23.')
    assert response["Cache-Control"] == "private, no-store"


DANGEROUS = [
    "=1+1",
    "\xa0=1",
    "+44 1707 000000",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "  =cmd|' /C calc'!A0",
    "＝1",
    "\x00=1",
]


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_that_would_run_as_a_formula_is_made_text_in_both_formats(text):
    columns = [Column(text, lambda row: row)]
    lines = list(csv.reader(io.StringIO(text_of(csv_response(columns, [text], filename="x")).removeprefix("\ufeff"))))
    assert all(line[0].startswith("'") for line in lines if line)
    for (item,) in sheet_of(xlsx_response(columns, [text], filename="x", title="x")).iter_rows():
        assert item.data_type == "s"
        assert item.value.startswith("'")


@given(st.text())
def test_no_text_ever_begins_as_a_formula(text):
    assert not harmless(text).lstrip().startswith(("=", "+", "-", "@"))


@pytest.mark.parametrize("value", [-5, -1.5, Decimal("-2.50"), date(2026, 1, 1)])
def test_numbers_and_days_stay_what_they_are(value):
    assert cell(value) is value


def test_characters_that_a_workbook_cannot_hold_are_left_out():
    sheet = sheet_of(xlsx_response([Column("Text", str)], ["a\x00b\x1fc\td"], filename="x", title="x"))
    assert sheet["A2"].value == "abc\td"


def test_a_csv_file_is_sent_as_it_is_made():
    """An endless list can be begun: no row waits for the next."""
    lines = iter(csv_response([Column("Number", int)], count(1), filename="x").streaming_content)
    assert [next(lines) for _ in range(3)] == ["\ufeffNumber\r\n".encode(), b"1\r\n", b"2\r\n"]
