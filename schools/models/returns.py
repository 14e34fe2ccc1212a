"""Collections and returns: what is asked of whom in an academic year, and what each school answered and signed.

A return belongs to an organisation and a collection has a kind, so that section 11 self-assessments by agencies use the
same engine.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Self

import pghistory
import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from hscp.lib.dates import academic_year_label
from partnership.engine import access
from partnership.models import Organisation, User
from schools.choices import CollectionKind, CollectionStatus, Duty, Flag, Rag, ReturnStatus, SignOffKind
from schools.models.questions import Question, QuestionSet, Section

SUBMITTED = (ReturnStatus.SUBMITTED, ReturnStatus.ACCEPTED)


def default_reminder_days() -> list[int]:
    """Days before the first deadline on which schools are reminded; modelled on other counties, and editable."""
    return [30, 14, 7, 1]


def default_chase_days() -> list[int]:
    """Days after the first deadline on which schools that have not returned are reminded again; editable."""
    return [1, 7, 14]


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Collection(models.Model):
    """One year's asking: which questions, of whom, and the days on which it opens and closes."""

    kind = models.CharField(max_length=10, choices=CollectionKind, default=CollectionKind.S175)
    academic_year = models.PositiveSmallIntegerField(help_text="The year it starts: 2026 for 2026-27")
    question_set = models.ForeignKey(QuestionSet, models.PROTECT, related_name="collections")
    staff_survey = models.ForeignKey(QuestionSet, models.PROTECT, null=True, blank=True, related_name="+")
    duties = ArrayField(models.CharField(max_length=10, choices=Duty), help_text="Schools under these duties are asked")
    opens_on = models.DateField("opens on")
    first_deadline = models.DateField("first deadline")
    final_deadline = models.DateField("final deadline", help_text="The last day on which a return can be changed")
    governance_days = models.PositiveSmallIntegerField(
        "days for governance sign-off", default=60, help_text="After submission"
    )
    reminder_days = ArrayField(
        models.PositiveSmallIntegerField(),
        default=default_reminder_days,
        verbose_name="reminders, days before the first deadline",
    )
    chase_days = ArrayField(
        models.PositiveSmallIntegerField(),
        default=default_chase_days,
        verbose_name="reminders, days after the first deadline",
    )
    status = models.CharField(max_length=10, choices=CollectionStatus, default=CollectionStatus.DRAFT)
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["-academic_year", "kind"]
        constraints = [
            models.UniqueConstraint(name="collection_one_per_year", fields=["kind", "academic_year"]),
            models.CheckConstraint(
                name="collection_days_in_order",
                condition=Q(first_deadline__gt=F("opens_on"), final_deadline__gte=F("first_deadline")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.year_label}"

    @property
    def year_label(self) -> str:
        """The academic year in words, e.g. "2026-27"."""
        return academic_year_label(self.academic_year)


class ReturnQuerySet(access.AccessQuerySet):
    def submitted(self) -> Self:
        """Returns that the head has confirmed, accepted ones included."""
        return self.filter(status__in=SUBMITTED)

    def with_governance(self) -> Self:
        """Annotated with ``governance_signed``: whether governance has signed since the last submission."""
        signed = SignOff.objects.filter(
            return_record=OuterRef("pk"), kind=SignOffKind.GOVERNANCE, at__gte=OuterRef("submitted_at")
        )
        return self.annotate(governance_signed=Exists(signed))


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(), exclude=["flags"])
class Return(models.Model):
    """One organisation's return in one collection."""

    collection = models.ForeignKey(Collection, models.PROTECT, related_name="returns")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="returns")
    reference = models.CharField(max_length=30, unique=True)
    status = models.CharField(max_length=15, choices=ReturnStatus, default=ReturnStatus.NOT_STARTED)
    flags = ArrayField(
        models.CharField(max_length=30, choices=Flag),
        null=True,
        blank=True,
        help_text="Which flags held when it was last worked on; null until it is started",
    )
    started_at = models.DateTimeField(null=True, blank=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    governance_due = models.DateField("governance sign-off due", null=True, blank=True)
    board_minute_date = models.DateField("date of the board’s minute", null=True, blank=True)
    extended_to = models.DateField("extended to", null=True, blank=True)

    governance_signed: bool  # only on rows from ``with_governance()``

    objects = ReturnQuerySet.as_manager()

    class Meta:
        ordering = ["organisation__name", "pk"]
        constraints = [
            models.UniqueConstraint(name="return_one_per_organisation", fields=["collection", "organisation"]),
            models.CheckConstraint(
                name="return_submitted_has_a_time",
                condition=~Q(status__in=SUBMITTED) | Q(submitted_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="return_by_status", fields=["collection", "status"])]

    def __str__(self) -> str:
        return f"{self.organisation}, {self.collection.year_label}"

    def get_absolute_url(self) -> str:
        return reverse("schools:return", args=[self.pk])

    @property
    def deadline(self) -> date:
        """The last day on which it can be changed: the collection's final deadline, or this school's extension."""
        return max(self.collection.final_deadline, self.extended_to or date.min)

    def due(self, *, on: date) -> date:
        """The day to aim for on ``on``: the first deadline until it has passed, then the last day."""
        first = self.collection.first_deadline
        return self.deadline if self.extended_to or on > first else first

    def days_left(self, *, on: date) -> int:
        """How many days after ``on`` the deadline is; 0 on the day itself, less once it has passed."""
        return (self.deadline - on).days

    @property
    def is_submitted(self) -> bool:
        """Whether the head has confirmed it and nobody has asked since: submitted, or accepted already."""
        return self.status in SUBMITTED

    def is_open(self, *, on: date) -> bool:
        """Whether answers may still be changed on ``on``: the collection is open and the deadline has not passed.

        Once the collection is closed, only a school with more time of its own (an extension, a query) goes on.
        """
        if self.collection.status == CollectionStatus.CLOSED:
            return self.extended_to is not None and on <= self.extended_to
        return self.collection.status == CollectionStatus.OPEN and on <= self.deadline


class AnswerQuerySet(models.QuerySet[Any]):
    def in_words(self) -> Self:
        """With what ``str`` of an answer needs: the school, the year and the question. One query."""
        return self.select_related("question", "return_record__organisation", "return_record__collection")


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(), exclude=["rag"])
class Answer(models.Model):
    """A school's answer to one question. ``value`` is by answer type: see ``schools.answers``.

    ``rag`` follows from value and question and is kept so that a county's answers can be counted in the database.
    ``version`` grows with each write: whoever saves an older one is shown both texts.
    """

    return_record = models.ForeignKey(Return, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    value = models.JSONField(null=True, blank=True)
    reason = models.TextField("reason it does not apply", blank=True)
    evidence = models.TextField(blank=True)
    action_what = models.CharField("action", max_length=500, blank=True)
    action_who = models.CharField("who will do it", max_length=150, blank=True)
    action_due = models.DateField("by when", null=True, blank=True)
    rag = models.CharField("colour", max_length=5, choices=Rag, blank=True)
    version = models.PositiveIntegerField(default=1)
    updated_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    objects = AnswerQuerySet.as_manager()
    named_as_source = "school return"  # of an action that came from it

    class Meta:
        ordering = ["question__section__position", "question__position"]
        constraints = [models.UniqueConstraint(name="answer_once", fields=["return_record", "question"])]
        indexes = [models.Index(name="answer_by_question", fields=["question", "rag"])]

    def __str__(self) -> str:
        return f"{self.return_record}, question {self.question.code}"

    @property
    def part_of(self) -> Return:
        """The return: who may see it may see its answers."""
        return self.return_record


class SectionProgress(models.Model):
    """One section of a return: whether somebody has said that it is complete and, once submitted, its result.

    The result (``schools.answers.SectionResult``) is written at submission, so that a county's standards can be counted
    in the database; it is empty before.
    """

    return_record = models.ForeignKey(Return, models.CASCADE, related_name="progress")
    section = models.ForeignKey(Section, models.PROTECT, related_name="+")
    is_complete = models.BooleanField(default=False)
    rag = models.CharField("colour", max_length=5, choices=Rag, blank=True)
    share_green = models.PositiveSmallIntegerField(null=True, blank=True, help_text="A whole percentage")
    updated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(name="sectionprogress_once", fields=["return_record", "section"])]
        indexes = [models.Index(name="sectionprogress_by_section", fields=["section", "rag"])]

    def __str__(self) -> str:
        return f"{self.section}: {'complete' if self.is_complete else 'incomplete'}"


class SectionDraft(models.Model):
    """What one person has typed into a section and not yet saved, kept as they type: theirs alone."""

    return_record = models.ForeignKey(Return, models.CASCADE, related_name="drafts")
    section = models.ForeignKey(Section, models.PROTECT, related_name="+")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    fields = models.JSONField()
    kept_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(name="sectiondraft_once", fields=["return_record", "section", "user"])]

    def __str__(self) -> str:
        return f"Draft of {self.section} by {self.user}"


class SignOff(models.Model):
    """A person's confirmation: who, as what, when, and the statement that they agreed to. Never changed or deleted."""

    return_record = models.ForeignKey(Return, models.PROTECT, related_name="sign_offs")
    kind = models.CharField(max_length=12, choices=SignOffKind)
    signed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    name = models.CharField(max_length=150, help_text="As it was when they signed")
    role = models.CharField(max_length=60, help_text="As it was when they signed")
    statement = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "pk"]
        triggers = [pgtrigger.Protect(name="signoff_immutable", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} by {self.name}"


class Extension(models.Model):
    """More time for one school: until when, why, and who gave it."""

    return_record = models.ForeignKey(Return, models.CASCADE, related_name="extensions")
    until = models.DateField()
    reason = models.TextField()
    granted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["granted_at", "pk"]
        constraints = [models.CheckConstraint(name="extension_has_a_reason", condition=~Q(reason=""))]

    def __str__(self) -> str:
        return f"Extended to {self.until}"


class ReturnQuery(models.Model):
    """A question put back to the school about its return, shown where it belongs, and the school's reply."""

    return_record = models.ForeignKey(Return, models.CASCADE, related_name="queries")
    question = models.ForeignKey(Question, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.TextField("query")
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    reply_by = models.DateField("reply by", null=True, blank=True)
    reply = models.TextField(blank=True)
    replied_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    replied_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [models.CheckConstraint(name="returnquery_has_a_text", condition=~Q(text=""))]

    def __str__(self) -> str:
        return f"Query on {self.return_record}"


class Reminder(models.Model):
    """That a reminder of a collection went to a return's people: one row per return and occasion, so it goes once."""

    return_record = models.ForeignKey(Return, models.CASCADE, related_name="reminders")
    occasion = models.CharField(max_length=30, help_text="For example first-14: 14 days before the first deadline")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(name="reminder_once", fields=["return_record", "occasion"])]

    def __str__(self) -> str:
        return f"{self.occasion} for {self.return_record_id}"
