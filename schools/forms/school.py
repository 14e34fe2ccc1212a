"""What is known of a school beside the register."""

from typing import Any

from django import forms

from hscp.lib.forms import GovukForm, LongTextField
from schools.choices import Duty, Fact
from schools.services.local_facts import NO, YES, values_of

NO_CHILD = "Do not name or describe a child or a family. The school can read this."


class LocalFactsForm(GovukForm):
    title = "Local facts"
    submit_text = "Save"

    hub_district = forms.CharField(
        label="Hub district (optional)",
        required=False,
        max_length=80,
        help_text="The district whose learning hub the school goes to, if it is not its own district",
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
    )
    notes = LongTextField(
        label="Notes (optional)",
        required=False,
        max_length=4000,
        help_text=NO_CHILD,
        widget=forms.Textarea({"rows": "6"}),
    )


class SetFactForm(GovukForm):
    """One fact of a school, set by hand."""

    submit_text = "Set"

    value = forms.ChoiceField(
        label="What is true of this school?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select what is true of this school"},
    )
    reason = LongTextField(
        label="Why does the register not say so?",
        help_text=NO_CHILD,
        max_length=2000,
        widget=forms.Textarea({"rows": "4"}),
        error_messages={"required": "Enter why this is set by hand"},
    )

    def __init__(self, *args: Any, fact: Fact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = str(fact.label)
        self.fields["value"].choices = [(value, value_in_words(fact, value)) for value in values_of(fact)]


class ClearFactForm(GovukForm):
    submit_text = "Go by the register"

    def __init__(self, *args: Any, fact: Fact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"{fact.label}: go by the register again?"


def value_in_words(fact: Fact, value: str) -> str:
    """A duty by its name, anything else as "Yes" or "No"."""
    return str(Duty(value).label) if fact == Fact.DUTY else {YES: "Yes", NO: "No"}[value]
