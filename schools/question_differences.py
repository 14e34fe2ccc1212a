"""What two versions of a question set differ in. Questions are the same if their key is, sections if their code is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any, Final

from schools.choices import AnswerType, Flag, SectionKind
from schools.question_file import GridRow, Option, QuestionSetFile, Scale


class Kind(StrEnum):
    """What happened to a question, a section, a scale or the set itself."""

    ADDED = "Added"
    REMOVED = "Removed"
    REWORDED = "Reworded"
    CHANGED = "Changed"  # in what is asked: answer, options, thresholds, whom it is for
    MOVED = "Moved"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing as it was and as it became, in words."""

    label: str
    was: str
    became: str


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that happened to one part of the set. One that was both reworded and moved has two of them."""

    kind: Kind
    what: str  # "Question 1.3", "Section S2", "Scale rating4", "The set"
    text: str
    changes: tuple[Change, ...] = ()


# In the order in which they are told. What is a matter of words is "reworded", all else "changed".
WORDS: Final = {
    "title": "Title",
    "text": "Wording",
    "guidance": "Guidance",
    "introduction": "Introduction",
    "no_child_data_notice": "Notice about personal details",
    "evidence_prompt": "Evidence",
}
FACTS: Final = {
    "guidance_edition": "Edition of the guidance",
    "kind": "Kind",
    "code": "Number",
    "answer_type": "Answer",
    "scale_code": "Scale",
    "options": "Options",
    "options_from": "Options from",
    "rows": "Rows",
    "applies_when": "Asked of",
    "critical": "Critical",
    "scored": "Scored",
    "amber_below": "Amber below",
    "red_below": "Red below",
    "max_age_days": "Oldest date, in days",
    "max_length": "Longest text, in characters",
    "reference": "Reference",
    "reference_check": "Reference checked",
    "prefill": "Filled in from",
    "sets_flag": "Decides",
    "staff_twins": "Staff survey",
    "links": "Questions of the return",
    "theme_linked": "About this year’s themes",
    "feeds": "Feeds",
}


def differences(old: QuestionSetFile, new: QuestionSetFile) -> list[Difference]:
    """What happened between ``old`` and ``new``: the set's own words, then sections, questions and scales.

    Removed things come at the end of their kind. Positions count as moved only where the order of what both have is
    another one: a question below a new one has not moved.
    """
    return [
        *_reworked("The set", new.title, old, new),
        *_of_sections(old, new),
        *_of_questions(old, new),
        *_of_scales(old, new),
    ]


def _of_sections(old: QuestionSetFile, new: QuestionSetFile) -> Iterator[Difference]:
    before = {section.code: section for section in old.sections}
    after = {section.code: section for section in new.sections}
    moved = _moved(list(before), list(after))
    for code, section in after.items():
        what = f"Section {code}"
        if code not in before:
            yield Difference(Kind.ADDED, what, section.title)
            continue
        yield from _reworked(what, section.title, before[code], section)
        if code in moved:
            yield Difference(Kind.MOVED, what, section.title)
    for code, section in before.items():
        if code not in after:
            yield Difference(Kind.REMOVED, f"Section {code}", section.title)


def _of_questions(old: QuestionSetFile, new: QuestionSetFile) -> Iterator[Difference]:
    before = {question.key: question for question in old.questions}
    was_in, is_in = _sections_by_key(old), _sections_by_key(new)
    moved = _moved_questions(old, new)
    for question in new.questions:
        what = f"Question {question.code}"
        if question.key not in before:
            yield Difference(Kind.ADDED, what, question.text)
            continue
        yield from _reworked(what, question.text, before[question.key], question)
        if question.key in moved:
            change = _change("Section", was_in[question.key], is_in[question.key])
            yield Difference(Kind.MOVED, what, question.text, change)
    for key, question in before.items():
        if key not in is_in:
            yield Difference(Kind.REMOVED, f"Question {question.code}", question.text)


def _sections_by_key(asked: QuestionSetFile) -> dict[str, str]:
    return {question.key: section.title for section in asked.sections for question in section.questions}


def _moved_questions(old: QuestionSetFile, new: QuestionSetFile) -> set[str]:
    """The keys of questions that stand in another section, or elsewhere in the order of their section."""
    places = [{q.key: section.code for section in asked.sections for q in section.questions} for asked in (old, new)]
    moved = {key for key in places[0].keys() & places[1].keys() if places[0][key] != places[1][key]}
    for code in {section.code for section in new.sections}:
        moved |= _moved(*([key for key, place in each.items() if place == code] for each in places))
    return moved


def _moved(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Which of the things on both lists changed their place among each other: as few as explain the new order."""
    old, new = [each for each in before if each in after], [each for each in after if each in before]
    matched = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    stayed = {each for block in matched for each in old[block.a : block.a + block.size]}
    return set(old) - stayed


def _of_scales(old: QuestionSetFile, new: QuestionSetFile) -> Iterator[Difference]:
    before = {scale.code: scale for scale in old.scales}
    after = {scale.code: scale for scale in new.scales}
    for code, scale in after.items():
        if code not in before:
            yield Difference(Kind.ADDED, f"Scale {code}", _shown(scale.options))
        elif scale.options != before[code].options:
            yield from _rescaled(before[code], scale)
    for code, scale in before.items():
        if code not in after:
            yield Difference(Kind.REMOVED, f"Scale {code}", _shown(scale.options))


def _rescaled(old: Scale, new: Scale) -> Iterator[Difference]:
    change = _change("Options", _shown(old.options), _shown(new.options))
    yield Difference(Kind.CHANGED, f"Scale {new.code}", "", change)


def _reworked(what: str, text: str, old: Any, new: Any) -> Iterator[Difference]:
    """What is different in one record: its words, and its other facts."""
    for kind, labels in ((Kind.REWORDED, WORDS), (Kind.CHANGED, FACTS)):
        changes = [
            Change(label, _shown(getattr(old, name)), _shown(getattr(new, name)))
            for name, label in labels.items()
            if hasattr(new, name) and getattr(old, name) != getattr(new, name)
        ]
        if changes:
            yield Difference(kind, what, text, tuple(changes))


def _change(label: str, was: str, became: str) -> tuple[Change, ...]:
    return (Change(label, was, became),) if was != became else ()


LABELS: Final = {str(value): str(label) for each in (AnswerType, Flag, SectionKind) for value, label in each.choices}


def _shown(value: Any) -> str:
    """A value in words; empty for nothing."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        separator = "; " if value and isinstance(value[0], Option) else ", "
        return separator.join(map(_shown, value))
    if isinstance(value, Option):
        return _option(value)
    if isinstance(value, GridRow):
        return value.label
    return LABELS.get(str(value), str(value)) if value not in (None, "") else ""


def _option(option: Option) -> str:
    """An option with all that makes a difference: "Developing (partly in place, amber, needs an action)"."""
    notes = {
        "needs an action": option.action_required,
        "urgent": option.urgent,
        "needs a reason": option.needs_reason,
        "not scored": not option.scored,
        "correct": option.correct,
        "chosen alone": option.exclusive,
    }
    told = [option.help, option.rag, *(note for note, is_true in notes.items() if is_true)]
    return f"{option.label} ({', '.join(filter(None, told))})" if any(told) else option.label


@dataclass(frozen=True, slots=True)
class Words:
    """A stretch of a text: ``was`` and ``became`` are the same where nothing changed; either may be empty."""

    was: str
    became: str

    @property
    def stayed(self) -> bool:
        return self.was == self.became


def compared_words(was: str, became: str) -> list[Words]:
    """Two texts, word by word, as stretches that stayed and stretches that changed."""
    old, new = was.split(), became.split()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [Words(" ".join(old[a:b]), " ".join(new[c:d])) for _, a, b, c, d in matcher.get_opcodes()]
