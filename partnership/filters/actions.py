"""Which actions a list shows, in which order."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.http import QueryDict

from hscp.lib.forms import GovukFilterForm
from partnership.actions import kinds_of_source
from partnership.choices import ActionPriority, ActionStatus, OrganisationKind
from partnership.models import UNFINISHED, Action, Group, Organisation, Priority, User

UNFINISHED_ONES, ANY_STATUS = "unfinished", "any"
SCHOOLS, LEFT = "schools", "left"
NOT_FROM_ANYTHING = "none"
STATUSES = [(UNFINISHED_ONES, "Not finished"), *ActionStatus.choices, (ANY_STATUS, "Any status")]
MOST_WORDS = 10

# By what the list can be sorted; the due date and the number settle what is equal.
ORDERS = {"due": "due", "what": "what", "owner": "owner_name", "person": "person__name", "priority": "place"}
ORDERS |= {"status": "stage", "finished": "finished_on"}
SORTS = [(f"{sign}{order}", order) for order in ORDERS for sign in ("", "-")]


def _places(field: str, values: list[str]) -> Case:
    """The place of a choice among ``values``, to sort by."""
    whens = [When(**{field: value}, then=Value(place)) for place, value in enumerate(values)]
    return Case(*whens, output_field=IntegerField())


class ActionFilter(filters.FilterSet):
    """Which actions, in which order. Without a word on the status, those that are not finished.

    The choices are what the actions of ``queryset`` have, so that nobody learns of what they do not see. Six queries.
    """

    q = filters.CharFilter(label="Words of the action or its owner", method="search")
    status = filters.ChoiceFilter(
        label="Status", choices=STATUSES, initial=UNFINISHED_ONES, empty_label=None, method="with_status"
    )
    group = filters.ChoiceFilter(label="Group", field_name="group", empty_label="Any group")
    organisation = filters.ChoiceFilter(label="Organisation", method="of_organisation", empty_label="Any organisation")
    person = filters.ChoiceFilter(label="Person", method="of_person", empty_label="Anybody")
    priority = filters.ChoiceFilter(label="How pressing", choices=ActionPriority.choices, empty_label="Any")
    serves = filters.ChoiceFilter(label="Priority of the plan", field_name="serves", empty_label="Any priority")
    source = filters.ChoiceFilter(label="Came from", method="from_kind", empty_label="Anything")
    sort = filters.ChoiceFilter(choices=SORTS, widget=forms.HiddenInput, method="in_order")
    view = filters.CharFilter(widget=forms.HiddenInput, method="as_it_is")

    class Meta:
        model = Action
        fields: list[str] = []
        form = GovukFilterForm

    def __init__(self, data: QueryDict, queryset: QuerySet[Action]) -> None:
        data = data.copy()
        data["status"] = data.get("status") or UNFINISHED_ONES
        super().__init__(data, queryset.order_by("due", "pk"))
        for name, choices in _choices(queryset, _id(data, "organisation"), _id(data, "group")).items():
            self.filters[name].extra["choices"] = choices

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """Every word stands in the action, or in the name of its owner."""
        for word in value.split()[:MOST_WORDS]:
            in_owner = Q(organisation__name__icontains=word) | Q(group__name__icontains=word)
            queryset = queryset.filter(Q(what__icontains=word) | in_owner)
        return queryset

    def with_status(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == ANY_STATUS:
            return queryset
        return queryset.filter(status__in=UNFINISHED if value == UNFINISHED_ONES else [value])

    def of_organisation(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == SCHOOLS:
            return queryset.filter(organisation__kind=OrganisationKind.SCHOOL)
        return queryset.filter(organisation=value)

    def of_person(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(person__is_active=False) if value == LEFT else queryset.filter(person=value)

    def from_kind(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(source_type=None if value == NOT_FROM_ANYTHING else value)

    def as_it_is(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        """The tabs above the list have narrowed it already."""
        return queryset

    def in_order(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        queryset = queryset.annotate(
            owner_name=Coalesce("group__name", "organisation__name"),
            place=_places("priority", ActionPriority.values),
            stage=_places("status", ActionStatus.values),
        )
        field = F(ORDERS[value.removeprefix("-")])
        order = field.desc(nulls_last=True) if value.startswith("-") else field.asc(nulls_last=True)
        return queryset.order_by(order, "due", "pk")


def _id(data: QueryDict, name: str) -> Q:
    """The row that a filter of the address names; none if it names none."""
    asked = data.get(name, "")
    return Q(pk=asked) if asked.isdecimal() and len(asked) <= 18 else Q(pk__in=[])


def _choices(actions: QuerySet[Action], organisation: Q, group: Q) -> dict[str, list[tuple[str, str]]]:
    """What can be chosen in the filters whose choices are rows. Of schools, which are too many for a list, only the one
    that is chosen; the group that is chosen also where it has no action yet: anybody may know the groups."""
    plain = actions.order_by()
    organisations = Organisation.objects.filter(pk__in=plain.values("organisation"))
    schools = organisations.filter(kind=OrganisationKind.SCHOOL)
    return {
        "group": _rows(Group.objects.filter(Q(pk__in=plain.values("group")) | group).order_by("name")),
        "organisation": [
            *([(SCHOOLS, "Any school")] if schools.exists() else []),
            *_rows(organisations.filter(~Q(kind=OrganisationKind.SCHOOL) | organisation)),
        ],
        "person": [(LEFT, "Somebody who has left"), *_rows(User.objects.filter(pk__in=plain.values("person")))],
        "serves": _rows(Priority.objects.filter(pk__in=plain.values("serves"))),
        "source": [*kinds_of_source(plain), (NOT_FROM_ANYTHING, "Nothing: it was written here")],
    }


def _rows(queryset: QuerySet[Any]) -> list[tuple[str, str]]:
    return [(str(row.pk), str(row)) for row in queryset]
