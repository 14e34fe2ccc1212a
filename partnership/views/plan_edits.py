"""Pages that edit a draft plan: its details and its parts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.functional import cached_property

from partnership.choices import PointKind
from partnership.forms.parts import ConfirmForm
from partnership.forms.plan import (
    MilestoneForm,
    ObjectiveForm,
    PartForm,
    PlacedPriorityForm,
    PlanForm,
    PointForm,
    SectionForm,
)
from partnership.models import Milestone, Objective, Plan, PlanPoint, PlanPriority, PlanSection
from partnership.permissions import Perm
from partnership.services import plan_edits as services
from partnership.views.parts import ConfirmPage, MoveButton, PartPage
from partnership.views.plan import AboutPlan, PlanChange


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of part of the plan, as addresses name it: its model, its form, what a row of it has in common."""

    model: Any
    form: type[PartForm]
    noun: str
    given: tuple[tuple[str, str], ...] = ()

    def new(self, plan: Plan) -> Any:
        """An unsaved row of ``plan``."""
        return self.model(plan=plan, **dict(self.given))

    def rows(self, plan: Plan) -> Any:
        return self.model.objects.filter(plan=plan, **dict(self.given))

    @property
    def a(self) -> str:
        """The noun with its article."""
        return f"{'an' if self.noun[0] in 'aeiou' else 'a'} {self.noun}"


KINDS = {
    "sections": Kind(PlanSection, SectionForm, "section"),
    "values": Kind(PlanPoint, PointForm, "value", (("kind", PointKind.VALUE),)),
    "principles": Kind(PlanPoint, PointForm, "principle", (("kind", PointKind.PRINCIPLE),)),
    "behaviours": Kind(PlanPoint, PointForm, "behaviour", (("kind", PointKind.BEHAVIOUR),)),
    "priorities": Kind(PlanPriority, PlacedPriorityForm, "priority"),
    "objectives": Kind(Objective, ObjectiveForm, "objective"),
    "milestones": Kind(Milestone, MilestoneForm, "milestone"),
}


class OfPlan(AboutPlan):
    """The part of the plan that a page's address names; 404 unless it belongs to the plan."""

    kwargs: dict[str, Any]

    @cached_property
    def kind(self) -> Kind:
        if self.kwargs["part"] not in KINDS:
            raise Http404
        return KINDS[self.kwargs["part"]]

    @cached_property
    def part(self) -> Any:
        return get_object_or_404(self.kind.rows(self.record), pk=self.kwargs["row"])

    @property
    def anchor(self) -> str:
        """Where on the plan's page the part stands."""
        return f"{self.kind.noun}-{self.part.pk}"


class PlanEdit(PlanChange, PartPage):
    """A form over a draft or a part of it."""

    move = services.EDIT


class EditPlan(PlanEdit):
    """What the plan says of itself."""

    form_class = PlanForm
    heading = "Change the details"
    done = "The details have been saved"

    def row(self) -> Plan:
        return self.record

    def perform(self, form: PlanForm) -> Plan:
        return services.edit_plan(self.record, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())


class AddPart(OfPlan, PlanEdit):
    @property
    def heading(self) -> str:  # type: ignore[override]
        return f"Add {self.kind.a}"

    @property
    def done(self) -> str:  # type: ignore[override]
        return f"The {self.kind.noun} has been saved"

    def get_form_class(self) -> Any:
        return self.kind.form

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"plan": self.record}

    def get_initial(self) -> dict[str, Any]:
        """The priority under which the person pressed, by the address of the link."""
        slug = self.request.GET.get("priority", "")
        return {"priority": next((one for one in self.record.priorities.all() if one.slug == slug), None)}

    def perform(self, form: PartForm) -> Any:
        return services.add(self.kind.new(self.record), by=self.person, **form.values())

    def get_success_url(self) -> str:
        return self.plan_url(f"{self.kind.noun}-{self.outcome.pk}")

    def back_url(self) -> str:
        return self.plan_url(self.kwargs["part"])


class EditPart(AddPart):
    @property
    def heading(self) -> str:  # type: ignore[override]
        return f"Change the {self.kind.noun}"

    def row(self) -> Any:
        return self.part

    def perform(self, form: PartForm) -> Any:
        return services.edit(self.part, by=self.person, loaded=form.cleaned_data["loaded"], **form.values())

    def back_url(self) -> str:
        return self.plan_url(self.anchor)


class RemovePart(OfPlan, PlanChange, ConfirmPage):
    move = services.EDIT

    @property
    def question(self) -> str:  # type: ignore[override]
        return f"Remove this {self.kind.noun}?"

    @property
    def button(self) -> str:  # type: ignore[override]
        return f"Remove the {self.kind.noun}"

    @property
    def done(self) -> str:  # type: ignore[override]
        return f"The {self.kind.noun} has been removed"

    @property
    def sentences(self) -> list[str]:  # type: ignore[override]
        return [str(self.part), "Earlier versions of the plan keep theirs."]

    def perform(self, form: ConfirmForm) -> None:
        services.remove(self.part, by=self.person)

    def get_success_url(self) -> str:
        return self.plan_url(self.kwargs["part"])

    def back_url(self) -> str:
        return self.plan_url(self.anchor)


class MovePart(OfPlan, MoveButton):
    permission_required = Perm.MANAGE_PLAN

    def move(self, *, up: bool) -> bool:
        if self.kind.model not in services.ORDERED_WITHIN:
            raise Http404
        return services.move(self.part, by=self.person, up=up)

    @property
    def name(self) -> str:  # type: ignore[override]
        return self.anchor

    def page(self) -> str:
        return self.plan_url()
