"""Forms of planning: a year of a group, one meeting, moving and cancelling it, what stands on every agenda."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from crispy_forms_gds.layout import Field, Layout
from django import forms
from django.utils import timezone

from hscp.lib.forms import GovukDateField, GovukForm, GovukModelForm, LongTextField
from partnership.meetings import Clash, Slot, clashes, propose_days, slot_on, unusual_days
from partnership.models import Group, Meeting, MeetingPattern, StandingItem

WEEKDAYS = [(0, "Monday"), (1, "Tuesday"), (2, "Wednesday"), (3, "Thursday"), (4, "Friday")]
TIME_HINT = "For example 09:30 or 14:00"
TIME_FORMATS = ["%H:%M", "%H.%M", "%I:%M%p", "%I.%M%p", "%I%p", "%H"]
MOST_DAYS_OUT = 30


class TimeField(forms.TimeField):
    """A time of the clock, typed: "9:30", "09.30" or "9.30am"."""

    widget = forms.TimeInput({"class": "govuk-input--width-5"}, format="%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        messages = {"invalid": "Enter a time like 09:30"} | kwargs.pop("error_messages", {})
        super().__init__(input_formats=TIME_FORMATS, error_messages=messages, **kwargs)

    def to_python(self, value: Any) -> time | None:
        typed = value.replace(" ", "").replace("noon", "12:00") if isinstance(value, str) else value
        return super().to_python(typed)


class WhenAndWhereForm(GovukForm):
    """When and where one meeting is."""

    title = "Plan a meeting"
    submit_text = "Save"

    day = GovukDateField(label="Date of the meeting")
    starts = TimeField(label="Start", help_text=TIME_HINT, error_messages={"required": "Enter when the meeting starts"})
    ends = TimeField(label="End", error_messages={"required": "Enter when the meeting ends"})
    place = forms.CharField(label="Place (optional)", max_length=200, required=False)
    link = forms.URLField(label="Link to join online (optional)", max_length=200, required=False, assume_scheme="https")

    @property
    def slot(self) -> Slot:
        """The meeting's ends, of a valid form."""
        values = self.cleaned_data
        return slot_on(values["day"], values["starts"], values["ends"])

    @staticmethod
    def initial_of(meeting: Meeting) -> dict[str, Any]:
        """What the form shows of a meeting."""
        starts, ends = timezone.localtime(meeting.starts_at), timezone.localtime(meeting.ends_at)
        return {
            "day": starts.date(),
            "starts": starts.time(),
            "ends": ends.time(),
            "place": meeting.place,
            "link": meeting.link,
        }


class ChangeMeetingForm(WhenAndWhereForm):
    """Moving a meeting; the reason must be given once its papers are out."""

    title = "Change when or where the meeting is"

    reason = LongTextField(
        label="Why does it change?",
        help_text="Everybody who was sent the papers is told, with these words.",
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": "3"}),
    )

    def __init__(self, *args: Any, papers_are_out: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not papers_are_out:
            del self.fields["reason"]


class CancelForm(GovukForm):
    title = "Cancel this meeting"
    submit_text = "Cancel the meeting"
    submit_style = "warning"

    note = LongTextField(
        label="Why is it cancelled?",
        help_text="Its members are told, with these words.",
        max_length=500,
        widget=forms.Textarea({"rows": "3"}),
        error_messages={"required": "Enter why the meeting is cancelled"},
    )


class PatternForm(GovukModelForm):
    """How a group usually meets: from this its year is proposed."""

    title = "How the group usually meets"
    submit_text = "Save"
    required_errors = {
        "number": "Enter how many meetings a year",
        "starts_at": "Enter when a meeting usually starts",
        "length": "Enter how many minutes a meeting usually lasts",
    }

    weekday = forms.TypedChoiceField(
        label="Day of the week",
        choices=WEEKDAYS,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Select a day of the week"},
    )
    starts_at = TimeField(label="Start", help_text=TIME_HINT)
    length = forms.IntegerField(label="Length in minutes", min_value=1, max_value=24 * 60)
    link = forms.URLField(label="Link to join online (optional)", max_length=200, required=False, assume_scheme="https")
    papers_out_days = forms.IntegerField(
        label="Working days before a meeting on which papers go out (optional)",
        help_text="What is uploaded after that day is marked as late. Empty: as everywhere in the portal.",
        min_value=0,
        max_value=MOST_DAYS_OUT,
        required=False,
    )

    class Meta:
        model = MeetingPattern
        fields = ("number", "weekday", "starts_at", "length", "place", "link", "papers_out_days")
        labels = {"number": "Meetings a year", "place": "Place (optional)"}
        field_classes = {"number": forms.IntegerField}


class YearForm(GovukForm):
    """Which year is to be planned."""

    title = "Plan the meetings of a year"
    submit_text = "Propose dates"
    method = "get"
    label_is_heading = False

    year = forms.IntegerField(
        label="Calendar year",
        min_value=2000,
        max_value=2100,
        error_messages={"required": "Enter a year"},
    )
    number = forms.IntegerField(
        label="Number of meetings",
        min_value=1,
        max_value=52,
        error_messages={"required": "Enter how many meetings"},
    )
    weekday = forms.TypedChoiceField(
        label="Day of the week",
        choices=WEEKDAYS,
        coerce=int,
        error_messages={"required": "Select a day of the week"},
    )


class CalendarForm(GovukForm):
    """The dates of a year, proposed and to be adjusted: a date left empty is left out.

    Weekends, bank holidays and clashes with other groups are warned of; they are saved once somebody insists.
    """

    submit_text = "Create the meetings"
    label_is_heading = False

    def __init__(self, *args: Any, group: Group, pattern: MeetingPattern, days: list[date], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.group, self.days, self.pattern = group, days, pattern
        self.warnings: list[str] = []
        for number, day in enumerate(days, start=1):
            self.fields[f"day_{number}"] = GovukDateField(
                label=f"Meeting {number}", describe=f"date of meeting {number}", initial=day, required=False
            )
        ends = (datetime.combine(date(2000, 1, 1), pattern.starts_at) + timedelta(minutes=pattern.length)).time()
        self.usual_ends = max(ends, pattern.starts_at)  # one that would end after midnight is for somebody to say
        self.fields["starts"] = TimeField(
            label="Start of each",
            help_text=TIME_HINT,
            initial=pattern.starts_at,
            error_messages={"required": "Enter when the meetings start"},
        )
        self.fields["ends"] = TimeField(
            label="End of each", initial=self.usual_ends, error_messages={"required": "Enter when the meetings end"}
        )
        self.fields["place"] = forms.CharField(
            label="Place (optional)", max_length=200, required=False, initial=pattern.place
        )
        self.fields["link"] = forms.URLField(
            label="Link to join online (optional)",
            max_length=200,
            required=False,
            assume_scheme="https",
            initial=pattern.link,
        )
        self.fields["insists"] = forms.BooleanField(
            label="Create them all the same, whatever is warned of above", required=False
        )

    def layout(self) -> Layout:
        """Without the question whether somebody insists, as long as there is nothing to warn of."""
        names = [name for name in self.fields if name != "insists" or self.warnings]
        return Layout(*[Field(name) for name in names])

    def warnings_shown(self) -> list[str]:
        """What is to be looked at: of what was typed, or of what is proposed."""
        if self.is_bound:
            return self.warnings
        starts, ends = self.pattern.starts_at, self.usual_ends
        return self._find_warnings([slot_on(day, starts, ends) for day in self.days])

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return values
        if not self.slots:
            self.add_error("day_1", "Enter the date of at least one meeting")
            return values
        self.warnings = self._find_warnings(self.slots)
        if self.warnings and not values["insists"]:
            self.add_error("insists", "Change the dates that are warned of, or say that you want them all the same")
        return values

    @property
    def slots(self) -> list[Slot]:
        """The meetings that are wanted, of a form whose fields are right."""
        values = self.cleaned_data
        days = [values.get(f"day_{number}") for number, _ in enumerate(self.days, start=1)]
        return [slot_on(day, values["starts"], values["ends"]) for day in days if day]

    def _find_warnings(self, slots: list[Slot]) -> list[str]:
        clashing: list[Clash] = clashes(self.group, slots)
        return unusual_days(slot.day for slot in slots) + [clash.sentence for clash in clashing]

    @staticmethod
    def days_of(form: YearForm) -> list[date]:
        """The days that a valid ``YearForm`` proposes."""
        values = form.cleaned_data
        return propose_days(values["year"], number=values["number"], weekday=values["weekday"])


class StandingItemForm(GovukModelForm):
    """What stands on every agenda of the group."""

    submit_text = "Save"
    required_errors = {
        "title": "Enter what the item is called",
        "order": "Enter its place as a number",
        "minutes": "Enter how many minutes it takes",
        "purpose": "Select what the meeting does about it",
    }

    closes = forms.TypedChoiceField(
        label="Where does it stand?",
        choices=[("False", "At the beginning of the agenda"), ("True", "At the end of the agenda")],
        coerce=lambda value: value == "True",
        widget=forms.RadioSelect,
        initial="False",
        error_messages={"required": "Select where it stands"},
    )

    class Meta:
        model = StandingItem
        fields = ("title", "purpose", "minutes", "presenter", "closes", "order")
        labels = {
            "title": "Title",
            "purpose": "What does the meeting do about it?",
            "minutes": "Minutes allotted",
            "presenter": "Who presents it (optional)",
            "order": "Place among these",
        }
        help_texts = {"order": "1 is the first"}
        widgets = {"purpose": forms.RadioSelect}


class RemoveStandingItemForm(GovukForm):
    title = "Remove this standing item"
    submit_text = "Remove"
    submit_style = "warning"
