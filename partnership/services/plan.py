"""The life of the plan: a new version, approval by the partners, publication; and what is recorded while it runs."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format

from partnership import plan as reads
from partnership.choices import PlanStatus, ProgressRag, Role
from partnership.engine import documents, mail
from partnership.engine.workflow import Move, MoveNotAllowed, TooLate, lock, take
from partnership.models import (
    ArrangementItem,
    Document,
    Milestone,
    Objective,
    Organisation,
    Plan,
    PlanApproval,
    Reading,
    RoleGrant,
    User,
)
from partnership.models.plan import CONSULTED
from partnership.moves import ALL_APPROVED, BACK_TO_DRAFT, PUBLISH_PLAN, REPLACE_PLAN, SEND_PLAN
from partnership.permissions import Perm
from partnership.services import parts
from partnership.services.plan_edits import check_years
from partnership.texts import refuse_identifying

PLAN_PDF = "plan"  # the kind of document

# Asked for, never taken: they change no status.
APPROVE = Move("approve the plan", CONSULTED, PlanStatus.APPROVED, Perm.APPROVE_PLAN)
RECORD = Move("record this", {PlanStatus.PUBLISHED}, PlanStatus.PUBLISHED, Perm.MANAGE_PLAN)

# --- Versions ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def new_version(*, by: User, **fields: Any) -> Plan:
    """The next version as a draft, copied from the last; the first is empty. ``fields``: title, covers_from, covers_to.

    Objectives keep their line of readings; milestones that were met stay behind. Raises ``TooLate`` while another
    version is in hand, ``ValidationError`` by field, ``PermissionDenied``.
    """
    if not by.has_perm(Perm.MANAGE_PLAN):
        raise PermissionDenied(f"{by} may not make a plan")
    check_years(fields)
    last = reads.newest()
    if last is not None:
        lock(last)
    if found := Plan.objects.in_hand().first():
        raise TooLate(f"Version {found.version} is being made already. It must be published before the next is begun.")
    plan = _save_first_draft(last, by, fields)
    if last is not None:
        _copy(last, plan)
    return plan


def _save_first_draft(last: Plan | None, by: User, fields: dict[str, Any]) -> Plan:
    number = last.version + 1 if last else 1
    plan = Plan(version=number, based_on=last, vision=last.vision if last else "", created_by=by)
    try:
        with transaction.atomic():
            return parts.fill(plan, fields)
    except (IntegrityError, ValidationError) as error:
        if Plan.objects.filter(version=number).exists():  # two people began the first one together
            raise TooLate(f"Somebody has just made version {number}.") from error
        raise


def _copy(last: Plan, plan: Plan) -> None:
    for section in last.sections.prefetch_related("answers"):
        answers = list(section.answers.all())
        _save_copy(section, plan)
        section.answers.add(*answers)
    for row in (*last.points.all(), *last.placed_priorities.all(), *last.milestones.filter(met_on=None)):
        _save_copy(row, plan)
    for objective in last.objectives.all():
        objective.continues_id = objective.pk
        _save_copy(objective, plan)


def _save_copy(row: Any, plan: Plan) -> None:
    row.pk, row.plan = None, plan
    row._state.adding = True
    row.save()


# --- Approval ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def send_to_partners(plan: Plan, *, by: User) -> Plan:
    """Ask every statutory partner for its approval and tell its people. Approvals of an earlier time do not count.

    Raises ``ValidationError`` if there is no statutory partner, ``MoveNotAllowed``, ``PermissionDenied``.
    """
    today = timezone.localdate()
    asked = list(reads.approvers(on=today))
    if not asked:
        raise ValidationError("No statutory safeguarding partner exists today. Add the partners first.")
    sent = take(SEND_PLAN, lock(plan), by=by, times_sent=plan.times_sent + 1)
    mail.queue("plan_to_approve", to=_people_of(asked, on=today), about=sent, plan=sent)
    return sent


def _people_of(organisations: list[Organisation], *, on: date) -> list[User]:
    grants = RoleGrant.objects.active(on).filter(role=Role.PARTNER, organisation__in=organisations)
    return [grant.user for grant in grants.filter(user__is_active=True).select_related("user")]


def take_back(plan: Plan, *, by: User, note: str) -> Plan:
    """Make it a draft again, with the reason. It will have to be approved anew. Raises ``NoteRequired``,
    ``MoveNotAllowed``, ``PermissionDenied``."""
    refuse_identifying(note=note)
    return take(BACK_TO_DRAFT, plan, by=by, note=note)


@transaction.atomic
def approve(plan: Plan, *, organisation: Organisation, by: User, statement: str) -> PlanApproval:
    """Approve the plan for a statutory partner. With the last approval the plan is approved and the unit is told.

    Raises ``PermissionDenied`` unless ``by`` is of that partner, ``MoveNotAllowed`` where the partners are not asked
    (any more), ``TooLate`` if the partner has approved already, ``ValidationError``.
    """
    locked, today = lock(plan), timezone.localdate()
    if organisation not in reads.may_approve_for(by, on=today):
        raise PermissionDenied(f"{by} may not approve the plan for {organisation}")
    if locked.status not in CONSULTED:
        raise MoveNotAllowed(APPROVE, locked)
    refuse_identifying(statement=statement)
    _refuse_second_approval(locked, organisation)
    approval: PlanApproval = PlanApproval.objects.create(
        plan=locked, time=locked.times_sent, organisation=organisation, person=by, statement=statement.strip()
    )
    _settle(locked, on=today)
    return approval


def _refuse_second_approval(plan: Plan, organisation: Organisation) -> None:
    found = reads.approvals(plan).filter(organisation=organisation).first()
    if found:
        day = date_format(timezone.localtime(found.at), "j F Y")
        raise TooLate(f"{found.person} approved the plan for {organisation} on {day}.")


def _settle(plan: Plan, *, on: date) -> Plan:
    """Record that every statutory partner of ``on`` has approved, if that is so."""
    if plan.status != PlanStatus.WITH_PARTNERS or not _is_approved_by_all(plan, on=on):
        return plan
    approved = take(ALL_APPROVED, plan, by=None)
    mail.queue("plan_approved", to=User.objects.holding(Role.BUSINESS_UNIT, on=on), about=approved, plan=approved)
    return approved


def _is_approved_by_all(plan: Plan, *, on: date) -> bool:
    return reads.approvals(plan).exists() and not reads.still_to_approve(plan, on=on)


# --- Publication ------------------------------------------------------------------------------------------------------


def can_be_published(plan: Plan, *, on: date) -> bool:
    """Whether every statutory partner of ``on`` has approved what was sent last: also where the last one waited for has
    ended since."""
    return plan.status in CONSULTED and _is_approved_by_all(plan, on=on)


@transaction.atomic
def publish(plan: Plan, *, by: User) -> Plan:
    """Put the plan in force, in the place of the one before, and have its PDF made.

    Raises ``ValidationError`` if a partner has not approved (one may have come into being), ``MoveNotAllowed``,
    ``PermissionDenied``.
    """
    if not by.has_perm(Perm.MANAGE_PLAN, plan):
        raise PermissionDenied(f"{by} may not {PUBLISH_PLAN.verb}")
    today = timezone.localdate()
    locked = _settle(lock(plan), on=today)
    if locked.status in CONSULTED and (missing := reads.still_to_approve(locked, on=today)):
        raise ValidationError(f"Not approved yet by: {', '.join(map(str, missing))}.")
    if locked.status in PUBLISH_PLAN.sources and (before := reads.published()):
        take(REPLACE_PLAN, before, by=None)
    published = take(PUBLISH_PLAN, locked, by=by, published_on=today)
    make_pdf(published, by=by)
    return published


def make_pdf(plan: Plan, *, by: User) -> Document:
    """Have the PDF of a published plan made, with the readings as they stand. Raises ``MoveNotAllowed``,
    ``PermissionDenied``."""
    if not by.has_perm(Perm.MANAGE_PLAN, plan):
        raise PermissionDenied(f"{by} may not have the plan made")
    if not plan.is_public:
        raise MoveNotAllowed(RECORD, plan)
    return documents.want(PLAN_PDF, about=plan, by=by)


# --- While it runs ----------------------------------------------------------------------------------------------------


@transaction.atomic
def record_progress(objective: Objective, *, by: User, rag: ProgressRag, sentence: str, day: date) -> Reading:
    """Say where an objective of the published plan stands. A reading stays: a better one follows it.

    Raises ``PermissionDenied`` unless ``by`` chairs its lead group or is of the business unit, ``MoveNotAllowed`` where
    the plan is not in force, ``ValidationError`` by field.
    """
    if not by.has_perm(Perm.RECORD_PROGRESS, objective):
        raise PermissionDenied(f"{by} may not record progress of this objective")
    _lock_published(objective.plan)
    if day > timezone.localdate():
        raise ValidationError({"day": "The day must be today or in the past"})
    refuse_identifying(sentence=sentence)
    reading: Reading = Reading.objects.create(objective=objective, rag=rag, sentence=sentence.strip(), day=day, by=by)
    return reading


@transaction.atomic
def record_milestone(milestone: Milestone, *, by: User, met_on: date | None) -> Milestone:
    """Say when a milestone of the published plan was met; None: not yet. Raises as ``record_progress``."""
    if not by.has_perm(Perm.MANAGE_PLAN, milestone.plan):
        raise PermissionDenied(f"{by} may not record milestones")
    _lock_published(milestone.plan)
    if met_on and met_on > timezone.localdate():
        raise ValidationError({"met_on": "The day must be today or in the past"})
    locked = lock(milestone)
    locked.met_on = met_on
    locked.save(update_fields=["met_on"])
    return locked


def _lock_published(plan: Plan) -> None:
    locked = lock(plan)
    if locked.status != PlanStatus.PUBLISHED:
        raise MoveNotAllowed(RECORD, locked)


@transaction.atomic
def answer_item(item: ArrangementItem, plan: Plan, *, by: User, sections: list[int]) -> None:
    """Say which sections of ``plan`` (by id) answer an item of the checklist. Raises ``PermissionDenied``, and
    ``ValidationError`` where a section is not there any more."""
    if not by.has_perm(Perm.MANAGE_PLAN, plan):
        raise PermissionDenied(f"{by} may not say what answers the checklist")
    lock(plan)
    chosen = list(plan.sections.filter(pk__in=sections))
    if len(chosen) != len(set(sections)):
        raise ValidationError({"sections": "Somebody has removed one of these sections. Select again."})
    item.sections.remove(*plan.sections.exclude(pk__in=sections))
    item.sections.add(*chosen)
