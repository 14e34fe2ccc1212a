"""Who may do what with the partnership's own records, written out. ``docs/permissions.md`` says it in words."""

from datetime import date
from functools import cache

import pytest

from partnership.choices import MeetingStatus, PlanStatus, Role
from partnership.engine import access
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
    RoleGrant,
    User,
)
from partnership.services import escalation_procedures
from tests.factories import GroupFactory, OrganisationFactory, UserFactory, put_in_the_chair, seat
from tests.partnership.budgets import give, make_year
from tests.partnership.differences import raise_difference
from tests.partnership.meetings import make_full_meeting
from tests.partnership.plans import make_plan, make_review
from tests.tables import check_permission, check_visible, declared_permissions, read_permissions

TABLE = read_permissions(
    """
    partnership.use_portal: everyone all
    partnership.view_figures: business_unit all, scrutineer all

    partnership.view_user: business_unit all, everyone own
    partnership.manage_users: business_unit all

    partnership.view_organisation: business_unit all, scrutineer all, partner all
    partnership.manage_organisations: business_unit all

    partnership.view_action: business_unit all, scrutineer all, everyone own
    partnership.progress_action: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    partnership.cancel_action: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    partnership.manage_action: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    partnership.view_action_note: business_unit all, scrutineer all, everyone own
    partnership.open_action: business_unit all
    partnership.open_group_action: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    partnership.manage_action_reminders: business_unit all

    partnership.view_held_text: business_unit all
    partnership.decide_held_text: business_unit all

    partnership.view_group: everyone all
    partnership.view_members: business_unit all, scrutineer all, everyone own
    partnership.manage_group: business_unit all
    partnership.view_chair_term: business_unit all, scrutineer all, everyone own
    partnership.hand_over: business_unit all, everyone own

    partnership.view_plan: business_unit all, scrutineer all, everyone own
    partnership.view_plan_history: business_unit all, scrutineer all
    partnership.manage_plan: business_unit all
    partnership.approve_plan: partner own
    partnership.view_plan_section: business_unit all, scrutineer all, everyone own
    partnership.view_objective: business_unit all, scrutineer all, everyone own
    partnership.record_progress: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    partnership.view_priority: everyone all
    partnership.manage_priority: business_unit all
    partnership.view_checklist: business_unit all, scrutineer all
    partnership.manage_checklist: business_unit all
    partnership.view_governance_review: business_unit all, scrutineer all, partner all, everyone own
    partnership.write_governance_review: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    partnership.manage_governance_review: business_unit all
    partnership.view_review_item: business_unit all, scrutineer all, partner all, everyone own

    partnership.view_budget: business_unit all, partner own
    partnership.manage_budget: business_unit all

    partnership.start_escalation: everyone all
    partnership.view_escalation: business_unit all, scrutineer all, everyone own
    partnership.answer_escalation: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    partnership.pursue_escalation: business_unit all, everyone own
    partnership.view_escalation_register: business_unit all, scrutineer all
    partnership.manage_escalations: business_unit all
    partnership.view_escalation_procedure: business_unit all, scrutineer all, everyone own
    partnership.manage_escalation_procedure: business_unit all
    partnership.view_good_practice: everyone all
    partnership.recognise_good_practice: everyone all
    partnership.remove_good_practice: business_unit all

    partnership.plan_meetings: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    partnership.view_meeting: business_unit all, scrutineer all, everyone own
    partnership.manage_meeting: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    partnership.propose_item: everyone own
    partnership.view_agenda_item: business_unit all, scrutineer all, everyone own
    partnership.manage_agenda_item: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    partnership.view_paper: business_unit all, scrutineer all, everyone own
    partnership.manage_paper: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    partnership.view_decision: business_unit all, scrutineer all, everyone own
    partnership.manage_decision: business_unit all, partner own, hub_lead own, practitioner own, dsl own,
        deputy_dsl own, headteacher own, chair_of_governors own, elected_member own, nobody own
    """
)


def _action(**fields):
    return Action.objects.create(what="Train", who="The lead", due=date(2027, 1, 31), **fields)


def _group_sat_on(person):
    group = GroupFactory()
    seat(person, group, organisation=OrganisationFactory())
    return group


def _group_chaired(person):
    group = GroupFactory()
    put_in_the_chair(person, group, organisation=OrganisationFactory())
    return group


def _note(action):
    return ActionNote.objects.create(action=action, text="Half done", by=UserFactory())


def _held_text(school):
    return HeldText.objects.create(about=school, field="notes", text="x", kinds="phone", written_by=UserFactory())


def _of_a_statutory_partner(person, plan):
    """``plan``, for a person whose role of a partner, if they hold it, is for a statutory partner."""
    partner = OrganisationFactory(is_statutory_partner=True)
    RoleGrant.objects.filter(user=person, role=Role.PARTNER).update(organisation=partner)
    person.forget_reach()
    return plan


def _plan_records():
    """A published plan and its parts are everybody's own; another's is a draft."""
    plan, draft = make_plan(1, PlanStatus.PUBLISHED), make_plan(2)
    asked = make_plan(3, PlanStatus.WITH_PARTNERS)
    others_review = make_review()
    others_item = ReviewItem.objects.create(review=others_review, subject="What stays?")
    item = ArrangementItem.objects.create(code="who", text="Who", source="Guidance")
    other_objective = draft.objectives.get()
    return {
        Plan: (lambda person: plan, lambda person: draft),
        "partnership.approve_plan": (lambda person: _of_a_statutory_partner(person, asked), lambda person: draft),
        PlanSection: (lambda person: plan.sections.get(), lambda person: draft.sections.get()),
        Objective: (lambda person: plan.objectives.get(), lambda person: other_objective),
        "partnership.record_progress": (
            lambda person: make_plan(100 + person.pk, lead=_group_chaired(person)).objectives.get(),
            lambda person: other_objective,
        ),
        Priority: (lambda person: plan.priorities.get(), lambda person: draft.priorities.get()),
        ArrangementItem: (lambda person: item, lambda person: item),
        GovernanceReview: (lambda person: make_review(group=_group_sat_on(person)), lambda person: others_review),
        ReviewItem: (
            lambda person: make_review(group=_group_sat_on(person)).items.create(subject="What goes?"),
            lambda person: others_item,
        ),
    }


def _year_paid_for_by(person, year):
    """``year``, to which the organisation of a person contributes, if they hold the role of a partner."""
    giver = OrganisationFactory()
    give(year, giver)
    RoleGrant.objects.filter(user=person, role=Role.PARTNER).update(organisation=giver)
    person.forget_reach()
    return year


def _answered_by(person):
    """A difference that waits at a stage at which the person answers."""
    return raise_difference(contacts=[person])


def _budget_and_difference_records():
    """Made only for the tests that ask for them."""
    year, others_year = cache(lambda: make_year(2026)), cache(lambda: make_year(2025))
    others, draft = cache(raise_difference), cache(lambda: escalation_procedures.draft(by=None))
    practice = cache(
        lambda: GoodPractice.objects.create(
            organisation=OrganisationFactory(), recognised_by=UserFactory(), what="Good"
        )
    )
    return {
        FinancialYear: (lambda person: _year_paid_for_by(person, year()), lambda person: others_year()),
        Escalation: (lambda person: raise_difference(person), lambda person: others()),
        "partnership.answer_escalation": (_answered_by, lambda person: others()),
        EscalationProcedure: (lambda person: others().procedure, lambda person: draft()),
        GoodPractice: (lambda person: practice(), lambda person: practice()),
    }


def _meeting_records():
    """What belongs to a meeting of a group on which the person sits, with its minutes out; or which they chair."""
    others = make_full_meeting(GroupFactory())

    def in_group(group_of, part):
        return lambda person: part(make_full_meeting(group_of(person), days=-3, status=MeetingStatus.CIRCULATED))

    parts = {
        Meeting: ("partnership.manage_meeting", lambda meeting: meeting),
        AgendaItem: ("partnership.manage_agenda_item", lambda meeting: meeting.items.first()),
        Paper: ("partnership.manage_paper", lambda meeting: Paper.objects.get(item__meeting=meeting)),
        Decision: ("partnership.manage_decision", lambda meeting: Decision.objects.get(item__meeting=meeting)),
    }
    found = {}
    for model, (managed, part) in parts.items():
        other = part(others)
        found[model] = (in_group(_group_sat_on, part), lambda person, other=other: other)
        found[managed] = (in_group(_group_chaired, part), lambda person, other=other: other)
    return found


@pytest.fixture
def records(oak_lane, elm_park):
    """By model, or by a permission that not all of these have: a record of a person's own organisation (Oak Lane),
    of their group, or themselves; and another's."""
    others = _action(organisation=elm_park.organisation)
    others_note, others_group = _note(others), GroupFactory()
    others_term = _group_chaired(UserFactory()).chair_terms.get()
    held, other_held = _held_text(oak_lane), _held_text(elm_park)
    stranger = UserFactory()
    return {
        Action: (lambda person: _action(group=_group_sat_on(person)), lambda person: others),
        ActionNote: (lambda person: _note(_action(group=_group_sat_on(person))), lambda person: others_note),
        "partnership.progress_action": (
            lambda person: _action(organisation=elm_park.organisation, person=person),
            lambda person: others,
        ),
        "partnership.cancel_action": (lambda person: _action(group=_group_chaired(person)), lambda person: others),
        "partnership.manage_action": (lambda person: _action(group=_group_chaired(person)), lambda person: others),
        "partnership.open_group_action": (_group_chaired, lambda person: others_group),
        ChairTerm: (lambda person: _group_chaired(person).chair_terms.get(), lambda person: others_term),
        Group: (_group_sat_on, lambda person: others_group),
        HeldText: (lambda person: held, lambda person: other_held),
        Organisation: (lambda person: oak_lane.organisation, lambda person: elm_park.organisation),
        User: (lambda person: person, lambda person: stranger),
        **_plan_records(),
        **_budget_and_difference_records(),
        **_meeting_records(),
        "partnership.plan_meetings": (_group_chaired, lambda person: others_group),
    }


def test_the_table_has_every_permission_and_no_other():
    assert set(TABLE) == declared_permissions("partnership")


@pytest.mark.parametrize("perm", TABLE)
def test_each_role_has_what_the_table_says_and_no_more(perm, records, oak_lane):
    own, other = records.get(perm) or records.get(access.model_of(perm), (None, None))
    check_permission(perm, TABLE[perm], oak_lane.organisation, own, other)


@pytest.mark.parametrize(
    "model",
    [
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
    ],
    ids=lambda model: model.__name__,
)
def test_what_a_role_sees_in_a_list_is_what_it_may_view(model, records, oak_lane):
    check_visible(model, oak_lane.organisation, *records[model])
