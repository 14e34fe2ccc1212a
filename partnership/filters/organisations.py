"""Filters of the list of organisations."""

from __future__ import annotations

import django_filters as filters
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from hscp.lib.forms import GovukFilterForm
from partnership.choices import OrganisationKind
from partnership.models import Organisation

NOW, ENDED, ANY = "now", "ended", "any"
STANDING = [(NOW, "Exists now"), (ENDED, "Has ended"), (ANY, "At any time")]
MOST_WORDS = 10  # looked for in a name


class OrganisationFilter(filters.FilterSet):
    """Which organisations. Without a word on it, those that exist now; schools only where their kind is asked for."""

    q = filters.CharFilter(label="Name", method="search")
    kind = filters.ChoiceFilter(
        label="Kind", choices=OrganisationKind.choices, empty_label="Any but schools", field_name="kind"
    )
    partner = filters.ChoiceFilter(
        label="Statutory safeguarding partner",
        choices=[("yes", "Statutory partners"), ("no", "All others")],
        empty_label="Any",
        method="as_partner",
    )
    standing = filters.ChoiceFilter(
        label="Exists", choices=STANDING, initial=NOW, empty_label=None, method="that_stand"
    )

    class Meta:
        model = Organisation
        fields: list[str] = []
        form = GovukFilterForm

    def __init__(self, data: QueryDict, queryset: QuerySet[Organisation]) -> None:
        data = data.copy()
        if data.get("standing") not in dict(STANDING):
            data["standing"] = NOW
        if data.get("kind") != OrganisationKind.SCHOOL:
            queryset = queryset.exclude(kind=OrganisationKind.SCHOOL)
        super().__init__(data, queryset)

    def search(self, queryset: QuerySet[Organisation], name: str, value: str) -> QuerySet[Organisation]:
        """Every word stands in the name."""
        for word in value.split()[:MOST_WORDS]:
            queryset = queryset.filter(name__icontains=word)
        return queryset

    def as_partner(self, queryset: QuerySet[Organisation], name: str, value: str) -> QuerySet[Organisation]:
        return queryset.filter(is_statutory_partner=value == "yes")

    def that_stand(self, queryset: QuerySet[Organisation], name: str, value: str) -> QuerySet[Organisation]:
        today = timezone.localdate()
        if value == ENDED:
            return queryset.filter(ends__lte=today)
        return queryset if value == ANY else queryset.existing_on(today)  # type: ignore[attr-defined, no-any-return]
