"""Each kind of school answers for the right duty and is asked the right questions.

The table below is written out by hand from the list of establishment types, not taken from the rules.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schools import rules
from schools.choices import Duty, Flag
from schools.gias import Row

TYPES_FILE = Path(rules.__file__).parent / "data" / "establishment_types.csv"

EARLY = Flag.HAS_EARLY_YEARS
SIXTH = Flag.HAS_SIXTH_FORM
SECONDARY = Flag.IS_SECONDARY_AGE
PRIVATE = Flag.IS_INDEPENDENT
STATE = Flag.IS_STATE_FUNDED
SPECIAL = Flag.IS_SPECIAL_OR_AP
ASKED_OF_THE_SCHOOL = {Flag.USES_ALTERNATIVE_PROVISION, Flag.LETS_PREMISES}

ART = "Art, Design and Performing Arts College"
DESIGNATED = "Specialist Designated College"

# Code, name, type of further education: duty, and the flags true of the type even where the row says nothing more.
TABLE: list[tuple[str, str, str, Duty, set[Flag]]] = [
    ("18", "Further education", "", Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("18", "Further education", ART, Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("18", "Further education", "General Further Education College", Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("18", "Further education", "Land-Based College", Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("18", "Further education", "Sixth Form College (General)", Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("18", "Further education", "Sixth Form College (Voluntary Aided)", Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("18", "Further education", "Sixth Form College (Voluntary Controlled)", Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("18", "Further education", DESIGNATED, Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("18", "Further education", "Tertiary College", Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("31", "Sixth form centres", "", Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("29", "Higher education institutions", "", Duty.NONE, set()),
    ("29", "Higher education institutions", ART, Duty.NONE, set()),
    ("6", "City technology college", "", Duty.S157, {STATE, SECONDARY}),
    ("11", "Other independent school", "", Duty.S157, {PRIVATE}),
    ("1", "Community school", "", Duty.S175, {STATE}),
    ("2", "Voluntary aided school", "", Duty.S175, {STATE}),
    ("3", "Voluntary controlled school", "", Duty.S175, {STATE}),
    ("5", "Foundation school", "", Duty.S175, {STATE}),
    ("14", "Pupil referral unit", "", Duty.S175, {STATE, SPECIAL}),
    ("15", "Local authority nursery school", "", Duty.S175, {STATE, EARLY}),
    ("7", "Community special school", "", Duty.S175, {STATE, SPECIAL}),
    ("8", "Non-maintained special school", "", Duty.NMSS, {STATE, SPECIAL}),
    ("10", "Other independent special school", "", Duty.S157, {PRIVATE, SPECIAL}),
    ("12", "Foundation special school", "", Duty.S175, {STATE, SPECIAL}),
    ("30", "Welsh establishment", "", Duty.NONE, set()),
    ("24", "Secure units", "", Duty.NONE, set()),
    ("25", "Offshore schools", "", Duty.NONE, set()),
    ("26", "Service children's education", "", Duty.NONE, set()),
    ("27", "Miscellaneous", "", Duty.NONE, set()),
    ("27", "Miscellaneous", DESIGNATED, Duty.S175, set()),
    ("32", "Special post 16 institution", "", Duty.S175, {STATE, SPECIAL, SIXTH, SECONDARY}),
    ("32", "Special post 16 institution", DESIGNATED, Duty.S175, {STATE, SPECIAL, SIXTH, SECONDARY}),
    ("37", "British schools overseas", "", Duty.NONE, set()),
    ("56", "Institution funded by other government department", DESIGNATED, Duty.S175, {STATE}),
    ("28", "Academy sponsor led", "", Duty.S157, {STATE}),
    ("33", "Academy special sponsor led", "", Duty.S157, {STATE, SPECIAL}),
    ("34", "Academy converter", "", Duty.S157, {STATE}),
    ("42", "Academy alternative provision converter", "", Duty.S157, {STATE, SPECIAL}),
    ("43", "Academy alternative provision sponsor led", "", Duty.S157, {STATE, SPECIAL}),
    ("44", "Academy special converter", "", Duty.S157, {STATE, SPECIAL}),
    ("45", "Academy 16-19 converter", "", Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("46", "Academy 16 to 19 sponsor led", "", Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("57", "Academy secure 16 to 19", "", Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("35", "Free schools", "", Duty.S157, {STATE}),
    ("36", "Free schools special", "", Duty.S157, {STATE, SPECIAL}),
    ("38", "Free schools alternative provision", "", Duty.S157, {STATE, SPECIAL}),
    ("39", "Free schools 16 to 19", "", Duty.S175, {STATE, SIXTH, SECONDARY}),
    ("40", "University technical college", "", Duty.S157, {STATE, SIXTH, SECONDARY}),
    ("41", "Studio schools", "", Duty.S157, {STATE, SIXTH, SECONDARY}),
    ("49", "Online provider", "", Duty.NONE, set()),
]


@dataclass
class School:
    """The facts that flags are worked out from, as the portal's own record of a school has them."""

    type_code: str = "01"
    nursery_provision: str = ""
    low_age: int | None = None
    high_age: int | None = None
    sixth_form: str = ""
    boarders: str = ""


def flags(**facts: object) -> set[Flag]:
    return set(rules.flags_of(School(**facts)))  # type: ignore[arg-type]


def test_the_table_has_every_establishment_type_of_the_register() -> None:
    with TYPES_FILE.open(encoding="utf-8", newline="") as file:
        listed = [
            (
                row["type-of-establishment-code"],
                row["type-of-establishment-name"],
                row["further-education-type-name-applicable"],
            )
            for row in csv.DictReader(file)
        ]
    assert len(listed) == 50
    assert [line[:3] for line in TABLE] == listed
    assert {(kind.code, kind.name) for kind in rules.ESTABLISHMENT_TYPES} == {(code, name) for code, name, _ in listed}
    assert len(rules.ESTABLISHMENT_TYPES) == 39


@pytest.mark.parametrize(("code", "name", "further", "duty", "by_type"), TABLE)
def test_each_establishment_type_has_its_duty_and_flags(
    code: str, name: str, further: str, duty: Duty, by_type: set[Flag]
) -> None:
    assert rules.duty_of(code, further) == duty
    assert rules.source_of_duty(code, further)
    assert flags(type_code=code) == by_type


@pytest.mark.parametrize(("code", "name", "further", "duty", "by_type"), TABLE)
def test_a_leading_zero_in_the_code_changes_nothing(
    code: str, name: str, further: str, duty: Duty, by_type: set[Flag]
) -> None:
    assert rules.duty_of(f" {code.zfill(3)} ", further.upper()) == duty
    assert flags(type_code=code.zfill(3)) == by_type


@pytest.mark.parametrize("code", ["", "0", "4", "58", "99", "academy", "1.0"])
def test_a_type_that_is_not_known_is_shown_as_to_be_decided(code: str) -> None:
    assert rules.duty_of(code) == Duty.UNDECIDED
    assert rules.source_of_duty(code) == "A type of establishment that the portal does not know"
    assert flags(type_code=code) == set()
    assert flags(type_code=code, low_age=3, high_age=18, boarders="Boarding school") == {
        EARLY,
        SIXTH,
        SECONDARY,
        Flag.HAS_BOARDING,
    }


def test_an_institution_of_another_department_is_to_be_decided_unless_it_is_designated() -> None:
    assert rules.duty_of("56") == Duty.UNDECIDED
    assert rules.duty_of("56", DESIGNATED) == Duty.S175


def test_each_duty_cites_its_law() -> None:
    assert rules.source_of_duty("45") == "EA 2002 s175(3A): proprietor of a 16 to 19 academy"
    assert rules.source_of_duty("8") == "NMSS 2015, made under EA 1996 s342"
    assert rules.source_of_duty("11") == "ISS 2014 regulation 3(1) (section 157)"
    assert "designated" in rules.source_of_duty("27", DESIGNATED)


def test_only_schools_with_a_duty_are_asked_for_a_return() -> None:
    assert {duty for duty in Duty if duty.is_asked} == {Duty.S175, Duty.S157, Duty.NMSS}


@pytest.mark.parametrize(
    ("low_age", "nursery", "expected"),
    [
        (None, "", False),
        (None, "Not applicable", False),
        (None, "No Nursery Classes", False),
        (None, "Has Nursery Classes", True),
        (None, "has nursery classes ", True),
        (0, "", True),
        (4, "No Nursery Classes", True),
        (5, "No Nursery Classes", False),
        (5, "Has Nursery Classes", True),
        (11, "Not applicable", False),
    ],
)
def test_early_years_follow_from_nursery_classes_or_from_pupils_under_five(
    low_age: int | None, nursery: str, expected: bool
) -> None:
    assert (EARLY in flags(low_age=low_age, nursery_provision=nursery)) is expected


@pytest.mark.parametrize(
    ("high_age", "sixth_form", "expected"),
    [
        (None, "", False),
        (None, "Not applicable", False),
        (None, "Has a sixth form", True),
        (None, "HAS A SIXTH FORM", True),
        (16, "Has a sixth form", True),
        (16, "Does not have a sixth form", False),
        (17, "Not applicable", False),
        (18, "Not applicable", True),
        (19, "Does not have a sixth form", True),
    ],
)
def test_a_sixth_form_follows_from_the_register_or_from_pupils_of_eighteen(
    high_age: int | None, sixth_form: str, expected: bool
) -> None:
    assert (SIXTH in flags(high_age=high_age, sixth_form=sixth_form)) is expected


@pytest.mark.parametrize(
    ("high_age", "expected"), [(None, False), (0, False), (11, False), (13, False), (14, True), (19, True)]
)
def test_secondary_age_starts_at_fourteen(high_age: int | None, expected: bool) -> None:
    assert (SECONDARY in flags(high_age=high_age)) is expected


@pytest.mark.parametrize(
    ("boarders", "expected"),
    [
        ("", False),
        ("No boarders", False),
        ("no Boarders ", False),
        ("Not applicable", False),
        ("Not recorded", False),
        ("Boarding school", True),
        ("Children's Home (Boarding school)", True),
        ("College / FE residential accommodation", True),
        ("A word not yet thought of", True),
    ],
)
def test_boarding_follows_from_any_word_that_does_not_deny_it(boarders: str, expected: bool) -> None:
    assert (Flag.HAS_BOARDING in flags(boarders=boarders)) is expected


def test_a_row_of_the_register_gives_its_flags() -> None:
    row = Row(
        urn=117001,
        name="Hailey Hall",
        type_code="10",
        low_age=3,
        high_age=19,
        boarders="Boarding school",
        nursery_provision="Not applicable",
        sixth_form="Not applicable",
    )
    assert rules.flags_of(row) == {EARLY, SIXTH, SECONDARY, PRIVATE, SPECIAL, Flag.HAS_BOARDING}


AGES = st.none() | st.integers(0, 999)


@given(
    st.builds(
        School,
        type_code=st.sampled_from([line[0] for line in TABLE]) | st.text(max_size=3),
        nursery_provision=st.text(max_size=20),
        low_age=AGES,
        high_age=AGES,
        sixth_form=st.text(max_size=20),
        boarders=st.text(max_size=20),
    )
)
def test_no_school_is_both_independent_and_state_funded_nor_answers_for_itself(school: School) -> None:
    found = rules.flags_of(school)
    assert not {PRIVATE, STATE} <= found
    assert not ASKED_OF_THE_SCHOOL & found


def test_every_flag_and_duty_has_a_plain_label() -> None:
    assert {flag.value for flag in Flag} == {
        "has_early_years",
        "has_sixth_form",
        "has_boarding",
        "is_secondary_age",
        "is_independent",
        "is_state_funded",
        "is_special_or_ap",
        "uses_alternative_provision",
        "lets_premises",
    }
    labels = [str(choice.label) for choice in [*Flag, *Duty]]
    assert all(label and "_" not in label for label in labels)
    assert len(set(labels)) == len(labels)
