"""The rolling chair: the chairs of all groups, one group's terms and rota, and the hand-over of a term."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from partnership import groups, handover
from partnership.engine.workflow import TooLate
from partnership.forms.groups import ChairTermForm, EndEarlyForm, HandoverItemForm, RemoveTermForm, RotaForm
from partnership.models import ChairRota, ChairTerm, Group, HandoverItem, HandoverStep
from partnership.permissions import Perm
from partnership.services import chairs, members
from partnership.views.base import ChangePage, Gate, Page, stale
from partnership.views.group_changes import ChangeGroup, NamesSomebody
from partnership.views.groups import AboutGroup

YEARS_BACK, YEARS_AHEAD = 1, 2


class ChairsPage(Page):
    """Who chairs which group, from a year back to two years ahead, as far as the person may see it."""

    permission_required = Perm.VIEW_CHAIR_TERM
    template_name = "partnership/chairs/list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        seen = ChairTerm.objects.visible_to(self.person)
        chosen = groups.chaired_by_rota(today).select_related("parent")
        if not self.person.has_perm(Perm.VIEW_FIGURES):
            chosen = chosen.filter(pk__in=seen.values("group"))
        quarters = timeline_quarters(today)
        rows = [timeline(one, quarters, today) for one in groups.chairing(chosen.order_by("order", "name"), today)]
        return super().get_context_data(rows=rows, quarters=quarters, today=today, **kwargs)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some quarters of a timeline in which one term holds, or nobody is in the chair (``term`` None). ``phase`` is
    "past", "now" or "ahead", as its first quarter lies."""

    term: ChairTerm | None
    quarters: int
    phase: str

    @property
    def is_gap(self) -> bool:
        """Whether nobody is in the chair now."""
        return self.term is None and self.phase == "now"


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One group's chairs along the quarters."""

    chairing: groups.Chairing
    stretches: list[Stretch]


def timeline_quarters(on: date) -> list[date]:
    """The first days of the quarters from a year back to two years ahead; the one with ``on`` is among them."""
    first = date(on.year - YEARS_BACK, 3 * ((on.month - 1) // 3) + 1, 1)
    return [_quarters_after(first, number) for number in range(4 * (YEARS_BACK + YEARS_AHEAD))]


def _quarters_after(first: date, number: int) -> date:
    month = first.month - 1 + 3 * number
    return date(first.year + month // 12, month % 12 + 1, 1)


def timeline(chairing: groups.Chairing, quarters: list[date], on: date) -> TimelineRow:
    """The chairs of a group along ``quarters``: a quarter shows who is in the chair for most of it, and the present one
    who is in the chair ``on`` that day. No query."""
    stretches: list[Stretch] = []
    for first, after in zip(quarters, [*quarters[1:], _quarters_after(quarters[-1], 1)], strict=True):
        phase = "past" if after <= on else "now" if first <= on else "ahead"
        day = on if phase == "now" else first + (after - first) // 2
        term = next((one for one in chairing.terms if one.is_on(day)), None)
        last = stretches[-1] if stretches else None
        if last and last.term == term and (term is not None or last.phase == phase):
            stretches[-1] = Stretch(term, last.quarters + 1, last.phase)
        else:
            stretches.append(Stretch(term, 1, phase))
    return TimelineRow(chairing, stretches)


# --- One group -------------------------------------------------------------------------------------------------------


class GroupChair(AboutGroup, Page):
    """The terms of a group's chair, and the rota."""

    permission_required = Perm.VIEW_MEMBERS
    template_name = "partnership/chairs/group.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = timezone.localdate()
        terms = self.record.chair_terms.select_related("person", "organisation", "deputy").order_by("-starts")
        return super().get_context_data(
            group=self.record,
            breadcrumbs=self.breadcrumbs("Chair"),
            terms=list(terms),
            chairing=groups.chairing([self.record], today)[0],
            is_gap=groups.without_chair(today).filter(pk=self.record.pk).exists(),
            rota=list(self.record.chair_rota.select_related("organisation").order_by("order")),
            today=today,
            **kwargs,
        )


class ChangeChair(ChangeGroup):
    """A change to a group's chair; afterwards the page of its terms and rota."""

    def get_success_url(self) -> str:
        return reverse("group_chair", args=[self.record.slug])


class TermForm(ChangeChair, NamesSomebody):
    form_class = ChairTermForm

    def typed(self, form: ChairTermForm) -> dict[str, Any]:
        """What was entered, with the people whom the names mean."""
        deputy = form.cleaned_data["deputy"]
        return form.cleaned_data | {
            "person": members.find_person(form.cleaned_data["person"]),
            "deputy": members.find_person(deputy, field="deputy") if deputy else None,
        }


class AddTerm(TermForm):
    """A new term; it starts the day after the last one, for the organisation whose turn it is."""

    done = "Term added"

    def get_initial(self) -> dict[str, Any]:
        today = timezone.localdate()
        chairing = groups.chairing([self.record], today)[0]
        starts = max(chairing.terms[-1].ends, today) if chairing.terms else today
        last_day = handover.a_year_from(starts)
        return {"organisation": chairing.turn and chairing.turn.pk, "starts": starts, "last_day": last_day}

    def perform(self, form: ChairTermForm) -> ChairTerm:
        return chairs.add_term(self.record, by=self.person, **self.typed(form))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heading="Add a term in the chair", **kwargs)


class AboutTerm(ChangeChair):
    """A change to one term of the group's chair."""

    def check(self) -> None:
        super().check()
        rows = self.record.chair_terms.select_related("group", "person", "organisation", "deputy")
        self.term: ChairTerm = self.one_of(rows, self.kwargs["term"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(term=self.term, **kwargs)


class ChangeTerm(AboutTerm, TermForm):
    done = "Term changed"

    def get_initial(self) -> dict[str, Any]:
        term = self.term
        return {
            "person": term.person.email,
            "deputy": term.deputy.email if term.deputy else "",
            "organisation": term.organisation_id,
            "starts": term.starts,
            "last_day": term.last_day,
        }

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"also": self.term.organisation_id}

    def perform(self, form: ChairTermForm) -> ChairTerm:
        typed = self.typed(form)
        return chairs.change_term(self.term, by=self.person, **typed | {"organisation": self._organisation(typed)})

    def _organisation(self, typed: dict[str, Any]) -> Any:
        return typed["organisation"] or typed["person"].organisation or self.term.organisation

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(heading="Change this term", **kwargs)


class EndTerm(AboutTerm):
    form_class = EndEarlyForm
    done = "The end of the term has been set"

    def perform(self, form: EndEarlyForm) -> ChairTerm:
        return chairs.end_early(self.term, by=self.person, **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(caption=f"{self.term.person}, {self.record}", **kwargs)


class RemoveTerm(AboutTerm):
    """Takes back a term that has not begun."""

    form_class = RemoveTermForm
    template_name = "partnership/chairs/remove_term.html"
    done = "Term removed"

    def perform(self, form: RemoveTermForm) -> None:
        chairs.remove_term(self.term, by=self.person)


class AddToRota(ChangeChair):
    form_class = RotaForm
    done = "Added to the rota"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"group": self.record}

    def perform(self, form: RotaForm) -> ChairRota:
        return chairs.add_to_rota(self.record, form.cleaned_data["organisation"], by=self.person)


class RotaPlace(AboutGroup, View):
    """A button beside a place of the rota: up, down or out."""

    permission_required = Perm.MANAGE_GROUP
    http_method_names: ClassVar = ["post"]

    def post(self, request: HttpRequest, slug: str, place: str, change: str) -> HttpResponseBase:
        back = reverse("group_chair", args=[slug])
        row: ChairRota = self.one_of(self.record.chair_rota.select_related("group", "organisation"), int(place))
        try:
            self._change(row, change)
        except TooLate as error:
            return stale(request, str(error), back)
        return HttpResponseRedirect(f"{back}#rota")

    def _change(self, row: ChairRota, change: str) -> None:
        if change == "remove":
            chairs.remove_from_rota(row, by=self.person)
            messages.success(self.request, f"{row.organisation} is no longer in the rota")
        else:
            chairs.move_in_rota(row, by=self.person, up=change == "up")


# --- Handing over ----------------------------------------------------------------------------------------------------


class AboutChairTerm(Gate):
    """A page about one term, for those who see it."""

    model = ChairTerm
    lookup: ClassVar = {"pk": "pk"}

    def records(self) -> QuerySet[Any]:
        return super().records().select_related("group", "person", "organisation", "deputy")


class HandoverPage(AboutChairTerm, Page):
    """One term, and what is to be done when it ends."""

    permission_required = Perm.VIEW_CHAIR_TERM
    template_name = "partnership/chairs/term.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        term: ChairTerm = self.record
        today = timezone.localdate()
        return super().get_context_data(
            term=term,
            breadcrumbs=[("Chairs", reverse("chairs")), (str(term.group), "")],
            steps=list(term.handover.select_related("done_by")),
            coming=handover.following(term),
            chairing=groups.chairing([term.group], today)[0],
            today=today,
            **kwargs,
        )


class TickStep(AboutChairTerm, View):
    """A button beside a step of a hand-over: done, or not done after all."""

    permission_required = Perm.HAND_OVER
    http_method_names: ClassVar = ["post"]

    def post(self, request: HttpRequest, pk: int, step: int) -> HttpResponseBase:
        row: HandoverStep | None = self.record.handover.filter(pk=step).first() if step < 2**63 else None
        if row is None:
            raise Http404
        chairs.tick_step(row, by=self.person, done=request.POST.get("done") == "yes")
        return HttpResponseRedirect(f"{self.record.get_absolute_url()}#step-{row.pk}")


class HandoverList(Page):
    """The list that each new hand-over starts from."""

    permission_required = Perm.MANAGE_GROUP
    template_name = "partnership/chairs/items.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            items=list(HandoverItem.objects.all()),
            breadcrumbs=[("Chairs", reverse("chairs")), ("Hand-over list", "")],
            **kwargs,
        )


class ItemForm(ChangePage):
    """A line of that list: added, or changed."""

    model = Group
    permission_required = Perm.MANAGE_GROUP
    form_class = HandoverItemForm
    item: HandoverItem | None = None
    done = "Hand-over list changed. Lists that have begun stay as they are."

    def check(self) -> None:
        super().check()
        if "item" in self.kwargs:
            self.item = find_item(self.kwargs["item"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"item": self.item}

    def perform(self, form: HandoverItemForm) -> HandoverItem:
        return chairs.save_item(self.item, by=self.person, text=form.cleaned_data["text"])

    def get_success_url(self) -> str:
        return reverse("handover_list")


class ItemPlace(Gate, View):
    """A button beside a line of that list: up, down or out."""

    model = Group
    permission_required = Perm.MANAGE_GROUP
    http_method_names: ClassVar = ["post"]

    def post(self, request: HttpRequest, item: str, change: str) -> HttpResponseBase:
        back = reverse("handover_list")
        row = find_item(int(item))
        try:
            if change == "remove":
                chairs.remove_item(row, by=self.person)
            else:
                chairs.move_item(row, by=self.person, up=change == "up")
        except TooLate as error:
            return stale(request, str(error), back)
        return HttpResponseRedirect(back)


def find_item(pk: int) -> HandoverItem:
    """The line with that key. Raises ``Http404`` if there is none."""
    found = HandoverItem.objects.filter(pk=pk).first() if pk < 2**63 else None
    if found is None:
        raise Http404
    return found
