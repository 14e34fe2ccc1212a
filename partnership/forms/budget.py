"""Forms of the budget: years, contributions, spend planned and recorded."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone

from hscp.lib.forms import GovukDateField, GovukForm, GovukModelForm, LongTextField
from hscp.lib.money import MoneyField, pounds
from partnership.choices import OrganisationKind
from partnership.models import BudgetHeading, Contribution, FinancialYear, Organisation
from partnership.models.budget import financial_year
from partnership.services import budget as services

HOW_TO_TYPE = "In pounds, for example 1,234.50"
NO_CHILD = "Do not name or describe a child or a family."


class LoadedForm(GovukForm):
    """A form that knows what it was filled from, so that whoever saves second is told."""

    submit_text = "Save"
    loaded = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, current: dict[str, Any], **kwargs: Any) -> None:
        initial = {**self.initial_of(current), "loaded": services.fingerprint(current)} | kwargs.pop("initial", {})
        super().__init__(*args, initial=initial, **kwargs)

    def initial_of(self, current: dict[str, Any]) -> dict[str, Any]:
        """What the fields start with, by their names."""
        return current

    def values(self) -> dict[str, Any]:
        """What was entered, without what the form was loaded with."""
        return {name: value for name, value in self.cleaned_data.items() if name != "loaded"}

    def compare(self, current: dict[str, Any]) -> list[tuple[str, str]]:
        """Where what is saved now differs from what was entered: pairs of a label and what is saved, in words."""
        saved, entered = self.initial_of(current), self.values()
        return [
            (str(self.fields[name].label), in_words(value))
            for name, value in saved.items()
            if name in entered and entered[name] != value
        ]


def in_words(value: Any) -> str:
    return pounds(value) if isinstance(value, Decimal) else str(value) or "Nothing"


class AddYearForm(GovukForm):
    title = "Add a financial year"
    submit_text = "Add the year"

    start = forms.TypedChoiceField(
        label="Financial year", coerce=int, error_messages={"required": "Select the financial year"}
    )
    like_last_year = forms.BooleanField(
        label="Start with the amounts agreed and the budget of the year before",
        required=False,
        help_text="Each amount can be changed afterwards.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        this_year = financial_year(timezone.localdate())
        taken = set(FinancialYear.objects.values_list("start", flat=True))
        free = [year for year in range(this_year - 5, this_year + 3) if year not in taken]
        self.fields["start"].choices = [(year, FinancialYear(start=year).label) for year in free]  # type: ignore[attr-defined]
        self.fields["start"].initial = this_year if this_year in free else next(iter(free[-1:]), None)


class CarriedInForm(LoadedForm):
    amount = MoneyField(
        label="What was carried in from the year before?",
        describe="The amount carried in",
        may_be_negative=True,
        help_text=f"{HOW_TO_TYPE}. With a minus if the year before was overspent.",
        error_messages={"required": "Enter what was carried in, or 0"},
    )


class CloseYearForm(GovukForm):
    submit_text = "Close the year"
    submit_style = "warning"


class ReopenYearForm(GovukForm):
    title = "Reopen the year"
    submit_text = "Reopen the year"

    note = LongTextField(
        label="Why do you reopen this year?",
        help_text="Kept with the year.",
        max_length=500,
        error_messages={"required": "Enter why you reopen this year"},
    )


class ContributionForm(LoadedForm):
    """What one organisation gives in a year."""

    agreed = MoneyField(label="Agreed", describe="The amount agreed", required=False, help_text=HOW_TO_TYPE)
    invoiced = MoneyField(label="Invoiced", describe="The amount invoiced", required=False)
    received = MoneyField(label="Received", describe="The amount received", required=False)
    in_kind = MoneyField(
        label="Worth of help in kind",
        describe="The worth of help in kind",
        required=False,
        help_text="It is shown beside the money and not counted with it.",
    )
    in_kind_what = forms.CharField(
        label="What is given in kind (optional)",
        required=False,
        max_length=200,
        help_text=f"For example rooms, training or an officer’s time. {NO_CHILD}",
    )


class AddContributionForm(ContributionForm):
    title = "Add a contribution"
    submit_text = "Add the contribution"

    organisation = forms.ModelChoiceField(
        queryset=Organisation.objects.none(),
        label="Organisation",
        error_messages={"required": "Select the organisation"},
    )

    field_order = ["organisation"]

    def __init__(self, *args: Any, year: FinancialYear, **kwargs: Any) -> None:
        super().__init__(*args, current=services.values_of(None), **kwargs)
        there = Organisation.objects.existing_on(year.first_day) | Organisation.objects.existing_on(year.last_day)
        given = Contribution.objects.filter(year=year).values("organisation")
        free = there.exclude(kind=OrganisationKind.SCHOOL).exclude(pk__in=given)
        self.fields["organisation"].queryset = free  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in super().values().items() if name != "organisation"}


class RemoveContributionForm(GovukForm):
    title = "Remove this contribution"
    submit_text = "Remove"
    submit_style = "warning"


class PlanForm(LoadedForm):
    """What is planned by heading: a field for each, named by its key."""

    title = "Change the budget by heading"

    def __init__(self, *args: Any, current: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, current=current, **kwargs)
        for heading in BudgetHeading.objects.filter(pk__in=[int(key) for key in current]):
            self.fields[_field_of(heading.pk)] = MoneyField(
                label=heading.name, describe=f"The budget for {heading.name}", required=False
            )

    def initial_of(self, current: dict[str, Any]) -> dict[str, Any]:
        return {_field_of(key): amount for key, amount in current.items()}

    def planned(self) -> dict[str, Decimal]:
        """What was entered, by the heading's key."""
        return {name.removeprefix("heading_"): value for name, value in self.values().items()}


def _field_of(key: Any) -> str:
    return f"heading_{key}"


class SpendForm(GovukForm):
    title = "Record spend"
    submit_text = "Record"

    under = forms.ModelChoiceField(  # not "heading": that is the form's own
        queryset=BudgetHeading.objects.filter(in_use=True),
        label="Heading",
        error_messages={"required": "Select the heading"},
    )
    spent_on = GovukDateField(label="Date", describe="date of the spend")
    amount = MoneyField(
        label="Amount",
        describe="The amount",
        may_be_negative=True,
        help_text=f"{HOW_TO_TYPE}. With a minus for money that has come back.",
        error_messages={"required": "Enter the amount"},
    )
    what = forms.CharField(
        label="What was it for?",
        max_length=200,
        help_text=f"For example “Venue for the leaders’ meeting”. {NO_CHILD}",
        error_messages={"required": "Enter what it was for"},
    )
    reason = forms.CharField(
        label="Why has money come back? (only for an amount with a minus)",
        required=False,
        max_length=300,
    )


class CorrectSpendForm(GovukForm):
    title = "Correct this entry"
    submit_text = "Record the correction"

    seen = MoneyField(required=False, may_be_negative=True, widget=forms.HiddenInput)
    right_amount = MoneyField(
        label="What is the right amount?",
        describe="The right amount",
        may_be_negative=True,
        help_text=f"{HOW_TO_TYPE}. 0 if it should not have been recorded.",
        error_messages={"required": "Enter the right amount"},
    )
    reason = LongTextField(
        label="What was wrong?",
        max_length=300,
        help_text=NO_CHILD,
        error_messages={"required": "Enter what was wrong"},
    )


class HeadingForm(GovukModelForm):
    submit_text = "Save"

    class Meta:
        model = BudgetHeading
        fields = ("name", "order", "in_use")
        labels = {"name": "Name", "order": "Place in the list", "in_use": "In use"}
        help_texts = {"in_use": "One that is not in use is no longer offered; years that used it keep it."}

    required_errors = {"name": "Enter the name of the heading", "order": "Enter its place in the list"}
