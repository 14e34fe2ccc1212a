"""The life of held texts, and what ``take`` promises about any record."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from partnership.choices import ActionStatus
from partnership.engine.workflow import Move, MoveNotAllowed, NoteRequired, TooLate, life, take
from partnership.models import Action, HeldText, StatusChange
from partnership.moves import CANCEL_ACTION, COMPLETE_ACTION, START_ACTION
from tests.tables import cells, check_cell, check_life, check_note, check_who, read_moves

HELD_TEXT = read_moves(
    """
    move             | who    | note | waiting  | released | redacted
    release the text | ursula |      | released |          |
    redact the text  | ursula |      | redacted |          |
    """
)
EVERYONE = ("ursula", "stella", "dan", "debbie", "amira", "colin", "erin", "pat")


@pytest.fixture
def action(oak_lane):
    return Action.objects.create(
        organisation=oak_lane.organisation, what="Train", who="The lead", due=date(2027, 1, 31)
    )


@pytest.fixture
def held_text(oak_lane, amira):
    return HeldText.objects.create(about=oak_lane, field="notes", kinds="phone", written_by=amira)


def put(record, status: str, **fields):
    """``record`` in a status, without its story."""
    type(record).objects.filter(pk=record.pk).update(status=status, **fields)
    record.refresh_from_db()
    return record


def put_action(action, status: str):
    finished = status in (ActionStatus.DONE, ActionStatus.CANCELLED)
    return put(action, status, evidence="Minutes", finished_on=date(2026, 11, 1) if finished else None)


# Texts that are held back: every status × every move. The other lives are in ``test_lives``.


def test_the_table_has_every_move_and_every_status():
    check_life(HeldText, HELD_TEXT)


@pytest.mark.parametrize(("verb", "who", "status", "target"), cells(HELD_TEXT))
def test_each_move_of_a_held_text_leads_where_the_table_says(verb, who, status, target, held_text, ursula):
    check_cell(put(held_text, status), verb, ursula, target)


@pytest.mark.parametrize("row", HELD_TEXT, ids=lambda row: row["move"])
def test_each_move_is_taken_by_those_in_the_table_only(row, held_text, request):
    people = {name: request.getfixturevalue(name) for name in EVERYONE}
    check_who(held_text, row["move"], set(row["who"].split(", ")), people)


@pytest.mark.parametrize("row", HELD_TEXT, ids=lambda row: row["move"])
def test_a_text_is_decided_on_without_a_reason(row, held_text, ursula):
    check_note(held_text, row["move"], ursula, required=False)


# What ``take`` promises


def test_a_move_writes_its_fields_and_no_others(action, dan):
    action.what = "Something that was never saved"
    taken = take(CANCEL_ACTION, action, by=dan, note="No longer needed", finished_on=date(2026, 11, 23))
    taken.refresh_from_db()
    assert (taken.status, taken.finished_on, taken.what) == (ActionStatus.CANCELLED, date(2026, 11, 23), "Train")


def test_a_stale_click_is_told_what_has_happened_and_by_whom(action, dan, amira):
    stale = Action.objects.get(pk=action.pk)
    take(START_ACTION, action, by=amira)
    at = timezone.localtime(StatusChange.objects.get().at)
    with pytest.raises(MoveNotAllowed) as refused:
        take(START_ACTION, stale, by=dan)
    assert str(refused.value) == (
        f"You cannot start the action now: Amira Head changed the status to “in progress” on {at:%-d %B %Y, %H:%M}."
    )
    assert StatusChange.objects.about(action).count() == 1


def test_where_nobody_has_moved_it_the_refusal_says_the_status(action, dan):
    put_action(action, ActionStatus.DONE)
    with pytest.raises(MoveNotAllowed, match="You cannot start the action now: the status is “done”"):
        take(START_ACTION, action, by=dan)


def test_where_the_system_acted_the_refusal_names_the_portal(action, dan):
    take(START_ACTION, action, by=None)
    with pytest.raises(MoveNotAllowed, match="The portal changed the status to “in progress”"):
        take(START_ACTION, action, by=dan)


def test_a_stranger_is_refused_before_they_learn_the_status(action, erin):
    put_action(action, ActionStatus.DONE)
    with pytest.raises(PermissionDenied):
        take(START_ACTION, action, by=erin)


def test_a_click_on_what_is_gone_is_told_so(action, dan):
    gone = Action.objects.get(pk=action.pk)
    action.delete()
    with pytest.raises(TooLate, match="no longer there"):
        take(START_ACTION, gone, by=dan)


def test_a_move_of_the_system_is_no_persons_to_take(action, ursula):
    move = Move("lapse", {ActionStatus.OPEN}, ActionStatus.CANCELLED, None)
    with pytest.raises(PermissionDenied):
        take(move, action, by=ursula)


def test_a_move_that_fails_half_way_leaves_no_trace(action, dan):
    with pytest.raises(DatabaseError), transaction.atomic():
        take(COMPLETE_ACTION, action, by=dan)  # without its day and evidence, which the database wants
    action.refresh_from_db()
    assert action.status == ActionStatus.OPEN
    assert not StatusChange.objects.exists()


def test_a_reason_is_asked_for_only_where_the_move_is_possible(action, dan):
    put_action(action, ActionStatus.DONE)
    with pytest.raises(MoveNotAllowed):
        take(CANCEL_ACTION, action, by=dan)
    put_action(action, ActionStatus.OPEN)
    with pytest.raises(NoteRequired, match="Enter a reason to cancel the action"):
        take(CANCEL_ACTION, action, by=dan)


@pytest.mark.parametrize("write", ["save", "update", "delete", "delete all"])
def test_what_has_happened_cannot_be_changed_or_deleted_by_anyone(write, action, dan):
    take(START_ACTION, action, by=dan)
    change = StatusChange.objects.get()
    writes = {
        "save": change.save,
        "update": lambda: StatusChange.objects.update(note="It was not me"),
        "delete": change.delete,
        "delete all": StatusChange.objects.all().delete,
    }
    with pytest.raises(DatabaseError, match="Cannot update or delete rows"), transaction.atomic():
        writes[write]()
    assert StatusChange.objects.get().note == ""


def test_a_model_has_one_life():
    with pytest.raises(ValueError, match="Action has a life already"):
        life(Action, START_ACTION)


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_press_at_once_one_wins_and_seven_are_told(action, amira):
    together = threading.Barrier(8)

    def press() -> str:
        together.wait()
        try:
            take(START_ACTION, action, by=amira)
        except MoveNotAllowed as refused:
            return str(refused)
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(8) as pool:
        outcomes = [future.result() for future in [pool.submit(press) for _ in range(8)]]
    assert outcomes.count("done") == 1
    assert sum("Amira Head changed the status" in outcome for outcome in outcomes) == 7
    assert StatusChange.objects.about(action).count() == 1


def test_taking_a_move_costs_the_same_queries_whatever_came_before(action, dan, django_assert_max_num_queries):
    dan.active_grants()
    StatusChange.objects.bulk_create(
        StatusChange(about=action, verb="x", from_status="open", to_status="open", at=timezone.now() - timedelta(n))
        for n in range(50)
    )
    with django_assert_max_num_queries(7):  # two of them are the savepoint
        take(START_ACTION, action, by=dan)
