"""The priorities of the partnership: what ties themes, actions, meetings, questions and scrutiny together."""

from __future__ import annotations

import pghistory
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from partnership.models.groups import DatedQuerySet


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Priority(models.Model):
    """What the partnership puts first for some years. It outlives the version of the plan that named it."""

    name = models.CharField(max_length=150, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    summary = models.TextField(help_text="What it is about, and for whom, as the public reads it")
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True, help_text="The first day on which it is no longer a priority")
    order = models.PositiveSmallIntegerField(default=0)

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["order", "name", "pk"]
        verbose_name_plural = "priorities"
        constraints = [models.CheckConstraint(name="priority_ends_after_start", condition=Q(ends__gt=F("starts")))]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("priority", args=[self.slug])
