"""Shared records: status changes, messages, documents, held texts. Each is *about* a record of any app."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone

from partnership.choices import DocumentStatus, HeldTextStatus, MessageStatus
from partnership.engine import access
from partnership.models.people import User


class AboutQuerySet(access.AccessQuerySet):
    def about(self, record: models.Model) -> Self:
        """The rows about ``record``."""
        return self.filter(about_type=ContentType.objects.get_for_model(record), about_id=record.pk)


class About(models.Model):
    """A row about a record of any app."""

    about_type = models.ForeignKey(ContentType, models.PROTECT, related_name="+")
    about_id = models.PositiveBigIntegerField()
    about = GenericForeignKey("about_type", "about_id")

    objects = AboutQuerySet.as_manager()

    class Meta:
        abstract = True


class StatusChange(About):
    """That a record moved from one status to the next: by whom, when, with what note. Never changed or deleted."""

    verb = models.CharField(max_length=60)
    from_status = models.CharField(max_length=30)
    to_status = models.CharField(max_length=30)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["at", "pk"]
        indexes = [models.Index(name="statuschange_about", fields=["about_type", "about_id"])]
        triggers = [pgtrigger.Protect(name="statuschange_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.verb}: {self.from_status} to {self.to_status}"

    @property
    def by_name(self) -> str:
        """The person's name, or what the system is called where it acted."""
        return str(self.by) if self.by else "The portal"


class OutgoingMessage(models.Model):
    """An e-mail: first this row, in the transaction of what it tells of; then a delivery (``engine.mail``)."""

    name = models.CharField(max_length=60, help_text="Which message: templates/emails/<name>_….txt")
    to_user = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="messages")
    to_email = models.EmailField(max_length=320)  # as long as a form lets an address be
    subject = models.CharField(max_length=250)
    body = models.TextField(blank=True)
    secret = models.BooleanField(default=False, help_text="Its text is forgotten once it is sent or given up")
    message_id = models.CharField(max_length=200, unique=True)
    status = models.CharField(max_length=10, choices=MessageStatus, default=MessageStatus.QUEUED)
    created_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)
    about_type = models.ForeignKey(ContentType, models.PROTECT, null=True, blank=True, related_name="+")
    about_id = models.PositiveBigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="outgoingmessage_sent_has_a_time",
                condition=Q(status=MessageStatus.SENT, sent_at__isnull=False)
                | (~Q(status=MessageStatus.SENT) & Q(sent_at__isnull=True)),
            )
        ]
        indexes = [
            models.Index(
                name="outgoingmessage_due", fields=["next_attempt_at"], condition=Q(status=MessageStatus.QUEUED)
            ),
            models.Index(name="outgoingmessage_about", fields=["about_type", "about_id"]),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to_email}"


class Document(About):
    """A private file made for, or put on, a record. Wanted first, made by a worker, downloaded through a check."""

    kind = models.CharField(max_length=40, help_text="Registered with partnership.engine.documents")
    title = models.CharField(max_length=250)
    file = models.FileField(upload_to="%Y/%m/", blank=True)
    filename = models.CharField(max_length=200, blank=True, help_text="What the person who saves it gets")
    content_type = models.CharField(max_length=100, blank=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes")
    sha256 = models.CharField(max_length=64, blank=True)
    status = models.CharField(max_length=10, choices=DocumentStatus, default=DocumentStatus.WANTED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    error = models.TextField(blank=True)
    wanted_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    wanted_at = models.DateTimeField(default=timezone.now)
    made_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-wanted_at", "-pk"]
        indexes = [models.Index(name="document_about", fields=["about_type", "about_id", "kind"])]

    def __str__(self) -> str:
        return self.title


class HeldText(About):
    """A text that may hold child-identifying data, kept from everyone but its writer until a person has looked.

    Released, it is written to ``field`` of the record; redacted, only the cleaned text is, and this row forgets the
    original (redaction keeps a log entry, never the text).
    """

    field = models.CharField(max_length=60)
    text = models.TextField(blank=True)
    kinds = models.CharField(max_length=200, help_text="What it looked like, e.g. nhs_number")
    status = models.CharField(max_length=10, choices=HeldTextStatus, default=HeldTextStatus.WAITING)
    written_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Empty: somebody without an account"
    )
    written_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["written_at", "pk"]
        indexes = [models.Index(name="heldtext_about", fields=["about_type", "about_id"])]
        constraints = [
            models.CheckConstraint(
                name="heldtext_redacted_is_forgotten", condition=~Q(status=HeldTextStatus.REDACTED) | Q(text="")
            ),
            models.UniqueConstraint(
                name="heldtext_one_waiting",
                fields=["about_type", "about_id", "field"],
                condition=Q(status=HeldTextStatus.WAITING),
            ),
        ]

    def __str__(self) -> str:
        return f"Text held for {self.about_type} {self.about_id}"


class UnsavedForm(models.Model):
    """What somebody typed and could not save because their session had ended: kept a day, given back after sign-in.

    See ``partnership.middleware.KeepTypedTextMiddleware``. The token is in the address they come back to.
    """

    token = models.CharField(max_length=43, unique=True)
    path = models.CharField(max_length=500)
    fields = models.JSONField()
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-kept_at"]

    def __str__(self) -> str:
        return f"Unsaved form for {self.path}"
