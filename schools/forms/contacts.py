"""Naming, replacing and removing the contacts of a school; reading them from a spreadsheet."""

from typing import Any

from django import forms

from hscp.lib.forms import GovukForm
from hscp.lib.spreadsheet import Row, SpreadsheetError, read_table
from schools.contact_plan import COLUMNS, MOST_ROWS


class ContactForm(GovukForm):
    """Somebody to be named for a role."""

    submit_text = "Save and tell them"

    name = forms.CharField(
        label="Full name", max_length=150, error_messages={"required": "Enter the person’s full name"}
    )
    email = forms.EmailField(
        label="Email address",
        max_length=254,
        help_text="Their own, not one that several people read: it is what they sign in with",
        widget=forms.EmailInput({"autocomplete": "off"}),
        error_messages={"required": "Enter the person’s email address"},
    )
    job_title = forms.CharField(label="Job title (optional)", required=False, max_length=150)

    def __init__(self, *args: Any, title: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = title


class RemoveContactForm(GovukForm):
    """A confirmation; what it asks and what the button says depend on who is removed."""

    submit_style = "warning"

    def __init__(self, *args: Any, title: str, submit_text: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title, self.submit_text = title, submit_text


class InviteAgainForm(GovukForm):
    """A confirmation that names the person."""

    submit_text = "Send a new invitation"

    def __init__(self, *args: Any, title: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = title


class UploadContactsForm(GovukForm):
    """A list of contacts; cleaned, ``file`` is its rows and ``filename`` what it was called."""

    title = "Import contacts"
    submit_text = "Check the list"

    file = forms.FileField(
        label="List of contacts",
        help_text=f"A CSV or XLSX file of at most 5 MB and {MOST_ROWS:,} rows",
        widget=forms.FileInput({"accept": ".csv,.xlsx"}),
        error_messages={"required": "Select a CSV or XLSX file"},
    )

    def clean_file(self) -> list[Row]:
        file = self.cleaned_data["file"]
        self.filename: str = file.name
        try:
            return read_table(file, COLUMNS, most_rows=MOST_ROWS)
        except SpreadsheetError as error:
            raise forms.ValidationError(str(error)) from error


class ApplyContactsForm(GovukForm):
    title = "Apply this list?"
    submit_text = "Apply and send the emails"


class DiscardContactsForm(GovukForm):
    title = "Discard this list?"
    submit_text = "Discard"
    submit_style = "warning"
