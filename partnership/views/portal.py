"""Home, history and downloads."""

from __future__ import annotations

import logging
from typing import Any

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.generic import View

from partnership.choices import DocumentStatus
from partnership.engine import access, documents, history, home
from partnership.models import Document
from partnership.permissions import Perm
from partnership.views.base import Gate, Page

log = logging.getLogger(__name__)


class HomePage(Page):
    """What needs the person, and where they can go."""

    permission_required = Perm.USE_PORTAL
    template_name = "partnership/home.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user: Any = self.request.user
        today = timezone.localdate()
        return super().get_context_data(
            roles=[grant.role_and_place for grant in user.active_grants()],
            needs=home.needs_of(user, on=today),
            links=home.links_of(user),
            today=today,
            **kwargs,
        )


class HistoryPage(Page):
    """The field history of one record, for those for whom the record exists."""

    permission_required = Perm.USE_PORTAL
    template_name = "partnership/history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        try:
            model = apps.get_model(self.kwargs["app_label"], self.kwargs["model_name"])
        except LookupError:
            raise Http404 from None
        if not history.has_page(model):
            raise Http404
        record = model._default_manager.visible_to(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if record is None:
            raise Http404
        if not access.allows(self.request.user, history.permission_of(model), record):
            raise PermissionDenied
        events = history.events_of(record)
        back_url = record.get_absolute_url() if hasattr(record, "get_absolute_url") else ""
        return super().get_context_data(record=record, events=events, most=history.MOST, back_url=back_url, **kwargs)


class DownloadDocument(Gate, View):
    """A private file: 404 unless its record exists for the person, 403 without the permission of its kind."""

    permission_required = Perm.USE_PORTAL

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        document = self._find(pk)
        try:
            return documents.download(document)
        except FileNotFoundError:
            log.exception("The file of document %s is gone", pk)
            raise Http404 from None

    def _find(self, pk: int) -> Document:
        document = Document.objects.filter(pk=pk, status=DocumentStatus.READY).first()
        record = document.about if document else None
        if document is None or record is None:
            raise Http404
        if not self.request.user.has_perm(access.view_permission(type(record)), record):
            raise Http404
        if not self.request.user.has_perm(_permission_of(document), record):
            raise PermissionDenied
        return document


def _permission_of(document: Document) -> str:
    try:
        return documents.kind_of(document).perm
    except KeyError:  # of a kind that no app makes any more
        raise Http404 from None
