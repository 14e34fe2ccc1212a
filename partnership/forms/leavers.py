"""People who leave, and what they hand over."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone

from hscp.lib.forms import GovukDateField, GovukForm, LongTextField
from partnership.models import LeaverItem, User

REASON_HINT = "For example: the group needs no second member from us. Do not name or describe a child or a family"


class LeavingForm(GovukForm):
    """The first day without a person."""

    submit_text = "End their access"
    submit_style = "warning"

    day = GovukDateField(
        label="From which day are they gone?",
        describe="first day without them",
        initial=timezone.localdate,
        help_text="From this day on they see nothing here. Today or an earlier day: at once",
    )

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"{person} is leaving"


class TakeBackForm(GovukForm):
    submit_text = "They stay"

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"{person} stays after all?"


class OpenAgainForm(GovukForm):
    submit_text = "Open the account"

    def __init__(self, *args: Any, person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"Open the account of {person} again?"


class PersonField(forms.ModelChoiceField):
    """A drop-down of people with their job titles."""

    def label_from_instance(self, person: User) -> str:
        return ", ".join(filter(None, [person.name, person.job_title]))


class HandOverForm(GovukForm):
    """Who takes over one thing."""

    submit_text = "Hand over and tell them"

    to = PersonField(
        label="Who takes it over?",
        queryset=User.objects.none(),
        error_messages={
            "required": "Select who takes it over",
            "invalid_choice": "They cannot take this over any more. Select one of the people listed",
        },
    )

    def __init__(self, *args: Any, item: LeaverItem, candidates: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"Hand over: {item}"
        self.fields["to"].queryset = candidates


class SettleForm(GovukForm):
    """Why nobody takes over one thing."""

    submit_text = "Save"

    reason = LongTextField(
        label="Why does nobody take it over?",
        max_length=300,
        help_text=REASON_HINT,
        widget=forms.Textarea({"rows": "3"}),
        error_messages={"required": "Enter why nobody takes it over"},
    )

    def __init__(self, *args: Any, item: LeaverItem, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = f"Nobody takes over: {item}"
