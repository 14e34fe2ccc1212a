"""Places at a forum: booked with and without an account, waited for in a fair order, given up, put into calendars."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connections
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from hscp.settings import base
from learninghubs import forums as reads
from learninghubs.choices import BookingStatus
from learninghubs.jobs import forget_unconfirmed_bookings
from learninghubs.models import Booking
from learninghubs.services import bookings
from learninghubs.services import forums as services
from partnership.engine import home
from partnership.engine.workflow import TooLate
from partnership.models import OutgoingMessage
from tests.factories import OrganisationFactory, ThemeFactory, UserFactory
from tests.learninghubs.forum_helpers import guest, letters, link_in, make_forum


def url(name, forum):
    return reverse(f"learninghubs:{name}", args=[forum.pk])


def link_of(booking):
    return reverse("learninghubs:booking", args=[reads.secret_of(booking)])


@pytest.fixture
def forum(hub):
    """With two places, in a fortnight."""
    return make_forum(hub, places=2)


# --- With an account --------------------------------------------------------------------------------------------------


def test_somebody_who_is_signed_in_books_with_one_button_and_cancels_with_another(signed_in, pat, forum):
    client = signed_in(pat)
    assert "Book a place" in client.get(forum.get_absolute_url()).content.decode()
    shown = client.post(url("book_forum", forum), follow=True).content.decode()
    assert "You have a place at this forum" in shown
    assert forum.bookings.get().person == pat
    assert f"Your forum: {forum.theme}" in [link.title for link in home.links_of(pat)]
    shown = client.post(url("cancel_own_booking", forum), follow=True).content.decode()
    assert "Your booking is cancelled" in shown
    assert forum.bookings.get().status == BookingStatus.CANCELLED


def test_who_presses_twice_has_one_place_and_is_told_gently(signed_in, pat, forum):
    client = signed_in(pat)
    client.post(url("book_forum", forum))
    assert "You have booked already" in client.post(url("book_forum", forum), follow=True).content.decode()
    assert forum.bookings.count() == 1
    assert len(letters("forum_booked")) == 1


def test_nobody_without_an_account_posts_to_the_button(client, forum):
    assert client.post(url("book_forum", forum)).status_code == 302
    assert not forum.bookings.exists()


# --- Without an account -----------------------------------------------------------------------------------------------


def test_somebody_without_an_account_books_by_a_link_that_looking_at_does_not_use_up(client, forum):
    agency = OrganisationFactory(name="Alder Gate")
    data = {"name": "  Noor   New ", "email": "Noor.O'Neil+work@agency.example", "agency": agency.pk}
    shown = client.post(url("book_by_email", forum), data, follow=True).content.decode()
    assert "Look into your mailbox" in shown
    booking = forum.bookings.get()
    assert (booking.status, booking.name, booking.agency) == (BookingStatus.UNCONFIRMED, "Noor New", agency)
    link = link_in(letters("forum_confirm_booking")[0])
    client.get(link)
    booking.refresh_from_db()
    assert booking.status == BookingStatus.UNCONFIRMED, "a mail scanner opens links"
    assert "You have a place" in client.post(link, {"action": "confirm"}, follow=True).content.decode()
    booking.refresh_from_db()
    assert booking.status == BookingStatus.BOOKED
    assert reads.secret_of(booking) not in booking.secret_hash, "only a hash is kept"
    assert OutgoingMessage.objects.get(name="forum_booked").secret


def test_a_confirmed_address_that_has_an_account_finds_the_booking_there(pat, forum):
    bookings.ask_to_book(forum, name="Pat", email=pat.email.upper())
    assert bookings.confirm(forum.bookings.get()).person == pat
    assert reads.own_booking(forum, pat)


def test_the_page_does_not_say_who_has_booked_but_the_e_mail_does(client, forum):
    guest(forum)
    data = {"name": "Anybody", "email": "GUEST1@agency.example"}
    assert "Look into your mailbox" in client.post(url("book_by_email", forum), data, follow=True).content.decode()
    assert forum.bookings.count() == 1
    assert "You have one already" in letters("forum_already_booked")[0]


def test_asking_again_before_the_link_is_opened_makes_no_second_booking(forum):
    for _ in range(2):
        bookings.ask_to_book(forum, name="Noor", email="noor@agency.example")
    assert forum.bookings.count() == 1
    first, second = (link_in(text) for text in letters("forum_confirm_booking"))
    assert first == second


def test_a_link_pressed_twice_books_once(client, forum):
    bookings.ask_to_book(forum, name="Noor", email="noor@agency.example")
    link = link_of(forum.bookings.get())
    for _ in range(2):
        assert client.post(link, {"action": "confirm"}).status_code == 302
    assert len(letters("forum_booked")) == 1


def test_an_address_that_booked_in_the_meantime_is_led_to_the_booking_it_has(client, pat, forum):
    bookings.ask_to_book(forum, name="Pat", email=pat.email)
    unconfirmed = forum.bookings.get()
    held = bookings.book(forum, by=pat)
    response = client.post(link_of(unconfirmed), {"action": "confirm"}, follow=True)
    assert response.request["PATH_INFO"] == link_of(held)
    assert "has booked already" in response.content.decode()
    assert forum.bookings.get() == held


@pytest.mark.parametrize("change", [lambda link: link[:-2] + "x/", lambda link: link[:-9] + "/", lambda link: "a/"])
def test_a_link_changed_by_a_character_is_a_clear_page(client, forum, change):
    link = change(link_of(guest(forum)))
    link = link if link.startswith("/") else f"/learning/forums/bookings/{link}"
    for path in (link, f"{link}calendar/", f"{link}evaluation/"):
        response = client.get(path)
        assert response.status_code == 404
        assert "This link does not work" in response.content.decode()
    assert client.post(link, {"action": "cancel"}).status_code == 404


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("email", "no-address", "correct format"),
        ("email", "a@b@c.example", "correct format"),
        ("email", "x\n@agency.example", "correct format"),
        ("email", f"{'x' * 250}@agency.example", "254"),
        ("name", "", "Enter your name"),
        ("name", "Win a prize at https://bad.example", "without addresses"),
        ("agency", "999999", "Select one of the options"),
        ("agency", "' or 1=1", "Select one of the options"),
    ],
)
def test_odd_answers_get_a_clear_error_and_lose_nothing(client, forum, field, value, says):
    data = {"name": "Noor New", "email": "noor@agency.example"} | {field: value}
    response = client.post(url("book_by_email", forum), data)
    assert response.status_code == 200
    assert says in response.content.decode()
    assert not forum.bookings.exists()


def test_one_address_cannot_be_flooded_with_links(client, hub, settings):
    settings.ACCOUNT_RATE_LIMITS = base.ACCOUNT_RATE_LIMITS
    data = {"name": "Noor", "email": "noor@agency.example"}
    theme = ThemeFactory()
    forums = [make_forum(hub, days=day, theme=theme) for day in range(1, 8)]
    statuses = [client.post(url("book_by_email", forum), data).status_code for forum in forums]
    assert statuses == [302] * 5 + [429] * 2


def test_what_nobody_confirms_is_forgotten_after_a_week(forum):
    for number, age in ((1, 8), (2, 6)):
        bookings.ask_to_book(forum, name="Noor", email=f"noor{number}@agency.example")
        then = timezone.now() - timedelta(days=age)
        Booking.objects.filter(email=f"noor{number}@agency.example").update(booked_at=then)
    guest(forum)
    forget_unconfirmed_bookings()
    assert set(forum.bookings.values_list("email", flat=True)) == {"noor2@agency.example", "guest1@agency.example"}


# --- The waiting list -------------------------------------------------------------------------------------------------


def test_the_first_who_waits_moves_up_when_a_place_is_given_up(client, forum):
    rows = [guest(forum, number) for number in range(5)]
    shown = client.get(link_of(rows[3])).content.decode()
    assert "You are number 2 on the waiting list" in shown
    client.post(link_of(rows[0]), {"action": "cancel"})
    statuses = [Booking.objects.get(pk=row.pk).status for row in rows]
    assert statuses == ["cancelled", "booked", "booked", "waiting", "waiting"]
    assert [one.to_email for one in OutgoingMessage.objects.filter(name="forum_moved_up")] == [rows[2].email]


def test_who_leaves_the_waiting_list_takes_nobodys_place(forum):
    rows = [guest(forum, number) for number in range(4)]
    bookings.cancel(rows[2])
    assert forum.bookings.booked().count() == 2
    assert letters("forum_moved_up") == []
    assert reads.place_in_line(rows[3]) == 1


def test_cancelling_twice_moves_one_up(forum):
    rows = [guest(forum, number) for number in range(4)]
    for _ in range(2):
        bookings.cancel(rows[0])
    assert forum.bookings.waiting().count() == 1


def test_who_cancelled_can_book_again_and_goes_to_the_end(forum):
    rows = [guest(forum, number) for number in range(3)]
    bookings.cancel(rows[0])
    again = guest_again(forum, rows[0].email)
    assert again.status == BookingStatus.WAITING


def guest_again(forum, email):
    bookings.ask_to_book(forum, name="Guest", email=email)
    return bookings.confirm(forum.bookings.get(email=email, status=BookingStatus.UNCONFIRMED))


@pytest.mark.django_db(transaction=True)
def test_of_eight_who_press_at_once_for_the_last_place_one_wins_and_seven_wait_in_order(hub):
    forum, people = make_forum(hub, places=1), UserFactory.create_batch(8)
    together = Barrier(8)

    def press(person):
        together.wait()
        try:
            return bookings.book(forum, by=person).status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(press, people))
    assert sorted(outcomes) == ["booked"] + ["waiting"] * 7
    waiting = list(forum.bookings.waiting())
    assert [reads.place_in_line(row) for row in waiting] == [1, 2, 3, 4, 5, 6, 7]
    assert forum.bookings.booked().get().booked_at < waiting[0].booked_at


@pytest.mark.django_db(transaction=True)
def test_one_address_pressed_four_times_at_once_has_one_place(hub):
    forum, person = make_forum(hub), UserFactory()
    together = Barrier(4)

    def press(_):
        together.wait()
        try:
            return bookings.book(forum, by=person).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(press, range(4)))) == 1


# --- Full, over, cancelled --------------------------------------------------------------------------------------------


def test_a_full_forum_says_so_and_offers_the_waiting_list(client, forum):
    guest(forum, 1), guest(forum, 2)
    shown = client.get(forum.get_absolute_url()).content.decode()
    assert "All places are taken" in shown
    assert "Join the waiting list" in shown
    assert "You go on the waiting list" in client.get(url("book_by_email", forum)).content.decode()


@pytest.mark.parametrize(("days", "sentence"), [(-2, "This forum is over."), (0, "This forum has begun.")])
def test_nobody_books_or_cancels_once_it_has_begun(client, signed_in, pat, hub, days, sentence):
    forum = make_forum(hub, days=1)
    booking = guest(forum)
    start = timezone.now() + timedelta(days=days, minutes=-5)
    type(forum).objects.filter(pk=forum.pk).update(starts_at=start, ends_at=start + timedelta(hours=2))
    forum.refresh_from_db()
    assert sentence in client.get(url("book_by_email", forum)).content.decode()
    assert client.post(link_of(booking), {"action": "cancel"}).status_code == 409
    with pytest.raises(TooLate, match=sentence):
        bookings.book(forum, by=pat)
    assert signed_in(pat).get(url("book_forum", forum)).status_code == 409


def test_a_link_of_a_cancelled_forum_says_why_and_books_nothing(client, ben, forum):
    bookings.ask_to_book(forum, name="Noor", email="noor@agency.example")
    booking = forum.bookings.get()
    services.cancel_forum(forum, by=ben, note="Snow")
    shown = client.get(link_of(booking)).content.decode()
    assert "This forum has been cancelled" in shown
    assert "Snow" in shown
    assert client.post(link_of(booking), {"action": "confirm"}).status_code == 409


def test_a_button_that_the_page_does_not_have_is_refused(client, forum):
    assert client.post(link_of(guest(forum)), {"action": "steal"}).status_code == 400


# --- Calendars --------------------------------------------------------------------------------------------------------


def event_in(response):
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    [event] = Calendar.from_ical(response.content).walk("VEVENT")
    return event


def test_the_calendar_file_has_the_link_to_join_and_one_uid_for_ever(client, ben, hub):
    forum = make_forum(hub, link="https://join.example/room")
    booking = guest(forum)
    public = event_in(client.get(url("forum_calendar", forum)))
    own = event_in(client.get(f"{link_of(booking)}calendar/"))
    assert own["UID"] == public["UID"]
    assert own.decoded("DTSTART") == forum.starts_at
    assert "https://join.example/room" in own["DESCRIPTION"]
    assert "https://join.example/room" not in public["DESCRIPTION"]
    services.cancel_forum(forum, by=ben, note="Snow")
    later = event_in(client.get(f"{link_of(booking)}calendar/"))
    assert (later["UID"], later["STATUS"], later["SEQUENCE"]) == (own["UID"], "CANCELLED", own["SEQUENCE"] + 1)


def test_a_cancelled_booking_takes_the_entry_out_of_the_calendar(client, forum):
    booking = guest(forum)
    before = event_in(client.get(f"{link_of(booking)}calendar/"))
    bookings.cancel(booking)
    after = event_in(client.get(f"{link_of(booking)}calendar/"))
    assert (before["STATUS"], after["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert after["SEQUENCE"] > before["SEQUENCE"]


def test_a_link_works_again_once_the_portals_key_has_changed_and_a_letter_has_gone(client, ben, forum, settings):
    booking = guest(forum)
    settings.SECRET_KEY = "another-key-of-the-portal"
    services.cancel_forum(forum, by=ben, note="Snow")
    calendar = letters("forum_cancelled")[0].split("/learning/forums/bookings/")[1].split("/")[0]
    assert calendar == reads.secret_of(booking)
    assert client.get(link_of(booking)).status_code == 200
