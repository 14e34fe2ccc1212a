"""Resolving professional differences: started, answered, moved up (by a person or by the clock), settled, withdrawn.

The clock runs in working days. Every text is screened: nothing here says which child it is about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from hscp.lib.dates import add_working_days, is_working_day
from partnership.choices import Answerer, EscalationStatus, ProcedureStatus, Role
from partnership.engine import mail
from partnership.engine.workflow import TooLate, lock, take
from partnership.models import (
    Escalation,
    EscalationContact,
    EscalationProcedure,
    EscalationStage,
    EscalationStep,
    EscalationTheme,
    GoodPractice,
    Organisation,
    User,
)
from partnership.moves import ANSWER_ESCALATION, HAND_TO_UNIT, MOVE_UP, RESOLVE_ESCALATION, WITHDRAW_ESCALATION
from partnership.permissions import Perm
from partnership.texts import refuse_identifying

NO_ANSWER = "No answer in time"
NO_PROCEDURE = "No procedure is published yet. Ask the business unit."


# --- Who --------------------------------------------------------------------------------------------------------------


def agencies_of(person: User, *, on: date) -> QuerySet[Organisation]:
    """The agencies that ``person`` can speak for: where they work and where they hold a role. Any that exists, for
    somebody whom the portal knows at none."""
    granted = {grant.organisation_id for grant in person.active_grants()} | {person.organisation_id}
    existing = Organisation.objects.existing_on(on)
    own = existing.filter(pk__in=granted - {None})
    return own if own.exists() else existing


def business_unit() -> QuerySet[User]:
    """The active people of the business unit."""
    found: QuerySet[User] = User.objects.holding(Role.BUSINESS_UNIT, on=timezone.localdate()).filter(is_active=True)
    return found


def answerers_of(escalation: Escalation) -> list[User]:
    """Who answers at the stage that it has come to; the business unit, where nobody is named. Two queries at most."""
    named: list[User] = []
    if escalation.status != EscalationStatus.WITH_UNIT:
        named = list(contacts_of(_answering_agencies(escalation), escalation.stage.order))
    return named or list(business_unit())


def _answering_agencies(escalation: Escalation) -> list[int]:
    other, raising = escalation.other_organisation_id, escalation.raising_organisation_id
    return {
        Answerer.OTHER_AGENCY: [other],
        Answerer.BOTH_AGENCIES: [other, raising],
        Answerer.BUSINESS_UNIT: [],
    }[Answerer(escalation.stage.answerer)]


def contacts_of(organisations: Collection[int], level: int) -> QuerySet[User]:
    """The active contacts of ``organisations`` (ids) at a stage, by its number."""
    named = EscalationContact.objects.filter(organisation__in=organisations, level=level)
    found: QuerySet[User] = User.objects.filter(pk__in=named.values("person"), is_active=True)
    return found


def _also_told(escalation: Escalation) -> list[User]:
    """Whom the procedure tells that it has come to this stage, beside those who answer."""
    stage, told = escalation.stage, [escalation.raised_by]
    if stage.tells_raising_agency:
        told += contacts_of([escalation.raising_organisation_id], stage.order)
    if stage.tells_unit:
        told += business_unit()
    return told


# --- Started ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def start(
    *,
    by: User,
    raising: Organisation,
    other: Organisation,
    theme: EscalationTheme,
    difference: str,
    sought: str,
    own_reference: str = "",
    is_urgent: bool = False,
) -> Escalation:
    """Start a difference at the first stage of the procedure in force; an urgent one, where urgent ones start.

    Who answers is told, and whom the stage names. Raises ``ValidationError`` by field (one and the same agency, an
    agency that ``by`` cannot speak for, words that identify somebody, no procedure), ``PermissionDenied``.
    """
    if not by.has_perm(Perm.START_ESCALATION):
        raise PermissionDenied(f"{by} may not start a difference")
    _check_agencies(by, raising, other)
    refuse_identifying(own_reference=own_reference, difference=difference, sought=sought)
    procedure = _locked_procedure()
    now = timezone.now()
    stage = first_stage(procedure, is_urgent=is_urgent)
    escalation: Escalation = Escalation.objects.create(
        reference=_next_reference(timezone.localdate(now)),
        procedure=procedure,
        stage=stage,
        raised_by=by,
        raising_organisation=raising,
        other_organisation=other,
        theme=theme,
        own_reference=own_reference.strip(),
        difference=difference.strip(),
        sought=sought.strip(),
        is_urgent=is_urgent,
        raised_at=now,
        due=_due(stage, is_urgent, on=timezone.localdate(now)),
    )
    EscalationStep.objects.create(escalation=escalation, stage=stage, started_at=now, due=escalation.due)
    _tell_of_stage(escalation)
    return escalation


def _check_agencies(by: User, raising: Organisation, other: Organisation) -> None:
    if raising == other:
        raise ValidationError({"other": "Select an agency other than your own"})
    if not agencies_of(by, on=timezone.localdate()).filter(pk=raising.pk).exists():
        raise ValidationError({"raising": "Select your own agency"})


def _locked_procedure() -> EscalationProcedure:
    """The procedure in force, locked: numbers are given one at a time."""
    found: EscalationProcedure | None = (
        EscalationProcedure.objects.select_for_update().filter(status=ProcedureStatus.PUBLISHED).first()
    )
    if found is None:
        raise ValidationError(NO_PROCEDURE)
    return found


def first_stage(procedure: EscalationProcedure, *, is_urgent: bool) -> EscalationStage:
    """Where a difference starts: at the first stage; an urgent one at the stage that takes those, if there is one."""
    stages = list(procedure.stages.all())
    urgent = [stage for stage in stages if stage.takes_urgent and is_urgent]
    return (urgent or stages)[0]


def _next_reference(on: date) -> str:
    """The next of the year: "PD-2026-014". Differences are never deleted, so their number counts them."""
    number = Escalation.objects.filter(reference__startswith=f"PD-{on.year}-").count() + 1
    return f"PD-{on.year}-{number:03d}"


def _due(stage: EscalationStage, is_urgent: bool, *, on: date) -> date:
    """The last day to answer at ``stage`` for what comes to it ``on`` a day."""
    return add_working_days(on, stage.urgent_days if is_urgent else stage.days)


# --- Answered ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def answer(escalation: Escalation, *, by: User, at: int, answer: str) -> Escalation:
    """Answer at the stage that it has come to; the clock stops, and who raised it is told.

    ``at`` is the step (its id) that the person was shown. Raises ``ValidationError`` for an empty answer or words that
    identify somebody, ``TooLate`` (somebody has answered, or it has moved up meanwhile), ``PermissionDenied``.
    """
    if not answer.strip():
        raise ValidationError({"answer": "Enter your answer"})
    refuse_identifying(answer=answer)
    step = _step_seen(lock(escalation), at)
    locked = take(ANSWER_ESCALATION, escalation, by=by, due=None)
    step.answer, step.answered_by, step.answered_at = answer.strip(), by, timezone.now()
    step.save(update_fields=["answer", "answered_by", "answered_at"])
    told = [locked.raised_by, *contacts_of([locked.raising_organisation_id], locked.stage.order)]
    mail.queue("escalation_answered", to=_without(told, by), about=locked, step=step)
    return locked


def _current_step(escalation: Escalation) -> EscalationStep:
    found: EscalationStep = escalation.steps.select_for_update(of=("self",)).get(left_at=None)
    return found


def _step_seen(escalation: Escalation, at: int) -> EscalationStep:
    """The step that it stands at. Raises ``TooLate`` if the person was shown another: two presses move one stage."""
    step = escalation.steps.filter(left_at=None).select_related("stage").first()
    if step is None or step.pk != at:
        raise TooLate(moved_since(escalation))
    return step


def moved_since(escalation: Escalation) -> str:
    """What to tell somebody whose page shows a stage that has passed."""
    if escalation.settled_on:
        return f"{escalation} has been settled while you were working on it."
    now = "the business unit" if escalation.status == EscalationStatus.WITH_UNIT else f"stage {escalation.stage.order}"
    return f"{escalation} has moved up to {now} while you were working on it."


def _without(people: Iterable[User], person: User | None) -> list[User]:
    return [each for each in people if each != person]


# --- Moved up ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def move_up(escalation: Escalation, *, by: User | None, at: int, note: str) -> Escalation:
    """Take it to the next stage, or after the last one to the business unit; ``by`` None means that the clock ran out.

    ``at`` is the step (its id) that it is to leave. Whoever answers next is told, and who did not settle it. Raises
    ``ValidationError`` for words that identify somebody or where the business unit has it already, ``TooLate`` (it has
    moved meanwhile), ``NoteRequired``, ``MoveNotAllowed``, ``PermissionDenied``.
    """
    refuse_identifying(note=note)
    locked = lock(escalation)
    _step_seen(locked, at)
    before = answerers_of(locked)
    following = next_stage(locked)
    if following is None:
        _check_not_with_unit(locked)
        moved = take(HAND_TO_UNIT, locked, by=by, note=note, due=None)
    else:
        due = _due(following, locked.is_urgent, on=timezone.localdate())
        moved = take(MOVE_UP, locked, by=by, note=note, stage=following, due=due)
    _open_step(moved, by, following)
    _tell_of_stage(moved, further=before)
    return moved


def next_stage(escalation: Escalation) -> EscalationStage | None:
    """The stage after the one it has come to; None after the last."""
    found: EscalationStage | None = (
        escalation.procedure.stages.filter(order__gt=escalation.stage.order).order_by("order").first()
    )
    return found


def _check_not_with_unit(escalation: Escalation) -> None:
    if escalation.steps.filter(stage=None).exists():
        raise ValidationError("It has come to the business unit already: settle or withdraw it.")


def _open_step(escalation: Escalation, by: User | None, stage: EscalationStage | None) -> None:
    """End the step it stood at and begin the next."""
    now, left = timezone.now(), _current_step(escalation)
    left.left_at, left.moved_up_by, left.moved_by_clock = now, by, by is None
    left.save(update_fields=["left_at", "moved_up_by", "moved_by_clock"])
    EscalationStep.objects.create(escalation=escalation, stage=stage, started_at=now, due=escalation.due)


def move_up_unanswered(*, on: date) -> int:
    """Move up every difference whose answer was due before ``on`` and has not come. Returns how many moved.

    Nothing moves at weekends or on bank holidays: the next stage would lose the time. Safe to run twice or by several
    workers at once.
    """
    if not is_working_day(on):
        return 0
    late = list(Escalation.objects.out_of_time(on=on).order_by("due", "pk").values_list("pk", flat=True))
    return sum(_move_up_if_unanswered(pk, on) for pk in late)


@transaction.atomic
def _move_up_if_unanswered(pk: int, on: date) -> bool:
    late = Escalation.objects.out_of_time(on=on).select_for_update(skip_locked=True, of=("self",))
    escalation = late.filter(pk=pk).first()
    if escalation is None:  # answered or moved since, or in other hands
        return False
    move_up(escalation, by=None, at=_current_step(escalation).pk, note=NO_ANSWER)
    return True


# --- Settled ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def resolve(escalation: Escalation, *, by: User, outcome: str, learning: str = "") -> Escalation:
    """Say that it is settled, how, and what others can learn from it. Everyone involved is told.

    Raises ``ValidationError`` without an outcome or for words that identify somebody, ``MoveNotAllowed``,
    ``PermissionDenied``.
    """
    if not outcome.strip():
        raise ValidationError({"outcome": "Enter how it was settled"})
    refuse_identifying(outcome=outcome, learning=learning)
    fields = {"outcome": outcome.strip(), "learning": learning.strip()}
    settled = take(RESOLVE_ESCALATION, escalation, by=by, due=None, settled_on=timezone.localdate(), **fields)
    return _end(settled, by)


@transaction.atomic
def withdraw(escalation: Escalation, *, by: User, note: str) -> Escalation:
    """Give it up, with the reason. Raises ``NoteRequired``, ``ValidationError`` for words that identify somebody,
    ``MoveNotAllowed``, ``PermissionDenied``."""
    refuse_identifying(note=note)
    withdrawn = take(WITHDRAW_ESCALATION, escalation, by=by, note=note, due=None, settled_on=timezone.localdate())
    return _end(withdrawn, by)


def _end(escalation: Escalation, by: User) -> Escalation:
    step = _current_step(escalation)
    step.left_at = timezone.now()
    step.save(update_fields=["left_at"])
    told = [escalation.raised_by, *_everyone_asked(escalation)]
    mail.queue("escalation_settled", to=_without(told, by), about=escalation, by=by)
    return escalation


def _everyone_asked(escalation: Escalation) -> list[User]:
    """The contacts of the agencies that answer, at every stage that was reached."""
    levels = escalation.steps.exclude(stage=None).values_list("stage__order", flat=True)
    named = EscalationContact.objects.filter(organisation=escalation.other_organisation_id, level__in=list(levels))
    return list(User.objects.filter(pk__in=named.values("person"), is_active=True))


# --- Telling ----------------------------------------------------------------------------------------------------------


def _tell_of_stage(escalation: Escalation, *, further: Iterable[User] = ()) -> None:
    """Tell who answers now, and everyone else whom the procedure names. Nobody is told twice."""
    answerers = answerers_of(escalation)
    told = [*answerers, *_also_told(escalation), *further]
    mail.queue("escalation_at_stage", to=told, about=escalation, answerers=answerers)


@transaction.atomic
def set_contacts(organisation: Organisation, level: int, people: Collection[User], *, by: User) -> None:
    """Name who answers for an agency at a stage. Whoever is new is told of what waits there.

    Raises ``ValidationError`` for a scrutineer (they do not carry out what they scrutinise), ``PermissionDenied``.
    """
    if not by.has_perm(Perm.MANAGE_ESCALATIONS):
        raise PermissionDenied(f"{by} may not name contacts")
    _check_contacts(people)
    Organisation.objects.select_for_update().get(pk=organisation.pk)  # two editors: the second sees the first
    contacts = EscalationContact.objects.filter(organisation=organisation, level=level)
    known = set(contacts.values_list("person", flat=True))
    contacts.exclude(person__in=people).delete()
    new = [person for person in people if person.pk not in known]
    EscalationContact.objects.bulk_create(
        EscalationContact(organisation=organisation, level=level, person=person) for person in new
    )
    _tell_new_contacts(organisation, level, new)


def _check_contacts(people: Collection[User]) -> None:
    scrutineers = User.objects.holding(Role.SCRUTINEER, on=timezone.localdate())
    if found := scrutineers.filter(pk__in=[person.pk for person in people]).first():
        raise ValidationError(f"{found} is a scrutineer, who does not answer for what they scrutinise")


def _tell_new_contacts(organisation: Organisation, level: int, people: list[User]) -> None:
    waiting = Escalation.objects.filter(
        other_organisation=organisation, status=EscalationStatus.OPEN, stage__order=level
    ).exclude(stage__answerer=Answerer.BUSINESS_UNIT)
    for escalation in waiting.in_words() if people else []:
        mail.queue("escalation_at_stage", to=people, about=escalation, answerers=people)


# --- Good practice ----------------------------------------------------------------------------------------------------


@transaction.atomic
def recognise(organisation: Organisation, *, by: User, what: str) -> GoodPractice:
    """Say what an agency has done well; its contacts at every stage and the business unit are told.

    Raises ``ValidationError`` for words that identify somebody, ``PermissionDenied``.
    """
    if not by.has_perm(Perm.RECOGNISE_GOOD_PRACTICE):
        raise PermissionDenied(f"{by} may not recognise good practice")
    refuse_identifying(what=what)
    made: GoodPractice = GoodPractice.objects.create(
        organisation=organisation, recognised_by=by, by_organisation=by.organisation, what=what.strip()
    )
    contacts = EscalationContact.objects.filter(organisation=organisation)
    people = User.objects.filter(pk__in=contacts.values("person"), is_active=True)
    mail.queue("good_practice", to=_without([*people, *business_unit()], by), about=made)
    return made


@transaction.atomic
def remove_good_practice(practice: GoodPractice, *, by: User) -> None:
    """Take an entry away that says too much. Raises ``PermissionDenied``, ``TooLate``."""
    locked: Any = lock(practice)
    if not by.has_perm(Perm.REMOVE_GOOD_PRACTICE, locked):
        raise PermissionDenied(f"{by} may not remove good practice")
    locked.delete()
