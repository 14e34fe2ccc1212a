"""Whatever the register reader lets through fits the portal's own fields: no import stops at the database."""

from __future__ import annotations

import pytest

from partnership.models import Organisation
from schools.gias import links, register
from schools.gias.table import Text
from schools.models import School, SchoolLink

# Fields of a row that the portal keeps elsewhere, or under another name, or only works with.
KEPT_BY_THE_ORGANISATION = {"name"}
NOT_KEPT = {"status_code", "status_name"}

TEXTS = {column.field: column.convert.longest for column in register.COLUMNS if isinstance(column.convert, Text)}


@pytest.mark.parametrize("field", sorted(TEXTS.keys() - NOT_KEPT - KEPT_BY_THE_ORGANISATION))
def test_each_text_of_the_register_fits_the_school_s_field(field: str) -> None:
    assert TEXTS[field] == School._meta.get_field(field).max_length


def test_the_name_of_a_school_fits_the_organisation_s() -> None:
    assert TEXTS["name"] == Organisation._meta.get_field("name").max_length


@pytest.mark.parametrize("field", ["link_name", "link_type"])
def test_each_text_of_the_links_fits_the_link_s_field(field: str) -> None:
    (column,) = (column for column in links.COLUMNS if column.field == field)
    assert isinstance(column.convert, Text)
    assert column.convert.longest == SchoolLink._meta.get_field(field).max_length
