"""How a school sees a question set: the pages that a school of some kind would have to fill in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.urls import reverse

from schools.answers import applies
from schools.choices import QuestionSetKind
from schools.forms.answers import SectionForm
from schools.forms.questions import PreviewForm
from schools.forms.survey import SurveyForm
from schools.models import Question, Section
from schools.sheets import blank_line
from schools.views.questions import SetPage


@dataclass(frozen=True, slots=True)
class Seen:
    """A section as one kind of school sees it: what it is asked, and what it is spared."""

    section: Section
    asked: list[Question]
    spared: list[Question]


class PreviewPage(SetPage):
    """Base of the preview: the kind of school is in the address, so that a page can be shown to others."""

    def records(self) -> Any:
        return super().records().with_questions()

    @property
    def is_survey(self) -> bool:
        return bool(self.record.kind == QuestionSetKind.STAFF_SURVEY)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(is_survey=self.is_survey, **kwargs)

    def form(self) -> PreviewForm:
        return PreviewForm(self.request.GET)

    def seen(self, flags: frozenset[str]) -> list[Seen]:
        """The sections of the set for a school of which ``flags`` are true. No query: all is prefetched."""
        return [self._seen(section, flags) for section in self.record.sections.all()]

    def _seen(self, section: Section, flags: frozenset[str]) -> Seen:
        questions = list(section.questions.all())
        asked = [question for question in questions if applies(question, flags)]
        return Seen(section, asked, [question for question in questions if question not in asked])


class PreviewQuestionSet(PreviewPage):
    """Which sections and questions a school of some kind is asked."""

    template_name = "schools/questions/preview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.form()
        parts = self.seen(form.school_flags) if form.is_valid() else []
        return super().get_context_data(
            form=form,
            parts=parts,
            school=form.school if parts else "",
            number_asked=sum(len(part.asked) for part in parts),
            number_spared=sum(len(part.spared) for part in parts),
            **kwargs,
        )


class PreviewSection(PreviewPage):
    """One section with the very form that a school, or its staff, would fill in; nothing can be sent."""

    template_name = "schools/questions/preview_section.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = self.form()
        if not form.is_valid():
            raise Http404
        parts = [part for part in self.seen(form.school_flags) if part.asked]
        place = next((n for n, part in enumerate(parts) if part.section.pk == self.kwargs["section"]), None)
        if place is None:
            raise Http404
        return super().get_context_data(
            part=parts[place],
            number=place + 1,
            total=len(parts),
            following=next(iter(parts[place + 1 :]), None),
            school=form.school,
            answers=self.answers(parts[place]),
            back_url=f"{reverse('schools:preview_question_set', args=[self.record.pk])}?{self.request.GET.urlencode()}",
            back_label="Back to the sections",
            **kwargs,
        )

    def answers(self, part: Seen) -> SectionForm | SurveyForm:
        """The form of the section, on which nobody has written."""
        if self.is_survey:
            return SurveyForm(questions=part.asked)
        return SectionForm(lines=[blank_line(question) for question in part.asked], writer=self.person)
