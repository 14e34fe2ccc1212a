"""Forms of collections: planning one, and acting on several returns at once."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.formats import date_format

from hscp.lib.dates import academic_year, academic_year_label
from hscp.lib.forms import GovukDateField, GovukForm, LongTextField
from schools.choices import Duty, QuestionSetKind
from schools.forms.returns import DAYS_TO_REPLY, NO_CHILD
from schools.models import Collection, QuestionSet
from schools.services.collections import fingerprint

ASKED = [(duty.value, duty.label) for duty in Duty if duty.is_asked]
YEARS_AHEAD = 1
MOST_DAYS = 365


class DaysField(forms.CharField):
    """Numbers of days with commas between them, such as "14, 7, 1": a list of whole numbers, the largest first."""

    widget = forms.TextInput({"class": "govuk-input--width-10"})
    default_error_messages = {
        "invalid": "Enter whole numbers with commas between them, for example 14, 7, 1",
        "range": "Enter numbers of days from 1 to %(most)d",
    }

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def to_python(self, value: Any) -> list[int]:
        parts = [part.strip() for part in str(value or "").split(",") if part.strip()]
        if not all(part.isdecimal() for part in parts):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        if any(len(part) > 4 or not 1 <= int(part) <= MOST_DAYS for part in parts):
            raise forms.ValidationError(self.error_messages["range"], code="range", params={"most": MOST_DAYS})
        return sorted({int(part) for part in parts}, reverse=True)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(super().has_changed(self.prepare_value(initial), data))


class DaysForm(GovukForm):
    """When a collection is due, and when schools are reminded: what can change even when it is open."""

    title = "Change the days of this collection"
    submit_text = "Save"
    has_sets = True  # whether there is something that can be asked

    loaded = forms.CharField(required=False, widget=forms.HiddenInput)
    first_deadline = GovukDateField(label="First deadline", describe="first deadline")
    final_deadline = GovukDateField(
        label="Final deadline",
        describe="final deadline",
        help_text="The last day on which a return can be changed, unless you give a school more time.",
    )
    governance_days = forms.IntegerField(
        label="Days for the governance confirmation",
        help_text="Counted from the day on which the head submits. It holds for returns submitted from now on.",
        min_value=1,
        max_value=MOST_DAYS,
        error_messages={"required": "Enter the number of days for the governance confirmation"},
    )
    reminder_days = DaysField(
        label="Reminders before the first deadline (optional)",
        help_text="Days before the deadline, with commas, for example 14, 7, 1. Nothing is sent at weekends or on bank "
        "holidays; it goes on the next working day.",
        required=False,
    )
    chase_days = DaysField(
        label="Reminders after the first deadline (optional)",
        help_text="Days after the deadline, with commas. Only schools that have not submitted are reminded.",
        required=False,
    )

    def __init__(self, *args: Any, row: Collection | None = None, **kwargs: Any) -> None:
        initial = {} if row is None else {"loaded": fingerprint(row), **self.initial_of(row)}
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), **kwargs)

    def initial_of(self, row: Collection) -> dict[str, Any]:
        """What the fields start with for ``row``, by their names."""
        return model_to_dict(row, list(self.base_fields))

    def values(self) -> dict[str, Any]:
        """What was entered, by the names of the collection's fields."""
        return {name: value for name, value in self.cleaned_data.items() if name != "loaded"}

    def compare(self, current: Collection) -> list[tuple[str, str]]:
        """Where ``current`` differs from what was entered: pairs of a label and what is saved now, in words."""
        return [
            (str(self.fields[name].label), in_words(current, name))
            for name, value in self.values().items()
            if getattr(current, name) != value
        ]


def in_words(collection: Collection, name: str) -> str:
    """A field of ``collection`` as people read it."""
    value = getattr(collection, name)
    if name == "academic_year":
        return collection.year_label
    if name == "duties":
        return ", ".join(str(Duty(duty).label) for duty in value)
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "None"
    return date_format(value, "j F Y") if isinstance(value, date) else str(value or "None")


class CollectionForm(DaysForm):
    """A collection as a draft: the year, the questions, who is asked, the days."""

    title = "Plan a collection"

    academic_year = forms.TypedChoiceField(
        label="Academic year", coerce=int, error_messages={"required": "Select the academic year"}
    )
    question_set = forms.ModelChoiceField(
        queryset=QuestionSet.objects.none(),
        label="Questions",
        help_text="Only published sets can be asked.",
        error_messages={"required": "Select the question set"},
    )
    staff_survey = forms.ModelChoiceField(
        queryset=QuestionSet.objects.none(), label="Staff survey (optional)", required=False
    )
    duties = forms.MultipleChoiceField(
        label="Who is asked?",
        help_text="Every open school under the duties that you select.",
        choices=ASKED,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select who is asked"},
    )
    opens_on = GovukDateField(
        label="Opening day",
        describe="opening day",
        help_text="It opens by itself on this day, and the schools are told. You can open it sooner.",
    )

    field_order = ["academic_year", "question_set", "staff_survey", "duties", "opens_on"]

    def __init__(self, *args: Any, row: Collection | None = None, **kwargs: Any) -> None:
        super().__init__(*args, row=row, **kwargs)
        published = QuestionSet.objects.published()
        fields: dict[str, Any] = self.fields
        fields["question_set"].queryset = published.filter(kind=QuestionSetKind.S175)
        fields["staff_survey"].queryset = published.filter(kind=QuestionSetKind.STAFF_SURVEY)
        this_year = academic_year(timezone.localdate())
        years = {this_year, this_year + YEARS_AHEAD} | ({row.academic_year} if row else set())
        fields["academic_year"].choices = [(year, academic_year_label(year)) for year in sorted(years)]
        self.has_sets = fields["question_set"].queryset.exists()


class OpenForm(GovukForm):
    title = "Open the collection"
    submit_text = "Open the collection"


class CloseForm(GovukForm):
    title = "Close the collection"
    submit_text = "Close the collection"
    submit_style = "warning"


class ReopenForm(GovukForm):
    title = "Reopen the collection"
    submit_text = "Reopen the collection"

    final_deadline = GovukDateField(
        label="New final deadline",
        describe="new final deadline",
        help_text="The last day on which a return can be changed. The collection closes by itself on the day after.",
        earliest=timezone.localdate,
    )
    note = LongTextField(
        label="Why do you reopen this collection?",
        help_text="Kept with the collection.",
        max_length=1000,
        error_messages={"required": "Enter why you reopen this collection"},
    )


# --- Several returns at once ------------------------------------------------------------------------------------------


class BulkAcceptForm(GovukForm):
    submit_text = "Accept these returns"


class BulkQueryForm(GovukForm):
    title = "Query these returns"
    submit_text = "Send the query"

    text = LongTextField(
        label="What do you want to ask?",
        help_text=f"Each school sees this word for word. {NO_CHILD}",
        max_length=2000,
        error_messages={"required": "Enter what you want to ask"},
    )
    reply_by = GovukDateField(
        label="Reply by",
        describe="date to reply by",
        help_text="The returns are open again until then.",
        earliest=timezone.localdate,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reply_by"].initial = timezone.localdate() + timedelta(days=DAYS_TO_REPLY)


class BulkExtendForm(GovukForm):
    title = "Give these schools more time"
    submit_text = "Give more time"

    until = GovukDateField(label="New last day", describe="new last day", earliest=timezone.localdate)
    reason = LongTextField(
        label="Why do they need more time?",
        help_text=f"Each school sees this word for word. {NO_CHILD}",
        max_length=1000,
        error_messages={"required": "Enter why they need more time"},
    )
