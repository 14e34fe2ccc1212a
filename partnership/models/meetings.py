"""Meetings of groups: their agenda, papers, attendance, decisions and minutes. Agreed minutes never change."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Self

import pghistory
import pgtrigger
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from partnership.choices import Capacity, ItemOrigin, ItemPurpose, ItemStatus, MeetingStatus, Presence
from partnership.engine import access
from partnership.models.groups import Group
from partnership.models.people import Organisation, User
from partnership.models.priorities import Priority
from partnership.models.records import Document

# The statuses of a meeting that has taken place.
TOOK_PLACE = (MeetingStatus.HELD, MeetingStatus.DRAFTED, MeetingStatus.CIRCULATED, MeetingStatus.AGREED)
# Those of one that is still to come.
TO_COME = (MeetingStatus.PLANNED, MeetingStatus.CALLED)
# Those in which members read its minutes.
MINUTES_OUT = (MeetingStatus.CIRCULATED, MeetingStatus.AGREED)

MOST_MINUTES = 24 * 60  # an item cannot last longer than a day

# The look locks the meeting's row, so that nothing slips in while another transaction agrees its minutes.
_NOT_AGREED = """
    SELECT status INTO meeting_status FROM partnership_meeting WHERE id = ({meeting}) FOR SHARE;
    IF meeting_status = 'agreed' THEN
        RAISE EXCEPTION 'Agreed minutes never change';
    END IF;
    RETURN {row};
"""
_OF_ITEM = "SELECT meeting_id FROM partnership_agendaitem WHERE id = {row}.item_id"
_OF_PAPER = (
    "SELECT item.meeting_id FROM partnership_paper paper "
    "JOIN partnership_agendaitem item ON item.id = paper.item_id WHERE paper.id = {row}.paper_id"
)


def _frozen_when_agreed(name: str, parent: str, meeting: str) -> list[pgtrigger.Trigger]:
    """Triggers that refuse any write to a row of a meeting whose minutes are agreed, and any row between two meetings.

    ``parent`` is the field by which the row belongs to its meeting; ``meeting`` is SQL for the meeting's id.
    """

    def trigger(suffix: str, operation: Any, row: str) -> pgtrigger.Trigger:
        func = _NOT_AGREED.format(meeting=meeting.format(row=row), row=row)
        declare = [("meeting_status", "text")]
        return pgtrigger.Trigger(
            name=f"{name}_{suffix}", when=pgtrigger.Before, operation=operation, func=func, declare=declare
        )

    return [
        trigger("frozen_new", pgtrigger.Insert | pgtrigger.Update, "NEW"),
        trigger("frozen_old", pgtrigger.Delete, "OLD"),
        pgtrigger.ReadOnly(name=f"{name}_keeps_its_{parent}", fields=[parent]),
    ]


# --- The meeting ------------------------------------------------------------------------------------------------------


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class MeetingPattern(models.Model):
    """How a group usually meets: what its yearly calendar is proposed from, and when its papers go out."""

    group = models.OneToOneField(Group, models.CASCADE, related_name="meeting_pattern")
    number = models.PositiveSmallIntegerField(
        "meetings a year", default=4, validators=[MinValueValidator(1), MaxValueValidator(52)]
    )
    weekday = models.PositiveSmallIntegerField(default=1, help_text="0 is Monday")
    starts_at = models.TimeField("start time", default=time(10, 0))
    length = models.PositiveSmallIntegerField(default=120, help_text="Minutes")
    place = models.CharField(max_length=200, blank=True)
    link = models.URLField("link to join online", blank=True)
    papers_out_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Working days before the meeting; empty: as the portal has it"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(name="meetingpattern_weekday", condition=Q(weekday__lte=6)),
            models.CheckConstraint(name="meetingpattern_number", condition=Q(number__gte=1, number__lte=52)),
            models.CheckConstraint(name="meetingpattern_length", condition=Q(length__gte=1)),
        ]

    def __str__(self) -> str:
        return f"How {self.group} usually meets"


class MeetingQuerySet(access.AccessQuerySet):
    def of(self, person: User) -> Self:
        """Those of the groups that ``person`` sits on or chairs today."""
        return self.filter(group__in=person.groups_sat_on() | person.groups_chaired())

    def to_come(self, at: datetime) -> Self:
        """Those that are planned or called and not over at ``at``."""
        return self.filter(status__in=TO_COME, ends_at__gte=at)

    def took_place(self) -> Self:
        """Those that were held."""
        return self.filter(status__in=TOOK_PLACE)

    def in_year(self, year: int) -> Self:
        """Those of a calendar year, by the day on which they start."""
        return self.filter(starts_at__year=year)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Meeting(models.Model):
    """A meeting of a group, from the day it is planned until its minutes are agreed; then nothing of it changes."""

    group = models.ForeignKey(Group, models.PROTECT, related_name="meetings")
    starts_at = models.DateTimeField("start")
    ends_at = models.DateTimeField("end")
    place = models.CharField(max_length=200, blank=True)
    link = models.URLField("link to join online", blank=True)
    status = models.CharField(max_length=12, choices=MeetingStatus, default=MeetingStatus.PLANNED)
    agenda_version = models.PositiveIntegerField(default=1, help_text="Rises with each change to agenda or papers")
    agenda_changed_at = models.DateTimeField(default=timezone.now)
    sequence = models.PositiveIntegerField(default=0, help_text="Rises when people’s calendars must change")
    changed_at = models.DateTimeField(default=timezone.now)
    change_reason = models.CharField("reason for the change", max_length=500, blank=True)
    called_at = models.DateTimeField(null=True, blank=True)
    late_told_on = models.DateField(null=True, blank=True, help_text="When members were last told of late papers")
    also_present = models.CharField(max_length=500, blank=True)
    agreed_at = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="agreed", verbose_name="minutes agreed at"
    )
    agreed_on = models.DateField("minutes agreed on", null=True, blank=True)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = MeetingQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "pk"]
        constraints = [
            models.CheckConstraint(name="meeting_ends_after_start", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(name="meeting_not_agreed_at_itself", condition=~Q(agreed_at=F("pk"))),
            models.CheckConstraint(
                name="meeting_agreed_says_where",
                condition=Q(status=MeetingStatus.AGREED, agreed_at__isnull=False, agreed_on__isnull=False)
                | (~Q(status=MeetingStatus.AGREED) & Q(agreed_at=None, agreed_on=None)),
            ),
            models.UniqueConstraint(
                name="meeting_one_at_a_time",
                fields=["group", "starts_at"],
                condition=~Q(status=MeetingStatus.CANCELLED),
            ),
        ]
        indexes = [models.Index(name="meeting_by_start", fields=["starts_at"])]
        triggers = [
            pgtrigger.Protect(
                name="meeting_frozen",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__status=MeetingStatus.AGREED),
            ),
            pgtrigger.ReadOnly(name="meeting_keeps_its_group", fields=["group"]),
        ]

    def __str__(self) -> str:
        return f"{self.group}, {date_format(self.day, 'j F Y')}"

    def get_absolute_url(self) -> str:
        return reverse("meeting", args=[self.pk])

    @property
    def day(self) -> date:
        """The day on which it starts, in local time."""
        return timezone.localdate(self.starts_at)

    @property
    def is_to_come(self) -> bool:
        """Whether it is planned or called."""
        return self.status in TO_COME

    @property
    def took_place(self) -> bool:
        return self.status in TOOK_PLACE

    @property
    def papers_are_out(self) -> bool:
        """Whether its members were sent the agenda and papers."""
        return self.called_at is not None

    @property
    def minutes_are_out(self) -> bool:
        """Whether members read its minutes: they are circulated or agreed."""
        return self.status in MINUTES_OUT


# --- The agenda -------------------------------------------------------------------------------------------------------


class StandingItem(models.Model):
    """What stands on every agenda of a group, at its beginning or at its end."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="standing_items")
    order = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=200)
    purpose = models.CharField(max_length=12, choices=ItemPurpose, default=ItemPurpose.INFORMATION)
    minutes = models.PositiveSmallIntegerField("minutes allotted", default=5)
    presenter = models.CharField(max_length=150, blank=True)
    closes = models.BooleanField(default=False, help_text="Whether it stands at the end of the agenda")
    removed_on = models.DateField(null=True, blank=True, help_text="The first day without it")

    class Meta:
        ordering = ["closes", "order", "pk"]
        constraints = [models.CheckConstraint(name="standingitem_has_title", condition=~Q(title=""))]

    def __str__(self) -> str:
        return self.title


class AgendaItemQuerySet(access.AccessQuerySet):
    def on_agenda(self) -> Self:
        """The items of the agenda, in its order."""
        return self.filter(status=ItemStatus.ON_AGENDA).order_by("order", "pk")

    def proposals(self) -> Self:
        """What members have proposed and nobody has decided on, oldest first."""
        return self.filter(status=ItemStatus.PROPOSED).order_by("pk")


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class AgendaItem(models.Model):
    """One item of an agenda with what was said about it; or one that a member proposes. ``source`` is the record that
    it came from, if another part of the portal put it there."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="items")
    order = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty while it is not on the agenda")
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True, help_text="What it is about, and what the meeting is asked for")
    purpose = models.CharField(max_length=12, choices=ItemPurpose, default=ItemPurpose.DISCUSSION)
    minutes = models.PositiveSmallIntegerField("minutes allotted", default=10)
    presenter = models.CharField(max_length=150, blank=True)
    origin = models.CharField(max_length=16, choices=ItemOrigin, default=ItemOrigin.ADDED)
    status = models.CharField(max_length=10, choices=ItemStatus, default=ItemStatus.ON_AGENDA)
    reason = models.TextField("why it was declined", blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    standing = models.ForeignKey(StandingItem, models.PROTECT, null=True, blank=True, related_name="items")
    carried_from = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="carried_to")
    serves = models.ForeignKey(
        Priority, models.PROTECT, null=True, blank=True, related_name="agenda_items", help_text="Priority of the plan"
    )
    source_type = models.ForeignKey(ContentType, models.PROTECT, null=True, blank=True, related_name="+")
    source_id = models.PositiveBigIntegerField(null=True, blank=True)
    source = GenericForeignKey("source_type", "source_id")
    minute = models.TextField("what was said", blank=True)
    carry_forward = models.BooleanField(default=False, help_text="Whether it goes on the next agenda")
    version = models.PositiveIntegerField(default=1, help_text="Rises with each change, so that two editors are told")

    objects = AgendaItemQuerySet.as_manager()

    class Meta:
        ordering = ["meeting", "order", "pk"]
        constraints = [
            models.CheckConstraint(name="agendaitem_has_title", condition=~Q(title="")),
            models.CheckConstraint(
                name="agendaitem_in_order_on_agenda",
                condition=Q(status=ItemStatus.ON_AGENDA, order__isnull=False)
                | (~Q(status=ItemStatus.ON_AGENDA) & Q(order=None)),
            ),
            models.CheckConstraint(
                name="agendaitem_declined_with_reason", condition=~Q(status=ItemStatus.DECLINED) | ~Q(reason="")
            ),
            models.CheckConstraint(name="agendaitem_minutes", condition=Q(minutes__lte=MOST_MINUTES)),
            models.UniqueConstraint(
                name="agendaitem_one_a_place", fields=["meeting", "order"], deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(
                name="agendaitem_standing_once", fields=["meeting", "standing"], condition=~Q(standing=None)
            ),
            models.UniqueConstraint(
                name="agendaitem_carried_once", fields=["meeting", "carried_from"], condition=~Q(carried_from=None)
            ),
        ]
        indexes = [models.Index(name="agendaitem_source", fields=["source_type", "source_id"])]
        triggers = _frozen_when_agreed("agendaitem", "meeting", "{row}.meeting_id")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('meeting', args=[self.meeting_id])}#item-{self.pk}"


# --- Papers -----------------------------------------------------------------------------------------------------------


class PaperQuerySet(access.AccessQuerySet):
    def with_versions(self) -> Self:
        """With every version, the newest first, and its file. Two queries."""
        versions = PaperVersion.objects.select_related("document", "uploaded_by").order_by("-number")
        return self.select_related("item").prefetch_related(models.Prefetch("versions", versions))


class Paper(models.Model):
    """A paper of an item: each upload is a version; the newest is what is read."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="papers")
    order = models.PositiveSmallIntegerField(default=1)
    title = models.CharField(max_length=200)

    objects = PaperQuerySet.as_manager()

    class Meta:
        ordering = ["item", "order", "pk"]
        constraints = [models.CheckConstraint(name="paper_has_title", condition=~Q(title=""))]
        triggers = _frozen_when_agreed("paper", "item", _OF_ITEM)

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{reverse('meeting', args=[self.item.meeting_id])}#paper-{self.pk}"

    @property
    def newest(self) -> PaperVersion:
        """The version that is read. No query if they are prefetched by ``with_versions``."""
        return max(self.versions.all(), key=lambda version: version.number)


class PaperVersion(models.Model):
    """One upload of a paper: its file, when, by whom, and whether it came after the papers should have gone out."""

    paper = models.ForeignKey(Paper, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField()
    document = models.OneToOneField(Document, models.PROTECT, related_name="paper_version")
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now)
    is_late = models.BooleanField(default=False)
    told_on = models.DateField(null=True, blank=True, help_text="When members were told of a late one")

    class Meta:
        ordering = ["paper", "-number"]
        constraints = [models.UniqueConstraint(name="paperversion_once", fields=["paper", "number"])]
        triggers = _frozen_when_agreed("paperversion", "paper", _OF_PAPER)

    def __str__(self) -> str:
        return f"{self.paper}, version {self.number}"


# --- What happened ----------------------------------------------------------------------------------------------------


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Attendance(models.Model):
    """Whether somebody who sits on the group came, for which organisation; or who came in their place."""

    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="attendance")
    person = models.ForeignKey(User, models.PROTECT, related_name="attendance")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    capacity = models.CharField(max_length=10, choices=Capacity, default=Capacity.MEMBER)
    presence = models.CharField(max_length=10, choices=Presence)
    deputy = models.CharField(max_length=150, blank=True, help_text="Who came in their place")

    class Meta:
        ordering = ["organisation__name", "person__name", "pk"]
        verbose_name_plural = "attendance"
        constraints = [
            models.UniqueConstraint(name="attendance_once", fields=["meeting", "person"]),
            models.CheckConstraint(
                name="attendance_deputy_has_a_name",
                condition=(Q(presence=Presence.DEPUTY) & ~Q(deputy="")) | (~Q(presence=Presence.DEPUTY) & Q(deputy="")),
            ),
        ]
        triggers = _frozen_when_agreed("attendance", "meeting", "{row}.meeting_id")

    def __str__(self) -> str:
        return f"{self.person}: {self.get_presence_display().lower()}"

    @property
    def counts(self) -> bool:
        """Whether it counts towards the quorum: a member who came, or whose deputy did."""
        return self.capacity == Capacity.MEMBER and self.presence in (Presence.PRESENT, Presence.DEPUTY)


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Decision(models.Model):
    """What a meeting decided about an item, and always why."""

    item = models.ForeignKey(AgendaItem, models.PROTECT, related_name="decisions")
    reference = models.CharField(max_length=40, unique=True)
    text = models.TextField("what was decided")
    reason = models.TextField()
    serves = models.ForeignKey(
        Priority, models.PROTECT, null=True, blank=True, related_name="decisions", help_text="Priority of the plan"
    )
    version = models.PositiveIntegerField(default=1, help_text="Rises with each change, so that two editors are told")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["item", "pk"]
        constraints = [
            models.CheckConstraint(name="decision_has_text_and_reason", condition=~Q(text="") & ~Q(reason=""))
        ]
        triggers = _frozen_when_agreed("decision", "item", _OF_ITEM)

    def __str__(self) -> str:
        return self.reference

    def get_absolute_url(self) -> str:
        return f"{reverse('meeting', args=[self.item.meeting_id])}#decision-{self.pk}"


class MinuteCorrection(models.Model):
    """What was wrong in agreed minutes, noted at a later meeting: the minutes themselves never change."""

    corrects = models.ForeignKey(Meeting, models.PROTECT, related_name="corrections")
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, related_name="noted_corrections", help_text="At which it was noted"
    )
    text = models.TextField()
    noted_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["noted_at", "pk"]
        constraints = [
            models.CheckConstraint(name="minutecorrection_noted_later", condition=~Q(corrects=F("meeting"))),
            models.CheckConstraint(name="minutecorrection_has_text", condition=~Q(text="")),
        ]
        triggers = _frozen_when_agreed("minutecorrection", "meeting", "{row}.meeting_id")

    def __str__(self) -> str:
        return f"Correction of the minutes of {self.corrects}"


class CalendarFeed(models.Model):
    """That a person has a secret address of their meetings for a calendar program. Only a hash of it is kept."""

    person = models.OneToOneField(User, models.CASCADE, related_name="calendar_feed")
    secret_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["person"]

    def __str__(self) -> str:
        return f"Calendar of {self.person}"
