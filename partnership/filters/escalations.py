"""Filters of the list of professional differences."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from hscp.lib.forms import GovukFilterForm
from partnership.choices import EscalationStatus
from partnership.models import Escalation, EscalationTheme, FinancialYear, Organisation
from partnership.models.budget import financial_year

UNSETTLED, OVERDUE = "unsettled", "overdue"
STATUSES = [(UNSETTLED, "Not settled"), (OVERDUE, "Overdue"), *EscalationStatus.choices]
FIRST_YEAR = 2019  # of the partnership as it is


def years() -> list[tuple[int, str]]:
    """The financial years to choose from, the newest first."""
    newest = financial_year(timezone.localdate())
    return [(year, FinancialYear(start=year).label) for year in range(newest, FIRST_YEAR - 1, -1)]


def agencies_in(escalations: QuerySet[Escalation]) -> list[tuple[int, str]]:
    """The agencies of either side, as choices. One query."""
    sides = Q(pk__in=escalations.order_by().values("raising_organisation"))
    sides |= Q(pk__in=escalations.order_by().values("other_organisation"))
    return list(Organisation.objects.filter(sides).values_list("pk", "name"))


class EscalationFilter(filters.FilterSet):
    """Which differences."""

    status = filters.ChoiceFilter(label="Status", choices=STATUSES, empty_label="Any status", method="with_status")
    stage = filters.ChoiceFilter(label="Stage", field_name="stage__order", empty_label="Any stage")
    theme = filters.ModelChoiceFilter(label="Theme", queryset=EscalationTheme.objects.all(), empty_label="Any theme")
    agency = filters.ChoiceFilter(label="Agency, of either side", empty_label="Any agency", method="of_agency")
    year = filters.ChoiceFilter(label="Raised in the financial year", empty_label="Any year", method="raised_in")

    class Meta:
        model = Escalation
        fields: list[str] = []
        form = GovukFilterForm

    def __init__(self, data: QueryDict, queryset: QuerySet[Escalation]) -> None:
        super().__init__(data, queryset)
        stages = queryset.order_by("stage__order").values_list("stage__order", flat=True).distinct()
        self.filters["stage"].extra["choices"] = [(order, f"Stage {order}") for order in stages]
        self.filters["agency"].extra["choices"] = agencies_in(queryset)
        self.filters["year"].extra["choices"] = years()

    def with_status(self, queryset: Any, name: str, value: str) -> QuerySet[Any]:
        if value == UNSETTLED:
            return queryset.unsettled()
        return queryset.overdue(on=timezone.localdate()) if value == OVERDUE else queryset.filter(status=value)

    def of_agency(self, queryset: Any, name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(Q(raising_organisation=value) | Q(other_organisation=value))

    def raised_in(self, queryset: Any, name: str, value: str) -> QuerySet[Any]:
        year = FinancialYear(start=int(value))
        return queryset.filter(raised_at__date__range=(year.first_day, year.last_day))
