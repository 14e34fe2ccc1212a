"""The form of one section: shown, saved, kept as a draft while somebody types. Nothing typed is lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.utils.datastructures import MultiValueDict
from django.views.generic import FormView, View

from partnership.engine.workflow import TooLate
from partnership.middleware import take_back
from partnership.views.base import add_errors
from schools import texts
from schools.forms.answers import SectionForm
from schools.models import SectionDraft
from schools.permissions import Perm
from schools.prefill import prefills
from schools.services.sections import Saved, check_can_be_changed, discard_draft, keep_draft, save_section
from schools.steps import clock
from schools.views.returns import ReturnGate, drafts_of_others

NOT_TYPED = {"csrfmiddlewaretoken", "add_person"}
CONTINUE = "continue"


class SectionPage(ReturnGate, FormView):
    """The form of one section. Where the return cannot be changed, its answers are shown instead.

    What somebody typed comes back after their session had ended (``?kept=``), and from a draft (``?draft=continue``).
    """

    permission_required = Perm.EDIT_RETURN
    template_name = "schools/returns/section.html"
    keeps_typed_text = True
    blocked = ""  # why what was sent could not be saved

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.part  # noqa: B018 - 404 before anything else
        if not self.can_edit:
            return HttpResponseRedirect(self.url("check_section", kwargs["code"]))
        self.draft = self.unsaved_draft()
        return self.render_to_response(self.get_context_data(form=self.form(typed=self.typed())))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.draft = None
        if "add_person" in request.POST:
            question = request.POST["add_person"]
            form = self.form(typed=dict(request.POST.lists()), add_person_to=_number(question))
            return self.render_to_response(self.get_context_data(form=form))
        form = self.form(request.POST)
        try:
            check_can_be_changed(self.record)
        except TooLate as error:
            return self.not_saved(form, str(error))
        return self.form_valid(form) if form.is_valid() else self.form_invalid(form)

    def form(self, data: Any = None, **options: Any) -> SectionForm:
        progress = self.part.progress
        return SectionForm(
            data,
            lines=self.part.lines,
            prefilled=prefills(self.sheet, self.part),
            is_complete=progress.is_complete if progress else None,
            allowed=texts.allowed_words(self.sheet.school),
            writer=self.person,
            **options,
        )

    def typed(self) -> Mapping[str, list[str]] | None:
        """What the person had typed and not saved, where they ask to go on with it."""
        if kept := take_back(self.request):
            return kept
        return self.draft.fields if self.draft and self.request.GET.get("draft") == CONTINUE else None

    def unsaved_draft(self) -> SectionDraft | None:
        """The person's draft of this section, if it says anything else than what is saved."""
        draft = SectionDraft.objects.filter(
            return_record=self.record, section=self.part.section, user=self.person
        ).first()
        return draft if draft and self.form(MultiValueDict(draft.fields)).differs() else None

    def form_valid(self, form: SectionForm) -> HttpResponse:
        try:
            saved = save_section(
                self.record, self.part.section, form.entries(), by=self.person, complete=form.says_complete
            )
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        except TooLate as error:
            return self.not_saved(form, str(error))
        if saved.conflicts:
            form.show_conflicts(saved.conflicts)
            return self.form_invalid(form)
        self.tell(saved)
        return HttpResponseRedirect(self.get_success_url(form))

    def not_saved(self, form: SectionForm, sentence: str) -> HttpResponse:
        """The form once more with all that was typed, and why it could not be saved."""
        self.blocked = sentence
        return self.render_to_response(self.get_context_data(form=form), status=409)

    def tell(self, saved: Saved) -> None:
        if saved.held:
            number = "One text waits" if saved.held == 1 else f"{saved.held} texts wait"
            messages.info(self.request, f"{number} for the business unit to look at. The rest is saved.")

    def get_success_url(self, form: SectionForm) -> str:  # type: ignore[override]
        """The next section; the task list for those who will come back to this one, all answers after the last."""
        if not form.says_complete:
            return str(self.record.get_absolute_url())
        codes = [part.section.code for part in self.sheet.parts]
        place = codes.index(self.kwargs["code"]) + 1
        return self.url("section", codes[place]) if place < len(codes) else self.url("check")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        parts = self.sheet.parts
        return super().get_context_data(
            record=self.record,
            part=self.part,
            number=parts.index(self.part) + 1,
            total=len(parts),
            notice=self.record.collection.question_set.no_child_data_notice,
            back_url=self.record.get_absolute_url(),
            back_label="Back to the return",
            draft=self.draft if not self.request.GET.keys() & {"kept", "draft"} else None,
            others=drafts_of_others(self, self.part),
            blocked=self.blocked,
            can_edit=self.can_edit,
            is_unsaved=kwargs["form"].is_typed,
            **kwargs,
        )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


class KeepDraft(ReturnGate, View):
    """What somebody has typed so far, sent by the page's script: kept for them alone. Answers JSON."""

    permission_required = Perm.EDIT_RETURN
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            draft = keep_draft(self.record, self.part.section, _typed(request.POST.lists()), by=self.person)
        except TooLate as error:
            return JsonResponse({"error": str(error)}, status=409)
        except ValidationError as error:
            return JsonResponse({"error": " ".join(error.messages)}, status=400)
        return JsonResponse({"kept_at": clock(draft.kept_at)})


def _typed(fields: Iterable[tuple[str, list[str]]]) -> dict[str, list[str]]:
    return {name: values for name, values in fields if name not in NOT_TYPED}


class DiscardDraft(ReturnGate, View):
    """Forget what somebody has typed and not saved."""

    permission_required = Perm.EDIT_RETURN
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        discard_draft(self.record, self.part.section, by=self.person)
        return HttpResponseRedirect(self.url("section", self.kwargs["code"]))
