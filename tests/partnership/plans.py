"""Plans for tests: a draft with one of everything, and plans put into a status without their story."""

from datetime import date, timedelta

from django.utils import timezone

from partnership.choices import PlanStatus, PointKind, ReviewStatus
from partnership.models import (
    GovernanceReview,
    Milestone,
    Objective,
    Plan,
    PlanPoint,
    PlanPriority,
    PlanSection,
    Reading,
)
from partnership.models.plan import PUBLIC
from tests.factories import GroupFactory, PriorityFactory, UserFactory


def make_plan(version: int = 1, status: PlanStatus = PlanStatus.DRAFT, *, lead=None, priority=None) -> Plan:
    """A plan with a section, a value, a priority with one objective, and a milestone. ``lead`` is the lead group."""
    plan = Plan.objects.create(
        version=version, title="Partnership plan", covers_from=date(2026, 4, 1), covers_to=date(2029, 3, 31)
    )
    priority = priority or PriorityFactory()
    PlanSection.objects.create(plan=plan, heading="Who we are", text="We are partners.", position=1)
    PlanPoint.objects.create(plan=plan, kind=PointKind.VALUE, text="We listen.", position=1)
    PlanPriority.objects.create(plan=plan, priority=priority, position=1)
    add_objective(plan, priority=priority, lead=lead)
    Milestone.objects.create(plan=plan, what="Leads named", due=date(2026, 9, 1), priority=priority)
    return put(plan, status)


def add_objective(plan: Plan, *, priority=None, lead=None, **fields) -> Objective:
    """One more objective of a draft."""
    return Objective.objects.create(
        plan=plan,
        priority=priority or plan.priorities.get(),
        lead_group=lead or GroupFactory(),
        what="Every school knows how to ask for help",
        measure="Nine in ten returns are green",
        position=plan.objectives.count() + 1,
        **fields,
    )


def put(plan: Plan, status: PlanStatus, *, days_ago: int = 10) -> Plan:
    """``plan`` put into ``status``, without its story."""
    fields = {"status": status, "times_sent": 0 if status == PlanStatus.DRAFT else 1}
    if status in PUBLIC:
        fields["published_on"] = timezone.localdate() - timedelta(days=days_ago)
    Plan.objects.filter(pk=plan.pk).update(**fields)
    plan.refresh_from_db()
    return plan


def read(objective: Objective, rag: str, *, days_ago: int = 0, sentence: str = "As planned.") -> Reading:
    """A reading of ``objective``, whatever its plan."""
    day = timezone.localdate() - timedelta(days=days_ago)
    return Reading.objects.create(objective=objective, rag=rag, sentence=sentence, day=day, by=UserFactory())


def make_review(status: ReviewStatus = ReviewStatus.PLANNED, *, group=None) -> GovernanceReview:
    """A review without items, put into ``status``."""
    reported = date(2018, 6, 28) if status in {ReviewStatus.REPORTED, ReviewStatus.CLOSED} else None
    return GovernanceReview.objects.create(
        title="Review of the board",
        terms_of_reference="What stays, what goes?",
        group=group,
        starts=date(2017, 11, 15),
        target_end=date(2018, 6, 30),
        status=status,
        reported_on=reported,
    )
