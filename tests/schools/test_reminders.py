"""Reminders: which is due on which day, to whom it goes, that it goes once, and what keeps it from going."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from partnership.models import OutgoingMessage
from schools.choices import CollectionStatus, ReturnStatus
from schools.models import Collection, Reminder, Return
from schools.services import collections, reminders
from schools.services.reminders import LATE_BY, Occasion
from tests.factories import CollectionFactory, SchoolFactory, UserFactory, grant, small_question_set

pytestmark = pytest.mark.django_db

# A term without a bank holiday; 1 June 2026 is a Monday.
OPENS, FIRST, FINAL = date(2026, 6, 1), date(2026, 7, 15), date(2026, 7, 31)


@pytest.fixture
def collection(db):
    return CollectionFactory(
        question_set=small_question_set(),
        status=CollectionStatus.OPEN,
        opens_on=OPENS,
        first_deadline=FIRST,
        final_deadline=FINAL,
        reminder_days=[30, 14, 7, 1],
        chase_days=[1, 7, 14],
    )


@pytest.fixture
def record(collection, oak_lane):
    collections.add_returns(collection)
    return Return.objects.get()


def sent() -> list[tuple[str, str]]:
    """Whom reminders went to, and their subjects."""
    messages = OutgoingMessage.objects.filter(name="return_reminder").order_by("pk")
    return [(message.to_email, message.subject) for message in messages]


def before(days: int) -> date:
    return FIRST - timedelta(days=days)


# --- Which is due -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "name"),
    [
        (31, None),
        (30, "30 days before 2026-07-15"),
        (26, "30 days before 2026-07-15"),
        (25, "30 days before 2026-07-15"),
        (24, None),
        (14, "14 days before 2026-07-15"),
        (7, "7 days before 2026-07-15"),
        (1, "1 days before 2026-07-15"),
        (0, "1 days before 2026-07-15"),
        (-1, "1 days after 2026-07-15"),
        (-7, "7 days after 2026-07-15"),
        (-14, "14 days after 2026-07-15"),
        (-20, None),
    ],
)
def test_which_reminder_is_due(collection, days, name):
    found = reminders.occasion_on(collection, before(days))
    assert (found.name if found else None) == name


def test_a_reminder_after_the_deadline_says_that_it_has_passed(collection):
    assert reminders.occasion_on(collection, before(-1)) == Occasion("1 days after 2026-07-15", FIRST, late=True)
    assert not reminders.occasion_on(collection, before(1)).late


def test_none_is_due_before_the_opening_or_on_the_day_itself(collection):
    collection.opens_on = before(14)
    assert reminders.occasion_on(collection, before(14)) is None
    assert reminders.occasion_on(collection, before(12)) is None
    assert reminders.occasion_on(collection, before(7)).name == "7 days before 2026-07-15"


def test_a_chase_that_would_fall_after_the_final_deadline_is_never_due(collection):
    collection.chase_days = [16, 17]
    assert reminders.occasion_on(collection, FINAL).name == "16 days after 2026-07-15"
    assert reminders.occasion_on(collection, FINAL + timedelta(days=1)).name == "16 days after 2026-07-15"


def test_a_last_reminder_before_the_deadline_does_not_go_after_it(collection):
    collection.chase_days = []
    assert reminders.occasion_on(collection, before(-1)) is None


# --- When -------------------------------------------------------------------------------------------------------------


def test_what_falls_on_a_weekend_goes_on_monday(record, dan):
    """30 days before 15 July is Monday 15 June; with the deadline two days sooner it is a Saturday."""
    Collection.objects.update(first_deadline=date(2026, 7, 13))
    assert [reminders.send_reminders(on=date(2026, 6, day)) for day in (13, 14, 15, 16)] == [0, 0, 1, 0]


def test_what_falls_on_good_friday_goes_on_tuesday(record, dan):
    Collection.objects.update(
        opens_on=date(2026, 3, 2), first_deadline=date(2026, 4, 17), final_deadline=date(2026, 4, 30)
    )  # 14 days before is Good Friday, 3 April 2026
    days = [date(2026, 4, 3) + timedelta(days=n) for n in range(6)]
    assert [reminders.send_reminders(on=day) for day in days] == [0, 0, 0, 0, 1, 0]


def test_what_the_worker_missed_for_days_goes_late_once_and_older_ones_never(record, dan):
    late = before(14) + timedelta(days=2)
    assert reminders.send_reminders(on=late) == 1
    assert [reminder.occasion for reminder in Reminder.objects.all()] == ["14 days before 2026-07-15"]
    assert timedelta(days=7) > LATE_BY  # or two reminders of the usual plan could run into each other


def test_it_goes_once_however_often_the_job_runs(record, dan, debbie):
    for _ in range(3):
        reminders.send_reminders(on=before(14))
    subject = "Reminder: the safeguarding return of Oak Lane School"
    assert sorted(sent()) == [(dan.email, subject), (debbie.email, subject)]


def test_a_deadline_that_was_moved_is_reminded_of_anew(record, dan):
    assert reminders.send_reminders(on=before(1)) == 1
    Collection.objects.update(first_deadline=FINAL)
    assert reminders.send_reminders(on=FINAL - timedelta(days=1)) == 1


# --- To whom ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [ReturnStatus.SUBMITTED, ReturnStatus.ACCEPTED])
def test_a_school_that_has_submitted_is_not_reminded(record, dan, status):
    Return.objects.update(status=status, submitted_at=timezone.now())
    assert reminders.send_reminders(on=before(7)) == 0


def test_a_school_whose_submitted_return_was_queried_is_not_told_that_it_is_overdue(record, dan):
    Return.objects.update(status=ReturnStatus.IN_PROGRESS, submitted_at=timezone.now(), extended_to=FINAL)
    for day in (before(7), before(-7), FINAL - timedelta(days=1)):
        assert reminders.send_reminders(on=day) == 0


def test_without_a_lead_the_head_is_reminded(record, amira):
    reminders.send_reminders(on=before(-7))
    assert sent() == [(amira.email, "Overdue: the safeguarding return of Oak Lane School")]


def test_a_return_that_is_with_the_head_is_the_head_s_to_be_reminded_of(record, amira, dan):
    Return.objects.update(status=ReturnStatus.WITH_HEAD)
    reminders.send_reminders(on=before(7))
    assert [to for to, _ in sent()] == [amira.email]


def test_a_school_without_anybody_is_reminded_as_soon_as_somebody_is_named(record, oak_lane):
    assert reminders.send_reminders(on=before(14)) == 0
    assert not Reminder.objects.exists()
    grant(UserFactory(), "dsl", oak_lane.organisation)
    assert reminders.send_reminders(on=before(13)) == 1


@pytest.mark.parametrize("status", [CollectionStatus.DRAFT, CollectionStatus.CLOSED])
def test_nobody_is_reminded_of_a_collection_that_is_not_open(record, dan, status):
    Collection.objects.update(status=status)
    assert reminders.send_reminders(on=before(7)) == 0


# --- More time --------------------------------------------------------------------------------------------------------


def test_a_school_with_more_time_is_reminded_of_its_own_last_day_and_of_no_other(record, dan):
    last = date(2026, 8, 28)
    Return.objects.update(extended_to=last)
    assert [reminders.send_reminders(on=day) for day in (before(7), before(-1), before(-7))] == [0, 0, 0]
    assert reminders.send_reminders(on=last - timedelta(days=7)) == 1
    body = OutgoingMessage.objects.get().body
    assert "due by 28 August 2026" in body
    assert "the last day that you have been given" in body


def test_a_school_with_more_time_is_reminded_also_when_the_collection_has_closed(record, dan):
    last = date(2026, 8, 14)
    Return.objects.update(extended_to=last)
    Collection.objects.update(status=CollectionStatus.CLOSED)
    assert reminders.send_reminders(on=last - timedelta(days=1)) == 1
    assert reminders.send_reminders(on=last + timedelta(days=3)) == 0


# --- What it costs ----------------------------------------------------------------------------------------------------


def _queries(on: date) -> int:
    with CaptureQueriesContext(connection) as found:
        reminders.send_reminders(on=on)
    return len(found)


def test_each_school_costs_the_same_few_queries(collection, record, dan):
    one = _queries(before(14))
    for _ in range(10):
        grant(UserFactory(), "dsl", SchoolFactory().organisation)
    collections.add_returns(collection)
    eleven = _queries(before(7))
    assert eleven - one <= 10 * 10
