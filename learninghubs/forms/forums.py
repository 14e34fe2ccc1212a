"""Forms of a hub's forums: planning and changing one, who presents, who came, what happened."""

from __future__ import annotations

from datetime import date, time
from typing import Any

from crispy_forms_gds.choices import Choice
from crispy_forms_gds.layout import Field, Layout
from django import forms
from django.utils import timezone
from django.utils.formats import date_format

from hscp.lib.forms import GovukForm, LongTextField
from learninghubs import forums as reads
from learninghubs.choices import BookingStatus
from learninghubs.forms.bookings import AgencyField, OneLineName
from learninghubs.models import Booking, Forum, Theme
from learninghubs.services.forums import Plan, WalkIn
from partnership.forms.meetings.planning import WhenAndWhereForm
from partnership.models import Organisation

NO_CHILD = "Do not name or describe any child, family or member of staff."
ONE_A_LINE = "One in each line."


class ForumForm(WhenAndWhereForm):
    """When, where and on what a forum is. ``loaded`` is the fingerprint of what it was filled from."""

    title = "Plan a forum"

    loaded = forms.CharField(required=False, widget=forms.HiddenInput)
    theme = forms.ModelChoiceField(
        Theme.objects.none(), label="Theme", error_messages={"required": "Select the theme of the forum"}
    )
    places = forms.IntegerField(
        label="How many can come? (optional)",
        help_text="Once that many have booked, others wait on a list. Leave it empty if there is no limit.",
        min_value=1,
        max_value=5000,
        required=False,
    )
    about = LongTextField(
        label="What will it be about? (optional)",
        help_text=f"Everybody can read it, before they book. {NO_CHILD}",
        max_length=3000,
        required=False,
        widget=forms.Textarea({"rows": "6"}),
    )

    field_order = ["theme", "day", "starts", "ends", "place", "link", "places", "about"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["theme"].queryset = reads.themes_to_choose()  # type: ignore[attr-defined]
        self.fields["day"].label = "Date of the forum"
        self.fields["starts"].error_messages["required"] = "Enter when the forum starts"
        self.fields["ends"].error_messages["required"] = "Enter when the forum ends"
        self.fields["link"].help_text = "Only those who book are given it."

    @property
    def plan(self) -> Plan:
        """What was said, of a valid form."""
        values = self.cleaned_data
        names = ("theme", "place", "link", "places", "about")
        return Plan(slot=self.slot, **{name: values[name] for name in names})

    @staticmethod
    def initial_of_forum(forum: Forum) -> dict[str, Any]:
        """What the form shows of ``forum``."""
        starts, ends = timezone.localtime(forum.starts_at), timezone.localtime(forum.ends_at)
        when = {"day": starts.date(), "starts": starts.time(), "ends": ends.time()}
        names = ("theme", "place", "link", "places", "about")
        return when | {"loaded": reads.loaded_plan(forum)} | {name: getattr(forum, name) for name in names}

    def compare(self, current: Forum) -> list[tuple[str, str]]:
        """What is saved now and differs from what was typed."""
        saved, typed = self.initial_of_forum(current), self.cleaned_data
        names = [name for name in self.fields if name != "loaded" and saved[name] != typed.get(name)]
        return [(str(self.fields[name].label), _in_words(saved[name])) for name in names]


def _in_words(value: Any) -> str:
    """A saved value as people read it."""
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return date_format(value, "j F Y") if isinstance(value, date) else str(value or "Nothing")


class CancelForumForm(GovukForm):
    title = "Cancel this forum"
    submit_text = "Cancel the forum"
    submit_style = "warning"

    note = LongTextField(
        label="Why is it cancelled?",
        help_text="Those who have booked are told, with these words, and the forum’s page shows them.",
        max_length=500,
        widget=forms.Textarea({"rows": "3"}),
        error_messages={"required": "Enter why the forum is cancelled"},
    )


# --- Who presents -----------------------------------------------------------------------------------------------------


class FindOrganisationForm(GovukForm):
    """The words to look for an organisation by."""

    submit_text = "Find"
    submit_style = "secondary"
    label_is_heading = False
    method = "get"

    find = forms.CharField(
        label="Find an organisation or a school",
        help_text="Part of its name",
        max_length=100,
        error_messages={"required": "Enter part of the name"},
    )


class PresenterForm(GovukForm):
    """One of the organisations that were found, and what it presents."""

    submit_text = "Add"
    title = "Add a presenter"

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Who presents?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select who presents", "invalid_choice": "Select one of those that were found"},
    )
    topic = forms.CharField(
        label="What do they present? (optional)",
        help_text="Everybody can read it. Do not name a person.",
        max_length=200,
        required=False,
    )

    def __init__(self, *args: Any, found: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = [organisation.pk for organisation in found]
        self.fields["organisation"].queryset = Organisation.objects.filter(pk__in=ids)  # type: ignore[attr-defined]


# --- What happened ----------------------------------------------------------------------------------------------------


class AttendanceForm(GovukForm):
    """Who came: a tick for each on the list; how many others; and somebody to add to the list."""

    title = "Who came"
    submit_text = "Save attendance"

    loaded = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, forum: Forum, bookings: list[Booking], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["loaded"].initial = reads.loaded_attendance(forum, bookings)
        if bookings:
            self.fields["came"] = _tick_list(bookings)
        self.fields["others_came"] = forms.IntegerField(
            label="How many others came?",
            help_text="People who are neither on the list nor added below. Nobody needs their names.",
            min_value=0,
            max_value=5000,
            required=False,
            initial=forum.others_came,
        )
        self.fields["walk_in"] = OneLineName(
            label="Name (optional)",
            max_length=150,
            required=False,
        )
        self.fields["walk_in_agency"] = AgencyField(label="Agency (optional)")
        self.fields["walk_in_email"] = forms.EmailField(
            label="Work email address (optional)",
            help_text="Only to ask them afterwards what they thought of the forum.",
            max_length=254,
            required=False,
        )

    def layout(self) -> Layout:
        return Layout(*[Field(name) for name in self.fields if not name.startswith("walk_in")])

    @property
    def walk_in_fields(self) -> list[forms.BoundField]:
        """The questions about somebody to add, which the page sets apart."""
        return [self[name] for name in self.fields if name.startswith("walk_in")]

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if (values.get("walk_in_agency") or values.get("walk_in_email")) and not values.get("walk_in"):
            self.add_error("walk_in", "Enter the name of the person to add")
        return values

    def came(self) -> set[int]:
        """The ids of the bookings of those who came, of a valid form."""
        return {int(pk) for pk in self.cleaned_data.get("came", [])}

    @property
    def added(self) -> WalkIn | None:
        """Who is to be added to the list, of a valid form."""
        values = self.cleaned_data
        if not values["walk_in"]:
            return None
        return WalkIn(values["walk_in"], values["walk_in_agency"], values["walk_in_email"])

    def compare(self, current: Forum) -> list[tuple[str, str]]:
        """What is saved now."""
        listed = reads.expected_at(current)
        names = [str(one) for one in listed if one.came]
        return [("Came", "\n".join(names) or "Nobody"), ("Others who came", str(current.others_came))]


def _tick_list(bookings: list[Booking]) -> forms.MultipleChoiceField:
    choices = [Choice(str(one.pk), str(one), hint=_about(one)) for one in bookings]
    return forms.MultipleChoiceField(
        label="Tick everybody who came",
        help_text="Who has no tick when you save counts as not having come. You can change it later.",
        choices=choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        initial=[str(one.pk) for one in bookings if one.came],
        error_messages={"invalid_choice": "Somebody has cancelled in the meantime. Open this page again"},
    )


def _about(booking: Booking) -> str:
    waiting = "on the waiting list" if booking.status == BookingStatus.WAITING else ""
    return ", ".join(filter(None, [str(booking.agency or ""), waiting]))


class RecordForm(GovukForm):
    """What was discussed and learned at a forum."""

    title = "Record what happened"
    submit_text = "Save"

    loaded = forms.CharField(widget=forms.HiddenInput)
    discussed = LongTextField(
        label="What was discussed?",
        help_text=f"In a few sentences: everybody with an account can read it. {NO_CHILD}",
        max_length=10_000,
        widget=forms.Textarea({"rows": "7"}),
        error_messages={"required": "Enter what was discussed"},
    )
    learned = LongTextField(
        label="What was learned?",
        help_text=f"{ONE_A_LINE} These become the messages of the learning briefing. {NO_CHILD}",
        max_length=10_000,
        widget=forms.Textarea({"rows": "7"}),
        error_messages={"required": "Enter what was learned"},
    )

    def __init__(self, *args: Any, forum: Forum, **kwargs: Any) -> None:
        shown = {"loaded": reads.loaded_record(forum), "discussed": forum.discussed, "learned": forum.learned}
        super().__init__(*args, **kwargs | {"initial": shown | (kwargs.get("initial") or {})})

    def values(self) -> dict[str, str]:
        return {name: self.cleaned_data[name] for name in reads.RECORD_FIELDS}

    def compare(self, current: Forum) -> list[tuple[str, str]]:
        """What is saved now."""
        names = [name for name in reads.RECORD_FIELDS if getattr(current, name) != self.cleaned_data.get(name)]
        return [(str(self.fields[name].label), getattr(current, name) or "Nothing") for name in names]
