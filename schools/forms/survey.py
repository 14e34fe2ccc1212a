"""One section of a staff survey as staff see it: the questions and nothing beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crispy_forms_gds.choices import Choice
from django import forms
from django.forms import BoundField
from django.utils.functional import cached_property

from hscp.lib.forms import GovukForm
from schools.choices import AnswerType
from schools.forms.answer_fields import answer_fields, heading
from schools.models import Question


@dataclass(frozen=True, slots=True)
class SurveyBlock:
    """One question with its fields: one, or one for each row of a grid."""

    question: Question
    heading: str
    fields: list[BoundField]

    @property
    def is_grid(self) -> bool:
        return self.question.answer_type == AnswerType.LIKERT5_GRID


class SurveyForm(GovukForm):
    """The questions of one section. Nothing is required: a survey may be left unfinished at any place."""

    label_is_heading = False

    def __init__(self, *args: object, questions: Sequence[Question], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.questions = questions
        for question in questions:
            for name, field in self._fields_for(question).items():
                self.fields[f"q{question.pk}_{name}"] = field

    def _fields_for(self, question: Question) -> dict[str, forms.Field]:
        if question.answer_type != AnswerType.LIKERT5_GRID:
            return answer_fields(question, None)
        choices = [Choice(option.code, option.label) for option in question.options]
        return {
            code: forms.ChoiceField(label=label, choices=choices, widget=forms.RadioSelect, required=False)
            for code, label in question.rows
        }

    @cached_property
    def blocks(self) -> list[SurveyBlock]:
        """The questions in order, each with its fields."""
        return [SurveyBlock(question, heading(question), self._bound(question)) for question in self.questions]

    def _bound(self, question: Question) -> list[BoundField]:
        return [self[name] for name in self.fields if name.startswith(f"q{question.pk}_")]
