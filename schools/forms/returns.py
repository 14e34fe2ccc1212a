"""The forms by which a return moves on: confirmed, sent back, signed, queried, replied to, given more time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import Truncator

from hscp.lib.forms import GovukDateField, GovukForm, LongTextField
from schools.models import Question

NO_CHILD = "Do not name or describe any child, family or member of staff."
DAYS_TO_REPLY = 14


class SendToHeadForm(GovukForm):
    title = "Send the return to the head"
    submit_text = "Send to the head"


class SubmitForm(GovukForm):
    title = "Confirm and submit the return"
    submit_text = "Confirm and submit"

    agree = forms.BooleanField(
        label="I agree with this statement", error_messages={"required": "Tick the box to agree with the statement"}
    )


class GovernanceForm(GovukForm):
    title = "Sign the return for the governors"
    submit_text = "Sign the return"

    minute_date = GovukDateField(
        label="Date of the board’s minute (optional)",
        describe="date of the minute",
        help_text="If the board has discussed the return already.",
        required=False,
        latest=timezone.localdate,
    )
    agree = forms.BooleanField(
        label="I agree with this statement", error_messages={"required": "Tick the box to agree with the statement"}
    )


class SendBackForm(GovukForm):
    title = "Send the return back"
    submit_text = "Send it back"

    note = LongTextField(
        label="What is to be changed?",
        help_text=f"The designated safeguarding lead sees this word for word. {NO_CHILD}",
        max_length=2000,
        error_messages={"required": "Enter what is to be changed"},
    )


class AcceptForm(GovukForm):
    title = "Accept the return"
    submit_text = "Accept the return"


class QueryForm(GovukForm):
    """A query about the whole return or about one question of it."""

    title = "Query the return"
    submit_text = "Send the query"

    about = forms.TypedChoiceField(
        label="What is the query about?", coerce=int, empty_value=None, required=False, choices=()
    )
    text = LongTextField(
        label="What do you want to ask?",
        help_text=f"The school sees this word for word. {NO_CHILD}",
        max_length=2000,
        error_messages={"required": "Enter what you want to ask"},
    )
    reply_by = GovukDateField(
        label="Reply by",
        describe="date to reply by",
        help_text="The return is open again until then.",
        earliest=timezone.localdate,
    )

    def __init__(self, *args: Any, questions: Sequence[Question], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["about"]
        field.choices = [("", "The whole return"), *((question.pk, _short(question)) for question in questions)]
        self.fields["reply_by"].initial = timezone.localdate() + timedelta(days=DAYS_TO_REPLY)


def _short(question: Question) -> str:
    return f"{question.code} {Truncator(question.text).chars(80)}"


class ReplyForm(GovukForm):
    title = "Reply to the query"
    submit_text = "Send the reply"

    reply = LongTextField(
        label="Your reply",
        help_text=f"The business unit reads it once the return is submitted again. {NO_CHILD}",
        max_length=2000,
        error_messages={"required": "Enter your reply"},
    )
    insists = forms.BooleanField(
        label="This is not about a child, a family or a member of staff",
        help_text="The business unit will look at the text before anyone else sees it.",
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "insists" not in self.data:
            self.fields["insists"].widget = forms.HiddenInput()

    def ask_whether_it_is_meant(self) -> None:
        """Show the box that says that the text is about no child, once the screening has found something."""
        self.fields["insists"].widget = forms.CheckboxInput()


class ExtendForm(GovukForm):
    title = "Give the school more time"
    submit_text = "Give more time"

    until = GovukDateField(
        label="New last day",
        describe="new last day",
        earliest=timezone.localdate,
        error_messages={"required": "Enter the new last day"},
    )
    reason = LongTextField(
        label="Why does the school need more time?",
        help_text="The school sees this.",
        max_length=1000,
        error_messages={"required": "Enter why the school needs more time"},
    )


class MakeDocumentForm(GovukForm):
    title = "Make the signed PDF"
    submit_text = "Make it again"
