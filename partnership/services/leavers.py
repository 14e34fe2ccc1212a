"""The leaver: one step ends what they hold, and what they leave is handed over to others, one thing after another.

``leaves_on`` is, as every end in the portal, the first day without them. Roles, seats and terms in the chair end on
that day whatever happens; the account is closed on it, by the step itself or by a job in the night.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.formats import date_format

from partnership import leavers
from partnership.choices import Capacity, LeaverItemKind, Role
from partnership.engine import mail
from partnership.engine.workflow import TooLate, lock
from partnership.models import (
    Action,
    CalendarFeed,
    ChairTerm,
    EscalationContact,
    Group,
    LeaverItem,
    Membership,
    RoleGrant,
    User,
)
from partnership.models.groups import ONE_DAY
from partnership.permissions import Perm
from partnership.services import chairs, members, people
from partnership.services.roles import check_somebody_is_left
from partnership.texts import refuse_identifying

FURTHEST = timedelta(days=366)  # how far ahead a leaving can be recorded


# --- Leaving ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def record_leaving(person: User, *, on: date, by: User) -> User:
    """End everything that ``person`` holds, from ``on``, and list what they leave to others.

    Roles and seats end on that day and so does a term in the chair that has begun; what would begin later is removed.
    Links of invitations stop working now. The account is closed now if the day is today or past, else in the night of
    that day. Said again with another day, the day is moved. Raises ``PermissionDenied``, ``TooLate`` if the account is
    closed already, or ``ValidationError``: oneself, the last one in the business unit, a day too far ahead.
    """
    locked = _lock_person(person, by)
    check_is_there(locked)
    _check_may_leave(locked, on, by)
    if locked.leaves_on is not None:
        _give_back(locked, locked.leaves_on, by)
    _note_day(locked, on)
    _end_everything(locked, on)
    if on <= timezone.localdate():
        _close(locked)
    return locked


@transaction.atomic
def take_back_leaving(person: User, *, by: User) -> User:
    """``person`` stays after all: what was to end with them on that day goes on, but for what has been handed over.

    Raises ``PermissionDenied``, or ``TooLate`` if they are not about to leave.
    """
    locked = _lock_person(person, by)
    _give_back(locked, check_is_leaving(locked), by)
    return locked


@transaction.atomic
def open_again(person: User, *, by: User) -> User:
    """Open the closed account of somebody who comes back. They hold no role until they are given one.

    Raises ``PermissionDenied``, or ``TooLate`` if the account is open.
    """
    locked = _lock_person(person, by)
    check_is_closed(locked)
    for grant in _lasting(locked.grants, timezone.localdate()):
        people.end_role(grant)
    locked.is_active, locked.leaves_on = True, None
    locked.save(update_fields=["is_active", "leaves_on"])
    return locked


def close_accounts_of_leavers(*, on: date) -> int:
    """Close the account of everybody who has left by ``on``, with whatever they were given since it was recorded.

    Returns how many. Each is a transaction of its own; one that another worker has in hand is left to it.
    """
    due = User.objects.filter(is_active=True, leaves_on__lte=on).order_by("pk").values_list("pk", flat=True)
    return sum(_close_if_due(pk, on) for pk in list(due))


@transaction.atomic
def _close_if_due(pk: int, on: date) -> bool:
    due = User.objects.filter(pk=pk, is_active=True, leaves_on__lte=on)
    person: User | None = due.select_for_update(of=("self",), skip_locked=True, no_key=True).first()
    if person is None or person.leaves_on is None:
        return False
    _end_everything(person, person.leaves_on)
    _close(person)
    return True


def check_is_there(person: User) -> None:
    """Raise ``TooLate`` if the account of ``person`` is closed."""
    if not person.is_active:
        raise TooLate(f"{person} has left already, and the account is closed.")


def check_is_leaving(person: User) -> date:
    """The first day without ``person``, who is about to leave. Raises ``TooLate`` if they are not."""
    if not person.is_active or person.leaves_on is None:
        raise TooLate(f"{person} is not about to leave.")
    return person.leaves_on


def check_is_closed(person: User) -> None:
    """Raise ``TooLate`` if the account of ``person`` is open."""
    if person.is_active:
        raise TooLate(f"The account of {person} is open.")


def check_is_open(item: LeaverItem) -> None:
    """Raise ``TooLate``, which says what has happened, if ``item`` waits for nobody any more."""
    if not LeaverItem.objects.open_on(timezone.localdate()).filter(pk=item.pk).exists():
        raise TooLate(what_happened(item))


def _lock_person(person: User, by: User) -> User:
    if not by.has_perm(Perm.MANAGE_USERS):
        raise PermissionDenied(f"{by} may not say who leaves")
    locked: User = User.objects.select_for_update(of=("self",), no_key=True).get(pk=person.pk)
    return locked


def _check_may_leave(person: User, on: date, by: User) -> None:
    if person == by:
        raise ValidationError("You cannot end your own access. Ask a colleague in the business unit to do it.")
    if on > (latest := timezone.localdate() + FURTHEST):
        raise ValidationError({"day": f"Enter a day on or before {date_format(latest, 'j F Y')}"})
    if person.grants.active(timezone.localdate()).filter(role=Role.BUSINESS_UNIT).exists():
        check_somebody_is_left(person)


def _lasting(rows: Any, day: date) -> models.QuerySet[Any]:
    """Those of ``rows`` that hold on ``day`` or later."""
    found: models.QuerySet[Any] = rows.filter(Q(ends=None) | Q(ends__gt=day))
    return found


def _end_everything(person: User, day: date) -> None:
    for grant in _lasting(person.grants, day):
        people.end_role(grant, on=day)
    for seat in _lasting(person.memberships, day):
        _leave_to_others(person, LeaverItemKind.SEAT, seat, day, capacity=seat.capacity)
        _cut_short(seat, day)
    for term in _lasting(person.chair_terms, day):
        _leave_to_others(person, LeaverItemKind.CHAIR, term, day)
        term.ended_early_because = f"{person} left"
        _cut_short(term, day, "ended_early_because")
    _leave_actions(person, day)
    people.withdraw_invitations(person)
    person.forget_reach()


def _leave_to_others(
    person: User, kind: LeaverItemKind, row: Membership | ChairTerm, day: date, capacity: str = ""
) -> None:
    LeaverItem.objects.create(
        person=person,
        kind=kind,
        group_id=row.group_id,
        organisation_id=row.organisation_id,
        capacity=capacity,
        starts=max(row.starts, day),
        ends=row.ends,
    )


def _cut_short(row: Membership | ChairTerm, day: date, *also: str) -> None:
    """End what has begun by ``day``; remove what has not, for it would hold on no day at all."""
    if row.starts >= day:
        row.delete()
        return
    row.ends = day
    row.save(update_fields=["ends", *also])


def _leave_actions(person: User, day: date) -> None:
    listed = person.left_to_others.filter(settled_at=None).exclude(action=None).values("action")
    LeaverItem.objects.bulk_create(
        LeaverItem(person=person, kind=LeaverItemKind.ACTION, action=action, starts=day)
        for action in person.actions.unfinished().exclude(pk__in=listed)
    )


def _note_day(person: User, day: date | None) -> None:
    person.leaves_on = day
    person.save(update_fields=["leaves_on"])


def _close(person: User) -> None:
    """Close the account. Should it be opened again, neither its calendar's old address nor its name as a contact of the
    agency that it was of opens anything."""
    person.is_active = False
    person.save(update_fields=["is_active"])
    CalendarFeed.objects.filter(person=person).delete()
    EscalationContact.objects.filter(person=person).delete()
    for term in _lasting(person.deputy_chair_terms, timezone.localdate()):
        term.deputy = None
        term.save(update_fields=["deputy"])


# --- Staying after all ------------------------------------------------------------------------------------------------


def _give_back(person: User, day: date, by: User) -> None:
    """Undo ``_end_everything``, but for what somebody else has by now."""
    _note_day(person, None)  # first: who is about to leave is given nothing
    given = person.grants.filter(Q(ends=day) | Q(ends=F("starts"), starts__gt=day)).select_related("group")
    for grant in given:
        _go_on(grant, grant.group.ends if grant.group else None)
    for item in person.left_to_others.filter(settled_at=None).select_related("group", "organisation"):
        if item.kind != LeaverItemKind.ACTION:
            _give_back_one(item, person, day, by)
        item.delete()
    person.forget_reach()


def _give_back_one(item: LeaverItem, person: User, day: date, by: User) -> None:
    rows = Membership.objects if item.kind == LeaverItemKind.SEAT else ChairTerm.objects
    ended = rows.filter(group=item.group, person=person, ends=day).first()
    if ended is not None:
        _go_on(ended, item.ends)
        return
    with suppress(ValidationError):  # somebody else has the place by now, and keeps it
        _put_in_place(item, person, item.starts, by)


def _go_on(row: RoleGrant | Membership | ChairTerm, ends: date | None) -> None:
    """Let ``row`` hold until the day before ``ends``, unless somebody else has the place by now: they keep it."""
    row.ends = ends
    if isinstance(row, ChairTerm):
        row.ended_early_because = ""
    with suppress(IntegrityError), transaction.atomic():
        row.save()


# --- Handing over -----------------------------------------------------------------------------------------------------


@transaction.atomic
def hand_over(item: LeaverItem, *, to: User, by: User) -> LeaverItem:
    """Give ``item`` to somebody else, and tell them: a seat or the chair from the day it is free (never backdated) for
    the same organisation, an action with all that it has.

    A deputy who takes over a member's seat gives up their own. Raises ``PermissionDenied``, ``TooLate`` if it is
    settled, or ``ValidationError`` (``to``): not one of ``leavers.candidates``, or the place is taken on these days.
    """
    locked = _lock_item(item, by)
    if not leavers.candidates(locked, on=timezone.localdate()).filter(pk=to.pk).exists():
        raise ValidationError({"to": f"{to} cannot take this over. Select one of the people listed"})
    if locked.kind == LeaverItemKind.ACTION:
        _give_action(locked, to)
    else:
        _give_place(locked, to, by)
    to.forget_reach()
    starts = leavers.needed_from(locked, on=timezone.localdate())
    mail.queue("handed_over", to=[to], about=locked.action or locked.group, item=locked, starts=starts, by=by)
    return _settle(locked, by, handed_to=to)


@transaction.atomic
def settle_without(item: LeaverItem, *, reason: str, by: User) -> LeaverItem:
    """Say why nobody takes ``item`` over. An action stays with its owner, and names nobody who does it.

    Raises ``PermissionDenied``, ``TooLate`` if it is settled, or ``ValidationError`` (``reason``): none, or one that
    may identify a child.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Enter why nobody takes this over"})
    refuse_identifying(reason=reason)
    locked = _lock_item(item, by)
    if locked.action is not None:
        _give_action(locked, None)
    return _settle(locked, by, reason=reason.strip())


def _lock_item(item: LeaverItem, by: User) -> LeaverItem:
    if not by.has_perm(Perm.MANAGE_USERS):
        raise PermissionDenied(f"{by} may not hand over what others leave")
    locked = lock(item)
    check_is_open(locked)
    return locked


def what_happened(item: LeaverItem) -> str:
    """How ``item``, which is open no more, was settled: for the one who comes too late."""
    if item.handed_to is not None:
        return f"{item.settled_by} has handed this over to {item.handed_to} already."
    if item.settled_at is not None:
        return f"{item.settled_by} has settled this already: {item.reason}"
    return "Nobody is needed for this any more: it is finished, past, or done by somebody else."


def _settle(item: LeaverItem, by: User, *, handed_to: User | None = None, reason: str = "") -> LeaverItem:
    item.handed_to, item.reason, item.settled_by, item.settled_at = handed_to, reason, by, timezone.now()
    item.save(update_fields=["handed_to", "reason", "settled_by", "settled_at"])
    return item


def _give_action(item: LeaverItem, to: User | None) -> None:
    action = Action.objects.select_for_update(of=("self",)).get(pk=item.action_id)
    action.person = to
    action.save(update_fields=["person"])


def _give_place(item: LeaverItem, to: User, by: User) -> None:
    """A seat or the chair. What does not fit is told on the field ``to``: the days are not for the reader to choose."""
    day = leavers.needed_from(item, on=timezone.localdate())
    try:
        if item.kind == LeaverItemKind.SEAT:
            _give_up_own_seat(item, to, day)
        _put_in_place(item, to, day, by)
    except ValidationError as error:
        raise ValidationError({"to": error.messages}) from error


def _give_up_own_seat(item: LeaverItem, to: User, day: date) -> None:
    """A deputy or adviser who takes over the seat of a member is that no longer."""
    own: Membership | None = to.memberships.on(day).filter(group=item.group).exclude(capacity=item.capacity).first()
    if own is not None:
        _cut_short(own, day)


def _put_in_place(item: LeaverItem, person: User, starts: date, by: User) -> None:
    """Give ``person`` the seat or the chair that ``item`` is about. Raises ``ValidationError``."""
    group = Group.objects.get(pk=item.group_id or 0)
    ends = min(filter(None, [item.ends, group.ends]), default=None)
    place: dict[str, Any] = {
        "person": person,
        "organisation": leavers.body_of(item, on=starts),
        "starts": starts,
        "last_day": ends - ONE_DAY if ends else None,
    }
    if item.kind == LeaverItemKind.SEAT:
        members.add_member(group, by=by, capacity=Capacity(item.capacity), **place)
    else:
        chairs.add_term(group, by=by, **place)
