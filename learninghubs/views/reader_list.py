"""The readers of the newsletters, for the business unit: the list, one of them, and lists to import."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from hscp.lib.export import Column, csv_response, xlsx_response
from learninghubs.choices import SubscriberStatus
from learninghubs.filters.subscribers import SubscriberFilter
from learninghubs.forms.subscribers import (
    ImportForm,
    ResumeForm,
    SuspendForm,
    UnsubscribeForThemForm,
    VoidLinksForm,
)
from learninghubs.models import Subscriber, SubscriberImport
from learninghubs.moves import RESUME, SUSPEND, UNSUBSCRIBE
from learninghubs.permissions import Perm
from learninghubs.services import subscriber_import, subscribers
from partnership.models import StatusChange
from partnership.views.base import ChangePage, Gate, Page

ON_A_PAGE = 50
ROWS_ON_A_PAGE = 100
NEWEST_DELIVERIES = 20
NEWEST_IMPORTS = 10


class Subscribers(Gate):
    """The readers, as the filters of the address ask for them."""

    permission_required = Perm.VIEW_SUBSCRIBER

    def filtered(self) -> SubscriberFilter:
        readers: QuerySet[Subscriber] = Subscriber.objects.visible_to(self.request.user)
        return SubscriberFilter(self.request.GET, readers.prefetch_related("hubs__group", "themes"))


class SubscriberList(Subscribers, Page):
    """Fifty at a time, with how many are in each state."""

    template_name = "learninghubs/subscribers/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self.filtered()
        page = Paginator(found.qs, ON_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(filter=found, page_obj=page, counts=list(_counts()), **kwargs)


def _counts() -> list[dict[str, Any]]:
    """How many readers are in each state, as tiles that lead to them. One query."""
    found = dict(Subscriber.objects.order_by().values_list("status").annotate(Count("pk")))
    url = reverse("learninghubs:subscribers")
    return [
        {
            "key": status,
            "label": status.label.lower(),
            "number": found.get(status.value, 0),
            "url": f"{url}?status={status}",
        }
        for status in SubscriberStatus
    ]


class ExportSubscribers(Subscribers, View):
    """The same list as CSV or XLSX."""

    def get(self, request: HttpRequest, file_format: str) -> HttpResponseBase:
        rows = self.filtered().qs
        filename = f"newsletter-readers-{timezone.localdate()}"
        if file_format == "xlsx":
            return xlsx_response(COLUMNS, rows, filename=filename, title="Readers")
        return csv_response(COLUMNS, rows, filename=filename)


COLUMNS = [
    Column("Email", lambda reader: reader.email, width=34),
    Column("Hubs", lambda reader: "; ".join(str(hub) for hub in reader.hubs.all()), width=45),
    Column("Themes", lambda reader: "; ".join(str(theme) for theme in reader.themes.all()), width=30),
    Column("State", lambda reader: reader.get_status_display(), width=18),
    Column("How they came", lambda reader: reader.get_source_display(), width=18),
    Column("Asked", lambda reader: reader.asked_at, width=16),
    Column("Confirmed", lambda reader: reader.confirmed_at, width=16),
]

# --- One of them ------------------------------------------------------------------------------------------------------


class OneSubscriber(Gate):
    permission_required = Perm.VIEW_SUBSCRIBER
    model = Subscriber
    lookup: ClassVar = {"pk": "pk"}


class SubscriberPage(OneSubscriber, Page):
    """What they get, what was sent to them, and what has become of their subscription."""

    template_name = "learninghubs/subscribers/one.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reader: Subscriber = self.record
        changes = StatusChange.objects.about(reader).select_related("by").order_by("-pk")
        return super().get_context_data(
            record=reader,
            hubs=reader.hubs.select_related("group"),
            themes=reader.themes.all(),
            deliveries=reader.deliveries.select_related("issue__hub__group").order_by("-pk")[:NEWEST_DELIVERIES],
            entries=[_entry(change) for change in changes],
            may_suspend=reader.status in SUSPEND.sources,
            may_resume=reader.status in RESUME.sources and reader.confirmed_at is not None,
            may_unsubscribe=reader.status in UNSUBSCRIBE.sources,
            back_url=reverse("learninghubs:subscribers"),
            back_label="Readers",
            **kwargs,
        )


def _entry(change: StatusChange) -> dict[str, Any]:
    status = SubscriberStatus(change.to_status).label
    return {"at": change.at, "by": change.by_name, "what": status, "text": change.note}


class ChangeSubscriber(OneSubscriber, ChangePage):
    """A step in the life of a reader, taken for them."""

    permission_required = Perm.MANAGE_SUBSCRIBERS

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(caption=str(self.record), **kwargs)


class SuspendSubscriber(ChangeSubscriber):
    form_class = SuspendForm
    done = "The reader has been suspended"

    def perform(self, form: SuspendForm) -> Subscriber:
        return subscribers.suspend(self.record, by=self.person, **form.cleaned_data)


class ResumeSubscriber(ChangeSubscriber):
    form_class = ResumeForm
    template_name = "learninghubs/subscribers/resume.html"
    done = "The newsletters go to the reader again"

    def perform(self, form: ResumeForm) -> Subscriber:
        return subscribers.resume(self.record, by=self.person)


class UnsubscribeSubscriber(ChangeSubscriber):
    form_class = UnsubscribeForThemForm
    done = "The reader has been unsubscribed"

    def perform(self, form: UnsubscribeForThemForm) -> Subscriber:
        return subscribers.unsubscribe(self.record, by=self.person, **form.cleaned_data)


class MakeLinksVoid(ChangeSubscriber):
    form_class = VoidLinksForm
    template_name = "learninghubs/subscribers/void_links.html"
    done = "The links that were sent before open nothing any more"

    def perform(self, form: VoidLinksForm) -> Subscriber:
        return subscribers.make_links_void(self.record, by=self.person)


# --- Lists to import --------------------------------------------------------------------------------------------------


class ImportSubscribers(ChangePage):
    """Give in a list of readers; what becomes of each row is shown at once."""

    permission_required = Perm.MANAGE_SUBSCRIBERS
    form_class = ImportForm
    template_name = "learninghubs/subscribers/import.html"
    back_label = "Readers"

    def perform(self, form: ImportForm) -> SubscriberImport:
        given = form.cleaned_data
        return subscriber_import.import_list(
            given["file"], filename=form.filename, hubs=given["hubs"], agreed=given["agreed"], by=self.person
        )

    def get_success_url(self) -> str:
        return str(self.outcome.get_absolute_url())

    def back_url(self) -> str:
        return reverse("learninghubs:subscribers")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        earlier = SubscriberImport.objects.visible_to(self.request.user).select_related("imported_by")
        return super().get_context_data(earlier=earlier.defer("rows")[:NEWEST_IMPORTS], **kwargs)


OUTCOMES = {
    subscriber_import.REFUSED: "left out",
    subscriber_import.ADDED: "added",
    subscriber_import.KNOWN: "known already",
}


class SubscriberImportPage(Page):
    """What became of each row, a hundred on a page, those that were left out first; ``?show=`` narrows them to one."""

    permission_required = Perm.VIEW_SUBSCRIBER_IMPORT
    model = SubscriberImport
    lookup: ClassVar = {"pk": "pk"}
    template_name = "learninghubs/subscribers/import_report.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        record: SubscriberImport = self.record
        show = self.request.GET.get("show", "")
        rows = [row for row in record.rows if not show or row["outcome"] == show]
        rows.sort(key=lambda row: (row["outcome"] != subscriber_import.REFUSED, row["line"]))
        numbers = {"refused": record.refused, "added": record.added, "known": record.known}
        return super().get_context_data(
            record=record,
            show=show,
            counts=[
                {"key": key, "label": label, "number": numbers[key], "url": f"?show={key}#rows"}
                for key, label in OUTCOMES.items()
            ],
            page_obj=Paginator(rows, ROWS_ON_A_PAGE).get_page(self.request.GET.get("page")),
            back_url=reverse("learninghubs:import_subscribers"),
            back_label="Import readers",
            **kwargs,
        )
