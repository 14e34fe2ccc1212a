"""The one tracker of actions for the whole portal, whatever an action came from."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar, Self

import pghistory
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from partnership.choices import ActionPriority, ActionStatus, Role
from partnership.engine import access
from partnership.models.groups import Group
from partnership.models.people import Organisation, User
from partnership.models.priorities import Priority

UNFINISHED = (ActionStatus.OPEN, ActionStatus.IN_PROGRESS)
# Who answers for what an organisation has to do, where nobody is named: its partners, or a school's lead.
ANSWERS_FOR_ORGANISATION = frozenset({Role.PARTNER, Role.DSL})
NOBODY_DOES_IT = Q(person=None) | Q(person__is_active=False)


class ActionQuerySet(access.AccessQuerySet):
    def unfinished(self) -> Self:
        """Actions that are neither done nor cancelled."""
        return self.filter(status__in=UNFINISHED)

    def overdue(self, *, on: date) -> Self:
        """Unfinished actions whose due date is before ``on``."""
        return self.unfinished().filter(due__lt=on)

    def left_behind(self) -> Self:
        """Unfinished actions whose person has left."""
        return self.unfinished().filter(person__is_active=False)

    def held_by(self, user: User) -> Self:
        """What ``user`` must see to today: theirs by name; and where nobody is named, or who was has left, those of the
        groups they chair and of the organisations they answer for."""
        grants = user.active_grants()
        organisations = [grant.organisation_id for grant in grants if grant.role in ANSWERS_FOR_ORGANISATION]
        of_owner = Q(group__in=user.groups_chaired()) | Q(organisation__in=organisations)
        return self.filter(Q(person=user) | (NOBODY_DOES_IT & of_owner))

    def with_names(self) -> Self:
        """With what a line of a list names: the owner, the person, the priority that it serves. One query."""
        return self.select_related("organisation", "group", "person", "serves")


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Action(models.Model):
    """Something that somebody has undertaken to do by a date. Overdue is derived, never stored.

    An organisation or a group owns it; a person, where one is named, does it for the owner. When that person leaves, it
    still has an owner.
    """

    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="actions", help_text="Who must see to it"
    )
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="actions")
    person = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="actions", help_text="Who does it for the owner"
    )
    what = models.CharField(max_length=500)
    who = models.CharField(max_length=150, blank=True, help_text="A role, not a name, where no person has an account")
    due = models.DateField()
    priority = models.CharField(max_length=10, choices=ActionPriority, default=ActionPriority.NORMAL)
    serves = models.ForeignKey(
        Priority, models.PROTECT, null=True, blank=True, related_name="actions", help_text="The priority of the plan"
    )
    status = models.CharField(max_length=15, choices=ActionStatus, default=ActionStatus.OPEN)
    evidence = models.TextField(blank=True, help_text="What shows that it is done")
    source_type = models.ForeignKey(ContentType, models.PROTECT, null=True, blank=True, related_name="+")
    source_id = models.PositiveBigIntegerField(null=True, blank=True)
    source = GenericForeignKey("source_type", "source_id")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    given_on = models.DateField(default=timezone.localdate, help_text="Since when it is with this owner and person")
    finished_on = models.DateField(null=True, blank=True)

    objects = ActionQuerySet.as_manager()

    class Meta:
        ordering = ["due", "pk"]
        constraints = [
            models.CheckConstraint(
                name="action_owned_by_group_or_organisation",
                condition=Q(group=None, organisation__isnull=False) | Q(group__isnull=False, organisation=None),
            ),
            models.CheckConstraint(
                name="action_done_has_evidence", condition=~Q(status=ActionStatus.DONE) | ~Q(evidence="")
            ),
            models.CheckConstraint(
                name="action_finished_has_a_day",
                condition=Q(status__in=UNFINISHED, finished_on=None)
                | (~Q(status__in=UNFINISHED) & ~Q(finished_on=None)),
            ),
        ]
        indexes = [
            models.Index(name="action_source", fields=["source_type", "source_id"]),
            models.Index(name="action_organisation_due", fields=["organisation", "status", "due"]),
            models.Index(name="action_group_due", fields=["group", "status", "due"]),
            models.Index(name="action_person_due", fields=["person", "status", "due"]),
        ]

    def __str__(self) -> str:
        return self.what

    def get_absolute_url(self) -> str:
        return reverse("action", args=[self.pk])

    @property
    def owner(self) -> Organisation | Group:
        """Who must see to it: always one of the two."""
        owner = self.group or self.organisation
        assert owner is not None  # noqa: S101 - action_owned_by_group_or_organisation
        return owner

    @property
    def is_unfinished(self) -> bool:
        """Whether it is neither done nor cancelled."""
        return self.status in UNFINISHED

    @property
    def is_left_behind(self) -> bool:
        """Whether it is still to be done and the person who was to do it has left."""
        return self.is_unfinished and self.person is not None and not self.person.is_active

    def is_overdue(self, *, on: date) -> bool:
        """Whether it should have been finished before ``on``."""
        return self.status in UNFINISHED and self.due < on


class ActionNote(models.Model):
    """How an action gets on, in somebody's words; also why it was given another due date. Never changed."""

    action = models.ForeignKey(Action, models.CASCADE, related_name="notes")
    text = models.TextField()
    due_was = models.DateField(null=True, blank=True, help_text="The due date before it was moved")
    due_became = models.DateField(null=True, blank=True, help_text="The due date it was moved to")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(name="actionnote_has_a_text", condition=~Q(text="")),
            models.CheckConstraint(
                name="actionnote_dates_belong_together",
                condition=Q(due_was=None, due_became=None) | Q(due_was__isnull=False, due_became__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return f"{self.action.get_absolute_url()}#note-{self.pk}"


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old))
class ActionReminders(models.Model):
    """When people are reminded of their actions: one row, which the business unit edits. All in days."""

    ONLY: ClassVar[int] = 1

    first_before = models.PositiveSmallIntegerField(
        "first reminder", default=14, help_text="Days before an action is due"
    )
    last_before = models.PositiveSmallIntegerField("last reminder", default=3, help_text="Days before an action is due")
    between_overdue = models.PositiveSmallIntegerField(
        "reminders once overdue", default=7, help_text="Days from one to the next"
    )

    class Meta:
        verbose_name = verbose_name_plural = "reminders of actions"
        constraints = [
            models.CheckConstraint(name="actionreminders_only_one", condition=Q(pk=1)),
            models.CheckConstraint(
                name="actionreminders_last_after_first", condition=Q(first_before__gt=F("last_before"))
            ),
            models.CheckConstraint(name="actionreminders_at_most_daily", condition=Q(between_overdue__gte=1)),
        ]

    def __str__(self) -> str:
        return "Reminders of actions"

    @classmethod
    def current(cls) -> ActionReminders:
        """The row as it stands, or what is usual where nobody has edited it. One query."""
        return cls.objects.filter(pk=cls.ONLY).first() or cls(pk=cls.ONLY)

    @property
    def horizon(self) -> timedelta:
        """How far ahead a due date counts as near."""
        return timedelta(days=self.first_before)


class ActionDigest(models.Model):
    """That a person was sent their actions on a day: one row a person and day, so the message goes once."""

    person = models.ForeignKey(User, models.CASCADE, related_name="action_digests")
    day = models.DateField()
    actions = models.PositiveSmallIntegerField(help_text="How many it lists")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-day", "person"]
        constraints = [models.UniqueConstraint(name="actiondigest_once_a_day", fields=["person", "day"])]

    def __str__(self) -> str:
        return f"{self.person}, {self.day}"
