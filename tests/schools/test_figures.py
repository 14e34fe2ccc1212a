"""Figures: worked examples from the definitions, and small groups kept hidden."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from partnership.engine import figures as registry
from partnership.models import User
from partnership.services.people import invite
from schools import figures
from schools.choices import CollectionStatus, Rag, ReturnStatus, SchoolStatus, SignOffKind
from schools.models import Answer, Return, SectionProgress, SignOff
from schools.results import EVERYONE, HIDDEN, Group, Spread, share
from schools.services.collections import add_returns
from tests.factories import CollectionFactory, OrganisationFactory, SchoolFactory, small_question_set

pytestmark = pytest.mark.django_db


@pytest.fixture
def collection():
    return CollectionFactory(question_set=small_question_set(), status=CollectionStatus.OPEN)


def asked(collection, number, *, status=ReturnStatus.NOT_STARTED, **facts):
    """So many schools with these facts, their returns in this status."""
    schools = [SchoolFactory(**facts) for _ in range(number)]
    add_returns(collection)
    returns = Return.objects.filter(organisation__in=[school.organisation_id for school in schools])
    submitted = timezone.now() if status in ("submitted", "accepted") else None
    returns.update(status=status, submitted_at=submitted, governance_due=timezone.localdate() + timedelta(days=60))
    return list(returns)


def answered(returns, question, rag):
    Answer.objects.bulk_create(Answer(return_record=r, question=question, value="x", rag=rag) for r in returns)


def stood(returns, section, rag):
    SectionProgress.objects.bulk_create(SectionProgress(return_record=r, section=section, rag=rag) for r in returns)


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [
        (280, 535, "52.3"),
        (1, 3, "33.3"),
        (2, 3, "66.7"),
        (1, 8, "12.5"),
        (1, 16, "6.3"),
        (0, 5, "0.0"),
        (5, 5, "100.0"),
    ],
)
def test_a_share_has_one_decimal_place_half_up(part, whole, expected):
    assert share(part, whole) == Decimal(expected)


def test_a_share_of_nothing_is_none():
    assert share(0, 0) is None


def test_progress_counts_each_status_once(collection):
    asked(collection, 4)
    asked(collection, 3, status=ReturnStatus.IN_PROGRESS)
    asked(collection, 2, status=ReturnStatus.WITH_HEAD)
    asked(collection, 5, status=ReturnStatus.SUBMITTED)
    asked(collection, 1, status=ReturnStatus.ACCEPTED)
    found = figures.progress(collection)
    assert (found.not_started, found.in_progress, found.with_head, found.submitted, found.accepted) == (4, 3, 2, 5, 1)
    assert (found.asked, found.returned, found.rate) == (15, 6, Decimal("40.0"))
    assert figures.completion_rate(collection) == Decimal("40.0")


def test_a_school_that_closed_without_submitting_counts_as_not_asked(collection):
    asked(collection, 2)
    left, returned = asked(collection, 1)[0], asked(collection, 1, status=ReturnStatus.SUBMITTED)[0]
    for record in (left, returned):
        school = record.organisation.school
        school.status = SchoolStatus.CLOSED
        school.save()
    found = figures.progress(collection)
    assert (found.asked, found.returned) == (3, 1)


def test_nothing_asked_gives_no_rate(collection):
    assert figures.completion_rate(collection) is None


def test_the_groups_add_up_to_the_whole(collection):
    asked(collection, 3, district_name="Watford")
    asked(collection, 2, district_name="Stevenage", status=ReturnStatus.SUBMITTED)
    groups = figures.progress_by_group(collection, "district")
    assert [(group.label, found.asked, found.returned) for group, found in groups] == [
        ("Stevenage", 2, 2),
        ("Watford", 3, 0),
    ]
    assert sum(found.asked for _, found in groups) == figures.progress(collection).asked


def test_an_unknown_dimension_is_a_mistake(collection):
    with pytest.raises(KeyError, match="colour"):
        figures.progress_by_group(collection, "colour")


def test_governance_pending_counts_submitted_returns_without_a_sign_off_since(collection, colin):
    signed, signed_before, unsigned = asked(collection, 3, status=ReturnStatus.SUBMITTED)
    for record, at in ((signed, timezone.now()), (signed_before, signed_before.submitted_at - timedelta(days=1))):
        SignOff.objects.create(
            return_record=record, kind=SignOffKind.GOVERNANCE, signed_by=colin, name="Colin", role="Chair", at=at
        )
    assert figures.progress(collection).governance_pending == 2
    day_after = timezone.localdate() + timedelta(days=61)
    assert figures.overdue_governance(collection, on=timezone.localdate()) == 0
    assert figures.overdue_governance(collection, on=day_after) == 2
    assert unsigned.pk


def test_a_school_is_reached_once_a_lead_has_signed_in(collection, dan, oak_lane, elm_park):
    add_returns(collection)
    assert figures.never_reached(collection) == 2
    dan.last_login = timezone.now()
    dan.save()
    assert figures.never_reached(collection) == 1


def test_a_lead_whose_account_is_closed_reaches_nobody(collection, dan):
    add_returns(collection)
    User.objects.update(last_login=timezone.now(), is_active=False)
    assert figures.never_reached(collection) == 1


def test_a_school_that_has_submitted_was_reached(collection):
    asked(collection, 2, status=ReturnStatus.SUBMITTED)
    assert figures.never_reached(collection) == figures.never_invited(collection) == 0


def test_a_school_whose_lead_was_invited_is_not_among_those_never_invited(collection, dan, ursula, elm_park):
    add_returns(collection)
    assert figures.never_invited(collection) == 2
    invite(dan, by=ursula)
    assert (figures.never_reached(collection), figures.never_invited(collection)) == (2, 1)


# --- Results ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def question(collection):
    return collection.question_set.questions.filter(scored=True, section__kind="standard").first()


@pytest.fixture
def standard(collection):
    return collection.question_set.sections.filter(kind="standard").first()


def test_what_is_neither_green_amber_nor_red_is_not_applicable(collection, question):
    returns = asked(collection, 10, status=ReturnStatus.SUBMITTED)
    answered(returns[:5], question, Rag.GREEN)
    answered(returns[5:7], question, Rag.AMBER)
    answered(returns[7:8], question, Rag.RED)
    answered(returns[8:9], question, Rag.NA)
    spread = figures.questions(collection).spread(question.key)
    assert spread == Spread(green=5, amber=2, red=1, not_applicable=2)
    assert dict(spread.shares()) == {
        "green": Decimal("50.0"),
        "amber": Decimal("20.0"),
        "red": Decimal("10.0"),
        "na": Decimal("20.0"),
    }
    assert spread.green_share == Decimal("62.5")  # 5 of the 8 to which it applies


def test_answers_of_returns_that_are_not_submitted_do_not_count(collection, question):
    answered(asked(collection, 6, status=ReturnStatus.IN_PROGRESS), question, Rag.RED)
    answered(asked(collection, 5, status=ReturnStatus.ACCEPTED), question, Rag.GREEN)
    assert figures.questions(collection).spread(question.key) == Spread(green=5)


def test_answers_of_another_year_do_not_count(collection, question):
    answered(asked(collection, 5, status=ReturnStatus.SUBMITTED), question, Rag.GREEN)
    before = CollectionFactory(academic_year=2025, question_set=collection.question_set)
    answered(asked(before, 7, status=ReturnStatus.SUBMITTED), question, Rag.RED)
    Return.objects.filter(collection=collection, status=ReturnStatus.NOT_STARTED).delete()
    assert figures.questions(collection).spread(question.key) == Spread(green=5)
    assert figures.questions(before).spread(question.key).red == 7


def test_questions_that_are_not_asked_for_are_not_counted(collection, question):
    other = collection.question_set.questions.filter(scored=True, section__kind="standard").last()
    results = figures.questions(collection, [other.key, "no-such-question"])
    assert results.items == {other.key}


def test_a_question_that_is_not_scored_is_no_result(collection):
    unscored = collection.question_set.questions.filter(scored=False).first()
    with pytest.raises(KeyError):
        figures.questions(collection).spread(unscored.key)


def test_standards_count_schools_by_the_colour_at_submission(collection, standard):
    returns = asked(collection, 6, status=ReturnStatus.SUBMITTED)
    stood(returns[:4], standard, Rag.GREEN)
    stood(returns[4:], standard, Rag.RED)
    assert figures.standards(collection).spread(standard.code) == Spread(green=4, red=2)


def test_nothing_is_shown_of_fewer_than_five_returns(collection, standard):
    stood(asked(collection, 4, status=ReturnStatus.SUBMITTED), standard, Rag.GREEN)
    results = figures.standards(collection)
    assert results.is_hidden()
    assert results.spread(standard.code) == HIDDEN


def test_a_group_of_fewer_than_five_schools_is_hidden_and_the_next_smallest_with_it(collection, standard):
    for district, number in (("Watford", 9), ("Stevenage", 6), ("Dacorum", 4)):
        stood(asked(collection, number, status=ReturnStatus.SUBMITTED, district_name=district), standard, Rag.GREEN)
    results = figures.standards(collection)
    assert results.by_group(standard.code, "district") == [
        (Group("district", "Dacorum"), HIDDEN),
        (Group("district", "Stevenage"), HIDDEN),
        (Group("district", "Watford"), Spread(green=9)),
    ]
    assert results.is_hidden(Group("district", "Stevenage"))
    assert not results.is_hidden(Group("district", "Watford"))
    assert results.is_hidden(Group("district", "Nowhere"))


def test_a_question_that_applies_to_few_schools_of_a_group_is_hidden_there_and_where_it_could_be_worked_out(
    collection, question
):
    for district, number, applies in (
        ("Watford", 12, 2),
        ("Stevenage", 12, 6),
        ("Dacorum", 12, 9),
        ("Hertsmere", 9, 0),
    ):
        returns = asked(collection, number, status=ReturnStatus.SUBMITTED, district_name=district)
        answered(returns[:applies], question, Rag.AMBER)
    found = figures.questions(collection).by_group(question.key, "district")
    assert [(group.value, spread.hidden, spread.amber) for group, spread in found] == [
        ("Dacorum", False, 9),
        ("Hertsmere", False, 0),
        ("Stevenage", True, 0),
        ("Watford", True, 0),
    ]
    assert dict(found)[Group("district", "Hertsmere")] == Spread(not_applicable=9)


def test_a_question_that_applies_to_fewer_than_five_schools_in_all_is_hidden(collection, question):
    answered(asked(collection, 20, status=ReturnStatus.SUBMITTED)[:4], question, Rag.RED)
    results = figures.questions(collection)
    assert results.spread(question.key) == HIDDEN
    assert not results.is_hidden()


def test_a_district_s_page_and_the_table_of_districts_show_and_hide_the_same(collection, standard):
    for district, number in (("Watford", 9), ("Stevenage", 6), ("Dacorum", 4), ("", 7)):
        stood(asked(collection, number, status=ReturnStatus.SUBMITTED, district_name=district), standard, Rag.GREEN)
    results = figures.standards(collection)
    for group, spread in results.by_group(standard.code, "district"):
        assert results.spread(standard.code, group) == spread
        assert results.is_hidden(group) == spread.hidden


def test_the_schools_of_no_district_are_a_group_of_their_own(collection, standard):
    stood(asked(collection, 7, status=ReturnStatus.SUBMITTED, district_name=""), standard, Rag.GREEN)
    ((group, spread),) = figures.standards(collection).by_group(standard.code, "district")
    assert (group.label, spread.green) == ("Not known", 7)


def test_an_organisation_that_is_no_school_is_in_no_district(collection, standard):
    for number in range(5):
        record = Return.objects.create(
            collection=collection,
            organisation=OrganisationFactory(),
            reference=f"X{number}",
            status=ReturnStatus.SUBMITTED,
            submitted_at=timezone.now(),
        )
        stood([record], standard, Rag.GREEN)
    results = figures.standards(collection)
    assert results.spread(standard.code) == Spread(green=5)
    assert [group.value for group in results.groups("district")] == [""]


def test_one_group_shown_alone_has_its_own_figures(collection, standard):
    stood(asked(collection, 6, status=ReturnStatus.SUBMITTED, phase="Secondary"), standard, Rag.RED)
    stood(asked(collection, 7, status=ReturnStatus.SUBMITTED, phase="Primary"), standard, Rag.GREEN)
    results = figures.standards(collection)
    secondary = Group("phase", "Secondary")
    assert results.submitted(secondary) == 6
    assert results.spread(standard.code, secondary) == Spread(red=6)
    assert results.spread(standard.code, EVERYONE).schools == results.submitted() == 13


def test_the_year_before_is_found_unless_it_was_only_planned(collection):
    before = CollectionFactory(academic_year=2025, status=CollectionStatus.CLOSED)
    CollectionFactory(academic_year=2024, status=CollectionStatus.DRAFT)
    assert figures.year_before(collection) == before
    assert figures.year_before(before) is None


def test_results_cost_as_many_queries_whatever_the_number_of_schools(
    collection, question, django_assert_max_num_queries
):
    counts = []
    for number in (10, 60):
        answered(asked(collection, number, status=ReturnStatus.SUBMITTED)[1:], question, Rag.GREEN)
        with django_assert_max_num_queries(6) as queries:
            results = figures.questions(collection)
            results.spread(question.key)
            results.spread(question.key, Group("district", "East Hertfordshire"))
            results.by_group(question.key, "district")
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_every_figure_has_a_definition_that_people_can_read():
    for figure in registry.all_figures():
        assert figure.definition
        assert figure.label
        assert figure.unit
