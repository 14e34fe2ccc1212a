"""The plan, read: who must approve it, where its objectives stand, what the checklist finds unanswered. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Prefetch

from partnership.choices import READING_DUE_AFTER, PlanStatus, PointKind, ProgressRag, Trend
from partnership.models import (
    ArrangementItem,
    Milestone,
    Objective,
    Organisation,
    Plan,
    PlanApproval,
    PlanPoint,
    Priority,
    Reading,
    User,
)
from partnership.permissions import is_statutory_on

# --- Versions ---------------------------------------------------------------------------------------------------------


def published() -> Plan | None:
    """The plan in force; None before the first is published. One query."""
    found: Plan | None = Plan.objects.published().first()
    return found


def newest() -> Plan | None:
    """The version with the highest number: what the next is copied from. One query."""
    found: Plan | None = Plan.objects.first()
    return found


# --- Approval ---------------------------------------------------------------------------------------------------------


def approvals(plan: Plan) -> models.QuerySet[PlanApproval]:
    """What was approved of the plan as it was last sent; approvals of an earlier time do not count."""
    return plan.approvals.filter(time=plan.times_sent).select_related("organisation", "person")


def approvers(*, on: date) -> models.QuerySet[Organisation]:
    """The statutory partners that exist on ``on``: each must approve."""
    return Organisation.objects.existing_on(on).filter(is_statutory_partner=True)


def still_to_approve(plan: Plan, *, on: date) -> list[Organisation]:
    """The statutory partners of ``on`` that have not approved the plan as it was last sent. One query.

    A body that has ended is not waited for; one that has begun is, also where it follows one that had approved.
    """
    return list(approvers(on=on).exclude(pk__in=approvals(plan).values("organisation")))


def may_approve_for(user: User, *, on: date) -> list[Organisation]:
    """The statutory partners for which ``user`` holds the partner role on ``on``. No query beyond the grants."""
    held = [grant.organisation for grant in user.active_grants() if grant.role == "partner" and grant.organisation]
    return [organisation for organisation in held if is_statutory_on(on, organisation)]


# --- Objectives -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an objective stands: its newest reading, and which way it has gone since the one before. None: no reading,
    or only one."""

    latest: Reading | None = None
    trend: Trend | None = None


def lines(objectives: Iterable[Objective]) -> dict[int, list[int]]:
    """By the id of each objective, the ids of those whose readings it continues, itself first. One query."""
    before = dict(Objective.objects.values_list("pk", "continues"))
    return {objective.pk: list(_line(objective.pk, before)) for objective in objectives}


def _line(pk: int | None, before: dict[int, int | None]) -> Iterator[int]:
    while pk is not None:
        yield pk
        pk = before.get(pk)


def readings_of(objective: Objective) -> models.QuerySet[Reading]:
    """Every reading of the objective and of those that it continues, newest first. Two queries."""
    return Reading.objects.filter(objective__in=lines([objective])[objective.pk]).select_related("by")


def standings(objectives: Iterable[Objective]) -> dict[int, Standing]:
    """Where each objective stands, by its id. Two queries, whatever their number."""
    found = lines(objectives)
    readings: dict[int, list[Reading]] = {}
    wanted = {pk for line in found.values() for pk in line}
    for reading in Reading.objects.filter(objective__in=wanted).select_related("by"):
        readings.setdefault(reading.objective_id, []).append(reading)
    return {pk: standing([one for each in line for one in readings.get(each, [])]) for pk, line in found.items()}


def standing(readings: list[Reading]) -> Standing:
    """Where an objective with these readings stands."""
    newest_two = sorted(readings, key=lambda reading: (reading.day, reading.pk), reverse=True)[:2]
    return Standing(newest_two[0] if newest_two else None, trend(newest_two))


def trend(newest_two: list[Reading]) -> Trend | None:
    """Which way the newest of two readings has gone from the one before; None with fewer."""
    if len(newest_two) < 2:
        return None
    order = list(ProgressRag.values)
    now, before = (order.index(reading.rag) for reading in newest_two)
    if now == before:
        return Trend.SAME
    return Trend.BETTER if now > before else Trend.WORSE


def without_reading(plan: Plan, *, on: date) -> list[Objective]:
    """The objectives of a published plan that have had no reading for 90 days on ``on``, nor is the plan itself newer
    than that. Three queries."""
    objectives = list(plan.objectives.select_related("lead_group"))
    found = standings(objectives)
    return [one for one in objectives if is_reading_due(plan, found[one.pk].latest, on=on)]


def is_reading_due(plan: Plan, latest: Reading | None, *, on: date) -> bool:
    """Whether an objective of a published ``plan`` with this newest reading needs one."""
    days = [day for day in (plan.published_on, latest and latest.day) if day]
    return plan.status == PlanStatus.PUBLISHED and max(days) <= on - timedelta(days=READING_DUE_AFTER)


# --- The whole plan, to be shown --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ObjectiveLine:
    """An objective as it is shown: where it stands, and what the reader may do."""

    objective: Objective
    standing: Standing
    may_record: bool = False


@dataclass(frozen=True, slots=True)
class PriorityChapter:
    """A priority of the plan with its objectives. ``place`` is the row that gives it its place in the plan."""

    place: Any
    priority: Priority
    objectives: list[ObjectiveLine]


@dataclass(frozen=True, slots=True)
class PointList:
    """The values, principles or behaviours of a plan."""

    kind: PointKind
    heading: str
    points: list[PlanPoint]


HEADINGS = {PointKind.VALUE: "Values", PointKind.PRINCIPLE: "Principles", PointKind.BEHAVIOUR: "Behaviours"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A plan with all that belongs to it, in order."""

    plan: Plan
    sections: list[Any]
    point_lists: list[PointList]
    chapters: list[PriorityChapter]
    milestones: list[Milestone]
    approvals: list[PlanApproval]


def sheet(plan: Plan, *, recordable: Iterable[int] = ()) -> Sheet:
    """The whole of ``plan``. ``recordable`` are the ids of objectives of which the reader may record progress. Eight
    queries at most, whatever the size of the plan."""
    objectives = list(plan.objectives.select_related("lead_group"))
    found, may_record = standings(objectives), set(recordable)
    points = list(plan.points.all())
    chapters = [
        PriorityChapter(
            place,
            place.priority,
            [
                ObjectiveLine(one, found[one.pk], one.pk in may_record)
                for one in objectives
                if one.priority_id == place.priority_id
            ],
        )
        for place in plan.placed_priorities.select_related("priority")
    ]
    return Sheet(
        plan,
        list(plan.sections.all()),
        [PointList(kind, HEADINGS[kind], [one for one in points if one.kind == kind]) for kind in PointKind],
        chapters,
        list(plan.milestones.all()),
        [] if plan.is_draft else list(approvals(plan)),  # of a draft, those of an earlier time
    )


# --- The checklist of what arrangements must contain ------------------------------------------------------------------


def checklist(plan: Plan) -> list[ArrangementItem]:
    """Every item of the checklist, with ``answered_by``: the sections of ``plan`` that answer it. Two queries."""
    own = Prefetch("sections", plan.sections.all(), to_attr="answered_by")
    return list(ArrangementItem.objects.prefetch_related(own))


def unanswered(plan: Plan) -> models.QuerySet[ArrangementItem]:
    """The items of the checklist that no section of ``plan`` answers."""
    return ArrangementItem.objects.exclude(sections__plan=plan)
