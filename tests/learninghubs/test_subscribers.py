"""Readers of the newsletters: asking, confirming, choosing, stopping; and what the business unit does for them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hscp.lib.spreadsheet import Row
from learninghubs import links
from learninghubs.choices import DeliveryStatus, SubscriberSource, SubscriberStatus
from learninghubs.models import Delivery, LearningHub, Subscriber, SubscriberImport
from learninghubs.services import subscriber_import, subscribers
from partnership.engine.workflow import MoveNotAllowed
from partnership.models import OutgoingMessage, StatusChange
from tests.factories import IssueFactory, SubscriberFactory, ThemeFactory

pytestmark = pytest.mark.django_db
ADDRESS = "o'brien+news@agency.example"
SUBSCRIBE = "/newsletters/subscribe/"


def sign_up(client, hub, email=ADDRESS, **more):
    return client.post(SUBSCRIBE, {"email": email, "hubs": [hub.pk], **more}, follow=True)


def asked(hub, email=ADDRESS, at=None):
    """A reader who has asked and not confirmed."""
    subscribers.ask(email=email, hubs=[hub], themes=[], at=at or timezone.now())
    return Subscriber.objects.get(email=email)


def reader_of(hub, status=SubscriberStatus.ACTIVE, **fields):
    return SubscriberFactory(hubs=[hub], status=status, **fields)


def path_of(url):
    return url.removeprefix("http://localhost:8000")


def waiting_for(reader, hub):
    issue = IssueFactory(hub=hub)
    return Delivery.objects.create(issue=issue, subscriber=reader, message_id=f"<{issue.pk}.{reader.pk}@x>")


# Asked and confirmed


def test_who_asks_for_the_newsletter_gets_it_once_they_have_pressed_the_button_behind_the_link(client, hub):
    sign_up(client, hub)
    message = OutgoingMessage.objects.get()
    reader = Subscriber.objects.get()
    assert (message.to_email, reader.status) == (ADDRESS, SubscriberStatus.PENDING)
    link = links.confirm_url(reader)
    assert link in message.body
    assert str(hub) in message.body
    page = client.get(path_of(link))
    assert page.status_code == 200
    assert Subscriber.objects.get().status == SubscriberStatus.PENDING  # a mail scanner follows links too
    client.post(path_of(link))
    reader.refresh_from_db()
    assert reader.status == SubscriberStatus.ACTIVE
    assert reader.confirmed_at is not None
    assert list(Subscriber.objects.readers_of(hub)) == [reader]


def test_the_form_answers_the_same_whether_the_address_is_known_or_not(client, hub):
    known = {
        status: reader_of(hub, status, email=f"{status}@agency.example", asked_at=timezone.now() - timedelta(days=9))
        for status in SubscriberStatus
    }
    pages = [sign_up(client, hub, email=reader.email) for reader in known.values()]
    pages.append(sign_up(client, hub, email="new@agency.example"))
    assert {page.content for page in pages} == {pages[0].content}
    assert {page.redirect_chain[0] for page in pages} == {(reverse("learninghubs:subscription_asked"), 302)}
    assert OutgoingMessage.objects.values("to_email").distinct().count() == len(pages)  # each was written to


def test_a_stranger_cannot_change_what_a_reader_gets_by_typing_their_address(client, hub, other_hub):
    reader = reader_of(hub, asked_at=timezone.now() - timedelta(days=9))
    sign_up(client, other_hub, email=reader.email.upper())
    assert list(reader.hubs.all()) == [hub]
    message = OutgoingMessage.objects.get()
    assert message.name == "subscription_known"
    assert links.preferences_url(reader) in message.body


def test_the_same_form_sent_twice_sends_one_message_and_keeps_the_link_working(client, hub, other_hub):
    sign_up(client, hub)
    link = links.confirm_url(Subscriber.objects.get())
    sign_up(client, other_hub)
    assert OutgoingMessage.objects.count() == 1
    assert client.post(path_of(link)).status_code == 302
    assert list(Subscriber.objects.get().hubs.all()) == [other_hub]


def test_a_form_without_a_hub_or_with_no_address_says_so_and_keeps_what_was_typed(client, hub):
    page = client.post(SUBSCRIBE, {"email": "not an address"}).content.decode()
    assert "Select at least one hub" in page
    assert "Enter an email address in the correct format" in page
    assert "not an address" in page
    assert not Subscriber.objects.exists()


def test_a_link_used_twice_says_that_it_has_been_used(client, hub):
    link = path_of(links.confirm_url(asked(hub)))
    client.post(link)
    again = client.post(link)
    assert again.status_code == 404
    assert "has been used already" in again.content.decode()


def test_an_expired_link_says_so_and_leads_to_a_new_one(client, hub, monkeypatch):
    reader = asked(hub)
    then = timezone.now() - timedelta(days=links.CONFIRM_DAYS, minutes=1)
    with monkeypatch.context() as patch:
        patch.setattr(signing.time, "time", then.timestamp)
        link = path_of(links.confirm_url(reader))
    page = client.post(link)
    assert page.status_code == 404
    assert "7 days, which are over" in page.content.decode()
    assert SUBSCRIBE in page.content.decode()
    assert Subscriber.objects.get().status == SubscriberStatus.PENDING


@pytest.mark.parametrize("name", ["confirm_url", "preferences_url", "unsubscribe_url"])
def test_a_link_changed_by_a_character_opens_nothing(client, hub, name):
    reader = reader_of(hub, SubscriberStatus.PENDING if name == "confirm_url" else SubscriberStatus.ACTIVE)
    link = path_of(getattr(links, name)(reader))
    for changed in (link[:-2] + ("A" if link[-2] != "A" else "B") + "/", link.replace(f"/{reader.pk}.", "/999999.")):
        for answer in (client.get(changed), client.post(changed)):
            assert answer.status_code == 404
            assert "This link does not work" in answer.content.decode()
    assert client.get(link).status_code == 200


def test_a_newer_request_voids_the_link_of_the_one_before(client, hub):
    reader = asked(hub, at=timezone.now() - timedelta(hours=1))
    link = path_of(links.confirm_url(reader))
    asked(hub)
    assert client.post(link).status_code == 404


def test_too_many_forms_from_one_place_are_held_off(client, hub, settings):
    settings.ACCOUNT_RATE_LIMITS = {"subscribe": "2/m/ip"}
    answers = [client.post(SUBSCRIBE, {"email": f"a{n}@agency.example", "hubs": hub.pk}).status_code for n in range(3)]
    assert answers == [302, 302, 429]


def test_who_is_signed_in_subscribes_with_one_button(signed_in, pat, hub):
    client = signed_in(pat)
    page = client.get(f"{SUBSCRIBE}?hub={hub.group.slug}").content.decode()
    assert 'name="email"' not in page
    assert "checked" in page
    client.post(SUBSCRIBE, {"hubs": [hub.pk]})
    reader = Subscriber.objects.get()
    assert (reader.email, reader.status, reader.source) == (
        pat.email,
        SubscriberStatus.ACTIVE,
        SubscriberSource.ACCOUNT,
    )
    assert not OutgoingMessage.objects.exists()


def test_an_account_that_had_unsubscribed_starts_again_by_its_own_button_only(pat, hub):
    reader = reader_of(hub, SubscriberStatus.UNSUBSCRIBED, email=pat.email)
    subscribers.subscribe_account(pat, hubs=[hub], themes=[], at=timezone.now())
    reader.refresh_from_db()
    assert reader.status == SubscriberStatus.ACTIVE
    assert StatusChange.objects.about(reader).count() == 2


# Choices, and the end


def test_preferences_are_changed_by_the_link_alone(client, hub, other_hub):
    reader, theme = reader_of(hub), ThemeFactory()
    waits = waiting_for(reader, hub)
    link = path_of(links.preferences_url(reader))
    assert reader.email in client.get(link).content.decode()
    client.post(link, {"hubs": [other_hub.pk], "themes": [theme.pk]})
    assert (list(reader.hubs.all()), list(reader.themes.all())) == ([other_hub], [theme])
    assert not Delivery.objects.filter(pk=waits.pk).exists()  # of a hub that they no longer want
    assert "Select at least one hub" in client.post(link, {"hubs": []}).content.decode()
    assert list(reader.hubs.all()) == [other_hub]


def test_a_theme_that_is_over_can_still_be_kept(client, hub):
    past = ThemeFactory(
        starts=timezone.localdate() - timedelta(days=200), ends=timezone.localdate() - timedelta(days=9)
    )
    reader = reader_of(hub)
    link = path_of(links.preferences_url(reader))
    assert past.title not in client.get(link).content.decode()
    reader.themes.set([past])
    assert past.title in client.get(link).content.decode()


def test_a_mail_programs_button_unsubscribes_at_once_without_session_or_redirect(hub):
    reader = reader_of(hub)
    waits = waiting_for(reader, hub)
    link = path_of(links.unsubscribe_url(reader))
    stranger = Client(enforce_csrf_checks=True)
    for _ in range(2):  # providers repeat it
        answer = stranger.post(link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 200
    reader.refresh_from_db()
    assert reader.status == SubscriberStatus.UNSUBSCRIBED
    assert not Delivery.objects.filter(pk=waits.pk).exists()
    assert StatusChange.objects.about(reader).count() == 1


def test_looking_at_the_page_to_unsubscribe_changes_nothing(client, hub):
    reader = reader_of(hub)
    assert "Unsubscribe" in client.get(path_of(links.unsubscribe_url(reader))).content.decode()
    reader.refresh_from_db()
    assert reader.status == SubscriberStatus.ACTIVE


def test_who_unsubscribed_gets_a_link_to_confirm_when_they_ask_again(client, hub):
    reader = subscribers.unsubscribe(reader_of(hub))
    page = path_of(links.preferences_url(reader))
    assert "You have unsubscribed" in client.get(page).content.decode()
    client.post(page)
    reader.refresh_from_db()
    assert reader.status == SubscriberStatus.PENDING
    client.post(path_of(links.confirm_url(reader)))
    assert list(Subscriber.objects.readers_of(hub)) == [reader]


def test_links_of_old_issues_work_until_the_unit_makes_them_void(client, hub, ursula, ben):
    reader = reader_of(hub)
    old = path_of(links.unsubscribe_url(reader))
    assert client.get(old).status_code == 200
    with pytest.raises(PermissionDenied):
        subscribers.make_links_void(reader, by=ben)
    subscribers.make_links_void(reader, by=ursula)
    assert client.get(old).status_code == 404
    reader.refresh_from_db()
    assert client.get(path_of(links.unsubscribe_url(reader))).status_code == 200


def test_an_address_that_nobody_confirms_is_forgotten_unless_it_had_unsubscribed(hub):
    late = timezone.now() - timedelta(days=links.CONFIRM_DAYS, hours=1)
    asked(hub, "stranger@agency.example", at=late)
    reader = subscribers.unsubscribe(reader_of(hub))
    subscribers.ask_again(reader, at=late)
    fresh = asked(hub, "fresh@agency.example")
    subscribers.forget_unconfirmed(at=timezone.now())
    assert set(Subscriber.objects.all()) == {reader, fresh}
    reader.refresh_from_db()
    assert reader.status == SubscriberStatus.UNSUBSCRIBED


# The business unit


def test_the_unit_suspends_resumes_and_unsubscribes_a_reader(signed_in, ursula, hub):
    reader = reader_of(hub)
    waiting_for(reader, hub)
    client = signed_in(ursula)
    for page, data in (("suspend", {"note": "Asked by telephone"}), ("resume", {}), ("unsubscribe", {"note": ""})):
        answer = client.post(reverse(f"learninghubs:{page}_subscriber", args=[reader.pk]), data)
        assert answer.url == reader.get_absolute_url()
    changes = StatusChange.objects.about(reader)
    assert [change.to_status for change in changes] == ["suspended", "active", "unsubscribed"]
    assert {change.by for change in changes} == {ursula}
    assert not reader.deliveries.exists()
    page = client.get(reader.get_absolute_url()).content.decode()
    assert "Asked by telephone" in page
    assert "/resume/" not in page
    with pytest.raises(MoveNotAllowed):
        subscribers.resume(reader, by=ursula)


def test_who_never_confirmed_cannot_be_resumed_by_the_unit(hub, ursula):
    reader = reader_of(hub, SubscriberStatus.SUSPENDED, confirmed_at=None)
    with pytest.raises(ValidationError, match="never confirmed"):
        subscribers.resume(reader, by=ursula)


def test_the_list_narrows_exports_and_costs_the_same_whatever_its_length(
    signed_in, ursula, hub, other_hub, django_assert_max_num_queries
):
    reader_of(hub, email="one@agency.example")
    other = reader_of(other_hub, SubscriberStatus.SUSPENDED, email="two@agency.example")
    client, page = signed_in(ursula), reverse("learninghubs:subscribers")
    narrowed = client.get(page, {"hub": other_hub.pk, "status": "suspended"}).content.decode()
    assert "two@agency.example" in narrowed
    assert "one@agency.example" not in narrowed
    export = client.get(reverse("learninghubs:export_subscribers", args=["csv"]), {"status": "suspended"})
    lines = b"".join(export).decode().splitlines()
    assert len(lines) == 2
    assert other.email in lines[1]
    assert str(other_hub) in lines[1]
    made = Subscriber.objects.bulk_create(
        Subscriber(email=f"m{n}@agency.example", confirmed_at=timezone.now()) for n in range(40)
    )
    chosen = Subscriber.hubs.through
    chosen.objects.bulk_create(chosen(subscriber_id=one.pk, learninghub_id=hub.pk) for one in made)
    with django_assert_max_num_queries(14):
        assert client.get(page).status_code == 200


# Lists


LIST = f"""Email,Hub,Remark
new@agency.example,,x
New@Agency.example,,twice
nonsense,,
,,nobody
known@agency.example,,
stopped@agency.example,,
west@agency.example,Learning Hub: Three Rivers and Watford; hub-north,
lost@agency.example,Hub of Nowhere,
{ADDRESS},,
"""


def give_in(client, text, **data):
    file = SimpleUploadedFile("readers.csv", text.encode())
    return client.post(reverse("learninghubs:import_subscribers"), {"file": file, **data})


def test_a_list_is_imported_with_a_report_that_names_every_row(signed_in, ursula, hub, other_hub):
    known = reader_of(other_hub, email="known@agency.example")
    stopped = subscribers.unsubscribe(reader_of(hub, email="stopped@agency.example"))
    client = signed_in(ursula)
    answer = give_in(client, LIST, hubs=[hub.pk], agreed="on")
    report = SubscriberImport.objects.get()
    assert answer.url == report.get_absolute_url()
    assert [(row["line"], row["outcome"]) for row in report.rows] == [
        (2, "added"),
        (3, "refused"),
        (4, "refused"),
        (5, "refused"),
        (6, "known"),
        (7, "refused"),
        (8, "added"),
        (9, "refused"),
        (10, "added"),
    ]
    assert (report.added, report.refused, report.known) == (3, 5, 1)
    why = {row["line"]: row["why"] for row in report.rows}
    assert "same address as in row 2" in why[3]
    assert "not an email address" in why[4]
    assert "is missing" in why[5]
    assert "unsubscribed" in why[7]
    assert "Hub of Nowhere" in why[9]
    assert "nonsense" not in str(report.rows)
    added = Subscriber.objects.get(email="new@agency.example")
    assert (added.status, added.source) == (SubscriberStatus.ACTIVE, SubscriberSource.IMPORTED)
    assert set(Subscriber.objects.get(email="west@agency.example").hubs.all()) == {hub, other_hub}
    assert list(known.hubs.all()) == [other_hub]
    stopped.refresh_from_db()
    assert stopped.status == SubscriberStatus.UNSUBSCRIBED
    page = client.get(report.get_absolute_url(), {"show": "refused"}).content.decode()
    assert "There is no hub “Hub of Nowhere”" in page
    assert "west@agency.example" not in page


def test_a_list_is_not_imported_unless_the_people_on_it_agreed(signed_in, ursula, hub):
    page = give_in(signed_in(ursula), LIST, hubs=[hub.pk]).content.decode()
    assert "Confirm that the people on the list agreed" in page
    assert not Subscriber.objects.exists()


def test_a_list_of_thousands_takes_few_queries(signed_in, ursula, hub, django_assert_max_num_queries):
    client = signed_in(ursula)
    text = "Email\n" + "\n".join(f"reader{n}@agency.example" for n in range(2000))
    with django_assert_max_num_queries(40):
        give_in(client, text, hubs=[hub.pk], agreed="on")
    assert Subscriber.objects.readers_of(hub).count() == 2000


def test_a_file_that_is_no_table_and_a_list_without_addresses_are_refused(signed_in, ursula, hub):
    client = signed_in(ursula)
    for text in ("", "Name\nJo", "%PDF-1.4"):
        page = give_in(client, text, hubs=[hub.pk], agreed="on")
        assert page.status_code == 200
        assert "Error:" in page.content.decode()
    assert LearningHub.objects.exists()
    assert not SubscriberImport.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_people_who_import_the_same_list_at_once_add_everybody_once(hub, ursula):
    rows = [Row(number, {"email": f"reader{number}@agency.example", "hubs": ""}) for number in range(2, 202)]
    together = Barrier(2)

    def work(_):
        try:
            together.wait(timeout=10)
            return subscriber_import.import_list(rows, filename="l.csv", hubs=[hub], agreed=True, by=ursula)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(work, range(2)))
    assert sorted((one.added, one.known) for one in made) == [(0, 200), (200, 0)]
    assert Subscriber.objects.readers_of(hub).count() == 200


def test_deliveries_that_went_stay_when_a_reader_stops(hub):
    reader = reader_of(hub)
    went = waiting_for(reader, hub)
    Delivery.objects.filter(pk=went.pk).update(status=DeliveryStatus.SENT, sent_at=timezone.now())
    subscribers.unsubscribe(reader)
    assert reader.deliveries.count() == 1
