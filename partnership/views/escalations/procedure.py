"""The procedure for professional differences: its versions, its stages, the themes, and who answers for each agency."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.generic import View

from partnership.choices import ProcedureStatus
from partnership.engine.workflow import MoveNotAllowed
from partnership.escalations import contacts_by_agency, published_procedure
from partnership.forms.escalations import ContactsForm, ProcedureTextsForm, StageForm, ThemeForm
from partnership.forms.parts import ConfirmForm
from partnership.models import EscalationProcedure, EscalationStage, EscalationTheme, Organisation
from partnership.permissions import Perm
from partnership.services import escalation_procedures as services
from partnership.services.escalations import set_contacts
from partnership.views.base import ChangePage, Gate, Page, TypedPage, stale

DIFFERENCES = "Professional differences"


def trail(*further: tuple[str, str]) -> list[tuple[str, str]]:
    """From the list of differences down to this page; the last has no address."""
    return [(DIFFERENCES, reverse("escalations")), *further]


class ProcedureList(Page):
    """The versions of the procedure, the newest first."""

    model = EscalationProcedure
    permission_required = Perm.MANAGE_ESCALATION_PROCEDURE
    template_name = "partnership/escalations/procedures.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        versions = list(EscalationProcedure.objects.visible_to(self.request.user).prefetch_related("stages"))
        has_draft = any(version.status == ProcedureStatus.DRAFT for version in versions)
        return super().get_context_data(
            versions=versions, has_draft=has_draft, breadcrumbs=trail(("Procedure", "")), **kwargs
        )


class DraftProcedure(Gate, View):
    """Begin the next version, or go on with the one begun."""

    http_method_names = ["post"]
    model = EscalationProcedure
    permission_required = Perm.MANAGE_ESCALATION_PROCEDURE

    def post(self, request: HttpRequest) -> HttpResponseBase:
        return HttpResponseRedirect(services.draft(by=self.person).get_absolute_url())


class ProcedureGate(Gate):
    """A page about one version."""

    model = EscalationProcedure
    permission_required = Perm.VIEW_ESCALATION_PROCEDURE
    lookup = {"pk": "pk"}


class ProcedurePage(ProcedureGate, Page):
    """A version as it is: what to do first, and the stages."""

    template_name = "partnership/escalations/procedure.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            procedure=self.record,
            stages=list(self.record.stages.all()),
            is_draft=self.record.status == ProcedureStatus.DRAFT,
            breadcrumbs=trail((f"Procedure, version {self.record.version}", "")),
            **kwargs,
        )


class ProcedureChange(ProcedureGate, TypedPage):
    """A change to a draft. Of a published version the page says that it cannot be made."""

    permission_required = Perm.MANAGE_ESCALATION_PROCEDURE
    done = "Saved"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.record.status != ProcedureStatus.DRAFT:
            return stale(request, str(MoveNotAllowed(services.CHANGE_PROCEDURE, self.record)), self.back_url())
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        return str(self.record.get_absolute_url())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(caption=str(self.record), **kwargs)


class ChangeTexts(ProcedureChange):
    form_class = ProcedureTextsForm

    def get_initial(self) -> dict[str, Any]:
        return {"introduction": self.record.introduction, "emergency": self.record.emergency}

    def perform(self, form: ProcedureTextsForm) -> EscalationProcedure:
        return services.set_texts(self.record, by=self.person, **form.cleaned_data)


class SaveStage(ProcedureChange):
    """Add a stage, or change the one in the address."""

    form_class = StageForm
    template_name = "partnership/escalations/stage.html"
    stage: EscalationStage | None = None

    def check(self) -> None:
        super().check()
        if "stage" in self.kwargs:
            self.stage = get_object_or_404(EscalationStage, pk=self.kwargs["stage"], procedure=self.record)

    def get_form_kwargs(self) -> dict[str, Any]:
        places = self.record.stages.count() + (0 if self.stage else 1)
        return super().get_form_kwargs() | {"instance": self.stage, "places": places}

    def perform(self, form: StageForm) -> EscalationStage:
        return services.save_stage(self.record, self.stage, by=self.person, **form.values())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        heading = "Change a stage" if self.stage else "Add a stage"
        return super().get_context_data(heading=heading, stage=self.stage, **kwargs)


class RemoveStage(ProcedureChange):
    form_class = ConfirmForm
    done = "Stage removed"

    def check(self) -> None:
        super().check()
        stages = EscalationStage.objects.select_related("procedure")
        self.stage = get_object_or_404(stages, pk=self.kwargs["stage"], procedure=self.record)

    def get_form_kwargs(self) -> dict[str, Any]:
        words = {"title": f"Remove {self.stage}?", "submit_text": "Remove the stage", "submit_style": "warning"}
        return super().get_form_kwargs() | words

    def perform(self, form: ConfirmForm) -> None:
        services.remove_stage(self.stage, by=self.person)


class PublishProcedure(ProcedureChange):
    form_class = ConfirmForm
    template_name = "partnership/escalations/publish.html"
    done = "Procedure published. New differences go by it."

    def get_form_kwargs(self) -> dict[str, Any]:
        words = {"title": f"Publish version {self.record.version}?", "submit_text": "Publish the procedure"}
        return super().get_form_kwargs() | words

    def perform(self, form: ConfirmForm) -> EscalationProcedure:
        return services.publish(self.record, by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(stages=list(self.record.stages.all()), **kwargs)


# --- Themes -----------------------------------------------------------------------------------------------------------


class ThemeList(Page):
    """What differences can be about."""

    permission_required = Perm.MANAGE_ESCALATIONS
    template_name = "partnership/escalations/themes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        themes = EscalationTheme.objects.all()
        return super().get_context_data(themes=themes, breadcrumbs=trail(("Themes", "")), **kwargs)


class SaveTheme(ChangePage):
    """Add a theme, or change the one in the address."""

    permission_required = Perm.MANAGE_ESCALATIONS
    form_class = ThemeForm
    done = "Theme saved"
    theme: EscalationTheme | None = None

    def check(self) -> None:
        super().check()
        if "pk" in self.kwargs:
            self.theme = get_object_or_404(EscalationTheme, pk=self.kwargs["pk"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.theme}

    def perform(self, form: ThemeForm) -> EscalationTheme:
        saved: EscalationTheme = form.save()
        return saved

    def get_success_url(self) -> str:
        return reverse("escalation_themes")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        heading = "Change a theme" if self.theme else "Add a theme"
        return super().get_context_data(heading=heading, **kwargs)


# --- Contacts ---------------------------------------------------------------------------------------------------------


class ContactList(Page):
    """Who answers for each agency at each stage of the procedure in force, and where nobody is named."""

    permission_required = Perm.MANAGE_ESCALATIONS
    template_name = "partnership/escalations/contacts.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        procedure = published_procedure()
        stages = list(procedure.stages.all()) if procedure else []
        levels = [stage.order for stage in stages]
        agencies = contacts_by_agency(on=timezone.localdate())
        return super().get_context_data(
            stages=stages,
            rows=[(agency.organisation, agency.at(levels)) for agency in agencies],
            breadcrumbs=trail(("Contacts", "")),
            **kwargs,
        )


class ChangeContacts(ChangePage):
    """Who answers for one agency."""

    permission_required = Perm.MANAGE_ESCALATIONS
    form_class = ContactsForm
    template_name = "partnership/escalations/change_contacts.html"
    done = "Contacts saved"

    def check(self) -> None:
        super().check()
        self.organisation = get_object_or_404(Organisation, pk=self.kwargs["organisation"])
        self.procedure = published_procedure()

    def get_form_kwargs(self) -> dict[str, Any]:
        stages = list(self.procedure.stages.all()) if self.procedure else []
        return super().get_form_kwargs() | {"organisation": self.organisation, "stages": stages}

    def perform(self, form: ContactsForm) -> None:
        for level, people in form.by_level().items():
            set_contacts(self.organisation, level, people, by=self.person)

    def get_success_url(self) -> str:
        return reverse("escalation_contacts")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        heading = f"Who answers for {self.organisation}?"
        return super().get_context_data(
            heading=heading, organisation=self.organisation, procedure=self.procedure, **kwargs
        )
