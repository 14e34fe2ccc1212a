"""What professional differences need of a person, for the home page; and the way to them and to the budget."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from partnership.choices import Answerer, EscalationStatus
from partnership.engine.access import Reach
from partnership.engine.home import Link, Need
from partnership.models import Escalation, EscalationContact, EscalationStep, FinancialYear, User
from partnership.permissions import Perm
from partnership.reaches import answers

MOVED_UP = "It moved up to you without an answer"
MOST = 10  # of a kind, named one by one


def to_answer(user: User, on: date) -> list[Need]:
    """Differences at a stage at which the person answers, those that moved up by themselves named as such. One
    query."""
    waiting = Escalation.objects.filter(answers(Reach(user, frozenset())), status=EscalationStatus.OPEN)
    steps = EscalationStep.objects.filter(escalation=OuterRef("pk"), moved_by_clock=True)
    rows = waiting.annotate(came_by_itself=Exists(steps)).select_related("theme").order_by("due", "pk")[:MOST]
    return [
        Need(
            f"Answer {row.reference}",
            row.get_absolute_url(),
            f"{row.theme}. {MOVED_UP if row.came_by_itself else 'A professional difference'}",
            due=row.due,
            urgent=row.is_urgent or row.is_overdue(on=on),
        )
        for row in rows
    ]


def to_accept(user: User, on: date) -> list[Need]:
    """Differences that the person raised and that have been answered, or that wait overdue and do not move up by
    themselves. One query."""
    answered = Q(status=EscalationStatus.ANSWERED)
    stuck = Q(status=EscalationStatus.OPEN, due__lt=on, stage__moves_up=False)
    rows = Escalation.objects.filter(answered | stuck, raised_by=user).select_related("theme").order_by("pk")[:MOST]
    return [
        Need(
            f"{row.reference} has been answered" if row.due is None else f"{row.reference} has no answer",
            row.get_absolute_url(),
            f"{row.theme}. {'Accept the answer or move it up' if row.due is None else 'Move it up'}",
        )
        for row in rows
    ]


def for_the_unit(user: User, on: date) -> list[Need]:
    """Differences that have come to the business unit: after the last stage, at a stage that it answers, or because
    nobody is named. One query."""
    if not user.has_perm(Perm.MANAGE_ESCALATIONS):
        return []
    rows = _with_the_unit().select_related("theme").order_by("raised_at", "pk")[:MOST]
    return [
        Need(
            f"{row.reference} is with the business unit" if row.due is None else f"Nobody else answers {row.reference}",
            row.get_absolute_url(),
            str(row.theme),
            due=row.due,
            urgent=row.is_overdue(on=on) or row.is_urgent,
        )
        for row in rows
    ]


def _with_the_unit() -> QuerySet[Escalation]:
    named: Any = EscalationContact.objects.filter(
        organisation=OuterRef("other_organisation"), level=OuterRef("stage__order"), person__is_active=True
    )
    nobody = Q(stage__answerer=Answerer.OTHER_AGENCY) & ~Q(Exists(named))
    waiting = Q(status=EscalationStatus.OPEN) & (Q(stage__answerer=Answerer.BUSINESS_UNIT) | nobody)
    found: QuerySet[Escalation] = Escalation.objects.filter(Q(status=EscalationStatus.WITH_UNIT) | waiting)
    return found


def places(user: User) -> list[Link]:
    """Differences and good practice, for everybody; the budget, for those who see a year of it."""
    links = [
        Link(
            "Professional differences",
            reverse("escalations"),
            "Resolve one, or recognise good practice",
            order=66,
        )
    ]
    if user.has_perm(Perm.MANAGE_BUDGET) or _sees_a_year(user):
        links.append(Link("Budget", reverse("budget"), "Contributions and spend", order=64))
    return links


def _sees_a_year(user: User) -> bool:
    return user.has_perm(Perm.VIEW_BUDGET) and FinancialYear.objects.visible_to(user).exists()
