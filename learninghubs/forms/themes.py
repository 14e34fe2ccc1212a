"""Forms about themes, what is read about them, and sessions for schools."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format

from hscp.lib.forms import GovukDateField, LongTextField
from learninghubs.choices import MOST_THEMES_A_YEAR
from learninghubs.models import SchoolSession
from learninghubs.themes import PLACES
from partnership.forms.groups import NO_NAMES, PERSON_HELP
from partnership.forms.meetings.planning import TIME_HINT, TimeField
from partnership.forms.parts import LISTS, EditForm
from partnership.meetings import slot_on
from partnership.models import Priority, User
from partnership.services.members import find_person

NUMBERS = [(number, f"{place} theme of the year") for number, place in enumerate(PLACES, start=1)]


class ThemeForm(EditForm):
    """What a theme is about, when, and whose it is."""

    title = forms.CharField(label="Title", max_length=150, error_messages={"required": "Enter the title of the theme"})
    purpose = LongTextField(
        label="Why do the hubs look at it, and what for?",
        help_text=f"{NO_NAMES} {LISTS}",
        max_length=5000,
        widget=forms.Textarea({"rows": "8"}),
        error_messages={"required": "Enter why the hubs look at it, and what for"},
    )
    starts = GovukDateField(
        label="First day",
        describe="first day",
        help_text="The hubs are at one theme at a time, and at no more than "
        f"{MOST_THEMES_A_YEAR} in an academic year, which starts on 1 September.",
    )
    ends = GovukDateField(label="Last day", describe="last day")
    number = forms.TypedChoiceField(
        label="Which theme of the year is it?",
        choices=NUMBERS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Select which theme of the year it is"},
    )
    lead = forms.CharField(
        label="Who leads it? (optional)",
        help_text=f"{PERSON_HELP} Only people who are signed in see it.",
        required=False,
        max_length=254,
        widget=forms.TextInput({"list": "people", "autocomplete": "off"}),
    )
    serves = forms.ModelChoiceField(
        Priority.objects.none(),
        label="Which priority of the plan does it serve? (optional)",
        required=False,
        empty_label="None",
    )

    def __init__(self, *args: Any, row: models.Model | None = None, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        self.fields["serves"].queryset = priorities_to_choose(getattr(row, "serves_id", None))

    def initial_of(self, row: Any) -> dict[str, Any]:
        return super().initial_of(row) | {"lead": row.lead.email if row.lead else ""}

    def clean_lead(self) -> User | None:
        typed = self.cleaned_data["lead"].strip()
        if not typed:
            return None
        try:
            return find_person(typed, field="lead")
        except ValidationError as error:
            raise ValidationError(error.messages) from error


def priorities_to_choose(kept: int | None) -> models.QuerySet[Priority]:
    """The priorities of today, and the one that a theme serves already."""
    today = Priority.objects.on(timezone.localdate()).values("pk")
    return Priority.objects.filter(models.Q(pk__in=today) | models.Q(pk=kept)).order_by("order", "name")


class ResourceForm(EditForm):
    """Something to read or watch."""

    title = forms.CharField(label="Title", max_length=200, error_messages={"required": "Enter the title"})
    url = forms.URLField(
        label="Link",
        max_length=500,
        assume_scheme="https",
        error_messages={"required": "Enter the link, like https://www.example.com"},
    )
    about = forms.CharField(
        label="What it is, in a sentence (optional)", help_text=NO_NAMES, max_length=300, required=False
    )


class SessionForm(EditForm):
    """A session for schools: what, when and where."""

    title = forms.CharField(
        label="Title", max_length=200, error_messages={"required": "Enter the title of the session"}
    )
    day = GovukDateField(label="Date", describe="date of the session")
    starts = TimeField(label="Start", help_text=TIME_HINT, error_messages={"required": "Enter when it starts"})
    ends = TimeField(label="End", error_messages={"required": "Enter when it ends"})
    place = forms.CharField(label="Place (optional)", max_length=200, required=False)
    link = forms.URLField(
        label="Link to join or book (optional)", max_length=500, required=False, assume_scheme="https"
    )
    about = LongTextField(
        label="What it is about (optional)", help_text=f"{NO_NAMES} {LISTS}", max_length=2000, required=False
    )

    def initial_of(self, row: Any) -> dict[str, Any]:
        return {name: getattr(row, name) for name in SAME_NAMES} | clock_of(row)

    def values(self) -> dict[str, Any]:
        typed = self.cleaned_data
        slot = slot_on(typed["day"], typed["starts"], typed["ends"])
        return {name: typed[name] for name in SAME_NAMES} | {"starts_at": slot.starts_at, "ends_at": slot.ends_at}

    def compare(self, current: Any) -> list[tuple[str, str]]:
        saved = self.initial_of(current)
        return [
            (str(self.fields[name].label), said(value))
            for name, value in saved.items()
            if self.cleaned_data[name] != value
        ]


SAME_NAMES = ("title", "place", "link", "about")


def clock_of(session: SchoolSession) -> dict[str, Any]:
    """When a session is, as the form asks it."""
    starts, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    return {"day": starts.date(), "starts": starts.time(), "ends": ends.time()}


def said(value: Any) -> str:
    """What is saved, as people read it."""
    if isinstance(value, date):
        return date_format(value, "j F Y")
    return value.strftime("%H:%M") if isinstance(value, time) else str(value or "Nothing")
