"""The rolling chair: terms, the rota of organisations, and the hand-over from one chair to the next.

That two terms never overlap is held by the database; what a person reads names who chairs then.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from partnership.engine.workflow import TooLate, lock
from partnership.models import ChairRota, ChairTerm, Group, HandoverItem, HandoverStep, Organisation, User
from partnership.models.groups import ONE_DAY
from partnership.permissions import Perm
from partnership.services.groups import check_may_manage, in_words
from partnership.services.members import check_is_there
from partnership.texts import refuse_identifying

ONE_AT_A_TIME = "chairterm_one_at_a_time"  # the constraint of the model

# --- Terms -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_term(
    group: Group,
    *,
    by: User,
    person: User,
    organisation: Organisation | None = None,
    deputy: User | None = None,
    starts: date,
    last_day: date,
) -> ChairTerm:
    """Let ``person`` chair ``group`` from ``starts`` to ``last_day``, with a hand-over list of its own.

    Raises ``PermissionDenied``, or ``ValidationError`` by field: somebody else chairs on some of these days, or the
    days do not fit.
    """
    check_may_manage(by, group)
    body = organisation or person.organisation
    if body is None:
        raise ValidationError({"organisation": f"Select for whom {person} chairs: no organisation is known of them"})
    check_is_there(person, starts)
    term = _save(ChairTerm(group=group, person=person, organisation=body, deputy=deputy, starts=starts), last_day)
    HandoverStep.objects.bulk_create(
        HandoverStep(term=term, text=item.text, order=order) for order, item in enumerate(HandoverItem.objects.all(), 1)
    )
    return term


@transaction.atomic
def change_term(
    term: ChairTerm,
    *,
    by: User,
    person: User,
    organisation: Organisation,
    deputy: User | None,
    starts: date,
    last_day: date,
) -> ChairTerm:
    """Put a term right. Raises as ``add_term``, and ``TooLate`` if it is gone."""
    check_may_manage(by, term.group)
    row = lock(term)
    row.person, row.organisation, row.deputy, row.starts = person, organisation, deputy, starts
    return _save(row, last_day)


@transaction.atomic
def end_early(term: ChairTerm, *, by: User, last_day: date, reason: str) -> ChairTerm:
    """Let a chair go before the end of the term, and say why. Raises ``ValidationError`` by field."""
    check_may_manage(by, term.group)
    refuse_identifying(reason=reason)
    row = lock(term)
    if last_day >= row.last_day:
        raise ValidationError({"last_day": f"The term ends on {in_words(row.last_day)} anyway: enter an earlier day"})
    if not reason.strip():
        raise ValidationError({"reason": "Enter why the term ends early"})
    row.ended_early_because = reason.strip()
    return _save(row, last_day)


@transaction.atomic
def remove_term(term: ChairTerm, *, by: User) -> None:
    """Take back a term that has not begun. Raises ``ValidationError`` for one that has: that is ended, not removed."""
    check_may_manage(by, term.group)
    row = lock(term)
    if row.starts <= timezone.localdate():
        raise ValidationError("This term has begun. End it early instead.")
    row.delete()


def _save(term: ChairTerm, last_day: date) -> ChairTerm:
    term.ends = last_day + ONE_DAY
    _check_days(term)
    try:
        with transaction.atomic():
            term.save()
    except IntegrityError as error:
        if ONE_AT_A_TIME not in str(error):
            raise
        raise ValidationError({"starts": _who_chairs_then(term)}) from error
    term.person.forget_reach()
    return term


def _check_days(term: ChairTerm) -> None:
    group = term.group
    if term.ends <= term.starts:
        raise ValidationError({"last_day": "The last day must be on or after the first"})
    if group.starts and term.starts < group.starts:
        raise ValidationError({"starts": f"The group began on {in_words(group.starts)}: enter that day or a later one"})
    if group.ends and term.ends > group.ends:
        raise ValidationError({"last_day": f"The group ended on {in_words(group.last_day)}: enter that day or before"})
    if term.organisation.has_ended(on=term.starts):
        raise ValidationError(
            {"organisation": f"{term.organisation} will have ended by then. Select the body that followed"}
        )
    if term.deputy == term.person:
        raise ValidationError({"deputy": f"{term.person} cannot be their own deputy"})


def _who_chairs_then(term: ChairTerm) -> str:
    """Who is in the chair on days of ``term``, for whoever enters it."""
    others = term.group.chair_terms.exclude(pk=term.pk).filter(starts__lt=term.ends, ends__gt=term.starts)
    told = [
        f"{other.person} ({other.organisation}) from {in_words(other.starts)} to {in_words(other.last_day)}"
        for other in others.select_related("person", "organisation").order_by("starts")
    ]
    return f"Somebody chairs the group on some of these days: {'; '.join(told)}" if told else "Try again"


# --- The rota --------------------------------------------------------------------------------------------------------


@transaction.atomic
def add_to_rota(group: Group, organisation: Organisation, *, by: User) -> ChairRota:
    """Let ``organisation`` take its turn after all others. Raises ``ValidationError`` if it is in the rota."""
    check_may_manage(by, group)
    locked = lock(group)
    if locked.chair_rota.filter(organisation=organisation).exists():
        raise ValidationError({"organisation": f"{organisation} is in the rota already"})
    last = locked.chair_rota.aggregate(last=Max("order"))["last"] or 0
    return locked.chair_rota.create(organisation=organisation, order=last + 1)


@transaction.atomic
def remove_from_rota(place: ChairRota, *, by: User) -> None:
    """Take an organisation out of the rota; those after it move up. Raises ``TooLate`` if it is out already."""
    locked = _lock_rota(place, by)
    rota = list(locked.chair_rota.order_by("order"))
    lock(place).delete()
    _renumber([row for row in rota if row.pk != place.pk])


@transaction.atomic
def move_in_rota(place: ChairRota, *, by: User, up: bool) -> None:
    """Let an organisation change places with the one before it, or after it. At the end nothing happens."""
    locked = _lock_rota(place, by)
    rota = list(locked.chair_rota.order_by("order"))
    _swap(rota, place, up)
    _renumber(rota)


def _lock_rota(place: ChairRota, by: User) -> Group:
    check_may_manage(by, place.group)
    return lock(place.group)


def _swap(rows: list[Any], row: ChairRota | HandoverItem, up: bool) -> None:
    """Let ``row`` change places with its neighbour in ``rows``. Raises ``TooLate`` if it is not there."""
    keys = [one.pk for one in rows]
    if row.pk not in keys:
        raise TooLate("What you wanted to move is no longer there: somebody has taken it out.")
    here = keys.index(row.pk)
    there = here + (-1 if up else 1)
    if 0 <= there < len(rows):
        rows[here], rows[there] = rows[there], rows[here]


def _renumber(rows: Sequence[ChairRota | HandoverItem]) -> None:
    for order, row in enumerate(rows, 1):
        if row.order != order:
            row.order = order
            row.save(update_fields=["order"])


# --- Handing over ----------------------------------------------------------------------------------------------------


@transaction.atomic
def tick_step(step: HandoverStep, *, by: User, done: bool) -> HandoverStep:
    """Say that a step of a hand-over is done, or not done after all. Who ticks it first stays named.

    Raises ``PermissionDenied`` unless ``by`` leaves or takes the chair, or works in the business unit.
    """
    if not by.has_perm(Perm.HAND_OVER, step.term):
        raise PermissionDenied(f"{by} has no part in this hand-over")
    row = lock(step)
    if row.is_done != done:
        row.done_by, row.done_at = (by, timezone.now()) if done else (None, None)
        row.save(update_fields=["done_by", "done_at"])
    return row


@transaction.atomic
def save_item(item: HandoverItem | None, *, by: User, text: str) -> HandoverItem:
    """Add a line to the list that new hand-overs start from, or change one. Raises ``ValidationError`` if it is there.

    Lists that have begun stay as they are.
    """
    check_may_manage(by)
    refuse_identifying(text=text)
    same = HandoverItem.objects.filter(text__iexact=text.strip())
    if (same.exclude(pk=item.pk) if item else same).exists():
        raise ValidationError({"text": "This is in the list already"})
    row = (
        lock(item) if item else HandoverItem(order=(HandoverItem.objects.aggregate(last=Max("order"))["last"] or 0) + 1)
    )
    row.text = text.strip()
    row.save()
    return row


@transaction.atomic
def remove_item(item: HandoverItem, *, by: User) -> None:
    """Take a line out of the list that new hand-overs start from. Raises ``TooLate`` if it is out already."""
    check_may_manage(by)
    lock(item).delete()


@transaction.atomic
def move_item(item: HandoverItem, *, by: User, up: bool) -> None:
    """Let a line change places with the one before it, or after it."""
    check_may_manage(by)
    rows = list(HandoverItem.objects.select_for_update().order_by("order", "pk"))
    _swap(rows, item, up)
    _renumber(rows)
