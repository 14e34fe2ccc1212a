"""Question sets: versioned rows. A published set never changes, so an answer always shows the wording it answered."""

from __future__ import annotations

from functools import cached_property
from typing import Any, Self

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from partnership.engine import access
from partnership.models import User
from schools.choices import AnswerType, Flag, QuestionSetKind, QuestionSetStatus, Rag, SectionKind

# A set that is no longer a draft keeps every word of its own; only its status moves on, and never back to draft.
_ONLY_STATUS_MOVES_ON = """
    IF OLD.status <> 'draft' AND (
        NEW.status = 'draft'
        OR to_jsonb(NEW) - ARRAY['status', 'published_at'] <> to_jsonb(OLD) - ARRAY['status', 'published_at']
    ) THEN
        RAISE EXCEPTION 'A published question set never changes';
    END IF;
    RETURN NEW;
"""

# Its rows may be written only while it is a draft. The look locks the set's row, so that nothing slips in while
# another transaction publishes it.
_DRAFT_ONLY = """
    SELECT status INTO set_status FROM schools_questionset WHERE id = {row}.question_set_id FOR SHARE;
    IF set_status <> 'draft' THEN
        RAISE EXCEPTION 'A published question set never changes';
    END IF;
    RETURN {row};
"""

# A draft's row that hung on a published set's row, or moved from one set to another, would change that set unseen.
_SAME_SET = """
    IF NEW.{column} IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM {table} WHERE id = NEW.{column} AND question_set_id = NEW.question_set_id
    ) THEN
        RAISE EXCEPTION 'The rows of a question set belong together';
    END IF;
    RETURN NEW;
"""


def _set_frozen_when_published() -> list[pgtrigger.Trigger]:
    """Triggers that keep the set's own row, once it is no longer a draft."""
    update = pgtrigger.Trigger(
        name="questionset_frozen", when=pgtrigger.Before, operation=pgtrigger.Update, func=_ONLY_STATUS_MOVES_ON
    )
    delete = pgtrigger.Protect(
        name="questionset_kept", operation=pgtrigger.Delete, condition=~pgtrigger.Q(old__status=QuestionSetStatus.DRAFT)
    )
    return [update, delete]


def _frozen_when_published(name: str, **parents: str) -> list[pgtrigger.Trigger]:
    """Triggers that refuse any write to a row of a set which is no longer a draft, and any row between two sets.

    ``parents`` maps columns to the tables of the set's other rows that they point to.
    """
    write, delete = pgtrigger.Insert | pgtrigger.Update, pgtrigger.Delete
    before: dict[str, Any] = {"when": pgtrigger.Before}
    looks = before | {"declare": [("set_status", "text")]}
    return [
        pgtrigger.Trigger(name=f"{name}_frozen_new", operation=write, func=_DRAFT_ONLY.format(row="NEW"), **looks),
        pgtrigger.Trigger(name=f"{name}_frozen_old", operation=delete, func=_DRAFT_ONLY.format(row="OLD"), **looks),
        pgtrigger.ReadOnly(name=f"{name}_keeps_its_set", fields=["question_set"]),
        *[
            pgtrigger.Trigger(
                name=f"{name}_{column}", operation=write, func=_SAME_SET.format(column=column, table=table), **before
            )
            for column, table in parents.items()
        ],
    ]


class QuestionSetQuerySet(access.AccessQuerySet):
    def published(self) -> Self:
        """Sets that a collection may ask."""
        return self.filter(status=QuestionSetStatus.PUBLISHED)

    def with_questions(self) -> Self:
        """With sections, questions, scales and options: five queries whatever the size."""
        return self.prefetch_related("sections__questions__scale__options")


class QuestionSet(models.Model):
    """One version of a set of questions: a draft that can be edited, then published and frozen, later retired."""

    slug = models.SlugField(max_length=50, help_text="The same for every version")
    kind = models.CharField(max_length=15, choices=QuestionSetKind)
    title = models.CharField(max_length=200)
    version = models.CharField(max_length=40)
    guidance_edition = models.CharField(max_length=250, blank=True)
    introduction = models.TextField(blank=True)
    no_child_data_notice = models.TextField(
        "notice about personal details", blank=True, help_text="Shown beside every box for free text"
    )
    status = models.CharField(max_length=10, choices=QuestionSetStatus, default=QuestionSetStatus.DRAFT)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="later_versions")
    created_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    published_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionSetQuerySet.as_manager()

    class Meta:
        ordering = ["slug", "-created_at", "-pk"]
        constraints = [models.UniqueConstraint(name="questionset_version_once", fields=["slug", "version"])]
        triggers = _set_frozen_when_published()

    def __str__(self) -> str:
        return f"{self.title}, {self.version}"

    @property
    def is_draft(self) -> bool:
        return self.status == QuestionSetStatus.DRAFT


class Scale(models.Model):
    """The answers to choose from: of many questions (``rating4``), or of one question alone (``only:<its key>``)."""

    question_set = models.ForeignKey(QuestionSet, models.CASCADE, related_name="scales")
    code = models.CharField(max_length=70)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="scale_code_once", fields=["question_set", "code"])]
        triggers = _frozen_when_published("scale")

    def __str__(self) -> str:
        return self.code

    @staticmethod
    def own_code(key: str) -> str:
        """The code of the scale that belongs to the question with this key alone."""
        return f"only:{key}"

    @property
    def is_shared(self) -> bool:
        """Whether questions may share it; a question's own scale goes with the question."""
        return not self.code.startswith("only:")


class Option(models.Model):
    """One answer of a scale, stored in answers by its code (numbers are ambiguous: some areas score 1 as best)."""

    question_set = models.ForeignKey(QuestionSet, models.CASCADE, related_name="+")
    scale = models.ForeignKey(Scale, models.CASCADE, related_name="options")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=60)
    label = models.CharField(max_length=150)
    help = models.CharField(max_length=300, blank=True)
    rag = models.CharField("colour", max_length=5, choices=Rag, blank=True)
    action_required = models.BooleanField(default=False)
    urgent = models.BooleanField(default=False)
    needs_reason = models.BooleanField(default=False)
    scored = models.BooleanField(default=True)
    correct = models.BooleanField(default=False)
    exclusive = models.BooleanField(default=False, help_text="Chosen alone, such as “none of these”")

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(name="option_code_once", fields=["scale", "code"])]
        triggers = _frozen_when_published("option", scale_id="schools_scale")

    def __str__(self) -> str:
        return self.label


class Section(models.Model):
    """A part of a set: a standard, the school's details, the closing questions."""

    question_set = models.ForeignKey(QuestionSet, models.CASCADE, related_name="sections")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=10)
    kind = models.CharField(max_length=10, choices=SectionKind)
    title = models.CharField(max_length=200)
    introduction = models.TextField(blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [models.UniqueConstraint(name="section_code_once", fields=["question_set", "code"])]
        triggers = _frozen_when_published("section")

    def __str__(self) -> str:
        return self.title


class Question(models.Model):
    """One question of one version. ``key`` stays the same from version to version, so last year's answer is found."""

    question_set = models.ForeignKey(QuestionSet, models.CASCADE, related_name="questions")
    section = models.ForeignKey(Section, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=10)
    key = models.CharField(max_length=60)
    text = models.TextField()
    guidance = models.TextField(blank=True)
    answer_type = models.CharField(max_length=20, choices=AnswerType)
    scale = models.ForeignKey(Scale, models.PROTECT, null=True, blank=True, related_name="questions")
    reference = models.CharField(max_length=250, blank=True)
    reference_check = models.CharField(max_length=10, blank=True, help_text="shown, or recall: still to be checked")
    evidence_prompt = models.CharField(max_length=250, blank=True)
    applies_when = models.CharField("asked of", max_length=30, choices=Flag, blank=True)
    critical = models.BooleanField(default=False, help_text="A red answer makes the whole standard red")
    scored = models.BooleanField(default=True)
    amber_below = models.PositiveSmallIntegerField(null=True, blank=True)
    red_below = models.PositiveSmallIntegerField(null=True, blank=True)
    max_age_days = models.PositiveSmallIntegerField("oldest date, in days", null=True, blank=True)
    max_length = models.PositiveSmallIntegerField("longest text, in characters", null=True, blank=True)
    prefill = models.CharField(max_length=30, blank=True)
    options_from = models.CharField(max_length=30, blank=True)
    sets_flag = models.CharField(max_length=30, choices=Flag, blank=True)
    staff_twins = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    links = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    rows = models.JSONField(default=list, blank=True, help_text="Of a grid: [[code, label], …]")
    theme_linked = models.BooleanField(default=False)
    feeds = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["section__position", "position", "pk"]
        constraints = [
            models.UniqueConstraint(name="question_code_once", fields=["question_set", "code"]),
            models.UniqueConstraint(name="question_key_once", fields=["question_set", "key"]),
            models.CheckConstraint(
                name="question_red_not_above_amber",
                condition=Q(red_below=None) | Q(amber_below=None) | Q(red_below__lte=models.F("amber_below")),
                violation_error_message="Red below must not be above amber below",
            ),
        ]
        triggers = _frozen_when_published("question", section_id="schools_section", scale_id="schools_scale")

    def __str__(self) -> str:
        return f"{self.code} {self.text}"

    @cached_property
    def options(self) -> list[Any]:
        """The answers to choose from, in order; empty where there is nothing to choose. No query if prefetched."""
        return list(self.scale.options.all()) if self.scale else []
