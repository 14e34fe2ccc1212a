"""Which suggestions a list shows, in which order."""

from __future__ import annotations

from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from hscp.lib.forms import GovukFilterForm
from learninghubs import board
from learninghubs.choices import SuggestionStatus
from learninghubs.inbox import with_words
from learninghubs.models import LearningHub, Suggestion, Theme
from learninghubs.models.suggestions import AT_THE_HUB
from partnership.models import Organisation

TO_SEE_TO, ANY_STATUS = "open", "any"
NO_THEME = "none"
# As the hub calls them: what its author has sent is new here.
IN_THE_INBOX = dict(SuggestionStatus.choices) | {SuggestionStatus.SUBMITTED.value: "New"}
SHOWN = [choice for choice in IN_THE_INBOX.items() if choice[0] != SuggestionStatus.UNCONFIRMED]
STATUSES = [(TO_SEE_TO, "For the hub to see to"), *SHOWN, (ANY_STATUS, "Any state")]
NARROWING = ("q", "hub", "theme", "agency", "overdue")
MOST_WORDS = 10


class SuggestionFilter(filters.FilterSet):
    """Which suggestions, the oldest first. Without a word on the state: those that the hub has to see to; or, where
    something else is asked for, all.

    The choices are what the suggestions of ``queryset`` have. Three queries.
    """

    q = filters.CharFilter(label="Words of the suggestion", method="search")
    status = filters.ChoiceFilter(
        label="State", choices=STATUSES, initial=TO_SEE_TO, empty_label=None, method="with_status"
    )
    hub = filters.ChoiceFilter(label="Hub", field_name="hub", empty_label="Any hub")
    theme = filters.ChoiceFilter(label="Theme", method="of_theme", empty_label="Any theme")
    agency = filters.ChoiceFilter(label="Agency", field_name="agency", empty_label="Any agency")
    overdue = filters.ChoiceFilter(
        label="Answer of the Board", choices=[("yes", "Overdue")], method="only_overdue", empty_label="Any"
    )

    class Meta:
        model = Suggestion
        fields: list[str] = []
        form = GovukFilterForm

    def __init__(self, data: QueryDict, queryset: QuerySet[Suggestion]) -> None:
        data = data.copy()
        data["status"] = data.get("status") or default_status(data)
        super().__init__(data, queryset.order_by("received_at", "pk"))
        for name, choices in _choices(queryset).items():
            self.filters[name].extra["choices"] = choices

    @property
    def status_shown(self) -> str:
        """The state of the list: that of the address, or what stands for none."""
        asked = str(self.data["status"])
        return asked if asked in dict(STATUSES) else ANY_STATUS

    def search(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return with_words(queryset, value.split()[:MOST_WORDS])

    def with_status(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        if value == ANY_STATUS:
            return queryset
        return queryset.filter(status__in=AT_THE_HUB if value == TO_SEE_TO else [value])

    def of_theme(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(theme=None if value == NO_THEME else value)

    def only_overdue(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return board.overdue(queryset, timezone.localdate())


def default_status(data: QueryDict) -> str:
    """The state for an address that names none: any, where it asks for something else."""
    return ANY_STATUS if any(data.get(name) for name in NARROWING) else TO_SEE_TO


def _choices(suggestions: QuerySet[Suggestion]) -> dict[str, list[tuple[str, str]]]:
    plain = suggestions.order_by()
    hubs = LearningHub.objects.filter(pk__in=plain.values("hub")).select_related("group")
    return {
        "hub": _rows(hubs),
        "theme": [*_rows(Theme.objects.filter(pk__in=plain.values("theme"))), (NO_THEME, "On no theme")],
        "agency": _rows(Organisation.objects.filter(pk__in=plain.values("agency")).order_by("name")),
    }


def _rows(queryset: QuerySet[Any]) -> list[tuple[str, str]]:
    return [(str(row.pk), str(row)) for row in queryset]
