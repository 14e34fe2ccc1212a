"""Suggestions before a Board, for tests: who sits on it and chairs it, what waits for it, and an answer."""

from datetime import date, timedelta

from django.utils import timezone

from learninghubs.choices import Answer, SuggestionStatus
from learninghubs.models import LearningHub, Response, Suggestion
from learninghubs.services import answers
from partnership.models import Group, Meeting, User
from tests.factories import (
    OrganisationFactory,
    PriorityFactory,
    SuggestionFactory,
    ThemeFactory,
    UserFactory,
    put_in_the_chair,
    seat,
)
from tests.partnership.meetings import at

# What an answer that wants nothing done is given in place of what ``give`` says.
NOTHING_DONE = {"answer": Answer.NO, "owner": None, "action_what": "", "action_due": None}


def today() -> date:
    return timezone.localdate()


def days(number: int) -> date:
    """The day so many days from today."""
    return today() + timedelta(days=number)


def member_of(group: Group) -> User:
    person = UserFactory(organisation=OrganisationFactory())
    seat(person, group)
    return person


def chair_of(group: Group) -> User:
    person = member_of(group)
    put_in_the_chair(person, group)
    return person


def waiting_in(hub: LearningHub) -> Suggestion:
    """A suggestion that was put to the Board forty days ago, on a theme that serves a priority."""
    theme = ThemeFactory(serves=PriorityFactory())
    status = SuggestionStatus.WITH_BOARD
    return SuggestionFactory(hub=hub, theme=theme, title="Quick replies", status=status, sent_up_at=at(-40))


def give(suggestion: Suggestion, meeting: Meeting, by: User, **changes) -> Response:
    """An answer that wants something done, or as ``changes`` say."""
    said = {
        "answer": Answer.ACCEPTED,
        "reason": "Late replies put people off.",
        "owner": suggestion.hub.reports_to,
        "action_what": "Agree a standard for replies",
        "action_due": days(60),
    }
    return answers.answer(suggestion, meeting=meeting, by=by, **said | changes)
