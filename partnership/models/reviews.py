"""Reviews of the arrangements: what is looked at, what shall stop, start or continue, why, and what became of it."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from partnership.choices import ReviewStatus, Verdict
from partnership.engine import access
from partnership.models.groups import Group
from partnership.models.people import User


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class GovernanceReview(models.Model):
    """A review of the partnership's arrangements, done by a task and finish group."""

    title = models.CharField(max_length=150)
    terms_of_reference = models.TextField()
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="governance_reviews")
    starts = models.DateField()
    target_end = models.DateField(help_text="By when it is to report")
    status = models.CharField(max_length=10, choices=ReviewStatus, default=ReviewStatus.PLANNED)
    reported_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["-starts", "-pk"]
        verbose_name = "review of the arrangements"
        verbose_name_plural = "reviews of the arrangements"
        constraints = [
            models.CheckConstraint(name="governancereview_ends_after_start", condition=Q(target_end__gt=F("starts"))),
            models.CheckConstraint(
                name="governancereview_reported_has_a_day",
                condition=~Q(status__in=[ReviewStatus.REPORTED, ReviewStatus.CLOSED]) | Q(reported_on__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("governance_review", args=[self.pk])


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class ReviewItem(models.Model):
    """One thing in the scope of a review. Actions that came of it have it as their ``source``."""

    named_as_source = "review of the arrangements"  # of an action that came from it

    review = models.ForeignKey(GovernanceReview, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField(default=0)
    subject = models.CharField(max_length=300, help_text="What is looked at")
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.UNDECIDED)
    reason = models.TextField(blank=True)
    outcome = models.TextField(blank=True, help_text="What became of it")
    merged_group = models.ForeignKey(
        Group, models.PROTECT, null=True, blank=True, related_name="+", help_text="The group that was merged away"
    )
    new_group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="+")

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = "item"
        constraints = [
            models.CheckConstraint(
                name="reviewitem_verdict_has_a_reason", condition=Q(verdict=Verdict.UNDECIDED) | ~Q(reason="")
            )
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        return f"{self.review.get_absolute_url()}#item-{self.pk}"
