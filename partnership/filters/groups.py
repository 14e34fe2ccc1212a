"""Filters of the list of groups."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from hscp.lib.forms import GovukFilterForm
from partnership.choices import GroupKind
from partnership.groups import seats_by_group, without_chair
from partnership.models import Group

EXISTING, ENDED, ANY = "existing", "ended", "any"
STATES = [(EXISTING, "Existing groups"), (ENDED, "Groups that have ended"), (ANY, "All groups")]

NO_CHAIR, VACANCIES = "no_chair", "vacancies"
ATTENTION = [(NO_CHAIR, "Nobody in the chair"), (VACANCIES, "Vacant seats")]


class GroupFilter(filters.FilterSet):
    """Which groups. Without a word on that, those that exist today."""

    q = filters.CharFilter(label="Name, now or before", method="search")
    kind = filters.ChoiceFilter(label="Kind", choices=GroupKind.choices, empty_label="Any kind")
    state = filters.ChoiceFilter(
        label="Existing or ended", choices=STATES, initial=EXISTING, empty_label=None, method="in_state"
    )
    attention = filters.ChoiceFilter(
        label="Needs attention", choices=ATTENTION, empty_label="Everything", method="narrow"
    )

    class Meta:
        model = Group
        fields: list[str] = []
        form = GovukFilterForm

    def __init__(self, data: QueryDict, queryset: QuerySet[Group]) -> None:
        data = data.copy()
        data["state"] = data.get("state") or EXISTING
        super().__init__(data, queryset.order_by("name", "pk"))

    def search(self, queryset: QuerySet[Group], name: str, value: str) -> QuerySet[Group]:
        """The words stand in the name, or in one that the group had before."""
        return queryset.filter(Q(name__icontains=value) | Q(former_names__name__icontains=value)).distinct()

    def in_state(self, queryset: QuerySet[Group], name: str, value: str) -> QuerySet[Group]:
        today = timezone.localdate()
        return {
            EXISTING: queryset.filter(Q(ends=None) | Q(ends__gt=today)),
            ENDED: queryset.filter(ends__lte=today),
            ANY: queryset,
        }[value]

    def narrow(self, queryset: QuerySet[Group], name: str, value: str) -> QuerySet[Group]:
        today = timezone.localdate()
        if value == NO_CHAIR:
            return queryset.filter(pk__in=without_chair(today).values("pk"))
        seats = seats_by_group(Group.objects.on(today), today)
        return queryset.filter(pk__in=[pk for pk, of_group in seats.items() if any(seat.vacant for seat in of_group)])
