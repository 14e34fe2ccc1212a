"""Dates in three boxes and text over several lines."""

from contextlib import suppress
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from hscp.lib.fields import FIRST_YEAR, LAST_YEAR, GovukDateField, LongTextField


def field(**options):
    return GovukDateField(label="When was the policy reviewed?", describe="date of the review", **options)


def refusal(typed, **options):
    """The message and the boxes that it names."""
    with pytest.raises(ValidationError) as caught:
        field(**options).clean(typed)
    error = caught.value
    return error.messages[0], (error.params or {}).get("parts")


def test_a_date_is_read_from_its_three_boxes():
    assert field().clean(["7", "3", "2025"]) == date(2025, 3, 7)


@pytest.mark.parametrize("month", ["mar", "Mar", "MARCH", "march", "3", "03"])
def test_a_month_may_be_a_number_or_a_name(month):
    assert field().clean(["7", month, "2025"]) == date(2025, 3, 7)


def test_spaces_around_the_parts_do_no_harm():
    assert field().clean([" 7 ", " 3", "2025 "]) == date(2025, 3, 7)


def test_nothing_typed_is_none_where_the_date_is_optional():
    assert field(required=False).clean(["", "", ""]) is None


def test_nothing_typed_asks_for_the_date_where_it_is_required():
    assert refusal(["", " ", ""]) == ("Enter the date of the review", None)


@pytest.mark.parametrize(
    ("typed", "message", "parts"),
    [
        (["", "3", "2025"], "Date of the review must include a day", ("day",)),
        (["", "", "2025"], "Date of the review must include a day and month", ("day", "month")),
        (["7", "3", ""], "Date of the review must include a year", ("year",)),
        (["7", "3", "25"], "Year must include 4 numbers", ("year",)),
        (["7", "13", "2025"], "Date of the review must be a real date", ("month",)),
        (["x", "3", "2025"], "Date of the review must be a real date", ("day",)),
        (["99", "99", "2025"], "Date of the review must be a real date", ("day", "month")),
        (["31", "6", "2025"], "Date of the review must be a real date", ("day",)),
        (["29", "feb", "2025"], "Date of the review must be a real date", ("day",)),
        (["7", "ma", "2025"], "Date of the review must be a real date", ("month",)),
        (["7", "3", "0000"], "Date of the review must be a real date", ("year",)),
        (["7", "3", "0001"], "Year must be between 1900 and 2199", ("year",)),
        (["31", "12", "9999"], "Year must be between 1900 and 2199", ("year",)),
        (["7", "3", "²⁰²⁵"], "Date of the review must be a real date", ("year",)),
    ],
)
def test_what_is_wrong_is_said_and_the_boxes_named(typed, message, parts):
    assert refusal(typed) == (message, parts)


def test_a_day_before_the_earliest_is_refused():
    message, _ = refusal(["31", "8", "2024"], earliest=date(2024, 9, 1))
    assert message == "Date of the review must be on or after 1 September 2024"


def test_a_day_after_the_latest_is_refused_and_the_limit_may_be_a_function():
    message, _ = refusal(["2", "1", "2025"], latest=lambda: date(2025, 1, 1))
    assert message == "Date of the review must be on or before 1 January 2025"


def test_the_limits_themselves_are_allowed():
    limited = field(earliest=date(2025, 1, 1), latest=date(2025, 1, 1))
    assert limited.clean(["1", "1", "2025"]) == date(2025, 1, 1)


def test_a_message_of_its_own_wins():
    message, _ = refusal(["", "", ""], error_messages={"required": "Enter when it was reviewed"})
    assert message == "Enter when it was reviewed"


def test_without_a_description_the_label_serves():
    with pytest.raises(ValidationError, match="Enter the date of birth of the policy"):
        GovukDateField(label="Date of birth of the policy").clean(["", "", ""])


@given(st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)))
def test_every_date_survives_being_shown_and_read_again(day):
    shown = field().widget.decompress(day)
    shown[2] = f"{shown[2]:04}"
    assert field().clean(shown) == day


@given(st.lists(st.text(max_size=6), min_size=3, max_size=3))
def test_whatever_is_typed_gives_a_date_or_a_message_and_nothing_worse(typed):
    with suppress(ValidationError):
        assert isinstance(field().clean(typed), date)


def test_a_line_break_counts_as_one_character():
    assert LongTextField(max_length=3).clean("a\r\nb") == "a\nb"


def test_one_character_too_many_is_refused():
    with pytest.raises(ValidationError):
        LongTextField(max_length=3).clean("a\r\nbc")
