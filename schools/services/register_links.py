"""The links file: which school followed which. Links are added and brought up to date, never taken away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from django.db import transaction

from schools import gias
from schools.choices import LinkKind
from schools.gias import Link
from schools.models import School, SchoolLink

Key = tuple[int, int, str]  # school, linked URN, type of link: what makes a link the same
BATCH = 1_000  # links in one statement


@dataclass(frozen=True, slots=True)
class LinksFound:
    """How many links a file holds of the register's schools: new ones, changed ones, ones that are there already."""

    new: int
    changed: int
    same: int


def compare_links(stream: BinaryIO, *, new_schools: frozenset[int] = frozenset()) -> LinksFound:
    """What ``apply_links`` would do, were the schools with the URNs ``new_schools`` in the register too.

    Two queries. Raises ``RegisterFileError``.
    """
    return _read(stream, new_schools)[1]


@transaction.atomic
def apply_links(stream: BinaryIO) -> LinksFound:
    """Write the links of every school that the register has, and say what was new and what changed.

    All or nothing. Two queries and one statement for every thousand links. Raises ``RegisterFileError``.
    """
    rows, found = _read(stream, frozenset())
    SchoolLink.objects.bulk_create(
        rows,
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["school", "link_urn", "link_type"],
        update_fields=["link_name", "kind", "established"],
    )
    return found


def _read(stream: BinaryIO, new_schools: frozenset[int]) -> tuple[list[SchoolLink], LinksFound]:
    """The links that the register has not, or not so, and the counts; of a link that the file has twice, the later."""
    ids = {urn: -urn for urn in new_schools} | dict(School.objects.order_by().values_list("urn", "pk"))
    links = (_row(link, ids[link.urn]) for link in gias.read_links(stream) if link.urn in ids)
    wanted = {_key(row): row for row in links}
    have = {_key(row): row for row in SchoolLink.objects.order_by()}
    to_write = [row for key, row in wanted.items() if key not in have or not _agree(row, have[key])]
    new = len(wanted.keys() - have.keys())
    return to_write, LinksFound(new, len(to_write) - new, len(wanted) - len(to_write))


def _row(link: Link, school_id: int) -> SchoolLink:
    return SchoolLink(
        school_id=school_id,
        link_urn=link.link_urn,
        link_name=link.link_name,
        link_type=link.link_type,
        kind=LinkKind(link.direction.value),
        established=link.established,
    )


def _key(row: SchoolLink) -> Key:
    return row.school_id, row.link_urn, row.link_type


def _agree(one: SchoolLink, other: SchoolLink) -> bool:
    return (one.link_name, one.kind, one.established) == (other.link_name, other.kind, other.established)
