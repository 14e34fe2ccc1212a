"""What the hub types when it sees to suggestions, and its wording."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import Truncator

from hscp.lib.forms import GovukForm, LongTextField
from learninghubs.inbox import MOST_ALIKE
from learninghubs.models import LearningHub, Suggestion
from learninghubs.models.suggestions import TEXTS

NO_CHILD = "Do not name or describe any child, family or member of staff."
TITLE_HELP = f"A few words by which the Board and the newsletter know it. {NO_CHILD}"
MOST_OF_TEXT = 250  # characters of a text that stand beside a tick box
MOST_TITLE = Suggestion._meta.get_field("title").max_length


def title_field(label: str) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=MOST_TITLE,
        help_text=TITLE_HELP,
        error_messages={"required": "Enter a short title"},
    )


class TitleForm(GovukForm):
    """Has a field called ``title``, which a form's own heading would hide if it were declared."""

    label = "What is it about?"
    submit_text = "Save"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"] = title_field(self.label)


class TakeOnForm(TitleForm):
    title = "Take this suggestion on"
    submit_text = "It identifies nobody: take it on"


class RetitleForm(TitleForm):
    label = "What is this suggestion about?"


class AskForm(GovukForm):
    submit_text = "Send the question"

    text = LongTextField(
        label="What do you want to ask its author?",
        help_text=f"They get it by e-mail, with a link by which they reply. {NO_CHILD}",
        max_length=2000,
        error_messages={"required": "Enter what you want to ask"},
    )


class SetAsideForm(GovukForm):
    submit_text = "Take it no further"
    submit_style = "warning"

    note = LongTextField(
        label="Why is it taken no further?",
        help_text=f"Its author is told in these words, so write to them. {NO_CHILD}",
        max_length=2000,
        error_messages={"required": "Enter why it is taken no further"},
    )


class TakeBackForm(GovukForm):
    title = "Take it back from the Board"
    submit_text = "Take it back from the Board"
    submit_style = "warning"

    note = LongTextField(
        label="Why is it taken back?",
        help_text=f"The hub and the business unit read this; so does the chair, if it is on an agenda. {NO_CHILD}",
        max_length=1000,
        error_messages={"required": "Enter why it is taken back"},
    )


class HandOverForm(GovukForm):
    title = "Hand it to another hub"
    submit_text = "Hand it over"

    to = forms.ModelChoiceField(
        LearningHub.objects.none(),
        label="Which hub should see to it?",
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": "Select a hub",
            "invalid_choice": "This hub has closed, or has the suggestion already: select another one",
        },
    )
    note = LongTextField(
        label="Why?",
        help_text=f"The leads of that hub read this. {NO_CHILD}",
        max_length=1000,
        error_messages={"required": "Enter why another hub should see to it"},
    )

    def __init__(self, *args: Any, suggestion: Suggestion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        closed = {"group__ends__lte": timezone.localdate()}
        others = LearningHub.objects.exclude(pk=suggestion.hub_id).exclude(**closed)
        self.fields["to"].queryset = others.select_related("group")


class HoldForm(GovukForm):
    submit_text = "Send it to the business unit"
    submit_style = "warning"

    field = forms.ChoiceField(
        label="Which text could identify somebody?",
        help_text="Nobody reads it here until the business unit has taken out what identifies a child, a family or a "
        "member of staff.",
        widget=forms.RadioSelect,
        error_messages={"required": "Select the text", "invalid_choice": "Select one of the texts that are there"},
    )

    def __init__(self, *args: Any, suggestion: Suggestion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["field"].choices = [(name, label_of(name)) for name in TEXTS if getattr(suggestion, name)]


def label_of(name: str) -> str:
    """What a text of a suggestion is headed by."""
    label = str(Suggestion._meta.get_field(name).verbose_name)
    return label[:1].upper() + label[1:]


class SendUpForm(GovukForm):
    """A title for each of the suggestions that go to the Board."""

    title = "Put to the Board"
    submit_text = "Put to the Board"

    def __init__(self, *args: Any, suggestions: Iterable[Suggestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.suggestions = list(suggestions)
        for suggestion in self.suggestions:
            field = title_field(f"Title of {suggestion.reference}")
            self.fields[f"title_{suggestion.pk}"] = field
            self.initial.setdefault(f"title_{suggestion.pk}", suggestion.title)

    def titles(self) -> dict[Suggestion, str]:
        """What was typed, by suggestion."""
        return {suggestion: self.cleaned_data[f"title_{suggestion.pk}"] for suggestion in self.suggestions}


def in_brief(suggestion: Suggestion) -> SafeString:
    """A suggestion beside its tick box: what it is called, where it comes from, and enough of it to know it by."""
    received = date_format(timezone.localdate(suggestion.received_at), "j F Y")
    where = ", ".join(filter(None, [str(suggestion.hub), received, str(suggestion.agency or "")]))
    texts = [(Truncator(text).chars(MOST_OF_TEXT),) for text in (suggestion.now, suggestion.change) if text]
    said = format_html_join("", "<br>{}", texts)
    return format_html('<strong>{}</strong><br><span class="hscp-muted">{}</span>{}', suggestion, where, said)


class MergeForm(GovukForm):
    """Which ones are put into the one that the page is about: those of ``found`` that are offered."""

    label_is_heading = False
    submit_text = "Put them together"

    chosen = forms.ModelMultipleChoiceField(
        Suggestion.objects.none(),
        label="Which of these say the same?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Tick the suggestions that belong together",
            "invalid_choice": "One of them has left the hub meanwhile: tick the others again",
            "invalid_pk_value": "Tick the suggestions that belong together",
        },
    )

    def __init__(self, *args: Any, found: QuerySet[Suggestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offered = list(found[:MOST_ALIKE])
        self.fields["chosen"].queryset = found
        self.fields["chosen"].choices = [(one.pk, in_brief(one)) for one in self.offered]


class MergeTickedForm(GovukForm):
    """Which of several that were ticked goes on for them all. ``ticked`` carries which ones the page showed."""

    submit_text = "Put them together"

    into = forms.ModelChoiceField(
        Suggestion.objects.none(),
        label="Which one goes on for all of them?",
        help_text="The others are put into it. All their authors stay on it and are told.",
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={
            "required": "Select the one that goes on",
            "invalid_choice": "Select one of those that you ticked",
        },
    )
    ticked = forms.ModelMultipleChoiceField(Suggestion.objects.none(), widget=forms.MultipleHiddenInput)

    def __init__(self, *args: Any, fitting: list[Suggestion], allowed: QuerySet[Suggestion], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["into"].queryset = self.fields["ticked"].queryset = allowed
        self.fields["into"].choices = [(one.pk, in_brief(one)) for one in fitting]
        self.initial["ticked"] = [one.pk for one in fitting]
