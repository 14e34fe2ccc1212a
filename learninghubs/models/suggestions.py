"""Suggestions of practitioners, from what was said to the Board's answer and what became of it."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, Self

import pghistory
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from learninghubs.choices import IMPACT_MONTHS, Answer, Impact, SuggestionStatus
from learninghubs.models.forums import Forum
from learninghubs.models.hubs import LearningHub
from learninghubs.models.themes import Theme
from partnership.engine import access
from partnership.models import Action, AgendaItem, Decision, Group, Meeting, Organisation, OutgoingMessage, User

S = SuggestionStatus
AT_THE_HUB = (S.SUBMITTED, S.ASKED, S.AT_HUB)  # the hub lead's to see to
SENT_UP = (S.WITH_BOARD, S.ANSWERED, S.FED_BACK)  # what the Board sees
DECIDED = (S.ANSWERED, S.FED_BACK)
TEXTS = ("now", "change", "good")  # the three free texts, each screened


class SuggestionQuerySet(access.AccessQuerySet):
    def confirmed(self) -> Self:
        """Those that count: whose author confirmed their address."""
        return self.exclude(status=S.UNCONFIRMED)

    def itself(self) -> Self:
        """Each matter once: those that were merged into another are left out."""
        return self.confirmed().exclude(status=S.MERGED)

    def for_everybody(self) -> Self:
        """What the public page shows: answered, and the author lets others read it without their name."""
        return self.filter(status__in=DECIDED, may_be_shared=True)


@pghistory.track(
    pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent(), exclude=["form_token", "now", "change", "good"]
)
class Suggestion(models.Model):
    """What is happening now, what should change, what good would look like. Who said it is in ``Author``.

    A text that may identify a child is in a ``HeldText`` until a person has looked, and empty here meanwhile.
    """

    reference = models.CharField(max_length=20, unique=True, help_text="As its author quotes it, e.g. S-2026-0041")
    hub = models.ForeignKey(LearningHub, models.PROTECT, related_name="suggestions")
    theme = models.ForeignKey(Theme, models.PROTECT, null=True, blank=True, related_name="suggestions")
    forum = models.ForeignKey(
        Forum, models.PROTECT, null=True, blank=True, related_name="suggestions", help_text="Where it was made"
    )
    agency = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+", help_text="That its author works for"
    )
    title = models.CharField(max_length=150, blank=True, help_text="A few words, given by the hub lead")
    now = models.TextField("what is happening now", blank=True)
    change = models.TextField("what should change", blank=True)
    good = models.TextField("what good would look like", blank=True)
    may_be_shared = models.BooleanField(default=True, help_text="Whether others may read it, without the name")
    status = models.CharField(max_length=12, choices=SuggestionStatus, default=S.UNCONFIRMED)
    received_at = models.DateTimeField(default=timezone.now, help_text="When it was written")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    sent_up_at = models.DateTimeField(null=True, blank=True, help_text="When it was put to the Board, most recently")
    fed_back_at = models.DateTimeField(null=True, blank=True, help_text="When the last of its authors was told")
    form_token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False, help_text="One form, one suggestion")

    objects = SuggestionQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="suggestion_merged_into_another",
                condition=Q(status=S.MERGED, merged_into__isnull=False) & ~Q(merged_into=F("pk"))
                | (~Q(status=S.MERGED) & Q(merged_into=None)),
            ),
            models.CheckConstraint(
                name="suggestion_with_board_since", condition=~Q(status__in=SENT_UP) | Q(sent_up_at__isnull=False)
            ),
            models.CheckConstraint(
                name="suggestion_fed_back_has_a_time",
                condition=Q(status=S.FED_BACK, fed_back_at__isnull=False)
                | (~Q(status=S.FED_BACK) & Q(fed_back_at=None)),
            ),
        ]
        indexes = [models.Index(name="suggestion_by_hub", fields=["hub", "status"])]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}".strip()

    def get_absolute_url(self) -> str:
        return reverse("learninghubs:suggestion", args=[self.pk])

    def name_of_text(self, field: str) -> str:
        """What one of its texts is called where it stands alone, e.g. "Suggestion S-2026-0041: what should change"."""
        return f"Suggestion {self.reference}: {self.label_of(field)}"

    @classmethod
    def label_of(cls, field: str) -> str:
        """What one of its texts is about, in the middle of a sentence: "what should change"."""
        found: Any = cls._meta.get_field(field)
        return str(found.verbose_name)

    named_as_source = "suggestion from a learning hub"  # of an action or an agenda item that came from it


class AuthorQuerySet(access.AccessQuerySet):
    def of(self, suggestion: Suggestion) -> Self:
        """Who made it, and who made those that were merged into it."""
        return self.filter(Q(suggestion=suggestion) | Q(suggestion__merged_into=suggestion))

    def to_be_told(self) -> Self:
        """Those who can be told and have not been."""
        return self.filter(confirmed_at__isnull=False, told_at=None).exclude(email="")


class Author(models.Model):
    """Who made a suggestion: with an account (``person``) or by a confirmed work address. Apart from the suggestion, so
    that whoever asks to be forgotten is, and what they said stays. Tracking needs a secret, of which a hash is kept."""

    suggestion = models.OneToOneField(Suggestion, models.CASCADE, related_name="author")
    person = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="suggestions_made")
    name = models.CharField(max_length=150, blank=True)
    email = models.EmailField(max_length=254, blank=True, help_text="Empty once they are forgotten")
    secret_hash = models.CharField(max_length=64, unique=True)
    link_sent_at = models.DateTimeField(default=timezone.now, help_text="When a link was last sent")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True, help_text="When what carried the answer had gone to them")
    letter = models.ForeignKey(
        OutgoingMessage, models.PROTECT, null=True, blank=True, related_name="+", help_text="That carries the answer"
    )
    told_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", help_text="Who told them, where no e-mail did"
    )
    told_how = models.CharField(max_length=300, blank=True, help_text="How, where no e-mail did")
    forgotten_at = models.DateTimeField(null=True, blank=True)

    objects = AuthorQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="author_forgotten_wholly",
                condition=Q(forgotten_at=None) | Q(name="", email="", person=None),
            )
        ]
        indexes = [models.Index(name="author_by_email", fields=["email"])]

    def __str__(self) -> str:
        return self.name or self.email or "Somebody who asked to be forgotten"


class QuestionQuerySet(access.AccessQuerySet):
    def in_words(self) -> Self:
        """With the suggestion, by whose reference it is named."""
        return self.select_related("suggestion")


class Question(models.Model):
    """What the hub lead asked a suggestion's author, and the answer."""

    suggestion = models.ForeignKey(Suggestion, models.CASCADE, related_name="questions")
    text = models.TextField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(name="question_one_open", fields=["suggestion"], condition=Q(replied_at=None))
        ]

    def __str__(self) -> str:
        return self.text

    def name_of_text(self, field: str) -> str:
        """What its reply is called where it stands alone."""
        return f"Suggestion {self.suggestion.reference}: {field} to the hub"


@pghistory.track(pghistory.UpdateEvent(row=pghistory.Old), pghistory.DeleteEvent())
class Response(models.Model):
    """What the Board answered: never without its reason, with who sees to it and at which meeting it was decided."""

    suggestion = models.OneToOneField(Suggestion, models.PROTECT, related_name="response")
    answer = models.CharField(max_length=10, choices=Answer)
    reason = models.TextField()
    meeting = models.ForeignKey(Meeting, models.PROTECT, related_name="responses")
    item = models.ForeignKey(AgendaItem, models.PROTECT, null=True, blank=True, related_name="responses")
    decision = models.ForeignKey(
        Decision, models.SET_NULL, null=True, blank=True, related_name="+", help_text="As the minutes have it"
    )
    owner_group = models.ForeignKey(Group, models.PROTECT, null=True, blank=True, related_name="+")
    owner_organisation = models.ForeignKey(Organisation, models.PROTECT, null=True, blank=True, related_name="+")
    action = models.ForeignKey(Action, models.PROTECT, null=True, blank=True, related_name="+")
    answered_on = models.DateField(help_text="The day of the meeting")
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = access.AccessQuerySet.as_manager()

    class Meta:
        ordering = ["-answered_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="response_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="response_has_one_owner", condition=Q(owner_group=None) | Q(owner_organisation=None)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.suggestion.reference}: {self.get_answer_display()}"

    @property
    def owner(self) -> Group | Organisation | None:
        """Who sees to it; None where there is nothing to do."""
        return self.owner_group or self.owner_organisation


class ImpactCheckQuerySet(access.AccessQuerySet):
    def due_on(self, day: date) -> Self:
        """Those whose day has come and that nobody has answered."""
        return self.filter(due__lte=day, outcome="")


class ImpactCheck(models.Model):
    """That it is asked, some months after an answer, what became of its action; and what was said."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="checks")
    months = models.PositiveSmallIntegerField(choices=[(number, f"{number} months") for number in IMPACT_MONTHS])
    due = models.DateField()
    outcome = models.CharField(max_length=10, choices=Impact, blank=True)
    text = models.TextField("what became of it", blank=True)
    checked_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    checked_at = models.DateTimeField(null=True, blank=True)

    objects = ImpactCheckQuerySet.as_manager()

    class Meta:
        ordering = ["due", "pk"]
        constraints = [
            models.UniqueConstraint(name="impactcheck_once", fields=["response", "months"]),
            models.CheckConstraint(
                name="impactcheck_says_what_and_who",
                condition=Q(outcome="", text="", checked_at=None) | ~Q(outcome="") & ~Q(text="") & ~Q(checked_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.response.suggestion.reference} after {self.months} months"


class ReferenceYear(models.Model):
    """How many suggestions were given a reference in a year. Locked while one is given, so that no two are the same and
    none comes again after a suggestion that was never confirmed is forgotten."""

    year = models.PositiveSmallIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["year"]

    def __str__(self) -> str:
        return f"{self.last} suggestions in {self.year}"
