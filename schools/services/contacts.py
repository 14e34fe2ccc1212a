"""The contacts of a school: appointed, invited, replaced, removed.

Whatever page or file asks, the rules bind here. Changes to one school's contacts happen one after another: each locks
the school first.
"""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from partnership.choices import ONE_AT_A_TIME_ROLES, Role
from partnership.engine import mail
from partnership.engine.workflow import TooLate
from partnership.models import RoleGrant, User
from partnership.services import people
from schools import contacts
from schools.choices import SchoolStatus
from schools.models import School

# Those who confirm and sign: nobody gives such a role to themselves.
SIGNING_ROLES = frozenset({Role.HEADTEACHER, Role.CHAIR_OF_GOVERNORS})


@transaction.atomic
def appoint(school: School, *, role: Role, email: str, name: str, job_title: str = "", by: User) -> RoleGrant:
    """Name somebody for ``role`` at ``school`` and tell them: an invitation, or a note if they have an account in use.

    The account is found by its address in any case of letters, or made; a name that is there already is kept. A deputy
    who becomes designated safeguarding lead stops being deputy. Raises ``PermissionDenied``, or ``ValidationError``
    where the school has somebody in the role, has closed, or the person may not be named.
    """
    locked = _lock(school, role, by)
    holder = _holder(locked, role)
    if holder is not None:
        raise ValidationError(f"{locked} has a {role.label.lower()}: {holder.user}. Replace them instead.")
    return _give(locked, role, _person(email, name, job_title), by)


@transaction.atomic
def replace(grant: RoleGrant, *, email: str, name: str, job_title: str = "", by: User) -> RoleGrant:
    """Name somebody else in place of ``grant``'s person, who loses access today. Both are told. Returns the new grant.

    Raises as ``appoint``, and ``TooLate`` if that person has been replaced or removed already.
    """
    locked, old = _lock_held(grant, by)
    person = _person(email, name, job_title)
    if person == old.user:
        raise ValidationError({"email": f"{person} holds this role already. Enter the address of somebody else"})
    _end(old, by, successor=person)
    return _give(locked, Role(old.role), person, by)


@transaction.atomic
def remove(grant: RoleGrant, *, by: User) -> RoleGrant:
    """End ``grant`` today, without a successor, and tell its person. Raises ``TooLate``, ``PermissionDenied``."""
    _, old = _lock_held(grant, by)
    _end(old, by)
    return old


@transaction.atomic
def invite_again(grant: RoleGrant, *, by: User) -> None:
    """Send the person of ``grant`` a new link; the one before stops working.

    Raises ``TooLate``, ``PermissionDenied``, or ``ValidationError`` if they have signed in, or a link went just now.
    """
    school, held = _lock_held(grant, by)
    people.check_wants_invitation(held.user)
    people.invite(held.user, by=by, about=school.organisation)


def _lock(school: School, role: Role, by: User) -> School:
    """``school`` locked until the transaction ends, once it is clear that ``by`` may change ``role`` there."""
    locked: School = School.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=school.pk)
    if not by.has_perm(contacts.permission_for(role), locked):
        raise PermissionDenied(f"{by} may not change who is {role.label.lower()}")
    return locked


def _lock_held(grant: RoleGrant, by: User) -> tuple[School, RoleGrant]:
    """The school, locked, and ``grant`` as it stands. Raises ``TooLate`` if it has ended."""
    school = _lock(School.objects.get(pk=grant.organisation_id), Role(grant.role), by)
    held = RoleGrant.objects.active(timezone.localdate()).select_related("user", "organisation")
    found = held.filter(pk=grant.pk).first()
    if found is None:
        raise TooLate(what_happened(grant, school))
    return school, found


def what_happened(grant: RoleGrant, school: School) -> str:
    """That the person of an ended ``grant`` no longer holds the role, and who does: for the one who comes too late."""
    sentence = f"{grant.user} is no longer {grant.get_role_display().lower()} of {school}."
    holder = _holder(school, Role(grant.role))
    return f"{sentence} {holder.user} is." if holder else sentence


def _holder(school: School, role: Role) -> RoleGrant | None:
    """Who holds a role that one person holds at a time. An account that is closed keeps nobody out."""
    if role not in ONE_AT_A_TIME_ROLES:
        return None
    found = RoleGrant.objects.active(timezone.localdate()).filter(organisation=school.pk, role=role)
    for closed in found.filter(user__is_active=False):
        people.end_role(closed)
    return found.filter(user__is_active=True).select_related("user").first()


def _person(email: str, name: str, job_title: str) -> User:
    person = people.find_or_make_person(email, name=name, job_title=job_title)
    if not person.is_active:
        raise ValidationError({"email": f"The account of {person} is closed. Ask the business unit to open it again"})
    return person


def _give(school: School, role: Role, person: User, by: User) -> RoleGrant:
    _check_may_be_named(school, role, person, by)
    if role == Role.DSL:
        _end_deputy(school, person)
    try:
        grant = people.grant_role(person, role, organisation=school.organisation, by=by)
    except people.AlreadyHeld as error:
        raise ValidationError({"email": str(error)}) from error
    if person.last_login is None:
        people.invite(person, by=by, about=school.organisation)
    else:
        mail.queue("role_given", to=[person], about=school.organisation, grant=grant, by=by)
    return grant


def _check_may_be_named(school: School, role: Role, person: User, by: User) -> None:
    if school.status == SchoolStatus.CLOSED:
        raise ValidationError(f"{school} has closed. Name contacts at the school that followed it.")
    if role in SIGNING_ROLES and person == by:
        raise ValidationError({"email": f"You cannot name yourself as {role.label.lower()}"})
    if role == Role.DEPUTY_DSL and _holds(school, Role.DSL, person):
        raise ValidationError(
            {"email": f"{person} is the designated safeguarding lead here, who cannot be a deputy too"}
        )


def _holds(school: School, role: Role, person: User) -> bool:
    held = RoleGrant.objects.active(timezone.localdate()).filter(organisation=school.pk, role=role, user=person)
    return held.exists()


def _end_deputy(school: School, person: User) -> None:
    held = RoleGrant.objects.active(timezone.localdate())
    for grant in held.filter(organisation=school.pk, role=Role.DEPUTY_DSL, user=person):
        people.end_role(grant)


def _end(grant: RoleGrant, by: User, *, successor: User | None = None) -> None:
    if grant.role == Role.HEADTEACHER and grant.user == by:
        raise ValidationError("You cannot end your own role as head. Ask somebody else in the business unit.")
    people.end_role(grant)
    for person in (grant.user, by):  # they may be one and the same
        person.forget_reach()
    left = grant.user.active_grants()
    if not left:
        people.withdraw_invitations(grant.user)
    left_here = ", ".join(other.get_role_display() for other in left if other.organisation_id == grant.organisation_id)
    mail.queue(
        "role_ended",
        to=[grant.user],
        about=grant.organisation,
        grant=grant,
        by=by,
        successor=successor,
        left_here=left_here,
    )
