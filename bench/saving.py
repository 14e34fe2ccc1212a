"""Sections of a return saved per second, beside a bare INSERT of the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from bench import Measure, Part, world
from partnership.models import User
from schools.choices import AnswerType, CollectionStatus, ReturnStatus
from schools.models import Answer, Collection, Question, Return, Section
from schools.services.sections import NOTHING, Content, Entry, save_section

RETURNS = 20  # each with every section of the full set, by turns bare and saved


def run() -> Part:
    """Every section of some returns, saved through the service, and the answers that came of it inserted bare."""
    made = world.make(RETURNS * 2, years=1)
    Answer.objects.all().delete()
    Return.objects.update(status=ReturnStatus.NOT_STARTED, submitted_at=None)
    Collection.objects.update(status=CollectionStatus.OPEN)
    records = list(Return.objects.select_related("collection", "organisation").order_by("pk"))
    sections = list(made.collection.question_set.sections.prefetch_related("questions__scale__options"))
    saved = bare = 0.0
    for record, other in zip(records[::2], records[1::2], strict=True):
        for section in sections:
            saved += _save(record, section)
            bare += _insert(other, list(record.answers.filter(question__section=section)))
    number = RETURNS * len(sections)
    rows = Answer.objects.count() / 2
    return Part(
        f"Saving a return: {number} sections of the full set, {rows / number:.1f} answers each",
        "the bare INSERT",
        [
            Measure("bare INSERT of a section's answers, committed", number / bare, "sections/s"),
            Measure("section saved (save_section)", number / saved, "sections/s", bare / saved),
        ],
    )


def _save(record: Return, section: Section) -> float:
    by = User.objects.get(grants__organisation=record.organisation)
    entries = [_entry(question) for question in section.questions.all()]
    start = perf_counter()
    outcome = save_section(record, section, entries, by=by, complete=True)
    taken = perf_counter() - start
    if outcome.written != len(entries):
        raise RuntimeError(f"{outcome.written} of {len(entries)} answers were written")
    return taken


def _entry(question: Question) -> Entry:
    content = Content(_value(question), evidence="Minutes of the governors’ meeting of March, and the single record.")
    return Entry(question, content, NOTHING.fingerprint)


def _value(question: Question) -> Any:
    """Something that can be answered to ``question``."""
    today = timezone.localdate().isoformat()
    person = {"name": "Jo Example", "email": "jo@bench.example", "appointed": today, "trained": today}
    by_type: dict[AnswerType, Any] = {
        AnswerType.DATE: today,
        AnswerType.PERCENT: 95,
        AnswerType.COUNT: 12,
        AnswerType.TEXT: "Briefings at the start of each week.",
        AnswerType.PERSON: {"name": "Jo Example"},
        AnswerType.PERSON_WITH_DATES: person,
        AnswerType.REPEAT: [{"name": "Sam Example", "trained": today}],
        AnswerType.MULTI: [option.code for option in question.options[:1]],
    }
    first = question.options[0].code if question.options else None
    return by_type.get(AnswerType(question.answer_type), first)


def _insert(record: Return, answers: Sequence[Answer]) -> float:
    """The same answers for another return, in one INSERT and one transaction: the least that saving could cost."""
    fields: list[Any] = [field for field in Answer._meta.concrete_fields if not field.primary_key]
    for answer in answers:
        answer.return_record_id = record.pk
    values = [
        [field.get_db_prep_save(getattr(answer, field.attname), connection) for field in fields] for answer in answers
    ]
    columns = ", ".join(field.column for field in fields)
    line = f"({', '.join(['%s'] * len(fields))})"
    statement = f"INSERT INTO {Answer._meta.db_table} ({columns}) VALUES {', '.join([line] * len(values))}"  # noqa: S608
    flat = [value for row in values for value in row]
    start = perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, flat)
    return perf_counter() - start
