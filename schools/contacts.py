"""The contacts of schools: who is named for which role, how far they have come, who may change them. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from partnership.choices import ONE_AT_A_TIME_ROLES, SCHOOL_ROLES, Role
from partnership.models import Invitation, RoleGrant, User
from schools.choices import ContactState
from schools.models import School
from schools.permissions import Perm

# In the order in which pages and exports show them.
ROLES = (Role.DSL, Role.DEPUTY_DSL, Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS)
NEEDED_ROLES = tuple(role for role in ROLES if role in ONE_AT_A_TIME_ROLES)  # a deputy is a help, not a must

_PERMISSIONS = {
    Role.DSL: Perm.MANAGE_CONTACTS,
    Role.DEPUTY_DSL: Perm.MANAGE_DEPUTIES,
    Role.HEADTEACHER: Perm.MANAGE_HEAD,
    Role.CHAIR_OF_GOVERNORS: Perm.MANAGE_CONTACTS,
}


def permission_for(role: Role) -> Perm:
    """The permission on a school that lets a person appoint, replace and remove those who hold ``role`` there."""
    return _PERMISSIONS[role]


def manageable_roles(school: School, user: User) -> frozenset[Role]:
    """The roles that ``user`` may appoint, replace and remove at ``school``. Three queries at most."""
    perms = {perm for perm in set(_PERMISSIONS.values()) if user.has_perm(perm, school)}
    return frozenset(role for role in ROLES if permission_for(role) in perms)


def current(*, at: datetime) -> QuerySet[RoleGrant]:
    """Everyone who is a contact of a school at ``at``, by school, role and name, with person and organisation.

    Annotated with ``state`` (a ``ContactState``), ``invited_at`` and ``link_expires_at`` (of the newest invitation).
    People whose account is closed are no contacts: nobody would answer. One query.
    """
    grants = RoleGrant.objects.active(timezone.localdate(at)).filter(role__in=SCHOOL_ROLES, user__is_active=True)
    newest = Invitation.objects.filter(user=OuterRef("user")).order_by("-sent_at", "-pk")
    found: QuerySet[RoleGrant] = (
        grants.select_related("user", "organisation")
        .annotate(
            invited_at=Subquery(newest.values("sent_at")[:1]),
            link_expires_at=Subquery(newest.values("expires_at")[:1]),
            state=_state(at),
            role_order=Case(*[When(role=role, then=Value(place)) for place, role in enumerate(ROLES)]),
        )
        .order_by("organisation__name", "organisation", "role_order", "user__name", "pk")
    )
    return found


def _state(at: datetime) -> Case:
    invitations = Invitation.objects.filter(user=OuterRef("user"))
    return Case(
        When(user__last_login__isnull=False, then=Value(ContactState.ACTIVE)),
        When(Exists(invitations.filter(accepted_at=None, expires_at__gt=at)), then=Value(ContactState.INVITED)),
        When(Exists(invitations), then=Value(ContactState.EXPIRED)),
        default=Value(ContactState.NEVER_INVITED),
    )


def of_school(school: School, *, at: datetime) -> list[RoleGrant]:
    """The contacts of one school, as ``current`` gives them. One query."""
    return list(current(at=at).filter(organisation=school.pk))


def of_schools(schools: Iterable[School], *, at: datetime) -> dict[int, list[RoleGrant]]:
    """The contacts of several schools by the school's key, an empty list for a school that has none. One query."""
    found: dict[int, list[RoleGrant]] = {school.pk: [] for school in schools}
    for grant in current(at=at).filter(organisation__in=found):
        found[grant.organisation_id or 0].append(grant)
    return found


def vacant_q(role: Role, *, at: datetime) -> Q:
    """A filter for querysets of ``School``: those that have nobody in ``role`` at ``at``."""
    held = RoleGrant.objects.active(timezone.localdate(at)).filter(role=role, user__is_active=True)
    return Q(~Exists(held.filter(organisation=OuterRef("pk"))))
