"""What of this app search finds."""

from django.db.models import Exists, F, OuterRef, Q

from partnership.choices import OrganisationKind, PlanStatus
from partnership.engine.search import Source, register
from partnership.models import (
    Action,
    ActionNote,
    AgendaItem,
    Decision,
    Escalation,
    GoodPractice,
    Group,
    Meeting,
    Objective,
    Organisation,
    Paper,
    PlanSection,
    Priority,
    ReviewItem,
    User,
)
from partnership.models.meetings import MINUTES_OUT

register(
    Source("Organisation", Organisation, "name", only=~Q(kind=OrganisationKind.SCHOOL)),
    Source("Person", User, "name", ("job_title", "email", "organisation__name"), related=("organisation",)),
)

register(
    Source(
        "Action",
        Action,
        "what",
        ("who", "evidence", "organisation__name", "group__name", "person__name"),
        when="due",
    ),
    Source("Note on an action", ActionNote, "action__what", ("text",), when="at", related=("action",), by_title=False),
)

# Each version of the plan has its own: found are those of the plan in force, and of the next one what is new in it.
SAME_IN_FORCE = Q(continues__plan__status=PlanStatus.PUBLISHED, continues__what=F("what"))
CURRENT_OBJECTIVES = ~Q(plan__status=PlanStatus.SUPERSEDED) & ~SAME_IN_FORCE
IN_FORCE = Q(plan__status=PlanStatus.PUBLISHED)
SECTIONS_IN_FORCE = PlanSection.objects.filter(IN_FORCE, heading=OuterRef("heading"), text=OuterRef("text"))
CURRENT_SECTIONS = IN_FORCE | (~Q(plan__status=PlanStatus.SUPERSEDED) & ~Q(Exists(SECTIONS_IN_FORCE)))

register(
    Source(
        "Section of the plan",
        PlanSection,
        "heading",
        ("text",),
        when="plan__published_on",
        related=("plan",),
        only=CURRENT_SECTIONS,
    ),
    Source("Objective", Objective, "what", ("measure", "lead_group__name", "priority__name"), only=CURRENT_OBJECTIVES),
    Source("Priority", Priority, "name", ("summary",)),
    Source(
        "Item of a review of the arrangements",
        ReviewItem,
        "subject",
        ("reason", "outcome", "review__title"),
        when="review__reported_on",
        related=("review",),
    ),
)

register(
    Source("Meeting", Meeting, "group__name", ("place",), when="starts_at", related=("group",)),
    Source(
        "Item of an agenda",
        AgendaItem,
        "title",
        ("summary", "presenter", "meeting__group__name"),
        when="meeting__starts_at",
    ),
    Source(
        "Minutes",
        AgendaItem,
        "title",
        ("minute",),
        when="meeting__starts_at",
        by_title=False,
        only=~Q(minute="") & Q(meeting__status__in=MINUTES_OUT),
    ),
    Source(
        "Decision",
        Decision,
        "reference",
        ("text", "reason"),
        exact=("reference",),
        when="item__meeting__starts_at",
        related=("item",),
        by_title=False,
    ),
    Source("Paper", Paper, "title", ("item__title",), when="item__meeting__starts_at", related=("item",)),
)

register(Source("Group", Group, "name", ("purpose", "footprint")))

register(
    Source("Professional difference", Escalation, "reference", ("theme__name",), when="raised_at"),
    Source(
        "Good practice",
        GoodPractice,
        "organisation__name",
        ("what",),
        when="recognised_at",
        related=("organisation",),
    ),
)
