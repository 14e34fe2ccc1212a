"""Reminders of actions: one message a person and day with all that they hold, on the right days, and once."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from hscp.lib.dates import is_working_day
from partnership.jobs import send_action_digests
from partnership.models import (
    Action,
    ActionDigest,
    ActionReminders,
    ChairTerm,
    OutgoingMessage,
    RoleGrant,
    User,
)
from partnership.services import action_reminders
from partnership.services.action_reminders import occasion_of
from tests.factories import UserFactory
from tests.partnership.test_services import together

MONDAY, GOOD_FRIDAY, EASTER_TUESDAY = date(2026, 3, 2), date(2026, 4, 3), date(2026, 4, 7)


def make(owner, *, due, given=date(2026, 1, 5), **fields):
    fields = {"what": "Audit ten files"} | fields
    return Action.objects.create(**{type(owner).__name__.lower(): owner}, due=due, given_on=given, **fields)


def in_days(number, on=MONDAY):
    return on + timedelta(days=number)


def send_digests(*, on):
    """A run on ``on``; everybody has been in office for years."""
    RoleGrant.objects.update(starts=date(2020, 1, 1))
    ChairTerm.objects.update(starts=date(2020, 1, 1), ends=date(2040, 1, 1))
    return action_reminders.send_digests(on=on)


def sent_to(day):
    """Who is sent a digest on ``day``."""
    before = set(OutgoingMessage.objects.values_list("pk", flat=True))
    send_digests(on=day)
    return set(OutgoingMessage.objects.exclude(pk__in=before).values_list("to_email", flat=True))


@pytest.mark.parametrize(
    ("ahead", "reminded"),
    [(15, False), (14, True), (13, True), (8, False), (3, True), (2, True), (0, True), (-1, True), (-8, True)],
)
def test_a_person_is_reminded_before_the_day_and_after_it(maya, audit_group, ahead, reminded):
    make(audit_group, due=in_days(ahead), person=maya)
    assert (sent_to(MONDAY) == {maya.email}) == reminded


def test_over_the_weeks_nobody_hears_more_than_the_days_say(maya, audit_group):
    make(audit_group, due=date(2026, 3, 20), person=maya)
    days = [day for number in range(50) if maya.email in sent_to(day := in_days(number))]
    # 14 and 3 days before, then the first working day after it and every week.
    assert days == [
        date(2026, 3, 6),
        date(2026, 3, 17),
        date(2026, 3, 23),
        date(2026, 3, 30),
        date(2026, 4, 7),
        date(2026, 4, 13),
        date(2026, 4, 20),
    ]


def test_ten_actions_are_one_message_that_names_them_all(maya, audit_group, constabulary):
    for number in range(5):
        make(audit_group, due=in_days(-number), person=maya, what=f"Late {number}")
        make(constabulary, due=in_days(3 + number), what=f"Coming {number}")
    assert sent_to(MONDAY) == {maya.email}
    message = OutgoingMessage.objects.get()
    assert message.subject == "4 of your actions are overdue"
    body = message.body
    assert all(f"{kind} {number}\n" in body for kind in ("Late", "Coming") for number in range(5))
    assert body.index("OVERDUE") < body.index("Late 1") < body.index("COMING UP") < body.index("Late 0")
    assert "It is due today." in body
    assert body.count("/actions/") == 10
    assert "Dear Maya Member," in body
    assert ActionDigest.objects.get().actions == 10


def test_a_second_run_of_the_day_sends_nothing(maya, audit_group):
    make(audit_group, due=in_days(-1), person=maya)
    assert send_digests(on=MONDAY) == 1
    make(audit_group, due=in_days(-1), person=maya)
    assert send_digests(on=MONDAY) == 0
    assert OutgoingMessage.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_message(maya, audit_group):
    make(audit_group, due=in_days(-1), person=maya)
    assert sorted(together(2, lambda: action_reminders.send_digests(on=MONDAY))) == [0, 1]
    assert OutgoingMessage.objects.count() == 1


def test_without_a_person_the_chair_or_the_organisations_people_are_reminded(
    audit_group, constabulary, oak_lane, elm_park, maya, chloe, dan, debbie, amira
):
    for owner in (audit_group, constabulary, oak_lane.organisation, elm_park.organisation):
        make(owner, due=in_days(3))
    assert sent_to(MONDAY) == {chloe.email, maya.email, dan.email}


def test_who_has_left_gets_no_message_and_the_chair_does(audit_group, maya, chloe):
    make(audit_group, due=in_days(3), person=maya)
    User.objects.filter(pk=maya.pk).update(is_active=False)
    assert sent_to(MONDAY) == {chloe.email}


def test_nobody_hears_of_what_is_finished(audit_group, maya):
    finished = {"finished_on": MONDAY, "person": maya, "due": in_days(-1)}
    make(audit_group, status="done", evidence="Minutes", **finished)
    make(audit_group, status="cancelled", **finished)
    assert sent_to(MONDAY) == set()


def test_nothing_is_sent_on_a_holiday_and_what_was_due_then_goes_after_it(audit_group, maya):
    make(audit_group, due=GOOD_FRIDAY + timedelta(days=3), person=maya)
    for number in range(4):
        assert sent_to(GOOD_FRIDAY + timedelta(days=number)) == set()
    assert sent_to(EASTER_TUESDAY) == {maya.email}


def test_somebody_who_is_given_an_action_hears_of_it_the_next_morning_unless_they_gave_it_themselves(
    audit_group, maya, chloe
):
    far = in_days(100)
    make(audit_group, due=far, given=MONDAY, person=maya, created_by=chloe)
    make(audit_group, due=far, given=MONDAY, person=chloe, created_by=chloe)
    make(audit_group, due=far, given=MONDAY)
    assert sent_to(MONDAY) == set()
    assert sent_to(in_days(1)) == {maya.email}
    assert sent_to(in_days(2)) == set()


def test_a_day_before_it_was_given_is_no_occasion(audit_group, maya, chloe):
    reminders = ActionReminders()
    given = make(audit_group, due=in_days(10), given=MONDAY)
    assert occasion_of(given, reminders, on=in_days(1)) is None
    assert occasion_of(given, reminders, on=in_days(9)) == in_days(7)


def test_the_business_units_own_days_count(audit_group, maya):
    action_reminders.change_reminders(first_before=30, last_before=1, between_overdue=2)
    action_reminders.change_reminders(first_before=21, last_before=1, between_overdue=2)
    assert ActionReminders.objects.count() == 1
    action = make(audit_group, due=in_days(21), person=maya)
    assert sent_to(MONDAY) == {maya.email}
    late = make(audit_group, due=in_days(-4), person=maya)
    reminders = ActionReminders.current()
    assert occasion_of(action, reminders, on=MONDAY) == MONDAY
    assert [occasion_of(late, reminders, on=in_days(number)) for number in (0, 1, 2)] == [
        in_days(-1),
        in_days(1),
        in_days(1),
    ]


def test_impossible_days_are_refused_by_the_database(db):
    for wrong in ({"first_before": 3, "last_before": 3}, {"between_overdue": 0}, {"pk": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ActionReminders.objects.create(**({"pk": 1} | wrong))


def test_a_run_costs_a_number_of_statements_for_each_person_whatever_they_hold(
    audit_group, constabulary, maya, chloe, django_assert_max_num_queries
):
    def cost(day, number):
        for _ in range(number):
            make(audit_group, due=day, person=maya), make(audit_group, due=day), make(constabulary, due=day)
        with django_assert_max_num_queries(30) as counted:
            assert send_digests(on=day) == 2
        return len(counted)

    assert cost(MONDAY + timedelta(days=7), 1) == cost(MONDAY + timedelta(days=14), 10)


def test_beat_sends_them_on_mornings(settings, audit_group, maya):
    task = "partnership.jobs.send_action_digests"
    entry = next(entry for entry in settings.CELERY_BEAT_SCHEDULE.values() if entry["task"] == task)
    assert entry["schedule"].hour == {7, 8, 9, 10, 11}
    today = timezone.localdate()
    make(audit_group, due=today - timedelta(days=1), person=maya)
    send_action_digests()
    assert OutgoingMessage.objects.exists() == is_working_day(today)


def test_a_person_can_be_recorded_once_a_day(maya):
    ActionDigest.objects.create(person=maya, day=MONDAY, actions=1)
    ActionDigest.objects.create(person=UserFactory(), day=MONDAY, actions=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        ActionDigest.objects.create(person=maya, day=MONDAY, actions=1)
