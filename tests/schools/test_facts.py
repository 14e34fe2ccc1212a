"""A school's duty and flags: worked out or set by hand, in Python and in SQL alike."""

from __future__ import annotations

import csv
from itertools import chain, combinations, product
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from schools import facts, rules
from schools.choices import Duty, Fact, Flag, SchoolStatus
from schools.models import FactOverride, School
from tests.factories import SchoolFactory

TYPES_FILE = Path(rules.__file__).parent / "data" / "establishment_types.csv"
STRANGE_CODES = ["", "0", "000", "99", "1a", "1 2"]


def all_types() -> list[tuple[str, str]]:
    """The code and the type of college of all 50 real establishment types."""
    with TYPES_FILE.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [(line["type-of-establishment-code"], line["further-education-type-name-applicable"]) for line in found]


def override(school, fact, value, by):
    return FactOverride.objects.create(school=school, fact=fact, value=value, reason="Agreed by the Board", set_by=by)


def every_choice_of_duties():
    return chain.from_iterable(combinations(Duty, size) for size in range(len(Duty) + 1))


@pytest.fixture
def schools_of_every_type(ursula):
    """Each real type, with its code in each form that the register has used, without and with each duty set by hand."""
    types = all_types()
    assert len(types) == 50
    forms = [(form, college) for code, college in types for form in {code, code.zfill(2), code.zfill(3)}]
    forms += [(code, college) for code in STRANGE_CODES for college in ("", "SPECIALIST designated College")]
    for (code, college), by_hand in product(forms, [None, Duty.S157, Duty.NONE, Duty.UNDECIDED]):
        school = SchoolFactory(type_code=code, further_education_type=college)
        if by_hand:
            override(school, Fact.DUTY, by_hand, ursula)


def test_python_and_sql_agree_on_the_duty_of_every_type_set_by_hand_or_not(schools_of_every_type):
    duties = {school.pk: facts.duty(school) for school in School.objects.with_facts()}
    assert set(duties.values()) == set(Duty)
    for wanted in every_choice_of_duties():
        in_sql = set(School.objects.filter(facts.schools_asked_q(wanted)).values_list("pk", flat=True))
        assert in_sql == {pk for pk, duty in duties.items() if duty in wanted}, wanted


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (SchoolStatus.OPEN, True),
        (SchoolStatus.CLOSING, True),
        (SchoolStatus.PROPOSED, False),
        (SchoolStatus.CLOSED, False),
    ],
)
def test_only_open_schools_are_asked(db, status, asked):
    SchoolFactory(status=status)
    assert School.objects.filter(facts.schools_asked_q([Duty.S175])).exists() is asked


def test_a_duty_set_by_hand_counts_instead_of_the_one_worked_out(oak_lane, ursula):
    assert facts.duty(oak_lane) is Duty.S175
    override(oak_lane, Fact.DUTY, Duty.NONE, ursula)
    assert facts.duty(oak_lane) is Duty.NONE
    assert not School.objects.filter(facts.schools_asked_q(["s175"])).exists()


def test_flags_set_by_hand_are_added_and_taken_away(oak_lane, ursula):
    assert facts.flags(oak_lane) == {Flag.HAS_EARLY_YEARS, Flag.IS_STATE_FUNDED}
    override(oak_lane, Fact.HAS_EARLY_YEARS, "no", ursula)
    override(oak_lane, Fact.HAS_BOARDING, "yes", ursula)
    override(oak_lane, Fact.DUTY, Duty.NMSS, ursula)
    assert facts.flags(oak_lane) == {Flag.HAS_BOARDING, Flag.IS_STATE_FUNDED}


def test_every_fact_that_can_be_set_by_hand_is_the_duty_or_a_flag():
    assert {fact.value for fact in Fact} - {"duty"} < {flag.value for flag in Flag}


@pytest.mark.parametrize(("fact", "value"), [(Fact.DUTY, "yes"), (Fact.DUTY, ""), (Fact.HAS_BOARDING, "s175")])
def test_the_database_refuses_a_value_that_does_not_fit_the_fact(oak_lane, ursula, fact, value):
    with pytest.raises(IntegrityError, match="factoverride_value_fits_the_fact"), transaction.atomic():
        override(oak_lane, fact, value, ursula)


def test_the_facts_of_many_schools_cost_as_many_queries_as_those_of_one(db, django_assert_num_queries):
    SchoolFactory.create_batch(30)
    with django_assert_num_queries(2):
        assert {facts.duty(school) for school in School.objects.with_facts() if facts.flags(school)} == {Duty.S175}
