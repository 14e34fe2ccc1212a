"""Forms of an issue: its words, its items, when it goes out."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from crispy_forms_gds.layout import Layout
from django import forms
from django.utils import timezone

from hscp.lib.dates import add_working_days
from hscp.lib.forms import GovukDateField, GovukForm, LongTextField, Reveal
from learninghubs.choices import ItemKind
from learninghubs.models import NewsletterItem, Theme
from partnership.forms.parts import LISTS, NO_CHILD, EditForm

MOST_INTRO, MOST_TEXT, MOST_REASON = 3000, 5000, 300  # characters
NOW, LATER = "now", "later"
HOURS = [time(hour, minute) for hour in range(7, 20) for minute in (0, 30)]
USUAL_HOUR = time(9, 30)


class IssueForm(EditForm):
    """What an issue says of itself."""

    title = forms.CharField(
        label="Title",
        max_length=150,
        help_text="It is the subject of the e-mail too.",
        error_messages={"required": "Enter the title"},
    )
    intro = LongTextField(
        label="Opening words (optional)", help_text=f"{LISTS} {NO_CHILD}", max_length=MOST_INTRO, required=False
    )


class NewsForm(EditForm):
    """A piece of news."""

    title = forms.CharField(label="Title", max_length=200, error_messages={"required": "Enter the title"})
    text = LongTextField(
        label="Text",
        help_text=f"{LISTS} {NO_CHILD}",
        max_length=MOST_TEXT,
        widget=forms.Textarea({"rows": 8}),
        error_messages={"required": "Enter the text"},
    )
    url = forms.URLField(
        label="Where to read more (optional)",
        help_text="A web address.",
        max_length=500,
        required=False,
        assume_scheme="https",
    )
    theme = forms.ModelChoiceField(
        Theme.objects.all(),
        label="Theme (optional)",
        help_text="Readers who chose other themes do not get it by e-mail. Without a theme it goes to all.",
        required=False,
        empty_label="None: it goes to all",
    )


class ItemForm(NewsForm):
    """The words of an item that the portal put there. The theme of an answer keeps it from nobody."""

    def __init__(self, *args: Any, row: NewsletterItem, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.fields["text"].label, self.fields["text"].required = "Text (optional)", False
        if row.kind == ItemKind.ANSWER:
            self.fields["text"].label = "What you want to add (optional)"
            del self.fields["theme"]


class LeaveOutForm(GovukForm):
    """Why an answer of the Board is left out."""

    submit_text = "Leave it out of this issue"
    submit_style = "warning"

    because = LongTextField(
        label="Why is this answer left out?",
        help_text=f"Every answer goes to the readers: it comes again in the next draft. {NO_CHILD}",
        max_length=MOST_REASON,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Enter why this answer is left out"},
    )


class ApproveForm(GovukForm):
    """When an approved issue goes out."""

    submit_text = "Approve the issue"

    when = forms.ChoiceField(
        label="When does it go out?",
        choices=[(NOW, "Now"), (LATER, "On a day and at an hour that I choose")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select when it goes out"},
    )
    day = GovukDateField(label="Day", help_text="A working day is best.", required=False, describe="day it goes out")
    hour = forms.TypedChoiceField(
        label="Hour",
        help_text="Most people read it between 9:00 and 16:00.",
        choices=[(f"{hour:%H:%M}", f"{hour:%H:%M}") for hour in HOURS],
        coerce=time.fromisoformat,
        empty_value=None,
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        initial = {"day": next_good_day(timezone.localdate()), "hour": f"{USUAL_HOUR:%H:%M}"}
        super().__init__(*args, initial=initial | (kwargs.pop("initial", None) or {}), **kwargs)

    def layout(self) -> Layout:
        """The day and hour stand under the option that they belong to."""
        return Layout(Reveal("when", {LATER: ["day", "hour"]}))

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("when") == LATER:
            self._check_later(given)
        return given

    def _check_later(self, given: dict[str, Any]) -> None:
        if not given.get("day") and "day" not in self.errors:
            self.add_error("day", "Enter the day it goes out")
        if not given.get("hour") and "hour" not in self.errors:
            self.add_error("hour", "Select the hour at which it goes out")

    @property
    def send_at(self) -> datetime:
        """The moment that was chosen, once the form is valid."""
        given = self.cleaned_data
        if given["when"] == NOW:
            return timezone.now()
        return timezone.make_aware(datetime.combine(given["day"], given["hour"]))


def next_good_day(today: date) -> date:
    """The next working day after ``today``: what the form of approval suggests."""
    return add_working_days(today, 1)
