"""What people who leave leave to others: seats, terms in the chair, actions."""

from __future__ import annotations

from datetime import date
from typing import Self

import pghistory
from django.db import models
from django.db.models import F, Q

from partnership.choices import Capacity, LeaverItemKind
from partnership.engine import access
from partnership.models.actions import UNFINISHED, Action
from partnership.models.groups import Group
from partnership.models.people import Organisation, User


class LeaverItemQuerySet(access.AccessQuerySet):
    def open_on(self, day: date) -> Self:
        """What still waits for somebody to take it over: not settled, not past, its group still there; an action only
        while it is unfinished and nobody else does it."""
        still_theirs = Q(action=None) | Q(action__status__in=UNFINISHED, action__person=F("person"))
        group_is_there = Q(group=None) | Q(group__ends=None) | Q(group__ends__gt=day)
        return self.filter(still_theirs, group_is_there, Q(ends=None) | Q(ends__gt=day), settled_at=None)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class LeaverItem(models.Model):
    """One thing that somebody who leaves leaves to others: a seat on a group, a term in its chair, an action.

    The seat and the term themselves end on the day (or, not begun, are removed): this row keeps what they would have
    been, from when until when, so that somebody else can have it.
    """

    person = models.ForeignKey(User, models.PROTECT, related_name="left_to_others", help_text="Who leaves")
    kind = models.CharField(max_length=10, choices=LeaverItemKind)
    group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    capacity = models.CharField(max_length=10, choices=Capacity, blank=True)
    action = models.ForeignKey(Action, models.PROTECT, null=True, blank=True, related_name="+")
    starts = models.DateField(help_text="The first day on which somebody else is needed")
    ends = models.DateField(null=True, blank=True, help_text="The first day on which nobody is needed any more")
    handed_to = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="taken_over")
    reason = models.CharField(max_length=300, blank=True, help_text="Why nobody takes it over")
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = LeaverItemQuerySet.as_manager()

    class Meta:
        ordering = ["person", "kind", "starts", "pk"]
        verbose_name = "thing to hand over"
        verbose_name_plural = "things to hand over"
        constraints = [
            models.CheckConstraint(
                name="leaveritem_is_about_something",
                condition=Q(kind=LeaverItemKind.ACTION, action__isnull=False, group=None, organisation=None)
                | (~Q(kind=LeaverItemKind.ACTION) & Q(action=None, group__isnull=False, organisation__isnull=False)),
            ),
            models.CheckConstraint(
                name="leaveritem_settled_says_how",
                condition=Q(settled_at=None, handed_to=None, reason="")
                | (Q(settled_at__isnull=False) & (Q(handed_to__isnull=False) ^ ~Q(reason=""))),
            ),
        ]
        indexes = [models.Index(name="leaveritem_unsettled", fields=["person"], condition=Q(settled_at=None))]

    def __str__(self) -> str:
        if self.action is not None:
            return self.action.what
        return f"{self.get_kind_display()}: {self.group}"
