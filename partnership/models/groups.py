"""The groups of the partnership: boards, subgroups, hubs; who sits on them, who chairs them, what they are for."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Self

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.urls import reverse

from partnership.choices import Capacity, GroupKind
from partnership.engine import access
from partnership.models.people import Organisation, User


class DatedQuerySet(access.AccessQuerySet):
    """Rows that hold from ``starts`` until the day before ``ends``."""

    def on(self, day: date) -> Self:
        """Those that hold on ``day``: begun, and not ended (``ends`` is the first day without)."""
        return self.filter(Q(starts=None) | Q(starts__lte=day), Q(ends=None) | Q(ends__gt=day))


def only_one(key: str) -> Func:
    """``key`` as a range that overlaps only itself, for an exclusion constraint without an extension."""
    return Func(F(key), F(key), Value("[]"), function="int8range")


ONE_DAY = timedelta(days=1)
DAYS = Func(F("starts"), F("ends"), function="daterange")


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Group(models.Model):
    """A board, subgroup, hub or linked board. Groups are renamed, merged and ended, and stay readable after."""

    name = models.CharField(max_length=150)
    slug = models.SlugField(max_length=80, unique=True)
    kind = models.CharField(max_length=20, choices=GroupKind)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    purpose = models.TextField(help_text="Its role, as the public reads it")
    footprint = models.CharField(
        max_length=150, blank=True, help_text="The area it covers, where that is not the county"
    )
    on_structure = models.BooleanField(default=True, help_text="Whether it is drawn in the structure")
    meetings_a_year = models.PositiveSmallIntegerField(null=True, blank=True, help_text="How often it means to meet")
    starts = models.DateField(null=True, blank=True)
    ends = models.DateField(null=True, blank=True, help_text="The first day on which it no longer exists")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_from")
    order = models.PositiveSmallIntegerField(default=0, help_text="Among the groups under the same parent")

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["order", "name", "pk"]
        constraints = [
            models.CheckConstraint(name="group_ends_after_start", condition=Q(ends__gt=F("starts"))),
            models.CheckConstraint(name="group_not_own_parent", condition=~Q(parent=F("pk"))),
            models.CheckConstraint(name="group_not_merged_into_itself", condition=~Q(merged_into=F("pk"))),
            models.CheckConstraint(name="group_merged_has_ended", condition=Q(merged_into=None) | ~Q(ends=None)),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("group", args=[self.slug])

    @property
    def last_day(self) -> date | None:
        """The last day on which the group existed or will exist; None if no end is known."""
        return self.ends - ONE_DAY if self.ends else None

    def exists_on(self, day: date) -> bool:
        """Whether the group exists on ``day``."""
        return (self.starts is None or self.starts <= day) and (self.ends is None or self.ends > day)


class FormerName(models.Model):
    """What a group was called, until the day before ``until``."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="former_names")
    name = models.CharField(max_length=150)
    until = models.DateField(help_text="The first day under the next name")

    class Meta:
        ordering = ["-until", "-pk"]
        constraints = [models.UniqueConstraint(name="formername_one_a_day", fields=["group", "until"])]

    def __str__(self) -> str:
        return self.name

    @property
    def last_day(self) -> date:
        """The last day under this name."""
        return self.until - ONE_DAY


class FormerPlace(models.Model):
    """Under which group a group stood (None: under none), until the day before ``until``."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="former_places")
    parent = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="+")
    until = models.DateField(help_text="The first day in the next place")

    class Meta:
        ordering = ["-until", "-pk"]
        constraints = [models.UniqueConstraint(name="formerplace_one_a_day", fields=["group", "until"])]

    def __str__(self) -> str:
        return f"{self.group} under {self.parent or 'no group'}"


class TermsOfReference(models.Model):
    """One version of a group's terms of reference. The newest in force binds; older ones stay readable."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="terms")
    version = models.PositiveSmallIntegerField()
    text = models.TextField()
    in_force_from = models.DateField()
    quorum = models.PositiveSmallIntegerField(default=0, help_text="How many must be present; 0 if it is not said")
    agreed_at = models.CharField(max_length=200, blank=True, help_text="Where it was agreed, e.g. a meeting")

    class Meta:
        ordering = ["-version"]
        verbose_name = "terms of reference"
        verbose_name_plural = "terms of reference"
        constraints = [models.UniqueConstraint(name="terms_version_once", fields=["group", "version"])]

    def __str__(self) -> str:
        return f"{self.group}: terms of reference, version {self.version}"

    def get_absolute_url(self) -> str:
        return reverse("group_terms", args=[self.group.slug, self.version])


class NamedSeat(models.Model):
    """That the terms of reference name an agency, and how many people it sends."""

    terms = models.ForeignKey(TermsOfReference, models.CASCADE, related_name="seats")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField(default=1)
    note = models.CharField(max_length=150, blank=True, help_text="Which post, e.g. designated doctor")

    class Meta:
        ordering = ["organisation__name", "pk"]
        constraints = [
            models.CheckConstraint(name="namedseat_at_least_one", condition=Q(number__gte=1)),
            models.UniqueConstraint(name="namedseat_once", fields=["terms", "organisation", "note"]),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.number}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Membership(models.Model):
    """That a person sits on a group for an organisation, as what, from when until when."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="memberships")
    person = models.ForeignKey(User, models.PROTECT, related_name="memberships")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="memberships")
    capacity = models.CharField(max_length=10, choices=Capacity, default=Capacity.MEMBER)
    starts = models.DateField()
    ends = models.DateField(null=True, blank=True, help_text="The first day on which the person no longer sits on it")

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["group", "organisation__name", "person__name", "pk"]
        constraints = [
            models.CheckConstraint(name="membership_ends_not_before_start", condition=Q(ends__gte=F("starts"))),
            ExclusionConstraint(
                name="membership_once_at_a_time",
                expressions=[
                    (only_one("group"), RangeOperators.OVERLAPS),
                    (only_one("person"), RangeOperators.OVERLAPS),
                    (DAYS, RangeOperators.OVERLAPS),
                ],
                violation_error_message="This person sits on the group already on some of these days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_capacity_display().lower()}, {self.group}"

    @property
    def last_day(self) -> date | None:
        """The last day on the group; None while no end is known."""
        return self.ends - ONE_DAY if self.ends else None

    def is_over(self, *, on: date) -> bool:
        """Whether the person no longer sits on the group on ``on``."""
        return self.ends is not None and self.ends <= on


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class ChairTerm(models.Model):
    """Who chairs a group, for which organisation, from when until when. The chair rolls from body to body each year."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="chair_terms")
    person = models.ForeignKey(User, models.PROTECT, related_name="chair_terms")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="chair_terms")
    deputy = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="deputy_chair_terms")
    starts = models.DateField()
    ends = models.DateField(help_text="The first day without this chair")
    ended_early_because = models.CharField(max_length=300, blank=True, verbose_name="why it ended early")

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["group", "starts", "pk"]
        constraints = [
            models.CheckConstraint(name="chairterm_ends_after_start", condition=Q(ends__gt=F("starts"))),
            ExclusionConstraint(
                name="chairterm_one_at_a_time",
                expressions=[(only_one("group"), RangeOperators.OVERLAPS), (DAYS, RangeOperators.OVERLAPS)],
                violation_error_message="Somebody else chairs the group on some of these days",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} chairs {self.group}"

    def get_absolute_url(self) -> str:
        return reverse("chair_term", args=[self.pk])

    @property
    def last_day(self) -> date:
        """The last day in the chair."""
        return self.ends - ONE_DAY

    def is_on(self, day: date) -> bool:
        """Whether the person is in the chair on ``day``."""
        return self.starts <= day < self.ends


class ChairRota(models.Model):
    """The order in which the organisations take the chair of a group, over and over."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="chair_rota")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["group", "order"]
        verbose_name = "place in the rota"
        constraints = [
            models.UniqueConstraint(name="chairrota_organisation_once", fields=["group", "organisation"]),
            models.UniqueConstraint(
                name="chairrota_one_a_place", fields=["group", "order"], deferrable=models.Deferrable.DEFERRED
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.organisation}"


class HandoverItem(models.Model):
    """What is to be done whenever a chair hands over: the list that each new term starts from."""

    text = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["order", "pk"]
        verbose_name = "item of the hand-over list"
        verbose_name_plural = "hand-over list"

    def __str__(self) -> str:
        return self.text


class HandoverStep(models.Model):
    """One thing to do when a term in the chair ends, and who says when that it is done."""

    term = models.ForeignKey(ChairTerm, models.CASCADE, related_name="handover")
    text = models.CharField(max_length=200)
    order = models.PositiveSmallIntegerField()
    done_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["term", "order", "pk"]
        verbose_name = "step of a hand-over"
        constraints = [
            models.CheckConstraint(
                name="handoverstep_done_by_somebody",
                condition=Q(done_by=None, done_at=None) | Q(done_by__isnull=False, done_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_done(self) -> bool:
        return self.done_at is not None
