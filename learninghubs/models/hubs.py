"""The local hubs: each a group of the partnership, with the districts that it serves."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from partnership.engine import access
from partnership.models import Group
from partnership.models.groups import DAYS, DatedQuerySet, only_one


class District(models.Model):
    """A district or borough of the county. Which hub serves it is said by ``HubDistrict``."""

    name = models.CharField(max_length=100, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class LearningHub(models.Model):
    """What a group of kind "learning hub" has beyond any group. Its leads hold the role for its group."""

    group = models.OneToOneField(Group, models.PROTECT, related_name="learning_hub")
    reports_to = models.ForeignKey(
        Group, models.PROTECT, related_name="hubs_reporting", help_text="The Board that answers its suggestions"
    )
    introduction = models.TextField(blank=True, help_text="As the public reads it, at the top of the hub’s page")

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["group__order", "group__name", "pk"]
        constraints = [
            models.CheckConstraint(name="learninghub_not_reporting_to_itself", condition=~Q(reports_to=F("group")))
        ]

    def __str__(self) -> str:
        return self.group.name

    def get_absolute_url(self) -> str:
        return reverse("learninghubs:hub", args=[self.group.slug])


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class HubDistrict(models.Model):
    """That a hub serves a district, from when until when. A district has one hub at a time."""

    hub = models.ForeignKey(LearningHub, models.PROTECT, related_name="districts")
    district = models.ForeignKey(District, models.PROTECT, related_name="hubs")
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True, help_text="The first day on which another hub serves it, or none")

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["hub", "district__name", "starts"]
        constraints = [
            models.CheckConstraint(name="hubdistrict_ends_after_start", condition=Q(ends__gt=F("starts"))),
            ExclusionConstraint(
                name="hubdistrict_one_hub_at_a_time",
                expressions=[(only_one("district"), RangeOperators.OVERLAPS), (DAYS, RangeOperators.OVERLAPS)],
                violation_error_message="Another hub serves this district on some of these days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district}: {self.hub}"
