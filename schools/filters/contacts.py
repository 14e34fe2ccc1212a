"""Filters of the list of contacts: whole schools, by who is missing in them and how far their people have come."""

from __future__ import annotations

import django_filters as filters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from hscp.lib.forms import GovukFilterForm
from partnership.choices import Role
from schools import contacts
from schools.choices import ContactState
from schools.filters.register import SchoolFilter, values_of
from schools.models import School

ANY = "any"
MISSING = [
    (Role.DSL, "No designated safeguarding lead"),
    (Role.HEADTEACHER, "No headteacher"),
    (Role.CHAIR_OF_GOVERNORS, "No chair or proprietor"),
    (ANY, "Any of the three missing"),
]
NEVER_SIGNED_IN = "never_signed_in"
STATES = [
    (NEVER_SIGNED_IN, "Somebody has never signed in"),
    (ContactState.NEVER_INVITED, "Somebody was never invited"),
    (ContactState.INVITED, "Somebody’s invitation is open"),
    (ContactState.EXPIRED, "Somebody’s link has expired"),
]
LIKE = {NEVER_SIGNED_IN: [ContactState.NEVER_INVITED, ContactState.INVITED, ContactState.EXPIRED]}


class ContactFilter(filters.FilterSet):
    """Which schools' contacts are listed."""

    q = filters.CharFilter(label="School or URN", method="search")
    missing = filters.ChoiceFilter(label="Who is missing", choices=MISSING, empty_label="Any school", method="without")
    state = filters.ChoiceFilter(label="How far people are", choices=STATES, empty_label="Any", method="with_state")
    district = filters.ChoiceFilter(
        label="District",
        field_name="district_name",
        choices=lambda: values_of("district_name"),
        empty_label="Any district",
    )
    phase = filters.ChoiceFilter(label="Phase", choices=lambda: values_of("phase"), empty_label="Any phase")

    class Meta:
        model = School
        fields: list[str] = []
        form = GovukFilterForm

    search = SchoolFilter.search

    def without(self, queryset: QuerySet[School], name: str, value: str) -> QuerySet[School]:
        """Schools that have nobody in the role, or in any of the three that each should have."""
        at = timezone.now()
        if value != ANY:
            return queryset.filter(contacts.vacant_q(Role(value), at=at))
        vacant = Q()
        for role in contacts.NEEDED_ROLES:
            vacant |= contacts.vacant_q(role, at=at)
        return queryset.filter(vacant)

    def with_state(self, queryset: QuerySet[School], name: str, value: str) -> QuerySet[School]:
        """Schools with somebody who is that far and no further."""
        found = contacts.current(at=timezone.now()).filter(state__in=LIKE.get(value, [value])).order_by()
        return queryset.filter(Exists(found.filter(organisation=OuterRef("pk"))))
