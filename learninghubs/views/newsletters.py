"""The newsletters as everybody reads them."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import TemplateView, View

from learninghubs import issues as reads
from learninghubs.models import LearningHub, NewsletterIssue
from learninghubs.services.issues import NEWSLETTER_PDF
from partnership.choices import DocumentStatus
from partnership.engine import documents

PER_PAGE = 20


def public_issues() -> QuerySet[NewsletterIssue]:
    """The issues that have begun to go out, the newest first."""
    return NewsletterIssue.objects.published().select_related("hub__group")


class NewsletterList(TemplateView):
    """The archive: of all hubs, or of one (``?hub=``)."""

    template_name = "learninghubs/newsletters/archive.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        hubs = list(LearningHub.objects.filter(pk__in=public_issues().values("hub")).select_related("group"))
        chosen = next((hub for hub in hubs if hub.group.slug == self.request.GET.get("hub")), None)
        issues = public_issues().filter(hub=chosen) if chosen else public_issues()
        page = Paginator(reads.with_shown_items(issues), PER_PAGE).get_page(self.request.GET.get("page"))
        rows = [(issue, reads.counted(item.kind for item in issue.shown)) for issue in page]
        return super().get_context_data(hubs=hubs, chosen=chosen, page_obj=page, rows=rows, **kwargs)


class Newsletter(TemplateView):
    """One issue."""

    template_name = "learninghubs/newsletters/newsletter.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        issue = issue_or_404(self.kwargs)
        others = public_issues().filter(hub=issue.hub)
        return super().get_context_data(
            document=documents.latest(NEWSLETTER_PDF, about=issue),
            earlier=others.filter(number__lt=issue.number).order_by("-number").first(),
            later=others.filter(number__gt=issue.number).order_by("number").first(),
            breadcrumbs=[
                ("Newsletters", reverse("learninghubs:newsletters")),
                (str(issue.hub), f"{reverse('learninghubs:newsletters')}?hub={issue.hub.group.slug}"),
                (f"Issue {issue.number}", ""),
            ],
            **reads.page_of(issue) | kwargs,
        )


class NewsletterPdf(View):
    """The PDF of an issue."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        document = documents.latest(NEWSLETTER_PDF, about=issue_or_404(kwargs))
        if document is None or document.status != DocumentStatus.READY:
            raise Http404
        try:
            return documents.download(document)
        except FileNotFoundError:
            raise Http404 from None


def issue_or_404(kwargs: dict[str, Any]) -> NewsletterIssue:
    """The published issue that an address names. Raises ``Http404``."""
    return get_object_or_404(public_issues(), hub__group__slug=kwargs["slug"], number=kwargs["number"])
