"""A return's answer sheet: its questions, answers and results put together once, for pages, services and the PDF."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

from django.utils import timezone

from partnership.models import Action, HeldText, User
from schools import facts
from schools.answers import (
    NO_COLOUR,
    WANTED,
    Judgement,
    SectionResult,
    applies,
    display,
    judge,
    missing,
    needs_action,
    overall,
    section_result,
)
from schools.choices import Rag, SectionKind
from schools.models import Answer, Question, Return, ReturnQuery, School, Section, SectionDraft, SectionProgress
from schools.texts import is_about, waiting_texts

AT_WORK = timedelta(minutes=15)  # since somebody last typed


@dataclass(frozen=True, slots=True)
class Line:
    """One question on the sheet with its answer, last year's, and what is still wanted."""

    question: Question
    answer: Answer | None
    last: Answer | None
    judgement: Judgement
    needs_action: bool
    missing: list[str]
    queries: list[ReturnQuery]
    held: list[HeldText]

    @property
    def shown(self) -> list[str]:
        """The answer as lines to read."""
        return display(self.question, self.answer.value if self.answer else None)

    @property
    def last_shown(self) -> list[str]:
        """Last year's answer as lines to read; empty if there is none. It is read with the wording that it answered."""
        return display(self.last.question, self.last.value) if self.last else []


def blank_line(question: Question) -> Line:
    """The line of a question that nobody has answered, as the preview of a question set shows it."""
    return Line(question, None, None, NO_COLOUR, needs_action=False, missing=[], queries=[], held=[])


@dataclass(frozen=True, slots=True)
class Part:
    """One section of the sheet: the questions that apply, whether it is marked complete, and its result."""

    section: Section
    lines: list[Line]
    progress: SectionProgress | None
    result: SectionResult

    @property
    def is_begun(self) -> bool:
        return any(line.answer for line in self.lines)

    @property
    def is_complete(self) -> bool:
        """Marked complete, and nothing wanted since (an applicability may have changed)."""
        return bool(self.progress and self.progress.is_complete) and not self.missing

    @property
    def is_standard(self) -> bool:
        return self.section.kind == SectionKind.STANDARD

    @property
    def missing(self) -> list[tuple[Question, str]]:
        """What is still wanted, question by question."""
        return [(line.question, wanted) for line in self.lines for wanted in line.missing]

    @property
    def has_open_query(self) -> bool:
        return any(query.replied_at is None for line in self.lines for query in line.queries)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that stands between a return and its head: in a sentence, and the place where it is put right."""

    sentence: str
    part: Part | None = None
    question: Question | None = None
    field: str = ""  # of the question: "value", "reason", "action_what" …
    query: ReturnQuery | None = None


class Sheet:
    """A return with everything on it. A dozen and a half queries, whatever the number of questions."""

    def __init__(self, record: Return, *, on: date | None = None) -> None:
        self.record = record
        # A submitted return is judged as on the day it was submitted: dates do not go on growing old.
        submitted = record.is_submitted and record.submitted_at
        self.on = timezone.localdate(record.submitted_at) if submitted else (on or timezone.localdate())

    @cached_property
    def school(self) -> School | None:
        """The school, with its facts; None for an agency."""
        return School.objects.with_facts().filter(organisation=self.record.organisation_id).first()

    @cached_property
    def flags(self) -> frozenset[str]:
        """The flags that hold: as last worked out on the return, or from the school while nobody has started."""
        if self.record.flags is not None:
            return frozenset(self.record.flags)
        return frozenset(facts.flags(self.school)) if self.school else frozenset()

    @cached_property
    def sections(self) -> list[Section]:
        """Every section of the question set, with its questions."""
        sections = self.record.collection.question_set.sections
        return list(sections.prefetch_related("questions__scale__options"))

    @cached_property
    def answers(self) -> dict[int, Answer]:
        """The answers by question id."""
        return {answer.question_id: answer for answer in self.record.answers.select_related("updated_by")}

    @cached_property
    def last_return(self) -> Return | None:
        """The return before this one: the school's own or, if it is new, its predecessor's."""
        return previous_return(self.record, self.school)

    @cached_property
    def last_answers(self) -> dict[str, Answer]:
        """Last year's answers by the question's key."""
        if self.last_return is None:
            return {}
        answers = self.last_return.answers.select_related("question").prefetch_related("question__scale__options")
        return {answer.question.key: answer for answer in answers}

    @cached_property
    def last_results(self) -> dict[str, SectionProgress]:
        """Last year's results by the standard's code; empty where last year's return was never submitted."""
        if self.last_return is None:
            return {}
        results = self.last_return.progress.exclude(rag="").select_related("section")
        return {result.section.code: result for result in results}

    @cached_property
    def queries(self) -> list[ReturnQuery]:
        """Every query put to the school about this return, oldest first."""
        return list(self.record.queries.select_related("asked_by", "replied_by", "question__section"))

    @cached_property
    def held(self) -> list[HeldText]:
        """Texts of this return that wait for the business unit to look at them."""
        return waiting_texts(self.record)

    @cached_property
    def actions(self) -> list[Action]:
        """The tracker's actions that came from this return, by due date."""
        return actions_from(self.answers.values())

    @cached_property
    def parts(self) -> list[Part]:
        """The sections that have a question for this school, in order."""
        progress = {row.section_id: row for row in self.record.progress.select_related("updated_by")}
        parts = [self._part(section, progress.get(section.pk)) for section in self.sections]
        return [part for part in parts if part.lines]

    def _part(self, section: Section, progress: SectionProgress | None) -> Part:
        lines = [self._line(question) for question in section.questions.all() if applies(question, self.flags)]
        return Part(section, lines, progress, section_result(section, self.answers, self.flags, on=self.on))

    def _line(self, question: Question) -> Line:
        answer = self.answers.get(question.pk)
        value: Any = answer.value if answer else None
        held = [text for text in self.held if is_about(text, answer)]
        return Line(
            question=question,
            answer=answer,
            last=self.last_answers.get(question.key),
            judgement=judge(question, value, on=self.on),
            needs_action=needs_action(question, value, on=self.on),
            missing=missing(question, answer, on=self.on, held={text.field for text in held}),
            queries=[query for query in self.queries if query.question_id == question.pk],
            held=held,
        )

    def part(self, code: str) -> Part | None:
        """The part of the section with this code; None if it has no question for this school."""
        return next((part for part in self.parts if part.section.code == code), None)

    @property
    def standards(self) -> list[Part]:
        """The parts that are standards: what is scored and shown as a colour."""
        return [part for part in self.parts if part.is_standard]

    @property
    def lines(self) -> Iterator[Line]:
        for part in self.parts:
            yield from part.lines

    @property
    def weak_lines(self) -> list[Line]:
        """Red answers, then amber ones: what a head must know before confirming."""
        weak = [line for line in self.lines if line.judgement.is_weak]
        return sorted(weak, key=lambda line: line.judgement.rag != Rag.RED)

    @property
    def open_queries(self) -> list[ReturnQuery]:
        """Queries that the school has not replied to."""
        return [query for query in self.queries if query.replied_at is None]

    @property
    def overall(self) -> tuple[Rag | None, int | None]:
        """The worst standard's colour and the mean share of green: see ``schools.answers.overall``."""
        return overall(part.result for part in self.standards)

    @cached_property
    def problems(self) -> list[Problem]:
        """Everything that must be put right before the return can go to the head, in the order of the sheet."""
        found = [problem for part in self.parts for problem in self._problems_of(part)]
        return found + [_unanswered(query, self.part_of(query)) for query in self.open_queries] + self._held_replies()

    def _problems_of(self, part: Part) -> Iterator[Problem]:
        if not part.is_begun and part.missing:  # one sentence says as much as one for each question
            yield Problem(f"{part.section.title}: nothing has been entered yet", part)
            return
        for line in part.lines:
            for words in line.missing:
                yield Problem(f"{line.question.code}: enter {words}", part, line.question, FIELDS[words])
            for text in line.held:
                yield Problem(f"{line.question.code}: {HELD}", part, line.question, text.field)
        if not part.missing and not part.is_complete:
            yield Problem(f"{part.section.title}: say that you have completed this section", part, field="complete")

    def _held_replies(self) -> list[Problem]:
        waiting = [query for query in self.queries if any(is_about(text, query) for text in self.held)]
        return [Problem(f"Your reply to a query: {HELD}", query=query) for query in waiting]

    def part_of(self, query: ReturnQuery) -> Part | None:
        """The part in which a query is shown; None for one about the whole return."""
        return self.part(query.question.section.code) if query.question else None


FIELDS = {words: field for field, words in WANTED.items()}
HELD = "a text waits for the business unit to look at it. Wait, or write it in another way"


def _unanswered(query: ReturnQuery, part: Part | None) -> Problem:
    about = f"about question {query.question.code}" if query.question else "about the return"
    return Problem(f"Reply to the query {about}", part, query.question, query=query)


def previous_return(record: Return, school: School | None) -> Return | None:
    """The newest earlier return of the same kind that was begun: the organisation's own before its predecessors'."""
    organisations = [one.pk for one in school.lineage()] if school else [record.organisation_id]
    earlier = Return.objects.filter(
        organisation__in=organisations,
        collection__kind=record.collection.kind,
        collection__academic_year__lt=record.collection.academic_year,
        started_at__isnull=False,
    )

    def nearness(one: Return) -> tuple[int, int]:
        return -one.collection.academic_year, organisations.index(one.organisation_id)

    return min(earlier.select_related("collection"), key=nearness, default=None)


def actions_from(answers: Iterable[Answer]) -> list[Action]:
    """The tracker's actions that came from ``answers``, by due date. One query."""
    ids = [answer.pk for answer in answers]
    answer_type = Action(source=Answer()).source_type
    return list(Action.objects.filter(source_type=answer_type, source_id__in=ids)) if ids else []


def at_work(record: Return, *, at: datetime, but: User) -> list[SectionDraft]:
    """What others than ``but`` have typed into ``record`` within the last quarter of an hour, and not yet saved."""
    typed = record.drafts.filter(kept_at__gte=at - AT_WORK).exclude(user=but)
    return list(typed.select_related("user", "section").order_by("section__position", "user__name"))
