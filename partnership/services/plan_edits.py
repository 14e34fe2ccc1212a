"""Edits of a draft plan: its details, sections, points, priorities, objectives and milestones.

Every edit locks the plan's row, so that edits of one draft come one after the other and none slips in beside its
sending. All raise ``PermissionDenied``, ``TooLate`` where the plan is a draft no longer or the row is gone, and
``ValidationError`` with what is wrong by field.
"""

from __future__ import annotations

from typing import Any, Final, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction

from partnership.choices import PlanStatus
from partnership.engine.workflow import Move, MoveNotAllowed, TooLate, lock
from partnership.models import Milestone, Objective, Plan, PlanPoint, PlanPriority, PlanSection, User
from partnership.permissions import Perm
from partnership.services import parts

Row = TypeVar("Row", PlanSection, PlanPoint, PlanPriority, Objective, Milestone)

EDIT = Move("change the plan", {PlanStatus.DRAFT}, PlanStatus.DRAFT, Perm.MANAGE_PLAN)  # asked for, never taken

# Among which rows of its plan a row has its place: those that have the same. Milestones stand in the order of days.
ORDERED_WITHIN: Final[dict[type[models.Model], tuple[str, ...]]] = {
    PlanSection: (),
    PlanPoint: ("kind",),
    PlanPriority: (),
    Objective: ("priority",),
}


@transaction.atomic
def edit_plan(plan: Plan, *, by: User, loaded: str, **fields: Any) -> Plan:
    """Change what a draft says of itself: title, years, vision. Raises ``ChangedMeanwhile``."""
    locked = open_draft(plan, by=by)
    check_years(fields)
    return parts.fill(locked, fields, loaded=loaded)


def check_years(fields: dict[str, Any]) -> None:
    """Raise ``ValidationError`` unless the last day covered is after the first."""
    sentence = "The last day must be after the first day"
    parts.refuse_backwards("covers_to", fields.get("covers_from"), fields.get("covers_to"), sentence)


@transaction.atomic
def add(row: Row, *, by: User, **fields: Any) -> Row:
    """Put a new, unsaved row of a draft at the end of those of its kind. ``row`` has its plan, and what ``fields`` do
    not give."""
    row.plan = open_draft(row.plan, by=by)
    _check_priority(row, fields)
    made = parts.fill(row, fields)
    _put_last(made)
    return made


@transaction.atomic
def edit(row: Row, *, by: User, loaded: str, **fields: Any) -> Row:
    """Change a row of a draft. An objective that goes to another priority goes to its end.

    Raises ``ChangedMeanwhile``.
    """
    locked = _lock_row(row, by=by)
    before = _siblings(locked)
    _check_priority(locked, fields)
    saved = parts.fill(locked, fields, loaded=loaded)
    if type(row) in ORDERED_WITHIN and not before.filter(pk=saved.pk).exists():
        _put_last(saved)
    return saved


@transaction.atomic
def remove(row: Row, *, by: User) -> None:
    """Take a row out of a draft. A priority goes only once nothing of the plan serves it."""
    locked = _lock_row(row, by=by)
    if isinstance(locked, PlanPriority):
        _refuse_if_served(locked)
    locked.delete()


@transaction.atomic
def move(row: Row, *, by: User, up: bool) -> bool:
    """Move a row of a draft by one place and return whether it could move further that way; at an end it stays."""
    locked = _lock_row(row, by=by)
    return parts.shift(locked, _siblings(locked), up=up)


def open_draft(plan: Plan, *, by: User) -> Plan:
    """``plan`` re-read and locked, a draft that ``by`` may edit. In a transaction only."""
    locked = lock(plan)
    if not by.has_perm(Perm.MANAGE_PLAN, locked):
        raise PermissionDenied(f"{by} may not {EDIT.verb}")
    if not locked.is_draft:
        raise MoveNotAllowed(EDIT, locked)
    return locked


def _lock_row(row: Row, *, by: User) -> Row:
    open_draft(row.plan, by=by)
    found: Row | None = type(row)._default_manager.select_related("plan").filter(pk=row.pk).first()
    if found is None:
        raise TooLate(f"Somebody has removed this {row._meta.verbose_name} in the meantime.")
    return found


def _siblings(row: Any) -> models.QuerySet[Any]:
    """The rows among which ``row`` has its place now, itself among them."""
    same = {name: getattr(row, name) for name in ORDERED_WITHIN.get(type(row), ())}
    siblings: models.QuerySet[Any] = type(row)._default_manager.filter(plan=row.plan, **same)
    return siblings


def _put_last(row: Any) -> None:
    if type(row) in ORDERED_WITHIN:
        row.position = parts.next_position(_siblings(row).exclude(pk=row.pk))
        row.save(update_fields=["position"])


def _check_priority(row: Row, fields: dict[str, Any]) -> None:
    """An objective or milestone serves a priority of its own plan; a priority stands in a plan once."""
    priority = fields.get("priority")
    if priority is None:
        return
    is_there = row.plan.placed_priorities.filter(priority=priority).exists()
    if isinstance(row, PlanPriority) and is_there:
        raise ValidationError({"priority": f"“{priority}” is in this plan already"})
    if not isinstance(row, PlanPriority) and not is_there:
        raise ValidationError({"priority": f"“{priority}” is not in this plan: select another"})


def _refuse_if_served(place: PlanPriority) -> None:
    for name in ("objectives", "milestones"):
        if getattr(place.plan, name).filter(priority=place.priority).exists():
            raise ValidationError(f"It has {name} in this plan. Move or remove them first.")
