"""Five years of the demo's budget, the last of them open. Every amount is invented."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone

from partnership.budget import totals_of
from partnership.choices import BudgetYearStatus, OrganisationKind, Role
from partnership.models import (
    BudgetHeading,
    BudgetLine,
    Contribution,
    FinancialYear,
    Organisation,
    SpendEntry,
    StatusChange,
    User,
)
from partnership.models.budget import financial_year
from partnership.moves import CLOSE_YEAR

SEED = 1610
YEARS = 5
CARRIED_IN = Decimal("18250.40")  # into the first of them

# What each statutory seat agrees in the first year, and what others give, in pounds; a little more each year.
SEATS = {OrganisationKind.COUNCIL: 132_000, OrganisationKind.HEALTH: 96_000, OrganisationKind.POLICE: 58_500}
OTHERS = {
    "Probation Service, East of England": 4_200,
    "Children and Family Court Advisory and Support Service": 1_100,
    "Dacorum Borough Council": 2_500,
    "Stevenage Borough Council": 2_500,
    "Watford Borough Council": 2_500,
}
IN_KIND = {
    OrganisationKind.COUNCIL: ("Rooms, payroll and IT for the business unit", 14_000),
    OrganisationKind.POLICE: ("A trainer for six days", 3_600),
}
RISE = Decimal("0.025")  # a year

# Heading, budget of the first year, what is paid for and how many times a year.
HEADINGS = (
    ("Staff", 178_000, "Salaries and on-costs of the business unit", 12),
    ("Independent scrutineer", 24_000, "Fees of the independent scrutineer", 4),
    ("Training", 41_000, "Multi-agency training days", 8),
    ("Reviews of practice", 36_000, "Reviewers’ fees", 5),
    ("Production costs", 17_500, "Printing, films and the play for schools", 6),
)


def load(on: date) -> None:
    """The years up to the one that ``on`` falls in; all but that one closed."""
    chance = random.Random(SEED)
    unit = User.objects.holding(Role.BUSINESS_UNIT, on=on).order_by("pk").first()
    headings = BudgetHeading.objects.bulk_create(
        BudgetHeading(name=name, order=order) for order, (name, *_) in enumerate(HEADINGS, start=1)
    )
    last, carried_in = financial_year(on), CARRIED_IN
    for number, start in enumerate(range(last - YEARS + 1, last + 1)):
        year = FinancialYear.objects.create(start=start, carried_in=carried_in)
        _contribute(year, number, on, chance)
        _spend(year, number, headings, on, unit, chance)
        carried_in = totals_of([year])[year.pk].balance
        if start < last:
            _close(year, unit)


def _close(year: FinancialYear, by: User | None) -> None:
    year.status = BudgetYearStatus.CLOSED
    year.save(update_fields=["status"])
    at = timezone.make_aware(datetime.combine(year.last_day + timedelta(days=37), time(14, 5)))
    StatusChange.objects.create(about=year, verb=CLOSE_YEAR.verb, from_status="open", to_status="closed", by=by, at=at)


def _risen(amount: int, number: int) -> Decimal:
    """An amount after a number of yearly rises, in whole ten pounds."""
    return (Decimal(amount) * (1 + RISE) ** number / 10).quantize(Decimal(1)) * 10


def _contribute(year: FinancialYear, number: int, on: date, chance: random.Random) -> None:
    Contribution.objects.bulk_create(
        Contribution(year=year, organisation=giver, agreed=agreed, **_paid(year, agreed, on, chance), **_helps(giver))
        for giver, agreed in _givers(year, number)
    )


def _givers(year: FinancialYear, number: int) -> Iterator[tuple[Organisation, Decimal]]:
    """Who gives, and what they agree. Where a seat is held by several bodies, each gives its part."""
    there = Organisation.objects.existing_on(year.first_day)
    for kind, amount in SEATS.items():
        bodies = list(there.filter(kind=kind, is_statutory_partner=True))
        for body in bodies:
            yield body, (_risen(amount, number) / len(bodies)).quantize(Decimal("0.01"))
    for body in there.filter(name__in=OTHERS):
        yield body, _risen(OTHERS[body.name], number)


def _paid(year: FinancialYear, agreed: Decimal, on: date, chance: random.Random) -> dict[str, Decimal]:
    """All is paid in a year that is over; in the one that runs, most has been invoiced and part of it has come."""
    if year.last_day < on:
        return {"invoiced": agreed, "received": agreed}
    share = chance.choice([Decimal(1), Decimal(1), Decimal("0.5"), Decimal(0)])
    return {"invoiced": agreed, "received": (agreed * share).quantize(Decimal("0.01"))}


def _helps(giver: Organisation) -> dict[str, object]:
    what, worth = IN_KIND.get(OrganisationKind(giver.kind), ("", 0)) if giver.is_statutory_partner else ("", 0)
    return {"in_kind_what": what, "in_kind": Decimal(worth)}


def _spend(
    year: FinancialYear, number: int, headings: list[BudgetHeading], on: date, by: User | None, chance: random.Random
) -> None:
    lines = BudgetLine.objects.bulk_create(
        BudgetLine(year=year, heading=heading, budget=_risen(budget, number))
        for heading, (_, budget, *_) in zip(headings, HEADINGS, strict=True)
    )
    SpendEntry.objects.bulk_create(
        entry
        for line, (_, _, what, times) in zip(lines, HEADINGS, strict=True)
        for entry in _entries(line, what, times, on, by, chance)
    )
    _correct(year, by)


def _entries(
    line: BudgetLine, what: str, times: int, on: date, by: User | None, chance: random.Random
) -> Iterator[SpendEntry]:
    """Payments of about equal size over the year, as far as it has come."""
    for n in range(times):
        day = line.year.first_day + timedelta(days=(n + 1) * 360 // times - chance.randrange(1, 9))
        wanted = line.budget / times * Decimal(chance.randrange(88, 108)) / 100
        if day <= on:
            yield SpendEntry(
                line=line, spent_on=day, amount=wanted.quantize(Decimal("0.01")), what=what, recorded_by=by
            )


def _correct(year: FinancialYear, by: User | None) -> None:
    """One payment of each year was entered too high, and put right."""
    entry = SpendEntry.objects.filter(line__year=year, line__heading__name="Training").order_by("spent_on").first()
    if entry is not None:
        SpendEntry.objects.create(
            line=entry.line,
            spent_on=entry.spent_on,
            amount=Decimal("-120.00"),
            what=f"Correction: {entry.what}",
            reason="The venue was invoiced twice",
            corrects=entry,
            recorded_by=by,
        )
