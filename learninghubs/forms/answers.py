"""What is typed of the Board's answers and of their impact, and its wording."""

from __future__ import annotations

from typing import Any

from crispy_forms_gds.layout import HTML, Field, Layout
from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from hscp.lib.forms import GovukDateField, GovukForm, LongTextField
from learninghubs.choices import Answer, Impact
from partnership import actions as reads
from partnership.models import Group, Meeting, Organisation
from partnership.models.meetings import MINUTES_OUT, TOOK_PLACE

NO_CHILD = "Do not name or describe a child or a family."
EVERYBODY_READS = "Those who made the suggestion read this word for word, and so may the public."


class MeetingField(forms.ModelChoiceField):
    """One of the Board's meetings, with what an answer at it means for its minutes."""

    def label_from_instance(self, meeting: Meeting) -> str:  # type: ignore[override]
        day = date_format(meeting.day, "l j F Y")
        if meeting.status in MINUTES_OUT:
            return f"{day}: its minutes are out already, so the answer stands by itself"
        if meeting.status not in TOOK_PLACE:
            return f"{day}: attendance is not recorded yet, so the answer stands by itself"
        return f"{day}: the answer becomes a decision in its minutes"


class AnswerForm(GovukForm):
    """The Board's answer to one suggestion, with the action that it leads to."""

    title = "The Board’s answer"
    submit_text = "Record the answer"

    meeting = MeetingField(
        Meeting.objects.none(),
        label="At which meeting was it decided?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select the meeting at which it was decided"},
    )
    answer = forms.ChoiceField(
        label="What does the Board answer?",
        choices=Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what the Board answers"},
    )
    reason = LongTextField(
        label="Why?",
        help_text=f"{EVERYBODY_READS} {NO_CHILD}",
        max_length=2000,
        error_messages={"required": "Enter why the Board answers so"},
    )
    owner = forms.ChoiceField(label="Who sees to it?", help_text="A group or an organisation", required=False)
    action_what = LongTextField(
        label="What is to be done?",
        help_text=f"{EVERYBODY_READS} {NO_CHILD}",
        max_length=500,
        required=False,
        widget=forms.Textarea({"rows": "3"}),
    )
    action_due = GovukDateField(
        label="When is it due?", describe="due date", earliest=timezone.localdate, required=False
    )
    action_who = forms.CharField(
        label="Role of who does it (optional)",
        help_text="For example “head of audit”. No names.",
        max_length=150,
        required=False,
    )

    def __init__(self, *args: Any, meetings: QuerySet[Meeting], owners: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["meeting"].queryset = meetings
        self.fields["owner"].choices = [("", "Select a group or organisation"), *owners]

    def layout(self) -> Layout:
        return Layout(
            Field("meeting"),
            Field("answer"),
            Field("reason"),
            HTML('<h2 class="govuk-heading-m">What is done about it</h2>'),
            HTML(
                '<p class="govuk-body">Needed for what is accepted, also in part. For other answers, leave it empty if '
                "nothing is to be done.</p>"
            ),
            Field("owner"),
            Field("action_what"),
            Field("action_due"),
            Field("action_who"),
        )

    def clean_owner(self) -> Group | Organisation | None:
        return reads.owner_of(self.cleaned_data["owner"])


class CorrectForm(GovukForm):
    """Why the answer is taken back."""

    title = "Take the Board’s answer back"
    submit_text = "Take the answer back"
    submit_style = "warning"

    note = LongTextField(
        label="Why is the answer taken back?",
        help_text=f"The hub’s leads are told. {NO_CHILD}",
        max_length=1000,
        error_messages={"required": "Enter why the answer is taken back"},
    )


class ImpactForm(GovukForm):
    """What became of an answer's action."""

    submit_text = "Save"

    outcome = forms.ChoiceField(
        label="What difference has it made?",
        choices=Impact.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Select what difference it has made"},
    )
    text = LongTextField(
        label="What became of it?",
        help_text=f"What is different now, and how you know. {EVERYBODY_READS} {NO_CHILD}",
        max_length=2000,
        error_messages={"required": "Enter what became of it"},
    )
