"""Filters of the list of people."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from hscp.lib.forms import GovukFilterForm
from partnership.choices import PersonState, Role
from partnership.models import LeaverItem, Organisation, RoleGrant, User

HERE, TO_HAND_OVER, ANY = "here", "to_hand_over", "any"
STATES = [
    (HERE, "Account is open"),
    (PersonState.NEVER_SIGNED_IN, "Has never signed in"),
    (PersonState.LEAVING, "Leaves soon"),
    (PersonState.LEFT, "Has left"),
    (TO_HAND_OVER, "Has left things to hand over"),
    (ANY, "Anybody"),
]
MOST_WORDS = 10  # looked for in a name


class PersonFilter(filters.FilterSet):
    """Which people. Without a word on it, those whose account is open."""

    q = filters.CharFilter(label="Name or email address", method="search")
    organisation = filters.ModelChoiceFilter(
        label="Works for", queryset=Organisation.objects.none(), empty_label="Any organisation"
    )
    role = filters.ChoiceFilter(label="Role today", choices=Role.choices, empty_label="Any role", method="with_role")
    state = filters.ChoiceFilter(label="State", choices=STATES, initial=HERE, empty_label=None, method="in_state")

    class Meta:
        model = User
        fields: list[str] = []
        form = GovukFilterForm

    def __init__(self, data: QueryDict, queryset: QuerySet[User]) -> None:
        data = data.copy()
        if data.get("state") not in dict(STATES):
            data["state"] = HERE
        super().__init__(data, queryset)
        self.filters["organisation"].queryset = Organisation.objects.filter(people__isnull=False).distinct()

    def search(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Every word stands in the name or in the address."""
        for word in value.split()[:MOST_WORDS]:
            queryset = queryset.filter(Q(name__icontains=word) | Q(email__icontains=word))
        return queryset

    def with_role(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        held = RoleGrant.objects.active(timezone.localdate()).filter(role=value)
        return queryset.filter(pk__in=held.values("user"))

    def in_state(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        waiting = LeaverItem.objects.open_on(timezone.localdate())
        return queryset.filter(
            {
                HERE: Q(is_active=True),
                PersonState.NEVER_SIGNED_IN: Q(is_active=True, last_login=None),
                PersonState.LEAVING: Q(is_active=True, leaves_on__isnull=False),
                PersonState.LEFT: Q(is_active=False),
                TO_HAND_OVER: Q(pk__in=waiting.values("person")),
            }.get(value, Q())
        )
