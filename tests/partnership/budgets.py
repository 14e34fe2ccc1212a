"""Years of the budget for tests."""

from decimal import Decimal

from partnership.models import BudgetHeading, BudgetLine, Contribution, FinancialYear, Organisation, SpendEntry
from tests.factories import OrganisationFactory


def make_year(start: int = 2026, **fields) -> FinancialYear:
    return FinancialYear.objects.create(start=start, **fields)


def make_line(year: FinancialYear, budget: str = "1000.00", heading: str = "Training") -> BudgetLine:
    found, _ = BudgetHeading.objects.get_or_create(name=heading)
    return BudgetLine.objects.create(year=year, heading=found, budget=Decimal(budget))


def give(year: FinancialYear, organisation: Organisation | None = None, **amounts: str) -> Contribution:
    """A contribution; ``agreed``, ``received`` and so on are amounts in pounds."""
    giver = organisation or OrganisationFactory()
    return Contribution.objects.create(
        year=year, organisation=giver, **{name: Decimal(amount) for name, amount in amounts.items()}
    )


def spend(line: BudgetLine, amount: str = "100.00", **fields) -> SpendEntry:
    """An entry on the first day of the line's year."""
    defaults = {"spent_on": line.year.first_day, "what": "Venue", "amount": Decimal(amount)}
    return SpendEntry.objects.create(line=line, **defaults | fields)
