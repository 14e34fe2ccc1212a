"""Versions of the procedure for professional differences: drafted, its stages set, published in place of the last."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Max
from django.forms.models import model_to_dict
from django.utils import timezone

from partnership.choices import ProcedureStatus
from partnership.engine.workflow import Move, MoveNotAllowed, lock, take
from partnership.models import EscalationProcedure, EscalationStage, EscalationTheme, User
from partnership.moves import PUBLISH_PROCEDURE, REPLACE_PROCEDURE
from partnership.permissions import Perm

TO_START_FROM = Path(__file__).parents[1] / "data" / "escalation_procedure.yaml"
CHANGE_PROCEDURE = Move(  # asked for, never taken
    "change the procedure", {ProcedureStatus.DRAFT}, ProcedureStatus.DRAFT, Perm.MANAGE_ESCALATION_PROCEDURE
)
COPIED = (
    "name",
    "who",
    "answerer",
    "days",
    "urgent_days",
    "moves_up",
    "tells_raising_agency",
    "tells_unit",
    "takes_urgent",
)


@transaction.atomic
def draft(*, by: User | None) -> EscalationProcedure:
    """The draft of the next version: the one that there is, or a copy of the newest, or what the portal comes with.

    Raises ``PermissionDenied``.
    """
    if by is not None and not by.has_perm(Perm.MANAGE_ESCALATION_PROCEDURE):
        raise PermissionDenied(f"{by} may not {CHANGE_PROCEDURE.verb}")
    newest = EscalationProcedure.objects.select_for_update().order_by("-version").first()
    if newest is None:
        return _as_it_comes()
    return newest if newest.status == ProcedureStatus.DRAFT else _copy(newest)


def _as_it_comes() -> EscalationProcedure:
    found = yaml.safe_load(TO_START_FROM.read_text(encoding="utf-8"))
    texts = {name: found[name].strip() for name in ("introduction", "emergency")}
    made: EscalationProcedure = EscalationProcedure.objects.create(version=1, **texts)
    _add_stages(made, found["stages"])
    if not EscalationTheme.objects.exists():
        themes = enumerate(found["themes"], start=1)
        EscalationTheme.objects.bulk_create(EscalationTheme(name=name, order=order) for order, name in themes)
    return made


def _copy(procedure: EscalationProcedure) -> EscalationProcedure:
    made: EscalationProcedure = EscalationProcedure.objects.create(
        version=procedure.version + 1, introduction=procedure.introduction, emergency=procedure.emergency
    )
    _add_stages(made, [model_to_dict(stage, COPIED) for stage in procedure.stages.all()])
    return made


def _add_stages(procedure: EscalationProcedure, stages: list[dict[str, Any]]) -> None:
    EscalationStage.objects.bulk_create(
        EscalationStage(procedure=procedure, order=order, **fields) for order, fields in enumerate(stages, start=1)
    )


@transaction.atomic
def set_texts(procedure: EscalationProcedure, *, by: User, introduction: str, emergency: str) -> EscalationProcedure:
    """What every professional reads before they start. Raises ``MoveNotAllowed`` (published), ``PermissionDenied``."""
    locked = _open(procedure, by)
    locked.introduction, locked.emergency = introduction.strip(), emergency.strip()
    locked.save(update_fields=["introduction", "emergency"])
    return locked


@transaction.atomic
def save_stage(
    procedure: EscalationProcedure, stage: EscalationStage | None, *, by: User, place: int, **fields: Any
) -> EscalationStage:
    """Add a stage (None) or change one; ``place`` is its number among the stages, and the others make room.

    Where it takes urgent ones, no other does. Raises ``MoveNotAllowed`` (published), ``TooLate`` (the stage is gone),
    ``PermissionDenied``.
    """
    locked = _open(procedure, by)
    row = lock(stage) if stage else EscalationStage(procedure=locked, order=_last(locked) + 1)
    if fields["takes_urgent"]:
        locked.stages.exclude(pk=row.pk).update(takes_urgent=False)
    for name, value in fields.items():
        setattr(row, name, value)
    row.save()
    others = list(locked.stages.exclude(pk=row.pk))
    _number([*others[: place - 1], row, *others[place - 1 :]])
    return row


@transaction.atomic
def remove_stage(stage: EscalationStage, *, by: User) -> None:
    """Take a stage out of a draft. Raises ``MoveNotAllowed`` (published), ``TooLate``, ``PermissionDenied``."""
    locked = _open(stage.procedure, by)
    lock(stage).delete()
    _number(list(locked.stages.all()))


def _last(procedure: EscalationProcedure) -> int:
    return procedure.stages.aggregate(last=Max("order"))["last"] or 0


def _number(stages: list[EscalationStage]) -> None:
    """Number the stages from 1 in this order; the database compares their numbers at the end."""
    for order, stage in enumerate(stages, start=1):
        if stage.order != order:
            stage.order = order
            stage.save(update_fields=["order"])


@transaction.atomic
def publish(procedure: EscalationProcedure, *, by: User | None) -> EscalationProcedure:
    """Put a draft in force, in place of the one that was; what has begun goes on by its own.

    Raises ``ValidationError`` without a stage, ``MoveNotAllowed``, ``PermissionDenied``.
    """
    locked = lock(procedure)
    if not locked.stages.exists():
        raise ValidationError("Add a stage first: somebody has to answer.")
    was = EscalationProcedure.objects.filter(status=ProcedureStatus.PUBLISHED).exclude(pk=locked.pk).first()
    if was is not None and locked.status == ProcedureStatus.DRAFT:
        take(REPLACE_PROCEDURE, was, by=None)
    return take(PUBLISH_PROCEDURE, locked, by=by, published_at=timezone.now())


def _open(procedure: EscalationProcedure, by: User) -> EscalationProcedure:
    """The locked draft. Raises ``PermissionDenied`` or ``MoveNotAllowed``."""
    locked = lock(procedure)
    if not by.has_perm(Perm.MANAGE_ESCALATION_PROCEDURE, locked):
        raise PermissionDenied(f"{by} may not {CHANGE_PROCEDURE.verb}")
    if locked.status not in CHANGE_PROCEDURE.sources:
        raise MoveNotAllowed(CHANGE_PROCEDURE, locked)
    return locked
