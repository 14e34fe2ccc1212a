"""The demo's actions: some sixty of groups and organisations, in every state. What is to be done is invented."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import count, cycle, islice

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from partnership.choices import ActionPriority, ActionStatus, Capacity, Role
from partnership.models import (
    UNFINISHED,
    Action,
    ActionNote,
    Group,
    Membership,
    Organisation,
    Priority,
    RoleGrant,
    StatusChange,
    User,
)
from partnership.moves import CANCEL_ACTION, COMPLETE_ACTION, START_ACTION

# By the slug of a group: what it has undertaken.
OF_GROUPS = {
    "executive-group": (
        "Agree how the shared budget covers the multi-agency audits",
        "Write to all relevant agencies about the new arrangements",
        "Settle who chairs the partnership next year",
        "Bring the annual report to the county council’s committee",
        "Review the risk register before the plan is renewed",
        "Agree a joint statement on the duty to share information",
        "Ask each partner for its spend on early help",
        "Confirm the terms of reference of the independent scrutineer",
    ),
    "performance-and-audit-group": (
        "Audit ten files on neglect across three agencies",
        "Draw up a shared data set on missing children",
        "Check how many health assessments were on time",
        "Report on repeat child protection plans by district",
        "Moderate the scores of the section 11 self-assessments",
        "Publish what the audit of strategy discussions has found",
        "Agree thresholds for a red rating with the analysts",
        "Visit two front-line teams with the scrutineer",
    ),
    "stakeholders-group": (
        "Gather what the districts do about online harm",
        "Invite two youth councils to the autumn meeting",
        "Share the calendar of training with all agencies",
        "Collect examples of good practice on transitions",
        "Ask voluntary bodies how referrals could be easier",
        "Summarise the learning of the year on one page",
    ),
    "review-panel": (
        "Publish the learning brief on non-mobile babies",
        "Check that the recommendations of the last review are carried out",
        "Train chairs of rapid reviews in the new template",
        "Agree how lessons reach general practitioners",
        "Write to the national panel about the delay",
    ),
    "policy-and-procedures": (
        "Rewrite the chapter on resolving professional differences",
        "Take out procedures that refer to bodies that have ended",
        "Add a page on the use of interpreters",
        "Test the manual with ten practitioners",
        "Agree the procedure for allegations against staff",
    ),
    "neglect-strategy": (
        "Draft the neglect strategy for consultation",
        "Choose one screening tool for all agencies",
        "Pilot the tool in two districts",
        "Ask schools what they see first",
    ),
    "safeguarding-adolescents": (
        "Map the services for young people at risk of exploitation",
        "Agree how moves between schools are shared with the police",
        "Plan the sessions on knife crime for secondary schools",
        "Review the contextual safeguarding pilot",
    ),
}
OF_ORGANISATIONS = (
    "Brief all team managers on the audit’s findings",
    "Name a lead for the neglect strategy",
    "Report how many staff have had level 3 training",
    "Put the escalation procedure on the staff intranet",
    "Send the data for the second quarter",
    "Check the safeguarding clauses of all contracts",
    "Return the section 11 self-assessment",
    "Show how supervision is recorded",
)
NOTES = (
    "Begun: the terms have been agreed with the chair.",
    "About half is done. The rest waits for data from one agency.",
    "Delayed by sickness in the team; a colleague has taken over.",
    "A draft has gone to members for comment.",
)
EVIDENCE = (
    "Minute 6 of the last meeting, and the report that was tabled with it.",
    "The document is published on the partnership’s pages.",
    "Figures of all agencies received and shared with the group.",
    "Training records: 214 people in three sessions.",
)
REASONS = (
    "Overtaken by the new strategy, which covers it.",
    "The body that it was for has ended; its successor does this already.",
)


@dataclass(frozen=True, slots=True)
class Fate:
    """What becomes of one of the demo's actions: days are counted from the day of the demo."""

    due: int
    status: ActionStatus = ActionStatus.OPEN
    notes: int = 0
    priority: ActionPriority = ActionPriority.NORMAL
    finished: int = 0
    moved_by: int = 0  # days that the due date was moved on


S, P = ActionStatus, ActionPriority
FATES = (
    Fate(-19, notes=1, priority=P.HIGH),
    Fate(12, S.IN_PROGRESS, notes=2),
    Fate(-60, S.DONE, notes=1, finished=-64),
    Fate(45),
    Fate(-4, S.IN_PROGRESS, notes=2, moved_by=28),
    Fate(-120, S.DONE, finished=-101),
    Fate(2, priority=P.HIGH),
    Fate(80, priority=P.LOW),
    Fate(-200, S.CANCELLED, finished=-210),
    Fate(-33, S.DONE, notes=2, finished=-33, priority=P.HIGH),
    Fate(26, S.IN_PROGRESS, notes=1, moved_by=40),
    Fate(-1),
    Fate(-250, S.DONE, finished=-255),
)


def load(on: date) -> None:
    """Actions of the groups and of the organisations that take part, with their notes and the changes of their
    status."""
    unit = User.objects.holding(Role.BUSINESS_UNIT, on=on).order_by("pk").first()
    priorities = cycle(Priority.objects.on(on)) if Priority.objects.on(on).exists() else cycle([None])
    fates = list(zip(_undertaken(on), cycle(FATES), count(), priorities, strict=False))
    rows = [_action(who | {"what": what}, fate, number, serves, on) for (what, who), fate, number, serves in fates]
    for row in rows:
        row.created_by = unit
    actions = Action.objects.bulk_create(rows)
    told = [(action, fate, number) for action, (_, fate, number, _) in zip(actions, fates, strict=True)]
    ActionNote.objects.bulk_create([note for each in told for note in _notes(*each, on=on)])
    StatusChange.objects.bulk_create([change for each in told for change in _changes(*each, on=on)])


Undertaken = tuple[str, dict[str, object]]


def _undertaken(on: date) -> Iterator[Undertaken]:
    """What is to be done, with its owner and, for two in three, the person who does it."""
    groups = {group.slug: group for group in Group.objects.on(on)}
    members = Membership.objects.on(on).exclude(capacity=Capacity.OBSERVER).select_related("person").order_by("pk")
    sitting: dict[int, list[User]] = {}
    for member in members:
        sitting.setdefault(member.group_id, []).append(member.person)
    for slug, sentences in OF_GROUPS.items():
        if group := groups.get(slug):
            people = cycle([*sitting.get(group.pk, [])[:6], None, None])
            yield from ((what, {"group": group, "person": next(people)}) for what in sentences)
    yield from _of_organisations(on)


def _of_organisations(on: date) -> Iterator[Undertaken]:
    """Three for each of the first bodies that somebody answers for; no names, but a role for some."""
    grants = RoleGrant.objects.active(on).filter(role=Role.PARTNER, organisation__isnull=False)
    bodies = Organisation.objects.filter(pk__in=grants.values("organisation"))
    sentences, roles = cycle(OF_ORGANISATIONS), cycle(["Head of safeguarding", ""])
    for body in bodies.order_by("-is_statutory_partner", "pk")[:7]:
        for what in islice(sentences, 3):
            yield what, {"organisation": body, "who": next(roles)}


def _action(fields: dict[str, object], fate: Fate, number: int, serves: Priority | None, on: date) -> Action:
    later = 2 * (number // len(FATES))  # so that not all of one fate are due on one day
    due = fate.due - later if fate.due < 0 else fate.due + later
    given = on + timedelta(days=min(due, fate.finished, 0) - fate.moved_by - 40 - number)
    return Action(
        **fields,
        due=on + timedelta(days=due),
        status=fate.status,
        priority=fate.priority,
        serves=serves if number % 2 else None,
        evidence=EVIDENCE[number % len(EVIDENCE)] if fate.status == S.DONE else "",
        finished_on=None if fate.status in UNFINISHED else on + timedelta(days=fate.finished),
        created_at=_at(given),
        given_on=given,
    )


def _notes(action: Action, fate: Fate, number: int, *, on: date) -> Iterator[ActionNote]:
    by = action.person or action.created_by
    end = action.finished_on or on
    for place in range(fate.notes):
        at = _at(end - timedelta(days=9 * (fate.notes - place)))
        yield ActionNote(action=action, text=NOTES[(number + place) % len(NOTES)], by=by, at=at)
    if fate.moved_by:
        yield ActionNote(
            action=action,
            text="Two agencies need more time; the chair agrees.",
            due_was=action.due - timedelta(days=fate.moved_by),
            due_became=action.due,
            by=action.created_by,
            at=_at(end - timedelta(days=30)),
        )


def _changes(action: Action, fate: Fate, number: int, *, on: date) -> Iterator[StatusChange]:
    """How it came to its status: begun by who does it; done, or given up, on its day."""
    if fate.status in {S.IN_PROGRESS, S.DONE}:
        begun = _at((action.finished_on or on) - timedelta(days=28))
        yield _change(action, START_ACTION.verb, S.OPEN, S.IN_PROGRESS, begun)
    if action.finished_on and fate.status == S.DONE:
        at = _at(action.finished_on)
        yield _change(action, COMPLETE_ACTION.verb, S.IN_PROGRESS, S.DONE, at, action.evidence)
    elif action.finished_on:
        reason = REASONS[number % len(REASONS)]
        yield _change(action, CANCEL_ACTION.verb, S.OPEN, S.CANCELLED, _at(action.finished_on), reason)


def _change(action: Action, verb: str, was: str, became: str, at: datetime, note: str = "") -> StatusChange:
    return StatusChange(
        about_type=ContentType.objects.get_for_model(Action),
        about_id=action.pk,
        verb=verb,
        from_status=was,
        to_status=became,
        by=action.created_by if became == S.CANCELLED else action.person or action.created_by,
        at=at,
        note=note,
    )


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10, 15)))
