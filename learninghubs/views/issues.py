"""Issues of the newsletters: drafted, edited, looked at beforehand, approved."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.views.generic import View

from learninghubs import issues as reads
from learninghubs.choices import IssueStatus, ItemKind
from learninghubs.forms.issues import ApproveForm, IssueForm, ItemForm, LeaveOutForm, NewsForm
from learninghubs.letters import Letter
from learninghubs.models import LearningHub, NewsletterIssue, NewsletterItem, Subscriber
from learninghubs.moves import APPROVE_ISSUE, BACK_TO_DRAFT
from learninghubs.permissions import Perm
from learninghubs.services import issues as services
from partnership.engine import documents
from partnership.engine.workflow import Move, MoveNotAllowed
from partnership.forms.parts import ConfirmForm
from partnership.models import StatusChange
from partnership.views.base import ChangePage, Gate, Page, stale
from partnership.views.parts import ConfirmPage, MoveButton, PartPage

PER_PAGE = 20

# --- What there is ----------------------------------------------------------------------------------------------------


class IssueList(Page):
    """Every issue that the person sees, those at work first; and a button for each hub that has none at work."""

    permission_required = Perm.VIEW_ISSUE
    template_name = "learninghubs/newsletters/issues.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        issues = NewsletterIssue.objects.visible_to(self.person).select_related("hub__group")
        gone = issues.filter(status__in=reads.WENT_OUT).order_by("-sending_from", "-pk")
        at_work = list(issues.filter(status__in=reads.AT_WORK).order_by("hub__group__order", "hub__group__name"))
        return super().get_context_data(
            at_work=at_work,
            page_obj=Paginator(gone, PER_PAGE).get_page(self.request.GET.get("page")),
            to_draft=self._to_draft(),
            **kwargs,
        )

    def _to_draft(self) -> list[LearningHub]:
        hubs = LearningHub.objects.allowed(self.person, Perm.DRAFT_ISSUE).select_related("group")
        busy = NewsletterIssue.objects.filter(status__in=reads.AT_WORK).values("hub")
        return list(hubs.exclude(pk__in=busy))


class DraftIssue(ConfirmPage):
    """The next issue of a hub, drafted at once."""

    permission_required = Perm.DRAFT_ISSUE
    model = LearningHub
    lookup: ClassVar[dict[str, str]] = {"slug": "group__slug"}
    question = "Draft the next issue now?"
    button = "Draft the issue"
    style = ""
    sentences: ClassVar = [
        "The portal puts into it every answer of the Board that readers have not had, the forums held and to come, "
        "briefings, and sessions for schools. You can then change, move and add."
    ]
    done = "The issue has been drafted"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return self._at_work() or super().get(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        return self._at_work() or super().form_valid(form)

    def _at_work(self) -> HttpResponse | None:
        found = reads.at_work(self.record)
        if found is None:
            return None
        return stale(self.request, f"“{found}” is being made already.", found.get_absolute_url())

    def perform(self, form: ConfirmForm) -> NewsletterIssue:
        drafted = services.draft_issue(self.record, on=timezone.localdate(), by=self.person)
        if drafted is None:  # somebody pressed at the same moment
            drafted = reads.at_work(self.record)
        if drafted is None:
            raise Http404
        return drafted

    def get_success_url(self) -> str:
        return self.outcome.get_absolute_url() if hasattr(self, "outcome") else reverse("learninghubs:issues")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": str(self.record)} | kwargs)


class AboutIssue:
    """A page about one issue."""

    record: NewsletterIssue
    model = NewsletterIssue
    lookup: ClassVar[dict[str, str]] = {"pk": "pk"}

    def records(self) -> Any:
        return super().records().select_related("hub__group")  # type: ignore[misc]

    def issue_url(self, anchor: str = "") -> str:
        """The page of the issue."""
        return f"{self.record.get_absolute_url()}{f'#{anchor}' if anchor else ''}"


class IssuePage(AboutIssue, Page):
    """One issue with its items; a draft with the buttons to edit it."""

    permission_required = Perm.VIEW_ISSUE
    template_name = "learninghubs/newsletters/issue.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        issue, person = self.record, self.person
        is_draft = issue.status == IssueStatus.DRAFT
        entries = reads.entries_of(issue)
        return super().get_context_data(
            issue=issue,
            entries=entries,
            summary=reads.summary_of(entries),
            left_out=list(issue.items.exclude(left_out_because="").order_by("order", "pk")),
            missing=reads.missing_answers(issue).count() if is_draft else 0,
            readers=Subscriber.objects.readers_of(issue.hub).count(),
            can_edit=is_draft and person.has_perm(Perm.EDIT_ISSUE, issue),
            may_send=person.has_perm(Perm.SEND_ISSUE, issue),
            changes=list(StatusChange.objects.about(issue).select_related("by").order_by("-pk")),
            breadcrumbs=[("Newsletters", reverse("learninghubs:issues")), (str(issue), "")],
            **kwargs,
        )


# --- Changes of a draft -----------------------------------------------------------------------------------------------


class IssueChange(AboutIssue, ChangePage):
    """A change to an issue, which leads back to its page. Where it cannot be made any more, the page says so."""

    permission_required = Perm.EDIT_ISSUE
    move: Move = services.EDIT

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status not in self.move.sources:
            return stale(request, str(MoveNotAllowed(self.move, self.record)), self.issue_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return self.issue_url()

    def back_url(self) -> str:
        return self.issue_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"issue": self.record, "caption": str(self.record)} | kwargs)


class EditIssue(IssueChange, PartPage):
    """Title and opening words."""

    form_class = IssueForm
    heading = "Change title and opening words"
    done = "Saved"

    def row(self) -> NewsletterIssue:
        return self.record

    def perform(self, form: IssueForm) -> Any:
        return services.edit_issue(self.record, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())


class TakeIn(IssueChange, ConfirmPage):
    """What has happened since the draft was made."""

    question = "Take in what is new?"
    button = "Take it in"
    style = ""
    sentences: ClassVar = [
        "What has happened since is added. What is no longer so goes: a forum that is cancelled, an answer that was "
        "taken back. The portal does this by itself every hour in the day.",
    ]

    def perform(self, form: ConfirmForm) -> int:
        number = services.take_in(self.record, by=self.person)
        self.done = "Nothing is new" if not number else f"{number} item{'' if number == 1 else 's'} added"
        return number


class AddNews(IssueChange, PartPage):
    form_class = NewsForm
    heading = "Add news"
    done = "The news has been added"

    def perform(self, form: NewsForm) -> NewsletterItem:
        return services.add_news(self.record, by=self.person, **form.values())

    def get_success_url(self) -> str:
        return self.issue_url(f"item-{self.outcome.pk}") if hasattr(self, "outcome") else self.issue_url()


class OfIssue(AboutIssue):
    """The item that a page's address names; 404 unless it belongs to the issue."""

    kwargs: dict[str, Any]

    @cached_property
    def item(self) -> NewsletterItem:
        found: NewsletterItem = get_object_or_404(
            NewsletterItem.objects.select_related(*reads.SOURCES), issue=self.record, pk=self.kwargs["item"]
        )
        return found


class EditItem(OfIssue, IssueChange, PartPage):
    """The words of an item. What the Board answered stands above the form and cannot be changed."""

    template_name = "learninghubs/newsletters/edit_item.html"
    heading = "Change the item"
    done = "Saved"

    def get_form_class(self) -> Any:
        return NewsForm if self.item.kind == ItemKind.NEWS else ItemForm

    def row(self) -> NewsletterItem:
        return self.item

    def perform(self, form: NewsForm) -> Any:
        return services.edit_item(self.item, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())

    def get_success_url(self) -> str:
        return self.issue_url(f"item-{self.item.pk}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"entry": reads.entry_of(self.item)} | kwargs)


class MoveItem(OfIssue, MoveButton):
    permission_required = Perm.EDIT_ISSUE

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"item-{self.item.pk}"

    def move(self, *, up: bool) -> bool:
        return services.move_item(self.item, by=self.person, up=up)

    def page(self) -> str:
        return self.issue_url()


class LeaveOut(OfIssue, IssueChange):
    """An answer is left out with a reason; anything else needs none."""

    done = "Left out"

    @property
    def is_answer(self) -> bool:
        return self.item.kind == ItemKind.ANSWER

    def get_form_class(self) -> Any:
        return LeaveOutForm if self.is_answer else ConfirmForm

    def get_form_kwargs(self) -> dict[str, Any]:
        words = {"title": "Leave this item out?", "submit_text": "Leave it out", "submit_style": "warning"}
        return super().get_form_kwargs() | ({} if self.is_answer else words)

    def get_template_names(self) -> list[str]:
        return ["form_page.html" if self.is_answer else "partnership/parts/confirm.html"]

    def perform(self, form: Any) -> Any:
        return services.leave_out(self.item, by=self.person, because=form.cleaned_data.get("because", ""))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sentences = ["It stays in the draft, under “Left out”, from where you can take it in again."]
        return super().get_context_data(**{"caption": self.item.title, "sentences": sentences} | kwargs)


class PutBack(OfIssue, IssueChange, ConfirmPage):
    question = "Take it in again?"
    button = "Take it in again"
    style = ""
    done = "It is in the issue again"

    def perform(self, form: ConfirmForm) -> Any:
        return services.put_back(self.item, by=self.person)

    def get_success_url(self) -> str:
        return self.issue_url(f"item-{self.item.pk}")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": self.item.title} | kwargs)


class RemoveNews(OfIssue, IssueChange, ConfirmPage):
    question = "Remove this news?"
    button = "Remove it"
    sentences: ClassVar = ["It is gone then. You can add it anew."]
    done = "Removed"

    def perform(self, form: ConfirmForm) -> None:
        services.remove_news(self.item, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": self.item.title} | kwargs)


# --- Looked at beforehand ---------------------------------------------------------------------------------------------

TABS = {"web": "Web page", "email": "E-mail", "text": "Plain text", "pdf": "PDF"}


class AsReader(AboutIssue):
    """A page that shows the letter, as a reader gets it whose suggestion ``?own=`` (the id of its answer) names."""

    request: HttpRequest

    @cached_property
    def letter(self) -> Letter:
        return Letter(self.record)

    @property
    def own(self) -> frozenset[int]:
        asked = self.request.GET.get("own", "")
        answers = {str(pk): pk for entry in self.letter.entries if (pk := entry.item.response_id)}
        return frozenset([answers[asked]] if asked in answers else [])


class PreviewIssue(AsReader, Page):
    """The issue as it would go out: as a page, as an e-mail, as plain text, as a PDF."""

    permission_required = Perm.VIEW_ISSUE
    template_name = "learninghubs/newsletters/preview.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        chosen = self.request.GET.get("as", "")
        own = self.own
        return super().get_context_data(
            tabs=TABS,
            chosen=chosen if chosen in TABS else "web",
            answers=[entry for entry in self.letter.entries if entry.answer],
            own=next(iter(own), None),
            words=self.letter.sample(own=own),
            document=documents.latest(services.NEWSLETTER_PREVIEW, about=self.record),
            back_url=self.issue_url(),
            back_label="Back to the issue",
            **reads.page_of(self.record) | kwargs,
        )


class IssueEmail(AsReader, Gate, View):
    """The e-mail itself, to be looked at in a frame of the page above. Its styles stand at its elements, so its policy
    allows those and nothing else: no script, nothing fetched, no form. Its links open in a tab of their own."""

    permission_required = Perm.VIEW_ISSUE
    policy = (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
        "sandbox allow-popups allow-popups-to-escape-sandbox"
    )

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        html = self.letter.sample(own=self.own).html
        response = HttpResponse(html.replace("<head>", '<head><base target="_blank">', 1))
        response["Content-Security-Policy"] = self.policy
        response["X-Frame-Options"] = "SAMEORIGIN"
        response["Cache-Control"] = "private, no-store"
        return response


class MakePreview(AboutIssue, ConfirmPage):
    """The PDF as the issue stands now."""

    permission_required = Perm.VIEW_ISSUE
    question = "Make the PDF?"
    button = "Make the PDF"
    style = ""
    sentences: ClassVar = ["It shows the issue as it stands now, and takes a moment."]
    done = "The PDF is being made"

    def perform(self, form: ConfirmForm) -> Any:
        return services.make_preview(self.record, by=self.person)

    def get_success_url(self) -> str:
        return f"{reverse('learninghubs:issue_preview', args=[self.record.pk])}?as=pdf"


# --- Approved ---------------------------------------------------------------------------------------------------------


class ApproveIssue(IssueChange):
    """How many readers it goes to and which answers it carries; and when it goes out."""

    permission_required = Perm.SEND_ISSUE
    move = APPROVE_ISSUE
    form_class = ApproveForm
    template_name = "learninghubs/newsletters/approve.html"

    def perform(self, form: ApproveForm) -> NewsletterIssue:
        approved = services.approve(self.record, send_at=form.send_at, by=self.person)
        at = timezone.localtime(approved.send_at)
        self.done = f"Approved. It goes out on {date_format(at, 'l j F Y')} at {date_format(at, 'H:i')}."
        return approved

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entries = reads.entries_of(self.record)
        left_out = self.record.items.filter(kind=ItemKind.ANSWER).exclude(left_out_because="")
        return super().get_context_data(
            **{
                "heading": "Approve the issue",
                "readers": Subscriber.objects.readers_of(self.record.hub).count(),
                "summary": reads.summary_of(entries),
                "answers": [entry for entry in entries if entry.answer],
                "left_out": list(left_out),
            }
            | kwargs
        )


class TakeIssueBack(IssueChange, ConfirmPage):
    permission_required = Perm.SEND_ISSUE
    move = BACK_TO_DRAFT
    question = "Take the issue back to draft?"
    button = "Take back to draft"
    sentences: ClassVar = ["It does not go out until it is approved again."]
    done = "The issue is a draft again"

    def perform(self, form: ConfirmForm) -> Any:
        return services.back_to_draft(self.record, by=self.person)
