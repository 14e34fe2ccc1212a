"""What is to be known of actions: who holds them, who may be named on one, where they came from. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet
from django.utils import timezone

from hscp.lib.fingerprint import fingerprint as fingerprint_of
from partnership.choices import Role
from partnership.models import (
    Action,
    AgendaItem,
    ChairTerm,
    Decision,
    Group,
    Membership,
    Organisation,
    RoleGrant,
    User,
)
from partnership.models.actions import ANSWERS_FOR_ORGANISATION
from partnership.sources import kind_of

# Whom the business unit may name beside those who sit on a group and those of the owner.
NAMED_ANYWHERE = (Role.BUSINESS_UNIT, Role.PARTNER, Role.HUB_LEAD)
ENTRIES = ("what", "who", "due", "priority", "organisation_id", "group_id", "person_id", "serves_id", "status")


def fingerprint(action: Action) -> str:
    """What changes whenever an action does: a form carries it, so that whoever saves second is told."""
    return fingerprint_of(getattr(action, name) for name in ENTRIES)


# --- Who holds them ---------------------------------------------------------------------------------------------------


def holders(actions: Iterable[Action], *, on: date) -> dict[int, list[User]]:
    """Who must see to each action on ``on``, by its id: the person named; where there is none, or they have left, the
    group's chair, or those who answer for the organisation. Nobody has left. Two queries; needs ``with_names``."""
    listed = list(actions)
    of_owner = [action for action in listed if _named(action) is None]
    chairs = _chairs({action.group_id for action in of_owner if action.group_id}, on)
    answering = _answering({action.organisation_id for action in of_owner if action.organisation_id}, on)
    found = {action.pk: [*chairs[action.group_id], *answering[action.organisation_id]] for action in of_owner}
    return found | {action.pk: [person] for action in listed if (person := _named(action))}


def _named(action: Action) -> User | None:
    """Who is named to do it, as long as they are there."""
    return action.person if action.person is not None and action.person.is_active else None


def _chairs(groups: set[int], on: date) -> dict[int | None, list[User]]:
    found: dict[int | None, list[User]] = defaultdict(list)
    terms = ChairTerm.objects.on(on).filter(group__in=groups, person__is_active=True).select_related("person")
    for term in terms:
        found[term.group_id].append(term.person)
    return found


def _answering(organisations: set[int], on: date) -> dict[int | None, list[User]]:
    found: dict[int | None, list[User]] = defaultdict(list)
    grants = RoleGrant.objects.active(on).filter(organisation__in=organisations, role__in=ANSWERS_FOR_ORGANISATION)
    for grant in grants.filter(user__is_active=True).select_related("user").order_by("user__name", "user"):
        if grant.user not in found[grant.organisation_id]:
            found[grant.organisation_id].append(grant.user)
    return found


# --- Who may be named -------------------------------------------------------------------------------------------------


def people_to_name(owner: Organisation | Group | None = None, *, on: date | None = None) -> QuerySet[User]:
    """Who may be named to do an action of ``owner``: members of groups, partners, the business unit, and the owner's
    own people. Nobody who has left, and no scrutineer."""
    day = on or timezone.localdate()
    grants = RoleGrant.objects.active(day)
    sits = Membership.objects.on(day).values("person")
    near = Q(pk__in=sits) | Q(pk__in=grants.filter(role__in=NAMED_ANYWHERE).values("user"))
    if isinstance(owner, Organisation):
        near |= Q(pk__in=grants.filter(organisation=owner).values("user"))
    scrutineers = grants.filter(role=Role.SCRUTINEER).values("user")
    return User.objects.there(on=day).filter(near).exclude(pk__in=scrutineers)


def owners_to_name() -> list[tuple[str, list[tuple[str, str]]]]:
    """The groups and the organisations, schools apart, that exist today: grouped choices. Two queries.

    Schools are too many for a list: an action of a school is begun from the school's own actions.
    """
    today = timezone.localdate()
    groups = Group.objects.on(today).order_by("name")
    organisations = Organisation.objects.existing_on(today).exclude(kind="school")
    return [
        ("Groups", [(owner_key(group), str(group)) for group in groups]),
        ("Organisations", [(owner_key(organisation), str(organisation)) for organisation in organisations]),
    ]


def owner_key(owner: Organisation | Group) -> str:
    """An owner as the value of a choice: "group-3", "organisation-5"."""
    return f"{type(owner).__name__.lower()}-{owner.pk}"


def owner_of(key: str) -> Organisation | Group | None:
    """The owner that a choice stands for; None if there is none such. One query."""
    kind, _, number = key.partition("-")
    model: Any = {"group": Group, "organisation": Organisation}.get(kind)
    if model is None or not number.isdecimal() or len(number) > 18:
        return None
    found: Organisation | Group | None = model.objects.filter(pk=number).first()
    return found


# --- Where they came from ---------------------------------------------------------------------------------------------


def decided_with(action: Action, user: User) -> list[Decision]:
    """What was decided about the agenda item that ``action`` came from, as far as ``user`` may see it. Two queries."""
    if not isinstance(action.source, AgendaItem):
        return []
    return list(Decision.objects.visible_to(user).filter(item=action.source).select_related("item").order_by("pk"))


def kinds_of_source(actions: QuerySet[Action]) -> list[tuple[str, str]]:
    """What ``actions`` came from, as choices by content type. One query."""
    ids = actions.exclude(source_type=None).order_by().values_list("source_type", flat=True).distinct()
    types = [ContentType.objects.get_for_id(pk) for pk in ids if pk]
    found = [(str(kind.pk), kind_of(model)) for kind in types if (model := kind.model_class())]
    return sorted(found, key=lambda choice: choice[1])
