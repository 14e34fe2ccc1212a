"""The permission engine: one table per app, and both answers from it.

An app's ``permissions.py`` registers, for each model, who may do what: a permission is a list of rules, a rule is some
roles and a scope, and a scope turns what a person's grants reach into a ``Q`` over the record. ``user.has_perm(perm,
record)`` asks the database whether the record lies in that ``Q``; ``queryset.visible_to(user)`` filters by the ``Q`` of
the model's view permission. One source, so a list and a page cannot disagree.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from django.db import models
from django.db.models import Q

from partnership.choices import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from partnership.models import User

    Person: TypeAlias = User | AnonymousUser

NOTHING = Q(pk__in=[])


class UnknownPermission(Exception):
    """A permission was asked for that no table declares: a mistake in the code, never a quiet "no"."""


class WrongModel(TypeError):
    """A permission was asked for on a record of another model than it is declared for: a mistake in the code."""


@dataclass(frozen=True, slots=True)
class Reach:
    """What one person's grants of some roles reach: the person, and the ids of what they were granted for."""

    user: User
    organisations: frozenset[int]
    groups: frozenset[int] = frozenset()


Scope = Callable[[Reach], Q]


def everywhere(reach: Reach) -> Q:
    """Every record."""
    return Q()


def own_organisation(path: str) -> Scope:
    """Records whose ``path`` leads to an organisation that the role was granted for.

    ``path`` follows foreign keys only: each record has one organisation, or lists would show it more than once.
    """

    def scope(reach: Reach) -> Q:
        return Q(**{f"{path}__in": reach.organisations}) if reach.organisations else NOTHING

    scope.__doc__ = "Own organisation"
    return scope


def own_group(path: str) -> Scope:
    """Records whose ``path`` leads to a group that the role was granted for."""

    def scope(reach: Reach) -> Q:
        return Q(**{f"{path}__in": reach.groups}) if reach.groups else NOTHING

    scope.__doc__ = "Own hub"
    return scope


def themselves(path: str = "pk") -> Scope:
    """Records whose ``path`` is the person asking."""

    def scope(reach: Reach) -> Q:
        return Q(**{path: reach.user.pk})

    scope.__doc__ = "Own records"
    return scope


def sits_on(path: str) -> Scope:
    """Records whose ``path`` leads to a group that the person sits on today, in whatever capacity."""

    def scope(reach: Reach) -> Q:
        groups = reach.user.groups_sat_on()
        return Q(**{f"{path}__in": groups}) if groups else NOTHING

    scope.__doc__ = "Groups they sit on"
    return scope


def chairs(path: str) -> Scope:
    """Records whose ``path`` leads to a group that the person chairs today."""

    def scope(reach: Reach) -> Q:
        groups = reach.user.groups_chaired()
        return Q(**{f"{path}__in": groups}) if groups else NOTHING

    scope.__doc__ = "Groups they chair"
    return scope


def either(*scopes: Scope) -> Scope:
    """Records that lie in any of ``scopes``."""

    def scope(reach: Reach) -> Q:
        found = [q for each in scopes if (q := each(reach)) != NOTHING]
        return reduce(operator.or_, found) if found else NOTHING

    scope.__doc__ = " or ".join(str(each.__doc__) for each in scopes)
    return scope


@dataclass(frozen=True, slots=True)
class Rule:
    """Some roles, and the records that they open. No roles means everyone who is signed in."""

    roles: frozenset[Role]
    scope: Scope = everywhere
    note: str = ""  # why it is so, for docs/permissions.md

    def __init__(self, roles: Iterable[Role], scope: Scope = everywhere, note: str = "") -> None:
        object.__setattr__(self, "roles", frozenset(roles))
        object.__setattr__(self, "scope", scope)
        object.__setattr__(self, "note", note)

    def q(self, user: User) -> Q | None:
        """The records this rule opens to ``user``; None if they hold none of its roles today."""
        grants = [grant for grant in user.active_grants() if grant.role in self.roles]
        if self.roles and not grants:
            return None
        organisations = frozenset(grant.organisation_id for grant in grants if grant.organisation_id is not None)
        groups = frozenset(grant.group_id for grant in grants if grant.group_id is not None)
        return self.scope(Reach(user, organisations, groups))


@dataclass(frozen=True, slots=True)
class Table:
    """The permissions of one model (``model`` is None for what is about no record), as registered."""

    model: type[models.Model] | None
    rules: Mapping[str, list[Rule]]
    view: str | None = None


_tables: dict[type[models.Model] | None, list[Table]] = {}
_rules: dict[str, tuple[Table, list[Rule]]] = {}


def register(model: type[models.Model] | None, rules: Mapping[str, list[Rule]], *, view: str | None = None) -> None:
    """Declare the permissions of ``model``; ``view`` is the one that makes a record exist for a person.

    Raises ``ValueError`` if a permission is declared already, and then declares none.
    """
    if twice := _rules.keys() & rules.keys():
        raise ValueError(f"{', '.join(sorted(twice))} is declared twice")
    table = Table(model, rules, view)
    _tables.setdefault(model, []).append(table)
    _rules.update({perm: (table, its_rules) for perm, its_rules in rules.items()})


def tables() -> list[Table]:
    """Every table registered, in the order of registration."""
    return [table for its_tables in _tables.values() for table in its_tables]


def rules_of(perm: str) -> list[Rule]:
    """The rules of ``perm``. Raises ``UnknownPermission`` if no table declares it."""
    try:
        return _rules[perm][1]
    except KeyError:
        raise UnknownPermission(perm) from None


def model_of(perm: str) -> type[models.Model] | None:
    """The model whose table declares ``perm``; None if it is about no record."""
    rules_of(perm)
    return _rules[perm][0].model


def view_permission(model: type[models.Model]) -> str:
    """The permission that makes a record of ``model`` exist for a person. Raises ``UnknownPermission`` if none does."""
    for table in _tables.get(model, []):
        if table.view:
            return table.view
    raise UnknownPermission(f"{model.__name__} has no view permission")


def _expect(perm: str, model: type[models.Model]) -> None:
    """Refuse a record for which ``perm`` has no meaning, even if its fields happen to have the names of the scope."""
    declared = model_of(perm)
    if declared is not None and not issubclass(model, declared):
        raise WrongModel(f"{perm} is about a {declared.__name__}, not a {model.__name__}")


def scope_of(user: Person, perm: str) -> Q | None:
    """The records that ``perm`` opens to ``user`` as one ``Q``; None if no rule opens any."""
    rules = rules_of(perm)
    if not user.is_authenticated or not user.is_active:
        return None
    if user.is_superuser:
        return Q()
    found = []
    for rule in rules:
        q = rule.q(user)
        if q == Q():  # everything: no other rule need be asked, which may cost a query (and Q() | Q(x) is Q(x))
            return q
        if q not in (None, NOTHING):
            found.append(q)
    return reduce(operator.or_, found) if found else None


def allows(user: Person, perm: str, record: models.Model | None = None) -> bool:
    """Whether ``user`` holds ``perm``: on ``record``, or on anything at all where no record is named. One query at most
    beyond the person's grants. Raises ``UnknownPermission`` or ``WrongModel``."""
    if record is not None:
        _expect(perm, type(record))
    q = scope_of(user, perm)
    if q is None:
        return False
    if record is None or q == Q():
        return True
    return type(record)._default_manager.filter(q, pk=record.pk).exists()


class AccessQuerySet(models.QuerySet[Any]):
    """A queryset that knows who may see what. ``visible_to`` is the only way from an id in a URL to a record."""

    def visible_to(self, user: Person) -> Self:
        """The records that exist for ``user``: all others are 404 to them."""
        return self.allowed(user, view_permission(self.model))

    def allowed(self, user: Person, perm: str) -> Self:
        """The records on which ``user`` holds ``perm``. Raises ``UnknownPermission`` or ``WrongModel``."""
        _expect(perm, self.model)
        q = scope_of(user, perm)
        return self.none() if q is None else self.filter(q)
