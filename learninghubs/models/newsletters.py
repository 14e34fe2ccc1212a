"""The newsletter of a hub: its issues, what stands in them, who reads it, and what went to whom."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Self

import pghistory
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone

from learninghubs.choices import DeliveryStatus, IssueStatus, ItemKind, SubscriberSource, SubscriberStatus
from learninghubs.models.forums import Briefing, Forum
from learninghubs.models.hubs import LearningHub
from learninghubs.models.suggestions import Response
from learninghubs.models.themes import SchoolSession, Theme
from partnership.engine import access
from partnership.models import User

# --- Issues -----------------------------------------------------------------------------------------------------------


class IssueQuerySet(access.AccessQuerySet):
    def published(self) -> Self:
        """Those that stand in the public archive, the newest first."""
        return self.filter(status__in=(IssueStatus.SENDING, IssueStatus.SENT)).order_by("-sending_from", "-pk")

    def to_be_sent(self, at: datetime) -> Self:
        """Those that are approved and whose hour has come."""
        return self.filter(status=IssueStatus.APPROVED, send_at__lte=at)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class NewsletterIssue(models.Model):
    """One issue of a hub's newsletter, drafted by the portal from what has happened since the last."""

    hub = models.ForeignKey(LearningHub, models.PROTECT, related_name="issues")
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=150)
    intro = models.TextField("opening words", blank=True)
    since = models.DateField(help_text="The first day that it tells of")
    until = models.DateField(help_text="The last day that it tells of")
    status = models.CharField(max_length=10, choices=IssueStatus, default=IssueStatus.DRAFT)
    drafted_at = models.DateTimeField(default=timezone.now)
    send_at = models.DateTimeField(null=True, blank=True, help_text="When it is to go out")
    approved_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    sending_from = models.DateTimeField(null=True, blank=True, help_text="When the first messages went out")
    sent_at = models.DateTimeField(null=True, blank=True, help_text="When the last message had gone")

    objects = IssueQuerySet.as_manager()

    class Meta:
        ordering = ["hub", "-number"]
        constraints = [
            models.UniqueConstraint(name="issue_number_once", fields=["hub", "number"]),
            models.UniqueConstraint(
                name="issue_one_at_work",
                fields=["hub"],
                condition=Q(status__in=[IssueStatus.DRAFT, IssueStatus.APPROVED]),
            ),
            models.CheckConstraint(
                name="issue_approved_by_somebody", condition=Q(status=IssueStatus.DRAFT) | ~Q(approved_at=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, issue {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("learninghubs:issue", args=[self.pk])


class ItemQuerySet(access.AccessQuerySet):
    def included(self) -> Self:
        """Those that readers see, in their order."""
        return self.filter(left_out_because="").order_by("order", "pk")


class NewsletterItem(models.Model):
    """One item of an issue. What the portal put there can be left out; an answer of the Board only with a reason, and
    then it comes again in the next draft."""

    issue = models.ForeignKey(NewsletterIssue, models.CASCADE, related_name="items")
    kind = models.CharField(max_length=10, choices=ItemKind)
    order = models.PositiveSmallIntegerField(default=0)
    title = models.CharField(max_length=200)
    text = models.TextField(blank=True)
    url = models.URLField("link", max_length=500, blank=True)
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True, related_name="+")
    response = models.ForeignKey(Response, models.PROTECT, null=True, blank=True, related_name="items")
    forum = models.ForeignKey(Forum, models.PROTECT, null=True, blank=True, related_name="+")
    briefing = models.ForeignKey(Briefing, models.PROTECT, null=True, blank=True, related_name="+")
    session = models.ForeignKey(SchoolSession, models.SET_NULL, null=True, blank=True, related_name="+")
    left_out_because = models.CharField("why it is left out", max_length=300, blank=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        ordering = ["issue", "order", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="item_response_once", fields=["issue", "response"], condition=~Q(response=None)
            ),
            models.UniqueConstraint(
                name="item_forum_once", fields=["issue", "forum", "kind"], condition=~Q(forum=None)
            ),
            models.UniqueConstraint(
                name="item_briefing_once", fields=["issue", "briefing"], condition=~Q(briefing=None)
            ),
            models.UniqueConstraint(name="item_session_once", fields=["issue", "session"], condition=~Q(session=None)),
            models.CheckConstraint(
                name="item_answer_has_its_response", condition=~Q(kind=ItemKind.ANSWER) | ~Q(response=None)
            ),
        ]

    def __str__(self) -> str:
        return self.title


# --- Readers ----------------------------------------------------------------------------------------------------------


class SubscriberQuerySet(access.AccessQuerySet):
    def with_address(self, email: str) -> Self:
        """The one that has this address, in whatever letters it is written."""
        return self.with_addresses([email])

    def with_addresses(self, emails: Iterable[str]) -> Self:
        """Those that have these addresses, in whatever letters they are written; ``lowered`` is in small ones."""
        return self.annotate(lowered=Lower("email")).filter(lowered__in=[email.lower() for email in emails])

    def readers_of(self, hub: LearningHub) -> Self:
        """Those to whom an issue of ``hub`` goes."""
        return self.filter(status=SubscriberStatus.ACTIVE, hubs=hub)


class Subscriber(models.Model):
    """An address that gets the newsletters of the hubs that it chose. No account is needed: links are signed."""

    email = models.EmailField(max_length=254)
    hubs = models.ManyToManyField(LearningHub, related_name="subscribers")
    themes = models.ManyToManyField(
        Theme, blank=True, related_name="+", help_text="Only items on these, and the Board’s answers; none: everything"
    )
    status = models.CharField(max_length=12, choices=SubscriberStatus, default=SubscriberStatus.PENDING)
    source = models.CharField(max_length=10, choices=SubscriberSource, default=SubscriberSource.SELF)
    asked_at = models.DateTimeField(default=timezone.now)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    soft_bounces = models.PositiveSmallIntegerField(
        default=0, help_text="In a row; a delivery that arrives clears them"
    )
    key = models.PositiveIntegerField(default=1, help_text="Rises to make every link that was sent before void")

    objects = SubscriberQuerySet.as_manager()

    class Meta:
        ordering = ["email"]
        constraints = [
            models.UniqueConstraint(Lower("email"), name="subscriber_address_once"),
            models.CheckConstraint(
                name="subscriber_active_is_confirmed",
                condition=~Q(status=SubscriberStatus.ACTIVE) | ~Q(confirmed_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.email

    def get_absolute_url(self) -> str:
        return reverse("learninghubs:subscriber", args=[self.pk])


class DeliveryQuerySet(access.AccessQuerySet):
    def due(self, at: datetime) -> Self:
        """Those that wait to be sent at ``at``, who waits longest first."""
        return self.filter(status=DeliveryStatus.QUEUED, next_attempt_at__lte=at).order_by("next_attempt_at", "pk")


class Delivery(models.Model):
    """One issue to one reader: a row first, then a message. The row keeps the message's id, so that one that is sent
    again after a crash is the same message."""

    issue = models.ForeignKey(NewsletterIssue, models.PROTECT, related_name="deliveries")
    subscriber = models.ForeignKey(Subscriber, models.CASCADE, related_name="deliveries")
    message_id = models.CharField(max_length=200, unique=True)
    status = models.CharField(max_length=10, choices=DeliveryStatus, default=DeliveryStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    error = models.TextField(blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(name="delivery_once", fields=["issue", "subscriber"]),
            models.CheckConstraint(
                name="delivery_sent_has_a_time", condition=~Q(status=DeliveryStatus.SENT) | ~Q(sent_at=None)
            ),
        ]
        indexes = [
            models.Index(name="delivery_due", fields=["next_attempt_at"], condition=Q(status=DeliveryStatus.QUEUED)),
            models.Index(name="delivery_by_status", fields=["issue", "status"]),
        ]

    def __str__(self) -> str:
        return f"{self.issue} to {self.subscriber}"


class SubscriberImport(models.Model):
    """A list of readers that was imported, and what became of each row."""

    filename = models.CharField(max_length=200)
    rows = models.JSONField(help_text="Line, outcome and why, for each row; no address that was refused")
    added = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    known = models.PositiveIntegerField(default=0)
    imported_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    imported_at = models.DateTimeField(default=timezone.now)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["-imported_at", "-pk"]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        return reverse("learninghubs:subscriber_import", args=[self.pk])
