"""The companion file tells which school came before or after which."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools import gias
from schools.gias import Direction, Link, RegisterFileError

HEADER = b'"URN","LinkURN","LinkName","LinkType","LinkEstablishedDate"'


def file_of(*lines: bytes) -> bytes:
    return b"\r\n".join([HEADER, *lines])


def links_in(data: bytes) -> list[Link]:
    return list(gias.read_links(io.BytesIO(data)))


def refusal_of(data: bytes) -> str:
    with pytest.raises(RegisterFileError) as caught:
        links_in(data)
    return str(caught.value)


def test_links_are_read_as_the_department_writes_them() -> None:
    links = links_in(
        file_of(
            b'117001,117900,"Old Mill Infants\x92 School","Predecessor - amalgamated","01-09-2024"',
            b'117002,117901,"Elm, Ash and Oak School","Successor",""',
        )
    )
    assert links == [
        Link(
            urn=117001,
            link_urn=117900,
            link_name="Old Mill Infants’ School",
            link_type="Predecessor - amalgamated",
            established=date(2024, 9, 1),
        ),
        Link(urn=117002, link_urn=117901, link_name="Elm, Ash and Oak School", link_type="Successor", established=None),
    ]
    assert [link.line for link in links] == [2, 3]


# Every type of link that the register has.
DIRECTIONS = {
    "Predecessor": Direction.PREDECESSOR,
    "Predecessor - amalgamated": Direction.PREDECESSOR,
    "Predecessor - merged": Direction.PREDECESSOR,
    "Predecessor - Split School": Direction.PREDECESSOR,
    "Result of Amalgamation": Direction.PREDECESSOR,
    "Successor": Direction.SUCCESSOR,
    "Successor - amalgamated": Direction.SUCCESSOR,
    "Successor - merged": Direction.SUCCESSOR,
    "Successor - Split School": Direction.SUCCESSOR,
    "Children's Centre Link": Direction.OTHER,
    "Closure": Direction.OTHER,
    "Expansion": Direction.OTHER,
    "Merged - change in age range": Direction.OTHER,
    "Merged - expansion in school capacity and changer in age range": Direction.OTHER,
    "Merged - expansion of school capacity": Direction.OTHER,
    "Other": Direction.OTHER,
    "Sixth Form Centre Link": Direction.OTHER,
    "Sixth Form Centre School": Direction.OTHER,
    "A type not yet thought of": Direction.OTHER,
    "PREDECESSOR": Direction.PREDECESSOR,
}


@pytest.mark.parametrize(("link_type", "direction"), DIRECTIONS.items())
def test_a_link_says_which_school_came_first(link_type: str, direction: Direction) -> None:
    (link,) = links_in(file_of(f'117001,117900,"Old Mill School","{link_type}",""'.encode()))
    assert link.direction == direction


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "The file is empty."),
        (HEADER, "The file names its columns but has no links."),
        (
            b"%PDF-1.7",
            "This is not the list of links between schools: it looks like a PDF document. Choose the CSV file as "
            "downloaded from Get Information About Schools; if it came inside a ZIP file, take it out first.",
        ),
        (
            b"Name,Town",
            "Line 1: this is not the list of links between schools: its first line should name the columns (URN, "
            "LinkURN and so on) but starts “Name”.",
        ),
        (
            b"URN,LA (code),LinkName\r\n",
            "Line 1: the list of links between schools needs 3 columns that this file does not have: LinkURN, "
            "LinkType, LinkEstablishedDate.",
        ),
        (
            file_of(b'117001,117900,"Old Mill School"'),
            "Line 2: the row that starts “117001” has 3 values where there are 5 columns. It is cut short.",
        ),
        (
            file_of(b'117001,117900,"Old Mill School","Predecessor",""', b'117002,,"Elm School","Predecessor",""'),
            "Line 3: LinkURN is “”, not a unique reference number of 5 to 8 digits.",
        ),
        (file_of(b'117001,117900,"Old Mill School","",""'), "Line 2: LinkType is empty."),
        (
            file_of(b'117001,117900,"Old Mill School","Predecessor","2024"'),
            "Line 2: LinkEstablishedDate is “2024”, not a date written dd-mm-yyyy. A spreadsheet program may have "
            "changed the dates: use the file as downloaded.",
        ),
    ],
)
def test_a_links_file_that_cannot_be_used_says_why_and_where(data: bytes, message: str) -> None:
    assert refusal_of(data) == message


def test_a_links_file_above_the_limit_is_refused() -> None:
    data = file_of(*(b'117001,%d,"Old Mill School","Predecessor",""' % (200_000 + number) for number in range(100)))
    with pytest.raises(RegisterFileError, match=r"^The file is larger than 0\.001 MB, the most allowed\.$"):
        list(gias.read_links(io.BytesIO(data), max_bytes=1_000))


def test_progress_is_told_at_the_end() -> None:
    heard: list[int] = []
    data = file_of(b'117001,117900,"Old Mill School","Predecessor",""')
    assert len(list(gias.read_links(io.BytesIO(data), progress=heard.append))) == 1
    assert heard == [len(data)]


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_give_links_or_a_refusal(data: bytes, with_header: bool) -> None:
    with suppress(RegisterFileError):
        links = links_in(HEADER + b"\r\n" + data if with_header else data)
        assert links
