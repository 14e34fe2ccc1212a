"""Filters of the public lists of forums and of learning briefings."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from hscp.lib.forms import GovukFilterForm
from learninghubs import forums as reads
from learninghubs.models import Briefing, Forum, LearningHub, Theme

COMING, HELD = "coming", "held"


class ForumFilter(filters.FilterSet):
    """Which forums: of a hub, on a theme; those to come, without a word, or those that were held."""

    hub = filters.ModelChoiceFilter(label="Hub", queryset=LearningHub.objects.none(), empty_label="Any hub")
    theme = filters.ModelChoiceFilter(label="Theme", queryset=Theme.objects.none(), empty_label="Any theme")
    when = filters.ChoiceFilter(
        label="When", choices=[(COMING, "To come"), (HELD, "Held")], empty_label=None, method="at_time"
    )

    class Meta:
        model = Forum
        fields: list[str] = []
        form = GovukFilterForm

    def __init__(self, data: QueryDict, queryset: QuerySet[Forum]) -> None:
        data = data.copy()
        data["when"] = HELD if data.get("when") == HELD else COMING
        super().__init__(data, queryset)
        self.filters["when"].extra["initial"] = COMING  # so that it does not count as a filter in use
        self.filters["hub"].queryset = reads.hubs_to_choose()
        self.filters["theme"].queryset = reads.themes_to_choose()

    @property
    def shows_held(self) -> bool:
        return bool(self.data["when"] == HELD)

    def at_time(self, queryset: Any, name: str, value: str) -> QuerySet[Forum]:
        found: QuerySet[Forum] = queryset.held() if value == HELD else queryset.to_come(timezone.now())
        return found


class BriefingFilter(filters.FilterSet):
    """Which learning briefings: of a hub, on a theme."""

    hub = filters.ModelChoiceFilter(
        "forum__hub", label="Hub", queryset=LearningHub.objects.none(), empty_label="Any hub"
    )
    theme = filters.ModelChoiceFilter(
        "forum__theme", label="Theme", queryset=Theme.objects.none(), empty_label="Any theme"
    )

    class Meta:
        model = Briefing
        fields: list[str] = []
        form = GovukFilterForm

    def __init__(self, data: QueryDict, queryset: QuerySet[Briefing]) -> None:
        super().__init__(data, queryset)
        self.filters["hub"].queryset = reads.hubs_to_choose()
        self.filters["theme"].queryset = reads.themes_to_choose()
