"""The one tracker of actions for the whole portal, whatever an action came from."""

from __future__ import annotations

from datetime import date
from typing import Self

import pghistory
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils import timezone

from partnership.choices import ActionPriority, ActionStatus
from partnership.engine import access
from partnership.models.groups import Group
from partnership.models.people import Organisation, User
from partnership.models.priorities import Priority

UNFINISHED = (ActionStatus.OPEN, ActionStatus.IN_PROGRESS)


class ActionQuerySet(access.AccessQuerySet):
    def unfinished(self) -> Self:
        """Actions that are neither done nor cancelled."""
        return self.filter(status__in=UNFINISHED)

    def overdue(self, *, on: date) -> Self:
        """Unfinished actions whose due date is before ``on``."""
        return self.unfinished().filter(due__lt=on)


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

    def is_overdue(self, *, on: date) -> bool:
        """Whether it should have been finished before ``on``."""
        return self.status in UNFINISHED and self.due < on
