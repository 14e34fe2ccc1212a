"""Typical schools, to look at a question set with their eyes. Their flags come from the rules for real schools."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from schools.choices import Flag
from schools.rules import flags_of


@dataclass(frozen=True, slots=True)
class SchoolKind:
    """A typical school, with the facts that a row of the register would have (``schools.rules.SchoolFacts``)."""

    code: str
    label: str
    hint: str
    type_code: str
    low_age: int
    high_age: int
    nursery_provision: str = "No Nursery Classes"
    sixth_form: str = "Does not have a sixth form"
    boarders: str = "No boarders"

    @property
    def flags(self) -> frozenset[Flag]:
        """What is true of such a school, apart from what it says of itself."""
        return flags_of(self)


SCHOOL_KINDS: Final = (
    SchoolKind("nursery", "Maintained nursery school", "Ages 2 to 5", "15", 2, 5, "Has Nursery Classes"),
    SchoolKind(
        "primary", "Maintained primary school with a nursery class", "Ages 3 to 11", "1", 3, 11, "Has Nursery Classes"
    ),
    SchoolKind("junior", "Junior academy", "Ages 7 to 11", "34", 7, 11),
    SchoolKind("secondary", "Secondary academy without a sixth form", "Ages 11 to 16", "34", 11, 16),
    SchoolKind(
        "sixth_form",
        "Secondary academy with a sixth form",
        "Ages 11 to 18",
        "34",
        11,
        18,
        sixth_form="Has a sixth form",
    ),
    SchoolKind("independent", "Independent day school", "Ages 7 to 13", "11", 7, 13),
    SchoolKind(
        "boarding",
        "Independent boarding school",
        "Ages 11 to 18",
        "11",
        11,
        18,
        sixth_form="Has a sixth form",
        boarders="Boarding school",
    ),
    SchoolKind("special", "Maintained special school", "Ages 4 to 16", "7", 4, 16),
    SchoolKind("referral", "Pupil referral unit", "Ages 11 to 16", "14", 11, 16),
    SchoolKind("college", "Further education college", "Ages 16 and over", "18", 16, 99),
)
