"""Four years of the demo's returns: three collections that are over, and one under way with returns in every state.

Written in bulk, so that it takes seconds; the services make the same rows one by one. Every answer is invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import chain
from pathlib import Path
from random import Random

from django.contrib.contenttypes.models import ContentType
from django.db.models import Prefetch
from django.utils import timezone

from hscp.lib.dates import academic_year
from partnership.choices import ActionPriority, ActionStatus, Role
from partnership.engine import documents
from partnership.models import Action, RoleGrant, StatusChange, User
from schools import facts
from schools.answers import needs_action, section_result
from schools.choices import CollectionStatus, Duty, ReturnStatus, SectionKind, SignOffKind
from schools.demo.answers import Author
from schools.demo.people import SHOWN
from schools.models import (
    SUBMITTED,
    Answer,
    Collection,
    Extension,
    Question,
    QuestionSet,
    Return,
    ReturnQuery,
    School,
    Section,
    SectionProgress,
    SignOff,
)
from schools.moves import ACCEPT, QUERY, SEND_TO_HEAD, START, SUBMIT
from schools.question_file import read_question_file
from schools.services import questions
from schools.services.collections import add_returns
from schools.services.returns import GOVERNANCE_STATEMENT, HEAD_STATEMENT, SIGNED_RETURN

DATA = Path(__file__).resolve().parent.parent / "data"
DUTIES = [Duty.S175, Duty.S157, Duty.NMSS]

RETURNED = (231, 258, 280)  # of 535, in the three years before; 280 as in the county's own account of 2019
UNDER_WAY = {  # this year's returns: 280 begun
    ReturnStatus.IN_PROGRESS: 118,
    ReturnStatus.WITH_HEAD: 34,
    ReturnStatus.SUBMITTED: 71,
    ReturnStatus.ACCEPTED: 57,
}
SHOWN_STATUSES = dict(
    zip(SHOWN, (ReturnStatus.IN_PROGRESS, ReturnStatus.WITH_HEAD, ReturnStatus.SUBMITTED), strict=True)
)
BATCH = 5000


@dataclass(slots=True)
class Story:
    """One return to be told: how far it came, and on which days."""

    record: Return
    school: School
    status: ReturnStatus
    started: date
    submitted: date | None
    people: dict[Role, User]


def load(chance: Random, schools: list[School], on: date) -> None:
    """Question sets, collections and returns, the newest collection open on ``on``."""
    unit = User.objects.get(email__startswith="unit@")
    before, now, survey = _question_sets(unit)
    people = _people()
    able = [school for school in _with_facts(schools) if {Role.DSL, Role.HEADTEACHER} <= people[school.pk].keys()]
    author = Author(chance, able)
    year = academic_year(on)
    for offset, number in zip((3, 2, 1), RETURNED, strict=True):
        collection = _past_collection(before, year - offset, unit)
        _tell(author, collection, _past_stories(author, collection, able, number, people), unit)
    collection = _open_collection(now, survey, year, on, unit)
    _tell(author, collection, _present_stories(author, collection, able, people, on), unit)
    _show(collection, schools, unit, on)


def _question_sets(unit: User) -> tuple[QuestionSet, QuestionSet, QuestionSet]:
    """The set of the years before, this year's, and the staff survey: all published."""
    parsed = read_question_file((DATA / "s175-2026-27.yaml").read_text(encoding="utf-8"))
    survey = read_question_file((DATA / "staff-survey-2026-27.yaml").read_text(encoding="utf-8"))
    versions = (survey, "2026-27.1"), (parsed, "2023-24.1"), (parsed, "2026-27.1")
    loaded = [questions.load(replace(file, version=version), by=unit) for file, version in versions]
    for question_set in loaded:
        questions.publish(question_set, by=unit)
    return loaded[1], loaded[2], loaded[0]


def _people() -> dict[int, dict[Role, User]]:
    """For each school (by organisation id), who holds which role."""
    found: dict[int, dict[Role, User]] = {pk: {} for pk in School.objects.values_list("pk", flat=True)}
    for grant in RoleGrant.objects.filter(organisation__in=found).select_related("user"):
        found[grant.organisation_id or 0][Role(grant.role)] = grant.user
    return found


def _with_facts(schools: list[School]) -> list[School]:
    return list(School.objects.with_facts().filter(pk__in=[school.pk for school in schools]).order_by("urn"))


def _past_collection(question_set: QuestionSet, year: int, unit: User) -> Collection:
    opens = date(year, 11, 2)
    return _collection(question_set, None, year, opens, CollectionStatus.CLOSED, unit)


def _open_collection(question_set: QuestionSet, survey: QuestionSet, year: int, on: date, unit: User) -> Collection:
    return _collection(question_set, survey, year, on - timedelta(days=40), CollectionStatus.OPEN, unit)


def _collection(
    question_set: QuestionSet, survey: QuestionSet | None, year: int, opens: date, status: CollectionStatus, unit: User
) -> Collection:
    first = opens + timedelta(days=70)
    collection = Collection.objects.create(
        academic_year=year,
        question_set=question_set,
        staff_survey=survey,
        duties=DUTIES,
        opens_on=opens,
        first_deadline=first,
        final_deadline=first + timedelta(days=25),
        status=status,
        created_by=unit,
    )
    add_returns(collection)
    return collection


# --- Which school came how far ------------------------------------------------------------------------------------


def _past_stories(
    author: Author, collection: Collection, schools: list[School], number: int, people: dict[int, dict[Role, User]]
) -> list[Story]:
    """Accepted returns of ``number`` schools: the same diligent ones every year, mostly."""
    records = _records(collection)
    return [
        _story(author, records[school.pk], school, ReturnStatus.ACCEPTED, people, collection.final_deadline)
        for school in author.most_diligent(schools, number)
    ]


def _present_stories(
    author: Author, collection: Collection, schools: list[School], people: dict[int, dict[Role, User]], on: date
) -> list[Story]:
    records = _records(collection)
    shown = dict(
        zip((school.pk for school in schools if school.urn < schools[0].urn + 3), SHOWN_STATUSES.values(), strict=False)
    )
    statuses = list(chain.from_iterable([status] * number for status, number in UNDER_WAY.items()))
    for status in shown.values():
        statuses.remove(status)
    others = [school for school in author.most_diligent(schools, sum(UNDER_WAY.values()) + 3) if school.pk not in shown]
    author.chance.shuffle(statuses)
    chosen = {**shown, **{school.pk: status for school, status in zip(others, statuses, strict=False)}}
    by_id = {school.pk: school for school in schools}
    return [_story(author, records[pk], by_id[pk], status, people, on) for pk, status in chosen.items()]


def _records(collection: Collection) -> dict[int, Return]:
    return {record.organisation_id: record for record in collection.returns.select_related("organisation")}


def _story(
    author: Author,
    record: Return,
    school: School,
    status: ReturnStatus,
    people: dict[int, dict[Role, User]],
    latest: date,
) -> Story:
    opened = record.collection.opens_on
    days = (min(latest, record.collection.final_deadline) - opened).days
    started = opened + timedelta(days=author.chance.randint(0, max(1, days // 2)))
    submitted = None
    if status in SUBMITTED:
        submitted = started + timedelta(days=author.chance.randint(1, max(1, (days - (started - opened).days) - 1)))
    return Story(record, school, status, started, submitted, people[school.pk])


# --- Telling them -------------------------------------------------------------------------------------------------


def _tell(author: Author, collection: Collection, stories: list[Story], unit: User) -> None:
    """Write the returns of one collection with their answers, sign-offs, actions and changes of status."""
    sections = list(
        collection.question_set.sections.prefetch_related(
            Prefetch("questions", Question.objects.select_related("scale").prefetch_related("scale__options"))
        )
    )
    for story in stories:
        _set_record(author, story)
    Return.objects.bulk_update(
        [story.record for story in stories],
        ["status", "started_at", "submitted_at", "governance_due", "board_minute_date"],
        batch_size=BATCH,
    )
    answers = [answer for story in stories for answer in _answers(author, story, sections)]
    Answer.objects.bulk_create(answers, batch_size=BATCH)
    Return.objects.bulk_update([story.record for story in stories], ["flags"], batch_size=BATCH)
    by_return: dict[int, list[Answer]] = {story.record.pk: [] for story in stories}
    for answer in answers:
        by_return[answer.return_record_id].append(answer)
    SectionProgress.objects.bulk_create(
        chain.from_iterable(_progress(story, sections, by_return[story.record.pk]) for story in stories),
        batch_size=BATCH,
    )
    StatusChange.objects.bulk_create(chain.from_iterable(_changes(story, unit) for story in stories), batch_size=BATCH)
    SignOff.objects.bulk_create(chain.from_iterable(_sign_offs(author, story) for story in stories))
    _actions(author, stories, by_return)


def _set_record(author: Author, story: Story) -> None:
    record = story.record
    record.status = story.status
    record.started_at = _at(story.started, 9)
    if story.submitted:
        record.submitted_at = _at(story.submitted, 15)
        record.governance_due = story.submitted + timedelta(days=record.collection.governance_days)
        if author.chance.random() < 0.5:
            record.board_minute_date = min(story.submitted + timedelta(days=21), timezone.localdate())


def _at(day: date, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour, 12)))


def _answers(author: Author, story: Story, sections: list[Section]) -> Iterator[Answer]:
    on = story.submitted or timezone.localdate()
    flags = {str(flag) for flag in facts.flags(story.school)}
    how_far = 1.0
    if story.status == ReturnStatus.IN_PROGRESS:
        how_far = 0.8 if story.school.urn % 1000 == 1 else author.chance.uniform(0.1, 0.95)
    for number, section in enumerate(sections):
        if number > how_far * len(sections):
            break
        for question in section.questions.all():
            if question.applies_when and question.applies_when not in flags:
                continue
            answer = author.answer(story.school, story.record, question, on=on)
            if answer is None:
                continue
            answer.updated_by, answer.updated_at = story.people[Role.DSL], _at(story.submitted or story.started, 11)
            if question.sets_flag and answer.value == "yes":
                flags.add(question.sets_flag)
            yield answer
    story.record.flags = sorted(flags)


def _progress(story: Story, sections: list[Section], answers: list[Answer]) -> Iterator[SectionProgress]:
    on = story.submitted or timezone.localdate()
    by_question = {answer.question_id: answer for answer in answers}
    for section in sections:
        if not any(question.pk in by_question for question in section.questions.all()):
            continue
        row = SectionProgress(
            return_record=story.record, section=section, is_complete=True, updated_by=story.people[Role.DSL]
        )
        if story.submitted and section.kind == SectionKind.STANDARD:
            result = section_result(section, by_question, story.record.flags or [], on=on)
            row.rag, row.share_green = result.rag or "", result.share_green
        yield row


def _changes(story: Story, unit: User) -> Iterator[StatusChange]:
    lead, head = story.people[Role.DSL], story.people[Role.HEADTEACHER]
    end = story.submitted or story.started
    steps = [(START, lead, _at(story.started, 9)), (SEND_TO_HEAD, lead, _at(end, 13)), (SUBMIT, head, _at(end, 15))]
    steps.append((ACCEPT, unit, _at(end, 17)))
    wanted = {
        ReturnStatus.IN_PROGRESS: 1,
        ReturnStatus.WITH_HEAD: 2,
        ReturnStatus.SUBMITTED: 3,
        ReturnStatus.ACCEPTED: 4,
    }
    for move, by, at in steps[: wanted[story.status]]:
        source = next(iter(move.sources))
        yield StatusChange(about=story.record, verb=move.verb, from_status=source, to_status=move.target, by=by, at=at)


def _sign_offs(author: Author, story: Story) -> Iterator[SignOff]:
    if story.submitted is None:
        return
    head = story.people[Role.HEADTEACHER]
    yield _sign_off(story, SignOffKind.HEAD, HEAD_STATEMENT, Role.HEADTEACHER, head, _at(story.submitted, 15))
    chair = story.people.get(Role.CHAIR_OF_GOVERNORS)
    signed = story.submitted + timedelta(days=author.chance.randint(3, 55))
    if chair and signed <= timezone.localdate() and author.chance.random() < 0.93:
        at = _at(signed, 18)
        yield _sign_off(story, SignOffKind.GOVERNANCE, GOVERNANCE_STATEMENT, Role.CHAIR_OF_GOVERNORS, chair, at)


def _sign_off(story: Story, kind: SignOffKind, statement: str, role: Role, by: User, at: datetime) -> SignOff:
    return SignOff(
        return_record=story.record, kind=kind, signed_by=by, name=by.name, role=role.label, statement=statement, at=at
    )


def _actions(author: Author, stories: list[Story], by_return: dict[int, list[Answer]]) -> None:
    """The tracker's actions of submitted returns: older ones mostly done, some overdue."""
    answer_type = ContentType.objects.get_for_model(Answer)
    made: list[Action] = []
    for story in stories:
        if story.submitted is None:
            continue
        made.extend(
            _action(author, story, story.submitted, answer, answer_type)
            for answer in by_return[story.record.pk]
            if needs_action(answer.question, answer.value, on=story.submitted)
        )
    Action.objects.bulk_create(made, batch_size=BATCH)


def _action(author: Author, story: Story, submitted: date, answer: Answer, answer_type: ContentType) -> Action:
    today = timezone.localdate()
    due = answer.action_due or submitted
    status = author.action_status(due, on=today)
    finished = min(due, today) if status == ActionStatus.DONE else None
    return Action(
        organisation_id=story.school.pk,
        what=answer.action_what,
        who=answer.action_who,
        due=due,
        priority=ActionPriority.HIGH if answer.rag == "red" else ActionPriority.NORMAL,
        status=status,
        evidence="Checked by the safeguarding governor and minuted." if finished else "",
        finished_on=finished,
        source_type=answer_type,
        source_id=answer.pk,
        created_by=story.people[Role.HEADTEACHER],
        created_at=_at(submitted, 15),
    )


# --- What the demo wants to show besides --------------------------------------------------------------------------


def _show(collection: Collection, schools: list[School], unit: User, on: date) -> None:
    """A signed PDF to be made, a few queries and extensions."""
    returns = collection.returns.select_related("organisation__school").order_by("pk")
    submitted = returns.get(organisation_id=schools[2].pk)
    documents.want(SIGNED_RETURN, about=submitted, by=unit)
    in_progress = [record for record in returns if record.status == ReturnStatus.IN_PROGRESS]
    for record in in_progress[-4:]:
        _query(record, unit, on)
    for record in returns.filter(status=ReturnStatus.NOT_STARTED)[:5]:
        until = collection.final_deadline + timedelta(days=14)
        record.extended_to = until
        record.save(update_fields=["extended_to"])
        Extension.objects.create(
            return_record=record,
            until=until,
            reason="A new designated safeguarding lead starts after half term.",
            granted_by=unit,
        )


def _query(record: Return, unit: User, on: date) -> None:
    text = "You rate this as embedded but give no evidence. What shows it?"
    question = Question.objects.filter(answers__return_record=record, answers__value="embedded").first()
    at = _at(on - timedelta(days=2), 12)
    StatusChange.objects.create(
        about=record, verb=QUERY.verb, from_status="submitted", to_status="in_progress", by=unit, at=at, note=text
    )
    ReturnQuery.objects.create(return_record=record, question=question, text=text, asked_by=unit, asked_at=at)
