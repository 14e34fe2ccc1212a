"""The plan of the partnership, in versions: its words, priorities, objectives and readings, milestones, approvals;
and the checklist of what published arrangements must contain."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

import pghistory
import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from partnership.choices import PlanStatus, PointKind, ProgressRag
from partnership.engine import access
from partnership.models.groups import Group
from partnership.models.people import Organisation, User
from partnership.models.priorities import Priority

# The parts may be written only while their plan is a draft: what the partners approve is what they were sent. The look
# locks the plan's row, so that nothing slips in while another transaction sends it.
_DRAFT_ONLY = """
    SELECT status INTO plan_status FROM partnership_plan WHERE id = {row}.plan_id FOR SHARE;
    IF plan_status <> 'draft' THEN
        RAISE EXCEPTION 'A plan changes only while it is a draft';
    END IF;
    RETURN {row};
"""


def _frozen_with_the_plan(name: str) -> list[pgtrigger.Trigger]:
    """Triggers that refuse any write to a part of a plan that is no draft, and any part that changes its plan."""
    looks: dict[str, Any] = {"when": pgtrigger.Before, "declare": [("plan_status", "text")]}
    write, delete = pgtrigger.Insert | pgtrigger.Update, pgtrigger.Delete
    return [
        pgtrigger.Trigger(name=f"{name}_frozen_new", operation=write, func=_DRAFT_ONLY.format(row="NEW"), **looks),
        pgtrigger.Trigger(name=f"{name}_frozen_old", operation=delete, func=_DRAFT_ONLY.format(row="OLD"), **looks),
        pgtrigger.ReadOnly(name=f"{name}_keeps_its_plan", fields=["plan"]),
    ]


class PlanQuerySet(access.AccessQuerySet):
    def published(self) -> Self:
        """The plan in force: one at most."""
        return self.filter(status=PlanStatus.PUBLISHED)

    def public(self) -> Self:
        """Plans that are or were published: anybody may read them."""
        return self.filter(status__in=PUBLIC)

    def in_hand(self) -> Self:
        """The version that is being made and is not published yet: one at most."""
        return self.exclude(status__in=PUBLIC)


PUBLIC = (PlanStatus.PUBLISHED, PlanStatus.SUPERSEDED)
CONSULTED = (PlanStatus.WITH_PARTNERS, PlanStatus.APPROVED)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Plan(models.Model):
    """One version of the partnership's plan: a draft, then with the partners, approved, published, superseded."""

    version = models.PositiveSmallIntegerField(unique=True)
    title = models.CharField(max_length=150)
    covers_from = models.DateField()
    covers_to = models.DateField(help_text="The last day that it covers")
    vision = models.TextField(blank=True)
    status = models.CharField(max_length=15, choices=PlanStatus, default=PlanStatus.DRAFT)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    times_sent = models.PositiveSmallIntegerField(default=0, help_text="To the partners; approvals hold for one time")
    published_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    priorities = models.ManyToManyField(Priority, through="PlanPriority", related_name="plans")

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.CheckConstraint(name="plan_covers_some_days", condition=Q(covers_to__gt=F("covers_from"))),
            models.UniqueConstraint(
                name="plan_one_published", fields=["status"], condition=Q(status=PlanStatus.PUBLISHED)
            ),
            models.CheckConstraint(
                name="plan_published_has_a_day", condition=~Q(status__in=PUBLIC) | Q(published_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("plan_version", args=[self.version])

    @property
    def public_url(self) -> str:
        """Where anybody reads it, once it has been published."""
        return reverse("plan") if self.status == PlanStatus.PUBLISHED else reverse("past_plan", args=[self.version])

    @property
    def years(self) -> str:
        """What it covers, e.g. "April 2026 to March 2029"."""
        return f"{date_format(self.covers_from, 'F Y')} to {date_format(self.covers_to, 'F Y')}"

    @property
    def is_draft(self) -> bool:
        return self.status == PlanStatus.DRAFT

    @property
    def is_public(self) -> bool:
        """Whether it is, or was, published."""
        return self.status in PUBLIC


class Part(models.Model):
    """A row of a plan that has a place among others of its kind."""

    position = models.PositiveSmallIntegerField(default=0)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ["position", "pk"]


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class PlanSection(Part):
    """A chapter: plain paragraphs and simple lists (``hscp.lib.plain_text``)."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="sections")
    heading = models.CharField(max_length=150)
    text = models.TextField(blank=True)

    class Meta(Part.Meta):
        verbose_name = "section"
        triggers = _frozen_with_the_plan("plansection")

    def __str__(self) -> str:
        return self.heading

    def get_absolute_url(self) -> str:
        return f"{self.plan.public_url if self.plan.is_public else self.plan.get_absolute_url()}#section-{self.pk}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class PlanPoint(Part):
    """One of the plan's values, principles or behaviours."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="points")
    kind = models.CharField(max_length=10, choices=PointKind)
    text = models.CharField(max_length=300)

    class Meta(Part.Meta):
        ordering = ["kind", "position", "pk"]
        verbose_name = "point"
        triggers = _frozen_with_the_plan("planpoint")

    def __str__(self) -> str:
        return self.text


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class PlanPriority(Part):
    """That a plan puts something first, and in which place."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="placed_priorities")
    priority = models.ForeignKey(Priority, models.PROTECT, related_name="places")

    class Meta(Part.Meta):
        verbose_name = "priority"
        constraints = [models.UniqueConstraint(name="planpriority_once", fields=["plan", "priority"])]
        triggers = _frozen_with_the_plan("planpriority")

    def __str__(self) -> str:
        return str(self.priority)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Objective(Part):
    """What the plan undertakes to reach for a priority. The next version's objective ``continues`` it, and with it its
    line of readings."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="objectives")
    priority = models.ForeignKey(Priority, models.PROTECT, related_name="objectives")
    what = models.CharField(max_length=300)
    measure = models.CharField(max_length=300, help_text="What will show that it is reached")
    lead_group = models.ForeignKey(Group, models.PROTECT, related_name="objectives")
    continues = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="continued_by")

    class Meta(Part.Meta):
        constraints = [models.CheckConstraint(name="objective_not_own_sequel", condition=~Q(continues=F("pk")))]
        triggers = _frozen_with_the_plan("objective")

    def __str__(self) -> str:
        return self.what

    def get_absolute_url(self) -> str:
        return reverse("objective", args=[self.pk])


class Reading(models.Model):
    """Where an objective stood on a day, in a colour and a sentence. Never changed or deleted: a better one follows."""

    objective = models.ForeignKey(Objective, models.PROTECT, related_name="readings")
    rag = models.CharField(max_length=5, choices=ProgressRag)
    sentence = models.CharField(max_length=300)
    day = models.DateField()
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-day", "-pk"]
        triggers = [pgtrigger.Protect(name="reading_kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_rag_display()}: {self.sentence}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Milestone(models.Model):
    """What the plan wants done by a day, and when it was. Milestones stand in the order of their days."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="milestones")
    priority = models.ForeignKey(Priority, models.PROTECT, null=True, blank=True, related_name="milestones")
    what = models.CharField(max_length=200)
    due = models.DateField()
    met_on = models.DateField(null=True, blank=True)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["due", "pk"]

    def __str__(self) -> str:
        return self.what

    def is_overdue(self, *, on: date) -> bool:
        """Whether it should have been met before ``on`` and was not."""
        return self.met_on is None and self.due < on


class PlanApproval(models.Model):
    """That a statutory partner approves the plan as it was sent the ``time``-th time: through whom, in which words."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="approvals")
    time = models.PositiveSmallIntegerField()
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    person = models.ForeignKey(User, models.PROTECT, related_name="+")
    statement = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(name="planapproval_once", fields=["plan", "time", "organisation"]),
        ]
        triggers = [pgtrigger.Protect(name="planapproval_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.organisation} approves {self.plan}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class ArrangementItem(Part):
    """One thing that published arrangements must contain. The business unit keeps the list; it comes from a file."""

    code = models.SlugField(max_length=60, unique=True)
    text = models.CharField(max_length=300)
    source = models.CharField(max_length=200, help_text="Which guidance asks for it, with its edition")
    to_check = models.BooleanField(default=False, help_text="Whether the source still has to be looked up")
    sections = models.ManyToManyField(PlanSection, related_name="answers", blank=True)

    class Meta(Part.Meta):
        verbose_name = "item of the checklist"
        verbose_name_plural = "items of the checklist"

    def __str__(self) -> str:
        return self.text
