"""A member is reminded of an action, notes how it gets on and says that it is done: on a phone, without JavaScript."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hscp.lib.dates import add_working_days
from partnership.choices import ActionStatus
from partnership.models import ActionReminders, OutgoingMessage
from partnership.services import action_reminders, actions

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def action(audit_group, maya, chloe):
    """Given to Maya by the chair, due so that the next working morning is a day of reminders."""
    morning = add_working_days(timezone.localdate(), 1)
    due = morning + timedelta(days=ActionReminders().last_before)
    given = actions.begin_action(audit_group, by=chloe, what="Audit ten files on neglect", due=due, person=maya)
    assert action_reminders.send_digests(on=morning) == 1
    return given


def test_a_member_is_reminded_and_sees_an_action_through(plain_visitor, action, maya, chloe):
    # Given a message that leads to the action
    message = OutgoingMessage.objects.get(to_email=maya.email)
    assert message.subject == "An action of yours: Audit ten files on neglect"
    path = next(line for line in message.body.splitlines() if line.endswith(action.get_absolute_url()))
    path = path[path.index("/actions/") :]
    plain_visitor.signs_in(maya)
    plain_visitor.sees("Audit ten files on neglect")
    plain_visitor.goes_to(path)

    # When she begins, notes how it gets on, and first forgets to say what shows that it is done
    plain_visitor.presses("Say that work has begun")
    plain_visitor.sees("In progress")
    plain_visitor.follows("Add a note")
    plain_visitor.page.get_by_label("How is it getting on?").fill("Six files are read")
    plain_visitor.presses("Add the note")
    plain_visitor.sees("Six files are read")
    plain_visitor.follows("Mark as done")
    plain_visitor.presses("Mark as done")
    plain_visitor.sees("Enter what shows that the action is done")
    plain_visitor.page.get_by_label("What shows that it is done?").fill("The report was tabled at the May meeting")
    plain_visitor.presses("Mark as done")

    # Then it is done, its story is told, and nothing is wider than the phone
    plain_visitor.sees("The action is done")
    plain_visitor.sees("The report was tabled at the May meeting")
    assert plain_visitor.page.locator("html").bounding_box()["width"] <= 375
    action.refresh_from_db()
    assert (action.status, action.notes.get().text) == (ActionStatus.DONE, "Six files are read")
    plain_visitor.goes_to("/actions/")
    plain_visitor.sees("Nothing is unfinished here")
    plain_visitor.page.get_by_label("Search the portal").fill("auditing neglect")
    plain_visitor.presses("Search")
    plain_visitor.sees("Audit ten files on neglect")
    assert plain_visitor.page.locator("mark").all_inner_texts()[:2] == ["Audit", "neglect"]


def test_the_pages_of_the_tracker_and_of_search_stand_up_to_axe(visitor, action, chloe):
    visitor.signs_in(chloe)
    for path in (
        "/actions/?view=all",
        action.get_absolute_url(),
        f"{action.get_absolute_url()}change/",
        "/search/?q=audit",
    ):
        visitor.goes_to(path)
        visitor.sees("Audit ten files")
        visitor.looks()
