"""Records of this app with a history page."""

from partnership.engine.history import Trail, register
from partnership.models import (
    Action,
    AgendaItem,
    ArrangementItem,
    Attendance,
    BudgetLine,
    ChairTerm,
    Contribution,
    Decision,
    EscalationProcedure,
    EscalationStage,
    FinancialYear,
    GovernanceReview,
    Group,
    Meeting,
    Membership,
    Milestone,
    Objective,
    Organisation,
    Plan,
    PlanPoint,
    PlanPriority,
    PlanSection,
    Priority,
    ReviewItem,
    RoleGrant,
    User,
)
from partnership.permissions import Perm

register(
    User,
    lambda user: [
        Trail(RoleGrant, {"user": user.pk}, named_by=("role", "organisation", "group")),
        Trail(Membership, {"person": user.pk}, named_by=("group", "capacity")),
        Trail(ChairTerm, {"person": user.pk}, named_by=("group",)),
    ],
)
register(Organisation)
register(Action)

PLAN_PARTS = (
    (PlanSection, "heading"),
    (PlanPoint, "text"),
    (PlanPriority, "priority"),
    (Objective, "what"),
    (Milestone, "what"),
)
register(
    Plan,
    lambda plan: [Trail(part, {"plan": plan.pk}, named_by=(name,)) for part, name in PLAN_PARTS],
    perm=Perm.VIEW_PLAN_HISTORY,  # what stood in a draft is not for everybody who reads the plan
)
register(Priority)
register(ArrangementItem)
register(GovernanceReview, lambda review: [Trail(ReviewItem, {"review": review.pk}, named_by=("subject",))])
register(
    FinancialYear,
    lambda year: [
        Trail(Contribution, {"year": year.pk}, named_by=("organisation",)),
        Trail(BudgetLine, {"year": year.pk}, named_by=("heading",)),
    ],
)
register(
    EscalationProcedure,
    lambda procedure: [Trail(EscalationStage, {"procedure": procedure.pk}, named_by=("name",))],
)
register(
    Meeting,
    lambda meeting: [
        Trail(AgendaItem, {"meeting": meeting.pk}, named_by=("title",)),
        Trail(Attendance, {"meeting": meeting.pk}, named_by=("person",)),
        Trail(Decision, {"item__meeting": meeting.pk}, named_by=("reference",)),
    ],
    perm=Perm.MANAGE_MEETING,  # drafts of minutes are not for members
)

register(
    Group,
    lambda group: [
        Trail(Membership, {"group": group.pk}, named_by=("person", "capacity")),
        Trail(ChairTerm, {"group": group.pk}, named_by=("person", "organisation")),
    ],
    perm=Perm.VIEW_MEMBERS,
)
