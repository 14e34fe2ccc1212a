"""What is filled in for a school, so that nobody types twice what is known."""

from datetime import timedelta

import pytest
from django.utils import timezone

from partnership.models import Action
from partnership.services.actions import cancel_action, complete_action
from schools.prefill import prefills
from schools.services.sections import Content
from schools.sheets import Sheet
from tests.factories import completed_return, fill, full_question_set, open_return

TRAINED = "2025-10-01"


@pytest.fixture
def full(db):
    return full_question_set()


def offered(record, section):
    sheet = Sheet(record)
    return {key: prefill.value for key, prefill in prefills(sheet, sheet.part(section)).items()}


def test_the_head_comes_from_the_register(oak_lane, full):
    oak_lane.head_title, oak_lane.head_first_name, oak_lane.head_last_name = "Mrs", "Ann", "Other"
    oak_lane.save()
    assert offered(open_return(oak_lane, question_set=full), "C") == {"headteacher": {"name": "Mrs Ann Other"}}


def test_where_the_register_names_nobody_the_head_comes_from_last_year(oak_lane, full, dan):
    before = {"C1": {"name": "Ann Other", "email": "ann@example.org"}}
    fill(open_return(oak_lane, question_set=full, academic_year=2025), by=dan, values=before, sections=["C"])
    now = offered(open_return(oak_lane, question_set=full), "C")
    assert now["headteacher"] == {"name": "Ann Other", "email": "ann@example.org"}
    assert set(now) == {
        "headteacher",
        "safeguarding-lead",
        "deputy-safeguarding-leads",
        "lead-governor",
        "number-of-staff",
        "uses-alternative-provision",
        "lets-premises",
        "recording-system",
    }


def test_nothing_is_offered_where_there_is_an_answer_even_an_empty_one(oak_lane, full, dan):
    fill(open_return(oak_lane, question_set=full, academic_year=2025), by=dan, sections=["C"])
    record = open_return(oak_lane, question_set=full)
    fill(record, by=dan, values={"C5": 7}, sections=["C"])
    fill(record, by=dan, values={"C5": Content(None)}, sections=["C"])
    assert offered(record, "C") == {}


def test_standards_do_not_start_from_last_years_answers(oak_lane, full, dan):
    fill(open_return(oak_lane, question_set=full, academic_year=2025), by=dan)
    assert set(offered(open_return(oak_lane, question_set=full), "S2")) == set()


def test_the_date_of_the_leads_training_comes_from_the_details_of_the_school(oak_lane, full, dan):
    record = open_return(oak_lane, question_set=full)
    assert offered(record, "S3") == {}
    fill(record, by=dan, values={"C2": {"name": "Jo", "trained": TRAINED}}, sections=["C"])
    assert offered(record, "S3") == {"lead-trained": TRAINED}


def test_a_lead_without_a_date_of_training_gives_none(oak_lane, full, dan):
    record = open_return(oak_lane, question_set=full)
    fill(record, by=dan, values={"C2": {"name": "Jo"}}, sections=["C"])
    assert offered(record, "S3") == {}


@pytest.mark.parametrize(
    ("done", "given_up", "share"), [(0, 0, 0), (1, 0, 33), (2, 0, 67), (3, 0, 100), (1, 1, 50), (0, 3, 100)]
)
def test_the_share_of_last_years_actions_that_are_done(oak_lane, full, dan, amira, done, given_up, share):
    weak = {"1.4": "developing", "1.6": "developing", "2.2": "no"}
    completed_return(oak_lane, lead=dan, head=amira, question_set=full, academic_year=2025, values=weak)
    actions = list(Action.objects.order_by("pk"))
    for action in actions[:done]:
        complete_action(action, by=dan, evidence="Done")
    for action in actions[len(actions) - given_up :]:
        cancel_action(action, by=dan, note="Not needed")
    assert offered(open_return(oak_lane, question_set=full), "S1")["last-year-actions"] == share


def test_a_school_without_last_years_return_is_offered_no_share(oak_lane, full):
    assert offered(open_return(oak_lane, question_set=full), "S1") == {}


def test_actions_from_elsewhere_do_not_count(oak_lane, full, dan, amira):
    completed_return(oak_lane, lead=dan, head=amira, question_set=full, academic_year=2025)
    due = timezone.localdate() + timedelta(days=9)
    Action.objects.create(organisation=oak_lane.organisation, what="Other", who="Head", due=due)
    assert offered(open_return(oak_lane, question_set=full), "S1")["last-year-actions"] == 100
