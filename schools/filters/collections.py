"""Filters and order of the returns of a collection."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from hscp.lib.forms import GovukFilterForm
from schools.choices import ReturnStatus
from schools.figures import uninvited, unreached
from schools.filters.register import APOSTROPHES_AND_SPACES, LONGEST_URN, values_of
from schools.models import SUBMITTED, Return, ReturnQuery
from schools.results import DIMENSIONS, PATHS

ATTENTION = (
    ("never_reached", "Nobody there has ever signed in"),
    ("never_invited", "Nobody there was invited"),
    ("governance_pending", "Governance confirmation wanted"),
    ("governance_overdue", "Governance confirmation overdue"),
    ("queried", "Query not replied to"),
    ("extended", "Given more time"),
)

# By what the list can be sorted; the school's name settles what is equal.
ORDERS = {
    "school": "organisation__name",
    "district": "organisation__school__district_name",
    "status": "place",
    "submitted": "submitted_at",
}
SORTS = [(f"{sign}{order}", order) for order in ORDERS for sign in ("", "-")]


def _dimension(key: str, empty_label: str) -> filters.ChoiceFilter:
    """A filter by district, phase or type: by the value itself, as it stands in the register."""
    dimension = DIMENSIONS[key]
    return filters.ChoiceFilter(
        label=dimension.label,
        field_name=PATHS[key],
        choices=lambda: values_of(dimension.field),
        empty_label=empty_label,
    )


class ReturnFilter(filters.FilterSet):
    """Which returns of a collection, in which order: by school, status, district, phase, type, what needs attention."""

    q = filters.CharFilter(label="School or URN", method="search")
    status = filters.ChoiceFilter(label="Status", choices=ReturnStatus.choices, empty_label="Any status")
    attention = filters.ChoiceFilter(
        label="Needs attention", choices=ATTENTION, method="narrow", empty_label="Everything"
    )
    district = _dimension("district", "Any district")
    phase = _dimension("phase", "Any phase")
    type = _dimension("type", "Any type")
    sort = filters.ChoiceFilter(choices=SORTS, widget=forms.HiddenInput, method="in_order")

    class Meta:
        model = Return
        fields: list[str] = []
        form = GovukFilterForm

    def search(self, queryset: QuerySet[Return], name: str, value: str) -> QuerySet[Return]:
        """Every word stands in the school's name, whatever kind of apostrophe; a number is a URN."""
        words = APOSTROPHES_AND_SPACES.split(value.strip("'’‘` "))
        if len(words) == 1 and words[0].isdecimal():
            return queryset.filter(organisation__school__urn=int(words[0][: LONGEST_URN + 1]))
        return queryset.filter(*(Q(organisation__name__icontains=word) for word in words))

    def narrow(self, queryset: QuerySet[Return], name: str, value: str) -> QuerySet[Return]:
        return ATTENTION_FILTERS[value](queryset)

    def in_order(self, queryset: QuerySet[Return], name: str, value: str) -> QuerySet[Return]:
        field = F(ORDERS[value.removeprefix("-")])
        order = field.desc(nulls_last=True) if value.startswith("-") else field.asc(nulls_last=True)
        places = [When(status=status, then=Value(place)) for place, status in enumerate(ReturnStatus.values)]
        placed = queryset.annotate(place=Case(*places, output_field=IntegerField()))
        return placed.order_by(order, "organisation__name", "pk")


def _pending(queryset: Any) -> Any:
    return queryset.filter(status__in=SUBMITTED, governance_signed=False)


ATTENTION_FILTERS = {
    "never_reached": lambda queryset: queryset.filter(unreached()),
    "never_invited": lambda queryset: queryset.filter(uninvited()),
    "governance_pending": _pending,
    "governance_overdue": lambda queryset: _pending(queryset).filter(governance_due__lt=timezone.localdate()),
    "queried": lambda queryset: queryset.filter(
        Exists(ReturnQuery.objects.filter(return_record=OuterRef("pk"), replied_at=None))
    ),
    "extended": lambda queryset: queryset.filter(extended_to__isnull=False),
}
