"""People, their organisations, and the roles that they hold."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

import pghistory
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from partnership.choices import (
    EVERYWHERE_ROLES,
    GROUP_ROLES,
    ONE_AT_A_TIME_ROLES,
    ROLE_PURPOSES,
    SCHOOL_ROLES,
    OrganisationKind,
    Role,
)
from partnership.engine import access

if TYPE_CHECKING:
    from partnership.models.groups import Group


class OrganisationQuerySet(access.AccessQuerySet):
    def existing_on(self, day: date) -> Self:
        """Organisations that exist on ``day`` (``ends`` is the first day without them)."""
        return self.filter(Q(starts=None) | Q(starts__lte=day), Q(ends=None) | Q(ends__gt=day))

    def other_than_schools(self) -> Self:
        """Organisations that are no schools: those have a register and pages of their own."""
        return self.exclude(kind=OrganisationKind.SCHOOL)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Organisation(models.Model):
    """A body that takes part: a safeguarding partner, a relevant agency, a school. Bodies begin, end and succeed each
    other (two clinical commissioning groups of 2019 became one integrated care board in 2022)."""

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=OrganisationKind)
    is_statutory_partner = models.BooleanField(default=False)
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True, help_text="The first day on which it no longer exists")
    successor = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="predecessors")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(name="organisation_ends_after_start", condition=Q(ends__gt=F("starts"))),
            models.CheckConstraint(name="organisation_not_own_successor", condition=~Q(successor=F("pk"))),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organisation", args=[self.pk])

    @property
    def last_day(self) -> date | None:
        """The last day on which it existed or will exist; None if no end is known."""
        return self.ends - timedelta(days=1) if self.ends else None

    def has_ended(self, *, on: date) -> bool:
        """Whether it no longer exists on ``on``."""
        return self.ends is not None and self.ends <= on

    def exists_on(self, day: date) -> bool:
        """Whether it exists on ``day``: begun, and not ended."""
        return (self.starts is None or self.starts <= day) and not self.has_ended(on=day)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """A saved user; without a password they sign in by emailed code."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """The break-glass account: it may do everything, and all that it does is logged."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class UserQuerySet(access.AccessQuerySet):
    def holding(self, *roles: Role, on: date) -> Self:
        """People who hold any of ``roles`` on ``on``."""
        return self.filter(pk__in=RoleGrant.objects.active(on).filter(role__in=roles).values("user"))

    def there(self, *, on: date) -> Self:
        """People whose account is open and who have not left by ``on``."""
        return self.filter(Q(leaves_on=None) | Q(leaves_on__gt=on), is_active=True)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), exclude=["password", "last_login"])
class User(AbstractBaseUser):
    """A professional with an account. What they may do comes from their role grants alone.

    Django's own groups and permissions are not used: the tables in each app's ``permissions.py`` are.
    """

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150)
    job_title = models.CharField(max_length=150, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="people", help_text="Who they work for"
    )
    is_active = models.BooleanField(default=True)
    leaves_on = models.DateField(null=True, blank=True, help_text="The first day without them")
    is_superuser = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ["name", "email"]
        verbose_name = "account"
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_absolute_url(self) -> str:
        return reverse("person", args=[self.pk])

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name

    def is_there(self, *, on: date) -> bool:
        """Whether the account is open and the person has not left by ``on``."""
        return self.is_active and (self.leaves_on is None or self.leaves_on > on)

    @property
    def is_staff(self) -> bool:
        """Asked for by libraries; the portal has no Django admin."""
        return False

    def active_grants(self) -> list[RoleGrant]:
        """The grants held today, read once per request (the user object lives as long)."""
        cached: list[RoleGrant] | None = self.__dict__.get("_active_grants")
        if cached is None:
            cached = list(
                RoleGrant.objects.active(timezone.localdate()).filter(user=self).select_related("organisation", "group")
            )
            self.__dict__["_active_grants"] = cached
        return cached

    def groups_sat_on(self) -> frozenset[int]:
        """The ids of the groups that the person sits on today, read once per request."""
        return self._groups("_groups_sat_on", self.memberships)

    def groups_chaired(self) -> frozenset[int]:
        """The ids of the groups that the person chairs today, read once per request."""
        return self._groups("_groups_chaired", self.chair_terms)

    def _groups(self, name: str, rows: Any) -> frozenset[int]:
        if name not in self.__dict__:
            self.__dict__[name] = frozenset(rows.on(timezone.localdate()).values_list("group", flat=True))
        found: frozenset[int] = self.__dict__[name]
        return found

    def forget_reach(self) -> None:
        """Make this object read its grants and groups again."""
        for name in ("_active_grants", "_groups_sat_on", "_groups_chaired"):
            self.__dict__.pop(name, None)

    def roles(self) -> frozenset[Role]:
        """The roles held today."""
        return frozenset(Role(grant.role) for grant in self.active_grants())

    def has_perm(self, perm: str, record: models.Model | None = None) -> bool:
        """Whether the tables give this person ``perm``, on ``record`` or at all. Raises ``UnknownPermission``."""
        return access.allows(self, perm, record)

    def needs_second_factor(self) -> bool:
        """Whether the person sees every organisation, or more than one (docs/permissions.md)."""
        organisations = {grant.organisation_id for grant in self.active_grants()} - {None}
        return self.is_superuser or bool(self.roles() & EVERYWHERE_ROLES) or len(organisations) > 1


class RoleGrantQuerySet(access.AccessQuerySet):
    def active(self, on: date) -> Self:
        """Grants held on ``on``: begun, and not ended (``ends`` is the first day without the role)."""
        return self.filter(Q(ends=None) | Q(ends__gt=on), starts__lte=on)

    def overlapping(self, starts: date, ends: date | None) -> Self:
        """Grants held on any day from ``starts`` until the day before ``ends`` (None: no end)."""
        found = self.filter(Q(ends=None) | Q(ends__gt=starts))
        return found if ends is None else found.filter(starts__lt=ends)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class RoleGrant(models.Model):
    """That a person holds a role, where, from when until when, and who gave it."""

    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    role = models.CharField(max_length=30, choices=Role)
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="grants")
    group = models.ForeignKey("partnership.Group", models.PROTECT, null=True, blank=True, related_name="grants")
    starts = models.DateField(default=timezone.localdate)
    ends = models.DateField(null=True, blank=True, help_text="The first day without the role")
    granted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        ordering = ["role", "starts", "pk"]
        verbose_name = "role"
        constraints = [
            models.CheckConstraint(name="rolegrant_ends_not_before_start", condition=Q(ends__gte=F("starts"))),
            models.CheckConstraint(
                name="rolegrant_school_roles_have_a_school",
                condition=~Q(role__in=sorted(SCHOOL_ROLES)) | Q(organisation__isnull=False),
            ),
            models.CheckConstraint(
                name="rolegrant_everywhere_roles_have_no_scope",
                condition=~Q(role__in=sorted(EVERYWHERE_ROLES)) | Q(organisation__isnull=True),
            ),
            models.CheckConstraint(
                name="rolegrant_group_roles_have_a_group",
                condition=Q(role__in=sorted(GROUP_ROLES), group__isnull=False)
                | (~Q(role__in=sorted(GROUP_ROLES)) & Q(group=None)),
            ),
            models.UniqueConstraint(
                name="rolegrant_one_open_of_a_kind",
                fields=["user", "role", "organisation", "group"],
                condition=Q(ends=None),
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                name="rolegrant_one_at_a_time",
                fields=["organisation", "role"],
                condition=Q(ends=None, role__in=sorted(ONE_AT_A_TIME_ROLES)),
            ),
        ]
        indexes = [models.Index(name="rolegrant_by_organisation", fields=["organisation", "role"])]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"

    @property
    def place(self) -> Organisation | Group | None:
        """The organisation or the group for which the role is held; None if it is held for neither."""
        return self.organisation or self.group

    @property
    def role_and_place(self) -> str:
        """What the person is and where, e.g. "Headteacher or principal, Oak Lane School"."""
        return ", ".join(filter(None, [self.get_role_display(), str(self.place or "")]))

    @property
    def purpose(self) -> str:
        """What the person does here in this role, in a sentence; empty for roles without pages of their own yet."""
        return ROLE_PURPOSES.get(Role(self.role), "")

    @property
    def last_day(self) -> date | None:
        """The last day with the role; None while no end is known."""
        return self.ends - timedelta(days=1) if self.ends else None

    def is_active(self, *, on: date) -> bool:
        """Whether the role is held on ``on``."""
        return self.starts <= on and (self.ends is None or self.ends > on)


class Invitation(models.Model):
    """A link, sent by e-mail, that opens an account once. Only a hash of its secret is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="invitations")
    secret_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    sent_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-sent_at", "-pk"]

    def __str__(self) -> str:
        return f"Invitation of {self.user}"

    def is_usable(self, *, at: datetime) -> bool:
        """Whether the link still opens the account at ``at``: not used, not expired, the person still active."""
        return self.accepted_at is None and at < self.expires_at and self.user.is_active
