"""Forms of the register import."""

from __future__ import annotations

from django import forms

from hscp.lib.forms import GovukForm
from schools import gias
from schools.choices import LOCAL_AUTHORITY

CSV_FILES = ".csv,text/csv"
LARGEST = f"{gias.MAX_BYTES // 1_000_000} MB"


class UploadRegisterForm(GovukForm):
    """The file of the register, perhaps that of the links, and whose schools to take from them."""

    title = "Import the school register"
    submit_text = "Upload and compare"

    file = forms.FileField(
        label="Register file",
        help_text=f"A CSV file with a name like edubasealldata20261123.csv, up to {LARGEST}",
        widget=forms.FileInput(attrs={"accept": CSV_FILES}),
        error_messages={"required": "Select the register file"},
    )
    links = forms.FileField(
        label="Links file (optional)",
        help_text="A CSV file with a name like links_edubasealldata20261123.csv. It says which school followed which, "
        "so that a school that became an academy keeps its history",
        widget=forms.FileInput(attrs={"accept": CSV_FILES}),
        required=False,
    )
    local_authority = forms.CharField(
        label="Local authority",
        help_text="Only its schools are taken from the file",
        initial=LOCAL_AUTHORITY,
        max_length=80,
        error_messages={"required": "Enter the name of the local authority"},
    )


class ApplyForm(GovukForm):
    title = "Apply this import"
    submit_text = "Apply to the register"


class DiscardForm(GovukForm):
    title = "Discard this import"
    submit_text = "Discard"
    submit_style = "warning"
