"""Forms of learning briefings."""

from __future__ import annotations

from typing import Any

from django import forms

from hscp.lib.forms import GovukForm, LongTextField
from learninghubs.models import Briefing
from learninghubs.services.briefings import EDITABLE, MOST_CONTEXT, MOST_LINE, MOST_LINES, MOST_TITLE, loaded_from

NO_CHILD = "Do not name or describe any child, family or member of staff."
ROOM = "One in each line: up to {most} lines of {line} characters."


def _lines(name: str, label: str, *, required: str = "") -> LongTextField:
    return LongTextField(
        label=label,
        help_text=ROOM.format(most=MOST_LINES[name], line=MOST_LINE),
        required=bool(required),
        widget=forms.Textarea({"rows": "6"}),
        error_messages={"required": required} if required else None,
    )


class BriefingForm(GovukForm):
    """What stands on the one page. ``loaded`` is the fingerprint of what the form was filled from."""

    title = "Learning briefing"
    submit_text = "Save"

    loaded = forms.CharField(widget=forms.HiddenInput)
    # "title" is what a form of the portal is headed by, so that the field has another name.
    briefing_title = forms.CharField(label="Title", max_length=MOST_TITLE, error_messages={"required": "Enter a title"})
    context = LongTextField(
        label="Why does this matter?",
        help_text=f"Two or three sentences. {NO_CHILD}",
        max_length=MOST_CONTEXT,
        widget=forms.Textarea({"rows": "4"}),
        error_messages={"required": "Enter why this matters"},
    )
    messages = _lines("messages", "What did we learn?", required="Enter what we learned")
    practice = _lines("practice", "What should people do differently?", required="Enter what to do differently")
    questions = _lines("questions", "Questions for your team (optional)")

    def __init__(self, *args: Any, briefing: Briefing, **kwargs: Any) -> None:
        shown = {_field(name): getattr(briefing, name) for name in EDITABLE} | {"loaded": loaded_from(briefing)}
        super().__init__(*args, **kwargs | {"initial": shown | (kwargs.get("initial") or {})})

    def values(self) -> dict[str, str]:
        """What was typed, by the names of the briefing's fields."""
        return {name: self.cleaned_data[_field(name)] for name in EDITABLE}

    def compare(self, current: Briefing) -> list[tuple[str, str]]:
        """What is saved now and differs from what was typed."""
        changed = [name for name in EDITABLE if getattr(current, name) != self.cleaned_data.get(_field(name))]
        return [(str(self.fields[_field(name)].label), getattr(current, name) or "Nothing") for name in changed]


def _field(name: str) -> str:
    return "briefing_title" if name == "title" else name


class WithdrawBriefingForm(GovukForm):
    submit_text = "Take it back to draft"
    submit_style = "warning"

    note = LongTextField(
        label="Why do you take the briefing back?",
        help_text="The public can no longer read it until it is published again.",
        max_length=500,
        widget=forms.Textarea({"rows": "3"}),
        error_messages={"required": "Enter why you take the briefing back"},
    )
