"""Filters of the list of meetings, and of attendance over a year."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django import forms
from django.db.models import Max, Min, Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from hscp.lib.forms import GovukFilterForm
from partnership.choices import MeetingStatus
from partnership.models import Group, Meeting, User

COMING, PAST, ALL = "coming", "past", "all"
MINE = "mine"


def groups_of(meetings: QuerySet[Meeting], *, also: str = "") -> QuerySet[Group]:
    """The groups of ``meetings``, by name; and the one whose id is ``also``, which may have none yet."""
    asked = Q(pk=also) if also.isdecimal() and len(also) <= 18 else Q()
    return Group.objects.filter(Q(pk__in=meetings.order_by().values("group")) | asked).order_by("name")


def years_of(meetings: QuerySet[Meeting]) -> list[tuple[str, str]]:
    """The calendar years from the first of ``meetings`` to the last, the newest first, as choices. One query."""
    ends = meetings.order_by().aggregate(first=Min("starts_at"), last=Max("starts_at"))
    if ends["first"] is None:
        return []
    first, last = timezone.localdate(ends["first"]).year, timezone.localdate(ends["last"]).year
    return [(str(year), str(year)) for year in range(last, first - 1, -1)]


class MeetingFilter(filters.FilterSet):
    """Which meetings, of those that the person may see. Without a word, their own groups' that are still to come; of
    somebody who sits on no group, everybody's."""

    when = filters.ChoiceFilter(
        label="When",
        choices=[(COMING, "To come"), (PAST, "Past"), (ALL, "All")],
        empty_label=None,
        method="at_time",
    )
    whose = filters.ChoiceFilter(
        label="Whose", choices=[(MINE, "Groups I sit on"), (ALL, "All that I may see")], empty_label=None, method="of"
    )
    group = filters.ModelChoiceFilter(label="Group", queryset=Group.objects.none(), empty_label="Any group")
    year = filters.ChoiceFilter(label="Year", empty_label="Any year", method="in_year")
    status = filters.ChoiceFilter(label="Status", choices=MeetingStatus.choices, empty_label="Any status")

    class Meta:
        model = Meeting
        fields: list[str] = []
        form = GovukFilterForm

    def __init__(self, data: QueryDict, queryset: QuerySet[Meeting], *, person: User) -> None:
        self.person = person
        data = data.copy()
        sits = bool(person.groups_sat_on() | person.groups_chaired())
        unsaid = {
            "when": ALL if data.get("year") or data.get("status") else COMING,
            "whose": MINE if sits and not data.get("group") else ALL,
        }
        for name, value in unsaid.items():
            data[name] = data.get(name) or value
        super().__init__(data, queryset)
        for name, value in unsaid.items():
            self.filters[name].extra["initial"] = value  # so that it does not count as a filter in use
        if not sits:
            del self.filters["whose"]
        self.filters["group"].queryset = groups_of(queryset, also=data.get("group", ""))
        self.filters["year"].extra["choices"] = years_of(queryset)

    @property
    def newest_first(self) -> bool:
        """Whether the list begins with the newest: not of what is still to come."""
        return bool(self.data["when"] != COMING)

    def at_time(self, queryset: Any, name: str, value: str) -> QuerySet[Meeting]:
        if value == COMING:
            return queryset.to_come(timezone.now())
        return queryset.filter(ends_at__lt=timezone.now()) if value == PAST else queryset

    def of(self, queryset: Any, name: str, value: str) -> QuerySet[Meeting]:
        return queryset.of(self.person) if value == MINE else queryset

    def in_year(self, queryset: Any, name: str, value: str) -> QuerySet[Meeting]:
        return queryset.in_year(int(value))


class AttendanceFilterForm(GovukFilterForm):
    submit_text = "Show"


class AttendanceFilter(filters.FilterSet):
    """Of which meetings that were held the attendance is shown: of a year (this one, without a word) and a group."""

    year = filters.ChoiceFilter(label="Year", empty_label=None, method="in_year", widget=forms.Select)
    group = filters.ModelChoiceFilter(label="Group", queryset=Group.objects.none(), empty_label="All groups")

    class Meta:
        model = Meeting
        fields: list[str] = []
        form = AttendanceFilterForm

    def __init__(self, data: QueryDict, queryset: QuerySet[Meeting]) -> None:
        this_year = str(timezone.localdate().year)
        years = years_of(queryset)
        if this_year not in dict(years):
            years.insert(0, (this_year, this_year))
        data = data.copy()
        data["year"] = data.get("year") if data.get("year") in dict(years) else this_year
        super().__init__(data, queryset)
        self.filters["group"].queryset = groups_of(queryset)
        self.filters["year"].extra |= {"choices": years, "initial": this_year}

    def in_year(self, queryset: Any, name: str, value: str) -> QuerySet[Meeting]:
        return queryset.in_year(int(value))
