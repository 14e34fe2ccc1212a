"""The budget, read: totals of years, who gives what share and how that changed, spend by heading. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import DecimalField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce

from hscp.lib.money import pounds
from partnership.models import BudgetLine, Contribution, FinancialYear, Organisation, SpendEntry
from partnership.models.budget import NOTHING
from partnership.organisations import current_body

TENTH = Decimal("0.1")
GIVEN = ("agreed", "invoiced", "received", "in_kind")


def percentage(part: Decimal, whole: Decimal) -> Decimal | None:
    """``part`` of ``whole`` as a percentage to one decimal place (half up); None of nothing."""
    return (100 * part / whole).quantize(TENTH, ROUND_HALF_UP) if whole else None


# --- Totals -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Totals:
    """The sums of one year, in pounds."""

    carried_in: Decimal = NOTHING
    agreed: Decimal = NOTHING
    invoiced: Decimal = NOTHING
    received: Decimal = NOTHING
    in_kind: Decimal = NOTHING
    planned: Decimal = NOTHING
    spent: Decimal = NOTHING

    @property
    def available(self) -> Decimal:
        """What there is to spend if everyone pays what is agreed: with what was carried in."""
        return self.carried_in + self.agreed

    @property
    def spare(self) -> Decimal:
        """What is left of that after the planned spend; negative if it does not cover it."""
        return self.available - self.planned

    @property
    def balance(self) -> Decimal:
        """What is in hand: carried in and received, less what was spent."""
        return self.carried_in + self.received - self.spent

    @property
    def outstanding(self) -> Decimal:
        """What is agreed and not received."""
        return self.agreed - self.received

    @property
    def unspent(self) -> Decimal:
        """What is left of the plan; negative if more was spent."""
        return self.planned - self.spent

    @property
    def used(self) -> Decimal | None:
        """What is spent as a percentage of the plan; None where nothing was planned."""
        return percentage(self.spent, self.planned)

    @property
    def in_words(self) -> str:
        """Whether the agreed money covers the planned spend, as a sentence."""
        if not self.planned:
            return "No spend has been planned yet."
        carried = f", with {pounds(self.carried_in)} carried in," if self.carried_in else ""
        start = f"The money agreed ({pounds(self.agreed)}){carried}"
        if self.spare < 0:
            missing = f"{pounds(-self.spare)} is missing"
            return f"{start} does not cover the planned spend of {pounds(self.planned)}: {missing}."
        left = f"{pounds(self.spare)} is to spare" if self.spare else "nothing is to spare"
        return f"{start} covers the planned spend of {pounds(self.planned)}: {left}."


def totals_of(years: Iterable[FinancialYear]) -> dict[int, Totals]:
    """The totals of each of ``years``, by key. Three queries, whatever the number of years."""
    rows = {year.pk: year for year in years}
    sums: dict[int, dict[str, Decimal]] = defaultdict(dict)
    given = Contribution.objects.filter(year__in=rows).order_by().values_list("year")
    for year, *amounts in given.annotate(*(Sum(name) for name in GIVEN)):
        sums[year] |= dict(zip(GIVEN, amounts, strict=True))
    lines = BudgetLine.objects.filter(year__in=rows).order_by().values_list("year")
    for year, planned in lines.annotate(planned=Sum("budget")):
        sums[year]["planned"] = planned
    entries = SpendEntry.objects.filter(line__year__in=rows).order_by().values_list("line__year")
    for year, spent in entries.annotate(spent=Sum("amount")):
        sums[year]["spent"] = spent
    return {pk: Totals(carried_in=year.carried_in, **sums[pk]) for pk, year in rows.items()}


# --- Contributions ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Giver:
    """What one body gives in a year, with the bodies that it succeeds, and what they agreed the year before."""

    organisation: Organisation
    contributions: list[Contribution] = field(default_factory=list)
    before: Decimal | None = None
    share: Decimal | None = None

    def _sum(self, name: str) -> Decimal:
        return sum((getattr(row, name) for row in self.contributions), NOTHING)

    @property
    def agreed(self) -> Decimal:
        return self._sum("agreed")

    @property
    def invoiced(self) -> Decimal:
        return self._sum("invoiced")

    @property
    def received(self) -> Decimal:
        return self._sum("received")

    @property
    def in_kind(self) -> Decimal:
        return self._sum("in_kind")

    @property
    def in_kind_what(self) -> str:
        return "; ".join(row.in_kind_what for row in self.contributions if row.in_kind_what)

    @property
    def change(self) -> Decimal | None:
        """How much more is agreed than the year before; None if nothing was agreed then."""
        return None if self.before is None else self.agreed - self.before

    @property
    def change_in_percent(self) -> Decimal | None:
        return None if self.change is None or self.before is None else percentage(self.change, self.before)

    @property
    def former_bodies(self) -> list[Organisation]:
        """Those that gave under another name, or by a body that has ended since."""
        return [row.organisation for row in self.contributions if row.organisation != self.organisation]


def givers_of(year: FinancialYear) -> list[Giver]:
    """Who gives to ``year``, most first, and who gave the year before and does not now, last.

    A body that ended and the one that succeeded it are one line, under the name of the one there is at the year's end.
    Two queries (more only where a body has been succeeded more than twice).
    """
    now = _by_body(year.start, on=year.last_day)
    before = _by_body(year.start - 1, on=year.last_day)
    total = sum((row.agreed for rows in now.values() for row in rows), NOTHING)
    givers = []
    for body in {**now, **before}:
        giver = Giver(body, now.get(body, []))
        giver.before = sum((row.agreed for row in before[body]), NOTHING) if body in before else None
        giver.share = percentage(giver.agreed, total)
        givers.append(giver)
    return sorted(givers, key=lambda giver: (not giver.contributions, -giver.agreed, giver.organisation.name))


def change_of(givers: Iterable[Giver]) -> Decimal | None:
    """How much more is agreed by all together than the year before; None if nothing was agreed then."""
    rows = list(givers)
    before = [row.before for row in rows if row.before is not None]
    if not before:
        return None
    return sum((row.agreed for row in rows), NOTHING) - sum(before, NOTHING)


def _by_body(start: int, *, on: date) -> dict[Organisation, list[Contribution]]:
    """The contributions to the year that starts in ``start``, by the body that there is ``on`` a day."""
    found: dict[Organisation, list[Contribution]] = defaultdict(list)
    rows = Contribution.objects.filter(year__start=start).select_related("organisation__successor__successor")
    for row in rows:
        found[current_body(row.organisation, on=on) or row.organisation].append(row)
    return found


# --- Spend ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class HeadingSpend:
    """A heading of a year: what is planned, what is spent."""

    line: BudgetLine
    spent: Decimal

    @property
    def name(self) -> str:
        return str(self.line.heading)

    @property
    def budget(self) -> Decimal:
        planned: Decimal = self.line.budget
        return planned

    @property
    def variance(self) -> Decimal:
        """What is left of the plan; negative if more was spent."""
        return self.budget - self.spent

    @property
    def used(self) -> Decimal | None:
        """What is spent as a percentage of the plan; None where nothing was planned."""
        return percentage(self.spent, self.budget)


def spend_of(year: FinancialYear) -> list[HeadingSpend]:
    """Spend against budget by heading, in the order of the headings. One query."""
    entries = SpendEntry.objects.filter(line=OuterRef("pk")).order_by().values("line")
    spent = Subquery(entries.annotate(total=Sum("amount")).values("total"))
    money = DecimalField(max_digits=14, decimal_places=2)
    lines = year.lines.select_related("heading").annotate(spent=Coalesce(spent, NOTHING, output_field=money))
    return [HeadingSpend(line, line.spent) for line in lines]
