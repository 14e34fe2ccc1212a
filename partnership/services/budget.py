"""The budget: years opened and closed, contributions agreed and received, spend planned, recorded and corrected."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.formats import date_format

from hscp.lib.fingerprint import fingerprint as fingerprint_of
from partnership.budget import totals_of
from partnership.choices import BudgetYearStatus
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import Move, MoveNotAllowed, TooLate, lock, take
from partnership.models import (
    BudgetHeading,
    BudgetLine,
    Contribution,
    FinancialYear,
    Organisation,
    SpendEntry,
    User,
)
from partnership.models.budget import NOTHING
from partnership.moves import CLOSE_YEAR, REOPEN_YEAR
from partnership.organisations import current_body
from partnership.permissions import Perm
from partnership.texts import refuse_identifying

CHANGE_YEAR = Move(  # asked for, never taken
    "change the budget of this year", {BudgetYearStatus.OPEN}, BudgetYearStatus.OPEN, Perm.MANAGE_BUDGET
)
USUAL_HEADINGS = Path(__file__).parents[1] / "data" / "budget_headings.txt"
AMOUNTS = ("agreed", "invoiced", "received", "in_kind")


# --- Years ------------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_year(start: int, *, by: User | None, like_last_year: bool = False) -> FinancialYear:
    """A new year, with a line for every heading in use. If the year before is closed, its balance is carried in.

    ``like_last_year`` starts it with last year's budget and with the amounts agreed then, each of the body that there
    is now. Raises ``ValidationError`` if the year is there, ``PermissionDenied``.
    """
    if by is not None and not by.has_perm(Perm.MANAGE_BUDGET):
        raise PermissionDenied(f"{by} may not add a year")
    last = FinancialYear.objects.select_for_update().filter(start=start - 1).first()
    year = _insert_year(start, carried_in=_carried_on(last))
    planned = dict(last.lines.values_list("heading", "budget")) if last and like_last_year else {}
    BudgetLine.objects.bulk_create(
        BudgetLine(year=year, heading=heading, budget=planned.get(heading.pk, NOTHING)) for heading in _headings()
    )
    if last and like_last_year:
        _agree_as_last_year(year, last)
    return year


def _insert_year(start: int, *, carried_in: Decimal) -> FinancialYear:
    try:
        with transaction.atomic():
            return FinancialYear.objects.create(start=start, carried_in=carried_in)
    except IntegrityError as error:
        raise ValidationError({"start": "There is a budget for this year already"}) from error


def _carried_on(last: FinancialYear | None) -> Decimal:
    is_closed = last is not None and last.status == BudgetYearStatus.CLOSED
    return totals_of([last])[last.pk].balance if last is not None and is_closed else NOTHING


def _headings() -> list[BudgetHeading]:
    """The headings in use; the usual ones are made where there are none at all."""
    if not BudgetHeading.objects.exists():
        names = USUAL_HEADINGS.read_text(encoding="utf-8").splitlines()
        BudgetHeading.objects.bulk_create(BudgetHeading(name=name, order=n) for n, name in enumerate(names, start=1))
    return list(BudgetHeading.objects.filter(in_use=True))


def _agree_as_last_year(year: FinancialYear, last: FinancialYear) -> None:
    agreed: dict[Organisation, Decimal] = {}
    for row in last.contributions.select_related("organisation__successor__successor"):
        body = current_body(row.organisation, on=year.first_day)
        if body is not None and row.agreed:
            agreed[body] = agreed.get(body, NOTHING) + row.agreed
    for body, amount in agreed.items():
        Contribution.objects.create(year=year, organisation=body, agreed=amount)


def follows_a_closed_year(year: FinancialYear) -> bool:
    """Whether the year before is closed, so that its balance is what was carried in."""
    return FinancialYear.objects.filter(start=year.start - 1, status=BudgetYearStatus.CLOSED).exists()


def set_carried_in(year: FinancialYear, *, by: User, loaded: str, amount: Decimal) -> FinancialYear:
    """Write what was carried in, where no closed year before says it.

    Raises ``ValidationError`` where one does, ``ChangedMeanwhile``, ``MoveNotAllowed`` (closed), ``PermissionDenied``.
    """
    with transaction.atomic():
        locked = _open(year, by)
        if follows_a_closed_year(locked):
            raise ValidationError({"amount": "The year before is closed, and its balance was carried in"})
        _check_unchanged(loaded, {"amount": locked.carried_in})
        locked.carried_in = amount
        locked.save(update_fields=["carried_in"])
        return locked


@transaction.atomic
def close_year(year: FinancialYear, *, by: User | None) -> FinancialYear:
    """Close it and carry its balance into the next year, which is made if it is not there.

    Raises ``ValidationError`` if the year before is open still or the next one is closed, ``MoveNotAllowed``,
    ``PermissionDenied``.
    """
    locked = take(CLOSE_YEAR, year, by=by)
    _check_order(locked)
    balance = totals_of([locked])[locked.pk].balance
    following = FinancialYear.objects.select_for_update().filter(start=locked.start + 1).first()
    if following is None:
        add_year(locked.start + 1, by=by)
    else:
        following.carried_in = balance
        following.save(update_fields=["carried_in"])
    return locked


def _check_order(year: FinancialYear) -> None:
    years = FinancialYear.objects.all()
    if years.filter(start=year.start - 1, status=BudgetYearStatus.OPEN).exists():
        raise ValidationError("Close the year before first: its balance is carried into this one.")
    _check_next_is_open(year)


def _check_next_is_open(year: FinancialYear) -> None:
    if FinancialYear.objects.filter(start=year.start + 1, status=BudgetYearStatus.CLOSED).exists():
        raise ValidationError("The next year is closed: reopen that one first.")


@transaction.atomic
def reopen_year(year: FinancialYear, *, by: User, note: str) -> FinancialYear:
    """Open it again, with the reason; what was carried into the next year changes when it is closed again.

    Raises ``ValidationError`` if the next year is closed, ``NoteRequired``, ``MoveNotAllowed``, ``PermissionDenied``.
    """
    refuse_identifying(note=note)
    locked = take(REOPEN_YEAR, year, by=by, note=note)
    _check_next_is_open(locked)
    return locked


def _open(year: FinancialYear, by: User | None) -> FinancialYear:
    """The locked year, if ``by`` may change it now. Raises ``PermissionDenied`` or ``MoveNotAllowed``."""
    locked = lock(year)
    if by is not None and not by.has_perm(Perm.MANAGE_BUDGET, locked):
        raise PermissionDenied(f"{by} may not {CHANGE_YEAR.verb}")
    if locked.status not in CHANGE_YEAR.sources:
        raise MoveNotAllowed(CHANGE_YEAR, locked)
    return locked


# --- Two editors ------------------------------------------------------------------------------------------------------


def fingerprint(values: Mapping[str, Any]) -> str:
    """A short hash of what a form was loaded with."""
    return fingerprint_of([*values.items()])


def _check_unchanged(loaded: str, current: Mapping[str, Any]) -> None:
    if loaded != (now := fingerprint(current)):
        raise ChangedMeanwhile(current, now)


# --- Contributions ----------------------------------------------------------------------------------------------------


def values_of(contribution: Contribution | None) -> dict[str, Any]:
    """What can be changed of a contribution, by field; of one that is not there yet, nothing given."""
    row = contribution or Contribution()
    return {name: getattr(row, name) for name in (*AMOUNTS, "in_kind_what")}


def add_contribution(year: FinancialYear, organisation: Organisation, *, by: User, **values: Any) -> Contribution:
    """What ``organisation`` gives in ``year``. Raises ``ValidationError`` if it is there already or something is wrong
    with ``values``, ``MoveNotAllowed`` (the year is closed), ``PermissionDenied``."""
    _check_contribution(values)
    with transaction.atomic():
        locked = _open(year, by)
        if locked.contributions.filter(organisation=organisation).exists():
            raise ValidationError({"organisation": f"{organisation} has a line in this year already: change that one"})
        made: Contribution = Contribution.objects.create(year=locked, organisation=organisation, **values)
        return made


def change_contribution(contribution: Contribution, *, by: User, loaded: str, **values: Any) -> Contribution:
    """Change what somebody gives. Raises ``ChangedMeanwhile``, and as ``add_contribution``."""
    _check_contribution(values)
    with transaction.atomic():
        _open(contribution.year, by)
        row = lock(contribution)
        _check_unchanged(loaded, values_of(row))
        for name, value in values.items():
            setattr(row, name, value)
        row.save(update_fields=list(values))
        return row


def remove_contribution(contribution: Contribution, *, by: User) -> None:
    """Take a line away that should not be there. Raises ``ValidationError`` if money has come, ``MoveNotAllowed``,
    ``TooLate``, ``PermissionDenied``."""
    with transaction.atomic():
        _open(contribution.year, by)
        row = lock(contribution)
        if row.received:
            raise ValidationError("Money has been received from them: change the line instead of removing it.")
        row.delete()


def _check_contribution(values: Mapping[str, Any]) -> None:
    if values["in_kind"] and not values["in_kind_what"].strip():
        raise ValidationError({"in_kind_what": "Enter what is given in kind"})
    refuse_identifying(in_kind_what=values["in_kind_what"])


# --- Spend, planned ---------------------------------------------------------------------------------------------------


def plan_of(year: FinancialYear) -> dict[str, Decimal]:
    """What is planned by heading: amounts by the heading's key (as text), for every heading in use or planned for."""
    planned = dict(year.lines.values_list("heading", "budget"))
    headings = BudgetHeading.objects.all()
    return {str(each.pk): planned.get(each.pk, NOTHING) for each in headings if each.in_use or each.pk in planned}


def set_plan(year: FinancialYear, *, by: User, loaded: str, planned: Mapping[str, Decimal]) -> None:
    """Write what is planned by heading. Raises ``ChangedMeanwhile``, ``MoveNotAllowed``, ``PermissionDenied``."""
    with transaction.atomic():
        locked = _open(year, by)
        _check_unchanged(loaded, plan_of(locked))
        for heading, amount in planned.items():
            BudgetLine.objects.update_or_create(year=locked, heading_id=int(heading), defaults={"budget": amount})


# --- Spend, recorded --------------------------------------------------------------------------------------------------


@transaction.atomic
def record_spend(
    year: FinancialYear,
    heading: BudgetHeading,
    *,
    by: User | None,
    spent_on: date,
    amount: Decimal,
    what: str,
    reason: str = "",
    corrects: SpendEntry | None = None,
) -> SpendEntry:
    """Record money spent, or come back (``amount`` below nothing, with the reason). Entries never change.

    Raises ``ValidationError`` for a day outside the year, an amount of nothing, a text that identifies somebody, or a
    negative amount without a reason; ``MoveNotAllowed`` (closed), ``PermissionDenied``.
    """
    locked = _open(year, by)
    _check_entry(locked, spent_on, amount, reason)
    refuse_identifying(what=what, reason=reason)
    line, _ = BudgetLine.objects.get_or_create(year=locked, heading=heading)
    entry: SpendEntry = SpendEntry.objects.create(
        line=line,
        spent_on=spent_on,
        amount=amount,
        what=what.strip(),
        reason=reason.strip(),
        corrects=corrects,
        recorded_by=by,
    )
    return entry


def _check_entry(year: FinancialYear, spent_on: date, amount: Decimal, reason: str) -> None:
    if not year.contains(spent_on):
        first, last = (date_format(day, "j F Y") for day in (year.first_day, year.last_day))
        raise ValidationError({"spent_on": f"The date must be from {first} to {last}"})
    if not amount:
        raise ValidationError({"amount": "The amount must not be nothing"})
    if amount < 0 and not reason.strip():
        raise ValidationError({"reason": "Enter why money is taken off again"})


def amount_now(entry: SpendEntry) -> Decimal:
    """What an entry stands at with its corrections. One query."""
    corrected = entry.corrections.aggregate(total=Sum("amount"))["total"] or NOTHING
    return Decimal(entry.amount + corrected)


@transaction.atomic
def correct_spend(entry: SpendEntry, *, by: User, seen: Decimal, right_amount: Decimal, reason: str) -> SpendEntry:
    """Put a wrong amount right by an entry for the difference, on the same day and line, with the reason.

    ``entry`` is the first one, not a correction; ``seen`` is what it stood at when the form was loaded. Raises
    ``ValidationError`` without a reason or a difference, ``TooLate`` if somebody has corrected it since,
    ``MoveNotAllowed`` (closed), ``PermissionDenied``.
    """
    year = _open(entry.line.year, by)
    if amount_now(entry) != seen:
        raise TooLate("Somebody has corrected this entry while you were working on it.")
    if not reason.strip():
        raise ValidationError({"reason": "Enter what was wrong"})
    if right_amount == seen:
        raise ValidationError({"right_amount": "The right amount must be another than the one recorded"})
    return record_spend(
        year,
        entry.line.heading,
        by=by,
        spent_on=entry.spent_on,
        amount=right_amount - seen,
        what=f"Correction: {entry.what}"[:200],
        reason=reason,
        corrects=entry,
    )
