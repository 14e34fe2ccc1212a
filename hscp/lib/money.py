"""Pounds and pence, read from what people type and written as people read them: ``Decimal``, never ``float``."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

MOST = Decimal("9999999999.99")  # what a column of 12 digits holds
# Thousands with commas or without, pence with two figures, a minus before or after the pound sign.
AMOUNT = re.compile(
    r"(?P<minus>[-−–]?)£?(?P<late_minus>[-−–]?)"
    r"(?P<pounds>\d{1,3}(?:,\d{3})+|\d+)(?:\.(?P<pence>\d+))?",
    re.ASCII,
)


class NotMoney(ValueError):
    """The text is no amount of money. The sentence is ready to show."""


def read_pounds(text: str) -> Decimal:
    """The amount that ``text`` says: "£1,234.50", "1234.5" and "1 234" are all read. Raises ``NotMoney``."""
    found = AMOUNT.fullmatch("".join(text.split()))
    if found is None or (found["minus"] and found["late_minus"]):
        raise NotMoney("must be an amount of money, like 1,234.50")
    pence = found["pence"] or "0"
    if len(pence) > 2:
        raise NotMoney("must have no more than two figures for the pence, like 1,234.50")
    amount = Decimal(f"{found['pounds'].replace(',', '')}.{pence:0<2}")
    if amount > MOST:
        raise NotMoney(f"must be {pounds(MOST)} or less")
    return -amount if found["minus"] or found["late_minus"] else amount


def pounds(amount: Decimal) -> str:
    """``amount`` as people read it: "£1,234.50", "−£20.00"."""
    return f"{'−' if amount < 0 else ''}£{abs(amount):,.2f}"


class MoneyField(forms.Field):
    """An amount as people type it. Cleans to ``Decimal`` pounds, or to ``empty_value`` (nothing) if it is left empty.

    ``describe`` begins the sentences that people see; without it the label serves. Amounts below nothing are refused
    unless ``may_be_negative``.
    """

    widget = forms.TextInput

    def __init__(
        self,
        *,
        describe: str = "",
        may_be_negative: bool = False,
        empty_value: Decimal = Decimal("0.00"),
        **kwargs: Any,
    ) -> None:
        self.describe = describe or str(kwargs.get("label") or "The amount")
        self.may_be_negative, self.empty_value = may_be_negative, empty_value
        kwargs.setdefault("widget", forms.TextInput({"inputmode": "decimal", "class": "govuk-input--width-10"}))
        super().__init__(**kwargs)

    def prepare_value(self, value: Any) -> Any:
        return f"{value:,.2f}" if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            amount = read_pounds(text)
        except NotMoney as error:
            raise ValidationError(f"{self.describe} {error}", code="invalid") from error
        if amount < 0 and not self.may_be_negative:
            raise ValidationError(f"{self.describe} must be £0 or more", code="negative")
        return amount

    def clean(self, value: Any) -> Decimal:
        amount = super().clean(value)
        return self.empty_value if amount is None else amount

    def has_changed(self, initial: Any, data: Any) -> bool:
        return str(self.prepare_value(initial) or "") != str(data or "")
