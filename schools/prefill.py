"""What the portal fills in for a school, so that nobody types twice what is known (WCAG 3.3.7). Reads only.

A question's ``prefill`` names where its answer comes from; the details of the school start from last year's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from partnership.choices import ActionStatus
from schools.answers import EMPTY, NEVER
from schools.choices import AnswerType, SectionKind
from schools.models import Question, Section
from schools.sheets import Line, Part, Sheet, actions_from

FROM_CONTEXT = "context_"


@dataclass(frozen=True, slots=True)
class Prefill:
    """A value to start from, in the shape of ``Answer.value``, and where it came from."""

    value: Any
    note: str


def prefills(sheet: Sheet, part: Part) -> dict[str, Prefill]:
    """What is offered for the questions of ``part`` that have no answer yet, by the question's key.

    Two queries at most beyond the sheet's own.
    """
    offered = {line.question.key: _prefill(sheet, part.section, line) for line in part.lines if line.answer is None}
    return {key: prefill for key, prefill in offered.items() if prefill is not None}


def _prefill(sheet: Sheet, section: Section, line: Line) -> Prefill | None:
    named = _named(sheet, line.question)
    if named is not None and named.value not in EMPTY:
        return named
    return _from_last_year(line) if section.kind == SectionKind.CONTEXT else None


def _named(sheet: Sheet, question: Question) -> Prefill | None:
    """From the source that the question set names; None if it names none that the portal knows."""
    if question.prefill.startswith(FROM_CONTEXT):
        return _from_context(sheet, question)
    source = SOURCES.get(question.prefill)
    return source(sheet) if source else None


def _from_register(sheet: Sheet) -> Prefill | None:
    name = sheet.school.head_name if sheet.school else ""
    return Prefill({"name": name}, "From the national register. Correct it if it is not right.") if name else None


def _share_of_actions_done(sheet: Sheet) -> Prefill | None:
    """Of the actions from last year's return that were not given up, how many are done: a whole percentage, half up;
    100 if there were none."""
    if sheet.last_return is None:
        return None
    actions = actions_from(sheet.last_answers.values())
    kept = [action for action in actions if action.status != ActionStatus.CANCELLED]
    done = sum(action.status == ActionStatus.DONE for action in kept)
    share = (200 * done + len(kept)) // (2 * len(kept)) if kept else 100
    return Prefill(share, f"Last year’s actions: {done} of {len(kept)} are done. Correct it if it is not right.")


def _from_context(sheet: Sheet, question: Question) -> Prefill | None:
    """A date that was given with a person in the details of the school: when they were last trained."""
    code = question.prefill.removeprefix(FROM_CONTEXT)
    line = next((line for line in sheet.lines if line.question.code == code), None)
    value = line.answer.value if line and line.answer else None
    if question.answer_type != AnswerType.DATE or not isinstance(value, dict):
        return None
    return Prefill(value.get("trained"), "From the details of the school. Correct it if it is not right.")


SOURCES: dict[str, Callable[[Sheet], Prefill | None]] = {
    "gias": _from_register,
    "last_cycle_actions": _share_of_actions_done,
}


def _from_last_year(line: Line) -> Prefill | None:
    """Last year's answer, if the question is still of the same type. What was not done then may have been since."""
    if line.last is None or line.last.value in (*EMPTY, NEVER):
        return None
    if line.last.question.answer_type != line.question.answer_type:
        return None
    return Prefill(line.last.value, "From last year’s return. Check that it is still right.")
