"""The lives of the partnership's own records: every status × every move, written out.

``docs/lives.md`` shows the same in words. An empty cell: the move cannot start there.
"""

import pytest
from django.utils import timezone

from partnership.choices import ItemStatus, PlanStatus, ReviewStatus
from partnership.engine import workflow
from partnership.models import (
    Action,
    AgendaItem,
    Escalation,
    EscalationProcedure,
    FinancialYear,
    GovernanceReview,
    HeldText,
    Meeting,
    Plan,
)
from tests.factories import UserFactory
from tests.partnership.budgets import make_year
from tests.partnership.differences import raise_difference
from tests.partnership.meetings import make_item, make_meeting
from tests.partnership.plans import make_plan, make_review
from tests.tables import cells, check_cell, check_life, check_note, check_who, move_named, read_moves

pytestmark = pytest.mark.django_db

# Of the audit group; chloe chairs it, maya sits on it, stella scrutinises.
ACTION = read_moves(
    """
    move                | who           | note | open        | in_progress | done        | cancelled
    start the action    | ursula, chloe |      | in_progress |             |             |
    complete the action | ursula, chloe |      | done        | done        |             |
    cancel the action   | ursula, chloe | yes  | cancelled   | cancelled   |             |
    reopen the action   | ursula, chloe | yes  |             |             | in_progress | in_progress
    """
)
HELD_TEXT = read_moves(
    """
    move             | who    | note | waiting  | released | redacted
    release the text | ursula |      | released |          |
    redact the text  | ursula |      | redacted |          |
    """
)
PLAN = read_moves(
    """
    move                                 | who        | note | draft         | with_partners | approved  | published  | superseded
    send the plan to the partners        | ursula     |      | with_partners |               |           |            |
    record that all partners have approved | the portal |      |               | approved      |           |            |
    take the plan back to draft          | ursula     | yes  |               | draft         | draft     |            |
    publish the plan                     | ursula     |      |               |               | published |            |
    replace the plan by its next version | the portal |      |               |               |           | superseded |
    """  # noqa: E501 - a table is read in one piece
)
# Of the audit group, on which maya and chloe sit.
GOVERNANCE_REVIEW = read_moves(
    """
    move              | who    | note | planned   | under_way | reported | closed
    start the review  | ursula |      | under_way |           |          |
    report the review | ursula |      |           | reported  |          |
    close the review  | ursula |      |           |           | closed   |
    """
)
FINANCIAL_YEAR = read_moves(
    """
    move            | who    | note | open   | closed
    close the year  | ursula |      | closed |
    reopen the year | ursula | yes  |        | open
    """
)
# Raised by dan with the constabulary, for which maya answers.
ESCALATION = read_moves(
    """
    move                                    | who          | note | open      | answered  | with_unit | resolved | withdrawn
    answer the difference                   | ursula, maya |      | answered  |           | answered  |          |
    move the difference up                  | ursula, dan  | yes  | open      | open      |           |          |
    take the difference to the business unit | ursula, dan | yes  | with_unit | with_unit |           |          |
    settle the difference                   | ursula, dan  |      | resolved  | resolved  | resolved  |          |
    withdraw the difference                 | ursula, dan  | yes  | withdrawn | withdrawn | withdrawn |          |
    """  # noqa: E501 - a table is read in one piece
)
ESCALATION_PROCEDURE = read_moves(
    """
    move                                      | who        | note | draft     | published | retired
    publish the procedure                     | ursula     |      | published |           |
    replace the procedure by its next version | the portal |      |           | retired   |
    """
)
# Of the audit group, which chloe chairs and on which maya sits.
MEETING = read_moves(
    """
    move                             | who           | note | planned   | called    | held    | drafted    | circulated | agreed | cancelled
    call the meeting                 | ursula, chloe |      | called    |           |         |            |            |        |
    record that the meeting was held | ursula, chloe |      |           | held      |         |            |            |        |
    finish the draft minutes         | ursula, chloe |      |           |           | drafted |            |            |        |
    circulate the minutes            | ursula, chloe |      |           |           |         | circulated |            |        |
    take the minutes back            | ursula, chloe | yes  |           |           |         | held       | held       |        |
    agree the minutes                | ursula, chloe |      |           |           |         |            | agreed     |        |
    cancel the meeting               | ursula, chloe | yes  | cancelled | cancelled |         |            |            |        |
    """  # noqa: E501 - a table is read in one piece
)
AGENDA_ITEM = read_moves(
    """
    move                      | who           | note | proposed  | on_agenda | declined
    accept the proposed item  | ursula, chloe |      | on_agenda |           |
    decline the proposed item | ursula, chloe | yes  | declined  | declined  |
    """
)
LIVES = {
    AgendaItem: AGENDA_ITEM,
    Meeting: MEETING,
    Action: ACTION,
    HeldText: HELD_TEXT,
    Plan: PLAN,
    GovernanceReview: GOVERNANCE_REVIEW,
    FinancialYear: FINANCIAL_YEAR,
    Escalation: ESCALATION,
    EscalationProcedure: ESCALATION_PROCEDURE,
}
EVERYONE = ("ursula", "stella", "maya", "chloe", "dan", "pat")
# What a move must write with the status, where the database asks for it.
WITH_THE_MOVE = {
    "agree the minutes": lambda: {"agreed_at": make_meeting(days=30), "agreed_on": timezone.localdate()},
    "accept the proposed item": lambda: {"order": 1},
    "decline the proposed item": lambda: {"order": None, "reason": "Because"},
    "complete the action": lambda: {"evidence": "Minutes", "finished_on": timezone.localdate()},
    "cancel the action": lambda: {"finished_on": timezone.localdate()},
    "reopen the action": lambda: {"evidence": "", "finished_on": None},
    "publish the plan": lambda: {"published_on": timezone.localdate()},
    "report the review": lambda: {"reported_on": timezone.localdate()},
    "redact the text": lambda: {"text": ""},
    "answer the difference": lambda: {"due": None},
    "move the difference up": lambda: {"due": timezone.localdate()},
    "take the difference to the business unit": lambda: {"due": None},
    "settle the difference": lambda: {"due": None, "settled_on": timezone.localdate(), "outcome": "Settled"},
    "withdraw the difference": lambda: {"due": None, "settled_on": timezone.localdate()},
}


def _make_action(request, status):
    group = request.getfixturevalue("audit_group")
    finished = timezone.localdate() if status in {"done", "cancelled"} else None
    shown = "Minutes" if status == "done" else ""
    return Action.objects.create(
        group=group, what="Audit", due=timezone.localdate(), status=status, finished_on=finished, evidence=shown
    )


def _make_held_text(request, status):
    group = request.getfixturevalue("audit_group")
    text = "" if status == "redacted" else "x"
    return HeldText.objects.create(
        about=group, field="purpose", text=text, kinds="phone", written_by=UserFactory(), status=status
    )


def _make_plan(request, status):
    return make_plan(1, PlanStatus(status))


def _make_review(request, status):
    return make_review(ReviewStatus(status), group=request.getfixturevalue("audit_group"))


def _make_year(request, status):
    request.getfixturevalue("db")
    return make_year(2026, status=status)


def _make_escalation(request, status):
    maya, dan = request.getfixturevalue("maya"), request.getfixturevalue("dan")
    record = raise_difference(dan, maya.organisation, contacts=[maya])
    is_settled = status in {"resolved", "withdrawn"}
    record.due = record.due if status == "open" else None
    record.settled_on = timezone.localdate() if is_settled else None
    record.status, record.outcome = status, "Settled" if status == "resolved" else ""
    record.save()
    return record


def _make_procedure(request, status):
    request.getfixturevalue("db")
    return EscalationProcedure.objects.create(version=1, introduction="x", emergency="x", status=status)


def _make_meeting(request, status):
    return make_meeting(request.getfixturevalue("audit_group"), status=status)


def _make_item(request, status):
    reason = "Because" if status == ItemStatus.DECLINED else ""
    return make_item(_make_meeting(request, "planned"), status=status, reason=reason)


# A record of each model, put into a status without its story.
MAKE = {
    AgendaItem: _make_item,
    Meeting: _make_meeting,
    Action: _make_action,
    HeldText: _make_held_text,
    Plan: _make_plan,
    GovernanceReview: _make_review,
    FinancialYear: _make_year,
    Escalation: _make_escalation,
    EscalationProcedure: _make_procedure,
}


def _every(make_parameters):
    return [
        pytest.param(model, *parameter.values, id=f"{model.__name__}: {parameter.id}")
        for model, rows in LIVES.items()
        for parameter in make_parameters(rows)
    ]


def _starts(rows):
    """Each move once, from the first status in which it can start."""
    first = {}
    for cell in cells(rows):
        verb, who, status, target = cell.values
        note = next(row["note"] for row in rows if row["move"] == verb)
        if target and verb not in first:
            first[verb] = pytest.param(verb, who, status, note, id=verb)
    return list(first.values())


def _people(who: str) -> list[str]:
    return [] if who == "the portal" else who.split(", ")


def _fields(verb: str) -> dict:
    return WITH_THE_MOVE.get(verb, dict)()


def test_every_life_of_the_app_is_written_out_here():
    assert {life.model for life in workflow.lives() if life.model._meta.app_label == "partnership"} == set(LIVES)


@pytest.mark.parametrize("model", LIVES, ids=lambda model: model.__name__)
def test_the_table_has_every_move_and_every_status(model):
    check_life(model, LIVES[model])


@pytest.mark.parametrize(("model", "verb", "who", "status", "target"), _every(cells))
def test_each_move_leads_where_the_table_says_or_nowhere(model, verb, who, status, target, request):
    people = _people(who)
    by = request.getfixturevalue(people[0]) if people else None
    check_cell(MAKE[model](request, status), verb, by, target, **_fields(verb))


@pytest.mark.parametrize(("model", "verb", "who", "status", "note"), _every(_starts))
def test_each_move_is_taken_by_those_in_the_table_only(model, verb, who, status, note, request):
    people = {name: request.getfixturevalue(name) for name in EVERYONE}
    check_who(MAKE[model](request, status), verb, set(_people(who)), people)


@pytest.mark.parametrize(("model", "verb", "who", "status", "note"), _every(_starts))
def test_a_move_wants_a_reason_where_the_table_says_so(model, verb, who, status, note, request):
    people = _people(who)
    by = request.getfixturevalue(people[0]) if people else None
    record = MAKE[model](request, status)
    if note:
        check_note(record, verb, by, required=True)
    else:
        assert workflow.take(move_named(model, verb), record, by=by, **_fields(verb)).status != status
