"""Forms of the plan: its parts, its life, progress."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from hscp.lib.forms import GovukDateField, GovukForm, LongTextField
from partnership.choices import ProgressRag
from partnership.forms.parts import LISTS, NO_CHILD, EditForm, groups_to_choose
from partnership.models import Group, Organisation, Plan, PlanSection, Priority

MOST_TEXT = 20_000  # characters of a chapter

# --- A version --------------------------------------------------------------------------------------------------------


class NewVersionForm(EditForm):
    """The title and the years of the next version."""

    submit_text = "Make the draft"

    title = forms.CharField(label="Title", max_length=150, error_messages={"required": "Enter the title of the plan"})
    covers_from = GovukDateField(label="First day that it covers", describe="first day")
    covers_to = GovukDateField(label="Last day that it covers", describe="last day")


class PlanForm(NewVersionForm):
    """What a draft says of itself."""

    submit_text = "Save"

    vision = LongTextField(label="Vision (optional)", help_text=f"{LISTS} {NO_CHILD}", max_length=2000, required=False)


# --- Its parts --------------------------------------------------------------------------------------------------------


class PartForm(EditForm):
    """A row of ``plan``, whose own priorities and sections it offers."""

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        self.plan = plan
        super().__init__(*args, **kwargs)
        if "priority" in self.fields:
            self.fields["priority"].queryset = self.priorities()

    def priorities(self) -> Any:
        return self.plan.priorities.all()


class SectionForm(PartForm):
    heading = forms.CharField(label="Heading", max_length=150, error_messages={"required": "Enter the heading"})
    text = LongTextField(
        label="Text",
        help_text=f"{LISTS} {NO_CHILD}",
        max_length=MOST_TEXT,
        widget=forms.Textarea({"rows": 18}),
        error_messages={"required": "Enter the text"},
    )


class PointForm(PartForm):
    text = LongTextField(
        label="What it says",
        help_text=f"One sentence. {NO_CHILD}",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Enter what it says"},
    )


class PlacedPriorityForm(PartForm):
    priority = forms.ModelChoiceField(
        Priority.objects.none(),
        label="Priority",
        help_text="Priorities that exist and are not in this plan yet. New ones are added under “Priorities”.",
        error_messages={"required": "Select the priority"},
    )

    def priorities(self) -> Any:
        return Priority.objects.on(timezone.localdate()).exclude(places__plan=self.plan)


class ObjectiveForm(PartForm):
    priority = forms.ModelChoiceField(
        Priority.objects.none(),
        label="Priority",
        error_messages={"required": "Select the priority that it serves"},
    )
    what = LongTextField(
        label="Objective",
        help_text=f"What is to be reached, in a sentence. {NO_CHILD}",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Enter the objective"},
    )
    measure = LongTextField(
        label="Measure",
        help_text="What will show that it is reached.",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Enter what will show that it is reached"},
    )
    lead_group = forms.ModelChoiceField(
        Group.objects.none(),
        label="Lead group",
        help_text="Its chair can record progress.",
        error_messages={"required": "Select the group that leads"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead_group"].queryset = groups_to_choose(getattr(self.row, "lead_group", None))


class MilestoneForm(PartForm):
    what = forms.CharField(
        label="Milestone",
        help_text="What is to be done.",
        max_length=200,
        error_messages={"required": "Enter the milestone"},
    )
    due = GovukDateField(label="By when", describe="day by when it is to be done")
    priority = forms.ModelChoiceField(Priority.objects.none(), label="Priority (optional)", required=False)


# --- Its life ---------------------------------------------------------------------------------------------------------


class TakeBackForm(GovukForm):
    submit_text = "Take back to draft"
    submit_style = "warning"

    note = LongTextField(
        label="Why is the plan taken back?",
        help_text=f"The partners can read this. Approvals given so far will not count. {NO_CHILD}",
        max_length=1000,
        error_messages={"required": "Enter the reason"},
    )


class ApproveForm(GovukForm):
    """Approval for one of ``organisations``; asked which only where there are several."""

    title = "Approve the plan"
    submit_text = "Approve the plan"

    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="For which partner?",
        widget=forms.RadioSelect,
        error_messages={"required": "Select the partner for which you approve it"},
    )
    statement = LongTextField(
        label="Statement",
        help_text=f"It is published with the plan, with the name of your organisation and the day. {NO_CHILD}",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Enter the statement"},
    )

    def __init__(self, *args: Any, organisations: list[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organisation"]
        field.queryset = Organisation.objects.filter(pk__in=[one.pk for one in organisations])
        if len(organisations) == 1:
            field.widget, field.initial = forms.HiddenInput(), organisations[0].pk


# --- While it runs ----------------------------------------------------------------------------------------------------


class ReadingForm(GovukForm):
    title = "Record progress"
    submit_text = "Record"

    rag = forms.ChoiceField(
        label="Where does the objective stand?",
        choices=[
            (ProgressRag.GREEN, "Green: on the way, or reached"),
            (ProgressRag.AMBER, "Amber: behind, and it is known how to catch up"),
            (ProgressRag.RED, "Red: behind, and it is not known yet how to catch up"),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Select where the objective stands"},
    )
    sentence = LongTextField(
        label="In a sentence, why?",
        help_text=f"The public reads this word for word. It cannot be changed later. {NO_CHILD}",
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Enter a sentence that says why"},
    )
    day = GovukDateField(
        label="On which day?",
        describe="day of the reading",
        initial=timezone.localdate,
        latest=timezone.localdate,
    )


class MetForm(GovukForm):
    title = "Record the milestone"
    submit_text = "Save"

    met_on = GovukDateField(
        label="On which day was it met? (optional)",
        describe="day on which it was met",
        help_text="Leave this empty if it has not been met yet.",
        latest=timezone.localdate,
        required=False,
    )


class AnswersForm(GovukForm):
    """Which sections of ``plan`` answer an item of the checklist."""

    title = "Which sections answer this?"
    submit_text = "Save"

    sections = forms.ModelMultipleChoiceField(
        PlanSection.objects.none(),
        label="Sections of the plan",
        help_text="Select all that do. Select none if no section answers it.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sections"].queryset = plan.sections.all()
