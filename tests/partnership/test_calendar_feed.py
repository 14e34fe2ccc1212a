"""A person's meetings in their calendar program: RFC 5545, by a secret address that is shown once."""

import re
from datetime import UTC, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from partnership.choices import MeetingStatus
from partnership.meetings import Slot
from partnership.models import CalendarFeed, Meeting
from partnership.services import meetings as services
from tests.factories import GroupFactory
from tests.partnership.meetings import at, make_meeting


@pytest.fixture
def fetch(maya):
    """``fetch()`` asks for Maya's calendar as her program does, and gives the answer."""
    address = reverse("calendar", args=[services.make_feed(maya)])
    return lambda **headers: Client().get(address, headers=headers)


def events(response):
    return {
        int(re.search(r"\d+", str(event["UID"]))[0]): event for event in Calendar.from_ical(response.content).events
    }


def test_a_calendar_holds_the_meetings_of_ones_own_groups_past_year_and_to_come(audit_group, fetch):
    own = [make_meeting(audit_group, days=days) for days in (-300, 14)]
    make_meeting(audit_group, days=-400)
    make_meeting(GroupFactory(), days=3)
    assert set(events(fetch())) == {meeting.pk for meeting in own}


def test_times_are_in_utc_and_text_comes_through_whole(audit_group, fetch):
    audit_group.name = "Ä, B; C \\ group “x” " + "long " * 20
    audit_group.save()
    summer = make_meeting(audit_group, place="Room 1,\nStevenage; Ørsted", link="https://example.org/meet")
    Meeting.objects.filter(pk=summer.pk).update(starts_at=at(14).replace(month=7), ends_at=at(14, 12).replace(month=7))
    summer.refresh_from_db()
    response = fetch()
    event = events(response)[summer.pk]
    assert event.decoded("DTSTART") == summer.starts_at.astimezone(UTC)
    assert event.decoded("DTSTART").tzinfo.utcoffset(None) == timedelta(0)
    assert str(event["SUMMARY"]) == audit_group.name
    assert str(event["LOCATION"]) == "Room 1,\nStevenage; Ørsted"
    assert "https://example.org/meet" in str(event["DESCRIPTION"])
    lines = response.content.split(b"\r\n")
    assert lines[-1] == b""
    assert not any(b"\n" in line or len(line) > 75 for line in lines)
    assert b"PRODID:" in response.content


def test_a_moved_meeting_keeps_its_uid_and_raises_its_sequence_and_a_cancelled_one_says_so(audit_group, fetch, ursula):
    meeting = make_meeting(audit_group)
    before = events(fetch())[meeting.pk]
    services.change_meeting(meeting, Slot(at(20), at(20, 11)), by=ursula)
    moved = events(fetch())[meeting.pk]
    assert moved["UID"] == before["UID"]
    assert (before["SEQUENCE"], moved["SEQUENCE"]) == (0, 1)
    assert (before["STATUS"], moved["STATUS"]) == ("TENTATIVE", "TENTATIVE")
    assert moved.decoded("DTSTAMP") > before.decoded("DTSTAMP") - timedelta(seconds=1)
    services.cancel_meeting(meeting, by=ursula, note="Snow")
    cancelled = events(fetch())[meeting.pk]
    assert (cancelled["STATUS"], cancelled["SEQUENCE"]) == ("CANCELLED", 2)
    assert str(cancelled["SUMMARY"]).startswith("Cancelled: ")
    Meeting.objects.update(status=MeetingStatus.CALLED)
    assert events(fetch())[meeting.pk]["STATUS"] == "CONFIRMED"


def test_a_program_that_asks_again_is_told_that_nothing_changed(audit_group, fetch):
    make_meeting(audit_group)
    first = fetch()
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert first["Cache-Control"] == "private, max-age=3600"
    assert fetch(if_none_match=first["ETag"]).status_code == 304
    make_meeting(audit_group, days=30)
    assert fetch(if_none_match=first["ETag"]).status_code == 200


def test_the_address_is_shown_once_and_only_its_hash_is_kept(maya, signed_in):
    client, page = signed_in(maya), reverse("calendar_feed")
    assert "Make the address" in client.get(page).content.decode()
    made = client.post(page)
    address = re.search(r"/calendar/([\w-]+)\.ics", made.content.decode())
    assert made["Cache-Control"] == "private, no-store"
    assert Client().get(address[0]).status_code == 200
    assert address[1] not in client.get(page).content.decode()
    assert CalendarFeed.objects.get().secret_hash != address[1]
    client.post(page)
    assert Client().get(address[0]).status_code == 404  # renewed
    assert CalendarFeed.objects.count() == 1
    client.post(page, {"withdraw": "yes"})
    assert not CalendarFeed.objects.exists()


def test_an_address_that_opens_nothing_or_belongs_to_who_has_left_is_not_found(maya, fetch):
    assert Client().get("/calendar/made-up.ics").status_code == 404
    assert Client().get("/calendar/%00.ics").status_code == 404
    maya.is_active = False
    maya.save()
    assert fetch().status_code == 404


def test_whose_seat_has_ended_finds_an_empty_calendar(audit_group, maya, fetch):
    make_meeting(audit_group)
    audit_group.memberships.update(ends=timezone.localdate())
    assert events(fetch()) == {}


def test_a_calendar_costs_the_same_for_one_meeting_and_for_many(audit_group, fetch, django_assert_max_num_queries):
    for days in range(1, 20):
        make_meeting(audit_group, days=days)
    with django_assert_max_num_queries(5):
        assert len(events(fetch())) == 19
