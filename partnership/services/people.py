"""Accounts and roles: invitations, grants, and the end of a role."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from partnership.choices import Role
from partnership.engine import mail
from partnership.models import Invitation, Organisation, RoleGrant, User


class AlreadyHeld(Exception):
    """The person holds this role there already. The text is ready to show."""


class InvitationUnusable(Exception):
    """The link was used, has expired, or was never sent. The text is ready to show."""


@transaction.atomic
def grant_role(
    person: User, role: Role, *, organisation: Organisation | None = None, by: User | None, starts: date | None = None
) -> RoleGrant:
    """Give ``person`` a role from ``starts`` (today). Raises ``AlreadyHeld`` if they hold it there then or later."""
    day = starts or timezone.localdate()
    User.objects.select_for_update().get(pk=person.pk)  # two grants at once: the second sees the first
    same = RoleGrant.objects.filter(user=person, role=role, organisation=organisation)
    if same.filter(Q(ends=None) | Q(ends__gt=day)).exists():
        raise AlreadyHeld(f"{person} is {role.label.lower()} here already.")
    grant: RoleGrant = RoleGrant.objects.create(
        user=person, role=role, organisation=organisation, starts=day, granted_by=by
    )
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


def withdraw_invitations(person: User) -> None:
    """Make every link sent to ``person`` and not yet used stop working."""
    now = timezone.now()
    person.invitations.filter(accepted_at=None, expires_at__gt=now).update(expires_at=now)


def find_or_make_person(email: str, *, name: str, job_title: str = "") -> User:
    """The account with this address, in any case of letters; made, without a password, if there is none.

    An account that is there already keeps its name and job title.
    """
    found: User | None = User.objects.filter(email__iexact=email.strip()).first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return User.objects.create_user(email, name=name.strip(), job_title=job_title.strip())
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
