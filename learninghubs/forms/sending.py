"""Sending again, and telling authors by other ways than the newsletter."""

from __future__ import annotations

from django import forms

from hscp.lib.forms import GovukForm


class TryAgainForm(GovukForm):
    title = "Try the failed ones again?"
    submit_text = "Try again"


class TellNowForm(GovukForm):
    title = "Write to them now?"
    submit_text = "Send the letters"


class TellInPersonForm(GovukForm):
    """How an author was told whom no e-mail reached."""

    submit_text = "Record that they were told"

    how = forms.CharField(
        label="How did you tell them what the Board answered?",
        help_text="For example “by telephone, 3 March”. Do not name anybody.",
        max_length=300,
        error_messages={"required": "Enter how you told them"},
    )
