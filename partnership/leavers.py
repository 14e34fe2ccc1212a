"""People who leave: what ends with them, what waits for others, and who could take it over. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Lower

from partnership.choices import LeaverItemKind
from partnership.models import (
    Action,
    ChairTerm,
    Group,
    LeaverItem,
    Membership,
    Organisation,
    RoleGrant,
    User,
)
from partnership.organisations import current_body


@dataclass(frozen=True, slots=True)
class Ending:
    """What a person holds on a day or later, and loses by leaving on it."""

    grants: list[RoleGrant]
    seats: list[Membership]
    terms: list[ChairTerm]
    deputy_terms: list[ChairTerm]
    actions: list[Action]

    @property
    def is_empty(self) -> bool:
        return not (self.grants or self.seats or self.terms or self.deputy_terms or self.actions)


def ending(person: User, *, on: date) -> Ending:
    """What ends, and what is left to others, if ``person`` leaves on ``on``. Five queries."""
    lasts = Q(ends=None) | Q(ends__gt=on)
    chaired = ChairTerm.objects.filter(lasts).select_related("group", "organisation")
    actions = person.actions.unfinished().select_related("organisation", "group")
    return Ending(
        grants=list(person.grants.filter(lasts).select_related("organisation", "group")),
        seats=list(person.memberships.filter(lasts).select_related("group", "organisation")),
        terms=list(chaired.filter(person=person)),
        deputy_terms=list(chaired.filter(deputy=person)),
        actions=list(actions),
    )


def working_for(organisation: Organisation, *, on: date) -> QuerySet[User]:
    """People who are there on ``on`` and work for ``organisation``, or hold a role at it, by name."""
    held = RoleGrant.objects.active(on).filter(organisation=organisation)
    people: QuerySet[User] = User.objects.there(on=on)
    return people.filter(Q(organisation=organisation) | Q(pk__in=held.values("user"))).order_by(Lower("name"), "pk")


def sitting_on(group: Group, *, on: date) -> QuerySet[User]:
    """People who are there and sit on ``group`` on ``on``, by name."""
    people: QuerySet[User] = User.objects.there(on=on)
    sitting = Membership.objects.on(on).filter(group=group)
    return people.filter(pk__in=sitting.values("person")).order_by(Lower("name"), "pk")


def needed_from(item: LeaverItem, *, on: date) -> date:
    """The first day on which somebody else can take over ``item``, seen from ``on``: never one that is past."""
    return max(item.starts, on)


def body_of(item: LeaverItem, *, on: date) -> Organisation | None:
    """The organisation whose seat or term in the chair it is, or the one that follows it; None for an action."""
    if item.organisation is None:
        return None
    return current_body(item.organisation, on=needed_from(item, on=on)) or item.organisation


def candidates(item: LeaverItem, *, on: date) -> QuerySet[User]:
    """Who could take over ``item``: of a seat and of the chair, people of the same organisation; of an action, people
    of its owner. Never who leaves it."""
    day = needed_from(item, on=on)
    return _of_the_owner(item, day).exclude(pk=item.person_id)


def _of_the_owner(item: LeaverItem, day: date) -> QuerySet[User]:
    action = item.action
    if action is not None and action.group is not None:
        return sitting_on(action.group, on=day)
    organisation = action.organisation if action is not None else body_of(item, on=day)
    return working_for(organisation, on=day) if organisation is not None else User.objects.none()


def items_of(person: User) -> list[LeaverItem]:
    """Everything that ``person`` left to others, open or settled: seats, then the chair, then actions. One query."""
    related = ("group", "organisation", "action__group", "action__organisation", "handed_to", "settled_by")
    order = list(LeaverItemKind)
    found = person.left_to_others.select_related("person", *related).order_by("starts", "pk")
    return sorted(found, key=lambda item: order.index(LeaverItemKind(item.kind)))


@dataclass(frozen=True, slots=True)
class Leaver:
    """Somebody who leaves or has left with things that wait for others: how many, and the first day they are needed."""

    pk: int
    name: str
    number: int
    due: date


def leavers_with_things(*, on: date) -> list[Leaver]:
    """Everybody whose things wait for others on ``on``, the most pressing first. One query."""
    waiting = LeaverItem.objects.open_on(on).order_by().values("person", "person__name")
    rows = waiting.annotate(number=Count("pk"), due=Min("starts")).order_by("due", "person__name")
    return [Leaver(row["person"], row["person__name"], row["number"], row["due"]) for row in rows]
