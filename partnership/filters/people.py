"""Filters of the list of people."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone

from hscp.lib.forms import GovukFilterForm
from partnership.choices import OrganisationKind, PersonState, Role
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
NOT_SCHOOLS, SCHOOLS, ANYWHERE = "others", "schools", "any"
PLACES = [(NOT_SCHOOLS, "Any but schools"), (SCHOOLS, "Any school"), (ANYWHERE, "Any organisation, schools too")]
MOST_WORDS = 10  # looked for in a name


class PersonFilter(filters.FilterSet):
    """Which people. Without a word on it, those whose account is open, and who work for no school: of schools there are
    some hundreds, with several people each."""

    q = filters.CharFilter(label="Name or email address", method="search")
    organisation = filters.ChoiceFilter(
        label="Works for", choices=PLACES, initial=NOT_SCHOOLS, empty_label=None, method="of_organisation"
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
        choices = _places(data.get("organisation", ""))
        if data.get("organisation") not in dict(choices):
            data["organisation"] = NOT_SCHOOLS
        super().__init__(data, queryset)
        self.filters["organisation"].extra["choices"] = choices

    @property
    def leaves_out_schools(self) -> bool:
        """Whether people of schools are not looked for."""
        return bool(self.data["organisation"] == NOT_SCHOOLS)

    def search(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        """Every word stands in the name or in the address."""
        for word in value.split()[:MOST_WORDS]:
            queryset = queryset.filter(Q(name__icontains=word) | Q(email__icontains=word))
        return queryset

    def of_organisation(self, queryset: QuerySet[User], name: str, value: str) -> QuerySet[User]:
        if value == ANYWHERE:
            return queryset
        if value not in (SCHOOLS, NOT_SCHOOLS):
            return queryset.filter(organisation=value)
        works_there = Q(organisation__kind=OrganisationKind.SCHOOL)
        grants = RoleGrant.objects.order_by()
        at_a_school = grants.filter(organisation__kind=OrganisationKind.SCHOOL)
        has_role_there = Q(pk__in=at_a_school.values("user"))
        if value == SCHOOLS:
            return queryset.filter(works_there | has_role_there)
        # Of most people of schools only their role says where they are.
        elsewhere = grants.active(timezone.localdate()).exclude(pk__in=at_a_school.values("pk"))
        has_role_elsewhere = Q(pk__in=elsewhere.values("user"))
        return queryset.exclude(works_there | (Q(organisation=None) & has_role_there & ~has_role_elsewhere))

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


def _places(asked: str) -> list[tuple[str, str]]:
    """Where people work: of schools, which are too many for a list, only the one that is asked for. One query."""
    is_asked = Q(pk=asked) if asked.isdecimal() and len(asked) <= 18 else Q(pk__in=[])
    named = Organisation.objects.filter(~Q(kind=OrganisationKind.SCHOOL) | is_asked, people__isnull=False).distinct()
    return [*PLACES, *((str(organisation.pk), str(organisation)) for organisation in named)]
