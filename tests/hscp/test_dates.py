from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hscp.lib.dates import (
    academic_year,
    academic_year_label,
    add_months,
    add_working_days,
    is_working_day,
    working_days_between,
)

DAYS = st.dates(date(2010, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2026, 8, 31), 2025),
        (date(2026, 9, 1), 2026),
        (date(2026, 12, 31), 2026),
        (date(2027, 1, 1), 2026),
    ],
)
def test_an_academic_year_starts_on_the_first_of_september(day: date, start: int) -> None:
    assert academic_year(day) == start


@pytest.mark.parametrize(("start", "label"), [(2026, "2026-27"), (1999, "1999-00"), (2008, "2008-09")])
def test_an_academic_year_is_labelled_as_schools_write_it(start: int, label: str) -> None:
    assert academic_year_label(start) == label


@pytest.mark.parametrize(
    ("day", "working"),
    [
        (date(2026, 12, 24), True),
        (date(2026, 12, 25), False),  # Christmas Day, a Friday
        (date(2026, 12, 26), False),  # a Saturday
        (date(2026, 12, 28), False),  # Boxing Day is observed on the Monday
        (date(2026, 12, 29), True),
        (date(2027, 3, 29), False),  # Easter Monday, which Scotland works
        (date(2026, 11, 30), True),  # St Andrew's Day, which England works
    ],
)
def test_bank_holidays_are_those_of_england_and_wales(day: date, working: bool) -> None:
    assert is_working_day(day) is working


def test_beyond_the_shipped_years_only_weekends_count() -> None:
    assert is_working_day(date(2035, 12, 25))
    assert not is_working_day(date(2035, 12, 29))


@pytest.mark.parametrize(
    ("day", "days", "later"),
    [
        (date(2026, 11, 23), 5, date(2026, 11, 30)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),  # Friday to Monday
        (date(2026, 11, 28), 1, date(2026, 11, 30)),  # Saturday to the same Monday
        (date(2026, 12, 23), 3, date(2026, 12, 30)),  # over Christmas, with Boxing Day observed on the 28th
        (date(2026, 11, 28), 0, date(2026, 11, 28)),
    ],
)
def test_working_days_are_added(day: date, days: int, later: date) -> None:
    assert add_working_days(day, days) == later


def test_working_days_cannot_be_taken_away() -> None:
    with pytest.raises(ValueError, match="not taken away"):
        add_working_days(date(2026, 11, 23), -1)


def test_a_fortnight_has_ten_working_days() -> None:
    assert working_days_between(date(2026, 11, 23), date(2026, 12, 7)) == 10
    assert working_days_between(date(2026, 12, 7), date(2026, 11, 23)) == -10
    assert working_days_between(date(2026, 11, 23), date(2026, 11, 23)) == 0


@given(DAYS, st.integers(0, 60))
def test_counting_undoes_adding(day: date, days: int) -> None:
    later = add_working_days(day, days)
    assert working_days_between(day, later) == days
    assert days == 0 or is_working_day(later)


@given(DAYS, st.integers(0, 500), st.integers(0, 500))
def test_stretches_of_days_add_up(day: date, some: int, more: int) -> None:
    middle, last = day + timedelta(days=some), day + timedelta(days=some + more)
    assert working_days_between(day, middle) + working_days_between(middle, last) == working_days_between(day, last)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 11, 23), 3, date(2027, 2, 23)),
        (date(2026, 11, 23), 12, date(2027, 11, 23)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 12, 31), 0, date(2026, 12, 31)),
    ],
)
def test_months_are_added_up_to_the_last_day_of_a_shorter_one(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later
