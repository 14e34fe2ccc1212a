"""Register and links files for tests, in the real layout, of invented schools."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

from django.core.files import File
from django.core.files.base import ContentFile

from schools import gias
from schools.gias import Row

OAK_LANE = Row(
    urn=900101,
    name="Oak Lane School",
    la_code="919",
    la_name="Hertfordshire",
    type_code="01",
    type_name="Community school",
    type_group_code="4",
    type_group_name="Local authority maintained schools",
    status_code="1",
    status_name="Open",
    open_date=date(1965, 9, 1),
    phase_code="2",
    phase="Primary",
    low_age=3,
    high_age=11,
    boarders="No boarders",
    nursery_provision="Has Nursery Classes",
    sixth_form="Does not have a sixth form",
    district_code="E07000242",
    district_name="East Hertfordshire",
    head_title="Mrs",
    head_first_name="Amira",
    head_last_name="Aziz",
    pupils=210,
)


def row(**facts: Any) -> Row:
    """Oak Lane School's row, with ``facts`` instead of its own."""
    return Row(**{name: getattr(OAK_LANE, name) for name in Row.__dataclass_fields__ if name != "line"} | facts)


def rows(count: int, *, first_urn: int = 950001, **facts: Any) -> list[Row]:
    """``count`` schools with names and URNs of their own."""
    return [row(urn=first_urn + n, name=f"School {first_urn + n}", **facts) for n in range(count)]


def register_bytes(*schools: Row, **options: Any) -> bytes:
    stream = io.BytesIO()
    gias.write(schools, stream, **options)
    return stream.getvalue()


def register_file(*schools: Row, name: str = "edubasealldata20261123.csv", **options: Any) -> File:
    return ContentFile(register_bytes(*schools, **options), name=name)


def links_bytes(*links: tuple[int, int, str, str, str]) -> bytes:
    """A links file: each link as URN, linked URN, its name, the type of link, and the day as dd-mm-yyyy or ""."""
    header = '"URN","LinkURN","LinkName","LinkType","LinkEstablishedDate"'
    lines = [f'{urn},{link_urn},"{name}","{kind}","{day}"' for urn, link_urn, name, kind, day in links]
    return "\r\n".join([header, *lines]).encode("cp1252")


def links_file(*links: tuple[int, int, str, str, str], name: str = "links_edubasealldata20261123.csv") -> File:
    return ContentFile(links_bytes(*links), name=name)
