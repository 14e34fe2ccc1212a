"""Which suggestions the figures count, and which answers the public page shows."""

from __future__ import annotations

from datetime import date
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import QueryDict

from hscp.lib.dates import ACADEMIC_YEAR_STARTS_IN, academic_year, academic_year_label
from hscp.lib.forms import GovukFilterForm
from learninghubs.choices import Answer
from learninghubs.models import Suggestion, Theme
from partnership.models import Organisation

Choices = list[tuple[int, str]]


def hubs_in(suggestions: QuerySet[Suggestion]) -> Choices:
    """The hubs of ``suggestions``, as choices. One query."""
    found = suggestions.order_by("hub__group__order", "hub__group__name")
    return list(found.values_list("hub", "hub__group__name").distinct())


def themes_in(suggestions: QuerySet[Suggestion]) -> Choices:
    """The themes of ``suggestions``, as choices, the newest first. One query."""
    return list(Theme.objects.filter(suggestions__in=suggestions.order_by()).distinct().values_list("pk", "title"))


def agencies_in(suggestions: QuerySet[Suggestion]) -> Choices:
    """The agencies whose people made ``suggestions``, as choices. One query."""
    with_agency = suggestions.order_by().exclude(agency=None).values("agency")
    return list(Organisation.objects.filter(pk__in=with_agency).order_by("name").values_list("pk", "name"))


def years_in(suggestions: QuerySet[Suggestion]) -> Choices:
    """The academic years in which ``suggestions`` were made, as choices, the newest first. One query."""
    days = suggestions.order_by().values_list("received_at__date", flat=True).distinct()
    years = sorted({academic_year(day) for day in days}, reverse=True)
    return [(year, academic_year_label(year)) for year in years]


def made_in(queryset: QuerySet[Suggestion], name: str, value: str) -> QuerySet[Suggestion]:
    """Those of ``queryset`` that were made in the academic year that starts in ``value``."""
    first = date(int(value), ACADEMIC_YEAR_STARTS_IN, 1)
    return queryset.filter(received_at__date__gte=first, received_at__date__lt=first.replace(year=first.year + 1))


class LoopFilter(filters.FilterSet):
    """Which suggestions are counted. The choices are what ``queryset`` holds, so nobody learns of what they do not see.
    Four queries."""

    hub = filters.ChoiceFilter(label="Hub", field_name="hub", empty_label="All hubs")
    theme = filters.ChoiceFilter(label="Theme", field_name="theme", empty_label="Any theme")
    agency = filters.ChoiceFilter(label="Agency of the author", field_name="agency", empty_label="Any agency")
    year = filters.ChoiceFilter(label="Made in the academic year", empty_label="Any year", method=made_in)

    class Meta:
        model = Suggestion
        fields: list[str] = []
        form = GovukFilterForm

    def __init__(self, data: QueryDict, queryset: Any) -> None:
        super().__init__(data, queryset)
        for name, choices in (("hub", hubs_in), ("theme", themes_in), ("agency", agencies_in), ("year", years_in)):
            self.filters[name].extra["choices"] = choices(queryset)


class AnswerFilter(filters.FilterSet):
    """Which answers are shown. Two queries for the choices."""

    hub = filters.ChoiceFilter(label="Hub", field_name="hub", empty_label="All hubs")
    theme = filters.ChoiceFilter(label="Theme", field_name="theme", empty_label="Any theme")
    answer = filters.ChoiceFilter(
        label="Answer", field_name="response__answer", choices=Answer.choices, empty_label="Any answer"
    )

    class Meta:
        model = Suggestion
        fields: list[str] = []
        form = GovukFilterForm

    def __init__(self, data: QueryDict, queryset: Any) -> None:
        super().__init__(data, queryset)
        self.filters["hub"].extra["choices"] = hubs_in(queryset)
        self.filters["theme"].extra["choices"] = themes_in(queryset)
