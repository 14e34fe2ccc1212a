"""Charts drawn on the server: bars as SVG, each under its words. Put the table with the same figures beside each.

Drawn by hand rather than by a library: what such a library draws brings its own styles and scripts inside, which the
portal's policy forbids, and its words do not wrap on a narrow screen.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

FILL, OVER = "#0b5a70", "#b3261e"


@dataclass(frozen=True, slots=True)
class Value:
    """One bar: what it stands for, how long it is, its figure in words, and a length to compare it with, if any."""

    label: str
    amount: Decimal
    words: str
    against: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar as drawn: ``width`` and ``track`` (what it is compared with) are percentages of the picture's width."""

    label: str
    words: str
    width: float
    track: float
    fill: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars under each other, and what they show."""

    title: str
    bars: list[Bar]


def chart(title: str, values: Iterable[Value]) -> Chart:
    """A chart of ``values``, the longest of which fills the width. A bar longer than what it is compared with is red;
    an amount below nothing has no bar."""
    rows = list(values)
    longest = max((max(row.amount, row.against or Decimal(0)) for row in rows), default=Decimal(0))
    return Chart(title, [_bar(row, longest) for row in rows])


def _bar(row: Value, longest: Decimal) -> Bar:
    is_over = row.against is not None and row.amount > row.against
    fill = OVER if is_over else FILL
    return Bar(row.label, row.words, _share(row.amount, longest), _share(row.against, longest), fill)


def _share(amount: Decimal | None, longest: Decimal) -> float:
    return round(float(100 * max(amount or Decimal(0), Decimal(0)) / longest), 2) if longest > 0 else 0.0
