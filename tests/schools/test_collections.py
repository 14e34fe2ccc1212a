"""Collections: planned, changed, opened in one statement by hand or by the clock, closed, opened again."""

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partnership.engine.editing import ChangedMeanwhile
from partnership.engine.workflow import MoveNotAllowed, NoteRequired
from partnership.models import OutgoingMessage, StatusChange, User
from schools.choices import CollectionStatus, Duty, Fact, QuestionSetStatus, SchoolStatus
from schools.models import Collection, FactOverride, Return
from schools.services import collections, questions
from schools.services.collections import fingerprint
from tests.factories import (
    CollectionFactory,
    QuestionSetFactory,
    SchoolFactory,
    UserFactory,
    grant,
    small_question_set,
    staff_survey,
)

pytestmark = pytest.mark.django_db


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


@pytest.fixture
def draft(db):
    return CollectionFactory(question_set=small_question_set())


@pytest.fixture
def running(draft, ursula):
    """A collection that is open."""
    return collections.open_collection(draft, by=ursula)


# --- Planning ---------------------------------------------------------------------------------------------------------


def a_plan(question_set, **fields):
    plan = {
        "academic_year": 2026,
        "question_set": question_set,
        "staff_survey": None,
        "duties": [Duty.S175, Duty.S157],
        "opens_on": in_days(1),
        "first_deadline": in_days(50),
        "final_deadline": in_days(70),
        "governance_days": 30,
        "reminder_days": [14, 7],
        "chase_days": [1],
    }
    return plan | fields


def test_a_plan_is_a_draft_of_whoever_made_it(ursula):
    question_set, survey = small_question_set(), staff_survey()
    plan = a_plan(question_set, staff_survey=survey)
    planned = collections.plan(by=ursula, **plan)
    planned.refresh_from_db()
    assert (planned.status, planned.created_by) == (CollectionStatus.DRAFT, ursula)
    assert {name: getattr(planned, name) for name in plan} == plan


@pytest.mark.parametrize("person", ["stella", "dan", "amira"])
def test_only_the_business_unit_plans_and_changes(draft, person, request):
    somebody = request.getfixturevalue(person)
    with pytest.raises(PermissionDenied):
        collections.plan(by=somebody, **a_plan(draft.question_set, academic_year=2027))
    with pytest.raises(PermissionDenied):
        collections.change(draft, by=somebody, loaded=fingerprint(draft), governance_days=5)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"opens_on": in_days(-1)}, {"opens_on"}),
        ({"opens_on": in_days(50)}, {"first_deadline"}),
        ({"first_deadline": in_days(71)}, {"final_deadline"}),
        ({"opens_on": in_days(-9), "first_deadline": in_days(-5), "final_deadline": in_days(-2)}, "all"),
        ({"first_deadline": in_days(70)}, set()),  # one deadline for both
        ({"opens_on": in_days(0)}, set()),
    ],
)
def test_the_days_of_a_plan_come_in_order_and_not_in_the_past(ursula, fields, wrong):
    plan = a_plan(small_question_set(), **fields)
    if not wrong:
        assert collections.plan(by=ursula, **plan).pk
        return
    with pytest.raises(ValidationError) as caught:
        collections.plan(by=ursula, **plan)
    expected = {"opens_on", "first_deadline", "final_deadline"} if wrong == "all" else wrong
    assert set(caught.value.message_dict) == expected
    assert not Collection.objects.exists()


def test_there_is_one_collection_for_a_year(ursula, draft):
    with pytest.raises(ValidationError) as caught:
        collections.plan(by=ursula, **a_plan(draft.question_set, academic_year=draft.academic_year))
    assert caught.value.message_dict == {"academic_year": ["There is a collection for 2026-27 already"]}
    assert collections.plan(by=ursula, **a_plan(draft.question_set, academic_year=2027)).pk


def test_a_draft_cannot_be_moved_to_a_year_that_has_a_collection(ursula, draft):
    other = collections.plan(by=ursula, **a_plan(draft.question_set, academic_year=2027))
    with pytest.raises(ValidationError, match="2026-27"):
        collections.change(other, by=ursula, loaded=fingerprint(other), academic_year=2026)


@pytest.mark.parametrize("field", ["question_set", "staff_survey"])
@pytest.mark.parametrize("kind", ["draft", "retired", "of the other kind"])
def test_only_published_sets_of_the_right_kind_are_asked(ursula, field, kind):
    right, wrong = (small_question_set, staff_survey) if field == "question_set" else (staff_survey, small_question_set)
    chosen = wrong() if kind == "of the other kind" else right(published=kind == "retired")
    if kind == "retired":
        questions.retire(chosen, by=ursula)
    plan = a_plan(small_question_set()) if field == "staff_survey" and kind != "of the other kind" else a_plan(chosen)
    with pytest.raises(ValidationError) as caught:
        collections.plan(by=ursula, **plan | {field: chosen})
    assert set(caught.value.message_dict) >= {field}


def test_a_draft_can_change_in_everything(ursula, draft):
    survey = staff_survey()
    fields = a_plan(draft.question_set, academic_year=2027, staff_survey=survey, opens_on=in_days(3))
    collections.change(draft, by=ursula, loaded=fingerprint(draft), **fields)
    draft.refresh_from_db()
    assert {name: getattr(draft, name) for name in fields} == fields


def test_the_days_of_an_open_collection_can_change_and_nothing_else(ursula, running):
    days = {"first_deadline": in_days(20), "final_deadline": in_days(30), "governance_days": 10}
    changed = collections.change(running, by=ursula, loaded=fingerprint(running), **days)
    assert {name: getattr(changed, name) for name in days} == days
    with pytest.raises(MoveNotAllowed):
        collections.change(changed, by=ursula, loaded=fingerprint(changed), duties=[Duty.S175])


def test_a_closed_collection_cannot_change(ursula, running):
    closed = collections.close_collection(running, by=ursula)
    with pytest.raises(MoveNotAllowed, match="Ursula Unit changed the status to “closed”"):
        collections.change(closed, by=ursula, loaded=fingerprint(closed), final_deadline=in_days(90))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"first_deadline": in_days(-1)}, "first_deadline"),
        ({"first_deadline": in_days(-2), "final_deadline": in_days(-1)}, "final_deadline"),
        ({"final_deadline": in_days(48)}, "final_deadline"),
    ],
)
def test_a_deadline_cannot_be_moved_into_the_past_while_the_collection_is_open(ursula, running, fields, wrong):
    with pytest.raises(ValidationError) as caught:
        collections.change(running, by=ursula, loaded=fingerprint(running), **fields)
    assert wrong in caught.value.message_dict


def test_a_first_deadline_that_has_passed_may_stay_when_the_final_one_moves(ursula, running):
    running.first_deadline = in_days(-3)
    running.save()
    fields = {"first_deadline": in_days(-3), "final_deadline": in_days(40)}
    collections.change(running, by=ursula, loaded=fingerprint(running), **fields)
    running.refresh_from_db()
    assert running.final_deadline == in_days(40)


@pytest.fixture
def planned(ursula):
    """A collection that is planned for tomorrow."""
    return collections.plan(by=ursula, **a_plan(small_question_set()))


def test_whoever_saves_second_is_told_and_nothing_is_written(ursula, planned):
    loaded = fingerprint(planned)
    collections.change(planned, by=ursula, loaded=loaded, governance_days=31)
    with pytest.raises(ChangedMeanwhile) as caught:
        collections.change(planned, by=ursula, loaded=loaded, governance_days=90)
    assert caught.value.current.governance_days == 31
    planned.refresh_from_db()
    assert planned.governance_days == 31


def test_a_plan_loaded_before_the_opening_is_not_saved_after_it(ursula, planned):
    loaded = fingerprint(planned)
    collections.open_collection(planned, by=ursula)
    with pytest.raises(ChangedMeanwhile):
        collections.change(planned, by=ursula, loaded=loaded, governance_days=90)


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_plan_the_same_year_at_once_one_succeeds():
    question_set, outcomes, start = small_question_set(), [], Barrier(8)
    people = [UserFactory() for _ in range(8)]
    for person in people:
        grant(person, "business_unit")

    def try_to_plan(person: User) -> None:
        start.wait()
        try:
            outcomes.append(collections.plan(by=person, **a_plan(question_set)))
        except ValidationError as error:
            outcomes.append(error)
        finally:
            connection.close()

    threads = [Thread(target=try_to_plan, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, Collection) for outcome in outcomes) == 1
    assert sum("already" in str(outcome) for outcome in outcomes) == 7


# --- Opening ----------------------------------------------------------------------------------------------------------


def test_opening_makes_one_return_for_every_open_school_that_is_asked(draft, ursula, oak_lane):
    closing = SchoolFactory(status=SchoolStatus.CLOSING)
    SchoolFactory(status=SchoolStatus.CLOSED)
    SchoolFactory(status=SchoolStatus.PROPOSED)
    SchoolFactory(type_code="29", type_name="Higher education institutions")
    collections.open_collection(draft, by=ursula)
    asked = {record.organisation_id for record in Return.objects.filter(collection=draft)}
    assert asked == {oak_lane.pk, closing.pk}


def test_a_return_is_referred_to_by_kind_year_and_urn(draft, ursula, oak_lane):
    collections.open_collection(draft, by=ursula)
    assert Return.objects.get().reference == f"S175-2627-{oak_lane.urn}"


def test_a_duty_set_by_hand_decides_who_is_asked(draft, ursula, oak_lane):
    FactOverride.objects.create(
        school=oak_lane, fact=Fact.DUTY, value=Duty.NONE, reason="Opens next year", set_by=ursula
    )
    collections.open_collection(draft, by=ursula)
    assert not Return.objects.exists()


def _queries_to_add(collection):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        collections.add_returns(collection)
    return len(queries)


def test_opening_takes_one_statement_whatever_the_number_of_schools(draft):
    SchoolFactory.create_batch(3)
    few = _queries_to_add(draft)
    SchoolFactory.create_batch(30)
    assert _queries_to_add(draft) == few == 1
    assert Return.objects.count() == 33


def test_a_school_that_opens_later_is_added_and_the_others_keep_their_return(draft, ursula, oak_lane):
    collections.open_collection(draft, by=ursula)
    before = Return.objects.get()
    SchoolFactory()
    collections.open_and_close_by_the_clock()
    assert Return.objects.count() == 2
    assert Return.objects.get(organisation=oak_lane.organisation).pk == before.pk


def told():
    return [message.to_user for message in OutgoingMessage.objects.filter(name="collection_opened").order_by("pk")]


def test_the_leads_are_told_once_each(draft, ursula, dan, oak_lane, colin):
    grant(dan, "dsl", SchoolFactory().organisation)
    collections.open_collection(draft, by=ursula)
    assert told() == [dan]


def test_where_there_is_no_lead_the_head_is_told(draft, ursula, amira, erin):
    collections.open_collection(draft, by=ursula)
    assert set(told()) == {amira, erin}


def test_a_head_is_not_told_where_there_is_a_lead(draft, ursula, amira, dan):
    collections.open_collection(draft, by=ursula)
    assert told() == [dan]


def test_the_lead_of_a_school_that_opens_later_is_told_and_the_others_are_not_told_again(running, dan, erin):
    assert set(told()) == set()
    collections.open_and_close_by_the_clock()
    assert set(told()) == {dan, erin}
    collections.open_and_close_by_the_clock()
    assert len(told()) == 2


def test_somebody_who_lost_the_role_is_not_told(draft, ursula, dan):
    dan.grants.update(ends=timezone.localdate())
    collections.open_collection(draft, by=ursula)
    assert told() == []


def test_opened_by_hand_before_its_day_it_opens_today(draft, ursula):
    Collection.objects.update(opens_on=in_days(5))
    assert collections.open_collection(draft, by=ursula).opens_on == timezone.localdate()


def test_opening_leaves_a_change_row_with_the_person(draft, ursula):
    collections.open_collection(draft, by=ursula)
    change = StatusChange.objects.about(draft).get()
    assert (change.by, change.from_status, change.to_status) == (ursula, "draft", "open")


def test_a_set_that_is_not_published_cannot_be_asked(ursula):
    draft = CollectionFactory(question_set=QuestionSetFactory(status=QuestionSetStatus.DRAFT))
    with pytest.raises(ValidationError, match="Select a published set"):
        collections.open_collection(draft, by=ursula)
    draft.refresh_from_db()
    assert draft.status == CollectionStatus.DRAFT


def test_a_collection_whose_first_deadline_has_passed_cannot_be_opened(draft, ursula):
    Collection.objects.update(first_deadline=in_days(-1))
    with pytest.raises(ValidationError, match="The first deadline has passed"):
        collections.open_collection(draft, by=ursula)
    draft.refresh_from_db()
    assert draft.status == CollectionStatus.DRAFT
    assert not Return.objects.exists()


def test_it_cannot_be_opened_twice(draft, ursula):
    collections.open_collection(draft, by=ursula)
    with pytest.raises(MoveNotAllowed, match="Ursula Unit"):
        collections.open_collection(draft, by=ursula)


@pytest.mark.parametrize("person", ["stella", "dan", "amira"])
def test_only_the_business_unit_opens(draft, person, request):
    with pytest.raises(PermissionDenied):
        collections.open_collection(draft, by=request.getfixturevalue(person))


def test_the_clock_opens_a_draft_on_its_day_and_not_before(draft, oak_lane):
    Collection.objects.update(opens_on=timezone.localdate() + timedelta(days=1))
    collections.open_and_close_by_the_clock()
    draft.refresh_from_db()
    assert draft.status == CollectionStatus.DRAFT
    Collection.objects.update(opens_on=timezone.localdate())
    collections.open_and_close_by_the_clock()
    draft.refresh_from_db()
    assert draft.status == CollectionStatus.OPEN
    assert StatusChange.objects.about(draft).get().by_name == "The portal"


def test_the_clock_leaves_a_draft_alone_that_is_not_ready_and_opens_the_next(draft, ursula, oak_lane):
    survey = questions.retire(staff_survey(), by=ursula)
    unready = CollectionFactory(academic_year=2025, question_set=draft.question_set, staff_survey=survey)
    late = CollectionFactory(academic_year=2024, question_set=draft.question_set, first_deadline=in_days(-1))
    collections.open_and_close_by_the_clock()
    statuses = {record.pk: record.status for record in Collection.objects.all()}
    assert statuses == {draft.pk: "open", unready.pk: "draft", late.pk: "draft"}


# --- Closing, and opening again ---------------------------------------------------------------------------------------


def end(collection, *, days_ago: int) -> None:
    """The final deadline of ``collection`` was so many days ago."""
    Collection.objects.filter(pk=collection.pk).update(
        opens_on=in_days(-90), first_deadline=in_days(-30), final_deadline=in_days(-days_ago)
    )


def test_the_clock_closes_on_the_day_after_the_final_deadline(running, oak_lane):
    end(running, days_ago=0)
    collections.open_and_close_by_the_clock()
    assert Collection.objects.get().status == CollectionStatus.OPEN
    end(running, days_ago=1)
    collections.open_and_close_by_the_clock()
    assert Collection.objects.get().status == CollectionStatus.CLOSED
    assert StatusChange.objects.about(running).latest("pk").by_name == "The portal"


def test_the_clock_closes_after_the_last_extension(running, oak_lane):
    collections.add_returns(running)
    end(running, days_ago=1)
    Return.objects.update(extended_to=timezone.localdate())
    collections.open_and_close_by_the_clock()
    assert Collection.objects.get().status == CollectionStatus.OPEN
    Return.objects.update(extended_to=in_days(-1))
    collections.open_and_close_by_the_clock()
    assert Collection.objects.get().status == CollectionStatus.CLOSED


def test_no_school_is_asked_any_more_once_the_final_deadline_has_passed(running, oak_lane):
    collections.add_returns(running)
    end(running, days_ago=1)
    Return.objects.update(extended_to=in_days(9))
    SchoolFactory()
    collections.open_and_close_by_the_clock()
    assert Return.objects.count() == 1


def test_reopening_needs_a_reason(running, ursula):
    collections.close_collection(running, by=ursula)
    with pytest.raises(NoteRequired):
        collections.reopen_collection(running, by=ursula, note=" ")
    assert collections.reopen_collection(running, by=ursula, note="A late appeal").status == CollectionStatus.OPEN
    assert StatusChange.objects.about(running).latest("pk").note == "A late appeal"


def test_a_collection_is_reopened_until_a_day_to_come_or_it_would_close_again_at_once(running, ursula, oak_lane):
    collections.close_collection(running, by=ursula)
    end(running, days_ago=3)
    running.refresh_from_db()
    for until in (None, in_days(-1)):
        with pytest.raises(ValidationError, match="must be on or after"):
            collections.reopen_collection(running, by=ursula, note="A late appeal", final_deadline=until)
    collections.reopen_collection(running, by=ursula, note="A late appeal", final_deadline=in_days(7))
    collections.open_and_close_by_the_clock()
    running.refresh_from_db()
    assert (running.status, running.final_deadline) == (CollectionStatus.OPEN, in_days(7))


def test_only_a_closed_collection_is_reopened_and_only_an_open_one_closed(draft, ursula):
    with pytest.raises(MoveNotAllowed):
        collections.reopen_collection(draft, by=ursula, note="Why not")
    with pytest.raises(MoveNotAllowed):
        collections.close_collection(draft, by=ursula)
