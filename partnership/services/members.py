"""Who sits on a group: added, changed, ended. A person sits on a group once at a time; the database holds that."""

from __future__ import annotations

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from partnership.choices import Capacity
from partnership.engine.workflow import lock
from partnership.models import Group, Membership, Organisation, User
from partnership.models.groups import ONE_DAY
from partnership.services.groups import check_may_manage, in_words

ONCE_AT_A_TIME = "membership_once_at_a_time"  # the constraint of the model


def find_person(typed: str, *, field: str = "person") -> User:
    """The account that an email address or a whole name means. Raises ``ValidationError``, for ``field``, if none or
    several do."""
    typed = " ".join(typed.split())
    found: list[User] = list(User.objects.filter(Q(email__iexact=typed) | Q(name__iexact=typed), is_active=True)[:5])
    if not found:
        raise ValidationError({field: f"No open account has the name or address “{typed}”. Add the person first"})
    if len(found) > 1:
        addresses = ", ".join(person.email for person in found)
        raise ValidationError({field: f"Several people are called that. Enter one of these addresses: {addresses}"})
    return found[0]


@transaction.atomic
def add_member(
    group: Group,
    *,
    by: User,
    person: User,
    organisation: Organisation | None = None,
    capacity: Capacity = Capacity.MEMBER,
    starts: date,
    last_day: date | None = None,
) -> Membership:
    """Let ``person`` sit on ``group`` for ``organisation``, or the one that they work for.

    Raises ``PermissionDenied``, or ``ValidationError`` by field: they sit there already on some of these days, have no
    organisation, or the days do not fit the group's.
    """
    check_may_manage(by, group)
    body = organisation or person.organisation
    if body is None:
        raise ValidationError({"organisation": f"Select for whom {person} sits: no organisation is known of them"})
    check_is_there(person, starts)
    row = Membership(group=group, person=person, organisation=body, capacity=capacity, starts=starts)
    return _save(row, last_day)


def check_is_there(person: User, day: date, *, field: str = "person") -> None:
    """Raise ``ValidationError``, for ``field``, if ``person`` has left by ``day``, or their account is closed."""
    if not person.is_there(on=day):
        raise ValidationError({field: f"{person} has left by {in_words(day)}. Enter somebody else"})


@transaction.atomic
def change_member(
    member: Membership,
    *,
    by: User,
    organisation: Organisation,
    capacity: Capacity,
    starts: date,
    last_day: date | None,
) -> Membership:
    """Put right as what, for whom and when somebody sits there. Raises as ``add_member``, and ``TooLate``."""
    check_may_manage(by, member.group)
    row = lock(member)
    row.organisation, row.capacity, row.starts = organisation, capacity, starts
    return _save(row, last_day)


@transaction.atomic
def end_member(member: Membership, *, by: User, last_day: date) -> Membership:
    """Let somebody leave the group at the end of ``last_day``. Raises as ``change_member``."""
    check_may_manage(by, member.group)
    return _save(lock(member), last_day)


def _save(row: Membership, last_day: date | None) -> Membership:
    row.ends = last_day + ONE_DAY if last_day else None
    _check_days(row)
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if ONCE_AT_A_TIME not in str(error):
            raise
        raise ValidationError({"person": _sits_already(row)}) from error
    row.person.forget_reach()
    return row


def _check_days(row: Membership) -> None:
    group = row.group
    if row.ends is not None and row.ends <= row.starts:
        raise ValidationError({"last_day": "The last day must be on or after the first"})
    if group.starts and row.starts < group.starts:
        raise ValidationError({"starts": f"The group began on {in_words(group.starts)}: enter that day or a later one"})
    if group.ends and (row.ends is None or row.ends > group.ends):
        raise ValidationError(
            {"last_day": f"The group ended on {in_words(group.ends - ONE_DAY)}: enter that day or before"}
        )
    if row.organisation.has_ended(on=row.starts):
        raise ValidationError({"organisation": f"{row.organisation} had ended by then. Select the body that followed"})


def _sits_already(row: Membership) -> str:
    """Since when and as what the person sits there, for whoever adds them again."""
    same = row.group.memberships.filter(Q(ends=None) | Q(ends__gt=row.starts), person=row.person).exclude(pk=row.pk)
    if row.ends:
        same = same.filter(starts__lt=row.ends)
    other = same.order_by("starts").first()
    if other is None:  # it has just been ended
        return f"{row.person} sat on {row.group} until just now. Try again"
    until = f" to {in_words(other.last_day)}" if other.last_day else ""
    since = f"{other.get_capacity_display().lower()} from {in_words(other.starts)}{until}"
    return f"{row.person} sits on {row.group} already: {since}"
