"""Contacts from a spreadsheet in the browser: upload, look at every row, apply or discard."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.paginator import Paginator
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import View
from django_htmx.http import HttpResponseClientRefresh

from partnership.engine.workflow import Move, MoveNotAllowed
from partnership.views.base import ChangePage, Gate, Page, stale
from schools.choices import ContactImportStatus, ContactOutcome
from schools.contact_plan import ROLE_WORDS
from schools.forms.contacts import ApplyContactsForm, DiscardContactsForm, UploadContactsForm
from schools.models import ContactImport
from schools.moves import DISCARD_CONTACTS, START_APPLYING_CONTACTS
from schools.permissions import Perm
from schools.services import contact_import

ROWS_ON_A_PAGE = 100
NEWEST_IMPORTS = 10
LEFT_OUT = "left_out"  # rows that were to be applied and could not be


class UploadContacts(ChangePage):
    """Give in a list; its rows are checked at once and nothing else is written."""

    permission_required = Perm.IMPORT_CONTACTS
    form_class = UploadContactsForm
    template_name = "schools/upload_contacts.html"

    def perform(self, form: UploadContactsForm) -> ContactImport:
        return contact_import.receive(form.cleaned_data["file"], filename=form.filename, by=self.person)

    def get_success_url(self) -> str:
        return str(self.outcome.get_absolute_url())

    def back_url(self) -> str:
        return reverse("schools:contacts")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        words = [(role.label, ", ".join(ROLE_WORDS[role][:3])) for role in ROLE_WORDS]
        earlier = ContactImport.objects.visible_to(self.request.user).select_related("uploaded_by")[:NEWEST_IMPORTS]
        return super().get_context_data(words=words, earlier=earlier, **kwargs)


class OneContactImport(Gate):
    """One uploaded list."""

    permission_required = Perm.VIEW_CONTACT_IMPORT
    model = ContactImport
    lookup: ClassVar = {"pk": "pk"}

    def records(self) -> Any:
        return super().records().select_related("uploaded_by", "applied_by")


class ContactImportPage(OneContactImport, Page):
    """Every row of the list with what comes of it, a hundred on a page; ``?show=`` narrows them to one outcome."""

    template_name = "schools/contact_import.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        record: ContactImport = self.record
        counts = counts_of(record)
        show = self.request.GET.get("show", "")
        rows = _shown(record, show).select_related("school__organisation")
        page = Paginator(rows, ROWS_ON_A_PAGE).get_page(self.request.GET.get("page"))
        to_apply = counts[ContactOutcome.APPOINT] + counts[ContactOutcome.REPLACE]
        return super().get_context_data(
            record=record,
            counts=tiles_of(record, counts),
            show=show,
            page_obj=page,
            to_apply=to_apply,
            back_url=reverse("schools:contacts"),
            back_label="Contacts",
            **progress_of(record),
            **kwargs,
        )


def _shown(record: ContactImport, show: str) -> Any:
    if show == LEFT_OUT:
        return record.rows.exclude(error="")
    return record.rows.filter(outcome=show, error="") if show in ContactOutcome.values else record.rows.all()


def counts_of(record: ContactImport) -> dict[str, int]:
    """How many rows come to each outcome, and how many were left out when the list was applied. Two queries."""
    found = dict(record.rows.filter(error="").order_by().values_list("outcome").annotate(rows=Count("pk")))
    return {outcome: found.get(outcome, 0) for outcome in ContactOutcome} | {
        LEFT_OUT: record.rows.exclude(error="").count()
    }


PLANNED = {
    ContactOutcome.WRONG: "wrong, left out",
    ContactOutcome.APPOINT: "to be named",
    ContactOutcome.REPLACE: "to replace somebody",
    ContactOutcome.UNCHANGED: "nothing to do",
}
APPLIED = PLANNED | {ContactOutcome.APPOINT: "named", ContactOutcome.REPLACE: "replaced somebody"}


def tiles_of(record: ContactImport, counts: dict[str, int]) -> list[dict[str, Any]]:
    """Each outcome with its number, as tiles that lead to the rows."""
    words: dict[Any, str] = APPLIED if record.status == ContactImportStatus.APPLIED else PLANNED
    words = words | ({LEFT_OUT: "left out after all"} if counts[LEFT_OUT] else {})
    return [
        {"key": key, "label": label, "number": counts[key], "url": f"?show={key}#rows"} for key, label in words.items()
    ]


def progress_of(record: ContactImport) -> dict[str, int]:
    """How many of the rows that change something have been dealt with. One query."""
    changing = record.rows.filter(outcome__in=[ContactOutcome.APPOINT, ContactOutcome.REPLACE])
    found: dict[str, int] = changing.aggregate(done=Count("done_at"), total=Count("pk"))
    return found


class ContactImportProgress(OneContactImport, View):
    """How far the work is, for the part of the page that asks every other second; a fresh page at its end."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if self.record.status != ContactImportStatus.APPLYING:
            return HttpResponseClientRefresh()
        context = {"record": self.record, **progress_of(self.record)}
        return render(request, "schools/contact_import_progress.html", context)


class ChangeContactImport(OneContactImport, ChangePage):
    """A step in the life of a list. Asked for too late, it says so before anything is confirmed."""

    permission_required = Perm.IMPORT_CONTACTS
    move: Move

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.record.status not in self.move.sources:
            return stale(request, str(MoveNotAllowed(self.move, self.record)), self.back_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())


class ApplyContactImport(ChangeContactImport):
    template_name = "schools/apply_contacts.html"
    form_class = ApplyContactsForm
    move = START_APPLYING_CONTACTS

    def perform(self, form: ApplyContactsForm) -> ContactImport:
        return contact_import.start_applying(self.record, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = counts_of(self.record)
        return super().get_context_data(
            named=counts[ContactOutcome.APPOINT],
            replaced=counts[ContactOutcome.REPLACE],
            wrong=counts[ContactOutcome.WRONG],
            **kwargs,
        )


class DiscardContactImport(ChangeContactImport):
    form_class = DiscardContactsForm
    template_name = "schools/discard_contacts.html"
    move = DISCARD_CONTACTS
    done = "The list has been discarded"

    def get_success_url(self) -> str:
        return reverse("schools:import_contacts")

    def back_url(self) -> str:
        return str(self.record.get_absolute_url())

    def perform(self, form: DiscardContactsForm) -> ContactImport:
        return contact_import.discard(self.record, by=self.person)
