"""Pounds and pence, as people type them and read them."""

from contextlib import suppress
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from hscp.lib.money import MOST, MoneyField, NotMoney, pounds, read_pounds


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("£1,234.50", "1234.50"),
        ("1234.5", "1234.50"),
        (" £ 1 234 ", "1234.00"),
        ("0", "0.00"),
        ("12,345,678", "12345678.00"),
        ("-£20", "-20.00"),
        ("£-20", "-20.00"),
        ("−20.00", "-20.00"),
    ],
)
def test_an_amount_is_read_however_people_type_it(text, amount):
    assert read_pounds(text) == Decimal(amount)
    assert read_pounds(text).as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a lot", "must be an amount of money"),
        ("12,34", "must be an amount of money"),
        ("1.2.3", "must be an amount of money"),
        ("$5", "must be an amount of money"),
        ("1e5", "must be an amount of money"),
        ("NaN", "must be an amount of money"),
        ("-£-5", "must be an amount of money"),
        ("١٢", "must be an amount of money"),
        ("1.234", "no more than two figures for the pence"),
        ("10000000000", "£9,999,999,999.99 or less"),
    ],
)
def test_nonsense_is_refused_with_a_reason(text, complaint):
    with pytest.raises(NotMoney, match=complaint):
        read_pounds(text)


@given(st.decimals(min_value=-MOST, max_value=MOST, places=2))
def test_what_is_written_is_read_again(amount):
    assert read_pounds(pounds(amount)) == amount


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_is_refused(text):
    with suppress(NotMoney):
        assert isinstance(read_pounds(text), Decimal)


def test_a_field_says_whose_amount_is_wrong():
    field = MoneyField(label="Agreed", describe="The amount agreed", required=False)
    assert field.clean("") == Decimal("0.00")
    with pytest.raises(ValidationError, match="The amount agreed must be £0 or more"):
        field.clean("-5")
    with pytest.raises(ValidationError, match="The amount agreed must be an amount of money"):
        field.clean("five")
