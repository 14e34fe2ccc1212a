"""Forms of attendance, minutes, decisions and their agreement."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.layout import Field, Layout
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.html import escape

from hscp.lib.forms import GovukForm, LongTextField, Reveal
from partnership.choices import Capacity, Presence
from partnership.meetings import Seat
from partnership.models import AgendaItem, Attendance, Decision, Meeting, Priority
from partnership.services.meetings.minutes import Came, loaded_attendance

NO_CHILD = "Do not name or describe a child or a family."
CAME_THEMSELVES = [choice for choice in Presence.choices if choice[0] != Presence.DEPUTY]


class AttendanceForm(GovukForm):
    """Who came: one question for each person expected. A member can have sent a deputy, who is named."""

    submit_text = "Save attendance"
    title = "Attendance"

    def __init__(self, *args: Any, seats: list[Seat], rows: list[Attendance], also_present: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seats = seats
        recorded = {row.person_id: row for row in rows}
        self.fields["loaded"] = forms.CharField(widget=forms.HiddenInput, initial=loaded_attendance(rows))
        for seat in seats:
            self._add(seat, recorded.get(seat.person.pk))
        self.fields["also_present"] = forms.CharField(
            label="Who else was there? (optional)",
            help_text="Guests, presenters, who took the notes. Names and organisations, with commas between them.",
            max_length=500,
            required=False,
            initial=also_present,
        )

    def _add(self, seat: Seat, row: Attendance | None) -> None:
        is_member = seat.capacity == Capacity.MEMBER
        as_what = "" if is_member else f", {seat.capacity_label.lower()}"
        self.fields[f"presence_{seat.person.pk}"] = forms.ChoiceField(
            label=str(seat.person),
            help_text=escape(f"{seat.organisation}{as_what}"),  # a hint is HTML
            choices=Presence.choices if is_member else CAME_THEMSELVES,
            widget=forms.RadioSelect,
            initial=row.presence if row else None,
            error_messages={"required": f"Select whether {seat.person} came"},
        )
        if is_member:
            self.fields[f"deputy_{seat.person.pk}"] = forms.CharField(
                label=f"Who came in the place of {seat.person}?",
                max_length=150,
                required=False,
                initial=row.deputy if row else "",
            )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        for seat in self.seats:
            name = f"deputy_{seat.person.pk}"
            if values.get(f"presence_{seat.person.pk}") == Presence.DEPUTY and not values.get(name, "").strip():
                self.add_error(name, f"Enter who came in the place of {seat.person}")
        return values

    def layout(self) -> Layout:
        """Who came in somebody's place is asked once it is said that a deputy came."""
        asked = [self._asked(seat.person.pk) for seat in self.seats]
        return Layout("loaded", *asked, Field("also_present"))

    def _asked(self, pk: int) -> Field:
        name, deputy = f"presence_{pk}", f"deputy_{pk}"
        return Reveal(name, {Presence.DEPUTY: [deputy]}) if deputy in self.fields else Field(name)

    def compare(self, current: list[Attendance]) -> list[tuple[str, str]]:
        """What is saved now."""
        return [(str(row.person), ": ".join(filter(None, [row.get_presence_display(), row.deputy]))) for row in current]

    def came(self) -> list[Came]:
        """Who came, of a valid form."""
        values = self.cleaned_data
        return [
            Came(seat, Presence(values[f"presence_{seat.person.pk}"]), values.get(f"deputy_{seat.person.pk}", ""))
            for seat in self.seats
        ]


class MinuteForm(GovukForm):
    """What was said about one item."""

    submit_text = "Save"

    loaded = forms.IntegerField(widget=forms.HiddenInput)
    minute = LongTextField(
        label="What was said",
        help_text=NO_CHILD,
        max_length=10_000,
        required=False,
        widget=forms.Textarea({"rows": "10"}),
    )
    carry_forward = forms.BooleanField(label="Put it on the next agenda too", required=False)

    def __init__(self, *args: Any, item: AgendaItem, **kwargs: Any) -> None:
        shown = {"loaded": item.version, "minute": item.minute, "carry_forward": item.carry_forward}
        super().__init__(*args, **kwargs | {"initial": shown | (kwargs.get("initial") or {})})

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("minute", "carry_forward")}

    def compare(self, current: AgendaItem) -> list[tuple[str, str]]:
        """What is saved now."""
        carried = "Yes" if current.carry_forward else "No"
        return [("What was said", current.minute or "Nothing"), ("On the next agenda too", carried)]


class DecisionForm(GovukForm):
    """What was decided, and why."""

    title = "Record a decision"
    submit_text = "Save"

    loaded = forms.IntegerField(required=False, widget=forms.HiddenInput)
    text = LongTextField(
        label="What was decided?",
        help_text=NO_CHILD,
        max_length=2000,
        error_messages={"required": "Enter what was decided"},
    )
    reason = LongTextField(label="Why?", max_length=2000, error_messages={"required": "Enter why it was decided"})
    serves = forms.ModelChoiceField(
        Priority.objects.none(),
        label="Which priority of the plan does it serve? (optional)",
        required=False,
        empty_label="None",
    )

    def __init__(self, *args: Any, decision: Decision | None = None, **kwargs: Any) -> None:
        if decision is not None:
            shown = {"text": decision.text, "reason": decision.reason, "serves": decision.serves_id}
            kwargs["initial"] = shown | {"loaded": decision.version} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.fields["serves"].queryset = Priority.objects.on(timezone.localdate())

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("text", "reason", "serves")}

    def compare(self, current: Decision) -> list[tuple[str, str]]:
        """What is saved now."""
        serves = str(current.serves or "None")
        return [("What was decided", current.text), ("Why", current.reason), ("Priority of the plan", serves)]


class RemoveDecisionForm(GovukForm):
    title = "Take this decision back"
    submit_text = "Remove"
    submit_style = "warning"


class DraftForm(GovukForm):
    title = "The draft minutes are finished"
    submit_text = "The draft is finished"


class CirculateForm(GovukForm):
    title = "Circulate the minutes"
    submit_text = "Circulate the minutes"


class ReopenForm(GovukForm):
    submit_text = "Take the minutes back"

    note = LongTextField(
        label="Why do you take the minutes back?",
        max_length=500,
        error_messages={"required": "Enter why you take the minutes back"},
    )


class AgreeForm(GovukForm):
    """At which meeting the minutes were agreed."""

    submit_text = "The minutes are agreed"

    at = forms.ModelChoiceField(
        Meeting.objects.none(),
        label="At which meeting were the minutes agreed?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select the meeting at which the minutes were agreed"},
    )

    def __init__(self, *args: Any, meetings: QuerySet[Meeting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["at"].queryset = meetings


class CorrectionForm(GovukForm):
    """What was wrong in minutes that were agreed before."""

    title = "Note a correction of earlier minutes"
    submit_text = "Note the correction"

    corrects = forms.ModelChoiceField(
        Meeting.objects.none(),
        label="Which minutes were wrong?",
        error_messages={"required": "Select the meeting whose minutes were wrong"},
    )
    text = LongTextField(
        label="What was wrong, and what is right?",
        help_text=NO_CHILD,
        max_length=2000,
        error_messages={"required": "Enter what was wrong and what is right"},
    )

    def __init__(self, *args: Any, meetings: QuerySet[Meeting], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["corrects"].queryset = meetings


class FeedForm(GovukForm):
    """Make or renew the secret address."""

    submit_text = "Make the address"
