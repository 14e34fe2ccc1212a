"""The fields that hold the answer to a question, by its type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from crispy_forms_gds.choices import Choice
from django import forms
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from hscp.lib.forms import GovukDateField, LongTextField
from schools.answers import CHOOSE_ONE, EMPTY, NEVER
from schools.choices import AnswerType
from schools.models import Question

LONGEST_TEXT = 1000  # characters; the question set says so of evidence
MOST_PEOPLE = 30
NO_NAMES = "No names, and nothing that points to a child, a family or a colleague."
HIGHEST_COUNT = 100_000

ONE_PERSON = {
    AnswerType.PERSON: ("name", "email"),
    AnswerType.PERSON_WITH_DATES: ("name", "email", "appointed", "trained"),
}
EACH_PERSON = ("name", "trained")  # where several are asked for


class PercentField(forms.IntegerField):
    """A whole percentage; a percent sign may be typed with it."""

    def to_python(self, value: Any) -> int | None:
        return super().to_python(value.strip().removesuffix("%") if isinstance(value, str) else value)


def answer_names(question: Question, *, rows: int = 0) -> list[str]:
    """The short names of the fields that hold the answer to ``question``; ``rows`` is the number of people it shows."""
    if question.answer_type == AnswerType.REPEAT:
        return [f"{row}_{name}" for row in range(rows) for name in EACH_PERSON]
    if may_be_never(question):
        return ["value", "never"]
    return list(ONE_PERSON.get(AnswerType(question.answer_type), ("value",)))


def may_be_never(question: Question) -> bool:
    """Whether the answer may be that it has not been done yet, in place of a date. Only where that counts: as red."""
    return question.answer_type == AnswerType.DATE and question.scored


def answer_fields(question: Question, value: Any, *, rows: int = 0) -> dict[str, forms.Field]:
    """The fields that hold the answer to ``question``, by short name, with ``value`` as their start."""
    kind = AnswerType(question.answer_type)
    if kind in ONE_PERSON:
        return _person_fields(ONE_PERSON[kind], value or {})
    if kind == AnswerType.REPEAT:
        return _people_fields(value or [], rows)
    if may_be_never(question):
        return {"value": _one_field(question, None if value == NEVER else value), "never": _never(value)}
    return {"value": _one_field(question, value)}


def read_answer(question: Question, sent: Mapping[str, Any], *, rows: int = 0) -> Any:
    """The answer as ``Answer.value`` keeps it (see ``schools.answers``), from cleaned values by short name; None where
    nothing was entered."""
    kind = AnswerType(question.answer_type)
    if kind in ONE_PERSON:
        return _person({name: sent.get(name) for name in ONE_PERSON[kind]})
    if kind == AnswerType.REPEAT:
        people = [_person({name: sent.get(f"{row}_{name}") for name in EACH_PERSON}) for row in range(rows)]
        return [person for person in people if person] or None
    if sent.get("never"):
        return NEVER
    return _plain(sent.get("value"))


def heading(question: Question) -> SafeString:
    """The question with its number, as the label or legend of its field."""
    return format_html('<span class="hscp-question__number">{}</span> {}', question.code, question.text)


def with_notice(hint: str) -> SafeString:
    """``hint`` with what every box for free text says."""
    return format_html('{}<span class="hscp-no-names">{}</span>', hint, NO_NAMES)


def _one_field(question: Question, value: Any) -> forms.Field:
    common: dict[str, Any] = {
        "label": heading(question),
        "help_text": escape(question.guidance),
        "required": False,
        "initial": value,
    }
    if question.answer_type in CHOOSE_ONE:
        return forms.ChoiceField(choices=_choices(question), widget=forms.RadioSelect, **common)
    if question.answer_type == AnswerType.MULTI:
        return forms.MultipleChoiceField(choices=_choices(question), widget=forms.CheckboxSelectMultiple, **common)
    if question.answer_type == AnswerType.DATE:
        return _past_date(f"date for question {question.code}", value, common)
    if question.answer_type == AnswerType.PERCENT:
        return PercentField(min_value=0, max_value=100, **common)
    if question.answer_type == AnswerType.COUNT:
        return forms.IntegerField(min_value=0, max_value=HIGHEST_COUNT, **common)
    common["help_text"] = with_notice(question.guidance)
    return LongTextField(max_length=question.max_length or LONGEST_TEXT, **common)


def _never(value: Any) -> forms.BooleanField:
    box = forms.CheckboxInput({"data-hscp-never": ""})  # for the page's script
    return forms.BooleanField(label="This has not been done yet", required=False, initial=value == NEVER, widget=box)


def _choices(question: Question) -> list[Choice]:
    return [Choice(option.code, option.label, hint=option.help or None) for option in question.options]


def _people_fields(people: list[Mapping[str, str]], rows: int) -> dict[str, forms.Field]:
    """A row of fields for each person, and for those that may be added; how many there are is sent along."""
    filled = [*people, *({} for _ in range(rows))][:rows]
    fields = {
        f"{row}_{name}": field
        for row, person in enumerate(filled)
        for name, field in _person_fields(EACH_PERSON, person).items()
    }
    return fields | {"rows": forms.CharField(required=False, widget=forms.HiddenInput, initial=rows)}


def _person_fields(names: Iterable[str], value: Mapping[str, str]) -> dict[str, forms.Field]:
    made: dict[str, forms.Field] = {
        "name": forms.CharField(label="Name", required=False, max_length=150, initial=value.get("name", "")),
        "email": forms.EmailField(
            label="Work email address (optional)", required=False, max_length=254, initial=value.get("email", "")
        ),
        "appointed": _past_date("date appointed", value.get("appointed"), {"label": "Date appointed (optional)"}),
        "trained": _past_date(
            "date of training", value.get("trained"), {"label": "Date of last formal safeguarding training (optional)"}
        ),
    }
    for field in (made["name"], made["email"]):
        field.widget.attrs["autocomplete"] = "off"  # somebody else's, more often than not
    return {name: made[name] for name in names}


def _past_date(describe: str, value: str | None, options: Mapping[str, Any]) -> GovukDateField:
    initial = date.fromisoformat(value) if value else None
    return GovukDateField(
        describe=describe, latest=timezone.localdate, **{"required": False, **options, "initial": initial}
    )


def _person(parts: Mapping[str, Any]) -> dict[str, str] | None:
    kept = {name: str(_plain(value)) for name, value in parts.items() if _plain(value)}
    return kept or None


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, list):
        return list(dict.fromkeys(value)) or None
    return None if value in EMPTY else value
