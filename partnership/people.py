"""People as lists and pages show them. Reads only."""

from __future__ import annotations

from datetime import date

from django.db.models import Prefetch, QuerySet
from django.db.models.functions import Lower

from partnership.choices import PersonState
from partnership.models import RoleGrant, User


def state_of(person: User) -> PersonState:
    """How ``person`` stands to the portal. No query."""
    if not person.is_active:
        return PersonState.LEFT
    if person.leaves_on is not None:
        return PersonState.LEAVING
    return PersonState.ACTIVE if person.last_login else PersonState.NEVER_SIGNED_IN


def listed(people: QuerySet[User], *, on: date) -> QuerySet[User]:
    """``people`` by name, in any case, with organisation and, as ``held``, the roles of ``on``. Two queries."""
    held = RoleGrant.objects.active(on).select_related("organisation", "group")
    return (
        people.select_related("organisation")
        .prefetch_related(Prefetch("grants", queryset=held, to_attr="held"))
        .order_by(Lower("name"), "pk")
    )
