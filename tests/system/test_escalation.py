"""A professional difference that nobody answers, in browsers: raised on a phone, moved up by the clock, settled."""

import pytest

from hscp.lib.dates import add_working_days
from partnership.models import Escalation
from partnership.services.escalations import move_up_unanswered
from tests.factories import OrganisationFactory, UserFactory
from tests.partnership.differences import name_contacts, published_procedure

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager(constabulary):
    return UserFactory(name="Mo Manager", organisation=constabulary)


@pytest.fixture
def service_manager(constabulary):
    return UserFactory(name="Sam Service", organisation=constabulary)


@pytest.fixture
def _procedure(pat, constabulary, manager, service_manager):
    pat.organisation = OrganisationFactory(name="Family Support")
    pat.save()
    published_procedure()
    name_contacts(constabulary, manager, service_manager)


def practitioner_raises(visitor, pat):
    visitor.signs_in(pat)
    visitor.follows("Professional differences")
    visitor.follows("Raise a difference")
    visitor.sees("If a child may be in danger now")
    page = visitor.page
    page.get_by_label("Which agency do you disagree with?").select_option(label="Constabulary")
    page.get_by_label("Sharing information").check()
    page.get_by_label("What do you disagree about?").fill("We asked for information and were told to get consent.")
    page.get_by_label("What would settle it?").fill("The information, or who can decide otherwise.")
    visitor.presses("Send to the other agency")
    visitor.sees("5 working days left")
    visitor.sees("Mo Manager")
    visitor.signs_out()


def nobody_answers(escalation):
    """The clock runs on to the working day after the last day to answer."""
    assert move_up_unanswered(on=add_working_days(escalation.due, 1)) == 1


def next_level_answers(visitor, service_manager, escalation):
    visitor.signs_in(service_manager)
    visitor.sees("It moved up to you without an answer")
    visitor.follows(f"Answer {escalation.reference}")
    visitor.sees("No answer in time")
    visitor.looks()
    visitor.follows("Answer")
    visitor.looks()
    visitor.page.get_by_label("What is your answer?").fill("It can be shared. Our file says why.")
    visitor.presses("Send the answer")
    visitor.sees("Answer sent")
    visitor.signs_out()


def practitioner_settles(visitor, pat, escalation):
    visitor.signs_in(pat)
    visitor.follows(f"{escalation.reference} has been answered")
    visitor.sees("It can be shared. Our file says why.")
    visitor.follows("Accept the answer")
    visitor.page.get_by_label("How was it settled?").fill("The information came the same day.")
    visitor.page.get_by_label("What can others learn from it?").fill("Write down why consent is not needed.")
    visitor.presses("Record")
    visitor.sees("Write down why consent is not needed.")


@pytest.mark.usefixtures("_procedure")
def test_a_difference_that_nobody_answers_moves_up_by_itself(plain_visitor, visitor, pat, service_manager):
    practitioner_raises(plain_visitor, pat)
    escalation = Escalation.objects.get()
    nobody_answers(escalation)
    next_level_answers(visitor, service_manager, escalation)
    practitioner_settles(plain_visitor, pat, escalation)
    escalation.refresh_from_db()
    assert (escalation.status, escalation.stage.order) == ("resolved", 2)
    assert escalation.learning == "Write down why consent is not needed."
