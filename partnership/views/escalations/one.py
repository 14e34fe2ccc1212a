"""One professional difference: started, read, answered, moved up, settled, withdrawn."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone

from partnership.choices import EscalationStatus
from partnership.engine.workflow import Move, MoveNotAllowed
from partnership.escalations import clock, published_procedure, story
from partnership.forms.escalations import AnswerForm, MoveUpForm, ResolveForm, StartForm, WithdrawForm
from partnership.models import UNSETTLED, Escalation, EscalationStep, StatusChange
from partnership.moves import ANSWER_ESCALATION, MOVE_UP, RESOLVE_ESCALATION, WITHDRAW_ESCALATION
from partnership.permissions import Perm
from partnership.services import escalations as services
from partnership.views.base import Gate, Page, TypedPage, stale


class StartEscalation(TypedPage):
    """One clear form, with what to do first and what to do in an emergency above it."""

    permission_required = Perm.START_ESCALATION
    form_class = StartForm
    template_name = "partnership/escalations/start.html"
    done = "Sent to the other agency"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"person": self.person}

    def perform(self, form: StartForm) -> Escalation:
        return services.start(by=self.person, **form.cleaned_data)

    def back_url(self) -> str:
        return reverse("escalations")

    def get_success_url(self) -> str:
        return str(self.outcome.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        procedure = published_procedure()
        urgent = services.first_stage(procedure, is_urgent=True) if procedure else None
        return super().get_context_data(procedure=procedure, urgent_stage=urgent, **kwargs)


class EscalationGate(Gate):
    """A page about one difference."""

    model = Escalation
    permission_required = Perm.VIEW_ESCALATION
    lookup = {"pk": "pk"}

    @property
    def step(self) -> EscalationStep | None:
        """The step that it stands at; None once it is settled."""
        found: EscalationStep | None = self.record.steps.filter(left_at=None).select_related("stage").first()
        return found


class EscalationPage(EscalationGate, Page):
    """What it is about, how its clock stands, what has happened, and who can do what now."""

    template_name = "partnership/escalations/detail.html"

    def records(self) -> Any:
        return super().records().with_steps()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        record, today = self.record, timezone.localdate()
        changes = list(StatusChange.objects.about(record).select_related("by"))
        return super().get_context_data(
            escalation=record,
            clock=clock(record, on=today),
            is_overdue=record.is_overdue(on=today),
            entries=story(record, changes),
            stages=list(record.procedure.stages.all()),
            answerers=services.answerers_of(record) if record.status == EscalationStatus.OPEN else [],
            following=services.next_stage(record),
            breadcrumbs=[("Professional differences", reverse("escalations")), (record.reference, "")],
            **self._what_can_be_done(),
            **kwargs,
        )

    def _what_can_be_done(self) -> dict[str, bool]:
        status, person = self.record.status, self.person
        may_pursue = status in UNSETTLED and person.has_perm(Perm.PURSUE_ESCALATION, self.record)
        may_answer = person.has_perm(Perm.ANSWER_ESCALATION, self.record)
        was_with_unit = any(step.stage is None for step in self.record.steps.all())
        return {
            "can_answer": status in ANSWER_ESCALATION.sources and may_answer,
            "can_pursue": may_pursue,
            "can_move_up": may_pursue and status in MOVE_UP.sources and not was_with_unit,
            "can_name_contacts": person.has_perm(Perm.MANAGE_ESCALATIONS),
        }


class EscalationChange(EscalationGate, TypedPage):
    """A change to one difference. Where it cannot be made any more, the page says what has happened."""

    template_name = "partnership/escalations/change.html"
    move: Move

    def records(self) -> Any:
        return super().records().in_words()

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return super().dispatch(request, *args, **kwargs)
        except PermissionDenied:
            if self._was_shown_an_earlier_stage():
                return stale(request, services.moved_since(self.record), self.record.get_absolute_url())
            raise

    def _was_shown_an_earlier_stage(self) -> bool:
        """Whether the form that was sent is of a step that has passed: its answer comes too late, and is no offence."""
        at = self.request.POST.get("at", "")
        passed = {str(pk) for pk in self.record.steps.exclude(left_at=None).values_list("pk", flat=True)}
        return at in passed

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status not in self.move.sources:
            return stale(request, str(MoveNotAllowed(self.move, self.record)), self.back_url())
        return super().get(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        step = self.step
        return {"at": step.pk if step else None}

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            escalation=self.record, clock=clock(self.record, on=timezone.localdate()), **kwargs
        )


class AnswerEscalation(EscalationChange):
    permission_required = Perm.ANSWER_ESCALATION
    move = ANSWER_ESCALATION
    form_class = AnswerForm
    done = "Answer sent. The agency that raised it has been told."

    def perform(self, form: AnswerForm) -> Escalation:
        return services.answer(self.record, by=self.person, **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(shows_difference=True, **kwargs)


class MoveUpEscalation(EscalationChange):
    """To the next stage; the page says which."""

    permission_required = Perm.PURSUE_ESCALATION
    move = MOVE_UP
    form_class = MoveUpForm
    done = "Moved up. Whoever answers next has been told."

    def perform(self, form: MoveUpForm) -> Escalation:
        return services.move_up(self.record, by=self.person, **form.cleaned_data)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(moves_up=True, following=services.next_stage(self.record), **kwargs)


class ResolveEscalation(EscalationChange):
    permission_required = Perm.PURSUE_ESCALATION
    move = RESOLVE_ESCALATION
    form_class = ResolveForm
    done = "Recorded. Everyone involved has been told."

    def perform(self, form: ResolveForm) -> Escalation:
        return services.resolve(self.record, by=self.person, **form.cleaned_data)


class WithdrawEscalation(EscalationChange):
    permission_required = Perm.PURSUE_ESCALATION
    move = WITHDRAW_ESCALATION
    form_class = WithdrawForm
    done = "Withdrawn. Everyone involved has been told."

    def perform(self, form: WithdrawForm) -> Escalation:
        return services.withdraw(self.record, by=self.person, **form.cleaned_data)
