"""Services that many pages share: roles, accounts, actions, texts held back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connections
from django.utils import timezone

from hscp.lib.screening import screen
from partnership.choices import ActionStatus, HeldTextStatus, Role
from partnership.engine.workflow import MoveNotAllowed, NoteRequired, TooLate
from partnership.models import HeldText, RoleGrant, StatusChange, User
from partnership.services import actions, people, screening

TODAY = timezone.localdate
PHONE = "Call the mother on 07700 900123."


def together(number: int, work):
    """What ``work`` returns, or raises, for each of ``number`` threads that start at once."""
    barrier = threading.Barrier(number)

    def run():
        barrier.wait()
        try:
            return work()
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(number) as pool:
        return [future.result() for future in [pool.submit(run) for _ in range(number)]]


# Roles


def test_a_role_is_given_from_today_and_the_person_has_it_at_once(pat, oak_lane, ursula):
    assert pat.roles() == {Role.PRACTITIONER}
    grant = people.grant_role(pat, Role.DSL, organisation=oak_lane.organisation, by=ursula)
    assert (grant.starts, grant.ends, grant.granted_by) == (TODAY(), None, ursula)
    assert pat.roles() == {Role.PRACTITIONER, Role.DSL}


def test_a_role_held_already_is_not_given_twice(dan, oak_lane, elm_park, ursula):
    with pytest.raises(people.AlreadyHeld, match="Dan Lead is designated safeguarding lead here already"):
        people.grant_role(dan, Role.DSL, organisation=oak_lane.organisation, by=ursula)
    people.grant_role(dan, Role.DSL, organisation=elm_park.organisation, by=ursula)
    people.grant_role(dan, Role.HEADTEACHER, organisation=oak_lane.organisation, by=ursula)
    assert dan.grants.count() == 3


def test_a_role_that_ends_later_is_still_held(dan, oak_lane, ursula):
    dan.grants.update(ends=TODAY() + timedelta(days=10))
    with pytest.raises(people.AlreadyHeld):
        people.grant_role(dan, Role.DSL, organisation=oak_lane.organisation, by=ursula)


def test_a_role_that_ended_can_be_given_again(dan, oak_lane, ursula):
    people.end_role(dan.grants.get())
    people.grant_role(dan, Role.DSL, organisation=oak_lane.organisation, by=ursula)
    assert dan.grants.count() == 2


def test_a_role_ends_on_the_day_and_once(dan):
    grant = people.end_role(dan.grants.get())
    assert grant.ends == TODAY()
    assert people.end_role(grant, on=TODAY() + timedelta(days=5)).ends == TODAY()
    assert people.end_role(grant, on=TODAY() - timedelta(days=5)).ends == TODAY() - timedelta(days=5)


def test_a_role_that_has_not_begun_ends_before_it_begins(pat, oak_lane, ursula):
    later = TODAY() + timedelta(days=5)
    grant = people.grant_role(pat, Role.DSL, organisation=oak_lane.organisation, by=ursula, starts=later)
    ended = people.end_role(grant)
    assert (ended.starts, ended.ends) == (later, later)
    assert not RoleGrant.objects.active(later).filter(pk=grant.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_give_a_role_at_once_one_does(pat, oak_lane, ursula):
    def give():
        return people.grant_role(User.objects.get(pk=pat.pk), Role.DSL, organisation=oak_lane.organisation, by=ursula)

    outcomes = together(8, give)
    assert sum(isinstance(outcome, people.AlreadyHeld) for outcome in outcomes) == 7
    assert pat.grants.filter(role=Role.DSL).count() == 1


# Accounts


def test_an_account_is_found_by_its_address_in_any_case_and_keeps_its_name(dan):
    assert people.find_or_make_person(" DAN@Example.org ", name="Somebody Else") == dan
    dan.refresh_from_db()
    assert dan.name == "Dan Lead"


def test_an_account_is_made_without_a_password(db):
    person = people.find_or_make_person(" New@Example.org", name=" New Person ", job_title=" Lead ")
    assert (person.email, person.name, person.job_title) == ("new@example.org", "New Person", "Lead")
    assert not person.has_usable_password()
    assert person.is_active


@pytest.mark.django_db(transaction=True)
def test_eight_who_name_the_same_new_person_at_once_make_one_account():
    outcomes = together(8, lambda: people.find_or_make_person("new@example.org", name="New").pk)
    assert len(set(outcomes)) == 1
    assert User.objects.count() == 1


# Actions


@pytest.fixture
def action(oak_lane, amira):
    return actions.open_action(
        oak_lane.organisation, what="Train", who="Lead", due=date(2027, 1, 31), source=oak_lane, by=amira
    )


def test_an_action_knows_where_it_came_from(action, oak_lane, amira):
    assert (action.source, action.created_by, action.status) == (oak_lane, amira, ActionStatus.OPEN)


def test_an_action_is_done_with_what_shows_it(action, dan):
    with pytest.raises(ValidationError) as refused:
        actions.complete_action(action, by=dan, evidence="  ")
    assert refused.value.message_dict == {"evidence": ["Enter what shows that the action is done"]}
    done = actions.complete_action(action, by=dan, evidence=" Minutes of 3 May ")
    done.refresh_from_db()
    assert (done.status, done.evidence, done.finished_on) == (ActionStatus.DONE, "Minutes of 3 May", TODAY())


def test_an_action_is_cancelled_with_a_reason(action, dan):
    with pytest.raises(NoteRequired):
        actions.cancel_action(action, by=dan, note="")
    cancelled = actions.cancel_action(action, by=dan, note="The school has moved")
    assert (cancelled.status, cancelled.finished_on) == (ActionStatus.CANCELLED, TODAY())
    assert StatusChange.objects.about(action).get().note == "The school has moved"


def test_an_action_that_is_done_stays_done(action, dan):
    actions.start_action(action, by=dan)
    actions.complete_action(action, by=dan, evidence="Minutes")
    for again in (
        lambda: actions.start_action(action, by=dan),
        lambda: actions.complete_action(action, by=dan, evidence="More"),
        lambda: actions.cancel_action(action, by=dan, note="No"),
    ):
        with pytest.raises(MoveNotAllowed):
            again()


def test_an_action_of_another_school_is_not_theirs(action, erin, colin):
    for person in (erin, colin):
        with pytest.raises(PermissionDenied):
            actions.start_action(action, by=person)


# Texts held back


def hold(record, text, by, field="what"):
    return screening.hold(record, field, text, hits=screen(text, on=TODAY()), by=by)


def test_a_text_is_kept_back_with_what_it_looked_like(action, dan):
    held = hold(action, PHONE, dan)
    assert (held.about, held.field, held.kinds, held.written_by) == (action, "what", "phone", dan)
    action.refresh_from_db()
    assert action.what == "Train"


def test_a_newer_text_takes_the_place_of_an_older_and_nobody_releases_it_unseen(action, dan, ursula):
    seen = hold(action, PHONE, dan)
    newer = hold(action, f"{PHONE} Or write to a@example.org.", dan)
    assert HeldText.objects.get() == newer
    with pytest.raises(TooLate):
        screening.release(seen, by=ursula)
    action.refresh_from_db()
    assert action.what == "Train"
    screening.release(newer, by=ursula)
    action.refresh_from_db()
    assert action.what.endswith("a@example.org.")


def test_a_text_that_its_writer_takes_back_is_forgotten(action, dan, ursula):
    decided = hold(action, PHONE, dan, field="who")
    screening.release(decided, by=ursula)
    hold(action, PHONE, dan)
    screening.withdraw(action, "what")
    assert HeldText.objects.get().field == "who"


def test_redacted_the_original_is_nowhere(action, dan, ursula):
    held = hold(action, PHONE, dan)
    decided = screening.redact_text(held, by=ursula)
    decided.refresh_from_db()
    action.refresh_from_db()
    assert (decided.status, decided.text, decided.decided_by) == (HeldTextStatus.REDACTED, "", ursula)
    assert action.what == "Call the mother on [removed]."
    assert StatusChange.objects.about(held).get().verb == "redact the text"


def test_a_redacted_text_must_identify_nobody(action, dan, ursula):
    held = hold(action, PHONE, dan)
    with pytest.raises(ValidationError):
        screening.redact_text(held, by=ursula, cleaned="Call 07700 900456")
    held.refresh_from_db()
    assert held.status == HeldTextStatus.WAITING


@pytest.mark.parametrize("decide", [screening.release, screening.redact_text])
def test_only_the_business_unit_decides(decide, action, dan, stella, amira):
    held = hold(action, PHONE, dan)
    for person in (dan, amira, stella):
        with pytest.raises(PermissionDenied):
            decide(held, by=person)


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_write_at_once_one_text_waits(action, dan):
    outcomes = together(8, lambda: hold(action, PHONE, dan).pk)
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert HeldText.objects.filter(status=HeldTextStatus.WAITING).count() == 1
