"""What readers of the newsletters choose, and what the business unit does for them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone

from hscp.lib.forms import GovukForm
from hscp.lib.spreadsheet import Row, SpreadsheetError, read_table
from learninghubs.hubs import current_hubs
from learninghubs.models import LearningHub, Subscriber, Theme
from learninghubs.services.subscriber_import import COLUMNS, MOST_ROWS

AGREED = "The people on this list agreed to get the newsletter, and we can show that they did"


class ChoicesForm(GovukForm):
    """Which hubs' newsletters, on which themes. Of ``reader``, what they chose before can be chosen again."""

    hubs = forms.ModelMultipleChoiceField(
        LearningHub.objects.none(),
        label="Which hubs’ newsletters?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select at least one hub"},
    )
    themes = forms.ModelMultipleChoiceField(
        Theme.objects.none(),
        label="Only on these themes? (optional)",
        help_text="Select none to get everything. The Board’s answers always come.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, reader: Subscriber | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        today = timezone.localdate()
        own = Q(pk__in=reader.themes.all()) if reader else Q()
        themes = Theme.objects.filter(Q(ends__gte=today) | own if reader else Q(ends__gte=today))
        self.fields["hubs"].queryset = current_hubs(today)
        self.fields["themes"].queryset = themes.order_by("-starts", "pk")
        if not themes.exists():
            del self.fields["themes"]

    def choices(self) -> dict[str, Any]:
        """The chosen hubs and themes, as the services take them."""
        return {"hubs": self.cleaned_data["hubs"], "themes": self.cleaned_data.get("themes", [])}


class SubscribeForm(ChoicesForm):
    """For everybody, with an address that is then asked to confirm."""

    title = "Subscribe to our newsletters"
    submit_text = "Subscribe"

    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="We send a link there, to make sure that it is yours",
        error_messages={"required": "Enter your email address"},
    )

    field_order = ("email", "hubs", "themes")


class AccountSubscribeForm(ChoicesForm):
    """For who is signed in: their address is known."""

    title = "Subscribe to our newsletters"
    submit_text = "Subscribe"


class PreferencesForm(ChoicesForm):
    title = "Your newsletters"
    submit_text = "Save your choices"


class ConfirmSubscriptionForm(GovukForm):
    title = "Confirm your subscription"
    submit_text = "Yes, send me the newsletters"


class UnsubscribeForm(GovukForm):
    title = "Unsubscribe"
    submit_text = "Unsubscribe"
    submit_style = "warning"


class AskAgainForm(GovukForm):
    title = "You have unsubscribed"
    submit_text = "Ask for the newsletters again"
    submit_style = "secondary"


class SuspendForm(GovukForm):
    """Why nothing is sent to somebody for now."""

    title = "Suspend this reader"
    submit_text = "Suspend"

    note = forms.CharField(
        label="Why?",
        help_text="For the business unit only. Do not name anybody.",
        max_length=300,
        error_messages={"required": "Enter why"},
    )


class ResumeForm(GovukForm):
    title = "Send them the newsletters again?"
    submit_text = "Resume"


class UnsubscribeForThemForm(GovukForm):
    title = "Unsubscribe this reader?"
    submit_text = "Unsubscribe them"
    submit_style = "warning"

    note = forms.CharField(
        label="Who asked for it, and how? (optional)",
        help_text="For the business unit only. Only they themselves can ask for the newsletters again.",
        max_length=300,
        required=False,
    )


class VoidLinksForm(GovukForm):
    title = "Make the links void that were sent to this reader?"
    submit_text = "Make them void"
    submit_style = "warning"


class ImportForm(GovukForm):
    """A list of readers; cleaned, ``file`` is its rows and ``filename`` what it was called."""

    title = "Import readers"
    submit_text = "Import the list"

    file = forms.FileField(
        label="List of readers",
        help_text=f"A CSV or XLSX file of at most 5 MB and {MOST_ROWS:,} rows",
        widget=forms.FileInput({"accept": ".csv,.xlsx"}),
        error_messages={"required": "Select a CSV or XLSX file"},
    )
    hubs = forms.ModelMultipleChoiceField(
        LearningHub.objects.none(),
        label="Newsletters for rows that name no hub (optional)",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    agreed = forms.BooleanField(
        label=AGREED,
        error_messages={"required": "Confirm that the people on the list agreed to get the newsletter"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["hubs"].queryset = current_hubs(timezone.localdate())

    def clean_file(self) -> list[Row]:
        file = self.cleaned_data["file"]
        self.filename: str = file.name
        try:
            return read_table(file, COLUMNS, most_rows=MOST_ROWS)
        except SpreadsheetError as error:
            raise forms.ValidationError(str(error)) from error
