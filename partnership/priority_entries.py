"""What the partnership app knows is done about a priority."""

from __future__ import annotations

from datetime import date

from django.urls import reverse
from django.utils import timezone

from partnership import plan as plan_reads
from partnership.choices import ItemStatus, MeetingStatus
from partnership.engine.priorities import Entry, Kind, register
from partnership.models import Action, AgendaItem, Decision, Milestone, Priority, User


def _actions(priority: Priority, user: User | None) -> list[Entry]:
    """Its actions that the person may see, by due date; none to the public. One query."""
    if user is None:
        return []
    actions = Action.objects.visible_to(user).filter(serves=priority).with_names()
    return [
        Entry(
            action.what,
            action.get_absolute_url(),
            f"{action.owner}, due" if action.is_unfinished else str(action.owner),
            action.status,
            action.get_status_display(),
            action.finished_on or action.due,
        )
        for action in actions
    ]


register(Kind("Actions", 40, _actions))


def _objectives(priority: Priority, user: User | None) -> list[Entry]:
    """Its objectives in the published plan and where they stand: for everybody. Four queries."""
    plan = plan_reads.published()
    objectives = list(plan.objectives.filter(priority=priority).select_related("lead_group")) if plan else []
    found = plan_reads.standings(objectives)
    return [
        Entry(
            objective.what,
            objective.get_absolute_url() if user else "",
            f"{latest.sentence if latest else 'No reading yet.'} {objective.lead_group} leads.",
            latest.rag if latest else "",
            latest.get_rag_display() if latest else "",
            latest.day if latest else None,
        )
        for objective in objectives
        for latest in [found[objective.pk].latest]
    ]


def _milestones(priority: Priority, user: User | None) -> list[Entry]:
    """Its milestones in the published plan, by their days: for everybody. Two queries."""
    plan, today = plan_reads.published(), timezone.localdate()
    milestones = plan.milestones.filter(priority=priority) if plan else Milestone.objects.none()
    return [
        Entry(one.what, f"{reverse('plan')}#milestones", "", *_milestone_status(one, today), one.met_on or one.due)
        for one in milestones
    ]


def _milestone_status(milestone: Milestone, on: date) -> tuple[str, str]:
    if milestone.met_on:
        return "done", "Met"
    return ("overdue", "Overdue") if milestone.is_overdue(on=on) else ("planned", "Planned")


register(Kind("Objectives", 10, _objectives))
register(Kind("Milestones", 20, _milestones))


def _decisions(priority: Priority, user: User | None) -> list[Entry]:
    """What meetings decided about it, as far as the person may see, the newest first; none to the public. One query."""
    if user is None:
        return []
    decisions = Decision.objects.visible_to(user).filter(serves=priority).select_related("item__meeting__group")
    return [
        Entry(
            decision.text,
            decision.get_absolute_url(),
            f"{decision.reference}, {decision.item.meeting.group}",
            when=decision.item.meeting.day,
        )
        for decision in decisions.order_by("-item__meeting__starts_at", "pk")
    ]


def _meetings(priority: Priority, user: User | None) -> list[Entry]:
    """The items of agendas about it, as far as the person may see, the newest first; none to the public. One query."""
    if user is None:
        return []
    items = AgendaItem.objects.visible_to(user).filter(serves=priority, status=ItemStatus.ON_AGENDA)
    standing = items.exclude(meeting__status=MeetingStatus.CANCELLED).select_related("meeting__group")
    return [
        Entry(
            item.title,
            item.get_absolute_url(),
            str(item.meeting.group),
            item.meeting.status,
            item.meeting.get_status_display(),
            item.meeting.day,
        )
        for item in standing.order_by("-meeting__starts_at", "order")
    ]


register(Kind("Decisions", 50, _decisions))
register(Kind("Meetings", 60, _meetings))
