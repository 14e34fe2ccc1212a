"""The tracker of actions: made, started, done with evidence, cancelled with a reason."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from partnership.choices import ActionPriority
from partnership.engine.workflow import take
from partnership.models import Action, Group, Organisation, Priority, User
from partnership.moves import CANCEL_ACTION, COMPLETE_ACTION, START_ACTION


@transaction.atomic
def open_action(
    owner: Organisation | Group,
    *,
    what: str,
    due: date,
    source: Any,
    by: User | None,
    who: str = "",
    person: User | None = None,
    priority: ActionPriority = ActionPriority.NORMAL,
    serves: Priority | None = None,
) -> Action:
    """A new action of ``owner``. ``source`` is the record that it came from; ``who`` is a role, not a name; ``person``
    is who does it, where they have an account; ``serves`` is the priority of the plan that it helps."""
    return Action.objects.create(
        organisation=owner if isinstance(owner, Organisation) else None,
        group=owner if isinstance(owner, Group) else None,
        person=person,
        what=what,
        who=who,
        due=due,
        priority=priority,
        serves=serves,
        source=source,
        created_by=by,
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
