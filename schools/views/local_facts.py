"""What the business unit writes of a school beside the register."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from schools import facts
from schools.choices import Fact
from schools.forms.school import ClearFactForm, LocalFactsForm, SetFactForm
from schools.permissions import Perm
from schools.services import local_facts
from schools.views.school import ChangeSchool, fact_row


class EditLocalFacts(ChangeSchool):
    permission_required = Perm.EDIT_LOCAL_FACTS
    form_class = LocalFactsForm
    done = "Local facts saved"

    def get_initial(self) -> dict[str, str]:
        local = getattr(self.record, "local", None)
        return {"hub_district": local.hub_district, "notes": local.notes} if local else {}

    def perform(self, form: LocalFactsForm) -> Any:
        return local_facts.edit_local_facts(self.record, by=self.person, **form.cleaned_data)


class _AboutFact(ChangeSchool):
    permission_required = Perm.EDIT_LOCAL_FACTS

    def check(self) -> None:
        super().check()
        try:
            self.fact = Fact(self.kwargs["fact"])
        except ValueError:
            raise Http404 from None

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"fact": self.fact}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(row=fact_row(self.record, self.fact), **kwargs)


class SetFact(_AboutFact):
    """Set a fact by hand."""

    form_class = SetFactForm
    template_name = "schools/set_fact.html"
    done = "Set by hand"

    def get_initial(self) -> dict[str, str]:
        override = facts.overrides_of(self.record).get(self.fact)
        return {"value": override.value, "reason": override.reason} if override else {}

    def perform(self, form: SetFactForm) -> Any:
        return local_facts.set_fact(self.record, self.fact, by=self.person, **form.cleaned_data)


class ClearFact(_AboutFact):
    """Go by the register again."""

    form_class = ClearFactForm
    template_name = "schools/clear_fact.html"
    done = "The register decides again"

    def perform(self, form: ClearFactForm) -> None:
        local_facts.clear_fact(self.record, self.fact, by=self.person)
