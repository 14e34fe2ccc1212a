"""Forums: a hub's meeting on a theme; who booked and came, what was learned, and what they thought of it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

import pghistory
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from learninghubs.choices import BookingStatus, BriefingStatus, ForumStatus
from learninghubs.models.hubs import LearningHub
from learninghubs.models.themes import Theme
from partnership.engine import access
from partnership.models import Organisation, User

HOLDING = (BookingStatus.BOOKED, BookingStatus.WAITING)  # who holds a place, or waits for one


class ForumQuerySet(access.AccessQuerySet):
    def to_come(self, at: datetime) -> Self:
        """Those that are planned and not over at ``at``, the next first."""
        return self.filter(status=ForumStatus.PLANNED, ends_at__gte=at).order_by("starts_at", "pk")

    def held(self) -> Self:
        """Those that took place, the newest first."""
        return self.filter(status=ForumStatus.HELD).order_by("-starts_at", "-pk")


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Forum(models.Model):
    """A hub's forum on a theme: when, where, for how many; and what was discussed and learned there."""

    hub = models.ForeignKey(LearningHub, models.PROTECT, related_name="forums")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="forums")
    starts_at = models.DateTimeField("start")
    ends_at = models.DateTimeField("end")
    place = models.CharField(max_length=200, blank=True)
    link = models.URLField("link to join online", max_length=500, blank=True)
    places = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1)], help_text="How many can come; empty: no limit"
    )
    about = models.TextField(blank=True, help_text="What it will be about, for those who think of coming")
    status = models.CharField(max_length=10, choices=ForumStatus, default=ForumStatus.PLANNED)
    discussed = models.TextField("what was discussed", blank=True)
    learned = models.TextField("what was learned", blank=True)
    others_came = models.PositiveSmallIntegerField(default=0, help_text="How many came beyond those on the list")
    sequence = models.PositiveIntegerField(default=0, help_text="Rises when people’s calendars must change")
    changed_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = ForumQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(name="forum_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="forum_has_places", condition=Q(places__isnull=True) | Q(places__gte=1)),
            models.CheckConstraint(
                name="forum_somewhere", condition=~Q(place="") | ~Q(link="") | Q(status=ForumStatus.CANCELLED)
            ),
            models.UniqueConstraint(
                name="forum_one_at_a_time",
                fields=["hub", "starts_at"],
                condition=~Q(status=ForumStatus.CANCELLED),
                violation_error_message="The hub has another forum at this time",
            ),
        ]
        indexes = [models.Index(name="forum_by_start", fields=["starts_at"])]

    def __str__(self) -> str:
        return f"{self.theme}, {date_format(self.day, 'j F Y')}"

    def get_absolute_url(self) -> str:
        return reverse("learninghubs:forum", args=[self.pk])

    @property
    def day(self) -> date:
        """The day on which it starts, in local time."""
        return timezone.localdate(self.starts_at)

    @property
    def is_to_come(self) -> bool:
        """Whether it is planned."""
        return self.status == ForumStatus.PLANNED


class ForumPresenter(models.Model):
    """Which organisation presents at a forum (schools too), and what. Organisations only: no person is named."""

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="presenters")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    topic = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["forum", "pk"]
        constraints = [
            models.UniqueConstraint(name="forumpresenter_once", fields=["forum", "organisation", "topic"]),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}: {self.topic}" if self.topic else str(self.organisation)


class BookingQuerySet(access.AccessQuerySet):
    def booked(self) -> Self:
        """Those that have a place, in the order in which they came."""
        return self.filter(status=BookingStatus.BOOKED).order_by("booked_at", "pk")

    def waiting(self) -> Self:
        """The waiting list, who waits longest first."""
        return self.filter(status=BookingStatus.WAITING).order_by("booked_at", "pk")


class Booking(models.Model):
    """That somebody wants to come to a forum: with an account (``person``) or by a confirmed address. The link in their
    e-mails holds a secret, of which only a hash is kept."""

    forum = models.ForeignKey(Forum, models.PROTECT, related_name="bookings")
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="forum_bookings")
    name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    agency = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    status = models.CharField(max_length=12, choices=BookingStatus, default=BookingStatus.BOOKED)
    secret_hash = models.CharField(max_length=64, unique=True)
    booked_at = models.DateTimeField(default=timezone.now)
    came = models.BooleanField(null=True, blank=True, help_text="Empty while attendance is not taken")
    asked_at = models.DateTimeField(null=True, blank=True, help_text="When they were asked what they thought of it")
    has_evaluated = models.BooleanField(default=False, help_text="That they did; what they said is not tied to them")

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["booked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                "forum", Lower("email"), name="booking_address_once", condition=Q(status__in=HOLDING) & ~Q(email="")
            ),
            models.CheckConstraint(
                name="booking_of_somebody", condition=Q(person__isnull=False) | ~Q(email="") | ~Q(name="")
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Evaluation(models.Model):
    """What somebody who came thought of a forum. Anonymous: no person, no address, no time, only the day."""

    forum = models.ForeignKey(Forum, models.CASCADE, related_name="evaluations")
    useful = models.PositiveSmallIntegerField(help_text="1, not at all, to 5, very")
    confident = models.PositiveSmallIntegerField(help_text="1, not at all, to 5, very")
    will_change = models.TextField("what they will do differently", blank=True)
    improve = models.TextField("what would make forums better", blank=True)
    given_on = models.DateField(default=timezone.localdate)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="evaluation_one_to_five",
                condition=Q(useful__gte=1, useful__lte=5, confident__gte=1, confident__lte=5),
            )
        ]

    def __str__(self) -> str:
        return f"Evaluation of {self.forum}"


class BriefingQuerySet(access.AccessQuerySet):
    def published(self) -> Self:
        """Those that everybody may read, the newest first."""
        return self.filter(status=BriefingStatus.PUBLISHED).order_by("-published_at", "-pk")


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Briefing(models.Model):
    """The one-page learning briefing of a forum, public once it is published."""

    forum = models.OneToOneField(Forum, models.PROTECT, related_name="briefing")
    title = models.CharField(max_length=150)
    context = models.TextField("why this matters")
    messages = models.TextField("what we learned", help_text="One message in each line")
    practice = models.TextField("what to do differently", help_text="One thing in each line")
    questions = models.TextField("questions for your team", blank=True, help_text="One question in each line")
    status = models.CharField(max_length=10, choices=BriefingStatus, default=BriefingStatus.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = BriefingQuerySet.as_manager()

    class Meta:
        ordering = ["-published_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="briefing_published_has_a_time",
                condition=Q(status=BriefingStatus.PUBLISHED, published_at__isnull=False)
                | Q(status=BriefingStatus.DRAFT),
            )
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("learninghubs:briefing", args=[self.forum_id])
