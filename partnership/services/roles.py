"""People and their roles as the business unit adds, gives and ends them: each role with the scope that it has."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from partnership.choices import (
    GROUP_ROLES,
    NEVER_TO_ONESELF_ROLES,
    ONE_AT_A_TIME_ROLES,
    ORGANISATION_ROLES,
    SCHOOL_ROLES,
    GroupKind,
    OrganisationKind,
    Role,
)
from partnership.engine import mail
from partnership.engine.workflow import TooLate, lock
from partnership.models import Group, Organisation, RoleGrant, User
from partnership.permissions import Perm
from partnership.services import people

NAMED = ("user", "organisation", "group")  # whom letters about a role name
LEADS = {Role.DSL: Role.DEPUTY_DSL, Role.DEPUTY_DSL: Role.DSL}  # nobody is both at one school


@transaction.atomic
def add_person(
    *,
    email: str,
    name: str,
    job_title: str = "",
    organisation: Organisation | None = None,
    role: Role | None = None,
    group: Group | None = None,
    by: User,
) -> User:
    """A new account and, where ``role`` is given, the role (for ``organisation`` or ``group``, if it is held for one)
    and the invitation. Raises as ``give``, and ``ValidationError`` (``email``) if somebody has the address already."""
    _check_may(by)
    known = User.objects.filter(email__iexact=email.strip()).first()
    if known is not None:
        raise ValidationError({"email": f"This is the address of {known}, whom you find in the list of people"})
    person = people.find_or_make_person(email, name=name, job_title=job_title, organisation=organisation)
    if role is not None:
        give(person, role=role, organisation=organisation if role in ORGANISATION_ROLES else None, group=group, by=by)
    return person


@transaction.atomic
def give(
    person: User,
    *,
    role: Role,
    organisation: Organisation | None = None,
    group: Group | None = None,
    starts: date | None = None,
    ends: date | None = None,
    by: User,
) -> RoleGrant:
    """Give ``person`` a role from ``starts`` (today) until the day before ``ends``, and tell them: by an invitation if
    they have never signed in, else by a note.

    A role at a school needs a school, a partner's an organisation, a hub lead's a learning hub, all others neither. A
    role for a hub that is to end ends with it. Raises ``PermissionDenied``, or ``ValidationError`` by field: the scope
    does not fit, the days do not, the role is held already (by them, or at a school by somebody else), or it is one
    that nobody gives themselves.
    """
    _check_may(by)
    group = lock(group) if group is not None else None  # it may be ending at this moment
    day = starts or timezone.localdate()
    _check_person(person, role, by)
    _check_days(day, ends)
    _check_organisation(role, organisation, day)
    _check_group(role, group, day)
    if organisation is not None:
        _check_place(person, role, organisation, day, ends)
    if group is not None:
        ends = min(filter(None, [ends, group.ends]), default=None)
    grant = _grant(person, role, {"organisation": organisation, "group": group}, by, day, ends)
    _tell(grant, by)
    return grant


@transaction.atomic
def end(grant: RoleGrant, *, on: date | None = None, by: User) -> RoleGrant:
    """End a role: ``on`` (today) is the first day without it. The person is told.

    Raises ``PermissionDenied``, ``TooLate`` if it has ended by then, or ``ValidationError``: a day before it began, or
    nobody would be left to run the portal.
    """
    _check_may(by)
    day = on or timezone.localdate()
    if grant.role == Role.BUSINESS_UNIT:
        check_somebody_is_left(grant.user)
    locked = RoleGrant.objects.select_for_update(of=("self",)).select_related(*NAMED).get(pk=grant.pk)
    if locked.ends is not None and locked.ends <= day:
        raise TooLate(f"{locked.user}’s role has an end already: {_day(locked.ends)} is the first day without it.")
    if day < locked.starts:
        raise ValidationError({"on": f"The role began on {_day(locked.starts)}. Enter that day or a later one"})
    ended = people.end_role(locked, on=day)
    _say_it_ended(ended, day, by)
    return ended


@transaction.atomic
def end_with_group(group: Group, *, on: date, by: User) -> None:
    """End every role held for ``group``, which itself ends: ``on`` is the first day without. Each person is told."""
    lasting = RoleGrant.objects.filter(Q(ends=None) | Q(ends__gt=on), group=group)
    for grant in lasting.select_related(*NAMED).order_by("pk"):
        _say_it_ended(people.end_role(grant, on=on), on, by)


def check_somebody_is_left(person: User) -> None:
    """Raise ``ValidationError`` if without ``person`` nobody would hold the business unit's role for good.

    All those rows are locked, in one order, before any other grant is: of two people who end each other's role at once,
    the second is refused.
    """
    open_ended = RoleGrant.objects.select_for_update(of=("self",)).filter(role=Role.BUSINESS_UNIT, ends=None)
    there = open_ended.active(timezone.localdate()).filter(user__is_active=True).order_by("pk")
    if not [grant for grant in there if grant.user_id != person.pk]:
        raise ValidationError(
            "Nobody else would be left in the business unit to run the portal. Give somebody else that role first."
        )


def _check_may(by: User) -> None:
    if not by.has_perm(Perm.MANAGE_USERS):
        raise PermissionDenied(f"{by} may not give or end roles")


def _check_person(person: User, role: Role, by: User) -> None:
    if not person.is_active:
        raise ValidationError(f"The account of {person} is closed. Open it again first.")
    if person == by and role in NEVER_TO_ONESELF_ROLES:
        raise ValidationError({"role": f"You cannot make yourself {role.label.lower()}. Ask a colleague to do it"})


def _check_days(starts: date, ends: date | None) -> None:
    if ends is not None and ends <= starts:
        raise ValidationError({"ends": f"The first day without the role must be after {_day(starts)}, when it starts"})


def _check_organisation(role: Role, organisation: Organisation | None, day: date) -> None:
    if role not in ORGANISATION_ROLES:
        if organisation is not None:
            raise ValidationError({"organisation": f"{role.label} is no role for one organisation. Leave this empty"})
        return
    if organisation is None:
        what = "school" if role in SCHOOL_ROLES else "organisation"
        raise ValidationError({"organisation": f"Select the {what} at which they hold this role"})
    if role in SCHOOL_ROLES and organisation.kind != OrganisationKind.SCHOOL:
        raise ValidationError({"organisation": f"{organisation} is no school. Select a school for this role"})
    if organisation.has_ended(on=day):
        raise ValidationError({"organisation": f"{organisation} no longer exists on {_day(day)}"})


def _check_group(role: Role, group: Group | None, day: date) -> None:
    if role not in GROUP_ROLES:
        if group is not None:
            raise ValidationError({"group": f"{role.label} is no role for a learning hub. Leave this empty"})
        return
    if group is None:
        raise ValidationError({"group": "Select the learning hub that they lead"})
    if group.kind != GroupKind.HUB:
        raise ValidationError({"group": f"{group} is no learning hub. Select a learning hub for this role"})
    if not group.exists_on(day):
        raise ValidationError({"group": f"{group} does not exist on {_day(day)}"})


def _check_place(person: User, role: Role, organisation: Organisation, starts: date, ends: date | None) -> None:
    held = RoleGrant.objects.filter(organisation=organisation).overlapping(starts, ends).select_related("user")
    if role in LEADS and held.filter(user=person, role=LEADS[role]).exists():
        raise ValidationError({"role": f"{person} is {LEADS[role].label.lower()} there, and cannot be both"})
    if role in ONE_AT_A_TIME_ROLES:
        other = held.filter(role=role, user__is_active=True).exclude(user=person).first()
        if other is not None:
            raise ValidationError(
                {"organisation": f"{organisation} has a {role.label.lower()}: {other.user}. Replace them on its page"}
            )
        for closed in held.filter(role=role, user__is_active=False):
            people.end_role(closed)


def _grant(person: User, role: Role, place: dict[str, Any], by: User, starts: date, ends: date | None) -> RoleGrant:
    try:
        with transaction.atomic():
            return people.grant_role(person, role, **place, by=by, starts=starts, ends=ends)
    except people.AlreadyHeld as error:
        raise ValidationError({"role": f"{error} Enter other days, or end that role first"}) from error
    except IntegrityError as error:  # somebody else has just been given it
        raise ValidationError({"role": "Somebody holds this role already. Look at the list of roles again"}) from error


def _tell(grant: RoleGrant, by: User) -> None:
    if grant.user.last_login is None:
        people.invite(grant.user, by=by, about=grant.place)
    else:
        mail.queue("role_given", to=[grant.user], about=grant.place, grant=grant, by=by)


def _say_it_ended(grant: RoleGrant, day: date, by: User) -> None:
    person = grant.user
    person.forget_reach()
    kept = [other for other in person.active_grants() if other.pk != grant.pk]
    if not kept and day <= timezone.localdate():
        people.withdraw_invitations(person)
    here = ", ".join(other.get_role_display() for other in kept if other.place == grant.place)
    mail.queue("role_ended", to=[person], about=grant.place, grant=grant, by=by, left_here=here, day=day)


def _day(day: date) -> str:
    return date_format(day, "j F Y")
