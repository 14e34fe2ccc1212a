"""The priorities: added, reworded, put in order, ended. They outlive the versions of the plan that name them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from partnership.engine.workflow import lock
from partnership.models import Priority, User
from partnership.permissions import Perm
from partnership.services import parts


@transaction.atomic
def add_priority(*, by: User, **fields: Any) -> Priority:
    """A new priority at the end, under an address made from its name. ``fields``: name, summary, starts. Raises
    ``ValidationError`` by field, ``PermissionDenied``."""
    _check(by)
    last = Priority.objects.aggregate(last=Max("order"))["last"] or 0
    _refuse_twin(fields["name"])
    return parts.fill(Priority(slug=_new_slug(fields["name"]), order=last + 1), fields)


@transaction.atomic
def edit_priority(priority: Priority, *, by: User, loaded: str, **fields: Any) -> Priority:
    """Change a priority; its address stays. Raises ``ChangedMeanwhile``, ``ValidationError`` by field, ``TooLate``,
    ``PermissionDenied``."""
    _check(by, priority)
    locked = lock(priority)
    _refuse_twin(fields["name"], besides=locked)
    parts.refuse_backwards("starts", fields.get("starts"), locked.ends, "It must begin before the day on which it ends")
    return parts.fill(locked, fields, loaded=loaded)


@transaction.atomic
def end_priority(priority: Priority, *, by: User, ends: date | None) -> Priority:
    """Set the first day on which it is no longer a priority; None: it goes on. Raises ``ValidationError`` by field,
    ``PermissionDenied``."""
    _check(by, priority)
    locked = lock(priority)
    parts.refuse_backwards("ends", locked.starts, ends, "It must end after the day on which it began")
    locked.ends = ends
    locked.save(update_fields=["ends"])
    return locked


def _check(by: User, priority: Priority | None = None) -> None:
    if not by.has_perm(Perm.MANAGE_PRIORITY, priority):
        raise PermissionDenied(f"{by} may not change the priorities")


def _refuse_twin(name: str, besides: Priority | None = None) -> None:
    twins = Priority.objects.filter(name__iexact=name.strip()).exclude(pk=besides.pk if besides else None)
    if twins.exists():
        raise ValidationError({"name": "There is a priority of this name already"})


def _new_slug(name: str) -> str:
    stem = slugify(name)[:70].strip("-") or "priority"
    used = {"add", *Priority.objects.filter(slug__startswith=stem).values_list("slug", flat=True)}  # "add" is a page
    return next(slug for slug in (stem, *(f"{stem}-{n}" for n in range(2, len(used) + 3))) if slug not in used)
