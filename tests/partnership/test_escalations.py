"""Professional differences: who is told and who sees them, the clock in working days, races, the figures."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from partnership import escalation_needs, figures
from partnership.choices import Answerer, EscalationStatus
from partnership.engine.workflow import MoveNotAllowed, NoteRequired, TooLate
from partnership.escalations import clock, story
from partnership.models import (
    Escalation,
    EscalationProcedure,
    EscalationStage,
    GoodPractice,
    OutgoingMessage,
    StatusChange,
)
from partnership.services import escalation_procedures as procedures
from partnership.services import escalations as services
from tests.factories import OrganisationFactory, UserFactory, grant
from tests.partnership.differences import (
    at_the_time,
    name_contacts,
    published_procedure,
    raise_difference,
    step_of,
    whole,
)

# Monday 30 March 2026: Good Friday is 3 April, Easter Monday 6 April.
BEFORE_EASTER = "2026-03-30 09:00"
FRIDAY = "2026-11-20 10:00"


@pytest.fixture
def manager(db):
    return UserFactory(name="Mo Manager", email="mo@example.org")


@pytest.fixture
def senior(db):
    return UserFactory(name="Sam Senior", email="sam@example.org")


@pytest.fixture
def other(health_board):
    return health_board


@pytest.fixture
def raiser(constabulary):
    return UserFactory(name="Rae Raiser", email="rae@example.org", organisation=constabulary)


def told(name):
    """To whom messages of that name went, in the order of addresses."""
    return sorted(OutgoingMessage.objects.filter(name=name).values_list("to_email", flat=True))


def forget_mail():
    OutgoingMessage.objects.all().delete()


# Started


def test_who_answers_is_told_with_the_day_and_no_detail(raiser, other, manager):
    escalation = raise_difference(raiser, other, contacts=[manager])
    message = OutgoingMessage.objects.get(to_email="mo@example.org")
    assert escalation.stage.order == 1
    assert message.subject.startswith(f"{escalation.reference}: please answer by ")
    assert escalation.get_absolute_url() in message.body
    assert "threshold" not in message.body
    assert told("escalation_at_stage") == ["mo@example.org", "rae@example.org"]


def test_references_count_within_the_year(raiser, other):
    with at_the_time("2026-12-30 12:00"):
        first, second = raise_difference(raiser, other), raise_difference(raiser, other)
    with at_the_time("2027-01-04 12:00"):
        third = raise_difference(raiser, other)
    assert [each.reference for each in (first, second, third)] == ["PD-2026-001", "PD-2026-002", "PD-2027-001"]


def test_an_urgent_one_starts_higher_and_has_less_time(raiser, other, manager, senior):
    with at_the_time(FRIDAY):
        escalation = raise_difference(raiser, other, contacts=[manager, senior], is_urgent=True)
    assert escalation.stage.order == 2
    assert escalation.due == date(2026, 11, 23)  # one working day after a Friday
    assert "sam@example.org" in told("escalation_at_stage")
    assert "mo@example.org" not in told("escalation_at_stage")


def test_the_clock_leaves_out_bank_holidays(raiser, other):
    with at_the_time(BEFORE_EASTER):
        escalation = raise_difference(raiser, other)
    assert escalation.due == date(2026, 4, 8)  # Tuesday to Thursday, and Tuesday and Wednesday after Easter


def test_where_nobody_is_named_the_business_unit_is_asked(raiser, other, ursula):
    escalation = raise_difference(raiser, other)
    assert services.answerers_of(escalation) == [ursula]
    assert ursula.email in told("escalation_at_stage")


@pytest.mark.parametrize(
    ("field", "text", "complaint"),
    [
        ("difference", "NHS number 943 476 5919", "NHS number"),
        ("sought", "Call 07700 900123", "telephone number"),
        ("own_reference", "9434765919", "NHS number"),
    ],
)
def test_what_could_point_to_a_child_is_refused(raiser, other, field, text, complaint):
    with pytest.raises(ValidationError, match=complaint) as refused:
        raise_difference(raiser, other, **{field: text})
    assert list(refused.value.message_dict) == [field]
    assert not Escalation.objects.exists()


def test_nobody_raises_one_with_their_own_agency_or_for_another(raiser, other):
    with pytest.raises(ValidationError, match="other than your own"):
        raise_difference(raiser, raiser.organisation)
    with pytest.raises(ValidationError, match="Select your own agency"):
        raise_difference(raiser, other, raising=OrganisationFactory())


def test_without_a_published_procedure_nothing_starts(raiser, other):
    published_procedure()
    EscalationProcedure.objects.update(status="retired")
    with pytest.raises(ValidationError, match="No procedure is published yet"):
        services.start(by=raiser, other=other, **whole(raiser))


# Answered


def test_an_answer_stops_the_clock_and_the_raiser_is_told(raiser, other, manager):
    escalation = raise_difference(raiser, other, contacts=[manager])
    answered = services.answer(escalation, by=manager, at=step_of(escalation), answer="We looked again.")
    assert (answered.status, answered.due) == (EscalationStatus.ANSWERED, None)
    assert told("escalation_answered") == ["rae@example.org"]
    step = answered.steps.get()
    assert (step.answer, step.answered_by) == ("We looked again.", manager)


def test_only_who_answers_at_the_stage_may_answer(raiser, other, manager, senior, stella):
    escalation = raise_difference(raiser, other, contacts=[manager, senior])
    for person in (raiser, senior, stella, UserFactory()):
        with pytest.raises(PermissionDenied):
            services.answer(escalation, by=person, at=step_of(escalation), answer="No.")


def test_a_scrutineer_is_not_named_to_answer(other, stella, ursula):
    with pytest.raises(ValidationError, match="is a scrutineer"):
        services.set_contacts(other, 1, [stella], by=ursula)


def test_at_a_stage_of_both_agencies_either_answers(raiser, other, senior):
    published_procedure()
    EscalationStage.objects.filter(order=1).update(answerer=Answerer.BOTH_AGENCIES)
    name_contacts(raiser.organisation, senior)
    escalation = raise_difference(raiser, other)
    assert services.answer(escalation, by=senior, at=step_of(escalation), answer="Agreed.").status == "answered"


def test_at_a_stage_of_the_business_unit_it_answers_alone(raiser, other, manager, ursula):
    published_procedure()
    EscalationStage.objects.filter(order=1).update(answerer=Answerer.BUSINESS_UNIT)
    escalation = raise_difference(raiser, other, contacts=[manager])
    assert services.answerers_of(escalation) == [ursula]
    assert [need.title for need in escalation_needs.for_the_unit(ursula, date(2026, 1, 1))] == [
        f"Nobody else answers {escalation}"
    ]
    with pytest.raises(PermissionDenied):
        services.answer(escalation, by=manager, at=step_of(escalation), answer="No.")


def test_an_answer_to_a_stage_that_has_passed_comes_too_late(raiser, other, manager):
    escalation = raise_difference(raiser, other, contacts=[manager])
    at = step_of(escalation)
    services.move_up(escalation, by=raiser, at=at, note="The risk has grown")
    with pytest.raises(TooLate, match="has moved up to stage 2"):
        services.answer(escalation, by=manager, at=at, answer="We looked again.")


# Moved up


def test_pressing_twice_moves_up_one_stage_only(raiser, other):
    escalation = raise_difference(raiser, other)
    at = step_of(escalation)
    services.move_up(escalation, by=raiser, at=at, note="No contact")
    with pytest.raises(TooLate):
        services.move_up(escalation, by=raiser, at=at, note="No contact")
    escalation.refresh_from_db()
    assert escalation.stage.order == 2


def test_who_raised_it_moves_it_up_with_a_reason_and_the_next_is_told(raiser, other, manager, senior):
    escalation = raise_difference(raiser, other, contacts=[manager, senior])
    at = step_of(escalation)
    services.answer(escalation, by=manager, at=at, answer="No.")
    with pytest.raises(NoteRequired):
        services.move_up(escalation, by=raiser, at=at, note="  ")
    forget_mail()
    moved = services.move_up(escalation, by=raiser, at=at, note="It does not meet the risk")
    assert (moved.stage.order, moved.status) == (2, EscalationStatus.OPEN)
    assert {"sam@example.org", "mo@example.org"} <= set(told("escalation_at_stage"))


def test_after_the_last_stage_it_comes_to_the_business_unit(raiser, other, ursula):
    escalation = raise_difference(raiser, other)
    for _ in range(3):
        escalation = services.move_up(escalation, by=raiser, at=step_of(escalation), note="Not settled")
    assert (escalation.status, escalation.due) == (EscalationStatus.WITH_UNIT, None)
    assert "with the business unit" in OutgoingMessage.objects.filter(to_user=ursula).first().subject
    services.answer(escalation, by=ursula, at=step_of(escalation), answer="The executive has decided.")
    with pytest.raises(ValidationError, match="come to the business unit already"):
        services.move_up(escalation, by=raiser, at=step_of(escalation), note="Still not")


# The clock


def test_it_moves_up_by_itself_on_the_working_day_after_the_last_day(raiser, other, manager, senior):
    with at_the_time("2026-11-13 10:00"):  # a Friday
        escalation = raise_difference(raiser, other, contacts=[manager, senior])
    assert escalation.due == date(2026, 11, 20)
    assert services.move_up_unanswered(on=date(2026, 11, 20)) == 0  # the last day is not over
    assert services.move_up_unanswered(on=date(2026, 11, 21)) == 0  # Saturday
    forget_mail()
    with at_the_time("2026-11-23 07:15"):
        assert services.move_up_unanswered(on=date(2026, 11, 23)) == 1
        assert services.move_up_unanswered(on=date(2026, 11, 23)) == 0  # twice changes nothing
    escalation.refresh_from_db()
    assert (escalation.stage.order, escalation.due) == (2, date(2026, 11, 30))
    assert {"sam@example.org", "mo@example.org", "rae@example.org"} == set(told("escalation_at_stage"))
    first = escalation.steps.first()
    assert (first.moved_by_clock, first.moved_up_by) == (True, None)
    assert StatusChange.objects.about(escalation).get().note == "No answer in time"


def test_a_stage_that_does_not_move_up_by_itself_waits_and_is_overdue(raiser, other):
    published_procedure()
    EscalationStage.objects.update(moves_up=False)
    escalation = raise_difference(raiser, other)
    late = escalation.due + timedelta(days=30)
    assert services.move_up_unanswered(on=late) == 0
    assert escalation.is_overdue(on=late)
    assert list(Escalation.objects.overdue(on=late)) == [escalation]
    assert [need.title for need in escalation_needs.to_accept(raiser, late)] == [f"{escalation} has no answer"]


def test_nobody_answers_anywhere_and_it_ends_with_the_business_unit(raiser, other, ursula):
    with at_the_time(FRIDAY):
        escalation = raise_difference(raiser, other)
    for day in ("2027-01-04", "2027-02-01", "2027-03-01"):
        with at_the_time(f"{day} 07:15"):
            services.move_up_unanswered(on=date.fromisoformat(day))
    escalation.refresh_from_db()
    assert escalation.status == EscalationStatus.WITH_UNIT
    assert escalation.is_overdue(on=date(2027, 6, 1))
    (need,) = escalation_needs.for_the_unit(ursula, date(2027, 6, 1))
    assert need.urgent


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 4, 1), "3 working days left"),
        (date(2026, 4, 7), "1 working day left"),
        (date(2026, 4, 8), "Due today"),
        (date(2026, 4, 9), "1 working day overdue"),
    ],
)
def test_the_clock_is_told_in_working_days(raiser, other, on, words):
    with at_the_time(BEFORE_EASTER):
        escalation = raise_difference(raiser, other)
    assert clock(escalation, on=on) == words


# Settled


def test_it_is_settled_with_what_was_learned_and_those_involved_are_told(raiser, other, manager):
    escalation = raise_difference(raiser, other, contacts=[manager])
    settled = services.resolve(escalation, by=raiser, outcome="The case was opened.", learning="Quote the threshold.")
    assert (settled.status, settled.learning) == (EscalationStatus.RESOLVED, "Quote the threshold.")
    assert told("escalation_settled") == ["mo@example.org"]
    with pytest.raises(MoveNotAllowed):
        services.withdraw(escalation, by=raiser, note="Never mind")
    with pytest.raises(ValidationError, match="postcode"):
        services.resolve(escalation, by=raiser, outcome="Moved to SG13 8XX")


def test_the_manager_of_who_raised_it_can_go_on_with_it(raiser, other, senior):
    name_contacts(raiser.organisation, senior)
    escalation = raise_difference(raiser, other)
    assert services.withdraw(escalation, by=senior, note="Rae has left").status == EscalationStatus.WITHDRAWN


def test_the_story_is_told_newest_first(raiser, other, manager):
    escalation = raise_difference(raiser, other, contacts=[manager])
    services.answer(escalation, by=manager, at=step_of(escalation), answer="No.")
    services.move_up(escalation, by=raiser, at=step_of(escalation), note="Not enough")
    services.resolve(escalation, by=raiser, outcome="Opened")
    told_again = Escalation.objects.with_steps().get()
    entries = story(told_again, list(StatusChange.objects.about(escalation).select_related("by")))
    assert [(entry.by, entry.what) for entry in entries] == [
        ("Rae Raiser", "Resolved"),
        ("Rae Raiser", "Moved up to stage 2: Service managers"),
        ("Mo Manager", "Answered at stage 1: Line managers"),
        ("Rae Raiser", "Raised by Constabulary, at stage 1: Line managers"),
    ]
    assert entries[1].text.startswith("Not enough")


# Who sees it


def test_only_those_involved_see_it_each_from_the_stage_that_it_reaches(raiser, other, manager, senior, ursula, stella):
    mine = UserFactory()
    name_contacts(raiser.organisation, mine)
    colleague = UserFactory(organisation=other)
    grant(colleague, "partner", other)
    escalation = raise_difference(raiser, other, contacts=[manager, senior])

    def seen_by(*people):
        return [person for person in people if Escalation.objects.visible_to(person).exists()]

    everyone = (raiser, mine, manager, senior, colleague, ursula, stella)
    assert seen_by(*everyone) == [raiser, mine, manager, ursula, stella]
    services.move_up(escalation, by=raiser, at=step_of(escalation), note="Not settled")
    assert seen_by(*everyone) == [raiser, mine, manager, senior, ursula, stella]


def test_who_has_answered_sees_it_when_somebody_else_is_the_contact(raiser, other, manager, ursula):
    escalation = raise_difference(raiser, other, contacts=[manager])
    services.answer(escalation, by=manager, at=step_of(escalation), answer="We looked again.")
    services.set_contacts(other, 1, [], by=ursula)
    assert Escalation.objects.visible_to(manager).get() == escalation


def test_a_person_with_many_parts_in_it_sees_it_once(raiser, other):
    name_contacts(other, raiser, raiser)
    name_contacts(raiser.organisation, raiser)
    raise_difference(raiser, other)
    assert Escalation.objects.visible_to(raiser).count() == 1


# What needs people


def test_home_says_what_waits_for_an_answer_and_what_was_answered(raiser, other, manager):
    escalation = raise_difference(raiser, other, contacts=[manager])
    (need,) = escalation_needs.to_answer(manager, date(2026, 1, 1))
    assert (need.title, need.due) == (f"Answer {escalation}", escalation.due)
    assert escalation_needs.to_answer(raiser, date(2026, 1, 1)) == []
    services.answer(escalation, by=manager, at=step_of(escalation), answer="No.")
    assert escalation_needs.to_answer(manager, date(2026, 1, 1)) == []
    (need,) = escalation_needs.to_accept(raiser, date(2026, 1, 1))
    assert need.title == f"{escalation} has been answered"


def test_home_says_that_it_moved_up_by_itself(raiser, other, manager, senior):
    escalation = raise_difference(raiser, other, contacts=[manager, senior])
    services.move_up(escalation, by=None, at=step_of(escalation), note=services.NO_ANSWER)
    (need,) = escalation_needs.to_answer(senior, date(2026, 1, 1))
    assert "moved up to you" in need.detail


# Contacts


def test_a_new_contact_is_told_of_what_waits_and_nobody_twice(raiser, other, manager, ursula):
    raise_difference(raiser, other)
    forget_mail()
    services.set_contacts(other, 1, [manager], by=ursula)
    services.set_contacts(other, 1, [manager], by=ursula)
    assert told("escalation_at_stage") == ["mo@example.org"]


def test_only_the_business_unit_names_contacts(other, manager, maya):
    with pytest.raises(PermissionDenied):
        services.set_contacts(other, 1, [manager], by=maya)


def test_a_contact_whose_account_is_closed_is_not_asked(raiser, other, manager, ursula):
    manager.is_active = False
    manager.save()
    assert services.answerers_of(raise_difference(raiser, other, contacts=[manager])) == [ursula]


# The procedure


def test_what_has_begun_goes_on_by_its_own_version(raiser, other, ursula):
    escalation = raise_difference(raiser, other)
    draft = procedures.draft(by=ursula)
    procedures.remove_stage(draft.stages.get(order=2), by=ursula)
    procedures.publish(draft, by=ursula)
    escalation = services.move_up(escalation, by=raiser, at=step_of(escalation), note="Not settled")
    assert escalation.stage.name == "Service managers"
    newer = raise_difference(raiser, other)
    assert services.next_stage(newer).name == "Senior managers together"


def test_there_is_one_draft_and_one_published_version(ursula):
    first = published_procedure()
    draft = procedures.draft(by=ursula)
    assert procedures.draft(by=ursula) == draft
    assert [stage.name for stage in draft.stages.all()] == [stage.name for stage in first.stages.all()]
    procedures.publish(draft, by=ursula)
    first.refresh_from_db()
    assert first.status == "retired"


def test_a_published_version_does_not_change(ursula):
    procedure = published_procedure()
    stage = procedure.stages.first()
    for change in (
        lambda: procedures.set_texts(procedure, by=ursula, introduction="New", emergency="New"),
        lambda: procedures.remove_stage(stage, by=ursula),
        lambda: procedures.save_stage(procedure, stage, by=ursula, place=1, takes_urgent=False),
    ):
        with pytest.raises(MoveNotAllowed):
            change()


def test_stages_make_room_and_one_takes_urgent_ones(ursula):
    published_procedure()
    draft = procedures.draft(by=ursula)
    fields = {"name": "Team leaders", "who": "The team leader", "days": 2, "urgent_days": 1}
    procedures.save_stage(draft, None, by=ursula, place=2, takes_urgent=True, **fields)
    assert [(stage.order, stage.name, stage.takes_urgent) for stage in draft.stages.all()] == [
        (1, "Line managers", False),
        (2, "Team leaders", True),
        (3, "Service managers", False),
        (4, "Senior managers together", False),
    ]
    procedures.remove_stage(draft.stages.get(order=1), by=ursula)
    assert [stage.order for stage in draft.stages.all()] == [1, 2, 3]


def test_a_procedure_without_a_stage_is_not_published(ursula):
    draft = procedures.draft(by=ursula)
    draft.stages.all().delete()
    with pytest.raises(ValidationError, match="Add a stage first"):
        procedures.publish(draft, by=ursula)


def test_a_stage_gives_at_least_a_day(ursula):
    draft = procedures.draft(by=ursula)
    with pytest.raises(IntegrityError, match="escalationstage_gives_time"), transaction.atomic():
        draft.stages.update(days=0)


# Good practice


def test_good_practice_is_told_to_the_agency_and_the_business_unit(raiser, other, manager, ursula):
    name_contacts(other, manager)
    services.recognise(other, by=raiser, what="The school nurse stayed so that a young person could talk first.")
    assert told("good_practice") == ["mo@example.org", ursula.email]
    with pytest.raises(ValidationError, match="telephone number"):
        services.recognise(other, by=raiser, what="Call 07700 900123")


def test_only_the_business_unit_takes_an_entry_away(raiser, other, ursula):
    practice = services.recognise(other, by=raiser, what="Good.")
    with pytest.raises(PermissionDenied):
        services.remove_good_practice(practice, by=raiser)
    services.remove_good_practice(practice, by=ursula)
    assert not GoodPractice.objects.exists()


# Figures


def test_the_time_to_settle_is_the_median_in_working_days(raiser, other):
    for day, settled in (("2026-11-02", "2026-11-04"), ("2026-11-02", "2026-11-06"), ("2026-11-06", "2026-11-19")):
        with at_the_time(f"{day} 10:00"):
            escalation = raise_difference(raiser, other)
        with at_the_time(f"{settled} 10:00"):
            services.resolve(escalation, by=raiser, outcome="Done")
    assert figures.escalation_days_to_resolve(Escalation.objects.all()) == Decimal("4.0")  # of 2, 4 and 9
    assert figures.escalation_days_to_resolve(Escalation.objects.none()) is None


def test_differences_are_counted_by_stage_theme_and_agency(raiser, other):
    first, second = raise_difference(raiser, other), raise_difference(raiser, other)
    services.move_up(first, by=raiser, at=step_of(first), note="Not settled")
    services.withdraw(second, by=raiser, note="Settled by talking")
    chosen = Escalation.objects.all()
    assert [(row.label, row.raised, row.unsettled) for row in figures.escalations_by_stage(chosen)] == [
        ("Stage 1", 1, 0),
        ("Stage 2", 1, 1),
    ]
    assert [(row.raised, row.unsettled) for row in figures.escalations_by_theme(chosen)] == [(2, 1)]
    assert {(row.label, row.raised, row.received) for row in figures.escalations_by_agency(chosen)} == {
        ("Constabulary", 2, 0),
        ("Integrated Care Board", 0, 2),
    }


# Races


def at_once(*calls):
    """Each call in a thread with a connection of its own; what they raised is nobody's business here."""

    def run(call):
        with suppress(TooLate, PermissionDenied):
            call()
        connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        list(pool.map(run, calls))


@pytest.mark.django_db(transaction=True)
def test_what_happens_at_once_happens_once(raiser, other, manager, senior):
    second = UserFactory()
    escalation = raise_difference(raiser, other, contacts=[manager, senior])
    name_contacts(other, second)
    two_answers_at_once(escalation, manager, second)
    escalation = raise_difference(raiser, other)
    Escalation.objects.filter(pk=escalation.pk).update(due=date(2026, 1, 2))
    clocks_and_an_answer_at_once(escalation, manager)


def two_answers_at_once(escalation, *people):
    at = step_of(escalation)
    at_once(*(lambda by=by: services.answer(escalation, by=by, at=at, answer=f"From {by}") for by in people))
    step = escalation.steps.get()
    assert step.answer == f"From {step.answered_by}"
    assert StatusChange.objects.about(escalation).count() == 1


def clocks_and_an_answer_at_once(escalation, manager):
    at, day = step_of(escalation), date(2026, 11, 23)
    at_once(
        lambda: services.move_up_unanswered(on=day),
        lambda: services.answer(escalation, by=manager, at=at, answer="We looked again."),
        lambda: services.move_up_unanswered(on=day),
    )
    escalation.refresh_from_db()
    answered = escalation.status == EscalationStatus.ANSWERED
    assert escalation.stage.order == (1 if answered else 2)
    assert escalation.steps.filter(left_at=None).count() == 1
    assert escalation.steps.count() == (1 if answered else 2)
    assert StatusChange.objects.about(escalation).count() == 1
