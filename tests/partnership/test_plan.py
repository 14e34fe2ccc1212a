"""The plan: its versions, approval by the partners, publication, and what is recorded while it runs."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from partnership import plan as reads
from partnership.choices import PlanStatus, ProgressRag, Role, Trend
from partnership.engine import documents, home
from partnership.engine.workflow import MoveNotAllowed, NoteRequired, TooLate
from partnership.figures import objectives_by_rag
from partnership.models import (
    ArrangementItem,
    Document,
    Objective,
    Organisation,
    OutgoingMessage,
    Plan,
    PlanSection,
    Reading,
    StatusChange,
)
from partnership.services import plan as services
from tests.factories import OrganisationFactory, UserFactory, grant, put_in_the_chair, seat
from tests.partnership.plans import add_objective, make_plan, put, read

pytestmark = pytest.mark.django_db

D, W, A, P, S = PlanStatus
YEARS = {"title": "Partnership plan", "covers_from": date(2029, 4, 1), "covers_to": date(2032, 3, 31)}


@pytest.fixture
def partners(maya, chloe):
    """Maya of the constabulary and Chloe of the health board, both with the partner role."""
    return {maya: maya.organisation, chloe: chloe.organisation}


def approve(plan, person, **fields):
    given = {"organisation": person.organisation, "statement": "We approve this plan."} | fields
    return services.approve(plan, by=person, **given)


def status(plan):
    return Plan.objects.get(pk=plan.pk).status


# --- Versions ---------------------------------------------------------------------------------------------------------


def test_the_first_version_begins_empty(ursula):
    plan = services.new_version(by=ursula, **YEARS)
    assert (plan.version, plan.status, plan.based_on, plan.created_by) == (1, D, None, ursula)
    assert plan.years == "April 2029 to March 2032"
    assert not plan.sections.exists()


def test_the_next_version_is_copied_from_the_last_and_objectives_keep_their_line_of_readings(ursula):
    last = make_plan()
    met = last.milestones.create(what="Begun", due=date(2026, 5, 1), met_on=date(2026, 5, 1))
    item = ArrangementItem.objects.create(code="who", text="Who", source="Guidance")
    item.sections.add(last.sections.get())
    put(last, P)
    old = last.objectives.get()
    read(old, "amber", days_ago=100)
    plan = services.new_version(by=ursula, **YEARS)
    assert (plan.version, plan.based_on) == (2, last)
    for name in ("sections", "points", "placed_priorities", "objectives", "milestones"):
        assert [str(row) for row in getattr(plan, name).all()] == [
            str(row) for row in getattr(last, name).all() if row != met
        ]
    new = plan.objectives.get()
    assert new.continues == old
    assert new.pk != old.pk
    assert [reading.rag for reading in reads.readings_of(new)] == ["amber"]
    assert list(item.sections.order_by("plan__version")) == [last.sections.get(), plan.sections.get()]


def test_no_version_is_begun_while_another_is_in_hand(ursula):
    make_plan(1, P)
    services.new_version(by=ursula, **YEARS)
    with pytest.raises(TooLate, match="Version 2 is being made already"):
        services.new_version(by=ursula, **YEARS)
    assert Plan.objects.count() == 2


def test_the_last_day_must_be_after_the_first(ursula):
    with pytest.raises(ValidationError, match="The last day must be after the first day"):
        services.new_version(by=ursula, **YEARS | {"covers_to": date(2029, 4, 1)})


def test_nobody_but_the_business_unit_makes_a_version(stella, maya):
    for person in (stella, maya):
        with pytest.raises(PermissionDenied):
            services.new_version(by=person, **YEARS)


def test_the_database_holds_one_published_plan_only():
    make_plan(1, P)
    second = make_plan(2)
    with pytest.raises(IntegrityError, match="plan_one_published"), transaction.atomic():
        put(second, P)


@pytest.mark.parametrize("given", [W, A, P, S])
def test_the_database_keeps_the_words_of_a_plan_that_is_no_draft(given):
    plan = make_plan(1, given)
    for change in (
        lambda: plan.sections.update(text="Changed"),
        lambda: plan.points.update(text="Changed"),
        lambda: plan.objectives.update(measure="Changed"),
        lambda: PlanSection.objects.filter(plan=plan).delete(),
        lambda: PlanSection.objects.create(plan=plan, heading="New"),
    ):
        with pytest.raises(DatabaseError, match="changes only while it is a draft"), transaction.atomic():
            change()


# --- Approval ---------------------------------------------------------------------------------------------------------


def test_every_partner_that_exists_is_asked_and_its_people_are_told(ursula, partners):
    ended = OrganisationFactory(is_statutory_partner=True, ends=timezone.localdate())
    grant(UserFactory(email="gone@example.org"), Role.PARTNER, ended)
    plan = services.send_to_partners(make_plan(), by=ursula)
    assert (plan.status, plan.times_sent) == (W, 1)
    assert set(OutgoingMessage.objects.values_list("to_email", flat=True)) == {"maya@example.org", "chloe@example.org"}
    message = OutgoingMessage.objects.first()
    assert message.subject == "Partnership plan, version 1: your approval is asked for"
    assert plan.get_absolute_url() in message.body
    assert reads.still_to_approve(plan, on=timezone.localdate()) == sorted(partners.values(), key=str)


def test_without_partners_there_is_nobody_to_send_it_to(ursula):
    plan = make_plan()
    with pytest.raises(ValidationError, match="No statutory safeguarding partner exists"):
        services.send_to_partners(plan, by=ursula)
    assert status(plan) == D


def test_when_the_last_partner_has_approved_the_plan_is_approved_and_the_unit_told(ursula, partners):
    plan = make_plan(1, W)
    maya, chloe = partners
    approval = approve(plan, maya)
    assert (approval.statement, approval.person, approval.time) == ("We approve this plan.", maya, 1)
    assert status(plan) == W
    assert not OutgoingMessage.objects.exists()
    approve(plan, chloe)
    assert status(plan) == A
    change = StatusChange.objects.about(plan).get()
    assert (change.to_status, change.by) == (A, None)
    assert OutgoingMessage.objects.get().to_email == "ursula@example.org"


def test_a_partner_approves_once(partners):
    plan, (maya, _) = make_plan(1, W), partners
    approve(plan, maya)
    with pytest.raises(TooLate, match="Maya Member approved the plan for Constabulary on"):
        approve(plan, maya)
    assert plan.approvals.count() == 1


def test_nobody_approves_for_another_partner_or_without_the_role(ursula, stella, partners, health_board):
    plan, (maya, _) = make_plan(1, W), partners
    for person in (maya, ursula, stella):
        with pytest.raises(PermissionDenied):
            approve(plan, person, organisation=health_board)


def test_a_member_from_an_agency_that_is_no_statutory_partner_cannot_approve(audit_group):
    agency = OrganisationFactory(name="Probation")
    member = UserFactory(organisation=agency)
    grant(member, Role.PARTNER, agency)
    seat(member, audit_group)
    plan = make_plan(1, W)
    assert plan in Plan.objects.visible_to(member)
    with pytest.raises(PermissionDenied):
        approve(plan, member)


def test_a_plan_that_was_taken_back_must_be_approved_anew(ursula, partners):
    plan, (maya, _) = make_plan(1, W), partners
    approve(plan, maya)
    with pytest.raises(NoteRequired):
        services.take_back(plan, by=ursula, note=" ")
    services.take_back(plan, by=ursula, note="The vision is missing")
    with pytest.raises(MoveNotAllowed, match="You cannot approve the plan now"):
        approve(plan, maya)
    again = services.send_to_partners(Plan.objects.get(pk=plan.pk), by=ursula)
    assert again.times_sent == 2
    assert maya.organisation in reads.still_to_approve(again, on=timezone.localdate())
    assert approve(again, maya).time == 2


def test_a_partner_that_ends_meanwhile_is_not_waited_for(ursula, partners):
    plan, (maya, chloe) = make_plan(1, W), partners
    today = timezone.localdate()
    approve(plan, maya)
    assert not services.can_be_published(plan, on=today)
    Organisation.objects.filter(pk=chloe.organisation.pk).update(ends=today)
    assert services.can_be_published(plan, on=today)
    assert services.publish(plan, by=ursula).status == P


def test_a_partner_that_came_into_being_meanwhile_must_approve_too(ursula, partners):
    plan, (maya, chloe) = make_plan(1, W), partners
    approve(plan, maya)
    approve(plan, chloe)
    board = OrganisationFactory(name="New Board", is_statutory_partner=True)
    with pytest.raises(ValidationError, match=r"Not approved yet by: New Board\."):
        services.publish(plan, by=ursula)
    newcomer = UserFactory(organisation=board)
    grant(newcomer, Role.PARTNER, board)
    approve(plan, newcomer)
    assert services.publish(plan, by=ursula).status == P


@pytest.mark.django_db(transaction=True)
def test_two_approvals_at_once_are_both_counted(partners):
    plan = make_plan(1, W)

    def press(person):
        try:
            return approve(Plan.objects.get(pk=plan.pk), person).organisation
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert set(pool.map(press, partners)) == set(partners.values())
    assert status(plan) == A
    assert StatusChange.objects.about(plan).count() == 1


# --- Publication ------------------------------------------------------------------------------------------------------


def test_publishing_puts_it_in_the_place_of_the_one_before_and_has_its_pdf_made(ursula, partners):
    before, plan = make_plan(1, P), make_plan(2, W)
    for person in partners:
        approve(plan, person)
    published = services.publish(plan, by=ursula)
    assert (published.status, published.published_on) == (P, timezone.localdate())
    assert status(before) == S
    assert reads.published() == published
    assert Document.objects.get().about == published


def test_it_is_not_published_before_all_have_approved(ursula, partners):
    plan, (maya, _) = make_plan(1, W), partners
    approve(plan, maya)
    with pytest.raises(ValidationError, match=r"Not approved yet by: Integrated Care Board\."):
        services.publish(plan, by=ursula)
    with pytest.raises(PermissionDenied):
        services.publish(plan, by=maya)
    assert status(plan) == W


@pytest.mark.parametrize("given", [D, P, S])
def test_what_is_not_approved_or_published_already_is_not_published(ursula, partners, given):
    with pytest.raises(MoveNotAllowed):
        services.publish(make_plan(1, given), by=ursula)


# --- Progress ---------------------------------------------------------------------------------------------------------


def record(objective, by, **fields):
    given = {"rag": ProgressRag.GREEN, "sentence": " Done. ", "day": timezone.localdate()} | fields
    return services.record_progress(objective, by=by, **given)


def test_the_chair_of_the_lead_group_and_the_unit_record_progress(ursula, stella, maya, chloe, audit_group):
    objective = make_plan(1, P, lead=audit_group).objectives.get()
    assert [record(objective, person).by for person in (chloe, ursula)] == [chloe, ursula]
    assert Reading.objects.first().sentence == "Done."
    put_in_the_chair(stella, make_plan(2).objectives.get().lead_group, organisation=chloe.organisation)
    for person in (maya, stella):
        with pytest.raises(PermissionDenied):
            record(objective, person)


@pytest.mark.parametrize("given", [D, W, A, S])
def test_progress_is_recorded_of_the_plan_in_force_only(ursula, given):
    plan = make_plan(1, given)
    with pytest.raises(MoveNotAllowed):
        record(plan.objectives.get(), ursula)
    with pytest.raises(MoveNotAllowed):
        services.record_milestone(plan.milestones.get(), by=ursula, met_on=timezone.localdate())


@pytest.mark.parametrize(
    ("field", "value"),
    [("day", timezone.localdate() + timedelta(days=1)), ("sentence", "Call the child’s mother on 07700 900123")],
)
def test_a_reading_of_tomorrow_or_one_that_may_identify_a_child_is_refused(ursula, field, value):
    with pytest.raises(ValidationError) as refused:
        record(make_plan(1, P).objectives.get(), ursula, **{field: value})
    assert list(refused.value.message_dict) == [field]


def test_a_reading_is_never_changed_or_deleted():
    reading = read(make_plan(1, P).objectives.get(), "red")
    for change in (reading.delete, reading.save):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize(
    ("colours", "trend"),
    [
        ("", None),
        ("red", None),
        ("red amber", Trend.BETTER),
        ("green red green amber", Trend.WORSE),
        ("red green green", Trend.SAME),
    ],
)
def test_the_trend_is_that_of_the_last_two_readings(colours, trend):
    objective = make_plan(1, P).objectives.get()
    for age, rag in enumerate(reversed(colours.split())):
        read(objective, rag, days_ago=age)
    standing = reads.standings([objective])[objective.pk]
    assert standing.trend == trend
    assert (standing.latest.rag if standing.latest else "") == (colours.split() or [""])[-1]


def test_readings_of_one_day_count_in_the_order_in_which_they_were_made():
    objective = make_plan(1, P).objectives.get()
    read(objective, "green", days_ago=3)
    read(objective, "red", days_ago=3)
    assert reads.standings([objective])[objective.pk].trend == Trend.WORSE


def test_the_line_of_readings_goes_back_through_every_version():
    first = make_plan(1)
    oldest = first.objectives.get()
    put(first, S)
    second = make_plan(2, priority=oldest.priority)
    second.objectives.update(continues=oldest)
    put(second, P)
    newest = second.objectives.get()
    read(oldest, "red", days_ago=400)
    read(newest, "amber")
    assert [reading.rag for reading in reads.readings_of(newest)] == ["amber", "red"]
    assert reads.standings([newest, oldest])[newest.pk].trend == Trend.BETTER
    assert reads.standings([newest, oldest])[oldest.pk].latest.rag == "red"


def test_milestones_are_met_and_can_be_corrected(ursula, maya):
    milestone = make_plan(1, P).milestones.get()
    day = timezone.localdate()
    assert services.record_milestone(milestone, by=ursula, met_on=day).met_on == day
    assert services.record_milestone(milestone, by=ursula, met_on=None).met_on is None
    with pytest.raises(ValidationError, match="today or in the past"):
        services.record_milestone(milestone, by=ursula, met_on=day + timedelta(days=1))
    with pytest.raises(PermissionDenied):
        services.record_milestone(milestone, by=maya, met_on=day)


# --- Figures and needs ------------------------------------------------------------------------------------------------


def test_objectives_are_counted_by_their_newest_reading():
    plan = make_plan()
    objectives = [plan.objectives.get(), add_objective(plan), add_objective(plan)]
    assert objectives_by_rag() == {"green": 0, "amber": 0, "red": 0, "none": 0}
    put(plan, P)
    read(objectives[0], "amber", days_ago=9)
    read(objectives[0], "green")
    read(objectives[1], "red")
    assert objectives_by_rag() == {"green": 1, "amber": 0, "red": 1, "none": 1}


def titles(person):
    return [need.title for need in home.needs_of(person, on=timezone.localdate())]


def test_the_people_of_a_partner_are_asked_until_it_has_approved(ursula, stella, partners):
    plan, (maya, chloe) = make_plan(1, W), partners
    asked = "Approve Partnership plan, version 1, for Constabulary"
    assert asked in titles(maya)
    assert asked not in titles(chloe) + titles(ursula) + titles(stella)
    approve(plan, maya)
    assert asked not in titles(maya)
    assert "Publish Partnership plan, version 1" not in titles(ursula)
    approve(plan, chloe)
    assert "Publish Partnership plan, version 1" in titles(ursula)


@pytest.mark.parametrize(("days", "is_due"), [(89, False), (90, True)])
def test_an_objective_needs_a_reading_after_ninety_days(ursula, chloe, maya, audit_group, days, is_due):
    plan = put(make_plan(lead=audit_group), P, days_ago=300)
    read(plan.objectives.get(), "green", days_ago=days)
    asked = "Record progress: Every school knows how to ask for help"
    assert [asked in titles(person) for person in (ursula, chloe, maya)] == [is_due, is_due, False]


@pytest.mark.parametrize(("days", "is_due"), [(89, False), (90, True)])
def test_one_that_was_never_read_needs_a_reading_ninety_days_after_publication(days, is_due):
    plan = put(make_plan(), P, days_ago=days)
    assert bool(reads.without_reading(plan, on=timezone.localdate())) == is_due


def test_many_of_them_are_one_need(ursula):
    plan = make_plan()
    for _ in range(3):
        add_objective(plan)
    put(plan, P, days_ago=100)
    assert "4 objectives of the plan have had no reading for 90 days" in titles(ursula)


def test_home_costs_no_more_for_a_longer_plan(ursula, django_assert_max_num_queries):
    plan = make_plan()
    for _ in range(20):
        add_objective(plan)
    put(plan, P, days_ago=100)
    with django_assert_max_num_queries(12):
        from partnership.plan_needs import objectives_without_reading, to_approve, to_publish

        for needs in (to_approve, to_publish, objectives_without_reading):
            needs(ursula, timezone.localdate())


# --- The PDF ----------------------------------------------------------------------------------------------------------


def test_a_draft_has_no_pdf(ursula, stella):
    with pytest.raises(MoveNotAllowed):
        services.make_pdf(make_plan(), by=ursula)
    with pytest.raises(PermissionDenied):
        services.make_pdf(make_plan(2, P), by=stella)
    assert documents.latest(services.PLAN_PDF, about=Plan.objects.get(version=2)) is None


def test_the_whole_plan_costs_the_same_whatever_its_size(django_assert_num_queries):
    plan = make_plan()
    with django_assert_num_queries(7):
        reads.sheet(plan)
    for _ in range(15):
        read(add_objective(plan), "green")
    with django_assert_num_queries(7):
        sheet = reads.sheet(plan)
    assert len(sheet.chapters[0].objectives) == 16
    assert Objective.objects.count() == 16
