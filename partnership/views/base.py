"""The one gate that every page goes through, and the mixins for pages that change something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.datastructures import MultiValueDict
from django.views.generic import FormView, TemplateView

from partnership.engine import access
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import NoteRequired, TooLate
from partnership.middleware import take_back
from partnership.models import User


class Gate:
    """Every page declares a permission. A page about a record names the model and how its URL leads to the record:
    out of reach is 404; seen, but not yours to do, is 403.

    ``lookup`` maps a URL argument to a field: ``{"urn": "urn"}``. Without one the page is about no record.
    """

    permission_required: str
    model: type[models.Model] | None = None
    lookup: ClassVar[dict[str, str]] = {}

    request: HttpRequest
    kwargs: dict[str, Any]
    record: Any = None

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.check()
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        return response

    @property
    def person(self) -> User:
        """Who is signed in; somebody is, behind the gate (``KeepTypedTextMiddleware``)."""
        return cast(User, self.request.user)

    def check(self) -> None:
        """Fetch the record and ask for the permission. Raises ``Http404`` or ``PermissionDenied``."""
        if self.lookup:
            self.record = self._fetch()
        if not access.allows(self.request.user, self.permission_required, self.record):
            self._refuse()

    def records(self) -> models.QuerySet[Any]:
        """The records of ``model`` that exist for the person; a page adds its ``select_related``."""
        model: Any = self.model
        return model._default_manager.visible_to(self.request.user)

    def _fetch(self) -> Any:
        found = self.records().filter(**{field: self.kwargs[name] for name, field in self.lookup.items()}).first()
        if found is None:
            raise Http404
        return found

    def _refuse(self) -> None:
        """403 where the person sees the record, or some records of its kind; else the page does not exist for them."""
        model = self.model or access.model_of(self.permission_required)
        sees_some = model is not None and access.allows(self.request.user, access.view_permission(model))
        if self.record is not None or sees_some:
            raise PermissionDenied
        raise Http404


class Page(Gate, TemplateView):
    """A page that shows something."""


class ChangePage(Gate, FormView):
    """A form that calls one service and redirects. A stale or double click gets a page that says what has happened.

    ``perform`` calls the service; ``done`` is what the notification banner says after it.
    """

    template_name = "form_page.html"
    done: str = ""
    back_label = "Back"

    def perform(self, form: Any) -> Any:
        """Call the service. May raise ``TooLate`` (so ``MoveNotAllowed``), ``NoteRequired`` or ``ValidationError``."""
        raise NotImplementedError(type(self).__name__)

    def back_url(self) -> str:
        """Where "Back" leads, and where a stale click is sent."""
        return str(self.get_success_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            record=self.record, back_url=self.back_url(), back_label=self.back_label, **kwargs
        )

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            self.outcome = self.perform(form)
        except NoteRequired as error:
            form.add_error(None, str(error))
            return self.form_invalid(form)
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        except TooLate as error:
            return stale(self.request, str(error), self.back_url())
        if self.done:
            messages.success(self.request, self.done)
        return HttpResponseRedirect(self.get_success_url())


class TypedPage(ChangePage):
    """A form whose typed text is given back where the session ended while somebody typed."""

    keeps_typed_text = True

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        typed = take_back(self.request) if self.request.method == "GET" else None
        if typed is not None:
            kwargs["data"] = MultiValueDict(typed)
        return kwargs


class EditPage(TypedPage):
    """A form that two people may fill in at once. Whoever saves second is shown what is saved now beside what they
    typed, which stays in the form: saving again keeps it. The form has ``loaded`` and ``compare``."""

    template_name = "edit_page.html"
    theirs: Sequence[tuple[str, str]] = ()

    def compare(self, form: Any, current: Any) -> Sequence[tuple[str, str]]:
        """What is saved now and differs from what was typed: pairs of a label and words."""
        pairs: Sequence[tuple[str, str]] = form.compare(current)
        return pairs

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except ChangedMeanwhile as conflict:
            return self._show_both(form, conflict)

    def _show_both(self, form: Any, conflict: ChangedMeanwhile) -> HttpResponse:
        self.theirs = self.compare(form, conflict.current)
        form.data = form.data.copy()
        form.data["loaded"] = conflict.loaded
        form.add_error(None, f"{conflict} Compare the two, then save again to keep yours.")
        return self.form_invalid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"theirs": self.theirs, "cancel_url": self.back_url()} | kwargs)


def add_errors(form: Any, error: ValidationError) -> None:
    """Put what a service found wrong on the fields that it names; the rest, on the form as a whole."""
    by_field = error.error_dict if hasattr(error, "error_dict") else {None: error.error_list}
    for name, errors in by_field.items():
        form.add_error(name if name in form.fields else None, errors)


def stale(request: HttpRequest, sentence: str, back_url: str) -> HttpResponse:
    """The page for a click that comes too late: what has happened, and the way on. Status 409."""
    return render(request, "stale.html", {"sentence": sentence, "back_url": back_url}, status=409)
