"""Organisations over time: which body stands on a day for one that has ended, and who is left behind. Reads only."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet
from django.db.models.functions import Lower

from partnership.models import Organisation, User


def current_body(organisation: Organisation, *, on: date) -> Organisation | None:
    """``organisation`` if it exists on ``on``, else the body that follows it and does: the health seat of a group goes
    from two clinical commissioning groups to one integrated care board.

    None if it had not begun by then, or if it has ended and nobody follows, or if the successors go round in a circle.
    One query for each step.
    """
    seen: set[int] = set()
    body: Organisation | None = organisation
    while body is not None and body.has_ended(on=on) and body.pk not in seen:
        seen.add(body.pk)
        body = body.successor
    return body if body is not None and body.exists_on(on) else None


def would_go_round(organisation: Organisation, successor: Organisation) -> bool:
    """Whether ``organisation`` follows ``successor``, at whatever distance, so that it cannot be followed by it."""
    seen: set[int] = set()
    body: Organisation | None = successor
    while body is not None and body.pk not in seen:
        if body.pk == organisation.pk:
            return True
        seen.add(body.pk)
        body = body.successor
    return False


def people_left_behind(organisation: Organisation, *, on: date) -> QuerySet[User]:
    """People with an open account who work for ``organisation`` by what the portal knows, though it has ended by
    ``on``; nobody if it has not."""
    people: QuerySet[User] = organisation.people.filter(is_active=True).order_by(Lower("name"), "pk")
    return people if organisation.has_ended(on=on) else people.none()
