"""Sending an issue: each reader once, through a real mail server; what fails, comes back, or is killed on the way."""

import json
import logging
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from celery import current_app
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from learninghubs import links
from learninghubs.choices import DeliveryStatus, IssueStatus, ItemKind, SubscriberStatus
from learninghubs.jobs import send_newsletters
from learninghubs.models import Delivery, NewsletterItem, Subscriber
from learninghubs.services import bounces, sending, subscribers
from partnership.engine.mail import BACKOFF, server_pause
from partnership.engine.workflow import MoveNotAllowed, TooLate
from partnership.models import StatusChange
from tests.factories import IssueFactory, SubscriberFactory
from tests.services import wait_until

pytestmark = pytest.mark.django_db
S, D = SubscriberStatus, DeliveryStatus
RIGHT = "a long secret"


def approved(hub, **fields):
    """An issue of ``hub`` with something in it, whose hour has come."""
    now = timezone.now()
    issue = IssueFactory(hub=hub, status=IssueStatus.APPROVED, send_at=now, approved_at=now, **fields)
    NewsletterItem.objects.create(issue=issue, kind=ItemKind.NEWS, title="A new guide", text="Read it.")
    return issue


def readers(hub, number):
    """So many readers of ``hub``, made quickly."""
    now = timezone.now()
    made = Subscriber.objects.bulk_create(
        Subscriber(email=f"reader{n}@agency.example", status=S.ACTIVE, confirmed_at=now) for n in range(number)
    )
    chosen = Subscriber.hubs.through
    chosen.objects.bulk_create(chosen(subscriber_id=one.pk, learninghub_id=hub.pk) for one in made)
    return made


def started(hub):
    return sending.start(approved(hub), by=None)


def statuses(issue):
    return dict(issue.deliveries.order_by().values_list("status").annotate(Count("pk")))


def addresses(server):
    return sorted(message["To"] for message in server.messages)


# Begun


def test_an_issue_whose_hour_has_come_gets_a_delivery_for_each_reader_of_its_hub(hub, other_hub):
    reader = SubscriberFactory(hubs=[hub, other_hub])
    for status in (S.PENDING, S.SUSPENDED, S.UNSUBSCRIBED):
        SubscriberFactory(hubs=[hub], status=status)
    SubscriberFactory(hubs=[other_hub])
    issue = approved(hub)
    later = approved(other_hub)
    later.send_at = timezone.now() + timedelta(hours=1)
    later.save()
    sending.start_due(at=timezone.now())
    assert [delivery.subscriber for delivery in Delivery.objects.all()] == [reader]
    issue.refresh_from_db()
    assert issue.status == IssueStatus.SENDING
    assert issue.sending_from is not None
    with pytest.raises(MoveNotAllowed):
        sending.start(issue, by=None)


def test_the_deliveries_of_thousands_are_made_in_few_statements(hub, django_assert_max_num_queries):
    readers(hub, 5000)
    issue = approved(hub)
    with django_assert_max_num_queries(15):
        sending.start(issue, by=None)
    assert statuses(issue) == {D.QUEUED: 5000}


# Sent


def test_the_message_has_both_parts_and_the_headers_that_mail_programs_look_for(hub, smtp_server, settings):
    settings.PORTAL_ADDRESS = "https://portal.example.org"
    reader = SubscriberFactory(hubs=[hub], email="o'brien+news@agency.example")
    issue = started(hub)
    assert sending.send(issue.pk) == 1
    message = smtp_server.messages[0]
    assert message["To"] == reader.email
    assert message["From"] == "Hertfordshire Safeguarding Children Partnership <portal@example.org>"
    assert message["Reply-To"] == settings.CONTACT_EMAIL
    assert message["Message-ID"] == issue.deliveries.get().message_id
    assert message["List-Unsubscribe"].strip() == f"<{links.unsubscribe_url(reader)}>"
    assert links.unsubscribe_url(reader).startswith("https://")
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<hub-north.newsletter.example.org>"
    assert (message["Precedence"], message["Auto-Submitted"]) == ("bulk", "auto-generated")
    kinds = [part.get_content_type() for part in message.walk()]
    assert kinds == ["multipart/alternative", "text/plain", "text/html"]
    for part in message.iter_parts():
        assert part.get_content_charset() == "utf-8"
        assert links.unsubscribe_url(reader) in part.get_content()
        assert "A new guide" in part.get_content()
    issue.refresh_from_db()
    assert issue.status == IssueStatus.SENT
    assert issue.sent_at is not None


def test_a_line_break_in_a_title_makes_no_header(hub, smtp_server):
    SubscriberFactory(hubs=[hub])
    issue = approved(hub, title="News\r\nBcc: everybody@agency.example")
    sending.start(issue, by=None)
    sending.send(issue.pk)
    message = smtp_server.messages[0]
    assert message["Bcc"] is None
    assert message["Subject"].startswith("News Bcc:")


def test_one_connection_serves_many_and_each_reader_gets_one_message(hub, smtp_server, django_assert_max_num_queries):
    readers(hub, 30)
    issue = started(hub)
    with django_assert_max_num_queries(30 * 4 + 20):  # savepoint, row, mark; what the letter and the issue cost
        assert sending.send(issue.pk) == 30
    assert len(set(addresses(smtp_server))) == len(smtp_server.messages) == 30
    assert sending.send(issue.pk) == 0
    assert statuses(issue) == {D.SENT: 30}


@pytest.mark.parametrize("stop", ["unsubscribe", "suspend", "other hub"])
def test_who_stops_after_the_start_gets_nothing(hub, other_hub, smtp_server, stop):
    stays, goes = SubscriberFactory(hubs=[hub]), SubscriberFactory(hubs=[hub])
    issue = started(hub)
    if stop == "unsubscribe":
        subscribers.unsubscribe(goes)
    elif stop == "suspend":
        subscribers.suspend(goes, by=None, note="for now")
    else:
        goes.hubs.set([other_hub])  # unseen by the services: the worker asks too
    sending.send(issue.pk)
    assert addresses(smtp_server) == [stays.email]
    assert statuses(issue) == {D.SENT: 1}


def test_an_issue_without_readers_is_sent_at_once(hub):
    issue = started(hub)
    sending.send(issue.pk)
    issue.refresh_from_db()
    assert issue.status == IssueStatus.SENT


@pytest.mark.django_db(transaction=True)
def test_two_workers_side_by_side_send_each_message_once(hub, smtp_server):
    readers(hub, 40)
    issue = started(hub)
    together = Barrier(2)

    def work(_):
        try:
            together.wait(timeout=10)
            return sending.send(issue.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        went = list(pool.map(work, range(2)))
    assert sum(went) == 40
    assert all(went)  # neither stood idle
    assert len(set(addresses(smtp_server))) == len(smtp_server.messages) == 40
    issue.refresh_from_db()
    assert issue.status == IssueStatus.SENT


# What fails, and what comes back


def test_an_unknown_address_comes_back_and_suspends_its_reader(hub, smtp_server):
    reader = SubscriberFactory(hubs=[hub])
    smtp_server.refused = {reader.email: "550 5.1.1 No such person"}
    issue = started(hub)
    sending.send(issue.pk)
    delivery = issue.deliveries.get()
    reader.refresh_from_db()
    assert (delivery.status, reader.status) == (D.BOUNCED, S.SUSPENDED)
    assert "No such person" in delivery.error
    assert "No such person" in StatusChange.objects.about(reader).get().note


def test_a_server_that_does_not_let_us_send_suspends_nobody(hub, smtp_server):
    reader = SubscriberFactory(hubs=[hub])
    smtp_server.refused = {reader.email: "550 5.7.1 Relaying denied"}
    issue = started(hub)
    sending.send(issue.pk)
    reader.refresh_from_db()
    assert (issue.deliveries.get().status, reader.status) == (D.FAILED, S.ACTIVE)


def test_a_full_mailbox_is_tried_again_later_and_given_up_in_the_end(hub, smtp_server):
    full, other = SubscriberFactory(hubs=[hub]), SubscriberFactory(hubs=[hub])
    smtp_server.refused = {full.email: "452 4.2.2 Mailbox full"}
    issue = started(hub)
    sending.send(issue.pk)
    delivery = issue.deliveries.get(subscriber=full)
    assert (delivery.status, delivery.attempts) == (D.QUEUED, 1)
    assert timedelta(seconds=50) < delivery.next_attempt_at - timezone.now() < timedelta(minutes=1)
    assert addresses(smtp_server) == [other.email]
    assert sending.issues_to_send(at=timezone.now()) == []
    for _ in BACKOFF:
        issue.deliveries.update(next_attempt_at=timezone.now())
        assert sending.issues_to_send(at=timezone.now()) == [issue.pk]
        sending.send(issue.pk)
    issue.refresh_from_db()
    assert statuses(issue) == {D.SENT: 1, D.FAILED: 1}
    assert issue.status == IssueStatus.SENT


def test_a_server_that_is_down_costs_no_delivery_an_attempt(hub, dead_smtp_server):
    readers(hub, 3)
    issue = started(hub)
    assert sending.send(issue.pk) == 0
    assert server_pause.is_on()
    assert set(issue.deliveries.values_list("status", "attempts")) == {(D.QUEUED, 0)}


def test_what_failed_is_tried_again_when_the_unit_says_so(hub, ursula, ben, smtp_server):
    reader = SubscriberFactory(hubs=[hub])
    smtp_server.refused = {reader.email: "550 5.7.1 Not now"}
    issue = started(hub)
    sending.send(issue.pk)
    smtp_server.refused = {}
    with pytest.raises(PermissionDenied):
        sending.try_again(issue, by=ben)
    assert sending.try_again(issue, by=ursula) == 1
    with pytest.raises(TooLate):
        sending.try_again(issue, by=ursula)
    assert sending.send(issue.pk) == 1
    assert statuses(issue) == {D.SENT: 1}


# Reports of the mail service


@pytest.fixture
def report(client, settings):
    """``report(delivery, kind)`` posts what the mail service would."""
    settings.BOUNCE_SECRET = "a long secret"

    def post(*events, secret=settings.BOUNCE_SECRET):
        body = {"events": [{"message_id": what.message_id, "kind": kind, "detail": "x"} for what, kind in events]}
        url = reverse("learninghubs:bounce_webhook")
        headers = {"Authorization": f"Bearer {secret}"}
        return client.post(url, json.dumps(body), content_type="application/json", headers=headers)

    return post


def sent_to(reader, hub):
    issue = IssueFactory(hub=hub, status=IssueStatus.SENT, approved_at=timezone.now())
    made = sending.message_id(issue.pk, reader.pk)
    return Delivery.objects.create(
        issue=issue, subscriber=reader, message_id=made, status=D.SENT, sent_at=timezone.now()
    )


def test_a_reported_hard_bounce_suspends_once_however_often_it_is_reported(report, hub):
    reader = SubscriberFactory(hubs=[hub])
    delivery = sent_to(reader, hub)
    answers = [report((delivery, "hard")).json() for _ in range(3)]
    assert answers == [{"noted": 1}, {"noted": 0}, {"noted": 0}]
    delivery.refresh_from_db()
    reader.refresh_from_db()
    assert (delivery.status, reader.status) == (D.BOUNCED, S.SUSPENDED)
    assert StatusChange.objects.about(reader).count() == 1


def test_three_soft_bounces_in_a_row_suspend_and_one_that_arrives_between_clears_them(report, hub):
    reader = SubscriberFactory(hubs=[hub])
    for kind in ("soft", "soft", None, "soft", "soft"):
        delivery = sent_to(reader, hub)
        if kind:
            report((delivery, kind), (delivery, kind))
    reader.refresh_from_db()
    assert (reader.status, reader.soft_bounces) == (S.ACTIVE, 2)
    report((sent_to(reader, hub), "soft"))
    reader.refresh_from_db()
    assert (reader.status, reader.soft_bounces) == (S.SUSPENDED, bounces.MOST_SOFT_BOUNCES)


def test_who_reports_the_newsletter_as_spam_is_unsubscribed(report, hub):
    reader = SubscriberFactory(hubs=[hub])
    delivery = sent_to(reader, hub)
    assert report((delivery, "complaint"), (delivery, "complaint")).json() == {"noted": 1}
    reader.refresh_from_db()
    assert reader.status == S.UNSUBSCRIBED


def test_reports_of_strangers_and_of_messages_that_are_not_ours_change_nothing(report, client, hub, settings):
    delivery = sent_to(SubscriberFactory(hubs=[hub]), hub)
    for secret in ("", "a long secre", "a long secret\u00e9"):
        assert report((delivery, "hard"), secret=secret).status_code == 401
    unknown = Delivery(message_id="<somebody.else@example.org>")
    assert report((unknown, "hard")).json() == {"noted": 0}
    delivery.refresh_from_db()
    assert delivery.status == D.SENT
    settings.BOUNCE_SECRET = ""
    assert report((delivery, "hard"), secret="").status_code == 404


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b'{"events": 1}', b'{"events": [1]}', b'{"events": [{"kind": "hard"}]}', b"[" * 100_000,
     b'{"events": [{"kind": "hard", "message_id": 5}]}', b'{"events": [{"kind": "melted", "message_id": "x"}]}'],
)  # fmt: skip
def test_what_is_no_report_is_refused_with_a_reason(client, settings, db, body):
    settings.BOUNCE_SECRET = "s"
    url = reverse("learninghubs:bounce_webhook")
    answer = client.post(url, body, content_type="application/json", headers={"Authorization": "Bearer s"})
    assert answer.status_code == 400
    assert answer.json()["error"]


# The pages


def test_the_progress_page_counts_and_shows_addresses_to_the_unit_only(
    signed_in, ursula, ben, hub, smtp_server, django_assert_max_num_queries
):
    made = readers(hub, 12)
    smtp_server.refused = {made[0].email: "550 5.1.1 No such person", made[1].email: "550 5.7.1 Not now"}
    issue = started(hub)
    page = reverse("learninghubs:issue_progress", args=[issue.pk])
    assert 'hx-trigger="every 2s"' in signed_in(ben).get(page).content.decode()
    sending.send(issue.pk)
    seen = signed_in(ben).get(page).content.decode()
    assert "Nothing waits to be sent" in seen
    assert made[0].email not in seen
    assert "Try the failed ones again" not in seen
    with django_assert_max_num_queries(16):
        seen = signed_in(ursula).get(page).content.decode()
    assert made[0].email in seen
    assert "No such person" in seen
    assert made[2].email not in seen
    assert made[2].email in signed_in(ursula).get(page, {"status": "sent"}).content.decode()
    signed_in(ursula).post(reverse("learninghubs:try_issue_again", args=[issue.pk]))
    assert statuses(issue) == {D.SENT: 10, D.BOUNCED: 1, D.QUEUED: 1}


# Killed


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_again_and_again_leaves_nobody_out_and_sends_no_row_twice(
    hub, smtp_server, worker_process, settings
):
    """In small what ``bench.sending`` does with ten thousand messages, ten kills and a Redis that restarts."""
    logging.getLogger("mail.log").setLevel(logging.WARNING)  # eight lines for each message
    number, kills = 400, 2
    readers(hub, number)
    issue = approved(hub)
    send_newsletters()  # as beat does each minute: the first begins the issue
    for kill in range(1, kills + 1):
        worker = worker_process()
        wait_until(lambda k=kill: len(smtp_server.messages) >= k * number // (kills + 1), "messages before a kill")
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
        current_app.control.purge()  # what Redis held is gone, as after its restart: the rows are what is left
        send_newsletters()
    worker_process()
    wait_until(lambda: not issue.deliveries.exclude(status=D.SENT).exists(), "every delivery sent")
    came = {}
    for message in smtp_server.messages:
        came.setdefault(message["To"], []).append(message["Message-ID"])
    twice = {address: ids for address, ids in came.items() if len(ids) > 1}
    assert len(came) == number
    assert len(twice) <= kills
    assert all(len(ids) == 2 and len(set(ids)) == 1 for ids in twice.values())
    wait_until(lambda: type(issue).objects.get(pk=issue.pk).status == IssueStatus.SENT, "the issue sent")
