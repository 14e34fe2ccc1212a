"""The register of schools is read as it comes, and a file that cannot be used says why and on which line."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from datetime import date
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from schools import gias
from schools.gias import Layout, RegisterFileError, Row
from schools.gias import register as register_module
from schools.gias.lines import MAX_ROW_BYTES
from schools.gias.register import COLUMNS
from schools.gias.table import Column, Text, age, day, urn, whole_number

HERTFORDSHIRE = Row(
    urn=117001,
    ukprn="10070001",
    la_code="919",
    la_name="Hertfordshire",
    establishment_number="0042",
    name='St Aldwyn’s Infants\', Nursery and "Forest" School, Hatfield',
    type_code="02",
    type_name="Voluntary aided school",
    type_group_code="4",
    type_group_name="Local authority maintained schools",
    further_education_type="Not applicable",
    status_code="1",
    status_name="Open",
    open_date=date(1911, 9, 4),
    reason_opened="Not applicable",
    close_date=date(2031, 8, 31),
    reason_closed="Result of Amalgamation/Merger",
    phase_code="2",
    phase="Primary",
    low_age=3,
    high_age=7,
    boarders="No boarders",
    nursery_provision="Has Nursery Classes",
    sixth_form="Does not have a sixth form",
    gender="Mixed",
    religious_character="Church of England",
    trust_code="00123",
    trust_name="The Lea Valley Trust",
    federation_name="Not under a federation",
    district_code="E07000241",
    district_name="Welwyn Hatfield",
    proprietor="The Governors",
    pupils=212,
    capacity=240,
    census_date=date(2025, 1, 16),
    street="1 Church Lane",
    locality="Old Town",
    address3="The Green",
    town="Hatfield",
    county="Hertfordshire",
    postcode="AL10 0ZZ",
    website="https://school.example/",
    telephone="01707000000",
    head_title="Mrs",
    head_first_name="Amira",
    head_last_name="O’Brien",
    head_job_title="Headteacher",
    last_changed=date(2025, 4, 1),
)
ESSEX = Row(urn=114002, name="Mill Road School", la_code="881", la_name="Essex", type_code="01", status_name="Open")
BARNET = Row(urn=101003, name="Hill Top School", la_code="302", la_name="Barnet", type_code="34", status_name="Open")

REQUIRED = [column.name for column in COLUMNS if column.required]
OPTIONAL = [column for column in COLUMNS if not column.required]


def file_of(*rows: Row, **options: Any) -> bytes:
    stream = io.BytesIO()
    gias.write(rows, stream, **options)
    return stream.getvalue()


def rows_in(data: bytes, **options: Any) -> list[Row]:
    return list(gias.read(io.BytesIO(data), **options))


def refusal_of(data: bytes, **options: Any) -> str:
    with pytest.raises(RegisterFileError) as caught:
        rows_in(data, **options)
    return str(caught.value)


def plain(*lines: str, encoding: str = "cp1252") -> bytes:
    """A file of the required columns alone, written out by the test rather than by the writer."""
    return "\r\n".join([",".join(REQUIRED), *lines]).encode(encoding)


def plain_row(**cells: str) -> str:
    """A line for ``plain``; ``cells`` are by field of ``Row``."""
    values = {"urn": "117001", "name": "Ash School", "la_name": "Hertfordshire"} | cells
    return ",".join(values.get(column.field, "") for column in COLUMNS if column.required)


# --- What is read ---


@pytest.mark.parametrize(("layout", "count"), [(Layout.FORMER, 140), (Layout.CURRENT, 135)])
def test_every_fact_comes_back_from_both_layouts_of_the_register(layout: Layout, count: int) -> None:
    assert len(layout.columns) == count
    assert rows_in(file_of(HERTFORDSHIRE, ESSEX, columns=layout.columns)) == [HERTFORDSHIRE, ESSEX]


def test_the_layouts_are_those_of_the_department() -> None:
    dropped = set(Layout.FORMER.columns) - set(Layout.CURRENT.columns)
    assert Layout.CURRENT.columns[:3] == ("URN", "LA (code)", "LA (name)")
    assert Layout.CURRENT.columns[-2:] == ("FSM", "AccreditationExpiryDate")
    assert set(Layout.CURRENT.columns) < set(Layout.FORMER.columns)
    assert dropped == {
        "OfstedLastInsp",
        "OfstedSpecialMeasures (code)",
        "OfstedSpecialMeasures (name)",
        "OfstedRating (name)",
        "RSCRegion (name)",
    }


def test_every_column_that_is_used_is_in_both_layouts_and_fills_a_field_of_the_row() -> None:
    assert {column.name for column in COLUMNS} <= set(Layout.CURRENT.columns)
    assert sorted(column.field for column in COLUMNS) == sorted(
        item.name for item in fields(Row) if item.name != "line"
    )


def test_bytes_as_the_department_writes_them_are_read() -> None:
    header = ",".join(f'"{name}"' for name in REQUIRED)
    line = (
        '117001,10070001,"919","Hertfordshire","0042","St Aldwyn\x92s Infants\', Hatfield","02",'
        '"Voluntary aided school","4","Local authority maintained schools","1","Open","04-09-1911","","2","Primary",'
        '3,7,"No boarders","Has Nursery Classes","Does not have a sixth form","","","E07000241","Welwyn Hatfield"'
    )
    (row,) = rows_in(f"{header}\r\n{line}".encode("latin-1"))
    assert row == Row(
        urn=117001,
        ukprn="10070001",
        la_code="919",
        la_name="Hertfordshire",
        establishment_number="0042",
        name="St Aldwyn’s Infants', Hatfield",
        type_code="02",
        type_name="Voluntary aided school",
        type_group_code="4",
        type_group_name="Local authority maintained schools",
        status_code="1",
        status_name="Open",
        open_date=date(1911, 9, 4),
        phase_code="2",
        phase="Primary",
        low_age=3,
        high_age=7,
        boarders="No boarders",
        nursery_provision="Has Nursery Classes",
        sixth_form="Does not have a sixth form",
        district_code="E07000241",
        district_name="Welwyn Hatfield",
    )


def test_a_written_file_has_the_bytes_of_a_real_one() -> None:
    data = file_of(HERTFORDSHIRE, ESSEX)
    header, first, second = data.split(b"\r\n")
    assert header.startswith(b'"URN","LA (code)","LA (name)"')
    assert first.startswith(
        b'117001,"919","Hertfordshire","0042","St Aldwyn\x92s Infants\', Nursery and ""Forest"" School'
    )
    assert b',"04-09-1911",' in first
    assert b",10070001," in first
    assert b'"",""' in second, "an empty number is quoted like any other empty value"
    assert not data.endswith(b"\n")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig", "utf-8"])
def test_each_usual_encoding_is_understood(encoding: str) -> None:
    assert rows_in(file_of(HERTFORDSHIRE, ESSEX, encoding=encoding)) == [HERTFORDSHIRE, ESSEX]


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_line_ends_of_either_kind_and_blank_lines_are_understood(ending: bytes) -> None:
    data = file_of(HERTFORDSHIRE, ESSEX).replace(b"\r\n", ending + ending) + ending
    rows = rows_in(data)
    assert rows == [HERTFORDSHIRE, ESSEX]
    assert [row.line for row in rows] == [3, 5]


def test_columns_are_found_by_name_whatever_their_order_capitals_and_space() -> None:
    columns = [f" {name.upper()} " for name in reversed(Layout.CURRENT.columns)]
    assert rows_in(file_of(HERTFORDSHIRE, ESSEX, columns=columns)) == [HERTFORDSHIRE, ESSEX]


def test_columns_that_are_new_do_not_matter() -> None:
    columns = ["Something new", *Layout.CURRENT.columns, "Something new"]
    assert rows_in(file_of(HERTFORDSHIRE, columns=columns)) == [HERTFORDSHIRE]


def test_a_column_that_is_optional_may_be_absent_and_is_named() -> None:
    full = gias.read(io.BytesIO(file_of(HERTFORDSHIRE)))
    bare = gias.read(io.BytesIO(file_of(HERTFORDSHIRE, columns=REQUIRED)))
    assert full.absent == frozenset()
    assert bare.absent == {column.field for column in OPTIONAL}
    assert {"pupils", "head_last_name", "census_date"} < bare.absent
    unknown: dict[str, Any] = {column.field: Row.__dataclass_fields__[column.field].default for column in OPTIONAL}
    assert list(bare) == [replace(HERTFORDSHIRE, **unknown)]


@pytest.mark.parametrize("name", ["Hertfordshire", "HERTFORDSHIRE", " hertfordshire "])
def test_only_the_schools_of_the_local_authority_are_given(name: str) -> None:
    rows = rows_in(file_of(ESSEX, HERTFORDSHIRE, BARNET), local_authority=name)
    assert rows == [HERTFORDSHIRE]
    assert rows[0].line == 3


def test_a_fault_in_another_authority_s_row_does_not_stop_the_import() -> None:
    data = plain(plain_row(), plain_row(urn="114002", la_name="Essex", open_date="1 May 1950"))
    assert [row.urn for row in rows_in(data, local_authority="Hertfordshire")] == [117001]
    assert refusal_of(data).startswith("Line 3: OpenDate is “1 May 1950”")


def test_a_line_is_counted_from_the_start_of_the_file_also_after_a_value_of_two_lines() -> None:
    two_lines = replace(HERTFORDSHIRE, street="The Lodge\nChurch Lane")
    rows = rows_in(file_of(two_lines, ESSEX, BARNET))
    assert rows[0].street == "The Lodge\nChurch Lane"
    assert [row.line for row in rows] == [2, 4, 5]


def test_rows_with_the_same_facts_are_equal_wherever_they_stand() -> None:
    assert replace(ESSEX, line=9) == ESSEX
    assert replace(ESSEX, town="Ongar") != ESSEX


# --- What is refused ---


def test_an_empty_file_is_refused() -> None:
    for data in (b"", b"\r\n\r\n", b"\xef\xbb\xbf"):
        assert refusal_of(data) == "The file is empty."


def test_a_file_without_schools_is_refused() -> None:
    assert refusal_of(file_of()) == "The file names its columns but has no schools."


def excel_workbook() -> bytes:
    stream = io.BytesIO()
    Workbook().save(stream)
    return stream.getvalue()


def zip_of(name: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(name, file_of(HERTFORDSHIRE))
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (excel_workbook(), "an Excel workbook (XLSX)"),
        (zip_of("word/document.xml"), "a Word document (DOCX)"),
        (zip_of("mimetype.opendocument"), "an OpenDocument file"),
        (zip_of("edubasealldata20250422.csv"), "a ZIP archive"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", "a PDF document"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG picture"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG picture"),
        (b"GIF89a\x01\0", "a GIF picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0", "an old Excel workbook (XLS) or Word document"),
        (b"\x1f\x8b\x08\0", "a GZIP archive"),
        (b"{\\rtf1\\ansi", "a rich text document"),
        (file_of(HERTFORDSHIRE).decode("cp1252").encode("utf-16"), "text saved as UTF-16 (“Unicode text”)"),
        (b"  <!DOCTYPE html>\n<html>", "a web page"),
        (b"\xef\xbb\xbf<html>", "a web page"),
        (b'{"schools": []}', "a JSON file"),
        (b"[1]", "a JSON file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_of_another_kind_is_refused_and_named(data: bytes, found: str) -> None:
    assert refusal_of(data) == (
        f"This is not the register of schools: it looks like {found}. Choose the CSV file as downloaded from Get "
        "Information About Schools; if it came inside a ZIP file, take it out first."
    )


def test_a_file_that_is_no_register_is_refused_with_what_it_starts_with() -> None:
    assert refusal_of(b"Name;Town\nAsh School;Ware") == (
        "Line 1: this is not the register of schools: its first line should name the columns (URN, UKPRN and so on) "
        "but starts “Name;Town”."
    )
    assert "starts “" + "x" * 40 + "…”" in refusal_of(b"x" * 50)
    assert "starts “a\N{REPLACEMENT CHARACTER}b”" in refusal_of(b"a\x1bb")


@pytest.mark.parametrize("name", REQUIRED)
def test_a_required_column_that_is_missing_is_named(name: str) -> None:
    columns = [column for column in Layout.CURRENT.columns if column != name]
    assert refusal_of(file_of(HERTFORDSHIRE, columns=columns)) == (
        f"Line 1: the register of schools needs a column that this file does not have: {name}."
    )


def test_all_missing_columns_are_named_together() -> None:
    columns = [name for name in Layout.CURRENT.columns if name not in {"UKPRN", "OpenDate", "Trusts (name)"}]
    assert refusal_of(file_of(HERTFORDSHIRE, columns=columns)) == (
        "Line 1: the register of schools needs 3 columns that this file does not have: UKPRN, OpenDate, Trusts (name)."
    )


def test_a_column_that_is_there_twice_is_refused() -> None:
    columns = [*Layout.CURRENT.columns, "opendate"]
    assert refusal_of(file_of(HERTFORDSHIRE, columns=columns)) == (
        "Line 1: the column OpenDate is there twice, in places 14 and 136."
    )


def test_a_row_cut_short_is_refused_with_its_line() -> None:
    short = plain_row(urn="117002").rsplit(",", 3)[0]
    assert refusal_of(plain(plain_row(), short)) == (
        "Line 3: the row that starts “117002” has 22 values where there are 25 columns. It is cut short."
    )


def test_a_row_that_is_too_long_is_refused_with_its_line() -> None:
    assert refusal_of(plain(plain_row(), plain_row(urn="117002", name="Ash, Elm and Oak"))) == (
        "Line 3: the row that starts “117002” has 26 values where there are 25 columns. "
        "A comma or a quotation mark is out of place."
    )


@pytest.mark.parametrize(
    "written", ["", "abc", "0117001", "117 001", "117001.0", "-117001", "1234", "123456789", "１１７００１", "1_17001"]
)
def test_a_bad_urn_is_refused(written: str) -> None:
    data = plain(plain_row(), plain_row(urn=written, la_name="Essex"), encoding="utf-8")
    message = f"Line 3: URN is “{written}”, not a unique reference number of 5 to 8 digits."
    assert refusal_of(data) == message
    assert refusal_of(data, local_authority="Hertfordshire") == message


@pytest.mark.parametrize(
    "written", ["01/09/1950", "1-9-1950", "1950-09-01", "31-02-2020", "00-00-0000", "01-09-50", "٠1-09-1950"]
)
def test_a_bad_date_is_refused(written: str) -> None:
    assert refusal_of(plain(plain_row(close_date=written), encoding="utf-8")) == (
        f"Line 2: CloseDate is “{written}”, not a date written dd-mm-yyyy. A spreadsheet program may have changed the "
        "dates: use the file as downloaded."
    )


@pytest.mark.parametrize("written", ["eleven", "11.0", "-1", "1,000", "1000000", "²"])
def test_a_bad_whole_number_is_refused(written: str) -> None:
    cell = f'"{written}"'
    assert refusal_of(plain(plain_row(high_age=cell), encoding="utf-8")) == (
        f"Line 2: StatutoryHighAge is “{written}”, not a whole number from 0 to 999,999."
    )


def test_an_age_that_nobody_has_is_refused() -> None:
    assert rows_in(plain(plain_row(high_age="99")))[0].high_age == 99
    assert refusal_of(plain(plain_row(high_age="2024"))) == "Line 2: StatutoryHighAge is “2024”, not an age in years."


def test_a_school_without_a_name_is_refused() -> None:
    assert refusal_of(plain(plain_row(name=" "))) == "Line 2: EstablishmentName is empty."


def test_a_value_longer_than_fits_is_refused() -> None:
    assert rows_in(plain(plain_row(name="A" * 200)))[0].name == "A" * 200
    assert refusal_of(plain(plain_row(name="A" * 201))) == (
        "Line 2: EstablishmentName has 201 characters, more than the 200 that fit."
    )


def test_a_urn_that_is_there_twice_is_refused_with_both_lines() -> None:
    data = file_of(HERTFORDSHIRE, ESSEX, BARNET, replace(ESSEX, name="Mill Road Academy"))
    message = "Line 5: URN 114002 is already on line 3."
    assert refusal_of(data) == message
    assert refusal_of(data, local_authority="Hertfordshire") == message


def test_a_damaged_line_is_refused_with_its_number() -> None:
    data = file_of(HERTFORDSHIRE, ESSEX)
    assert refusal_of(data.replace(b"Mill Road", b"Mill\0Road")) == (
        "Line 3: the line holds a NUL byte: the file is damaged, or is not text."
    )
    assert refusal_of(data.replace(b"Mill Road", b"Mill\x81Road")) == (
        "Line 3: byte 81, 30 from the start of the line, is not a character. The file is damaged, or was saved by "
        "another program: use it as downloaded."
    )
    assert refusal_of(file_of(ESSEX, encoding="utf-8-sig").replace(b"Mill Road", b"Mill\x92Road")).startswith(
        "Line 2: byte 92, 30 from the start of the line"
    )


def test_a_file_that_ends_inside_a_value_is_refused() -> None:
    data = file_of(HERTFORDSHIRE, ESSEX, BARNET)
    assert refusal_of(data[: data.index(b"Hill Top") + 4]) == (
        "Line 4: a quotation mark is opened on this row and never closed: the file seems to be cut short."
    )


def test_a_quotation_mark_inside_a_quoted_value_is_refused() -> None:
    assert refusal_of(file_of(HERTFORDSHIRE, ESSEX, BARNET).replace(b"Mill Road", b'Mill" Road')) == (
        "Line 3: the row cannot be read: its quotation marks do not pair up, or its line ends are of an unknown kind."
    )


def test_a_file_with_the_line_ends_of_an_old_macintosh_is_refused() -> None:
    assert "its line ends are of an unknown kind" in refusal_of(plain(plain_row()).replace(b"\r\n", b"\r"))


@pytest.mark.parametrize("run_on", [b"A" * MAX_ROW_BYTES, b"A\n" * MAX_ROW_BYTES, b'A","\n' * MAX_ROW_BYTES])
def test_a_row_that_never_ends_is_refused_before_it_fills_the_memory(run_on: bytes) -> None:
    stream = io.BytesIO(file_of(ESSEX) + b'\r\n"' + run_on * 20)
    with pytest.raises(RegisterFileError) as caught:
        list(gias.read(stream))
    assert str(caught.value) == (
        "Line 3: the row that starts here does not end. Perhaps a quotation mark is opened and never closed."
    )
    assert caught.value.line == 3
    assert stream.tell() < 3 * MAX_ROW_BYTES


def test_a_file_above_the_limit_is_refused_without_reading_on() -> None:
    stream = io.BytesIO(file_of(*(replace(ESSEX, urn=200_000 + number) for number in range(3_000))))
    with pytest.raises(RegisterFileError, match=r"^The file is larger than 1 MB, the most allowed\.$"):
        list(gias.read(stream, max_bytes=1_000_000))
    assert stream.tell() < 1_100_000 < len(stream.getvalue())


def test_more_schools_than_a_register_can_have_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register_module, "MAX_SCHOOLS", 2)
    assert len(rows_in(file_of(HERTFORDSHIRE, ESSEX))) == 2
    assert refusal_of(file_of(HERTFORDSHIRE, ESSEX, BARNET)) == "Line 4: more than 2 schools: this is not the register."


def test_a_local_authority_that_is_not_in_the_file_is_told_with_those_like_it() -> None:
    data = file_of(HERTFORDSHIRE, ESSEX, BARNET)
    assert refusal_of(data, local_authority="Herfordshire") == (
        "The file has no school of the local authority “Herfordshire”. It has “Hertfordshire”."
    )
    assert refusal_of(data, local_authority="Zetland") == (
        "The file has no school of the local authority “Zetland”. "
        "It has, for instance, “Barnet”, “Essex”, “Hertfordshire”."
    )
    assert refusal_of(file_of(replace(ESSEX, la_name="")), local_authority="Zetland") == (
        "The file has no school of the local authority “Zetland”. It names no local authority."
    )


@pytest.mark.parametrize("name", ["", "  "])
def test_a_blank_local_authority_is_a_mistake_of_the_caller(name: str) -> None:
    with pytest.raises(ValueError, match="Name a local authority"):
        gias.read(io.BytesIO(file_of(HERTFORDSHIRE)), local_authority=name)


def test_a_character_that_the_encoding_does_not_have_is_not_written_as_another() -> None:
    with pytest.raises(UnicodeEncodeError):
        file_of(replace(ESSEX, name="Ysgol Ŵyn"))


# --- Whatever comes ---


def read_until_refused(data: bytes) -> tuple[list[Row], bool]:
    """The rows given, and whether the file was then refused. Any other exception is a failure."""
    rows: list[Row] = []
    try:
        rows.extend(gias.read(io.BytesIO(data)))
    except RegisterFileError:
        return rows, True
    return rows, False


@given(st.binary(max_size=2_000))
def test_any_bytes_give_rows_or_a_refusal(data: bytes) -> None:
    rows, refused = read_until_refused(data)
    assert refused or rows


SPLICES = st.one_of(
    st.binary(max_size=6),
    st.sampled_from([b'"', b'""', b",", b"\r", b"\n", b"\r\n", b"\0", b"\x81", b'",\n"', b"\xe2\x80"]),
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_register_gives_rows_or_a_refusal(data: st.DataObject) -> None:
    content = file_of(HERTFORDSHIRE, ESSEX, BARNET)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(content)))
        content = content[:at] + data.draw(SPLICES) + content[at + data.draw(st.integers(0, 5)) :]
    rows, refused = read_until_refused(content)
    assert refused or 1 <= len(rows) <= 3


LETTERS = "abcXYZ0129 -.,;:'\"&/()’‘“–éÉñ£\n"
DAYS = st.none() | st.dates(min_value=date(1, 1, 1), max_value=date(9999, 12, 31))
NUMBERS = st.none() | st.integers(0, gias.MAX_WHOLE_NUMBER)
AGES = st.none() | st.integers(0, 120)
OTHER_VALUES: dict[Callable[[str], object], st.SearchStrategy[object]] = {
    urn: st.integers(10_000, 99_999_999),
    day: DAYS,
    whole_number: NUMBERS,
    age: AGES,
}


def values_of(column: Column) -> st.SearchStrategy[object]:
    """Values that the column can hold."""
    if isinstance(column.convert, Text):
        words = st.text(LETTERS, max_size=min(column.convert.longest, 12)).map(str.strip)
        return words if column.convert.may_be_empty else words.filter(bool)
    return OTHER_VALUES[column.convert]


ROWS = st.builds(Row, **{column.field: values_of(column) for column in COLUMNS})


def is_utf8(data: bytes) -> bool:
    try:
        return not data.isascii() and bool(data.decode("utf-8"))
    except UnicodeDecodeError:
        return False


@settings(max_examples=100, deadline=None)
@given(
    rows=st.lists(ROWS, min_size=1, max_size=4, unique_by=lambda row: row.urn),
    columns=st.sampled_from(list(Layout)).flatmap(lambda layout: st.permutations(layout.columns)),
    encoding=st.sampled_from(["cp1252", "utf-8-sig", "utf-8"]),
)
def test_what_is_written_is_read_back(rows: list[Row], columns: list[str], encoding: str) -> None:
    content = file_of(*rows, columns=columns, encoding=encoding)
    if encoding == "cp1252":  # a run of letters such as "é’‘" is the same bytes as one letter in UTF-8
        assume(not any(is_utf8(line) for line in content.split(b"\n")))
    assert rows_in(content) == rows


def test_a_register_cut_anywhere_gives_no_wrong_school() -> None:
    """What comes before the cut is right, and a cut is told unless it falls just between two rows."""
    rows = [HERTFORDSHIRE, ESSEX, BARNET]
    content = file_of(*rows)
    header_end = content.index(b"\r\n")
    last_cells = [content.rindex(b'"",""', 0, end) + 2 for end in row_ends(content)]
    for cut in [*range(0, header_end, 25), *range(header_end, len(content))]:
        given_before, refused = read_until_refused(content[:cut])
        assert given_before == rows[: len(given_before)], f"cut at byte {cut}"
        between = any(cell < cut <= end + 2 for cell, end in zip(last_cells, row_ends(content), strict=True))
        assert refused or between, f"cut at byte {cut}"


def row_ends(content: bytes) -> list[int]:
    """Where each row of the file after the header ends: the place of its CRLF, or the end of the file."""
    ends = [place for place in range(len(content)) if content.startswith(b"\r\n", place)]
    return [*ends[1:], len(content)]


# --- A file of the real size ---


class MadeAsItIsRead(io.RawIOBase):
    """A register of ``size`` bytes that is never in memory: every hundredth school is in Hertfordshire."""

    def __init__(self, size: int) -> None:
        self._chunks = self._made(size)
        self._rest = b""

    def _made(self, size: int) -> Iterator[bytes]:
        header, row = file_of(replace(ESSEX, urn=999_999)).split(b"\r\n")
        row = row.rsplit(b",", 30)[0] + b',"Not applicable in this year of the census"' * 30
        made = len(header)
        yield header
        number = 0
        while made < size:
            number += 1
            name = b"Hertfordshire" if number % 100 == 0 else b"Essex"
            line = b"\r\n" + row.replace(b"999999", b"%d" % (100_000 + number), 1).replace(b"Essex", name, 1)
            made += len(line)
            yield line

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._rest = self._rest or next(self._chunks, b"")
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken


def test_a_file_of_60_megabytes_is_read_in_the_memory_of_a_few_rows() -> None:
    heard: list[int] = []
    stream = io.BufferedReader(MadeAsItIsRead(60_000_000))
    tracemalloc.start()
    try:
        schools = sum(1 for _ in gias.read(stream, local_authority="Hertfordshire", progress=heard.append))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert schools > 300
    assert peak < 12_000_000, f"{peak:,} bytes"
    assert heard == sorted(heard)
    assert heard[-1] >= 60_000_000
    assert 55 <= len(heard) <= 62
