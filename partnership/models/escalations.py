"""Resolving professional differences ("escalation"): the procedure with its stages, who answers for each agency, each
difference with its clock; and, in the same place, good practice recognised.

No case detail is kept, only the agency's own reference.
"""

from __future__ import annotations

from datetime import date
from typing import Self

import pghistory
from django.db import models
from django.db.models import F, Prefetch, Q
from django.urls import reverse
from django.utils import timezone

from hscp.lib.dates import working_days_between
from partnership.choices import Answerer, EscalationStatus, ProcedureStatus
from partnership.engine import access
from partnership.models.people import Organisation, User

UNSETTLED = (EscalationStatus.OPEN, EscalationStatus.ANSWERED, EscalationStatus.WITH_UNIT)


class EscalationTheme(models.Model):
    """What differences are about, to count them by. One that is not in use is kept for those that used it."""

    name = models.CharField(max_length=80, unique=True, error_messages={"unique": "There is a theme of this name"})
    order = models.PositiveSmallIntegerField(default=0)
    in_use = models.BooleanField(default=True)

    class Meta:
        ordering = ["order", "name", "pk"]

    def __str__(self) -> str:
        return self.name


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class EscalationProcedure(models.Model):
    """One version of the procedure. New differences go by the published one; those begun go on by their own."""

    version = models.PositiveSmallIntegerField(unique=True)
    introduction = models.TextField(help_text="What to do before starting, as every professional reads it")
    emergency = models.TextField(help_text="What to do where a child may be in danger now")
    status = models.CharField(max_length=10, choices=ProcedureStatus, default=ProcedureStatus.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                name="escalationprocedure_one_published",
                fields=["status"],
                condition=Q(status=ProcedureStatus.PUBLISHED),
            )
        ]

    def __str__(self) -> str:
        return f"Procedure for professional differences, version {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("escalation_procedure", args=[self.pk])


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class EscalationStage(models.Model):
    """A stage of a procedure: who answers, in how many working days, and what happens if nobody does."""

    procedure = models.ForeignKey(EscalationProcedure, models.CASCADE, related_name="stages")
    order = models.PositiveSmallIntegerField(help_text="1 for the first")
    name = models.CharField(max_length=100)
    who = models.CharField("who answers", max_length=200, help_text="In words, for example line managers")
    answerer = models.CharField("whose contacts answer", max_length=20, choices=Answerer, default=Answerer.OTHER_AGENCY)
    days = models.PositiveSmallIntegerField("working days to answer")
    urgent_days = models.PositiveSmallIntegerField("working days to answer if it is urgent")
    moves_up = models.BooleanField("moves up by itself without an answer", default=True)
    tells_raising_agency = models.BooleanField("tells the contacts of the agency that raised it", default=True)
    tells_unit = models.BooleanField("tells the business unit", default=False)
    takes_urgent = models.BooleanField("urgent ones start here", default=False)

    class Meta:
        ordering = ["procedure", "order"]
        constraints = [
            models.UniqueConstraint(
                name="escalationstage_one_a_place",
                fields=["procedure", "order"],
                deferrable=models.Deferrable.DEFERRED,  # stages change places in one write
            ),
            models.UniqueConstraint(
                name="escalationstage_one_takes_urgent", fields=["procedure"], condition=Q(takes_urgent=True)
            ),
            models.CheckConstraint(
                name="escalationstage_gives_time", condition=Q(order__gte=1, days__gte=1, urgent_days__gte=1)
            ),
        ]

    def __str__(self) -> str:
        return f"Stage {self.order}: {self.name}"


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent())
class EscalationContact(models.Model):
    """That a person answers for an agency at a stage, by its number: contacts outlive versions of the procedure."""

    organisation = models.ForeignKey(Organisation, models.CASCADE, related_name="escalation_contacts")
    level = models.PositiveSmallIntegerField("stage", help_text="The number of the stage")
    person = models.ForeignKey(User, models.CASCADE, related_name="escalation_contacts")

    class Meta:
        ordering = ["organisation__name", "level", "person__name", "pk"]
        constraints = [
            models.UniqueConstraint(name="escalationcontact_once", fields=["organisation", "level", "person"]),
            models.CheckConstraint(name="escalationcontact_from_stage_1", condition=Q(level__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.organisation}, stage {self.level}"


class EscalationQuerySet(access.AccessQuerySet):
    def unsettled(self) -> Self:
        """Those neither resolved nor withdrawn."""
        return self.filter(status__in=UNSETTLED)

    def overdue(self, *, on: date) -> Self:
        """Those that wait for an answer that was due before ``on``, and those that went to the business unit."""
        late = Q(status=EscalationStatus.OPEN, due__lt=on)
        return self.filter(late | Q(status=EscalationStatus.WITH_UNIT))

    def out_of_time(self, *, on: date) -> Self:
        """Those whose clock has run out before ``on`` at a stage that moves up by itself."""
        return self.filter(status=EscalationStatus.OPEN, due__lt=on, stage__moves_up=True)

    def in_words(self) -> Self:
        """With what a list says of each. One query."""
        return self.select_related("raising_organisation", "other_organisation", "theme", "stage", "raised_by")

    def with_steps(self) -> Self:
        """With every step, its stage and who answered: for the page of one."""
        steps = EscalationStep.objects.select_related("stage", "answered_by", "moved_up_by")
        return self.in_words().prefetch_related(Prefetch("steps", steps))


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Escalation(models.Model):
    """A difference between agencies and how it is settled. ``due`` is the last day to answer at the current stage."""

    reference = models.CharField(max_length=20, unique=True)
    procedure = models.ForeignKey(EscalationProcedure, models.PROTECT, related_name="escalations")
    stage = models.ForeignKey(EscalationStage, models.PROTECT, related_name="+", help_text="Where it has come to")
    raised_by = models.ForeignKey(User, models.PROTECT, related_name="escalations")
    raising_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="escalations_raised")
    other_organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="escalations_received")
    theme = models.ForeignKey(EscalationTheme, models.PROTECT, related_name="escalations")
    own_reference = models.CharField("the agency’s own case reference", max_length=40, blank=True)
    difference = models.TextField("what the difference is about")
    sought = models.TextField("what would settle it")
    is_urgent = models.BooleanField("urgent", default=False)
    status = models.CharField(max_length=10, choices=EscalationStatus, default=EscalationStatus.OPEN)
    due = models.DateField(null=True, blank=True)
    raised_at = models.DateTimeField(default=timezone.now)
    settled_on = models.DateField(null=True, blank=True)
    outcome = models.TextField(blank=True)
    learning = models.TextField("learning point", blank=True)

    objects = EscalationQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="escalation_between_two_agencies", condition=~Q(raising_organisation=F("other_organisation"))
            ),
            models.CheckConstraint(
                name="escalation_settled_has_a_day",
                condition=Q(status__in=UNSETTLED, settled_on=None) | (~Q(status__in=UNSETTLED) & ~Q(settled_on=None)),
            ),
            models.CheckConstraint(
                name="escalation_waiting_has_a_clock",
                condition=(Q(status=EscalationStatus.OPEN) & ~Q(due=None))
                | (~Q(status=EscalationStatus.OPEN) & Q(due=None)),
            ),
            models.CheckConstraint(
                name="escalation_resolved_says_how", condition=~Q(status=EscalationStatus.RESOLVED) | ~Q(outcome="")
            ),
        ]
        indexes = [
            models.Index(name="escalation_clock", fields=["due"], condition=Q(status=EscalationStatus.OPEN)),
            models.Index(name="escalation_by_raiser", fields=["raised_by", "status"]),
        ]

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return reverse("escalation", args=[self.pk])

    @property
    def raised_on(self) -> date:
        return timezone.localdate(self.raised_at)

    @property
    def days_taken(self) -> int | None:
        """Working days from the day after it was raised to the day it was settled; None if it is not settled."""
        return working_days_between(self.raised_on, self.settled_on) if self.settled_on else None

    def is_overdue(self, *, on: date) -> bool:
        """Whether an answer is late on ``on``, or it has gone to the business unit for want of one that settles it."""
        is_late = self.status == EscalationStatus.OPEN and self.due is not None and self.due < on
        return is_late or self.status == EscalationStatus.WITH_UNIT


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class EscalationStep(models.Model):
    """One stage that a difference went through. Without a stage: with the business unit, after the last."""

    escalation = models.ForeignKey(Escalation, models.CASCADE, related_name="steps")
    stage = models.ForeignKey(EscalationStage, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField(default=timezone.now)
    due = models.DateField(null=True, blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    left_at = models.DateTimeField(null=True, blank=True, help_text="When it moved up or was settled")
    moved_up_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    moved_by_clock = models.BooleanField(default=False)

    class Meta:
        ordering = ["escalation", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="escalationstep_one_at_a_time", fields=["escalation"], condition=Q(left_at=None)
            ),
            models.UniqueConstraint(
                name="escalationstep_once_a_stage", fields=["escalation", "stage"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="escalationstep_answer_is_whole",
                condition=Q(answer="", answered_at=None, answered_by=None)
                | (~Q(answer="") & ~Q(answered_at=None) & ~Q(answered_by=None)),
            ),
        ]
        indexes = [models.Index(name="escalationstep_by_answerer", fields=["answered_by"])]

    def __str__(self) -> str:
        return str(self.stage) if self.stage else "With the business unit"


class GoodPractice(models.Model):
    """Good work of an agency, recognised by somebody who saw it. Everyone who is signed in reads it."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="good_practice")
    recognised_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    what = models.TextField("what was good")
    recognised_at = models.DateTimeField(default=timezone.now)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["-recognised_at", "-pk"]
        verbose_name_plural = "good practice"

    def __str__(self) -> str:
        return f"Good practice of {self.organisation}"

    def get_absolute_url(self) -> str:
        return reverse("good_practice")
