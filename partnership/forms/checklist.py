"""The form of the checklist of what arrangements must contain."""

from __future__ import annotations

from django import forms

from hscp.lib.forms import LongTextField
from partnership.forms.parts import EditForm


class ItemForm(EditForm):
    """One thing that published arrangements must contain."""

    title = "Add an item"

    text = LongTextField(
        label="What must the arrangements say?",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Enter what the arrangements must say"},
    )
    source = forms.CharField(
        label="Source and edition",
        help_text="Which guidance asks for it, and which edition of it.",
        max_length=200,
        error_messages={"required": "Enter the source and its edition"},
    )
    to_check = forms.BooleanField(
        label="The source still has to be looked up",
        required=False,
    )
