"""A question in words, for the pages of the business unit: what is asked of whom, and what turns an answer red."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from schools.choices import AnswerType, Flag, Rag
from schools.models import Option, Question, Scale
from schools.question_file.records import FIXED_SCALES

PREFILLS: Final = {
    "gias": "The national register (GIAS)",
    "last_cycle_actions": "How many of last year’s actions are done",
}
FROM_CONTEXT: Final = "context_"  # and the code of the question that it is filled in from
OPTION_SOURCES: Final = {"events_in_cycle": "The partnership’s events of the year"}
FEEDS: Final = {
    "good_practice_library": "The library of good practice",
    "learning_hub_suggestion": "Suggestions to the learning hubs",
    "themed_suggestions": "Suggestions, by theme",
}
REFERENCE_CHECKS: Final = {
    "shown": "Read in the current text",
    "recall": "Still to be checked against the current text",
}


def prefill_words(prefill: str) -> str:
    """Where an answer is filled in from, in words."""
    if prefill.startswith(FROM_CONTEXT):
        return f"The answer to question {prefill.removeprefix(FROM_CONTEXT)}"
    return PREFILLS.get(prefill, prefill)


def facts(question: Question) -> list[tuple[str, str]]:
    """What there is to know of a question beside its wording and options: pairs of a label and a text, none empty."""
    found = (
        ("Guidance", question.guidance),
        ("Colour", " ".join(_colours(question))),
        ("Longest text", f"{question.max_length:,} characters" if question.max_length else ""),
        ("Rows", "; ".join(label for _, label in question.rows)),
        ("More answers", OPTION_SOURCES.get(question.options_from, question.options_from)),
        ("Asked only if", Flag(question.applies_when).label if question.applies_when else ""),
        ("Decides", Flag(question.sets_flag).label if question.sets_flag else ""),
        ("Filled in from", prefill_words(question.prefill)),
        ("Evidence", question.evidence_prompt),
        ("Reference", _reference(question)),
        ("Staff survey", ", ".join(question.staff_twins)),
        ("Return", ", ".join(question.links)),
        ("Feeds", FEEDS.get(question.feeds, question.feeds)),
    )
    return [(label, text) for label, text in found if text]


def _reference(question: Question) -> str:
    if question.reference_check == "recall":
        return f"{question.reference} (still to be checked)"
    return question.reference


def _colours(question: Question) -> Iterator[str]:
    """What turns a percentage or a date amber or red."""
    if question.red_below is not None:
        yield f"Red below {question.red_below}%."
    if question.amber_below is not None:
        yield f"Amber below {question.amber_below}%."
    if question.max_age_days is not None:
        yield f"Amber when it is more than {question.max_age_days:,} days ago."


def option_notes(option: Option) -> list[str]:
    """What an option does beside having a colour, in words."""
    notes = {
        "an action is required": option.action_required,
        "urgent": option.urgent,
        "a reason is required": option.needs_reason,
        "not scored": not option.scored,
        "the right answer": option.correct,
        "chosen alone": option.exclusive,
    }
    return [note for note, is_true in notes.items() if is_true]


def scale_name(scale: Scale) -> str:
    """What a scale is called: as the answer type that always uses it, or by its code."""
    kind = next((kind for kind, code in FIXED_SCALES.items() if code == scale.code), None)
    return str(AnswerType(kind).label) if kind else scale.code.replace("_", " ").capitalize()


TYPE_HINTS: Final = {
    AnswerType.RATING4: "Embedded, in place, developing or not in place",
    AnswerType.YES_NO: "",
    AnswerType.YES_NO_NA: "“Not applicable” needs a reason and does not count",
    AnswerType.DATE: "A day in the past, which may grow too old; where it counts, “not done yet” is red",
    AnswerType.PERCENT: "A whole number from 0 to 100",
    AnswerType.COUNT: "A whole number",
    AnswerType.MULTI: "You write the answers after you save",
    AnswerType.CHOICE: "You write the answers after you save",
    AnswerType.TEXT: "A few sentences",
    AnswerType.PERSON: "A name and work email address",
    AnswerType.PERSON_WITH_DATES: "A name, work email address, and the dates of appointment and training",
    AnswerType.REPEAT: "Names, each with the date of training",
    AnswerType.LIKERT5: "Five steps, from strongly agree to strongly disagree",
    AnswerType.YES_UNSURE_NO: "",
    AnswerType.LIKERT5_GRID: "Several statements with the same five steps",
    AnswerType.KNOWLEDGE: "One of several answers is right. You write them after you save",
}

COLOUR_WORDS: Final = {"": "No colour", Rag.GREEN: "Green", Rag.AMBER: "Amber", Rag.RED: "Red"}
