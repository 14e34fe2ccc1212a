"""Registered figures of the partnership app: defined once, shown wherever such a number is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from statistics import median
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from partnership import groups as group_reads
from partnership import meetings as meeting_reads
from partnership import plan as plan_reads
from partnership.budget import totals_of
from partnership.choices import ActionStatus, EscalationStatus, OrganisationKind, ProgressRag
from partnership.engine.figures import figure
from partnership.models import (
    UNFINISHED,
    UNSETTLED,
    Action,
    Escalation,
    EscalationStep,
    FinancialYear,
    Group,
    Meeting,
    Objective,
    Plan,
)

# --- Actions ----------------------------------------------------------------------------------------------------------

A_YEAR = timedelta(days=365)


def share(part: int, whole: int) -> Decimal | None:
    """``part`` of ``whole`` as a percentage, 0-100, to one decimal place (half up); None if ``whole`` is 0."""
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


@figure("partnership.actions_unfinished", "Actions not finished", "actions")
def actions_unfinished(actions: QuerySet[Action] | None = None) -> int:
    """How many actions are neither done nor cancelled, whatever they came from: of all, or of ``actions``. One
    query."""
    return _of(actions).filter(status__in=UNFINISHED).count()


@figure("partnership.actions_overdue", "Actions overdue", "actions")
def actions_overdue(*, on: date, actions: QuerySet[Action] | None = None) -> int:
    """How many actions are neither done nor cancelled although their due date is before ``on``: of all, or of
    ``actions``. The due date is that of the day of asking: one that has been moved counts as moved. One query."""
    return _of(actions).filter(status__in=UNFINISHED, due__lt=on).count()


@figure("partnership.actions_done_on_time", "Share of actions done on time", "%")
def actions_done_on_time(*, since: date, until: date, actions: QuerySet[Action] | None = None) -> Decimal | None:
    """Of the actions done from ``since`` to ``until``, both included, the share that was done on the due date or
    before: a percentage, 0-100, to one decimal place (half up), of all, or of ``actions``.

    None if none was done. Actions cancelled, and those not finished yet, do not count; a due date that was moved counts
    as moved. One query. Worked example: of 3 done, 2 by their day, 66.7%.
    """
    done = _of(actions).filter(status=ActionStatus.DONE, finished_on__range=(since, until))
    counts = done.aggregate(all=Count("pk"), in_time=Count("pk", filter=Q(finished_on__lte=F("due"))))
    return share(counts["in_time"], counts["all"])


def _of(actions: QuerySet[Action] | None) -> QuerySet[Action]:
    return (Action.objects.all() if actions is None else actions).order_by()


@dataclass(frozen=True, slots=True)
class Tally:
    """How one owner stands with its actions: numbers of actions. ``key`` is the owner's id."""

    owner: str
    unfinished: int
    overdue: int
    done: int
    key: int | None = None


TALLIED = ("unfinished", "overdue", "done")
# By what the actions can be counted: what it is called, the field, and which actions it is about.
OWNERS = {
    "organisation": ("Organisations", "organisation", ~Q(organisation__kind=OrganisationKind.SCHOOL)),
    "group": ("Groups", "group", Q()),
    "school": ("Schools", "organisation", Q(organisation__kind=OrganisationKind.SCHOOL)),
}


@figure("partnership.actions_by_owner", "Actions by owner", "actions")
def actions_by_owner(actions: QuerySet[Action], by: str, *, on: date) -> list[Tally]:
    """For each organisation, group or school (``by``) that owns any of ``actions``: how many are not finished, how many
    of these are overdue on ``on``, and how many were done in the 365 days up to ``on``. Most overdue first.

    Owners with none of the three are left out. One query. Raises ``KeyError`` for an unknown ``by``.
    """
    _, owner, about = OWNERS[by]
    counts: dict[str, Any] = {
        "unfinished": Count("pk", filter=Q(status__in=UNFINISHED)),
        "overdue": Count("pk", filter=Q(status__in=UNFINISHED, due__lt=on)),
        "done": Count("pk", filter=Q(status=ActionStatus.DONE, finished_on__gt=on - A_YEAR, finished_on__lte=on)),
    }
    owned = actions.filter(about, **{f"{owner}__isnull": False}).order_by()
    rows: Any = owned.values(key=F(owner), owner=F(f"{owner}__name")).annotate(**counts)
    found = [Tally(**row) for row in rows if any(row[name] for name in TALLIED)]
    return sorted(found, key=lambda row: (-row.overdue, -row.unfinished, row.owner))


# --- The budget -------------------------------------------------------------------------------------------------------


@figure("partnership.budget_agreed", "Contributions agreed", "pounds")
def budget_agreed(year: FinancialYear) -> Decimal:
    """The money that all organisations together have agreed to give in ``year``, in pounds and pence. Help in kind does
    not count. Three queries."""
    return totals_of([year])[year.pk].agreed


@figure("partnership.budget_received", "Contributions received", "pounds")
def budget_received(year: FinancialYear) -> Decimal:
    """The money that has come in from all organisations for ``year``, in pounds and pence. Help in kind does not count.
    Three queries."""
    return totals_of([year])[year.pk].received


@figure("partnership.budget_spent", "Spend", "pounds")
def budget_spent(year: FinancialYear) -> Decimal:
    """The sum of all entries of spend in ``year``, corrections included, in pounds and pence. Three queries."""
    return totals_of([year])[year.pk].spent


@figure("partnership.budget_balance", "Balance", "pounds")
def budget_balance(year: FinancialYear) -> Decimal:
    """What is in hand: carried in from the year before, plus received, less spent, in pounds and pence; negative if the
    year is overspent. It is what closing the year carries into the next.

    Worked example: £1,000.00 carried in, £5,000.00 received, £4,500.50 spent: £1,499.50. Three queries.
    """
    return totals_of([year])[year.pk].balance


# --- Professional differences -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Differences:
    """How many differences there are of a kind, and how many of them are not settled."""

    label: str
    raised: int
    unsettled: int


@figure("partnership.escalations_by_stage", "Professional differences by stage", "differences")
def escalations_by_stage(escalations: QuerySet[Escalation]) -> list[Differences]:
    """How many of ``escalations`` came as far as each stage and no further, by the number of the stage; those that went
    through every stage to the business unit are the last line. One query."""
    reached = escalations.order_by().values_list("stage__order", _was_with_unit()).annotate(**_counted())
    rows = sorted(reached, key=lambda row: (row[1], row[0]))
    found: dict[str, Differences] = {}
    for stage, with_unit, raised, unsettled in rows:
        label = "The business unit" if with_unit else f"Stage {stage}"
        was = found.get(label, Differences(label, 0, 0))
        found[label] = Differences(label, was.raised + raised, was.unsettled + unsettled)
    return list(found.values())


def _was_with_unit() -> Any:
    return Exists(EscalationStep.objects.filter(escalation=OuterRef("pk"), stage=None))


def _counted() -> dict[str, Any]:
    return {"raised": Count("pk"), "unsettled": Count("pk", filter=Q(status__in=UNSETTLED))}


@figure("partnership.escalations_by_theme", "Professional differences by theme", "differences")
def escalations_by_theme(escalations: QuerySet[Escalation]) -> list[Differences]:
    """How many of ``escalations`` are about each theme, most first; themes with none are left out. One query."""
    rows: Any = escalations.order_by().values_list("theme__name").annotate(**_counted())
    return [Differences(*row) for row in rows.order_by("-raised", "theme__name")]


@dataclass(frozen=True, slots=True)
class AgencyDifferences:
    """How many differences an agency raised, and how many were raised with it."""

    label: str
    raised: int
    received: int


@figure("partnership.escalations_by_agency", "Professional differences by agency", "differences")
def escalations_by_agency(escalations: QuerySet[Escalation]) -> list[AgencyDifferences]:
    """How many of ``escalations`` each agency raised, and how many were raised with it; the most of both first. Each
    difference counts once for either agency. Two queries."""
    counts: dict[str, list[int]] = {}
    for place, field in enumerate(("raising_organisation", "other_organisation")):
        for name, number in escalations.order_by().values_list(f"{field}__name").annotate(number=Count("pk")):
            counts.setdefault(name, [0, 0])[place] = number
    rows = [AgencyDifferences(name, *both) for name, both in counts.items()]
    return sorted(rows, key=lambda row: (-row.raised - row.received, row.label))


@figure("partnership.escalation_days_to_resolve", "Time to settle a professional difference", "working days")
def escalation_days_to_resolve(escalations: QuerySet[Escalation]) -> Decimal | None:
    """The median of the working days that the settled ones of ``escalations`` took, to half a day: from the day after
    they were raised to the day they were settled, weekends and bank holidays left out. None if none is settled.

    Those withdrawn do not count. One query. Worked example: settled in 2, 4 and 9 working days, 4.0; in 2 and 5, 3.5.
    """
    settled = escalations.filter(status=EscalationStatus.RESOLVED)
    taken = [row.days_taken for row in settled.only("raised_at", "settled_on", "status")]
    days = [Decimal(number) for number in taken if number is not None]
    return median(days).quantize(Decimal("0.1")) if days else None


# --- The plan ---------------------------------------------------------------------------------------------------------


@figure("partnership.objectives_by_rag", "Objectives of the plan by colour", "objectives")
def objectives_by_rag(plan: Plan | None = None) -> dict[str, int]:
    """How many objectives of the published plan (or of ``plan``) are green, amber, red by their newest reading, and how
    many have no reading (``none``): a number for each of the four words. All are 0 where no plan is published.

    An objective that continues one of an earlier version keeps its readings. Four queries. Worked example: two
    objectives, one read amber and then green, one never read: green 1, amber 0, red 0, none 1.
    """
    counts = {rag.value: 0 for rag in reversed(ProgressRag)} | {"none": 0}
    shown = plan or plan_reads.published()
    objectives = list(shown.objectives.all()) if shown else list[Objective]()
    for standing in plan_reads.standings(objectives).values():
        counts[standing.latest.rag if standing.latest else "none"] += 1
    return counts


# --- Meetings ---------------------------------------------------------------------------------------------------------


@figure("partnership.attendance_by_organisation", "Attendance by organisation", "%")
def attendance_by_organisation(held: QuerySet[Meeting]) -> list[meeting_reads.OrganisationAttendance]:
    """For each organisation with a member who was expected at one of the meetings ``held``: how often a member came, a
    deputy came instead, sent apologies or was absent; and its ``rate``, the share of those expected who came or whose
    deputy did: a percentage, 0-100, to one decimal place (half up).

    Only people who sit on the group as members count; the organisation is that for which they sat on the day. One
    query. Worked example: of 3 expected, one came, one sent a deputy, one sent apologies: 66.7%.
    """
    return meeting_reads.attendance_by_organisation(held)


@figure("partnership.meetings_quorate", "Share of meetings that were quorate", "%")
def meetings_quorate(held: QuerySet[Meeting]) -> Decimal | None:
    """Of the meetings ``held`` whose terms of reference say how many must be present, the share at which so many
    members (or their deputies) were: a percentage, 0-100, to one decimal place (half up).

    None where no terms of reference say it. The terms are those in force on the day of the meeting. One query for each
    meeting, and two more. Worked example: of 4 meetings, 3 quorate and 1 of a group without a number: 100.0%.
    """
    quorums = [
        meeting_reads.quorum_of(meeting, meeting.attendance.all())
        for meeting in held.select_related("group").prefetch_related("attendance")
    ]
    bound = [quorum for quorum in quorums if quorum.needed]
    return share(sum(quorum.is_met for quorum in bound), len(bound))


# --- Groups -----------------------------------------------------------------------------------------------------------


@figure("partnership.vacancies", "Vacancies", "seats")
def vacancies(on: date) -> int:
    """How many seats that the terms of reference in force name nobody fills on ``on``, over all groups that exist.

    Members and advisers fill a seat of their organisation; deputies and observers fill none. More people than an
    organisation has seats do not fill those of another. An organisation that has ended counts as the one that followed
    it. Some four queries. Worked example: two seats are named for the council and one for the police; three people sit
    for the council and none for the police: 1.
    """
    seats = group_reads.seats_by_group(Group.objects.on(on), on)
    return sum(seat.vacant for of_group in seats.values() for seat in of_group)


@figure("partnership.groups_without_chair", "Groups without a chair", "groups")
def groups_without_chair(on: date) -> int:
    """How many groups should have a chair on ``on`` and have none.

    A group should have one if it exists and has a rota, or has ever had a term in the chair. Linked boards, whose
    chairs are chosen elsewhere, have neither. One query. Worked example: of three groups with a rota one is in nobody's
    term today, and a linked board has no rota: 1.
    """
    return group_reads.without_chair(on).count()
