"""Pages of question sets as a whole: the list, a set, its versions, what they differ in, and how a school sees them."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.generic import View

from partnership.models import StatusChange
from partnership.views.base import ChangePage, Gate, Page, stale
from schools import question_checks
from schools.forms.questions import CompareForm, ConfirmForm, CopyForm, UploadForm
from schools.models import QuestionSet, Scale
from schools.permissions import Perm
from schools.question_differences import Kind
from schools.question_file import write_question_file
from schools.services import questions as services


class QuestionSetList(Page):
    """Every question set with its versions, newest first."""

    permission_required = Perm.VIEW_QUESTION_SET
    model = QuestionSet
    template_name = "schools/questions/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counted = self.records().select_related("created_by").annotate(questions_in_all=Count("questions"))
        counted = counted.order_by(*QuestionSet._meta.ordering)  # which counting would drop
        sets = [
            {"slug": slug, "versions": list(versions)}
            for slug, versions in groupby(counted, key=lambda each: each.slug)
        ]
        may_edit = self.person.has_perm(Perm.EDIT_QUESTION_SET)
        return super().get_context_data(sets=sets, may_edit=may_edit, **kwargs)


class SetPage(Page):
    """Base of the pages that show one question set: they lead back to it, and it to the list."""

    permission_required = Perm.VIEW_QUESTION_SET
    model = QuestionSet
    lookup = {"pk": "pk"}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_edit = self.person.has_perm(Perm.EDIT_QUESTION_SET, self.record)
        back = {"back_url": set_url(self.record), "back_label": "Back to the question set"}
        return super().get_context_data(**{"record": self.record, "may_edit": may_edit} | back | kwargs)


class ShowQuestionSet(SetPage):
    """One version with all its sections, questions and scales; a draft with the buttons to edit it."""

    template_name = "schools/questions/set.html"

    def records(self) -> Any:
        related = super().records().select_related("based_on", "created_by").with_questions()
        return related.prefetch_related("scales__options")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        back = {"back_url": reverse("schools:question_sets"), "back_label": "Question sets"}
        context = super().get_context_data(**back, **kwargs)
        context["changes"] = StatusChange.objects.about(self.record).select_related("by")
        context["can_edit"] = context["may_edit"] and self.record.is_draft
        context["shared_scales"] = [scale for scale in self.record.scales.all() if scale.is_shared]
        context["number_of_questions"] = sum(len(section.questions.all()) for section in self.record.sections.all())
        return context


class DownloadQuestionSet(Gate, View):
    """The set as a YAML file, to keep or to edit and upload again."""

    permission_required = Perm.VIEW_QUESTION_SET
    model = QuestionSet
    lookup = {"pk": "pk"}

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        name = f"{self.record.slug}-{self.record.version}.yaml"
        content = write_question_file(services.export(self.record))
        response = HttpResponse(content, content_type="application/yaml; charset=utf-8")
        response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
        return response


class Differences(SetPage):
    """What one version has that another has not, grouped by what happened."""

    template_name = "schools/questions/differences.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = CompareForm(self._asked_for(), question_set=self.record)
        other = form.cleaned_data["other"] if form.is_bound and form.is_valid() else None
        found = services.differences(other, self.record) if other else []
        groups = [(kind, [each for each in found if each.kind == kind]) for kind in Kind]
        groups = [(kind, each) for kind, each in groups if each]
        return super().get_context_data(form=form, other=other, groups=groups, **kwargs)

    def _asked_for(self) -> dict[str, Any] | None:
        """The version to compare with: the one chosen, or else the one that this is based on."""
        if "other" in self.request.GET:
            return {"other": self.request.GET["other"]}
        return {"other": self.record.based_on_id} if self.record.based_on_id else None


# --- Changes --------------------------------------------------------------------------------------------------------


class UploadQuestionSet(ChangePage):
    """A draft from a YAML file; what is wrong with the file is listed by line."""

    permission_required = Perm.EDIT_QUESTION_SET
    model = QuestionSet
    form_class = UploadForm
    template_name = "schools/questions/upload.html"
    done = "The draft has been made from the file"

    def perform(self, form: Any) -> QuestionSet:
        return services.load(form.cleaned_data["file"], by=self.person, replace=form.cleaned_data["replace"])

    def get_success_url(self) -> str:
        return set_url(self.outcome)

    def back_url(self) -> str:
        return reverse("schools:question_sets")


class SetChange(ChangePage):
    """Base of the pages that change one question set. Those of a draft say so where it is a draft no longer."""

    permission_required = Perm.EDIT_QUESTION_SET
    model = QuestionSet
    lookup = {"pk": "pk"}
    only_drafts = True
    heading = ""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.only_drafts and not self.record.is_draft:
            sentence = f"This question set is {self.record.get_status_display().lower()}, so it can never change."
            return stale(request, sentence, self.back_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return set_url(self.record)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heading=self.heading, caption=str(self.record), **kwargs)


class ConfirmChange(SetChange):
    """Base of the pages that ask whether to go ahead. ``sentences`` say what will happen."""

    form_class = ConfirmForm
    template_name = "schools/questions/confirm.html"
    question = ""
    button = ""
    style = "warning"
    sentences: list[str] = []

    def get_form_kwargs(self) -> dict[str, Any]:
        titles = {"title": self.question, "submit_text": self.button, "submit_style": self.style}
        return super().get_form_kwargs() | titles

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(sentences=self.sentences, cancel_url=self.back_url(), **kwargs)


class CopyQuestionSet(SetChange):
    """A new version as a draft."""

    only_drafts = False
    form_class = CopyForm
    done = "The draft of the new version has been made"

    def perform(self, form: Any) -> QuestionSet:
        return services.copy(self.record, version=form.cleaned_data["version"], by=self.person)

    def get_success_url(self) -> str:
        return set_url(self.outcome)

    def back_url(self) -> str:
        return set_url(self.record)


class PublishQuestionSet(ConfirmChange):
    """What is in the way of publishing, or what will be frozen by it."""

    template_name = "schools/questions/publish.html"
    question = "Publish this question set"
    button = "Publish the question set"
    style = ""
    done = "The question set has been published"

    def perform(self, form: Any) -> QuestionSet:
        return services.publish(self.record, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        based_on = self.record.based_on
        return super().get_context_data(
            problems=question_checks.problems(self.record),
            warnings=question_checks.warnings(self.record),
            number_of_sections=self.record.sections.count(),
            number_of_questions=self.record.questions.count(),
            number_of_differences=len(services.differences(based_on, self.record)) if based_on else None,
            **kwargs,
        )


class RetireQuestionSet(ConfirmChange):
    """Out of use for new collections."""

    only_drafts = False
    question = "Retire this question set?"
    button = "Retire the question set"
    done = "The question set has been retired"
    sentences = [
        "No new collection will be able to ask it.",
        "Collections that ask it already, and every return that answers it, stay as they are.",
    ]

    def perform(self, form: Any) -> QuestionSet:
        return services.retire(self.record, by=self.person)


class DiscardQuestionSet(ConfirmChange):
    """A draft that is not wanted."""

    question = "Delete this draft?"
    button = "Delete the draft"
    done = "The draft has been deleted"
    sentences = ["All its sections and questions will be lost. Download it first if you may want it again."]

    def perform(self, form: Any) -> None:
        services.discard(self.record, by=self.person)

    def get_success_url(self) -> str:
        return reverse("schools:question_sets")

    def back_url(self) -> str:
        return set_url(self.record)


def set_url(question_set: QuestionSet, anchor: str = "") -> str:
    """The page of a set; with ``anchor``, at one of its parts."""
    page = reverse("schools:question_set", args=[question_set.pk])
    return f"{page}#{anchor}" if anchor else page


def scale_url(scale: Scale, anchor: str = "") -> str:
    """The page of a scale's options."""
    page = reverse("schools:scale", args=[scale.question_set_id, scale.pk])
    return f"{page}#{anchor}" if anchor else page
