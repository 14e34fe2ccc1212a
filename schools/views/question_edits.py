"""Pages that edit a draft question set: its sections, questions and options."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.views.generic import View

from partnership.engine.workflow import TooLate
from partnership.views.base import EditPage, Gate, stale
from schools.forms.questions import EditForm, EditOptionForm, EditQuestionForm, EditSectionForm, SetForm
from schools.models import Option, Question, QuestionSet, Scale, Section
from schools.permissions import Perm
from schools.question_checks import anchor_of
from schools.services import question_edits as services
from schools.views.questions import ConfirmChange, SetChange, SetPage, scale_url, set_url


class OfSet:
    """The part of the question set that a page's address names; 404 unless it belongs to the set."""

    record: QuestionSet
    kwargs: dict[str, Any]

    @cached_property
    def section(self) -> Section:
        return get_object_or_404(Section, question_set=self.record, pk=self.kwargs["section"])

    @cached_property
    def asked(self) -> Question:
        return get_object_or_404(Question, question_set=self.record, pk=self.kwargs["question"])

    @cached_property
    def scale(self) -> Scale:
        return get_object_or_404(Scale, question_set=self.record, pk=self.kwargs["scale"])

    @cached_property
    def option(self) -> Option:
        return get_object_or_404(Option, question_set=self.record, pk=self.kwargs["option"])


class RowPage(OfSet, SetChange, EditPage):
    """A form over a row of a draft."""

    def row(self) -> Any:
        """The row that is edited; None where the page makes a new one."""
        return None

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"row": self.row()}


class EditSet(RowPage):
    """What the set says of itself."""

    form_class = SetForm
    heading = "Change the details"
    done = "The details have been saved"

    def row(self) -> QuestionSet:
        return self.record

    def perform(self, form: EditForm) -> Any:
        return services.edit_set(self.record, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())


# --- Sections -------------------------------------------------------------------------------------------------------


class AddSection(RowPage):
    form_class = EditSectionForm
    heading = "Add a section"
    done = "The section has been added"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"question_set": self.record}

    def perform(self, form: EditForm) -> Section:
        return services.add_section(self.record, by=self.person, **form.values())

    def get_success_url(self) -> str:
        return set_url(self.record, anchor_of(self.outcome))

    def back_url(self) -> str:
        return set_url(self.record)


class EditSection(AddSection):
    heading = "Change the section"
    done = "The section has been saved"

    def row(self) -> Section:
        return self.section

    def perform(self, form: EditForm) -> Section:
        loaded = form.cleaned_data["loaded"]
        return services.edit_section(self.section, by=self.person, loaded=loaded, **form.values())

    def back_url(self) -> str:
        return set_url(self.record, anchor_of(self.section))


class RemoveSection(OfSet, ConfirmChange):
    question = "Remove this section?"
    button = "Remove the section"
    done = "The section has been removed"

    @property
    def sentences(self) -> list[str]:  # type: ignore[override]
        number = self.section.questions.count()
        lost = f"Questions that are removed with it: {number}." if number else "It has no questions."
        return [f"{self.section.code} {self.section.title}", lost]

    def perform(self, form: Any) -> None:
        services.remove_section(self.section, by=self.person)

    def back_url(self) -> str:
        return set_url(self.record, anchor_of(self.section))


class NumberQuestions(OfSet, ConfirmChange):
    question = "Number the questions in order?"
    button = "Number the questions"
    style = ""

    @property
    def sentences(self) -> list[str]:  # type: ignore[override]
        return [
            f"The questions of “{self.section.title}” get numbers in the order in which they stand now.",
            "The staff survey and the return name each other’s questions by number. Where such a number changes, "
            "change it there too: publishing checks that they agree.",
        ]

    def perform(self, form: Any) -> None:
        changed = services.number_questions(self.section, by=self.person)
        self.done = f"{changed} number{'' if changed == 1 else 's'} changed"

    def get_success_url(self) -> str:
        return set_url(self.record, anchor_of(self.section))


# --- Questions ------------------------------------------------------------------------------------------------------


class AddQuestion(RowPage):
    form_class = EditQuestionForm
    heading = "Add a question"
    done = "The question has been added"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"question_set": self.record, "section": self.section}

    def get_initial(self) -> dict[str, Any]:
        return {"code": services.next_code(self.section)}

    def perform(self, form: EditForm) -> Question:
        values = form.values()
        section = get_object_or_404(Section, question_set=self.record, pk=values.pop("section_id"))
        return services.add_question(section, by=self.person, **values)

    def get_success_url(self) -> str:
        """The question's place; or its options, where there is nothing to choose from yet."""
        question: Question = self.outcome
        if question.scale and not question.options:
            return scale_url(question.scale)
        return set_url(self.record, anchor_of(question))

    def back_url(self) -> str:
        return set_url(self.record, anchor_of(self.section))


class EditQuestion(AddQuestion):
    heading = "Change the question"
    done = "The question has been saved"

    @property
    def section(self) -> Section:  # type: ignore[override]
        return self.asked.section

    def get_initial(self) -> dict[str, Any]:
        return {}

    def row(self) -> Question:
        return self.asked

    def perform(self, form: EditForm) -> Question:
        loaded = form.cleaned_data["loaded"]
        return services.edit_question(self.asked, by=self.person, loaded=loaded, **form.values())

    def back_url(self) -> str:
        return set_url(self.record, anchor_of(self.asked))


class RemoveQuestion(OfSet, ConfirmChange):
    question = "Remove this question?"
    button = "Remove the question"
    done = "The question has been removed"

    @property
    def sentences(self) -> list[str]:  # type: ignore[override]
        return [
            f"{self.asked.code} {self.asked.text}",
            "It will not be asked in this version. Earlier versions keep it.",
        ]

    def perform(self, form: Any) -> None:
        services.remove_question(self.asked, by=self.person)

    def get_success_url(self) -> str:
        return set_url(self.record, anchor_of(self.asked.section))

    def back_url(self) -> str:
        return set_url(self.record, anchor_of(self.asked))


# --- Options --------------------------------------------------------------------------------------------------------


class ShowScale(OfSet, SetPage):
    """The answers of one scale, and which questions use it."""

    template_name = "schools/questions/scale.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        is_fixed = services.is_fixed(self.scale)
        can_edit = context["may_edit"] and self.record.is_draft
        users = list(self.scale.questions.all())
        return context | {
            "scale": self.scale,
            "options": list(self.scale.options.all()),
            "users": users,
            "can_edit": can_edit,
            "can_add": can_edit and not is_fixed,
            "back_url": set_url(self.record, anchor_of(users[0]) if users else ""),
        }


class AddOption(RowPage):
    form_class = EditOptionForm
    heading = "Add an answer"
    done = "The answer has been added"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"scale": self.scale}

    def perform(self, form: EditForm) -> Option:
        return services.add_option(self.scale, by=self.person, **form.values())

    def get_success_url(self) -> str:
        return scale_url(self.scale)


class EditOption(AddOption):
    heading = "Change the answer"
    done = "The answer has been saved"

    @property
    def scale(self) -> Scale:  # type: ignore[override]
        return self.option.scale

    def row(self) -> Option:
        return self.option

    def perform(self, form: EditForm) -> Option:
        loaded = form.cleaned_data["loaded"]
        return services.edit_option(self.option, by=self.person, loaded=loaded, **form.values())


class RemoveOption(OfSet, ConfirmChange):
    question = "Remove this answer?"
    button = "Remove the answer"
    done = "The answer has been removed"

    @property
    def sentences(self) -> list[str]:  # type: ignore[override]
        return [self.option.label]

    def perform(self, form: Any) -> None:
        services.remove_option(self.option, by=self.person)

    def get_success_url(self) -> str:
        return scale_url(self.option.scale)


# --- Order ----------------------------------------------------------------------------------------------------------


class Move(OfSet, Gate, View):
    """One place up or down, by a button. Comes back to the button that was pressed, so that it can be pressed again;
    or to its opposite, at an end."""

    permission_required = Perm.EDIT_QUESTION_SET
    model = QuestionSet
    lookup = {"pk": "pk"}
    http_method_names = ["post"]

    def move(self, *, up: bool) -> bool:
        """Call the service; whether there is further to go that way."""
        raise NotImplementedError(type(self).__name__)

    def page(self, anchor: str) -> str:
        """The page that the button is on."""
        return set_url(self.record, anchor)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        direction = request.POST.get("direction")
        if direction not in ("up", "down"):
            return HttpResponseBadRequest("Press one of the buttons.")
        try:
            can_go_on = self.move(up=direction == "up")
        except TooLate as error:
            return stale(request, str(error), set_url(self.record))
        messages.info(request, f"Moved {direction}")  # a banner of success would take the focus from the button
        button = direction if can_go_on else {"up": "down", "down": "up"}[direction]
        return HttpResponseRedirect(self.page(f"{button}-{self.name}"))

    @property
    def name(self) -> str:
        """What the ids of the row's buttons end with, e.g. "question-12"."""
        raise NotImplementedError(type(self).__name__)


class MoveSection(Move):
    def move(self, *, up: bool) -> bool:
        return services.move_section(self.section, by=self.person, up=up)

    @property
    def name(self) -> str:
        return f"section-{self.section.pk}"


class MoveQuestion(Move):
    def move(self, *, up: bool) -> bool:
        return services.move_question(self.asked, by=self.person, up=up)

    @property
    def name(self) -> str:
        return f"question-{self.asked.pk}"


class MoveOption(Move):
    def move(self, *, up: bool) -> bool:
        return services.move_option(self.option, by=self.person, up=up)

    def page(self, anchor: str) -> str:
        return scale_url(self.option.scale, anchor)

    @property
    def name(self) -> str:
        return f"option-{self.option.pk}"
