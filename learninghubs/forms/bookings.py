"""Forms of those who come to a forum: booking without an account, and what they thought of it."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from hscp.lib.forms import GovukForm, LongTextField
from learninghubs import forums as reads
from partnership.models import Organisation

# What a name never has, and a message to strangers in the place of a name needs: an address.
NO_NAME = re.compile(r"[/@<>]|www\.", re.IGNORECASE)
FIVE = [("5", "5, very"), ("4", "4"), ("3", "3"), ("2", "2"), ("1", "1, not at all")]


class OneLineName(forms.CharField):
    """The name of a person: it goes into e-mails, so that it must not carry a message of its own."""

    def clean(self, value: Any) -> str:
        name = " ".join(super().clean(value).split())
        if NO_NAME.search(name):
            raise ValidationError("Enter a name without addresses or signs", code="invalid")
        return name


class AgencyField(forms.TypedChoiceField):
    """An organisation that exists today, or none: agencies first, then schools. Cleans to the organisation."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, coerce=self._organisation, empty_value=None, choices=self._groups, **kwargs)

    @staticmethod
    def _groups() -> list[Any]:
        groups = reads.agencies_on(timezone.localdate())
        named = [(heading, [(str(row.pk), str(row)) for row in rows]) for heading, rows in groups]
        return [("", "Not on this list, or not said"), *named]

    @staticmethod
    def _organisation(pk: str) -> Organisation:
        return Organisation.objects.get(pk=pk)


class BookByEmailForm(GovukForm):
    """A place for somebody without an account."""

    title = "Book a place"
    submit_text = "Send me the link"

    name = OneLineName(
        label="Your name",
        max_length=100,
        widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": "Enter your name"},
    )
    email = forms.EmailField(
        label="Your work email address",
        help_text="We send a link to it. Your place is booked once you open the link and press the button there.",
        max_length=254,
        error_messages={"required": "Enter your work email address"},
    )
    agency = AgencyField(label="Where do you work? (optional)")


class EvaluationForm(GovukForm):
    """Two minutes of questions, none of them about the person."""

    title = "What did you think of the forum?"
    submit_text = "Send"

    useful = forms.TypedChoiceField(
        label="How useful was the forum for your work?",
        choices=FIVE,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Select how useful the forum was"},
    )
    confident = forms.TypedChoiceField(
        label="How confident are you to use what you learned?",
        choices=FIVE,
        coerce=int,
        widget=forms.RadioSelect,
        error_messages={"required": "Select how confident you are"},
    )
    will_change = LongTextField(
        label="What will you do differently? (optional)",
        help_text="Do not name or describe a child, a family, or yourself.",
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": "3"}),
    )
    improve = LongTextField(
        label="What would make the forums better? (optional)",
        max_length=1000,
        required=False,
        widget=forms.Textarea({"rows": "3"}),
    )
