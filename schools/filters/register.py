"""Filters and order of the register."""

from __future__ import annotations

import re
from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Case, CharField, F, FilteredRelation, IntegerField, Q, QuerySet, Value, When
from django.http import QueryDict

from hscp.lib.forms import GovukFilterForm
from schools.choices import CollectionKind, CollectionStatus, ReturnStatus, SchoolStatus
from schools.models import Collection, School
from schools.models.register import OPEN

APOSTROPHES_AND_SPACES = re.compile(r"[\s'’‘`]+")  # the register has both kinds of apostrophe, people type either
LONGEST_URN = 8  # digits
MOST_WORDS = 10  # looked for in a name

# "Open" holds those proposed to close too: they are asked for returns like all open ones.
ANY_STATUS, NOT_ASKED = "any", "not_asked"
STATUSES = [*SchoolStatus.choices, (ANY_STATUS, "Any status")]
RETURNS = [*ReturnStatus.choices, (NOT_ASKED, "Not asked for a return")]

# By what the list can be sorted, and by which fields; the name and the URN settle what is equal.
ORDERS = {
    "name": (),
    "urn": ("urn",),
    "district": ("district_name",),
    "phase": ("phase_code", "phase"),
    "type": ("type_group_name", "type_name"),
    "trust": ("trust_name",),
    "return": ("return_rank",),
}
SETTLING = ("organisation__name", "urn")
SORTS = [(f"{sign}{order}", order) for order in ORDERS for sign in ("", "-")]


def current_collection() -> Collection | None:
    """The newest open collection of school returns, on which the register shows how each school stands."""
    found = Collection.objects.filter(kind=CollectionKind.S175, status=CollectionStatus.OPEN)
    return found.order_by("-academic_year").first()


def values_of(field: str) -> list[tuple[str, str]]:
    """The distinct values of a school's field that are not empty, as choices. One query."""
    found = School.objects.exclude(**{field: ""}).order_by(field).values_list(field, flat=True).distinct()
    return [(value, value) for value in found]


class SchoolFilter(filters.FilterSet):
    """Which schools, in which order. Without a word on the status, those that are open.

    The return's status is that in ``collection``; without one there is no such filter. Every school of ``qs`` has
    ``return_status`` then, None for a school that was not asked.
    """

    q = filters.CharFilter(label="School or URN", method="search")
    district = filters.ChoiceFilter(label="District", field_name="district_name", empty_label="Any district")
    phase = filters.ChoiceFilter(label="Phase", field_name="phase", empty_label="Any phase")
    type = filters.ChoiceFilter(label="Type of school", field_name="type_group_name", empty_label="Any type")
    trust = filters.ChoiceFilter(label="Trust", field_name="trust_name", empty_label="Any trust")
    status = filters.ChoiceFilter(
        label="Status in the register",
        choices=STATUSES,
        initial=SchoolStatus.OPEN,
        empty_label=None,
        method="with_status",
    )
    returned = filters.ChoiceFilter(label="Return", choices=RETURNS, empty_label="Any return", method="with_return")
    sort = filters.ChoiceFilter(choices=SORTS, widget=forms.HiddenInput, method="in_order")

    class Meta:
        model = School
        fields: list[str] = []
        form = GovukFilterForm

    def __init__(self, data: QueryDict, queryset: QuerySet[School], *, collection: Collection | None) -> None:
        data = data.copy()
        data["status"] = data.get("status") or SchoolStatus.OPEN
        super().__init__(data, _with_return(queryset, collection).order_by(*SETTLING))
        for name in ("district", "phase", "type", "trust"):  # asked once here; as a callable, each time they are drawn
            self.filters[name].extra["choices"] = values_of(self.filters[name].field_name)
        if collection is None:
            del self.filters["returned"]

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Every word stands in the name, whatever kind of apostrophe; a number is a URN."""
        words = APOSTROPHES_AND_SPACES.split(value.strip("'’‘` "))
        if len(words) == 1 and words[0].isdecimal():
            return queryset.filter(urn=int(words[0][: LONGEST_URN + 1]))
        return queryset.filter(*(Q(organisation__name__icontains=word) for word in words[:MOST_WORDS]))

    def with_status(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == ANY_STATUS:
            return queryset
        return queryset.filter(status__in=OPEN if value == SchoolStatus.OPEN else [value])

    def with_return(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(return_status=None if value == NOT_ASKED else value)

    def in_order(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        backwards = value.startswith("-")
        fields = (*ORDERS[value.removeprefix("-")], *SETTLING)
        return queryset.order_by(*(F(field).desc() if backwards else F(field).asc() for field in fields))


def _with_return(queryset: QuerySet[School], collection: Collection | None) -> QuerySet[Any]:
    """With the status of each school's return, and its place in the life of a return to sort by (not asked: last)."""
    if collection is None:
        return queryset.annotate(return_status=Value(None, output_field=CharField()), return_rank=Value(0))
    in_collection = Q(organisation__returns__collection=collection)
    places = [When(return_status=status, then=place) for place, status in enumerate(ReturnStatus.values)]
    return queryset.annotate(
        its_return=FilteredRelation("organisation__returns", condition=in_collection),
        return_status=F("its_return__status"),
        return_rank=Case(*places, default=len(places), output_field=IntegerField()),
    )
