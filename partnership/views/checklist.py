"""What published arrangements must contain: the list itself, and how a plan answers it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Count
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property

from partnership import plan as reads
from partnership.forms.checklist import ItemForm
from partnership.forms.parts import ConfirmForm
from partnership.forms.plan import AnswersForm
from partnership.models import ArrangementItem
from partnership.permissions import Perm
from partnership.services import checklist as services
from partnership.services.plan import answer_item
from partnership.views.base import Page
from partnership.views.parts import ConfirmPage, MoveButton, PartPage
from partnership.views.plan import AboutPlan, PlanChange

# --- How a plan answers it --------------------------------------------------------------------------------------------


class PlanChecklist(AboutPlan, Page):
    """Every item, with the sections of one version that answer it; what nothing answers is marked."""

    permission_required = Perm.VIEW_PLAN
    template_name = "partnership/plan/checklist.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        items = reads.checklist(self.record)
        return super().get_context_data(
            plan=self.record,
            items=items,
            unanswered=sum(not item.answered_by for item in items),
            may_manage=self.person.has_perm(Perm.MANAGE_PLAN, self.record),
            sees_list=self.person.has_perm(Perm.VIEW_CHECKLIST),
            back_url=self.plan_url(),
            back_label="Back to the plan",
            **kwargs,
        )


class AnswerItem(PlanChange):
    """Which sections of the plan answer an item. Said of any version: it changes no word of the plan."""

    form_class = AnswersForm
    template_name = "partnership/plan/answer_item.html"
    done = "Saved"

    @cached_property
    def item(self) -> ArrangementItem:
        return get_object_or_404(ArrangementItem, pk=self.kwargs["item"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"plan": self.record}

    def get_initial(self) -> dict[str, Any]:
        return {"sections": self.item.sections.filter(plan=self.record)}

    def perform(self, form: AnswersForm) -> None:
        chosen = [section.pk for section in form.cleaned_data["sections"]]
        answer_item(self.item, self.record, by=self.person, sections=chosen)

    def get_success_url(self) -> str:
        return f"{self.back_url()}#item-{self.item.pk}"

    def back_url(self) -> str:
        return reverse("plan_checklist", args=[self.record.version])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"item": self.item} | kwargs)


# --- The list itself --------------------------------------------------------------------------------------------------


class Checklist(Page):
    """The list, for the business unit to keep."""

    permission_required = Perm.VIEW_CHECKLIST
    model = ArrangementItem
    template_name = "partnership/plan/items.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            items=list(self.records()),
            may_manage=self.person.has_perm(Perm.MANAGE_CHECKLIST),
            breadcrumbs=[("Plan", reverse("plan")), ("Versions", reverse("plans")), ("Checklist", "")],
            **kwargs,
        )


class ListChange:
    """A change to the list, which leads back to it."""

    permission_required = Perm.MANAGE_CHECKLIST
    model = ArrangementItem

    def get_success_url(self) -> str:
        return reverse("checklist")


class LoadItems(ListChange, ConfirmPage):
    question = "Load the list that comes with the portal?"
    button = "Load the list"
    style = ""
    sentences = ["Items that are here already stay as they are. Check each against the guidance in force."]

    def perform(self, form: ConfirmForm) -> None:
        added = services.load(by=self.person)
        self.done = f"{added} item{'' if added == 1 else 's'} added"


class AddItem(ListChange, PartPage):
    form_class = ItemForm
    heading = "Add an item"
    done = "The item has been added"

    def perform(self, form: ItemForm) -> ArrangementItem:
        return services.add_item(by=self.person, **form.values())


class EditItem(ListChange, PartPage):
    form_class = ItemForm
    heading = "Change the item"
    done = "The item has been saved"
    lookup: ClassVar[dict[str, str]] = {"pk": "pk"}

    def row(self) -> ArrangementItem:
        return self.record

    def perform(self, form: ItemForm) -> ArrangementItem:
        return services.edit_item(self.record, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())


class RemoveItem(ListChange, ConfirmPage):
    question = "Remove this item?"
    button = "Remove the item"
    done = "The item has been removed"
    lookup: ClassVar[dict[str, str]] = {"pk": "pk"}

    def records(self) -> Any:
        return super().records().annotate(answers=Count("sections"))

    @property
    def sentences(self) -> list[str]:  # type: ignore[override]
        return [str(self.record), f"Sections of plans that are named as its answer: {self.record.answers}."]

    def perform(self, form: ConfirmForm) -> None:
        services.remove_item(self.record, by=self.person)


class MoveItem(ListChange, MoveButton):
    lookup: ClassVar[dict[str, str]] = {"pk": "pk"}

    def move(self, *, up: bool) -> bool:
        return services.move_item(self.record, by=self.person, up=up)

    @property
    def name(self) -> str:  # type: ignore[override]
        return f"item-{self.record.pk}"

    def page(self) -> str:
        return reverse("checklist")
