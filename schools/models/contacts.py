"""Lists of schools' contacts that somebody uploaded. The contacts themselves are role grants."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from partnership.choices import Role
from partnership.engine import access
from partnership.models import RoleGrant, User
from schools.choices import ContactImportStatus, ContactOutcome
from schools.models.register import School


class ContactImport(models.Model):
    """A list of contacts that somebody uploaded: checked row by row, looked at, then applied by a worker.

    The file itself is not kept: its ``rows`` are what was read.
    """

    filename = models.CharField(max_length=200)
    status = models.CharField(max_length=10, choices=ContactImportStatus, default=ContactImportStatus.CHECKED)
    uploaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    applied_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    applied_at = models.DateTimeField(null=True, blank=True)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="contactimport_applied_has_a_time",
                condition=~Q(status=ContactImportStatus.APPLIED) | Q(applied_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("schools:contact_import", args=[self.pk])


class ContactImportRowQuerySet(models.QuerySet[Any]):
    def to_apply(self) -> Self:
        """Rows that change something and have not been dealt with."""
        return self.filter(outcome__in=[ContactOutcome.APPOINT, ContactOutcome.REPLACE], done_at=None)


class ContactImportRow(models.Model):
    """One row of an uploaded list: what it says, what comes of it and why, and what came of it when it was applied.

    ``replaces`` is the grant of the person to be replaced, as it was when the list was checked: nobody is replaced
    unseen.
    """

    contact_import = models.ForeignKey(ContactImport, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="As the spreadsheet shows it")
    urn = models.CharField("URN", max_length=100, blank=True)
    school = models.ForeignKey(School, models.CASCADE, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=100, blank=True, help_text="A role, or what stood in its place")
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    job_title = models.CharField(max_length=200, blank=True)
    outcome = models.CharField(max_length=10, choices=ContactOutcome)
    note = models.TextField(blank=True)
    replaces = models.ForeignKey(RoleGrant, models.SET_NULL, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True, help_text="Why it was left out after all, when it was applied")

    objects = ContactImportRowQuerySet.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(name="contactimportrow_once", fields=["contact_import", "number"])]
        indexes = [models.Index(name="contactimportrow_outcome", fields=["contact_import", "outcome"])]

    def __str__(self) -> str:
        return f"Row {self.number}: {self.name}"

    def get_role_display(self) -> str:
        """The role in words; where it is none, what stood there."""
        return str(dict(Role.choices).get(self.role, self.role))
