"""Collections: the list, one collection's progress, and planning, opening and closing it."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.views.generic import ListView

from hscp.lib.dates import academic_year
from partnership.engine.workflow import Move, MoveNotAllowed
from partnership.middleware import take_back
from partnership.views.base import ChangePage, EditPage, Gate, Page, stale
from schools import facts, figures
from schools.choices import CollectionStatus, Duty, ReturnStatus
from schools.figures import Progress
from schools.forms.collections import CloseForm, CollectionForm, DaysForm, OpenForm, ReopenForm
from schools.models import Collection, School
from schools.moves import CLOSE_COLLECTION, OPEN_COLLECTION, REOPEN_COLLECTION
from schools.permissions import Perm
from schools.results import DIMENSIONS
from schools.services import collections as services
from schools.services.collections import EDIT


class CollectionList(Gate, ListView):
    """Every collection, the newest first, with how far it has come."""

    permission_required = Perm.VIEW_COLLECTION
    template_name = "schools/collections/list.html"

    def get_queryset(self) -> Any:
        return Collection.objects.visible_to(self.request.user).select_related("question_set")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        collections = list(context["object_list"])
        progress = figures.progress_by_collection(collections)
        context["rows"] = [(collection, progress[collection.pk]) for collection in collections]
        return context


class CollectionGate(Gate):
    """A page about one collection."""

    model = Collection
    permission_required = Perm.VIEW_COLLECTION
    lookup = {"pk": "pk"}

    def records(self) -> Any:
        return super().records().select_related("question_set", "staff_survey")

    def breadcrumbs(self, *further: tuple[str, str]) -> list[tuple[str, str]]:
        """From the list of collections down to this page; the last has no address."""
        here = (self.record.year_label, reverse("schools:collection", args=[self.record.pk]))
        return [("Collections", reverse("schools:collections")), here, *further]


class CollectionPage(CollectionGate, Page):
    """How far a collection has come: the whole county, and by district, phase or type of school."""

    template_name = "schools/collections/detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            collection=self.record,
            breadcrumbs=[("Collections", reverse("schools:collections")), (self.record.year_label, "")],
            duties=[Duty(duty).label for duty in self.record.duties],
            today=timezone.localdate(),
            **(self._progress() if self.record.status != CollectionStatus.DRAFT else {}),
            **kwargs,
        )

    def _progress(self) -> dict[str, Any]:
        by = chosen_dimension(self.request)
        progress = figures.progress(self.record)
        return {
            "progress": progress,
            "counts": self._counts(progress),
            "groups": figures.progress_by_group(self.record, by),
            "never_reached": figures.never_reached(self.record),
            "never_invited": figures.never_invited(self.record),
            "overdue_governance": figures.overdue_governance(self.record, on=timezone.localdate()),
            **dimensions(by),
        }

    def _counts(self, progress: Progress) -> list[dict[str, Any]]:
        """The numbers at the head of the page, each leading to its returns."""
        returns = reverse("schools:collection_returns", args=[self.record.pk])
        asked = {"label": "Asked", "number": progress.asked, "key": "", "url": returns}
        wanted = {
            "label": "Governance wanted",
            "number": progress.governance_pending,
            "key": "",
            "url": f"{returns}?attention=governance_pending",
        }
        by_status = [
            {"label": status.label, "number": getattr(progress, status), "key": "", "url": f"{returns}?status={status}"}
            for status in ReturnStatus
        ]
        return [asked, *by_status, wanted]


def dimensions(by: str) -> dict[str, Any]:
    """What a table can be by, and what it is by: for the links above it and its first heading."""
    return {"by": by, "dimension": DIMENSIONS[by], "dimensions": DIMENSIONS}


def chosen_dimension(request: HttpRequest) -> str:
    """What the address asks to group by; districts, where it names nothing that there is."""
    asked = request.GET.get("by", "")
    return asked if asked in DIMENSIONS else "district"


# --- Planning ---------------------------------------------------------------------------------------------------------


class CollectionFormPage(ChangePage):
    """A form with a collection's plan. What somebody typed is given back to them if their session had ended."""

    permission_required = Perm.MANAGE_COLLECTION
    template_name = "schools/collections/edit.html"
    keeps_typed_text = True
    form_class = CollectionForm

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_form_kwargs()
        typed = take_back(self.request) if self.request.method == "GET" else None
        if typed is not None:
            kwargs["data"] = MultiValueDict(typed)
        return kwargs


class PlanCollection(CollectionFormPage):
    """A new collection, as a draft."""

    model = Collection
    done = "Collection planned. No school is told before it opens."

    def get_initial(self) -> dict[str, Any]:
        planned = Collection()  # for what is usual
        usual = {name: getattr(planned, name) for name in ("governance_days", "reminder_days", "chase_days")}
        return usual | {"academic_year": self._next_year(), "duties": facts.ASKED_DUTIES}

    def _next_year(self) -> int:
        """The first academic year from this one on that has no collection."""
        taken = set(Collection.objects.values_list("academic_year", flat=True))
        return next(year for year in count(academic_year(timezone.localdate())) if year not in taken)

    def perform(self, form: CollectionForm) -> Collection:
        return services.plan(by=self.person, **form.values())

    def back_url(self) -> str:
        return reverse("schools:collections")

    def get_success_url(self) -> str:
        return reverse("schools:collection", args=[self.outcome.pk])


class CollectionChange(CollectionGate, ChangePage):
    """A change to one collection, which leads back to its page. Where it cannot be made any more, the page says so."""

    permission_required = Perm.MANAGE_COLLECTION
    move: Move

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status not in self.move.sources:
            return stale(request, str(MoveNotAllowed(self.move, self.record)), self.back_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return reverse("schools:collection", args=[self.record.pk])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(collection=self.record, caption=str(self.record), **kwargs)


class EditCollection(CollectionChange, CollectionFormPage, EditPage):
    """A draft can change in everything; an open collection in its days only; a closed one not at all.

    Whoever saves second is shown what is saved now beside what they typed, which stays in the form.
    """

    move = EDIT
    done = "Collection changed"

    def get_form_class(self) -> type[DaysForm]:
        return CollectionForm if self.record.status == CollectionStatus.DRAFT else DaysForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"row": self.record}

    def perform(self, form: DaysForm) -> Collection:
        return services.change(self.record, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())


# --- Opening and closing ----------------------------------------------------------------------------------------------


class OpenCollection(CollectionChange):
    """Opening asks every school at once, so the page says how many before."""

    move = OPEN_COLLECTION
    form_class = OpenForm
    template_name = "schools/collections/open.html"
    done = "Collection opened. The schools are being told."

    def perform(self, form: OpenForm) -> Collection:
        return services.open_collection(self.record, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = School.objects.filter(facts.schools_asked_q(self.record.duties)).count()
        return super().get_context_data(asked=asked, today=timezone.localdate(), **kwargs)


class CloseCollection(CollectionChange):
    move = CLOSE_COLLECTION
    form_class = CloseForm
    template_name = "schools/collections/close.html"
    done = "Collection closed"

    def perform(self, form: CloseForm) -> Collection:
        return services.close_collection(self.record, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        progress = figures.progress(self.record)
        unfinished = progress.in_progress + progress.with_head
        return super().get_context_data(progress=progress, unfinished=unfinished, **kwargs)


class ReopenCollection(CollectionChange):
    move = REOPEN_COLLECTION
    form_class = ReopenForm
    done = "Collection opened again"

    def get_initial(self) -> dict[str, Any]:
        return {"final_deadline": max(self.record.final_deadline, timezone.localdate())}

    def perform(self, form: ReopenForm) -> Collection:
        return services.reopen_collection(self.record, by=self.person, **form.cleaned_data)
