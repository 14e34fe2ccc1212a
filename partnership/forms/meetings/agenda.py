"""Forms of the agenda and its papers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone

from hscp.lib import uploads
from hscp.lib.forms import GovukForm, LongTextField
from hscp.lib.uploads import Accepted
from partnership.choices import ItemPurpose
from partnership.models import AgendaItem, Priority
from partnership.models.meetings import MOST_MINUTES

NO_CHILD = "Do not name or describe a child or a family."


def item_fields() -> dict[str, forms.Field]:
    """The fields of an item. They are made with the form: one is called ``title``, as is the heading of a form."""
    return {
        "loaded": forms.IntegerField(required=False, widget=forms.HiddenInput),
        "title": forms.CharField(
            label="Title",
            max_length=200,
            help_text=NO_CHILD,
            error_messages={"required": "Enter what the item is about"},
        ),
        "summary": LongTextField(
            label="What is it about, and what is the meeting asked for? (optional)", max_length=2000, required=False
        ),
        "purpose": forms.ChoiceField(
            label="What does the meeting do about it?",
            choices=ItemPurpose.choices,
            widget=forms.RadioSelect,
            initial=ItemPurpose.DISCUSSION,
            error_messages={"required": "Select what the meeting does about it"},
        ),
        "minutes": forms.IntegerField(
            label="Minutes allotted",
            min_value=0,
            max_value=MOST_MINUTES,
            initial=10,
            error_messages={"required": "Enter how many minutes it takes"},
        ),
        "presenter": forms.CharField(label="Who presents it (optional)", max_length=150, required=False),
        "serves": forms.ModelChoiceField(
            Priority.objects.on(timezone.localdate()),
            label="Which priority of the plan does it serve? (optional)",
            required=False,
            empty_label="None",
        ),
    }


class ItemForm(GovukForm):
    """An item of an agenda."""

    title = "Add an item"
    submit_text = "Save"
    shown = ("title", "summary", "purpose", "minutes", "presenter", "serves")

    def __init__(self, *args: Any, item: AgendaItem | None = None, **kwargs: Any) -> None:
        if item is not None:
            kwargs["initial"] = self.initial_of(item) | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields.update(item_fields())

    @classmethod
    def initial_of(cls, item: AgendaItem) -> dict[str, Any]:
        """What the form shows of an item, and which version of it that is."""
        shown = {name: getattr(item, name) for name in cls.shown if name != "serves"}
        return shown | {"serves": item.serves_id, "loaded": item.version}

    def values(self) -> dict[str, Any]:
        """What was typed, for the service."""
        return {name: value for name, value in self.cleaned_data.items() if name in self.shown}

    def compare(self, current: AgendaItem) -> list[tuple[str, str]]:
        """What is saved now, by label, where it differs from what was typed."""
        saved = [
            ("title", current.title),
            ("summary", current.summary),
            ("purpose", current.purpose),
            ("minutes", current.minutes),
            ("presenter", current.presenter),
            ("serves", current.serves),
        ]
        names = {"purpose": current.get_purpose_display()}
        differing = [(name, value) for name, value in saved if self.cleaned_data.get(name) != value]
        return [(str(self.fields[name].label), str(names.get(name, value) or "Nothing")) for name, value in differing]


class BuildForm(GovukForm):
    title = "Build the agenda"
    submit_text = "Build the agenda"


class RemoveItemForm(GovukForm):
    title = "Take this item off the agenda"
    submit_text = "Remove"
    submit_style = "warning"


class AcceptForm(GovukForm):
    title = "Put this item on the agenda"
    submit_text = "Accept"


class DeclineForm(GovukForm):
    submit_text = "Decline"

    note = LongTextField(
        label="Why is the item declined?",
        help_text="Who proposed it is told, with these words.",
        max_length=1000,
        error_messages={"required": "Enter why the item is declined"},
    )


class UploadField(forms.FileField):
    """A paper: cleans to what ``hscp.lib.uploads`` accepts of it, and says in a sentence what is wrong with it."""

    widget = forms.FileInput(attrs={"accept": uploads.ACCEPT})

    def __init__(self, **kwargs: Any) -> None:
        most = settings.PAPER_MOST_BYTES // (1024 * 1024)
        hint = f"A PDF, Word, Excel or PowerPoint file, or a PNG or JPEG picture, smaller than {most} MB"
        messages = {"required": "Select a file"} | kwargs.pop("error_messages", {})
        super().__init__(help_text=hint, error_messages=messages, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> Accepted | None:
        file = super().clean(data, initial)
        return uploads.accept(file, most_bytes=settings.PAPER_MOST_BYTES) if file else None


class PaperForm(GovukForm):
    """A new paper."""

    title = "Add a paper"
    submit_text = "Upload"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"] = forms.CharField(
            label="Title of the paper",
            max_length=200,
            help_text=NO_CHILD,
            error_messages={"required": "Enter the title of the paper"},
        )
        self.fields["upload"] = UploadField(label="File")


class VersionForm(GovukForm):
    """A newer file of a paper."""

    title = "Upload a newer version"
    submit_text = "Upload"

    upload = UploadField(label="File")


class RemovePaperForm(GovukForm):
    title = "Remove this paper"
    submit_text = "Remove"
    submit_style = "warning"


class MakePackForm(GovukForm):
    title = "Make the pack"
    submit_text = "Make the pack"


class CallForm(GovukForm):
    title = "Call the meeting"
    submit_text = "Call the meeting and tell its members"
