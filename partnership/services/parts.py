"""Rows that people edit side by side: whoever saves second is told and loses nothing; a row moves up and down.

A form carries the fingerprint of what it was filled from. The caller has locked what the rows belong to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, TypeVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Max

from hscp.lib.fingerprint import fingerprint
from partnership.engine.editing import ChangedMeanwhile
from partnership.models import (
    ArrangementItem,
    GovernanceReview,
    Milestone,
    Objective,
    Plan,
    PlanPoint,
    PlanPriority,
    PlanSection,
    Priority,
    ReviewItem,
)
from partnership.texts import refuse_identifying

R = TypeVar("R", bound=models.Model)

# What may be edited of each kind of row, and so what a fingerprint is made of. Places change by moving.
EDITABLE: Final[dict[type[models.Model], tuple[str, ...]]] = {
    ArrangementItem: ("text", "source", "to_check"),
    GovernanceReview: ("title", "terms_of_reference", "group", "starts", "target_end"),
    Milestone: ("what", "due", "priority"),
    Objective: ("priority", "what", "measure", "lead_group"),
    Plan: ("title", "covers_from", "covers_to", "vision"),
    PlanPoint: ("text",),
    PlanPriority: ("priority",),
    PlanSection: ("heading", "text"),
    Priority: ("name", "summary", "starts"),
    ReviewItem: ("subject", "verdict", "reason", "outcome", "merged_group", "new_group"),
}


def register(model: type[models.Model], *names: str) -> None:
    """Declare the fields that may be edited of the rows of ``model``, which belongs to another app."""
    EDITABLE[model] = names


def loaded_from(row: models.Model) -> str:
    """The fingerprint of what can be edited of ``row``: what a form was filled from."""
    fields = [row._meta.get_field(name) for name in EDITABLE[type(row)]]
    return fingerprint(field.value_from_object(row) for field in fields if isinstance(field, models.Field))


def fill(row: R, fields: dict[str, Any], *, loaded: str | None = None) -> R:
    """Write ``fields`` into ``row``, new or there already, and save it.

    ``loaded`` is what the form was filled from; None for a new row. Raises ``ChangedMeanwhile``, and
    ``ValidationError`` by field, also where a text may identify a child.
    """
    if loaded is not None and loaded != (now := loaded_from(row)):
        raise ChangedMeanwhile(row, now)
    for name, value in fields.items():
        setattr(row, name, value)
    refuse_identifying(**{name: value for name, value in fields.items() if _is_text(row, name, value)})
    row.full_clean(validate_constraints=False)
    row.save()
    return row


def _is_text(row: models.Model, name: str, value: Any) -> bool:
    """Whether a field holds words; the numbers in a web address are nobody's."""
    return isinstance(value, str) and not isinstance(row._meta.get_field(name), models.URLField)


def next_position(siblings: models.QuerySet[Any]) -> int:
    """The place after the last of ``siblings``."""
    return 1 + (siblings.aggregate(last=Max("position"))["last"] or 0)


def shift(row: models.Model, siblings: models.QuerySet[Any], *, up: bool) -> bool:
    """Move ``row`` by one place among ``siblings``, and return whether it could move further that way; at an end it
    stays."""
    rows = list(siblings.order_by("position", "pk"))
    place = next(n for n, other in enumerate(rows) if other.pk == row.pk)
    wanted = min(max(place + (-1 if up else 1), 0), len(rows) - 1)
    rows.insert(wanted, rows.pop(place))
    put_in_order(rows)
    return wanted > 0 if up else wanted < len(rows) - 1


def put_in_order(rows: Sequence[Any]) -> None:
    """Give ``rows`` the positions 1, 2, 3 … in their order; only those that change are written."""
    changed = [(row, n) for n, row in enumerate(rows, start=1) if row.position != n]
    for row, position in changed:
        row.position = position
    if changed:
        type(rows[0])._default_manager.bulk_update([row for row, _ in changed], ["position"])


def refuse_backwards(field: str, first: Any, last: Any, sentence: str) -> None:
    """Raise ``ValidationError`` on ``field`` unless the day ``last`` is after ``first``."""
    if first and last and last <= first:
        raise ValidationError({field: sentence})
