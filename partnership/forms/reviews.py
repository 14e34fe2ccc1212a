"""Forms of the reviews of the arrangements."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from hscp.lib.forms import GovukDateField, GovukForm, LongTextField
from partnership.choices import ActionPriority, Verdict
from partnership.forms.parts import LISTS, NO_CHILD, EditForm, groups_to_choose
from partnership.models import Group, Organisation


class ReviewForm(EditForm):
    """What a review is for, who does it, and by when."""

    title = forms.CharField(label="Title", max_length=150, error_messages={"required": "Enter the title"})
    terms_of_reference = LongTextField(
        label="Terms of reference",
        help_text=f"What the review is to find out, by which principles. {LISTS} {NO_CHILD}",
        max_length=10_000,
        widget=forms.Textarea({"rows": 12}),
        error_messages={"required": "Enter the terms of reference"},
    )
    group = forms.ModelChoiceField(
        Group.objects.none(),
        label="Task and finish group (optional)",
        help_text="Its members can write the review with you.",
        required=False,
    )
    starts = GovukDateField(label="First day", describe="first day")
    target_end = GovukDateField(label="To report by", describe="day to report by")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = groups_to_choose(getattr(self.row, "group", None))


class ItemForm(EditForm):
    """One thing in the scope: what is looked at, and the verdict."""

    title = "Add an item"

    subject = LongTextField(
        label="What is looked at?",
        help_text=NO_CHILD,
        max_length=300,
        widget=forms.Textarea({"rows": 3}),
        error_messages={"required": "Enter what is looked at"},
    )
    verdict = forms.ChoiceField(
        label="Verdict",
        choices=Verdict.choices,
        widget=forms.RadioSelect,
        initial=Verdict.UNDECIDED,
        error_messages={"required": "Select the verdict"},
    )
    reason = LongTextField(
        label="Reason", help_text=f"Needed with a verdict. {NO_CHILD}", max_length=2000, required=False
    )


class FollowUpForm(EditForm):
    """What became of an item."""

    title = "What became of it?"

    outcome = LongTextField(
        label="In words (optional)", help_text=f"{LISTS} {NO_CHILD}", max_length=2000, required=False
    )
    merged_group = forms.ModelChoiceField(
        Group.objects.none(), label="A group that was merged into another (optional)", required=False
    )
    new_group = forms.ModelChoiceField(Group.objects.none(), label="A new group (optional)", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everyone = Group.objects.order_by("name")
        self.fields["merged_group"].queryset = self.fields["new_group"].queryset = everyone


class OpenActionForm(GovukForm):
    """An action that comes of an item. A group or an organisation owns it."""

    title = "Open an action"
    submit_text = "Open the action"

    what = LongTextField(
        label="What is to be done?",
        help_text=NO_CHILD,
        max_length=500,
        error_messages={"required": "Enter what is to be done"},
    )
    group = forms.ModelChoiceField(Group.objects.none(), label="Group that sees to it", required=False)
    organisation = forms.ModelChoiceField(
        Organisation.objects.none(),
        label="Or the organisation that sees to it",
        required=False,
    )
    due = GovukDateField(label="By when", describe="day by when it is to be done")
    priority = forms.ChoiceField(
        label="How pressing is it?",
        choices=ActionPriority.choices,
        initial=ActionPriority.NORMAL,
        widget=forms.RadioSelect,
        error_messages={"required": "Select how pressing it is"},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = groups_to_choose()
        partners = Organisation.objects.existing_on(timezone.localdate()).exclude(kind="school")
        self.fields["organisation"].queryset = partners

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not {"group", "organisation"} & set(self.errors) and bool(cleaned.get("group")) == bool(
            cleaned.get("organisation")
        ):
            self.add_error("group", "Select either a group or an organisation")
        return cleaned

    @property
    def owner(self) -> Group | Organisation:
        """Who was selected to see to it."""
        return self.cleaned_data["group"] or self.cleaned_data["organisation"]
