"""Whether a question set can be published: what is wrong with it, and what somebody should look at first.

The rules about one set are those of its file (``schools.question_file.checks``), so that a file and a browser can never
disagree; here come those that only matter once it is to be asked. Reads only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schools import models
from schools.choices import Flag, QuestionSetKind, QuestionSetStatus
from schools.models import QuestionSet
from schools.question_file import Question, QuestionSetFile, Section, check_question_set, check_twins
from schools.question_rows import read_rows

FEWEST_OPTIONS: Final = 2
SAID_BY_THE_SCHOOL: Final = (Flag.USES_ALTERNATIVE_PROVISION, Flag.LETS_PREMISES)

# Which kind of set a kind has its twins in.
TWIN_KIND: Final = {
    QuestionSetKind.S175: QuestionSetKind.STAFF_SURVEY,
    QuestionSetKind.STAFF_SURVEY: QuestionSetKind.S175,
}

Record = Section | Question | models.Section | models.Question

# What the messages of a file say in the file's own words, and what the pages call it.
PAGE_WORDS: Final = {
    "“no_child_data_notice” is missing": "The notice about personal details is missing",
    "there is nothing to choose from: “options” is missing": "there is nothing to choose from: add its answers",
    "must have exclusive: true": "must be one that is chosen alone",
    "must have correct: true": "must be the right answer",
    "Give it a threshold, or scored: false": "Give it a threshold or colours, or say that it does not count",
    "every option needs a colour (rag), because it is scored": "every option needs a colour, because it counts",
    "must have needs_reason: true": "must need a reason",
    "must have scored: false": "must not count",
    "only the questions of a standard are scored": "only the questions of a standard count",
    "a question that is not scored cannot": "a question that does not count cannot",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to look at, and where on the page of the set (``anchor_of``); empty if it is the set as a whole."""

    text: str
    anchor: str = ""


def problems(question_set: QuestionSet) -> list[Finding]:
    """Everything that keeps the set from being published, in the order of its pages; empty if nothing does.

    A fixed number of queries, whatever the size of the set.
    """
    asked = _with_questions(question_set)
    found = [_for_a_page(problem.message) for problem in check_question_set(asked, flags=Flag.values)]
    found += [*_too_few_options(asked), *_flags_nobody_sets(asked), *_same_words_twice(asked)]
    found += _twin_problems(question_set, asked)
    return sorted((_located(text, asked) for text in found), key=lambda finding: _place(finding, asked))


def warnings(question_set: QuestionSet) -> list[Finding]:
    """What does not stand in the way of publishing but should be known: references to check, numbers out of order."""
    asked = _with_questions(question_set)
    return [*_unchecked_references(asked), *_numbers_out_of_order(asked), *_unknown_twins(question_set, asked)]


def _with_questions(question_set: QuestionSet) -> QuestionSetFile:
    return read_rows(QuestionSet.objects.with_questions().get(pk=question_set.pk))


def _for_a_page(message: str) -> str:
    for file_words, page_words in PAGE_WORDS.items():
        message = message.replace(file_words, page_words)
    return message


# --- What stands in the way -----------------------------------------------------------------------------------------


def _too_few_options(asked: QuestionSetFile) -> Iterator[str]:
    """No options at all is a problem of the file already; some come from elsewhere, such as the year's events."""
    for question in asked.questions:
        if 0 < len(asked.options_of(question)) < FEWEST_OPTIONS and not question.options_from:
            yield f"Question {question.code}: there is only one option to choose."


def _flags_nobody_sets(asked: QuestionSetFile) -> Iterator[str]:
    """What only the school knows must be asked before a question can depend on it."""
    asked_so_far: set[str] = set()
    set_anywhere = {question.sets_flag for question in asked.questions}
    for question in asked.questions:
        flag = question.applies_when
        if flag in SAID_BY_THE_SCHOOL and flag not in asked_so_far:
            where = "only later" if flag in set_anywhere else "nowhere"
            yield f"Question {question.code} depends on “{Flag(flag).label}”, which the school is asked {where}."
        asked_so_far.add(question.sets_flag)


def _same_words_twice(asked: QuestionSetFile) -> Iterator[str]:
    first: dict[str, Question] = {}
    for question in asked.questions:
        words = " ".join(question.text.casefold().split())
        if words in first:
            yield f"Question {question.code}: question {first[words].code} asks the same in the same words."
        first.setdefault(words, question)


def _twin_problems(question_set: QuestionSet, asked: QuestionSetFile) -> Iterator[str]:
    """Where the set and its counterpart do not name each other's questions."""
    counterpart = _counterpart(question_set)
    if counterpart is None or not (_names_twins(asked) and _names_twins(counterpart)):
        return
    is_survey = question_set.kind == QuestionSetKind.STAFF_SURVEY
    pair = (counterpart, asked) if is_survey else (asked, counterpart)
    for problem in check_twins(*pair):
        own = f"{asked.slug} "
        yield f"Question {problem.message.removeprefix(own)}" if problem.message.startswith(own) else problem.message


def _counterpart(question_set: QuestionSet) -> QuestionSetFile | None:
    """The newest set, not retired, that the twins of this one are in."""
    kind = TWIN_KIND.get(QuestionSetKind(question_set.kind))
    others = QuestionSet.objects.with_questions().filter(kind=kind).exclude(status=QuestionSetStatus.RETIRED)
    found = others.order_by("-created_at", "-pk").first() if kind else None
    return read_rows(found) if found else None


def _names_twins(asked: QuestionSetFile) -> bool:
    return any(question.staff_twins or question.links for question in asked.questions)


# --- What should be known -------------------------------------------------------------------------------------------


def _unchecked_references(asked: QuestionSetFile) -> Iterator[Finding]:
    codes = [question.code for question in asked.questions if question.reference_check == "recall"]
    if codes:
        yield Finding(f"References still to be checked against the guidance: {', '.join(codes)}.")


def _numbers_out_of_order(asked: QuestionSetFile) -> Iterator[Finding]:
    for section in asked.sections:
        numbers = [_number(question.code) for question in section.questions]
        if numbers != sorted(numbers):
            yield Finding(f"The numbers of the questions in “{section.title}” are not in order.", anchor_of(section))


def _number(code: str) -> list[int]:
    """A code as something to sort by: 1.10 comes after 1.9, and Q10 after Q9."""
    return [int(digits) for digits in re.findall(r"\d+", code)]


def _unknown_twins(question_set: QuestionSet, asked: QuestionSetFile) -> Iterator[Finding]:
    if _names_twins(asked) and _counterpart(question_set) is None:
        yield Finding("There is nothing yet to compare the staff survey’s questions with.")


# --- Where a finding belongs ----------------------------------------------------------------------------------------


def _located(text: str, asked: QuestionSetFile) -> Finding:
    for record in _in_order(asked):
        name = f"{type(record).__name__} {record.code}"
        if text.startswith((f"{name} ", f"{name}:", f"{name},")):
            return Finding(text, anchor_of(record))
    return Finding(text)


def anchor_of(record: Record) -> str:
    """The id that a question or section has on the page of its set, e.g. "question-1.3"."""
    return f"{type(record).__name__.lower()}-{record.code}"


def _place(finding: Finding, asked: QuestionSetFile) -> int:
    anchors = ["", *(anchor_of(record) for record in _in_order(asked))]
    return anchors.index(finding.anchor)


def _in_order(asked: QuestionSetFile) -> Iterator[Section | Question]:
    for section in asked.sections:
        yield section
        yield from section.questions
