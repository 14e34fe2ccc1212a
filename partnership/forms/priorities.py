"""Forms of the priorities."""

from __future__ import annotations

from django import forms

from hscp.lib.forms import GovukDateField, GovukForm, LongTextField
from partnership.forms.parts import LISTS, NO_CHILD, EditForm


class PriorityForm(EditForm):
    """What a priority is about."""

    title = "Add a priority"

    name = forms.CharField(label="Name", max_length=150, error_messages={"required": "Enter the name of the priority"})
    summary = LongTextField(
        label="What is it about, and for whom?",
        help_text=f"The public reads this. {LISTS} {NO_CHILD}",
        max_length=2000,
        error_messages={"required": "Enter what it is about, and for whom"},
    )
    starts = GovukDateField(
        label="A priority since (optional)", describe="day since when it is a priority", required=False
    )


class EndPriorityForm(GovukForm):
    """When a priority ends."""

    title = "When does this priority end?"
    submit_text = "Save"

    ends = GovukDateField(
        label="First day on which it is no longer a priority (optional)",
        describe="first day on which it is no longer a priority",
        help_text="Leave this empty if it goes on. What was done about it stays to be read.",
        required=False,
    )
