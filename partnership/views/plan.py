"""The plan: as the public reads it, its versions, and its life from draft to publication."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.generic import TemplateView, View

from partnership import plan as reads
from partnership.choices import DocumentStatus, PlanStatus, Role
from partnership.engine import documents
from partnership.engine.workflow import Move, MoveNotAllowed
from partnership.figures import objectives_by_rag
from partnership.forms.parts import ConfirmForm
from partnership.forms.plan import ApproveForm, MetForm, NewVersionForm, ReadingForm, TakeBackForm
from partnership.models import Milestone, Objective, Plan, StatusChange, User
from partnership.moves import BACK_TO_DRAFT, SEND_PLAN
from partnership.permissions import Perm
from partnership.services import plan as services
from partnership.views.base import ChangePage, Page, TypedPage, stale
from partnership.views.parts import ConfirmPage

# --- Public -----------------------------------------------------------------------------------------------------------


class PublicPlan(TemplateView):
    """The plan in force, for everybody."""

    template_name = "partnership/plan/public.html"

    def plan(self) -> Plan | None:
        return reads.published()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan, user = self.plan(), self.request.user
        earlier = Plan.objects.public().exclude(pk=plan.pk) if plan else Plan.objects.none()
        shown = reads.sheet(plan, recordable=recordable(plan, user)) if plan else None
        return super().get_context_data(
            plan=plan,
            sheet=shown,
            counts=objectives_by_rag(plan) if plan else None,
            document=documents.latest(services.PLAN_PDF, about=plan) if plan else None,
            others=list(earlier),
            today=timezone.localdate(),
            **kwargs,
        )


class PastPlan(PublicPlan):
    """A version that was in force."""

    def plan(self) -> Plan:
        return get_object_or_404(Plan.objects.public(), version=self.kwargs["version"])


def recordable(plan: Plan, user: Any) -> list[int]:
    """The ids of the objectives of a published ``plan`` of which ``user`` may record progress."""
    if not user.is_authenticated or plan.status != PlanStatus.PUBLISHED:
        return []
    return list(plan.objectives.allowed(user, Perm.RECORD_PROGRESS).values_list("pk", flat=True))


class PlanPdf(View):
    """The PDF of a plan that is or was published, for everybody."""

    def get(self, request: HttpRequest, version: int) -> HttpResponseBase:
        plan = get_object_or_404(Plan.objects.public(), version=version)
        document = documents.latest(services.PLAN_PDF, about=plan)
        if document is None or document.status != DocumentStatus.READY:
            raise Http404
        try:
            return documents.download(document)
        except FileNotFoundError:
            raise Http404 from None


# --- Versions ---------------------------------------------------------------------------------------------------------


class PlanList(Page):
    """Every version that the person may read."""

    permission_required = Perm.VIEW_PLAN
    template_name = "partnership/plan/versions.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may_manage = self.person.has_perm(Perm.MANAGE_PLAN)
        return super().get_context_data(
            plans=list(Plan.objects.visible_to(self.person)),
            may_manage=may_manage,
            may_begin=may_manage and not Plan.objects.in_hand().exists(),
            breadcrumbs=[("Plan", reverse("plan")), ("Versions", "")],
            **kwargs,
        )


class AboutPlan:
    """A page about one version of the plan."""

    record: Plan
    model = Plan
    lookup: ClassVar[dict[str, str]] = {"version": "version"}

    def plan_url(self, anchor: str = "") -> str:
        """The page of the version."""
        return f"{self.record.get_absolute_url()}{f'#{anchor}' if anchor else ''}"


class PlanVersion(AboutPlan, Page):
    """One version with all its parts; a draft with the buttons to edit it."""

    permission_required = Perm.VIEW_PLAN
    template_name = "partnership/plan/version.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        plan, person, today = self.record, self.person, timezone.localdate()
        may_manage = person.has_perm(Perm.MANAGE_PLAN, plan)
        return super().get_context_data(
            plan=plan,
            sheet=reads.sheet(plan, recordable=recordable(plan, person)),
            counts=None if plan.is_draft else objectives_by_rag(plan),
            may_manage=may_manage,
            sees_history=(sees_history := person.has_perm(Perm.VIEW_PLAN_HISTORY, plan)),
            sees_reasons=sees_history or Role.PARTNER in person.roles(),  # the form says so to who writes one
            can_edit=may_manage and plan.is_draft,
            can_publish=may_manage and services.can_be_published(plan, on=today),
            waiting=still_asked(plan),
            to_approve_for=organisations_to_approve_for(plan, person),
            unanswered=reads.unanswered(plan).count(),
            changes=list(StatusChange.objects.about(plan).select_related("by").order_by("-pk")),
            document=documents.latest(services.PLAN_PDF, about=plan),
            today=today,
            breadcrumbs=[("Plan", reverse("plan")), ("Versions", reverse("plans")), (f"Version {plan.version}", "")],
            **kwargs,
        )


def still_asked(plan: Plan) -> list[Any]:
    """The partners that a plan waits for."""
    is_asked = plan.status in (PlanStatus.WITH_PARTNERS, PlanStatus.APPROVED)
    return reads.still_to_approve(plan, on=timezone.localdate()) if is_asked else []


def organisations_to_approve_for(plan: Plan, person: User) -> list[Any]:
    """The partners of ``person`` that the plan waits for."""
    own = reads.may_approve_for(person, on=timezone.localdate())
    return [organisation for organisation in own if organisation in still_asked(plan)] if own else []


class NewVersion(TypedPage):
    """The next version, copied from the last."""

    permission_required = Perm.MANAGE_PLAN
    model = Plan
    form_class = NewVersionForm
    template_name = "partnership/plan/new_version.html"
    done = "The draft has been made"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if found := Plan.objects.in_hand().first():
            sentence = f"Version {found.version} is being made already. It must be published before the next is begun."
            return stale(request, sentence, found.get_absolute_url())
        return super().get(request, *args, **kwargs)

    def get_initial(self) -> dict[str, Any]:
        last = reads.newest()
        return {"title": last.title if last else "Partnership plan"}

    def perform(self, form: Any) -> Plan:
        return services.new_version(by=self.person, **form.values())

    def get_success_url(self) -> str:
        return str(self.outcome.get_absolute_url())

    def back_url(self) -> str:
        return reverse("plans")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"heading": "Make a new version", "last": reads.newest()} | kwargs)


# --- Its life ---------------------------------------------------------------------------------------------------------


class PlanChange(AboutPlan, ChangePage):
    """A change to one version, which leads back to its page. Where it cannot be made any more, the page says so."""

    permission_required = Perm.MANAGE_PLAN
    move: Move | None = None

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.move and self.record.status not in self.move.sources:
            return stale(request, str(MoveNotAllowed(self.move, self.record)), self.back_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return self.plan_url()

    def back_url(self) -> str:
        return self.plan_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"plan": self.record, "caption": str(self.record)} | kwargs)


class SendPlan(PlanChange, ConfirmPage):
    """Before the partners are asked: what the plan does not answer yet. It warns, and does not forbid."""

    move = SEND_PLAN
    template_name = "partnership/plan/send.html"
    question = "Send the plan to the partners?"
    button = "Send to the partners"
    style = ""
    done = "Sent. The partners are being told."

    def perform(self, form: ConfirmForm) -> Plan:
        return services.send_to_partners(self.record, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sheet = reads.sheet(self.record)
        return super().get_context_data(
            asked=list(reads.approvers(on=timezone.localdate())),
            unanswered=list(reads.unanswered(self.record)),
            sheet=sheet,
            bare=[chapter.priority for chapter in sheet.chapters if not chapter.objectives],
            **kwargs,
        )


class TakePlanBack(PlanChange):
    move = BACK_TO_DRAFT
    form_class = TakeBackForm
    done = "The plan is a draft again"

    def perform(self, form: TakeBackForm) -> Plan:
        return services.take_back(self.record, by=self.person, note=form.cleaned_data["note"])


class ApprovePlan(PlanChange):
    """Approval by a statutory partner, through one of its people."""

    permission_required = Perm.APPROVE_PLAN
    form_class = ApproveForm
    template_name = "partnership/plan/approve.html"
    done = "Approved. Thank you."

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if found := self._taken_back():
            return stale(request, str(MoveNotAllowed(services.APPROVE, found)), reverse("plans"))
        return super().dispatch(request, *args, **kwargs)

    def _taken_back(self) -> Plan | None:
        """The plan, where it was taken back to draft while somebody of a partner was about to approve it."""
        if not reads.may_approve_for(self.person, on=timezone.localdate()):
            return None
        again = Plan.objects.filter(status=PlanStatus.DRAFT, times_sent__gt=0)
        return again.filter(version=self.kwargs["version"]).first()

    @cached_property
    def organisations(self) -> list[Any]:
        """The person's partners that the plan waits for; all of theirs, so that the service can say who has approved
        already, where it waits for none."""
        waiting = organisations_to_approve_for(self.record, self.person)
        return waiting or reads.may_approve_for(self.person, on=timezone.localdate())

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"organisations": self.organisations}

    def get_initial(self) -> dict[str, Any]:
        name = str(self.organisations[0]) if len(self.organisations) == 1 else "My organisation"
        return {"statement": f"{name} approves this plan."}

    def perform(self, form: ApproveForm) -> Any:
        given = form.cleaned_data
        return services.approve(
            self.record, organisation=given["organisation"], by=self.person, statement=given["statement"]
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(organisations=self.organisations, **kwargs)


class PublishPlan(PlanChange, ConfirmPage):
    question = "Publish the plan?"
    button = "Publish the plan"
    style = ""
    done = "Published. The PDF is being made."

    @property
    def sentences(self) -> list[str]:  # type: ignore[override]
        before = reads.published()
        replaced = f"It takes the place of version {before.version}, which stays to be read." if before else ""
        return list(filter(None, ["Everybody can read it from then on, and its words never change.", replaced]))

    def perform(self, form: ConfirmForm) -> Plan:
        return services.publish(self.record, by=self.person)

    def get_success_url(self) -> str:
        return reverse("plan") if getattr(self, "outcome", None) else self.plan_url()


class MakePlanPdf(PlanChange, ConfirmPage):
    """The PDF once more: with the readings of today, or because the last try failed."""

    question = "Make the PDF again?"
    button = "Make the PDF"
    style = ""
    sentences = ["It will show where the objectives stand today. Until it is made, the one before is not offered."]
    done = "The PDF is being made"

    def perform(self, form: ConfirmForm) -> Any:
        return services.make_pdf(self.record, by=self.person)


# --- While it runs ----------------------------------------------------------------------------------------------------


class ObjectivePage(Page):
    """One objective with its line of readings, also those of earlier versions of the plan."""

    permission_required = Perm.VIEW_OBJECTIVE
    model = Objective
    lookup: ClassVar[dict[str, str]] = {"pk": "pk"}
    template_name = "partnership/plan/objective.html"

    def records(self) -> Any:
        return super().records().select_related("plan", "priority", "lead_group")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        objective, person = self.record, self.person
        readings = list(reads.readings_of(objective))
        in_force = objective.plan.status == PlanStatus.PUBLISHED
        return super().get_context_data(
            objective=objective,
            readings=readings,
            standing=reads.standing(readings),
            may_record=in_force and person.has_perm(Perm.RECORD_PROGRESS, objective),
            is_due=reads.is_reading_due(objective.plan, readings[0] if readings else None, on=timezone.localdate()),
            back_url=objective.plan.public_url if objective.plan.is_public else objective.plan.get_absolute_url(),
            back_label="Back to the plan",
            **kwargs,
        )


class RecordProgress(TypedPage):
    permission_required = Perm.RECORD_PROGRESS
    model = Objective
    lookup: ClassVar[dict[str, str]] = {"pk": "pk"}
    form_class = ReadingForm
    template_name = "partnership/plan/record_progress.html"
    done = "Progress recorded"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.plan.status != PlanStatus.PUBLISHED:
            return stale(request, str(MoveNotAllowed(services.RECORD, self.record.plan)), self.get_success_url())
        return super().get(request, *args, **kwargs)

    def perform(self, form: ReadingForm) -> Any:
        return services.record_progress(self.record, by=self.person, **form.cleaned_data)

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        latest = reads.readings_of(self.record).first()
        return super().get_context_data(**{"objective": self.record, "latest": latest} | kwargs)


class RecordMilestone(PlanChange):
    form_class = MetForm
    move = services.RECORD
    done = "Milestone recorded"

    @cached_property
    def milestone(self) -> Milestone:
        return get_object_or_404(Milestone, plan=self.record, pk=self.kwargs["row"])

    def get_initial(self) -> dict[str, Any]:
        return {"met_on": self.milestone.met_on or timezone.localdate()}

    def perform(self, form: MetForm) -> Any:
        return services.record_milestone(self.milestone, by=self.person, met_on=form.cleaned_data["met_on"])

    def get_success_url(self) -> str:
        return self.plan_url("milestones")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**{"caption": self.milestone, "heading": "Record the milestone"} | kwargs)
