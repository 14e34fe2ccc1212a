"""The partnership's money by financial year: who contributes what, what is planned by heading, what has been spent.

Every amount is a ``Decimal`` of pounds and pence.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from partnership.choices import BudgetYearStatus
from partnership.engine import access
from partnership.models.people import Organisation, User

NOTHING = Decimal("0.00")
APRIL = 4


def money(**options: Any) -> models.DecimalField:
    """A column for pounds and pence, up to ten thousand million pounds; nothing, unless said otherwise."""
    return models.DecimalField(max_digits=12, decimal_places=2, default=NOTHING, **options)


def financial_year(on: date) -> int:
    """The financial year that the day falls in, by the year in which it started (1 April)."""
    return on.year if on.month >= APRIL else on.year - 1


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class FinancialYear(models.Model):
    """A year of the budget, from 1 April to 31 March. Closing it carries its balance into the next."""

    start = models.PositiveSmallIntegerField(unique=True, help_text="The year in which it starts")
    carried_in = money(help_text="What was left of the year before; negative if it was overspent")
    status = models.CharField(max_length=10, choices=BudgetYearStatus, default=BudgetYearStatus.OPEN)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["-start"]
        constraints = [
            models.CheckConstraint(name="financialyear_of_our_time", condition=Q(start__gte=2000, start__lte=2099))
        ]

    def __str__(self) -> str:
        return f"Budget {self.label}"

    def get_absolute_url(self) -> str:
        return reverse("budget_year", args=[self.start])

    @property
    def label(self) -> str:
        """The year as people write it: "2026-27"."""
        return f"{self.start}-{(self.start + 1) % 100:02d}"

    @property
    def next_label(self) -> str:
        """The label of the year after."""
        return FinancialYear(start=self.start + 1).label

    @property
    def first_day(self) -> date:
        return date(self.start, APRIL, 1)

    @property
    def last_day(self) -> date:
        return date(self.start + 1, APRIL - 1, 31)

    def contains(self, day: date) -> bool:
        """Whether ``day`` falls in this year."""
        return self.first_day <= day <= self.last_day


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Contribution(models.Model):
    """What an organisation gives in a year: agreed, invoiced, received; and in kind, which is not counted as money."""

    year = models.ForeignKey(FinancialYear, models.PROTECT, related_name="contributions")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="contributions")
    agreed = money()
    invoiced = money()
    received = money()
    in_kind = money(help_text="What the help in kind is worth")
    in_kind_what = models.CharField("in kind: what", max_length=200, blank=True)

    class Meta:
        ordering = ["-agreed", "organisation__name", "pk"]
        constraints = [
            models.UniqueConstraint(name="contribution_once_a_year", fields=["year", "organisation"]),
            models.CheckConstraint(
                name="contribution_not_negative",
                condition=Q(agreed__gte=0, invoiced__gte=0, received__gte=0, in_kind__gte=0),
            ),
            models.CheckConstraint(name="contribution_in_kind_says_what", condition=Q(in_kind=0) | ~Q(in_kind_what="")),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.year.label}"


class BudgetHeading(models.Model):
    """What money is spent on: staff, training. One that is not in use is kept for the years that used it."""

    name = models.CharField(max_length=80, unique=True, error_messages={"unique": "There is a heading of this name"})
    order = models.PositiveSmallIntegerField(default=0)
    in_use = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "name", "pk"]

    def __str__(self) -> str:
        return self.name


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class BudgetLine(models.Model):
    """What is planned to be spent under a heading in a year."""

    year = models.ForeignKey(FinancialYear, models.PROTECT, related_name="lines")
    heading = models.ForeignKey(BudgetHeading, models.PROTECT, related_name="lines")
    budget = money()

    class Meta:
        ordering = ["heading__order", "heading__name", "pk"]
        constraints = [
            models.UniqueConstraint(name="budgetline_once_a_year", fields=["year", "heading"]),
            models.CheckConstraint(name="budgetline_not_negative", condition=Q(budget__gte=0)),
        ]

    def __str__(self) -> str:
        return f"{self.heading}, {self.year.label}"


class SpendEntry(models.Model):
    """Money spent under a line, or a correction of it. Never changed or deleted: a mistake gets an entry against it."""

    line = models.ForeignKey(BudgetLine, models.PROTECT, related_name="entries")
    spent_on = models.DateField()
    amount = money(help_text="Negative for money that came back or a correction")
    what = models.CharField(max_length=200)
    reason = models.CharField(max_length=300, blank=True, help_text="Why money was taken off again")
    corrects = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="corrections")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-spent_on", "-pk"]
        verbose_name_plural = "spend entries"
        constraints = [
            models.CheckConstraint(name="spendentry_not_nothing", condition=~Q(amount=0)),
            models.CheckConstraint(name="spendentry_negative_has_a_reason", condition=Q(amount__gt=0) | ~Q(reason="")),
            models.CheckConstraint(name="spendentry_not_of_itself", condition=~Q(corrects=F("pk"))),
        ]
        triggers = [pgtrigger.Protect(name="spendentry_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.what
