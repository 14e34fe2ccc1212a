"""Learning briefings: the public list, page and PDF; drafted, edited, published and taken back."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import TemplateView, View

from learninghubs.briefing_pdf import sheet_of
from learninghubs.choices import BriefingStatus, ForumStatus
from learninghubs.filters.forums import BriefingFilter
from learninghubs.forms.briefings import BriefingForm, WithdrawBriefingForm
from learninghubs.models import Briefing
from learninghubs.moves import PUBLISH_BRIEFING, WITHDRAW_BRIEFING
from learninghubs.permissions import Perm
from learninghubs.services import briefings as services
from learninghubs.views.forums import ForumGate
from partnership.choices import DocumentStatus
from partnership.engine import documents
from partnership.engine.workflow import MoveNotAllowed, TooLate
from partnership.forms.parts import ConfirmForm
from partnership.views.base import EditPage, Gate, TypedPage, stale
from partnership.views.parts import ConfirmPage

BRIEFINGS_ON_A_PAGE = 20
RELATED = ("forum__hub__group", "forum__theme")

# --- Public -----------------------------------------------------------------------------------------------------------


class BriefingList(TemplateView):
    """The published learning briefings, the newest first."""

    template_name = "learninghubs/forums/briefings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = BriefingFilter(self.request.GET, Briefing.objects.published().select_related(*RELATED))
        page = Paginator(found.qs, BRIEFINGS_ON_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(filter=found, page_obj=page, **kwargs)


class BriefingPage(TemplateView):
    """A briefing as everybody reads it; a draft only for those who look after it."""

    template_name = "learninghubs/forums/briefing.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        briefing = get_object_or_404(Briefing.objects.select_related(*RELATED), forum=self.kwargs["pk"])
        user: Any = self.request.user
        if briefing.status != BriefingStatus.PUBLISHED and not (
            user.is_authenticated and user.has_perm(Perm.VIEW_BRIEFING, briefing)
        ):
            raise Http404
        return super().get_context_data(
            **sheet_of(briefing),
            document=documents.latest(services.BRIEFING_PDF, about=briefing),
            breadcrumbs=[("Learning briefings", reverse("learninghubs:briefings")), (str(briefing), "")],
            **kwargs,
        )


class BriefingPdf(View):
    """The PDF of a published briefing, for everybody."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        briefing = get_object_or_404(Briefing.objects.published(), forum=pk)
        document = documents.latest(services.BRIEFING_PDF, about=briefing)
        if document is None or document.status != DocumentStatus.READY:
            raise Http404
        try:
            return documents.download(document)
        except FileNotFoundError:
            raise Http404 from None


# --- For those who run the hub's forums -------------------------------------------------------------------------------


class DraftBriefing(ForumGate, ConfirmPage):
    """Make the draft from what was recorded; then it is edited."""

    question = "Draft the learning briefing?"
    button = "Draft the briefing"
    style = ""
    sentences = ["It starts from what was discussed and learned. You can change all of it before it is published."]
    back_label = "Back to the forum"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status != ForumStatus.HELD:
            return stale(request, "Record first what happened at the forum.", self.back_url())
        return super().get(request, *args, **kwargs)

    def perform(self, form: ConfirmForm) -> Briefing:
        return services.draft_briefing(self.record, by=self.person)

    def back_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_success_url(self) -> str:
        return reverse("learninghubs:edit_briefing", args=[self.record.pk])


class BriefingGate(Gate):
    """A change to a briefing; afterwards its page."""

    model = Briefing
    permission_required = Perm.MANAGE_BRIEFING
    lookup = {"pk": "forum_id"}
    back_label = "Back to the briefing"

    def records(self) -> Any:
        return super().records().select_related(*RELATED)

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())


class EditBriefing(BriefingGate, EditPage):
    form_class = BriefingForm
    done = "Briefing saved"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status != BriefingStatus.DRAFT:
            sentence = "This briefing is published. Take it back to draft to change it."
            return stale(request, sentence, self.back_url())
        return super().get(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"briefing": self.record}

    def perform(self, form: BriefingForm) -> Briefing:
        try:
            return services.edit_briefing(
                self.record, by=self.person, loaded=form.cleaned_data["loaded"], **form.values()
            )
        except TooLate as error:
            raise ValidationError(str(error)) from error

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": str(self.record.forum)} | kwargs)


class PublishBriefing(BriefingGate, ConfirmPage):
    question = "Publish this learning briefing?"
    button = "Publish"
    style = ""
    done = "Briefing published. Its PDF is being made."
    sentences = ["Everybody can read it from now on, on the portal and as a PDF of one page."]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status not in PUBLISH_BRIEFING.sources:
            return stale(request, str(MoveNotAllowed(PUBLISH_BRIEFING, self.record)), self.back_url())
        return super().get(request, *args, **kwargs)

    def perform(self, form: ConfirmForm) -> Briefing:
        return services.publish_briefing(self.record, by=self.person)


class WithdrawBriefing(BriefingGate, TypedPage):
    form_class = WithdrawBriefingForm
    done = "Briefing taken back to draft"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status not in WITHDRAW_BRIEFING.sources:
            return stale(request, str(MoveNotAllowed(WITHDRAW_BRIEFING, self.record)), self.back_url())
        return super().get(request, *args, **kwargs)

    def perform(self, form: WithdrawBriefingForm) -> Briefing:
        return services.withdraw_briefing(self.record, by=self.person, **form.cleaned_data)
