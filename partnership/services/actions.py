"""The tracker of actions: made, carried on, done with evidence, cancelled with a reason, given another date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from partnership import actions as reads
from partnership.choices import ActionPriority, Role
from partnership.engine import mail
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import NoteRequired, TooLate, lock, take
from partnership.models import Action, ActionNote, Group, Organisation, Priority, RoleGrant, User
from partnership.moves import CANCEL_ACTION, COMPLETE_ACTION, REOPEN_ACTION, START_ACTION
from partnership.permissions import Perm
from partnership.texts import refuse_identifying

Owner = Organisation | Group


# --- Made -------------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_action(
    owner: Owner,
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
    is who does it, where they have an account; ``serves`` is the priority of the plan that it helps.

    For other services, which have checked who may and what the words hold; people begin one with ``begin_action``.
    Raises ``ValidationError`` where ``person`` has left or may not be named.
    """
    check_person(person)
    return Action.objects.create(
        **_owned_by(owner),
        person=person,
        what=what,
        who=who,
        due=due,
        priority=priority,
        serves=serves,
        source=source,
        created_by=by,
    )


@transaction.atomic
def begin_action(owner: Owner, *, by: User, what: str, due: date, who: str = "", **fields: Any) -> Action:
    """A new action that ``by`` writes down themselves; ``fields`` as for ``open_action``.

    Raises ``PermissionDenied``, and ``ValidationError`` by field: words that may identify a child, a day that has
    passed, a person who has left, an owner that has ended.
    """
    check_may_give(owner, by=by)
    check_owner(owner)
    check_due(due)
    refuse_identifying(what=what, who=who)
    return open_action(owner, by=by, what=what.strip(), who=who.strip(), due=due, source=None, **fields)


def check_may_give(owner: Owner, *, by: User) -> None:
    """Raise ``PermissionDenied`` unless ``by`` may give actions to ``owner``."""
    may = by.has_perm(Perm.OPEN_ACTION) or (isinstance(owner, Group) and by.has_perm(Perm.OPEN_GROUP_ACTION, owner))
    if not may:
        raise PermissionDenied(f"{by} may not give an action to {owner}")


def check_owner(owner: Owner) -> None:
    """Raise ``ValidationError`` where ``owner`` exists no more."""
    if owner.ends is not None and owner.ends <= timezone.localdate():
        raise ValidationError({"owner": f"{owner} no longer exists. Name who has taken over from it"})


def check_person(person: User | None) -> None:
    """Raise ``ValidationError`` where ``person`` cannot be named: they have left, or they scrutinise."""
    if person is None:
        return
    if not person.is_there(on=timezone.localdate()):
        raise ValidationError({"person": f"{person} has left. Select somebody else, or leave it to the owner"})
    grants = RoleGrant.objects.active(timezone.localdate()).filter(user=person, role=Role.SCRUTINEER)
    if grants.exists():
        raise ValidationError({"person": f"{person} is a scrutineer and does not carry out what they scrutinise"})


def check_due(due: date) -> None:
    """Raise ``ValidationError`` where ``due`` has passed."""
    if due < timezone.localdate():
        raise ValidationError({"due": "The due date must be today or later"})


def _owned_by(owner: Owner) -> dict[str, Any]:
    is_group = isinstance(owner, Group)
    return {"group": owner if is_group else None, "organisation": None if is_group else owner}


# --- Carried on and finished ------------------------------------------------------------------------------------------


def start_action(action: Action, *, by: User) -> Action:
    """Say that work has begun. Raises ``MoveNotAllowed``, ``PermissionDenied``."""
    return take(START_ACTION, action, by=by)


@transaction.atomic
def add_note(action: Action, *, by: User, text: str) -> ActionNote:
    """Say how it gets on. Raises ``PermissionDenied``, ``TooLate`` (it is finished), ``ValidationError`` without words
    or where they may identify a child."""
    locked = lock(action)
    _check(locked, Perm.PROGRESS_ACTION, by=by)
    if not text.strip():
        raise ValidationError({"text": "Enter how the action is getting on"})
    refuse_identifying(text=text)
    return ActionNote.objects.create(action=locked, text=text.strip(), by=by)


@transaction.atomic
def complete_action(action: Action, *, by: User, evidence: str) -> Action:
    """Say that it is done and what shows it; the status history keeps the words, also if it is reopened.

    Raises ``ValidationError`` without evidence or where it may identify a child, ``MoveNotAllowed``,
    ``PermissionDenied``.
    """
    shown = evidence.strip()
    if not shown:
        raise ValidationError({"evidence": "Enter what shows that the action is done"})
    done = take(COMPLETE_ACTION, action, by=by, note=shown, evidence=shown, finished_on=timezone.localdate())
    refuse_identifying(evidence=shown)
    return done


@transaction.atomic
def cancel_action(action: Action, *, by: User | None, note: str) -> Action:
    """Give it up, with the reason; who held it is told, unless the portal itself gives it up.

    Raises ``NoteRequired``, ``MoveNotAllowed``, ``PermissionDenied``, ``ValidationError`` where the reason may
    identify a child.
    """
    cancelled = take(CANCEL_ACTION, action, by=by, note=note, finished_on=timezone.localdate())
    if by is not None:
        refuse_identifying(note=note)
        mail.queue("action_cancelled", to=_others([cancelled], by)[cancelled.pk], about=cancelled, by=by, reason=note)
    return cancelled


@transaction.atomic
def reopen_action(action: Action, *, by: User, note: str, due: date) -> Action:
    """Put back to work what was not done after all, or was given up too soon: with the reason and a new due date.

    Raises ``NoteRequired``, ``MoveNotAllowed``, ``PermissionDenied``, ``ValidationError`` (a day that has passed,
    words that may identify a child).
    """
    reopened = take(REOPEN_ACTION, action, by=by, note=note, evidence="", finished_on=None, due=due)
    check_due(due)
    refuse_identifying(note=note)
    mail.queue("action_reopened", to=_others([reopened], by)[reopened.pk], about=reopened, by=by, reason=note)
    return reopened


def _check(action: Action, perm: Perm, *, by: User) -> None:
    """Raise ``PermissionDenied``, or ``TooLate`` where the locked action is finished."""
    if not by.has_perm(perm, action):
        raise PermissionDenied(f"{by} may not do this with {action}")
    if not action.is_unfinished:
        raise TooLate(f"This action is {action.get_status_display().lower()}: it has to be reopened first.")


# --- Changed ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Details:
    """What can be changed of an action that is not finished."""

    owner: Owner
    person: User | None
    who: str
    what: str
    due: date
    priority: ActionPriority
    serves: Priority | None


@transaction.atomic
def change_action(action: Action, details: Details, *, by: User, loaded: str, reason: str = "") -> Action:
    """Correct, hand over or re-date an action; ``loaded`` is the fingerprint of what the form showed.

    Another due date needs a ``reason``, which becomes a note; who holds the action is told of it. Raises
    ``ChangedMeanwhile``, ``TooLate``, ``PermissionDenied``, ``NoteRequired``, and ``ValidationError`` by field.
    """
    locked = lock(action)
    _check(locked, Perm.MANAGE_ACTION, by=by)
    if loaded != (now := reads.fingerprint(locked)):
        raise ChangedMeanwhile(locked, now)
    _check_details(locked, details, by=by)
    was = locked.due
    _write(locked, details)
    if details.due != was:
        _note_new_dates([(locked, was)], due=details.due, by=by, reason=reason)
    return locked


def _check_details(action: Action, details: Details, *, by: User) -> None:
    if details.owner != action.owner:
        check_may_give(details.owner, by=by)
        check_owner(details.owner)
    if details.person != action.person:
        check_person(details.person)
    if details.due != action.due:
        check_due(details.due)
    refuse_identifying(what=details.what, who=details.who)


def _write(action: Action, details: Details) -> None:
    if (details.owner, details.person) != (action.owner, action.person):
        action.given_on = timezone.localdate()
    values = _owned_by(details.owner) | {
        "person": details.person,
        "who": details.who.strip(),
        "what": details.what.strip(),
        "due": details.due,
        "priority": details.priority,
        "serves": details.serves,
    }
    for name, value in values.items():
        setattr(action, name, value)
    action.save(update_fields=[*values, "given_on"])


@dataclass(frozen=True, slots=True)
class Redated:
    """What came of giving several actions a new due date: those that have it, and the others, each with why not."""

    done: list[Action]
    refused: list[tuple[Action, str]]


@transaction.atomic
def redate_actions(actions: Iterable[Action], *, by: User, due: date, reason: str) -> Redated:
    """Give several actions one new due date with one reason. Whoever holds some of them is told once, of all of them.

    What is finished by now, or is not ``by``'s to change, stays as it is. Raises ``ValidationError`` (a day that has
    passed, words that may identify a child) and ``NoteRequired``, and then changes none.
    """
    check_due(due)
    ids = [action.pk for action in actions]
    locked = list(Action.objects.select_for_update(of=("self",)).filter(pk__in=ids).with_names().order_by("pk"))
    may = set(Action.objects.filter(pk__in=ids).allowed(by, Perm.MANAGE_ACTION).values_list("pk", flat=True))
    refused = [(action, why) for action in locked if (why := _why_not(action, may, due))]
    not_done = {action for action, _ in refused}
    done = [action for action in locked if action not in not_done]
    dated = [(action, action.due) for action in done]
    for action in done:
        action.due = due
    Action.objects.bulk_update(done, ["due"])
    _note_new_dates(dated, due=due, by=by, reason=reason)
    return Redated(done, refused)


def _why_not(action: Action, may: set[int], due: date) -> str:
    if action.pk not in may:
        return "You may not change it."
    if not action.is_unfinished:
        return f"It is {action.get_status_display().lower()}."
    return "It is due on that day already." if action.due == due else ""


def _note_new_dates(dated: list[tuple[Action, date]], *, due: date, by: User, reason: str) -> None:
    """Note why each of the actions, with the date it had, is due on another day; tell each holder once."""
    if not reason.strip():
        raise NoteRequired("Enter why the due date is moved")
    refuse_identifying(reason=reason)
    ActionNote.objects.bulk_create(
        ActionNote(action=action, text=reason.strip(), due_was=was, due_became=due, by=by) for action, was in dated
    )
    _tell_new_dates([action for action, _ in dated], due=due, by=by, reason=reason.strip())


def _tell_new_dates(actions: list[Action], *, due: date, by: User, reason: str) -> None:
    held: dict[User, list[Action]] = defaultdict(list)
    others = _others(actions, by)
    for action in actions:
        for person in others[action.pk]:
            held[person].append(action)
    for person, theirs in held.items():
        mail.queue("actions_redated", to=[person], actions=theirs, due=due, by=by, reason=reason)


def _others(actions: list[Action], by: User) -> dict[int, list[User]]:
    """Who holds each of ``actions``, but for ``by``, who knows."""
    held = reads.holders(actions, on=timezone.localdate())
    return {pk: [person for person in people if person != by] for pk, people in held.items()}
