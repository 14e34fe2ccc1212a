"""The lives of what the hubs hold: every status × every move, written out.

``docs/lives.md`` shows the same in words. An empty cell: the move cannot start there.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from learninghubs.choices import BriefingStatus, IssueStatus, SubscriberStatus
from learninghubs.models import Briefing, Forum, NewsletterIssue, Subscriber, Suggestion, Theme
from partnership.engine import workflow
from tests.factories import (
    ForumFactory,
    IssueFactory,
    SubscriberFactory,
    SuggestionFactory,
    ThemeFactory,
    put_in_the_chair,
    seat,
)
from tests.tables import check_cell, check_life, check_note, check_who, move_named, read_moves

pytestmark = pytest.mark.django_db

# Of the hub that ben leads (bella leads another), before the Board on which maya sits and which chloe chairs.
SUGGESTION = read_moves(
    """
    move                      | who           | note | unconfirmed | submitted | asked     | at_hub     | with_board | answered   | fed_back | merged | set_aside | withdrawn
    confirm                   | the portal    |      | submitted   |           |           |            |            |            |          |        |           |
    take on                   | ursula, ben   |      |             | at_hub    |           |            |            |            |          |        |           |
    ask its author            | ursula, ben   |      |             | asked     |           | asked      |            |            |          |        |           |
    reply to the hub          | the portal    |      |             |           | at_hub    |            |            |            |          |        |           |
    go on without a reply     | ursula, ben   |      |             |           | at_hub    |            |            |            |          |        |           |
    merge                     | ursula, ben   |      |             | merged    | merged    | merged     |            |            |          |        |           |
    separate again            | ursula, ben   |      |             |           |           |            |            |            |          | at_hub |           |
    take no further           | ursula, ben   | yes  |             | set_aside | set_aside | set_aside  |            |            |          |        |           |
    take up again             | ursula, ben   |      |             |           |           |            |            |            |          |        | at_hub    |
    put to the Board          | ursula, ben   |      |             |           |           | with_board |            |            |          |        |           |
    take back from the Board  | ursula, ben   | yes  |             |           |           |            | at_hub     |            |          |        |           |
    answer                    | ursula, chloe |      |             |           |           |            | answered   |            |          |        |           |
    take the answer back      | ursula, chloe | yes  |             |           |           |            |            | with_board |          |        |           |
    feed back                 | the portal    |      |             |           |           |            |            | fed_back   |          |        |           |
    withdraw                  | the portal    |      | withdrawn   | withdrawn | withdrawn | withdrawn  |            |            |          |        |           |
    """  # noqa: E501 - a table is read in one piece
)
FORUM = read_moves(
    """
    move                    | who         | note | planned   | held | cancelled
    record that it was held | ursula, ben |      | held      |      |
    cancel                  | ursula, ben | yes  | cancelled |      |
    """
)
BRIEFING = read_moves(
    """
    move               | who         | note | draft     | published
    publish            | ursula, ben |      | published |
    take back to draft | ursula, ben | yes  |           | draft
    """
)
ISSUE = read_moves(
    """
    move               | who        | note | draft    | approved | sending | sent
    approve            | ursula     |      | approved |          |         |
    take back to draft | ursula     |      |          | draft    |         |
    start sending      | ursula     |      |          | sending  |         |
    finish sending     | the portal |      |          |          | sent    |
    """
)
SUBSCRIBER = read_moves(
    """
    move             | who        | note | pending      | active       | suspended    | unsubscribed
    confirm          | the portal |      | active       |              |              |
    suspend          | ursula     | yes  |              | suspended    |              |
    resume           | ursula     |      |              |              | active       |
    unsubscribe      | ursula     |      | unsubscribed | unsubscribed | unsubscribed |
    ask for it again | the portal |      |              |              | pending      | pending
    """
)
LIVES = {
    Suggestion: SUGGESTION,
    Forum: FORUM,
    Briefing: BRIEFING,
    NewsletterIssue: ISSUE,
    Subscriber: SUBSCRIBER,
}
EVERYONE = ("ursula", "stella", "ben", "bella", "maya", "chloe", "pat")
# What a move must write with the status, where the database asks for it.
WITH_THE_MOVE = {
    "merge": lambda: {"merged_into": SuggestionFactory()},
    "separate again": lambda: {"merged_into": None},
    "put to the Board": lambda: {"sent_up_at": timezone.now()},
    "feed back": lambda: {"fed_back_at": timezone.now()},
    "publish": lambda: {"published_at": timezone.now()},
    "approve": lambda: {"approved_at": timezone.now(), "send_at": timezone.now()},
}


@pytest.fixture
def people(request, board, chloe, maya):
    """``EVERYONE`` by name. Chloe chairs the Board of the two hubs, and Maya sits on it."""
    put_in_the_chair(chloe, board)
    seat(maya, board)
    return {name: request.getfixturevalue(name) for name in EVERYONE}


def _theme():
    """One for all: a year has no more than three."""
    return Theme.objects.first() or ThemeFactory()


def _make_suggestion(hub, status):
    into = {"merged_into": SuggestionFactory(hub=hub)} if status == "merged" else {}
    return SuggestionFactory(hub=hub, status=status, **into)


def _make_forum(hub, status):
    return ForumFactory(hub=hub, status=status, theme=_theme())


def _make_briefing(hub, status):
    words = {"title": "What we learned", "context": "Why", "messages": "What", "practice": "How"}
    published = timezone.now() if status == BriefingStatus.PUBLISHED else None
    return Briefing.objects.create(
        forum=ForumFactory(hub=hub, theme=_theme()), status=status, published_at=published, **words
    )


def _make_issue(hub, status):
    NewsletterIssue.objects.all().delete()  # a hub has one that is not sent
    approved = None if status == IssueStatus.DRAFT else timezone.now() - timedelta(hours=1)
    return IssueFactory(hub=hub, status=status, approved_at=approved)


def _make_subscriber(hub, status):
    confirmed = None if status == SubscriberStatus.PENDING else timezone.now()
    return SubscriberFactory(status=status, confirmed_at=confirmed)


# A record of each model, put into a status without its story.
MAKE = {
    Suggestion: _make_suggestion,
    Forum: _make_forum,
    Briefing: _make_briefing,
    NewsletterIssue: _make_issue,
    Subscriber: _make_subscriber,
}


EVERY_MOVE = [
    pytest.param(model, row, id=f"{model.__name__}: {row['move']}") for model, rows in LIVES.items() for row in rows
]


def _takers(row) -> list[str]:
    return [] if row["who"] == "the portal" else row["who"].split(", ")


def _targets(row) -> dict[str, str]:
    """Where the move leads, by status; "" where it cannot start."""
    return dict(list(row.items())[3:])


def _start(row) -> str:
    """The first status in which the move can start."""
    return next(status for status, target in _targets(row).items() if target)


def _fields(model, verb: str) -> dict:
    if (model, verb) == (Subscriber, "confirm"):
        return {"confirmed_at": timezone.now()}
    return WITH_THE_MOVE.get(verb, dict)()


def test_every_life_of_the_app_is_written_out_here():
    assert {life.model for life in workflow.lives() if life.model._meta.app_label == "learninghubs"} == set(LIVES)


@pytest.mark.parametrize("model", LIVES, ids=lambda model: model.__name__)
def test_the_table_has_every_move_and_every_status(model):
    check_life(model, LIVES[model])


# One test for each move, and not for each cell: there are over two hundred.


@pytest.mark.parametrize(("model", "row"), EVERY_MOVE)
def test_each_move_leads_where_the_table_says_or_nowhere(model, row, hub, ursula):
    by = ursula if _takers(row) else None
    for status, target in _targets(row).items():
        check_cell(MAKE[model](hub, status), row["move"], by, target, **_fields(model, row["move"]))


@pytest.mark.parametrize(("model", "row"), EVERY_MOVE)
def test_each_move_is_taken_by_those_in_the_table_only(model, row, hub, people):
    check_who(MAKE[model](hub, _start(row)), row["move"], set(_takers(row)), people)


@pytest.mark.parametrize(("model", "row"), EVERY_MOVE)
def test_a_move_wants_a_reason_where_the_table_says_so(model, row, hub, ursula):
    assert move_named(model, row["move"]).note_required == (row["note"] == "yes")
    if row["note"]:
        check_note(MAKE[model](hub, _start(row)), row["move"], ursula, required=True)
