"""Accounts and roles: invitations, grants, and the end of a role."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from partnership.choices import Role
from partnership.engine import mail
from partnership.models import Group, Invitation, Organisation, RoleGrant, User
from partnership.permissions import Perm

BETWEEN_INVITATIONS = timedelta(minutes=5)  # a second click is no second letter


class AlreadyHeld(Exception):
    """The person holds this role there already. The text is ready to show."""


class InvitationUnusable(Exception):
    """The link was used, has expired, or was never sent. The text is ready to show."""


@transaction.atomic
def grant_role(
    person: User,
    role: Role,
    *,
    organisation: Organisation | None = None,
    group: Group | None = None,
    by: User | None,
    starts: date | None = None,
    ends: date | None = None,
) -> RoleGrant:
    """Give ``person`` a role, for an organisation or a group if it is held for one, from ``starts`` (today) until the
    day before ``ends`` (no end known).

    Raises ``AlreadyHeld`` if they hold it there on any of these days.
    """
    day = starts or timezone.localdate()
    User.objects.select_for_update().get(pk=person.pk)  # two grants at once: the second sees the first
    place = {"organisation": organisation, "group": group}
    if RoleGrant.objects.filter(user=person, role=role, **place).overlapping(day, ends).exists():
        raise AlreadyHeld(f"{person} is {role.label.lower()} here already.")
    grant: RoleGrant = RoleGrant.objects.create(user=person, role=role, **place, starts=day, ends=ends, granted_by=by)
    person.forget_reach()
    return grant


@transaction.atomic
def end_role(grant: RoleGrant, *, on: date | None = None) -> RoleGrant:
    """End a grant: ``on`` (today) is the first day without it. Nothing happens if it has ended by then."""
    day = on or timezone.localdate()
    locked: RoleGrant = RoleGrant.objects.select_for_update().get(pk=grant.pk)
    if locked.ends is None or locked.ends > day:
        locked.ends = max(day, locked.starts)
        locked.save(update_fields=["ends"])
    return locked


@transaction.atomic
def change_person(
    person: User, *, name: str, email: str, job_title: str, organisation: Organisation | None, by: User
) -> User:
    """Change what is known of a person. Where the address changes, links sent to the old one stop working, it no longer
    signs in, and both addresses are told.

    Raises ``PermissionDenied``, or ``ValidationError`` (``email``) if another account has the address.
    """
    if not by.has_perm(Perm.MANAGE_USERS, person):
        raise PermissionDenied(f"{by} may not change {person}")
    locked: User = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    old, locked.email = locked.email, email.strip().lower()
    locked.name, locked.job_title, locked.organisation = name.strip(), job_title.strip(), organisation
    _check_address(locked)
    locked.save(update_fields=["name", "email", "job_title", "organisation"])
    if locked.email != old.lower():
        _change_address(locked, old, by)
    return locked


def _check_address(person: User) -> None:
    other = User.objects.filter(email__iexact=person.email).exclude(pk=person.pk).first()
    if other is not None:
        raise ValidationError({"email": f"This is the address of {other}. Enter another one"})


def _change_address(person: User, old: str, by: User) -> None:
    withdraw_invitations(person)
    EmailAddress.objects.filter(user=person).delete()  # allauth's own list, by which codes to sign in are sent
    mail.queue("address_changed", to=[person, old], about=person, account=person, old=old, by=by)


def withdraw_invitations(person: User) -> None:
    """Make every link sent to ``person`` and not yet used stop working."""
    now = timezone.now()
    person.invitations.filter(accepted_at=None, expires_at__gt=now).update(expires_at=now)


def find_or_make_person(
    email: str, *, name: str, job_title: str = "", organisation: Organisation | None = None
) -> User:
    """The account with this address, in any case of letters; made, without a password, if there is none.

    An account that is there already keeps its name, job title and organisation.
    """
    found: User | None = User.objects.filter(email__iexact=email.strip()).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return User.objects.create_user(
                email, name=name.strip(), job_title=job_title.strip(), organisation=organisation
            )
    except IntegrityError:  # somebody else has just made it
        made: User = User.objects.get(email__iexact=email.strip())
        return made


@transaction.atomic
def invite(person: User, *, by: User | None, about: Any = None) -> Invitation:
    """Send ``person`` a link that opens their account once; links sent before stop working.

    The link holds for ``INVITATION_DAYS`` days. Only a hash of its secret is kept: the message forgets its text once it
    is sent.
    """
    now = timezone.now()
    withdraw_invitations(person)
    secret = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        user=person,
        secret_hash=hash_secret(secret),
        invited_by=by,
        sent_at=now,
        expires_at=now + timedelta(days=settings.INVITATION_DAYS),
    )
    link = settings.PORTAL_ADDRESS + reverse("accept_invitation", args=[secret])
    grants = person.active_grants()
    mail.queue(
        "invitation", to=[person], about=about, secret=True, link=link, invitation=invitation, by=by, grants=grants
    )
    return invitation


@transaction.atomic
def invite_again(person: User, *, by: User) -> Invitation:
    """Send ``person`` a link, or a new one. Raises ``PermissionDenied``, or ``ValidationError`` if they have signed in,
    a link went just now, or the account is closed."""
    if not by.has_perm(Perm.MANAGE_USERS, person):
        raise PermissionDenied(f"{by} may not invite {person}")
    locked: User = User.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if not locked.is_active:
        raise ValidationError(f"The account of {locked} is closed. Open it again first.")
    check_wants_invitation(locked)
    return invite(locked, by=by)


def check_wants_invitation(person: User) -> None:
    """Raise ``ValidationError`` if ``person`` has signed in, or a link went to them just now."""
    if person.last_login is not None:
        raise ValidationError(f"{person} has signed in already and needs no invitation.")
    newest = person.invitations.order_by("-sent_at").first()
    if newest is not None and newest.sent_at > timezone.now() - BETWEEN_INVITATIONS:
        at = date_format(timezone.localtime(newest.sent_at), "H:i")
        raise ValidationError(f"An invitation went to {person.email} at {at}. Wait five minutes to send another.")


def hash_secret(secret: str) -> str:
    """The SHA-256 of a link's secret, in hexadecimal: what the database keeps instead of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_invitation(secret: str) -> Invitation:
    """The invitation that ``secret`` opens now. Raises ``InvitationUnusable``."""
    return _usable(Invitation.objects.select_related("user"), secret)


def _usable(invitations: models.QuerySet[Invitation], secret: str) -> Invitation:
    found = invitations.filter(secret_hash=hash_secret(secret)).first()
    if found is None:
        raise InvitationUnusable("This link is not one that we sent. Check that you have copied the whole of it.")
    if found.accepted_at is not None:
        raise InvitationUnusable("This link has been used already. Sign in with your email address instead.")
    if not found.is_usable(at=timezone.now()):
        raise InvitationUnusable("This link no longer works. Ask the person who invited you for a new one.")
    return found


@transaction.atomic
def accept_invitation(secret: str, *, name: str, password: str = "") -> User:
    """Use an invitation, set the person's name and (if they chose one) password, and return the account.

    Raises ``InvitationUnusable``, also for the second of two clicks.
    """
    locked = Invitation.objects.select_related("user").select_for_update(of=("self",))
    invitation = _usable(locked, secret)
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    person = invitation.user
    person.name = name.strip()
    if password:
        person.set_password(password)
    person.save(update_fields=["name", "password"])
    return person
