"""How far the sending of an issue is; what could not be sent; and what the mail service reports."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from django.views.generic import View
from django_htmx.http import HttpResponseClientRefresh

from learninghubs.choices import DeliveryStatus
from learninghubs.filters.subscribers import DeliveryFilter
from learninghubs.forms.sending import TryAgainForm
from learninghubs.models import NewsletterIssue
from learninghubs.permissions import Perm
from learninghubs.services import bounces, sending
from learninghubs.services.bounces import Event
from partnership.views.base import ChangePage, Gate, Page

ON_A_PAGE = 50
MOST_EVENTS = 1_000  # in one report of the mail service


class OneIssue(Gate):
    permission_required = Perm.VIEW_ISSUE
    model = NewsletterIssue
    lookup: ClassVar = {"pk": "pk"}

    def records(self) -> Any:
        return super().records().select_related("hub__group")


def numbers_of(issue: NewsletterIssue) -> dict[str, int]:
    """How many deliveries are in each state, and in all. One query."""
    found = dict(issue.deliveries.order_by().values_list("status").annotate(Count("pk")))
    numbers = {status.value: found.get(status.value, 0) for status in DeliveryStatus}
    total = sum(numbers.values())
    return numbers | {"total": total, "done": total - numbers[DeliveryStatus.QUEUED]}


class IssueProgress(OneIssue, Page):
    """How many messages went, wait, failed or came back. Addresses are shown to the business unit only."""

    template_name = "learninghubs/sending/progress.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        issue: NewsletterIssue = self.record
        sees_addresses = self.person.has_perm(Perm.VIEW_SUBSCRIBER)
        if sees_addresses:
            found = DeliveryFilter(self.request.GET, issue.deliveries.select_related("subscriber").order_by("-pk"))
            page = Paginator(found.qs, ON_A_PAGE).get_page(self.request.GET.get("page"))
            kwargs |= {"filter": found, "page_obj": page}
        return super().get_context_data(
            record=issue,
            numbers=numbers_of(issue),
            sees_addresses=sees_addresses,
            back_url=issue.get_absolute_url(),
            back_label=str(issue),
            **kwargs,
        )


class IssueProgressPart(OneIssue, View):
    """The numbers, for the part of the page that asks every other second; a fresh page at their end."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        numbers = numbers_of(self.record)
        if not numbers[DeliveryStatus.QUEUED]:
            return HttpResponseClientRefresh()
        return render(request, "learninghubs/sending/numbers.html", {"record": self.record, "numbers": numbers})


class TryAgain(OneIssue, ChangePage):
    """Have what failed sent once more."""

    permission_required = Perm.SEND_ISSUE
    form_class = TryAgainForm
    template_name = "learninghubs/sending/try_again.html"
    done = "They will be sent again"

    def perform(self, form: TryAgainForm) -> int:
        return sending.try_again(self.record, by=self.person)

    def get_success_url(self) -> str:
        return reverse("learninghubs:issue_progress", args=[self.record.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(numbers=numbers_of(self.record), **kwargs)


class BadReport(Exception):
    """The mail service sent something that is no report."""


@method_decorator([login_not_required, csrf_exempt], name="dispatch")
class BounceWebhook(View):
    """What the mail service reports: ``{"events": [{"message_id": "<…>", "kind": "hard", "detail": "…"}]}``.

    ``kind`` is "hard" (no such address), "soft" (not this time) or "complaint" (marked as spam); ``detail`` may be left
    out. The header ``Authorization: Bearer …`` holds ``BOUNCE_SECRET``; where that is empty, there is no such page.
    Answers how many reports were new; the same report may come twice, and about messages that are not ours.
    """

    http_method_names: ClassVar = ["post"]

    def post(self, request: HttpRequest) -> HttpResponseBase:
        if not settings.BOUNCE_SECRET:
            raise Http404
        if not constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.BOUNCE_SECRET}"):
            return JsonResponse({"error": "The secret is missing or wrong"}, status=401)
        try:
            events = events_in(request.body)
        except BadReport as error:
            return JsonResponse({"error": str(error)}, status=400)
        return JsonResponse({"noted": bounces.note_all(events)})


def events_in(body: bytes) -> list[Event]:
    """The events of a report. Raises ``BadReport``, whose text says what is wrong."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadReport("This is not JSON") from error
    events = found.get("events") if isinstance(found, dict) else None
    if not isinstance(events, list) or len(events) > MOST_EVENTS:
        raise BadReport(f"“events” must be a list of at most {MOST_EVENTS:,}")
    return [_event(one) for one in events]


def _event(one: Any) -> Event:
    if not isinstance(one, dict) or one.get("kind") not in bounces.KINDS:
        raise BadReport(f"Each event must have a “kind”: {', '.join(bounces.KINDS)}")
    if not isinstance(one.get("message_id"), str) or not isinstance(one.get("detail", ""), str):
        raise BadReport("“message_id” and “detail” must be text")
    return Event(one["message_id"].replace("\0", ""), one["kind"], one.get("detail", ""))
