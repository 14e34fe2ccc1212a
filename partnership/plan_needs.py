"""What of the plan needs a person: approval, publication, readings of objectives."""

from __future__ import annotations

from datetime import date

from django.urls import reverse

from partnership import plan as reads
from partnership.engine.home import Link, Need
from partnership.models import GovernanceReview, Plan, User
from partnership.models.plan import CONSULTED
from partnership.permissions import Perm
from partnership.services.plan import can_be_published

MOST_OBJECTIVES = 3  # named one by one; more than that are counted


def to_approve(user: User, on: date) -> list[Need]:
    """The plan that waits for the approval of a statutory partner of the person. Two queries."""
    own = reads.may_approve_for(user, on=on)
    plan = Plan.objects.filter(status__in=CONSULTED).first() if own else None
    if plan is None:
        return []
    waiting = [organisation for organisation in own if organisation in reads.still_to_approve(plan, on=on)]
    url = reverse("approve_plan", args=[plan.version])
    return [Need(f"Approve {plan}, for {organisation}", url, plan.years) for organisation in waiting]


def to_publish(user: User, on: date) -> list[Need]:
    """The plan that all partners have approved, for the business unit. Three queries."""
    if not user.has_perm(Perm.MANAGE_PLAN):
        return []
    plan = Plan.objects.filter(status__in=CONSULTED).first()
    if plan is None or not can_be_published(plan, on=on):
        return []
    return [Need(f"Publish {plan}", plan.get_absolute_url(), "Every statutory partner has approved it")]


def objectives_without_reading(user: User, on: date) -> list[Need]:
    """Objectives of the published plan that have had no reading for 90 days, for the chair of the group that leads and
    for the business unit. Six queries at most."""
    if not user.has_perm(Perm.RECORD_PROGRESS) or (plan := reads.published()) is None:
        return []
    due = reads.without_reading(plan, on=on)
    own = set(plan.objectives.allowed(user, Perm.RECORD_PROGRESS).values_list("pk", flat=True)) if due else set()
    mine = [objective for objective in due if objective.pk in own]
    if len(mine) > MOST_OBJECTIVES:
        title = f"{len(mine)} objectives of the plan have had no reading for 90 days"
        return [Need(title, f"{reverse('plan')}#objectives", "Record where they stand")]
    return [
        Need(
            f"Record progress: {objective}",
            reverse("record_progress", args=[objective.pk]),
            f"No reading for 90 days; {objective.lead_group} leads",
            group=objective.lead_group_id,
        )
        for objective in mine
    ]


def places(user: User) -> list[Link]:
    """Priorities for all; versions and reviews for those who work with them. One query."""
    found = [Link("Priorities", reverse("priorities"), "What is done about each", order=30)]
    if user.has_perm(Perm.VIEW_CHECKLIST):
        found.append(Link("Versions of the plan", reverse("plans"), "Drafts, approvals, what was in force", order=31))
    if GovernanceReview.objects.visible_to(user).exists() or user.has_perm(Perm.MANAGE_GOVERNANCE_REVIEW):
        detail = "What shall stop, start or continue"
        found.append(Link("Reviews of the arrangements", reverse("governance_reviews"), detail, order=32))
    return found
