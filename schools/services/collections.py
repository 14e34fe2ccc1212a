"""Collections: planned, changed, opened for every school asked in one statement, closed, opened again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import CharField, Max, Value
from django.db.models.functions import Cast, Concat
from django.forms.models import model_to_dict
from django.utils import timezone
from django.utils.formats import date_format

from hscp.lib.fingerprint import fingerprint as fingerprint_of
from partnership.choices import Role
from partnership.engine import mail
from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import Move, MoveNotAllowed, lock, take
from partnership.models import RoleGrant, User
from schools import facts
from schools.choices import CollectionKind, CollectionStatus, QuestionSetKind, QuestionSetStatus, ReturnStatus
from schools.models import Collection, QuestionSet, Return, School
from schools.moves import CLOSE_COLLECTION, OPEN_COLLECTION, REOPEN_COLLECTION
from schools.permissions import Perm

# What can be changed: of a draft all of it; of an open collection when, but never what is asked of whom.
DAYS = ("first_deadline", "final_deadline", "governance_days", "reminder_days", "chase_days")
EDITABLE = {
    CollectionStatus.DRAFT: ("academic_year", "question_set", "staff_survey", "duties", "opens_on", *DAYS),
    CollectionStatus.OPEN: DAYS,
}
EDIT = Move(  # asked for, never taken
    "change the collection", set(EDITABLE), CollectionStatus.OPEN, Perm.MANAGE_COLLECTION
)
ONE_PER_YEAR = "collection_one_per_year"  # the constraint of the model


# --- Planning ---------------------------------------------------------------------------------------------------------


def plan(*, by: User, **fields: Any) -> Collection:
    """A new collection, as a draft. Raises ``ValidationError`` with what is wrong by field, or ``PermissionDenied``."""
    if not by.has_perm(Perm.MANAGE_COLLECTION):
        raise PermissionDenied(f"{by} may not plan a collection")
    return _save(Collection(created_by=by, **fields))


def change(collection: Collection, *, by: User, loaded: str, **fields: Any) -> Collection:
    """Change a draft, or the days of an open collection; ``loaded`` is the fingerprint of what its form showed.

    Raises ``ValidationError`` with what is wrong by field, ``ChangedMeanwhile``, ``MoveNotAllowed`` (it has closed, or
    has been opened and ``fields`` cannot change any more) or ``PermissionDenied``.
    """
    with transaction.atomic():
        locked = lock(collection)
        if not by.has_perm(Perm.MANAGE_COLLECTION, locked):
            raise PermissionDenied(f"{by} may not {EDIT.verb}")
        if not fields.keys() <= set(editable_fields(locked)):
            raise MoveNotAllowed(EDIT, locked)
        if loaded != (now := fingerprint(locked)):
            raise ChangedMeanwhile(locked, now)
        was_due = locked.first_deadline
        for name, value in fields.items():
            setattr(locked, name, value)
        return _save(locked, was_due=was_due)


def editable_fields(collection: Collection) -> tuple[str, ...]:
    """The names of the fields that can be changed now; none of a closed collection."""
    return EDITABLE.get(CollectionStatus(collection.status), ())


def fingerprint(collection: Collection) -> str:
    """A short hash of what can be changed of ``collection``, and of its status: what a form was loaded with."""
    values = model_to_dict(collection, EDITABLE[CollectionStatus.DRAFT])
    return fingerprint_of([collection.status, values])


def _save(collection: Collection, *, was_due: date | None = None) -> Collection:
    wrong = dict(_wrong(collection, was_due=was_due, on=timezone.localdate()))
    if wrong:
        raise ValidationError(wrong)
    try:
        with transaction.atomic():
            collection.save()
    except IntegrityError as error:
        if ONE_PER_YEAR not in str(error):
            raise
        taken = f"There is a collection for {collection.year_label} already"
        raise ValidationError({"academic_year": taken}) from error
    return collection


def _wrong(collection: Collection, *, was_due: date | None, on: date) -> Iterator[tuple[str, str]]:
    """What is wrong with a collection as it is to be saved on ``on``: pairs of a field and a sentence."""
    is_draft = collection.status == CollectionStatus.DRAFT
    if is_draft:
        yield from _wrong_questions(collection)
    if is_draft and collection.opens_on < on:
        yield "opens_on", "The opening day must be today or in the future"
    if collection.first_deadline <= collection.opens_on:
        yield "first_deadline", "The first deadline must be after the opening day"
    elif collection.first_deadline < on and collection.first_deadline != was_due:
        yield "first_deadline", "The first deadline must be today or in the future, unless you leave it as it was"
    if collection.final_deadline < collection.first_deadline:
        yield "final_deadline", "The final deadline must be on or after the first deadline"
    elif collection.final_deadline < on:
        yield "final_deadline", "The final deadline must be today or in the future. To end sooner, close the collection"


def _wrong_questions(collection: Collection) -> Iterator[tuple[str, str]]:
    asked = QuestionSetKind.S175 if collection.kind == CollectionKind.S175 else QuestionSetKind.S11
    if not _can_be_asked(collection.question_set_id, asked):
        yield "question_set", f"Select a published set of the kind “{asked.label}”"
    if collection.staff_survey_id and not _can_be_asked(collection.staff_survey_id, QuestionSetKind.STAFF_SURVEY):
        yield "staff_survey", "Select a published staff survey"


def _can_be_asked(pk: int, kind: QuestionSetKind) -> bool:
    return QuestionSet.objects.published().filter(pk=pk, kind=kind).exists()


# --- Opening ----------------------------------------------------------------------------------------------------------


def open_collection(collection: Collection, *, by: User | None) -> Collection:
    """Open it: one return for every open school that is asked, in one statement; the leads are told.

    ``by`` None means that its opening day has come; a person may open it sooner, which makes today its opening day.
    Raises ``ValidationError`` if it cannot be asked as planned, ``MoveNotAllowed`` or ``PermissionDenied``.
    """
    today = timezone.localdate()
    with transaction.atomic():
        locked = take(OPEN_COLLECTION, collection, by=by)
        _check_ready(locked, on=today)
        locked.opens_on = min(locked.opens_on, today)
        locked.save(update_fields=["opens_on"])
        _ask(locked)
    return locked


def _check_ready(collection: Collection, *, on: date) -> None:
    wrong = [sentence for _, sentence in _wrong_questions(collection)]
    if collection.first_deadline < on:
        wrong.append("The first deadline has passed")
    if wrong:
        raise ValidationError([f"{sentence}: change the plan before you open the collection." for sentence in wrong])


def _ask(collection: Collection) -> None:
    """Make the missing returns of a collection, and tell the people who fill them."""
    asked = add_returns(collection)
    mail.queue("collection_opened", to=_to_tell(asked), about=collection, collection=collection)


def _to_tell(organisations: Sequence[int]) -> list[User]:
    """The designated safeguarding leads of ``organisations``; where there is none, the head. One query."""
    grants = RoleGrant.objects.active(timezone.localdate()).filter(
        organisation__in=organisations, role__in=[Role.DSL, Role.HEADTEACHER], user__is_active=True
    )
    found: dict[tuple[int | None, str], list[User]] = {}
    for grant in grants.select_related("user").order_by("pk"):
        found.setdefault((grant.organisation_id, grant.role), []).append(grant.user)
    return [
        person
        for organisation in organisations
        for person in found.get((organisation, Role.DSL)) or found.get((organisation, Role.HEADTEACHER), [])
    ]


def add_returns(collection: Collection) -> list[int]:
    """Make the missing returns of a collection: at its opening, and for schools that open later. Returns whose (by
    organisation id) were made.

    One INSERT … SELECT, whatever the number of schools; a school that has a return keeps it.
    """
    asked = School.objects.filter(facts.schools_asked_q(collection.duties)).order_by()
    rows = asked.annotate(
        for_collection=Value(collection.pk),
        new_reference=Concat(Value(reference_prefix(collection)), Cast("urn", CharField())),
        new_status=Value(ReturnStatus.NOT_STARTED.value),
    ).values_list("for_collection", "organisation_id", "new_reference", "new_status")
    select, params = rows.query.sql_with_params()
    insert = f"INSERT INTO {Return._meta.db_table} (collection_id, organisation_id, reference, status) {select}"
    with connection.cursor() as cursor:
        # The table's name is Django's own and the SELECT is compiled by it, with its parameters apart.
        cursor.execute(f"{insert} ON CONFLICT DO NOTHING RETURNING organisation_id", params)
        return [organisation for (organisation,) in cursor.fetchall()]


def reference_prefix(collection: Collection) -> str:
    """What the references of a collection's returns begin with, e.g. "S175-2627-"; the school's URN follows."""
    year = collection.academic_year
    return f"{collection.kind.upper()}-{year % 100:02}{(year + 1) % 100:02}-"


# --- Closing, and opening again ---------------------------------------------------------------------------------------


def close_collection(collection: Collection, *, by: User | None) -> Collection:
    """Close it: no school can change its return, unless it has more time of its own. ``by`` None means that the last
    day, extensions included, is over. Raises ``MoveNotAllowed`` or ``PermissionDenied``."""
    return take(CLOSE_COLLECTION, collection, by=by)


def reopen_collection(collection: Collection, *, by: User, note: str, final_deadline: date | None = None) -> Collection:
    """Open a closed collection again, with the reason, until ``final_deadline`` (None: the one that it had).

    Raises ``ValidationError`` where that day has passed: the collection would close again at once. Also
    ``NoteRequired``, ``MoveNotAllowed``, ``PermissionDenied``.
    """
    with transaction.atomic():
        locked = lock(collection)
        earliest, until = max(timezone.localdate(), locked.first_deadline), final_deadline or locked.final_deadline
        if until < earliest:
            day = date_format(earliest, "j F Y")
            raise ValidationError({"final_deadline": f"The final deadline must be on or after {day}"})
        return take(REOPEN_COLLECTION, locked, by=by, note=note, final_deadline=until)


def open_and_close_by_the_clock() -> None:
    """Open drafts whose opening day has come and which are ready, ask schools that have opened since, and close
    collections whose last day is over."""
    today = timezone.localdate()
    ready = Collection.objects.filter(
        status=CollectionStatus.DRAFT,
        opens_on__lte=today,
        first_deadline__gte=today,
        question_set__status=QuestionSetStatus.PUBLISHED,
    )
    for collection in ready:
        # Somebody was quicker, or a set has been retired since: the home page says that it waits.
        with suppress(MoveNotAllowed, ValidationError):
            open_collection(collection, by=None)
    for collection in Collection.objects.filter(status=CollectionStatus.OPEN):
        _keep_up(collection, on=today)


@transaction.atomic
def _keep_up(collection: Collection, *, on: date) -> None:
    locked = lock(collection)
    if locked.status != CollectionStatus.OPEN:
        return
    if last_day(locked) < on:
        close_collection(locked, by=None)
    elif locked.final_deadline >= on:
        _ask(locked)


def last_day(collection: Collection) -> date:
    """The last day on which any of its returns can be changed: the final deadline, or the latest extension."""
    latest: date | None = collection.returns.aggregate(latest=Max("extended_to"))["latest"]
    return max(collection.final_deadline, latest or date.min)
