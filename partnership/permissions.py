"""Who may do what with the partnership's own records. One table; ``docs/permissions.md`` is written from it."""

from datetime import date
from enum import StrEnum

from django.db.models import Q
from django.utils import timezone

from partnership.choices import Role
from partnership.engine.access import (
    NOTHING,
    Reach,
    Rule,
    Scope,
    chairs,
    either,
    own_organisation,
    register,
    sits_on,
    themselves,
)
from partnership.handover import took_over_from
from partnership.models import (
    Action,
    ActionNote,
    AgendaItem,
    ArrangementItem,
    ChairTerm,
    Decision,
    Escalation,
    EscalationProcedure,
    FinancialYear,
    GoodPractice,
    GovernanceReview,
    Group,
    HeldText,
    Meeting,
    Objective,
    Organisation,
    Paper,
    Plan,
    PlanSection,
    Priority,
    ReviewItem,
    User,
)
from partnership.models.meetings import MINUTES_OUT
from partnership.models.plan import CONSULTED, PUBLIC
from partnership.reaches import answers, in_force, involved, pays, pursues

ANYONE: frozenset[Role] = frozenset()
own_school = own_organisation("organisation")


class Perm(StrEnum):
    USE_PORTAL = "partnership.use_portal"
    VIEW_FIGURES = "partnership.view_figures"
    VIEW_USER = "partnership.view_user"
    MANAGE_USERS = "partnership.manage_users"
    VIEW_ORGANISATION = "partnership.view_organisation"
    MANAGE_ORGANISATIONS = "partnership.manage_organisations"
    VIEW_ACTION = "partnership.view_action"
    PROGRESS_ACTION = "partnership.progress_action"
    CANCEL_ACTION = "partnership.cancel_action"
    MANAGE_ACTION = "partnership.manage_action"
    VIEW_ACTION_NOTE = "partnership.view_action_note"
    OPEN_ACTION = "partnership.open_action"
    OPEN_GROUP_ACTION = "partnership.open_group_action"
    MANAGE_ACTION_REMINDERS = "partnership.manage_action_reminders"
    VIEW_HELD_TEXT = "partnership.view_held_text"
    DECIDE_HELD_TEXT = "partnership.decide_held_text"
    VIEW_GROUP = "partnership.view_group"
    VIEW_MEMBERS = "partnership.view_members"
    MANAGE_GROUP = "partnership.manage_group"
    VIEW_CHAIR_TERM = "partnership.view_chair_term"
    HAND_OVER = "partnership.hand_over"
    VIEW_PLAN = "partnership.view_plan"
    VIEW_PLAN_HISTORY = "partnership.view_plan_history"
    MANAGE_PLAN = "partnership.manage_plan"
    APPROVE_PLAN = "partnership.approve_plan"
    VIEW_PLAN_SECTION = "partnership.view_plan_section"
    VIEW_OBJECTIVE = "partnership.view_objective"
    RECORD_PROGRESS = "partnership.record_progress"
    VIEW_PRIORITY = "partnership.view_priority"
    MANAGE_PRIORITY = "partnership.manage_priority"
    VIEW_CHECKLIST = "partnership.view_checklist"
    MANAGE_CHECKLIST = "partnership.manage_checklist"
    VIEW_GOVERNANCE_REVIEW = "partnership.view_governance_review"
    WRITE_GOVERNANCE_REVIEW = "partnership.write_governance_review"
    MANAGE_GOVERNANCE_REVIEW = "partnership.manage_governance_review"
    VIEW_REVIEW_ITEM = "partnership.view_review_item"
    VIEW_BUDGET = "partnership.view_budget"
    MANAGE_BUDGET = "partnership.manage_budget"
    START_ESCALATION = "partnership.start_escalation"
    VIEW_ESCALATION = "partnership.view_escalation"
    ANSWER_ESCALATION = "partnership.answer_escalation"
    PURSUE_ESCALATION = "partnership.pursue_escalation"
    VIEW_ESCALATION_REGISTER = "partnership.view_escalation_register"
    MANAGE_ESCALATIONS = "partnership.manage_escalations"
    VIEW_ESCALATION_PROCEDURE = "partnership.view_escalation_procedure"
    MANAGE_ESCALATION_PROCEDURE = "partnership.manage_escalation_procedure"
    VIEW_GOOD_PRACTICE = "partnership.view_good_practice"
    RECOGNISE_GOOD_PRACTICE = "partnership.recognise_good_practice"
    REMOVE_GOOD_PRACTICE = "partnership.remove_good_practice"
    PLAN_MEETINGS = "partnership.plan_meetings"
    VIEW_MEETING = "partnership.view_meeting"
    MANAGE_MEETING = "partnership.manage_meeting"
    PROPOSE_ITEM = "partnership.propose_item"
    VIEW_AGENDA_ITEM = "partnership.view_agenda_item"
    MANAGE_AGENDA_ITEM = "partnership.manage_agenda_item"
    VIEW_PAPER = "partnership.view_paper"
    MANAGE_PAPER = "partnership.manage_paper"
    VIEW_DECISION = "partnership.view_decision"
    MANAGE_DECISION = "partnership.manage_decision"


register(
    None,
    {
        Perm.USE_PORTAL: [Rule(ANYONE)],
        Perm.VIEW_FIGURES: [Rule({Role.BUSINESS_UNIT, Role.SCRUTINEER})],
    },
)

register(
    User,
    {
        Perm.VIEW_USER: [Rule({Role.BUSINESS_UNIT}), Rule(ANYONE, themselves())],
        Perm.MANAGE_USERS: [Rule({Role.BUSINESS_UNIT})],
    },
    view=Perm.VIEW_USER,
)

register(
    Organisation,
    {
        Perm.VIEW_ORGANISATION: [Rule({Role.BUSINESS_UNIT, Role.SCRUTINEER, Role.PARTNER})],
        Perm.MANAGE_ORGANISATIONS: [Rule({Role.BUSINESS_UNIT})],
    },
    view=Perm.VIEW_ORGANISATION,
)

SCHOOL_STAFF = {Role.DSL, Role.DEPUTY_DSL, Role.HEADTEACHER}


def never_a_scrutineer(scope: Scope) -> Scope:
    """``scope``, closed to scrutineers: they do not carry out what they scrutinise, whatever they are named for."""

    def narrowed(reach: Reach) -> Q:
        return NOTHING if Role.SCRUTINEER in reach.user.roles() else scope(reach)

    narrowed.__doc__ = f"{scope.__doc__} (never a scrutineer)"
    return narrowed


chairs_the_group = never_a_scrutineer(chairs("group"))


def _who_see_actions(path: str = "") -> list[Rule]:
    """Who see an action; ``path`` leads to it from what belongs to it."""
    own = own_organisation(f"{path}organisation")
    return [
        Rule({Role.BUSINESS_UNIT, Role.SCRUTINEER}),
        Rule(SCHOOL_STAFF | {Role.CHAIR_OF_GOVERNORS, Role.PARTNER}, own),
        Rule(ANYONE, either(sits_on(f"{path}group"), themselves(f"{path}person"))),
    ]


register(
    Action,
    {
        Perm.VIEW_ACTION: _who_see_actions(),
        Perm.PROGRESS_ACTION: [
            Rule({Role.BUSINESS_UNIT}),
            Rule(SCHOOL_STAFF | {Role.PARTNER}, own_organisation("organisation")),
            Rule(ANYONE, never_a_scrutineer(either(chairs("group"), themselves("person")))),
        ],
        Perm.CANCEL_ACTION: [
            Rule({Role.BUSINESS_UNIT}),
            Rule(SCHOOL_STAFF, own_school),
            Rule(ANYONE, chairs_the_group),
        ],
        Perm.MANAGE_ACTION: [Rule({Role.BUSINESS_UNIT}), Rule(ANYONE, chairs_the_group)],
    },
    view=Perm.VIEW_ACTION,
)

register(ActionNote, {Perm.VIEW_ACTION_NOTE: _who_see_actions("action__")}, view=Perm.VIEW_ACTION_NOTE)

register(
    None,
    {
        Perm.OPEN_ACTION: [Rule({Role.BUSINESS_UNIT})],
        Perm.MANAGE_ACTION_REMINDERS: [Rule({Role.BUSINESS_UNIT})],
    },
)

register(Group, {Perm.OPEN_GROUP_ACTION: [Rule({Role.BUSINESS_UNIT}), Rule(ANYONE, never_a_scrutineer(chairs("pk")))]})

register(
    HeldText,
    {
        Perm.VIEW_HELD_TEXT: [Rule({Role.BUSINESS_UNIT})],
        Perm.DECIDE_HELD_TEXT: [Rule({Role.BUSINESS_UNIT})],
    },
    view=Perm.VIEW_HELD_TEXT,
)


READERS = {Role.BUSINESS_UNIT, Role.SCRUTINEER}

register(
    Group,
    {
        Perm.VIEW_GROUP: [Rule(ANYONE)],
        Perm.VIEW_MEMBERS: [Rule(READERS), Rule(ANYONE, either(sits_on("pk"), chairs("pk")))],
        Perm.MANAGE_GROUP: [Rule({Role.BUSINESS_UNIT})],
    },
    view=Perm.VIEW_GROUP,
)


def takes_over(reach: Reach) -> Q:
    """Terms in the chair that one of their own follows"""
    return Q(pk__in=took_over_from(ChairTerm.objects.filter(person=reach.user).order_by()).values("before"))


register(
    ChairTerm,
    {
        Perm.VIEW_CHAIR_TERM: [
            Rule(READERS),
            Rule(ANYONE, either(sits_on("group"), themselves("person"), takes_over)),
        ],
        Perm.HAND_OVER: [
            Rule({Role.BUSINESS_UNIT}),
            Rule(ANYONE, either(themselves("person"), takes_over), "Who leaves the chair and who comes into it"),
        ],
    },
    view=Perm.VIEW_CHAIR_TERM,
)


# The plan and reviews of the arrangements


def in_public(path: str) -> Scope:
    """Records of plans that are, or were, published."""

    def scope(reach: Reach) -> Q:
        return Q(**{f"{path}__in": PUBLIC})

    scope.__doc__ = "Published plans"
    return scope


def with_the_partners(path: str) -> Scope:
    """Records of plans that the partners have been sent and that are not published yet."""

    def scope(reach: Reach) -> Q:
        return Q(**{f"{path}__in": CONSULTED})

    scope.__doc__ = "Plans that the partners are asked about"
    return scope


def for_a_statutory_partner(reach: Reach) -> Q:
    """Plans that the partners are asked about, for people of a statutory partner"""
    asked = any(is_statutory_on(timezone.localdate(), organisation) for organisation in organisations_of(reach))
    return Q(status__in=CONSULTED) if asked else NOTHING


def organisations_of(reach: Reach) -> list[Organisation]:
    """The organisations that the roles were granted for; no query beyond the person's grants."""
    grants = [grant for grant in reach.user.active_grants() if grant.organisation_id in reach.organisations]
    return [grant.organisation for grant in grants if grant.organisation]


def is_statutory_on(day: date, organisation: Organisation) -> bool:
    """Whether ``organisation`` is a statutory safeguarding partner that exists on ``day``."""
    begun = organisation.starts is None or organisation.starts <= day
    ended = organisation.ends is not None and organisation.ends <= day
    return organisation.is_statutory_partner and begun and not ended


def _who_see_plans(path: str) -> list[Rule]:
    """Who see a plan and its parts; ``path`` leads to its status."""
    return [
        Rule(READERS),
        Rule(ANYONE, in_public(path)),
        Rule({Role.PARTNER}, with_the_partners(path)),
    ]


register(
    Plan,
    {
        Perm.VIEW_PLAN: _who_see_plans("status"),
        Perm.VIEW_PLAN_HISTORY: [Rule(READERS, note="it keeps what a draft said before anybody was to read it")],
        Perm.MANAGE_PLAN: [Rule({Role.BUSINESS_UNIT})],
        Perm.APPROVE_PLAN: [Rule({Role.PARTNER}, for_a_statutory_partner)],
    },
    view=Perm.VIEW_PLAN,
)

register(PlanSection, {Perm.VIEW_PLAN_SECTION: _who_see_plans("plan__status")}, view=Perm.VIEW_PLAN_SECTION)

register(
    Objective,
    {
        Perm.VIEW_OBJECTIVE: _who_see_plans("plan__status"),
        Perm.RECORD_PROGRESS: [
            Rule({Role.BUSINESS_UNIT}),
            Rule(ANYONE, never_a_scrutineer(chairs("lead_group")), note="only while the plan is in force"),
        ],
    },
    view=Perm.VIEW_OBJECTIVE,
)

register(
    Priority,
    {Perm.VIEW_PRIORITY: [Rule(ANYONE)], Perm.MANAGE_PRIORITY: [Rule({Role.BUSINESS_UNIT})]},
    view=Perm.VIEW_PRIORITY,
)

register(
    ArrangementItem,
    {Perm.VIEW_CHECKLIST: [Rule(READERS)], Perm.MANAGE_CHECKLIST: [Rule({Role.BUSINESS_UNIT})]},
    view=Perm.VIEW_CHECKLIST,
)


def of_their_groups(path: str) -> Scope:
    """Records whose ``path`` leads to a group that the person sits on today. Whoever sits on none may ask too: the list
    is there for everybody, and empty for most."""

    def scope(reach: Reach) -> Q:
        return Q(**{f"{path}__in": reach.user.groups_sat_on()})

    scope.__doc__ = "Groups they sit on"
    return scope


def _who_see_reviews(path: str) -> list[Rule]:
    """Who see a review of the arrangements; ``path`` leads to its group."""
    note = "not the public: verdicts on groups are written so that they can be frank; what follows is in the plan"
    return [Rule(READERS | {Role.PARTNER}, note=note), Rule(ANYONE, of_their_groups(path))]


register(
    GovernanceReview,
    {
        Perm.VIEW_GOVERNANCE_REVIEW: _who_see_reviews("group"),
        Perm.WRITE_GOVERNANCE_REVIEW: [Rule({Role.BUSINESS_UNIT}), Rule(ANYONE, never_a_scrutineer(sits_on("group")))],
        Perm.MANAGE_GOVERNANCE_REVIEW: [Rule({Role.BUSINESS_UNIT})],
    },
    view=Perm.VIEW_GOVERNANCE_REVIEW,
)

register(ReviewItem, {Perm.VIEW_REVIEW_ITEM: _who_see_reviews("review__group")}, view=Perm.VIEW_REVIEW_ITEM)


# The budget

register(
    FinancialYear,
    {
        Perm.VIEW_BUDGET: [
            Rule({Role.BUSINESS_UNIT}),
            Rule({Role.PARTNER}, pays, note="amounts are for those who give them; not for scrutineers"),
        ],
        Perm.MANAGE_BUDGET: [Rule({Role.BUSINESS_UNIT})],
    },
    view=Perm.VIEW_BUDGET,
)


# Professional differences, and good practice

register(
    None,
    {
        Perm.START_ESCALATION: [Rule(ANYONE, note="any professional may")],
        Perm.VIEW_ESCALATION_REGISTER: [Rule(READERS)],
        Perm.MANAGE_ESCALATIONS: [Rule({Role.BUSINESS_UNIT})],
        Perm.RECOGNISE_GOOD_PRACTICE: [Rule(ANYONE)],
    },
)

register(
    Escalation,
    {
        Perm.VIEW_ESCALATION: [Rule(READERS), Rule(ANYONE, involved)],
        Perm.ANSWER_ESCALATION: [
            Rule({Role.BUSINESS_UNIT}, note="what was answered to it, or where it has come to the business unit"),
            Rule(ANYONE, never_a_scrutineer(answers)),
        ],
        Perm.PURSUE_ESCALATION: [Rule({Role.BUSINESS_UNIT}), Rule(ANYONE, pursues)],
    },
    view=Perm.VIEW_ESCALATION,
)

register(
    EscalationProcedure,
    {
        Perm.VIEW_ESCALATION_PROCEDURE: [Rule(READERS), Rule(ANYONE, in_force)],
        Perm.MANAGE_ESCALATION_PROCEDURE: [Rule({Role.BUSINESS_UNIT})],
    },
    view=Perm.VIEW_ESCALATION_PROCEDURE,
)

register(
    GoodPractice,
    {
        Perm.VIEW_GOOD_PRACTICE: [Rule(ANYONE)],
        Perm.REMOVE_GOOD_PRACTICE: [Rule({Role.BUSINESS_UNIT})],
    },
    view=Perm.VIEW_GOOD_PRACTICE,
)


# Meetings


def _who_see_meetings(path: str) -> list[Rule]:
    """Who see a meeting and what belongs to it; ``path`` leads to its group."""
    return [Rule(READERS), Rule(ANYONE, either(sits_on(path), chairs(path)))]


def _who_run_meetings(path: str) -> list[Rule]:
    """Who call a meeting, set its agenda, record what happened and agree its minutes; ``path`` leads to its group."""
    return [Rule({Role.BUSINESS_UNIT}), Rule(ANYONE, never_a_scrutineer(chairs(path)))]


def of_circulated_minutes(reach: Reach) -> Q:
    """Groups they sit on, once the minutes are circulated"""
    return sits_on("item__meeting__group")(reach) & Q(item__meeting__status__in=MINUTES_OUT)


register(Group, {Perm.PLAN_MEETINGS: _who_run_meetings("pk")})

register(
    Meeting,
    {
        Perm.VIEW_MEETING: _who_see_meetings("group"),
        Perm.MANAGE_MEETING: _who_run_meetings("group"),
        Perm.PROPOSE_ITEM: [Rule(ANYONE, sits_on("group"))],
    },
    view=Perm.VIEW_MEETING,
)

register(
    AgendaItem,
    {
        Perm.VIEW_AGENDA_ITEM: _who_see_meetings("meeting__group"),
        Perm.MANAGE_AGENDA_ITEM: _who_run_meetings("meeting__group"),
    },
    view=Perm.VIEW_AGENDA_ITEM,
)

register(
    Paper,
    {
        Perm.VIEW_PAPER: _who_see_meetings("item__meeting__group"),
        Perm.MANAGE_PAPER: _who_run_meetings("item__meeting__group"),
    },
    view=Perm.VIEW_PAPER,
)

register(
    Decision,
    {
        Perm.VIEW_DECISION: [
            Rule(READERS),
            Rule(ANYONE, chairs("item__meeting__group")),
            Rule(ANYONE, of_circulated_minutes),
        ],
        Perm.MANAGE_DECISION: _who_run_meetings("item__meeting__group"),
    },
    view=Perm.VIEW_DECISION,
)
