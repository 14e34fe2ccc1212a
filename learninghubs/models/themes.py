"""Themes: what the hubs learn about, at most three in a year; what is read about them, and sessions for schools."""

from __future__ import annotations

from datetime import date

import pghistory
from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from hscp.lib.dates import academic_year_label
from learninghubs.choices import MOST_THEMES_A_YEAR
from partnership.engine import access
from partnership.models import Priority, User


class ThemeQuerySet(access.AccessQuerySet):
    def on(self, day: date) -> ThemeQuerySet:
        """Those that the hubs are at on ``day``: ``ends`` is the last day."""
        return self.filter(starts__lte=day, ends__gte=day)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Theme(models.Model):
    """One theme of a year: the year and its number in it make at most three a year a rule of the database."""

    title = models.CharField(max_length=150)
    slug = models.SlugField(max_length=80, unique=True)
    academic_year = models.PositiveSmallIntegerField(help_text="The year it starts: 2026 for 2026-27")
    number = models.PositiveSmallIntegerField(help_text="First, second or third of the year")
    starts = models.DateField()
    ends = models.DateField(help_text="The last day")
    purpose = models.TextField(help_text="Why the hubs look at it, and what for, as the public reads it")
    lead = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="themes_led")
    serves = models.ForeignKey(
        Priority, models.PROTECT, null=True, blank=True, related_name="themes", help_text="Priority of the plan"
    )

    objects = ThemeQuerySet.as_manager()

    class Meta:
        ordering = ["-academic_year", "-number"]
        constraints = [
            models.UniqueConstraint(name="theme_one_a_place", fields=["academic_year", "number"]),
            models.CheckConstraint(
                name="theme_three_a_year", condition=Q(number__gte=1, number__lte=MOST_THEMES_A_YEAR)
            ),
            models.CheckConstraint(name="theme_ends_after_start", condition=Q(ends__gt=F("starts"))),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("learninghubs:theme", args=[self.slug])

    @property
    def year_label(self) -> str:
        """The academic year in words, e.g. "2026-27"."""
        return academic_year_label(self.academic_year)

    def is_on(self, day: date) -> bool:
        """Whether the hubs are at it on ``day``."""
        return self.starts <= day <= self.ends


class ThemeResource(models.Model):
    """Something to read or watch on a theme."""

    theme = models.ForeignKey(Theme, models.CASCADE, related_name="resources")
    title = models.CharField(max_length=200)
    url = models.URLField("link", max_length=500)
    about = models.CharField(max_length=300, blank=True)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["theme", "order", "pk"]

    def __str__(self) -> str:
        return self.title


class SchoolSession(models.Model):
    """A session for schools that mirrors a theme."""

    theme = models.ForeignKey(Theme, models.PROTECT, related_name="sessions")
    title = models.CharField(max_length=200)
    starts_at = models.DateTimeField("start")
    ends_at = models.DateTimeField("end")
    place = models.CharField(max_length=200, blank=True)
    link = models.URLField("link to join or book", max_length=500, blank=True)
    about = models.TextField(blank=True)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(name="schoolsession_ends_after_start", condition=Q(ends_at__gt=F("starts_at")))
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{self.theme.get_absolute_url()}#session-{self.pk}"
