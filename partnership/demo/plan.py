"""The demo's plan in three versions, its priorities and checklist, and the review of the arrangements of 2017-18.

The years, the principles of the review, its scope and the first milestones are Hertfordshire's, and so is the priority
of gangs and knife crime. Everything else is invented: visions, values, objectives, readings, verdicts, what came of
them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone

from partnership.choices import ActionStatus, PlanStatus, PointKind, ReviewStatus, Role, Verdict
from partnership.models import (
    Action,
    ArrangementItem,
    Document,
    GovernanceReview,
    Group,
    Milestone,
    Objective,
    Organisation,
    Plan,
    PlanApproval,
    PlanPoint,
    PlanPriority,
    PlanSection,
    Priority,
    Reading,
    ReviewItem,
    RoleGrant,
    StatusChange,
    User,
)
from partnership.moves import ALL_APPROVED, PUBLISH_PLAN, SEND_PLAN
from partnership.services import checklist
from partnership.services.plan import PLAN_PDF
from partnership.services.reviews import REVIEW_PDF

EXECUTIVE, STAKEHOLDERS, AUDIT = "executive-group", "stakeholders-group", "performance-and-audit-group"
REVIEW_PANEL, POLICY, ADOLESCENTS = "review-panel", "policy-and-procedures", "safeguarding-adolescents"
FIRST_IN_PLACE, FIRST_BEGAN = date(2019, 1, 31), date(2019, 4, 1)
DEMO_TEXT = "This is demo text: the words of the plan of 2019 are not held here."

PRIORITIES = (
    (
        "gangs-and-knife-crime",
        "Gangs and knife crime",
        "Children and young people at risk of harm by gangs, knives and serious violence, and those who are drawn in.",
        FIRST_BEGAN,
    ),
    (
        "neglect",
        "Neglect",
        "Children whose needs are not met at home, so that they are noticed early and helped to stay well.",
        date(2021, 4, 1),
    ),
    (
        "emotional-wellbeing",
        "Emotional wellbeing",
        "Children and young people who struggle, and the adults around them who can help first:\n\n"
        "- at home\n- at school or college\n- in the community",
        date(2023, 4, 1),
    ),
    (
        "harm-online",
        "Harm online",
        "Children who are groomed, bullied or exploited through phones and games.",
        date(2024, 4, 1),
    ),
)


class Aim(NamedTuple):
    """One objective; ``readings`` from a year ago until lately, by their colours, one for each quarter."""

    priority: str
    lead: str
    what: str
    measure: str
    readings: str


AIMS = (
    Aim(
        "gangs-and-knife-crime",
        ADOLESCENTS,
        "Every school and college knows how to ask for help when it fears for a child because of gangs or knives",
        "Nine in ten yearly returns of schools are green on exploitation outside the home",
        "RAAGG",
    ),
    Aim(
        "gangs-and-knife-crime",
        AUDIT,
        "Children found with a knife are spoken to by a worker whom they trust within two working days",
        "Share of such contacts within two working days, from the yearly audit: 90%",
        "RRAAA",
    ),
    Aim(
        "gangs-and-knife-crime",
        STAKEHOLDERS,
        "Practitioners of all agencies learn together about gangs in every local learning hub",
        "A forum in each of the five hubs by July",
        "AGGGG",
    ),
    Aim(
        "neglect",
        AUDIT,
        "Practitioners of all agencies use one tool to see neglect early",
        "Tool found in use in 80% of the files of the yearly audit",
        "AAARR",
    ),
    Aim(
        "neglect",
        POLICY,
        "The procedures manual says what each agency does in the first month of concern",
        "Chapter published and read by managers of every agency",
        "AG",
    ),
    Aim(
        "neglect",
        "neglect-strategy",
        "A new neglect strategy is agreed and known",
        "Strategy agreed by the Executive Group; four in five practitioners asked know it",
        "RAAA",
    ),
    Aim(
        "emotional-wellbeing",
        STAKEHOLDERS,
        "Parents and carers find help without having to ask twice",
        "Share of families who say so in the yearly survey: 75%",
        "AAAGG",
    ),
    Aim(
        "emotional-wellbeing",
        REVIEW_PANEL,
        "What local reviews found about self-harm is known to front-line teams",
        "Seven-minute briefings used in team meetings of every agency",
        "GGGA",
    ),
    Aim(
        "harm-online",
        EXECUTIVE,
        "Agencies share what they see online, safely and in time",
        "Agreement on sharing signed by all partners; checked twice a year",
        "RRRAA",
    ),
    Aim(
        "harm-online",
        STAKEHOLDERS,
        "Children say how they want to be taught about harm online, and are heard",
        "Two rounds of listening a year, with what changed because of them",
        "",
    ),
)
SENTENCES = {
    "R": "Behind, and it is not clear yet how to catch up: two agencies have not named a lead.",
    "A": "Work has begun everywhere; half of what was planned for the quarter is done.",
    "G": "Done as planned, and the audit found that it is used.",
}
COLOURS = {"R": "red", "A": "amber", "G": "green"}

VISION = (
    "Every child and young person in Hertfordshire grows up safe, is heard, and gets help early from people who work "
    "as one."
)
POINTS = {
    PointKind.VALUE: ("We start from the child.", "We are honest with each other.", "We are kind, and we keep at it."),
    PointKind.PRINCIPLE: (
        "Help comes early, and from somebody known to the family.",
        "All partners count, not only the three that the law names.",
        "We learn from what works as much as from what went wrong.",
    ),
    PointKind.BEHAVIOUR: (
        "We ask what a child’s day is like.",
        "We challenge each other, and welcome being challenged.",
        "We say what we will do, and do it.",
    ),
}
# The review's own principles, as they were presented.
FIRST_PRINCIPLES = (
    "Champion the interests and rights of children and young people",
    "Involve all partners, not just three, with a clear duty to cooperate",
    "Accountable oversight of and feedback on performance and outcomes",
    "Scrutinise and improve practice",
    "Learn from experience and evidence, and from what works well",
    "Challenge and leadership",
    "Workable strategic and operational arrangements: fit form to function",
    "Proportionate, efficient, effective and adequately resourced",
    "Reduce duplication across partnerships",
)

# Heading, text, and the items of the checklist that it answers.
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Who we are",
        "The safeguarding partners of Hertfordshire are the county council, the constabulary and the integrated care "
        "board. Their arrangements cover the whole county.\n\nThe relevant agencies work with them:\n\n- schools, "
        "colleges and early years settings\n- district and borough councils\n- probation\n- voluntary organisations",
        ("partners-and-area", "relevant-agencies", "schools-and-early-years"),
    ),
    (
        "How we work together",
        "1. The Executive Group drives the work and directs the subgroups.\n2. The Stakeholders Group brings all "
        "agencies together on themes.\n3. Five local learning hubs carry what the front line finds to the partnership, "
        "and bring its answers back.\n\nThe chair rolls from partner to partner every year.",
        ("working-together",),
    ),
    (
        "How we learn and judge our help",
        "Data, audits across agencies and the words of children and families tell us what help is worth. Local reviews "
        "are commissioned by the review panel and published.",
        ("practice-reviews", "data-and-intelligence", "voice-of-children"),
    ),
    (
        "Independent scrutiny",
        "Scrutiny is a system, not one person: it may look wherever it wants, and what it finds is answered.",
        ("independent-scrutiny",),
    ),
    (
        "Training",
        "Training is planned across agencies, and its effect on practice is asked about three months after.",
        ("training",),
    ),
    (
        "Money and review",
        "The partners agree their contributions each year. The arrangements are reviewed every three years.",
        ("funding", "review-of-arrangements"),
    ),
)

# What the review of 2017-18 looked at (as presented), with an invented verdict, reason, what became of it, and groups.
REVIEW_ITEMS: tuple[tuple[str, Verdict, str, str, str, str], ...] = (
    (
        "Core business: what the board currently undertakes by statute",
        Verdict.CONTINUE,
        "The duties stay under the new law. What goes is work that other boards do as well.",
        "A list of what stays and what goes was agreed.",
        "",
        "",
    ),
    (
        "Structure and membership of the board",
        Verdict.START,
        "A board of forty could not decide. A small group of the partners decides, a wide one advises.",
        "Two groups took the place of the board.",
        "",
        EXECUTIVE,
    ),
    (
        "Relationship with other boards: adults, health and wellbeing, community safety",
        Verdict.CONTINUE,
        "The links work where chairs meet. They should be set down.",
        "The chairs meet twice a year.",
        "",
        "",
    ),
    (
        "Effectiveness of subgroups: their number, membership and focus",
        Verdict.STOP,
        "Three subgroups had much the same members and looked at much the same data.",
        "Subgroups were merged.",
        "improving-outcomes",
        AUDIT,
    ),
    (
        "Quality assurance across agencies, audit included",
        Verdict.CONTINUE,
        "Audits found what data could not show.",
        "Audits became more frequent and shorter.",
        "",
        "",
    ),
    (
        "Learning: training across agencies",
        Verdict.START,
        "What the front line learns reached the board too late or not at all.",
        "Five local learning hubs were set up, with three themes a year.",
        "learning-and-development",
        STAKEHOLDERS,
    ),
    (
        "Governance: whether an independent chair or scrutineer is needed",
        Verdict.START,
        "Scrutiny should be a system and not one person.",
        "The chair rolls yearly; scrutiny may roam freely.",
        "",
        "",
    ),
    (
        "The business unit and its support to new arrangements",
        Verdict.CONTINUE,
        "Partners rely on it.",
        "Its size was kept.",
        "",
        "",
    ),
    (
        "Budget: whether contributions are equitable, fair and sufficient",
        Verdict.CONTINUE,
        "Shares were fair, the sum too small for the new hubs.",
        "Contributions were agreed, with additional money.",
        "",
        "",
    ),
    (
        "Footprint, child death overview included",
        Verdict.CONTINUE,
        "Larger areas would lose the knowledge of local services.",
        "The footprint of child death reviews remains Hertfordshire.",
        "",
        "",
    ),
)


def load(on: date) -> None:
    """Priorities, three versions of the plan with a year of readings, the checklist, and one review. Quick, and no
    e-mail."""
    groups = {group.slug: group for group in Group.objects.all()}
    unit = User.objects.holding(Role.BUSINESS_UNIT, on=on).first()
    priorities = _load_priorities()
    checklist.load(by=None)
    first = _load_first(priorities, unit)
    if unit is not None and groups:
        present = _load_present(first, priorities, groups, unit, on)
        _load_next(present, unit, on)
    _load_review(groups, unit)


def _load_priorities() -> dict[str, Priority]:
    for order, (slug, name, summary, starts) in enumerate(PRIORITIES, start=1):
        Priority.objects.get_or_create(
            slug=slug, defaults={"name": name, "summary": summary, "starts": starts, "order": order}
        )
    return {priority.slug: priority for priority in Priority.objects.all()}


def _at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(11, 0)))


# --- Versions ---------------------------------------------------------------------------------------------------------


def _load_first(priorities: dict[str, Priority], unit: User | None) -> Plan:
    """The plan of 2019: its days and principles are known, its words are not."""
    plan = Plan.objects.create(
        version=1,
        title="Safeguarding arrangements",
        covers_from=FIRST_BEGAN,
        covers_to=date(2020, 3, 31),
        vision=DEMO_TEXT,
        created_by=unit,
        created_at=_at(date(2018, 9, 3)),
    )
    sections = ("The new arrangements", "Learning hubs", "Independent scrutiny")
    PlanSection.objects.bulk_create(
        PlanSection(plan=plan, heading=heading, text=DEMO_TEXT, position=n) for n, heading in enumerate(sections, 1)
    )
    _add_points(plan, {PointKind.PRINCIPLE: FIRST_PRINCIPLES})
    PlanPriority.objects.create(plan=plan, priority=priorities["gangs-and-knife-crime"], position=1)
    Milestone.objects.bulk_create(
        Milestone(plan=plan, what=what, due=day, met_on=day)
        for what, day in (
            ("Partnership plan in place", FIRST_IN_PLACE),
            ("Transition to the new arrangements", FIRST_BEGAN),
        )
    )
    _set_status(plan, PlanStatus.SUPERSEDED, published_on=FIRST_IN_PLACE)
    return plan


def _load_present(first: Plan, priorities: dict[str, Priority], groups: dict[str, Group], unit: User, on: date) -> Plan:
    """The plan in force: published before last spring, with objectives that have been read for a year."""
    begins = date(on.year - (2 if on < date(on.year, 4, 1) else 1), 4, 1)
    plan = Plan.objects.create(
        version=2,
        title="Partnership plan",
        covers_from=begins,
        covers_to=date(begins.year + 3, 3, 31),
        vision=VISION,
        based_on=first,
        times_sent=1,
        created_by=unit,
        created_at=_at(begins - timedelta(days=150)),
    )
    _add_sections(plan)
    _add_points(plan, POINTS)
    _add_objectives(plan, priorities, groups)
    _add_milestones(plan, priorities, on)
    _approve(plan, Organisation.objects.existing_on(on), begins - timedelta(days=40))
    _set_status(plan, PlanStatus.PUBLISHED, published_on=begins - timedelta(days=14))
    _add_readings(plan, unit, on)
    _tell_story(plan, unit, begins)
    Document.objects.create(kind=PLAN_PDF, about=plan, title=f"Plan: {plan}", wanted_by=unit)  # beat has it made
    return plan


def _load_next(present: Plan, unit: User, on: date) -> None:
    """The next version, with the partners since two weeks: one of them has approved it."""
    begins = date(present.covers_to.year, 4, 1)
    plan = Plan.objects.create(
        version=3,
        title="Partnership plan",
        covers_from=begins,
        covers_to=date(begins.year + 3, 3, 31),
        vision=VISION,
        based_on=present,
        times_sent=1,
        created_by=unit,
        created_at=_at(on - timedelta(days=60)),
    )
    _add_sections(plan)
    _add_points(plan, POINTS)
    PlanPriority.objects.bulk_create(
        PlanPriority(plan=plan, priority=place.priority, position=place.position)
        for place in present.placed_priorities.select_related("priority")
    )
    Objective.objects.bulk_create(
        Objective(
            plan=plan,
            priority=old.priority,
            what=old.what,
            measure=old.measure,
            lead_group=old.lead_group,
            position=old.position,
            continues=old,
        )
        for old in present.objectives.select_related("priority", "lead_group")
    )
    Milestone.objects.create(plan=plan, what="Survey of practitioners repeated", due=begins + timedelta(days=180))
    _approve(plan, Organisation.objects.existing_on(on).filter(kind="police"), on - timedelta(days=5))
    StatusChange.objects.create(
        about=plan,
        verb=SEND_PLAN.verb,
        from_status=PlanStatus.DRAFT,
        to_status=PlanStatus.WITH_PARTNERS,
        by=unit,
        at=_at(on - timedelta(days=14)),
    )
    _set_status(plan, PlanStatus.WITH_PARTNERS)


def _set_status(plan: Plan, status: PlanStatus, **fields: date) -> None:
    """Last, because the parts can be written only while the plan is a draft."""
    Plan.objects.filter(pk=plan.pk).update(status=status, **fields)
    plan.refresh_from_db()


def _tell_story(plan: Plan, unit: User, begins: date) -> None:
    kind = ContentType.objects.get_for_model(Plan)
    story = ((SEND_PLAN, unit, 60), (ALL_APPROVED, None, 40), (PUBLISH_PLAN, unit, 14))
    StatusChange.objects.bulk_create(
        StatusChange(
            about_type=kind,
            about_id=plan.pk,
            verb=move.verb,
            from_status=min(move.sources),
            to_status=move.target,
            by=by,
            at=_at(begins - timedelta(days=days)),
        )
        for move, by, days in story
    )


# --- Parts ------------------------------------------------------------------------------------------------------------


def _add_sections(plan: Plan) -> None:
    made = PlanSection.objects.bulk_create(
        PlanSection(plan=plan, heading=heading, text=text, position=n)
        for n, (heading, text, _) in enumerate(SECTIONS, start=1)
    )
    items = {item.code: item for item in ArrangementItem.objects.all()}
    link = ArrangementItem.sections.through
    link.objects.bulk_create(
        link(arrangementitem=items[code], plansection=section)
        for section, (_, _, codes) in zip(made, SECTIONS, strict=True)
        for code in codes
    )


def _add_points(plan: Plan, points: Mapping[PointKind, tuple[str, ...]]) -> None:
    PlanPoint.objects.bulk_create(
        PlanPoint(plan=plan, kind=kind, text=text, position=n)
        for kind, texts in points.items()
        for n, text in enumerate(texts, start=1)
    )


def _add_objectives(plan: Plan, priorities: dict[str, Priority], groups: dict[str, Group]) -> None:
    PlanPriority.objects.bulk_create(
        PlanPriority(plan=plan, priority=priorities[slug], position=n) for n, (slug, *_) in enumerate(PRIORITIES, 1)
    )
    fallback = next(iter(groups.values()))
    Objective.objects.bulk_create(
        Objective(
            plan=plan,
            priority=priorities[aim.priority],
            what=aim.what,
            measure=aim.measure,
            lead_group=groups.get(aim.lead, fallback),
            position=n,
        )
        for n, aim in enumerate(AIMS, start=1)
    )


def _add_milestones(plan: Plan, priorities: dict[str, Priority], on: date) -> None:
    rows = (
        ("Leads named in every agency", "", -300, -310),
        ("First forum on gangs in all five hubs", "gangs-and-knife-crime", -200, -188),
        ("Neglect strategy agreed", "neglect", -20, None),
        ("Agreement on sharing what is seen online signed", "harm-online", 75, None),
        ("Plan reviewed at half-time", "", 160, None),
    )
    Milestone.objects.bulk_create(
        Milestone(
            plan=plan,
            what=what,
            priority=priorities.get(slug),
            due=on + timedelta(days=due),
            met_on=None if met is None else on + timedelta(days=met),
        )
        for what, slug, due, met in rows
    )


def _add_readings(plan: Plan, unit: User, on: date) -> None:
    Reading.objects.bulk_create(
        reading
        for objective, aim in zip(plan.objectives.order_by("position"), AIMS, strict=True)
        for reading in _readings(objective, aim, unit, on)
    )


def _readings(objective: Objective, aim: Aim, unit: User, on: date) -> Iterator[Reading]:
    """One for each quarter from a year ago; those with fewer stop early, so that some are due."""
    for number, letter in enumerate(aim.readings):
        day = on - timedelta(days=380 - 91 * number)
        term = objective.lead_group.chair_terms.on(day).select_related("person").first()
        by = term.person if term else unit
        yield Reading(objective=objective, rag=COLOURS[letter], sentence=SENTENCES[letter], day=day, by=by, at=_at(day))


def _approve(plan: Plan, organisations: models.QuerySet[Organisation], day: date) -> None:
    """Approval by somebody of each statutory partner among ``organisations`` that has people."""
    grants = RoleGrant.objects.filter(role=Role.PARTNER, organisation__in=organisations)
    partners = grants.filter(organisation__is_statutory_partner=True).select_related("user", "organisation")
    people = {grant.organisation: grant.user for grant in partners.order_by("-pk")}
    PlanApproval.objects.bulk_create(
        PlanApproval(
            plan=plan,
            time=1,
            organisation=organisation,
            person=person,
            statement=f"{organisation} approves this plan.",
            at=_at(day),
        )
        for organisation, person in people.items()
        if organisation is not None
    )


# --- The review -------------------------------------------------------------------------------------------------------


def _load_review(groups: dict[str, Group], unit: User | None) -> None:
    review = GovernanceReview.objects.create(
        title="Review of the safeguarding board, 2017-18",
        terms_of_reference="Agreed after the meeting of senior leaders in mid-November 2017.\n\nPrinciples:\n\n"
        + "\n".join(f"- {principle}" for principle in FIRST_PRINCIPLES),
        group=groups.get("governance-review-2018"),
        starts=date(2017, 11, 15),
        target_end=date(2018, 6, 30),
        status=ReviewStatus.CLOSED,
        reported_on=date(2018, 6, 28),
        created_by=unit,
        created_at=_at(date(2017, 11, 15)),
    )
    made = ReviewItem.objects.bulk_create(
        ReviewItem(
            review=review,
            position=n,
            subject=subject,
            verdict=verdict,
            reason=reason,
            outcome=outcome,
            merged_group=groups.get(merged),
            new_group=groups.get(new),
        )
        for n, (subject, verdict, reason, outcome, merged, new) in enumerate(REVIEW_ITEMS, start=1)
    )
    if EXECUTIVE in groups:
        Action.objects.create(
            group=groups[EXECUTIVE],
            what="Set down how the boards of the county work together",
            due=date(2019, 3, 29),
            status=ActionStatus.DONE,
            evidence="Joint statement of the four boards, signed in March 2019",
            finished_on=date(2019, 3, 22),
            source=made[2],
            created_at=_at(date(2018, 7, 10)),
        )
    Document.objects.create(kind=REVIEW_PDF, about=review, title=f"Review of the arrangements: {review}")
