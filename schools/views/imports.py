"""Register imports in the browser: upload, look at the differences, apply or discard."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.generic import View
from django_htmx.http import HttpResponseClientRefresh

from partnership.engine.workflow import Move, MoveNotAllowed
from partnership.models import User
from partnership.views.base import ChangePage, Gate, Page, stale
from schools.choices import ChangeKind
from schools.forms.imports import ApplyForm, DiscardForm, UploadRegisterForm
from schools.models import RegisterImport
from schools.moves import DISCARD, START_APPLYING
from schools.permissions import Perm
from schools.services import register

IMPORTS_ON_A_PAGE = 25
CHANGES_ON_A_PAGE = 50


class ImportsPage(Page):
    """All imports, the newest first."""

    permission_required = Perm.VIEW_IMPORT
    template_name = "schools/imports.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        imports = RegisterImport.objects.visible_to(self.request.user).select_related("uploaded_by")
        page = Paginator(imports, IMPORTS_ON_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            page_obj=page, back_url=reverse("schools:register"), back_label="Schools", **kwargs
        )


class UploadRegisterPage(ChangePage):
    permission_required = Perm.IMPORT_REGISTER
    template_name = "schools/import_upload.html"
    form_class = UploadRegisterForm
    back_label = "All imports"

    def perform(self, form: Any) -> RegisterImport:
        return register.receive_import(**form.cleaned_data, by=self.person)

    def get_success_url(self) -> str:
        return reverse("schools:register_import", args=[self.outcome.pk])

    def back_url(self) -> str:
        return reverse("schools:register_imports")


class OneImport(Gate):
    """One import that the person may see."""

    permission_required = Perm.VIEW_IMPORT
    model = RegisterImport
    lookup = {"pk": "pk"}

    def records(self) -> Any:
        return super().records().select_related("uploaded_by", "applied_by")


class ImportPage(OneImport, Page):
    """What the import is and how far; its differences, one kind at a time, fifty on a page."""

    template_name = "schools/import.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = self.record.counts()
        to_write = sum(number for of_kind, number in counts.items() if of_kind != ChangeKind.UNKNOWN)
        kind = self._kind(counts)
        page = None
        if kind is not None:
            changes = self.record.changes.filter(kind=kind).order_by("name", "urn")
            page = Paginator(changes, CHANGES_ON_A_PAGE).get_page(self.request.GET.get("page"))
        return super().get_context_data(
            record=self.record,
            facts=list(facts_of(self.record)),
            counts=kinds_of(self.record, counts),
            to_write=to_write,
            something_to_apply=to_write or self.record.new_links,
            kind=kind,
            page_obj=page,
            back_url=reverse("schools:register_imports"),
            back_label="All imports",
            **kwargs,
        )

    def _kind(self, counts: dict[ChangeKind, int]) -> ChangeKind | None:
        """The kind of difference to show: the one asked for, else the first of which there are any."""
        asked_for = self.request.GET.get("kind")
        if asked_for in ChangeKind.values:
            return ChangeKind(asked_for)
        return next((kind for kind in ChangeKind if counts[kind]), None)


def facts_of(record: RegisterImport) -> Iterator[dict[str, str]]:
    """What is known of an import itself, as rows of a summary list: those that there is something to say of."""
    yield {"key": "File", "value": f"{record.filename} ({filesizeformat(record.size)})"}
    if record.links_filename:
        yield {"key": "Links file", "value": record.links_filename}
    yield {"key": "Local authority", "value": record.local_authority}
    yield {"key": "Uploaded", "value": _at_by(record.uploaded_at, record.uploaded_by)}
    if record.compared_at:
        yield {"key": "Compared", "value": f"{_at(record.compared_at)}: {record.rows_read:,} schools read"}
    if record.applied_at:
        yield {"key": "Applied", "value": _at_by(record.applied_at, record.applied_by)}


def _at(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y, H:i")


def _at_by(moment: datetime, person: User | None) -> str:
    return f"{_at(moment)} by {person or 'the command line'}"


def kinds_of(record: RegisterImport, counts: dict[ChangeKind, int]) -> list[dict[str, Any]]:
    """Each kind of difference with its number, as tiles that lead to the schools."""
    page = reverse("schools:register_import", args=[record.pk])
    return [
        {"label": kind.label, "number": number, "key": kind, "url": f"{page}?kind={kind}#differences"}
        for kind, number in counts.items()
    ]


class ImportProgress(OneImport, View):
    """How far the work is, for the part of the import's page that asks every other second; a fresh page at its end."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.record.is_being_worked_on:
            return HttpResponseClientRefresh()
        return render(request, "schools/import_progress.html", {"record": self.record})


class ChangeImport(OneImport, ChangePage):
    """A step in the life of one import. Asked for too late, it says so before anything is confirmed."""

    permission_required = Perm.IMPORT_REGISTER
    move: Move

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.record.status not in self.move.sources:
            return stale(request, str(MoveNotAllowed(self.move, self.record)), self.back_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return reverse("schools:register_import", args=[self.record.pk])


class ApplyImportPage(ChangeImport):
    template_name = "schools/import_apply.html"
    form_class = ApplyForm
    move = START_APPLYING

    def perform(self, form: Any) -> RegisterImport:
        return register.start_applying(self.record, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = [(kind.label, number) for kind, number in self.record.counts().items() if number]
        return super().get_context_data(counts=counts, **kwargs)


class DiscardImportPage(ChangeImport):
    template_name = "schools/import_discard.html"
    form_class = DiscardForm
    move = DISCARD
    done = "The import has been discarded"

    def perform(self, form: Any) -> RegisterImport:
        return register.discard(self.record, by=self.person)
