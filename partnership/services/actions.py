"""The tracker of actions: made, started, done with evidence, cancelled with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from partnership.engine.workflow import take
from partnership.models import Action, Organisation, User
from partnership.moves import CANCEL_ACTION, COMPLETE_ACTION, START_ACTION


@transaction.atomic
def open_action(
    organisation: Organisation, *, what: str, who: str, due: date, source: Any, by: User | None, urgent: bool = False
) -> Action:
    """A new action of ``organisation``. ``source`` is the record that it came from; ``who`` is a role, not a name."""
    return Action.objects.create(
        organisation=organisation, what=what, who=who, due=due, source=source, created_by=by, urgent=urgent
    )


def start_action(action: Action, *, by: User) -> Action:
    """Say that work has begun. Raises ``MoveNotAllowed``, ``PermissionDenied``."""
    return take(START_ACTION, action, by=by)


def complete_action(action: Action, *, by: User, evidence: str) -> Action:
    """Say that it is done and what shows it. Raises ``ValidationError`` without evidence, ``MoveNotAllowed``."""
    if not evidence.strip():
        raise ValidationError({"evidence": "Enter what shows that the action is done"})
    return take(COMPLETE_ACTION, action, by=by, evidence=evidence.strip(), finished_on=timezone.localdate())


def cancel_action(action: Action, *, by: User | None, note: str) -> Action:
    """Give it up, with the reason. Raises ``NoteRequired``, ``MoveNotAllowed``, ``PermissionDenied``."""
    return take(CANCEL_ACTION, action, by=by, note=note, finished_on=timezone.localdate())
