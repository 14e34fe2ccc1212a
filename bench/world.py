"""A county of any size: schools, their leads, and years of returns, made in the database by INSERT … SELECT.

The schools have the demo's mix of types and phases; the answers are made up by arithmetic. Each row is a copy of one
that Django made, so a new column needs no change here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain
from typing import Any

from django.conf import settings
from django.db import connection, models
from django.utils import timezone

from hscp.lib.dates import academic_year
from partnership.choices import OrganisationKind, Role
from partnership.models import Organisation, RoleGrant, User
from schools.choices import CollectionStatus, Duty, Rag, ReturnStatus, SchoolStatus, SectionKind
from schools.demo.register import GROUPS, KINDS
from schools.models import Answer, Collection, QuestionSet, Return, School, SectionProgress
from schools.question_file import read_question_file
from schools.rules import ESTABLISHMENT_TYPES
from schools.services import questions
from schools.services.collections import add_returns

SCHOOLS_IN_A_DISTRICT = 60
# A value of the question's type, as ``schools.answers`` has them (SQL; ``q`` is the question).
VALUE = """CASE q.answer_type
    WHEN 'date' THEN '"2026-03-02"' WHEN 'percent' THEN '95' WHEN 'count' THEN '4' WHEN 'multi' THEN '["other"]'
    WHEN 'person' THEN '{"name": "Jo"}' WHEN 'person_with_dates' THEN '{"name": "Jo"}'
    WHEN 'repeat' THEN '[{"name": "Jo"}]' ELSE '"embedded"' END::jsonb"""
FIRST = 1_000_000  # the id of the first school's organisation, and of its lead
SUBMITTED_PER_HUNDRED = 52  # of each year that is over, as in the county's own account
THIS_YEAR = ((40, ReturnStatus.SUBMITTED), (46, ReturnStatus.WITH_HEAD), (70, ReturnStatus.IN_PROGRESS))


@dataclass(frozen=True, slots=True)
class World:
    """A county in the database, and somebody of its business unit."""

    unit: User
    collection: Collection


def load_question_set() -> QuestionSet:
    """The return that the portal comes with, published."""
    path = settings.BASE_DIR / "schools" / "data" / "s175-2026-27.yaml"
    return questions.publish(questions.load(read_question_file(path.read_bytes()), by=None), by=None)


def make(schools: int, *, years: int) -> World:
    """A county with so many schools and years of returns, the last of them open."""
    unit = User.objects.create(email="unit@bench.example", name="Unit")
    RoleGrant.objects.create(user=unit, role=Role.BUSINESS_UNIT, starts=timezone.localdate())
    _make_schools(schools)
    _make_leads(schools)
    question_set = load_question_set()
    this_year = academic_year(timezone.localdate())
    for year in range(this_year - years + 1, this_year + 1):
        collection = _make_collection(question_set, year, is_open=year == this_year)
        question_set = questions.publish(questions.copy(question_set, version=f"bench {year}", by=unit), by=None)
    _execute("VACUUM ANALYZE")  # as autovacuum would have done by the time that anybody looks
    return World(unit, collection)


def _execute(statement: str) -> None:
    """Run ``statement`` without the checks of foreign keys, row by row: what is copied here is right."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET session_replication_role = DEFAULT")


def _copy(template: models.Model, source: str, values: Mapping[str, str]) -> None:
    """A copy of ``template`` for each row of ``source``, with ``values`` (SQL, by column) of its own.

    The template's row is gone afterwards. A key that is not among ``values`` is numbered by the database.
    """
    meta = template._meta
    fields: list[Any] = [f for f in meta.concrete_fields if not isinstance(f, models.AutoField) or f.column in values]
    columns: list[str] = [field.column for field in fields]
    chosen = ", ".join(values.get(column, f"template.{column}") for column in columns)
    key: Any = meta.pk
    where = f"template.{key.column} = {template.pk}"
    # Only names of our own models and numbers go into these statements.
    _execute(
        f"INSERT INTO {meta.db_table} ({', '.join(columns)}) "  # noqa: S608
        f"SELECT {chosen} FROM {meta.db_table} AS template, {source} WHERE {where}"
    )
    _execute(f"DELETE FROM {meta.db_table} AS template WHERE {where}")  # noqa: S608


def _chance(number: str, below: int) -> str:
    """A number from 0 up to ``below`` that looks like chance, and is the same each time (SQL)."""
    return f"abs(hashint4({number})::bigint) % {below}"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


# --- Schools and their leads ------------------------------------------------------------------------------------------


def _make_schools(number: int) -> None:
    organisation = Organisation.objects.create(name="Template", kind=OrganisationKind.SCHOOL)
    school = School.objects.create(
        organisation=organisation,
        urn=1,
        la_code="919",
        la_name="Bench",
        status=SchoolStatus.OPEN,
        low_age=3,
        high_age=18,
    )
    every = f"generate_series(1, {number}) AS n"
    _copy(organisation, every, {"id": f"{FIRST} + n", "name": "'School ' || n"})
    types = {kind.code: kind for kind in ESTABLISHMENT_TYPES}
    kinds = list(chain.from_iterable([kind] * kind.number for kind in KINDS))
    rows = ", ".join(
        f"({place}, {_text(kind.type_code)}, {_text(types[kind.type_code].name)}, {_text(kind.phase)}, "
        f"{_text(GROUPS[kind.type_code][1])})"
        for place, kind in enumerate(kinds)
    )
    source = f"{every} JOIN (VALUES {rows}) AS kind(place, code, name, phase, of) ON kind.place = n % {len(kinds)}"
    districts = max(1, number // SCHOOLS_IN_A_DISTRICT)
    own = {"organisation_id": f"{FIRST} + n", "urn": f"{FIRST} + n", "phase": "kind.phase"}
    own |= {"type_code": "kind.code", "type_name": "kind.name", "type_group_name": "kind.of"}
    own |= {"district_name": f"'District ' || {_chance('n', districts)}"}
    _copy(school, source, own)


def _make_leads(number: int) -> None:
    """A designated safeguarding lead for every school; every tenth has never signed in."""
    lead = User.objects.create(email="template@bench.example", name="Lead")
    somewhere = Organisation.objects.create(name="Another", kind=OrganisationKind.SCHOOL)
    grant = RoleGrant.objects.create(user=lead, role=Role.DSL, organisation=somewhere, starts=timezone.localdate())
    every = f"generate_series(1, {number}) AS n"
    _copy(grant, every, {"user_id": f"{FIRST} + n", "organisation_id": f"{FIRST} + n"})
    signed_in = "CASE WHEN n % 10 > 0 THEN now() END"
    own = {"id": f"{FIRST} + n", "email": "'lead' || n || '@bench.example'", "last_login": signed_in}
    _copy(lead, every, own)


# --- Returns ----------------------------------------------------------------------------------------------------------


def _make_collection(question_set: QuestionSet, year: int, *, is_open: bool) -> Collection:
    opens = timezone.localdate() - timedelta(days=40)
    collection = Collection.objects.create(
        academic_year=year,
        question_set=question_set,
        duties=[Duty.S175, Duty.S157, Duty.NMSS],
        opens_on=opens,
        first_deadline=opens + timedelta(days=60),
        final_deadline=opens + timedelta(days=90),
        status=CollectionStatus.OPEN if is_open else CollectionStatus.CLOSED,
    )
    add_returns(collection)
    _set_statuses(collection, is_open=is_open)
    _answer(collection)
    return collection


def _set_statuses(collection: Collection, *, is_open: bool) -> None:
    steps = THIS_YEAR if is_open else ((SUBMITTED_PER_HUNDRED, ReturnStatus.ACCEPTED),)
    place = _chance(f"organisation_id::int + {collection.academic_year}", 100)
    whens = " ".join(f"WHEN {place} < {below} THEN '{status}'" for below, status in steps)
    _execute(
        f"UPDATE {Return._meta.db_table} SET status = CASE {whens} ELSE status END, "  # noqa: S608
        f"submitted_at = CASE WHEN {place} < {steps[0][0]} THEN now() END, governance_due = current_date + 60 "
        f"WHERE collection_id = {collection.pk}"
    )


def _answer(collection: Collection) -> None:
    """Answers and results of the submitted returns: most are green, and what applies to some is not applicable."""
    record = Return.objects.filter(collection=collection, submitted_at=None).first()  # one that gets no answers
    section = collection.question_set.sections.filter(kind=SectionKind.STANDARD).first()
    question = collection.question_set.questions.filter(scored=True).first()
    assert record is not None  # noqa: S101 - else there is nothing to measure
    assert section is not None  # noqa: S101
    assert question is not None  # noqa: S101
    asked = ", ".join(map(str, collection.question_set.questions.values_list("pk", flat=True)))
    standards = collection.question_set.sections.filter(kind=SectionKind.STANDARD)
    held = ", ".join(map(str, standards.values_list("pk", flat=True)))
    numbered = f"SELECT id, row_number() OVER () AS n FROM {Return._meta.db_table} WHERE {_submitted(collection)}"  # noqa: S608
    chance = _chance("r.n::int * 100 + q.position", 23)
    colour = f"CASE WHEN {chance} = 0 THEN 'red' WHEN {chance} < 4 THEN 'amber' ELSE 'green' END"
    some = f"CASE WHEN q.applies_when = '' OR {chance} > 15 THEN {colour} ELSE 'na' END"
    _copy(
        Answer.objects.create(return_record=record, question=question, value="embedded", evidence="Minutes of March."),
        f"({numbered}) AS r JOIN schools_question q ON q.id IN ({asked})",
        {"return_record_id": "r.id", "question_id": "q.id", "rag": some, "value": VALUE},
    )
    _copy(
        SectionProgress.objects.create(return_record=record, section=section, rag=Rag.GREEN, is_complete=True),
        f"({numbered}) AS r JOIN schools_section q ON q.id IN ({held})",
        {"return_record_id": "r.id", "section_id": "q.id", "rag": colour},
    )


def _submitted(collection: Collection) -> str:
    statuses = f"'{ReturnStatus.SUBMITTED}', '{ReturnStatus.ACCEPTED}'"
    return f"collection_id = {collection.pk} AND status IN ({statuses})"
