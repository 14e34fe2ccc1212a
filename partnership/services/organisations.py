"""Organisations: added and changed, begun and ended, succeeded by others."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.formats import date_format

from partnership.choices import OrganisationKind
from partnership.engine.workflow import lock
from partnership.models import Organisation, User
from partnership.organisations import would_go_round
from partnership.permissions import Perm


@transaction.atomic
def add_organisation(*, by: User, **facts: Any) -> Organisation:
    """A new organisation. ``facts`` are its fields. Raises as ``change_organisation``."""
    return _save(Organisation(), facts, by)


@transaction.atomic
def change_organisation(organisation: Organisation, *, by: User, **facts: Any) -> Organisation:
    """Change what is known of an organisation: name, kind, whether it is a statutory partner, dates, successor.

    Raises ``PermissionDenied``, or ``ValidationError`` by field: a name that another has, an end before its start, a
    successor without an end, or one that it follows itself. Schools come from their register and are changed there.
    """
    locked = lock(organisation)
    _check_kind(locked)
    return _save(locked, facts, by)


def _save(organisation: Organisation, facts: dict[str, Any], by: User) -> Organisation:
    if not by.has_perm(Perm.MANAGE_ORGANISATIONS):
        raise PermissionDenied(f"{by} may not change organisations")
    for name, value in facts.items():
        setattr(organisation, name, value)
    _check_kind(organisation)
    _check_name(organisation)
    _check_days(organisation.starts, organisation.ends)
    _check_successor(organisation)
    organisation.save()
    return organisation


def _check_kind(organisation: Organisation) -> None:
    if organisation.kind == OrganisationKind.SCHOOL:
        raise ValidationError({"kind": "Schools come from the national register. Import it to add or change a school"})


def _check_name(organisation: Organisation) -> None:
    """Two bodies of one name would be mixed up. One that has ended keeps its name too: give its dates instead."""
    others = Organisation.objects.other_than_schools().exclude(pk=organisation.pk)
    if others.filter(name__iexact=organisation.name).exists():
        raise ValidationError({"name": f"There is an organisation called {organisation.name} already"})


def _check_days(starts: date | None, ends: date | None) -> None:
    if starts and ends and ends <= starts:
        after = date_format(starts, "j F Y")
        raise ValidationError({"ends": f"The first day without it must be after {after}, when it starts"})


def _check_successor(organisation: Organisation) -> None:
    successor = organisation.successor
    if successor is None:
        return
    if organisation.ends is None:
        raise ValidationError({"ends": f"Enter from which day {successor} takes its place"})
    if organisation.pk is not None and would_go_round(organisation, successor):
        sentence = (
            "An organisation cannot follow itself. Select another one"
            if successor == organisation
            else f"{successor} is followed by {organisation} already, so it cannot follow it"
        )
        raise ValidationError({"successor": sentence})
