"""Groups: begun, renamed, moved, merged, ended; and the versions of their terms of reference.

What changes where groups stand locks all of them, so that two changes at once cannot make a circle.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import slugify

from partnership.choices import GroupKind
from partnership.engine.workflow import TooLate, lock
from partnership.models import (
    FormerName,
    FormerPlace,
    Group,
    Membership,
    NamedSeat,
    Organisation,
    TermsOfReference,
    User,
)
from partnership.models.groups import ONE_DAY
from partnership.permissions import Perm
from partnership.services import roles
from partnership.texts import refuse_identifying

# What would stand in the place of a group's address.
TAKEN_ADDRESSES = frozenset({"new"})
LONGEST_SLUG = 80


def in_words(day: date | None) -> str:
    """A day as sentences give it; empty for none."""
    return date_format(day, "j F Y") if day else ""


def check_may_manage(by: User, group: Group | None = None) -> None:
    """Raise ``PermissionDenied`` unless ``by`` may manage ``group``; without one, any."""
    if not by.has_perm(Perm.MANAGE_GROUP, group):
        raise PermissionDenied(f"{by} may not manage groups")


# --- Begun and changed -----------------------------------------------------------------------------------------------


@transaction.atomic
def add_group(*, by: User, name: str, slug: str = "", purpose: str, **fields: Any) -> Group:
    """A new group. Its address is made from the name if ``slug`` is empty.

    Raises ``PermissionDenied``, or ``ValidationError`` by field: an address that is taken, a parent that has ended.
    """
    check_may_manage(by)
    refuse_identifying(name=name, purpose=purpose)
    group = Group(name=name.strip(), slug=slug or slugify(name)[:LONGEST_SLUG], purpose=purpose, **fields)
    _check_slug(group)
    _check_parent_exists(group.parent, group.starts)
    return _save(group)


@transaction.atomic
def edit_group(group: Group, *, by: User, **fields: Any) -> Group:
    """Change what is said of a group; not its name, place or end. Raises as ``add_group``."""
    check_may_manage(by, group)
    refuse_identifying(**{name: fields[name] for name in ("purpose", "footprint") if name in fields})
    locked = lock(group)
    _check_kind(locked, fields.get("kind", locked.kind))
    for name, value in fields.items():
        setattr(locked, name, value)
    _check_slug(locked)
    if locked.starts and locked.ends and locked.ends <= locked.starts:
        raise ValidationError({"starts": f"The group ended on {in_words(locked.last_day)}: it must have begun by then"})
    return _save(locked)


def _save(group: Group) -> Group:
    try:
        with transaction.atomic():
            group.save()
    except IntegrityError as error:
        if "slug" not in str(error):
            raise
        raise _slug_taken(group) from error
    return group


def _check_slug(group: Group) -> None:
    if not group.slug or group.slug in TAKEN_ADDRESSES:
        raise ValidationError({"slug": "Enter another address: this one cannot be used"})
    if Group.objects.filter(slug=group.slug).exclude(pk=group.pk).exists():
        raise _slug_taken(group)


def _check_kind(group: Group, kind: str) -> None:
    """A hub that somebody leads, or is to lead, stays one: the role is held for no other kind of group."""
    if group.kind != GroupKind.HUB or kind == GroupKind.HUB:
        return
    if group.grants.filter(Q(ends=None) | Q(ends__gt=timezone.localdate())).exists():
        raise ValidationError({"kind": f"People hold the role of hub lead for {group}. End their roles first"})


def _slug_taken(group: Group) -> ValidationError:
    other = Group.objects.filter(slug=group.slug).exclude(pk=group.pk).first()
    return ValidationError({"slug": f"{other} has this address already. Enter another"})


@transaction.atomic
def rename_group(group: Group, *, by: User, name: str, from_day: date | None) -> Group:
    """Give the group another name from ``from_day``; the old one is kept as a former name. Without a day the old name
    was a mistake, and is not kept. Raises ``ValidationError`` by field, ``PermissionDenied``."""
    check_may_manage(by, group)
    refuse_identifying(name=name)
    locked = lock(group)
    if name.strip() == locked.name:
        raise ValidationError({"name": "This is its name already. Enter another"})
    if from_day is not None:
        _check_has_come(from_day)
        _check_after_last_change(locked.former_names, from_day, "renamed")
        _check_exists(locked, from_day, "from_day")
        FormerName.objects.create(group=locked, name=locked.name, until=from_day)
    locked.name = name.strip()
    locked.save(update_fields=["name"])
    return locked


@transaction.atomic
def move_group(group: Group, *, by: User, parent: Group | None, from_day: date) -> Group:
    """Put the group under ``parent`` (None: under none) from ``from_day``; where it stood before is kept.

    Raises ``ValidationError`` by field: a parent that is the group itself, stands under it or does not exist then.
    """
    check_may_manage(by, group)
    locked = _lock_structure(group)
    if parent is not None:
        _check_not_under(parent, locked)
    _check_parent_exists(parent, from_day)
    _check_exists(locked, from_day, "from_day")
    _check_after_last_change(locked.former_places, from_day, "moved")
    return _place(locked, parent, from_day)


def _place(group: Group, parent: Group | None, from_day: date) -> Group:
    if parent == group.parent:
        return group
    is_later_known = group.former_places.filter(until__gte=from_day).exists()  # until then it stands somewhere else
    if not is_later_known and (group.starts is None or from_day > group.starts):
        FormerPlace.objects.create(group=group, parent=group.parent, until=from_day)
    group.parent = parent
    group.save(update_fields=["parent"])
    return group


def _lock_structure(group: Group) -> Group:
    """``group``, with every group locked until the transaction ends. Raises ``TooLate`` if it is gone."""
    list(Group.objects.select_for_update().order_by("pk").values_list("pk", flat=True))
    return lock(group)


def _check_not_under(parent: Group, group: Group) -> None:
    if parent == group:
        raise ValidationError({"parent": "A group cannot stand under itself. Select another"})
    if is_under(parent, group):
        raise ValidationError({"parent": f"{parent} stands under {group}, so it cannot be above it. Select another"})


def is_under(group: Group, above: Group) -> bool:
    """Whether ``group`` stands under ``above`` today, at whatever depth. One query for each step up."""
    seen: set[int] = set()
    step = group.parent
    while step is not None and step.pk not in seen:
        if step == above:
            return True
        seen.add(step.pk)
        step = step.parent
    return False


def _check_parent_exists(parent: Group | None, day: date | None) -> None:
    if parent is not None and day is not None and not parent.exists_on(day):
        raise ValidationError({"parent": f"{parent} does not exist on {in_words(day)}. Select another"})


def _check_exists(group: Group, day: date, field: str) -> None:
    if not group.exists_on(day):
        raise ValidationError({field: f"The group does not exist on {in_words(day)}"})


def _check_has_come(day: date) -> None:
    """A new name is used everywhere at once: it cannot be entered ahead of its day."""
    if day > timezone.localdate():
        raise ValidationError({"from_day": "Enter today or an earlier day. Rename the group when the day has come"})


def _check_after_last_change(earlier: Any, day: date, changed: str) -> None:
    last = earlier.aggregate(last=Max("until"))["last"]
    if last is not None and day <= last:
        raise ValidationError({"from_day": f"The group was {changed} on {in_words(last)}: enter a later day"})


# --- Ended and merged ------------------------------------------------------------------------------------------------


@transaction.atomic
def end_group(group: Group, *, by: User, last_day: date) -> Group:
    """End a group: its members, its chair and the leads of a hub leave that day, and what was planned for later falls
    away. The leads are told.

    Raises ``ValidationError`` if it would end before it began, or groups that go on stand under it.
    """
    check_may_manage(by, group)
    locked = _lock_structure(group)
    ends = _end_of(locked, last_day)
    if going_on := ", ".join(str(child) for child in locked.children.filter(Q(ends=None) | Q(ends__gt=ends))):
        raise ValidationError({"last_day": f"These stand under it and go on: {going_on}. Move or end them first"})
    return _end(locked, ends, by)


@transaction.atomic
def let_go_on(group: Group, *, by: User) -> Group:
    """Take back the end of a group. Members, chair and leads whose time was cut short by it are not put back."""
    check_may_manage(by, group)
    locked = lock(group)
    locked.ends = locked.merged_into = None
    locked.save(update_fields=["ends", "merged_into"])
    return locked


@transaction.atomic
def merge_group(group: Group, *, by: User, into: Group, last_day: date, carried: Iterable[Membership] = ()) -> Group:
    """End a group and say that ``into`` goes on with its work: its subgroups stand under that from the next day, and
    the people of ``carried`` sit there, unless they do already. The role of a hub's lead opens people's names and so
    does not go along: it ends, and is given anew. Raises ``ValidationError`` by field.
    """
    check_may_manage(by, group)
    locked = _lock_structure(group)
    ends = _end_of(locked, last_day)
    _check_can_take_over(into, locked, ends)
    moving = [(row.person_id, row.organisation_id, row.capacity, row.ends) for row in carried]
    for child in locked.children.filter(Q(ends=None) | Q(ends__gt=ends)):
        _place(child, into, ends)
    locked.merged_into = into
    _end(locked, ends, by)
    for person_id, organisation_id, capacity, until in moving:
        _carry_over(into, person_id, organisation_id, capacity, ends, until)
    return locked


def _check_can_take_over(into: Group, group: Group, day: date) -> None:
    if into == group:
        raise ValidationError({"into": "A group cannot be merged into itself. Select another"})
    if is_under(into, group):
        raise ValidationError({"into": f"{into} stands under {group}. Move it first, or select another"})
    if not into.exists_on(day):
        raise ValidationError({"into": f"{into} does not exist on {in_words(day)}. Select another"})


def _carry_over(
    into: Group, person_id: int, organisation_id: int, capacity: str, starts: date, ends: date | None
) -> None:
    sits = into.memberships.filter(Q(ends=None) | Q(ends__gt=starts), person=person_id)
    if not sits.exists() and (ends is None or ends > starts):
        into.memberships.create(
            person_id=person_id, organisation_id=organisation_id, capacity=capacity, starts=starts, ends=ends
        )


def _end_of(group: Group, last_day: date) -> date:
    if group.starts and last_day < group.starts:
        raise ValidationError({"last_day": f"The group began on {in_words(group.starts)}: it cannot end before"})
    return last_day + ONE_DAY


def _end(group: Group, ends: date, by: User) -> Group:
    group.ends = ends
    group.save(update_fields=["ends", "merged_into"])
    group.memberships.filter(starts__gte=ends).delete()
    group.memberships.filter(Q(ends=None) | Q(ends__gt=ends)).update(ends=ends)
    group.chair_terms.filter(starts__gte=ends).delete()
    group.chair_terms.filter(ends__gt=ends).update(ends=ends, ended_early_because="The group ended")
    roles.end_with_group(group, on=ends, by=by)
    return group


# --- Terms of reference ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SeatNamed:
    """A seat as somebody entered it."""

    organisation: Organisation
    number: int = 1
    note: str = ""


@transaction.atomic
def write_terms(
    group: Group,
    *,
    by: User,
    text: str,
    in_force_from: date,
    quorum: int = 0,
    agreed_at: str = "",
    seats: Sequence[SeatNamed] = (),
    based_on: int,
) -> TermsOfReference:
    """The next version of the terms of reference. ``based_on`` is the version that it was written from, 0 for none.

    Raises ``TooLate`` if somebody has written another since; ``ValidationError`` by field if it would come into force
    before the version that it replaces, or a seat is named twice.
    """
    check_may_manage(by, group)
    refuse_identifying(text=text, agreed_at=agreed_at)
    locked = lock(group)
    last = locked.terms.order_by("-version").first()
    _check_newest(last, based_on)
    if last is not None and in_force_from < last.in_force_from:
        begun = in_words(last.in_force_from)
        raise ValidationError({"in_force_from": f"Version {last.version} is in force from {begun}: enter a later day"})
    _check_seats(seats)
    version = (last.version if last else 0) + 1
    terms = TermsOfReference.objects.create(
        group=locked, version=version, text=text, in_force_from=in_force_from, quorum=quorum, agreed_at=agreed_at
    )
    NamedSeat.objects.bulk_create(
        NamedSeat(terms=terms, organisation=seat.organisation, number=seat.number, note=seat.note) for seat in seats
    )
    return terms


def _check_newest(last: TermsOfReference | None, based_on: int) -> None:
    if last is not None and last.version != based_on:
        raise TooLate(
            f"Somebody has written version {last.version} of these terms of reference since you began. "
            "Read it before you write another."
        )


def _check_seats(seats: Sequence[SeatNamed]) -> None:
    refuse_identifying(seats="\n".join(seat.note for seat in seats))
    seen: set[tuple[int, str]] = set()
    for seat in seats:
        key = (seat.organisation.pk, seat.note)
        if key in seen:
            raise ValidationError(
                f"{seat.organisation} is named twice. Put the number of its seats in one line, or say which post "
                "each of them is."
            )
        seen.add(key)
