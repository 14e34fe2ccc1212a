"""E-mail: a row first, sent by a real worker to a real SMTP server, once, and found again if anything is lost."""

import copy
import os
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections, transaction
from django.utils import timezone

from partnership.choices import MessageStatus
from partnership.engine import mail
from partnership.jobs import deliver_due_messages
from partnership.models import OutgoingMessage
from tests.factories import UserFactory
from tests.services import wait_until

committed = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _templates(settings):
    """With the templates of a message that only these tests send."""
    changed = copy.deepcopy(settings.TEMPLATES)
    changed[0]["DIRS"] = [*changed[0]["DIRS"], Path(__file__).parent.parent / "templates"]
    settings.TEMPLATES = changed


def queue_one(to="ann@example.org", **context) -> OutgoingMessage:
    return mail.queue("note", to=[to], **{"thing": "the return"} | context)[0]


def now_due(message: OutgoingMessage) -> None:
    """Let the time pass until the next attempt."""
    OutgoingMessage.objects.filter(pk=message.pk).update(next_attempt_at=timezone.now())
    mail.server_pause.end()


# The row


def test_a_message_is_a_row_with_its_words_before_anything_is_sent(db, mailoutbox, oak_lane):
    person = UserFactory(name="Ann Other", email="ann@example.org")
    message = mail.queue("note", to=[person], about=oak_lane, thing="the return")[0]
    message.refresh_from_db()
    assert (message.subject, message.to_email, message.to_user) == (
        "Dear Ann Other: the return",
        "ann@example.org",
        person,
    )
    assert message.body.startswith("Ann Other, this is about the return.\n\nhttp")
    assert (message.status, message.sent_at, message.about_id) == (MessageStatus.QUEUED, None, oak_lane.pk)
    assert mailoutbox == []


def test_nobody_gets_the_same_message_twice_from_one_call(db):
    person = UserFactory(email="ann@example.org")
    messages = mail.queue("note", to=[person, "ANN@example.org", person, "bo@example.org"], thing="x")
    assert sorted(message.to_email.lower() for message in messages) == ["ann@example.org", "bo@example.org"]


def test_a_message_to_many_is_one_insert(db, django_assert_num_queries):
    people = UserFactory.create_batch(30)
    with django_assert_num_queries(1):
        mail.queue("note", to=people, thing="x")


def test_each_message_has_an_id_of_its_own_under_the_portals_domain(db, settings):
    settings.DEFAULT_FROM_EMAIL = "HSCP portal <portal@safeguarding.example>"
    ids = {queue_one(to).message_id for to in ("ann@example.org", "bo@example.org")}
    assert len(ids) == 2
    assert all(message_id.endswith("@safeguarding.example>") for message_id in ids)


def test_a_name_with_line_breaks_cannot_add_a_header(db):
    person = UserFactory(name="Ann\r\nBcc: all@example.org\u2028\x85End")
    message = mail.queue("note", to=[person], thing="x")[0]
    assert message.subject == "Dear Ann Bcc: all@example.org End: x"


def test_a_subject_too_long_is_cut_and_shows_it(db):
    message = queue_one(thing="x" * 400)
    message.refresh_from_db()
    assert len(message.subject) == 250
    assert message.subject.endswith("…")


def test_names_reach_the_text_as_they_are(db):
    person = UserFactory(name="Siân <O’Neill> & Sons")
    assert mail.queue("note", to=[person], thing="x")[0].body.startswith("Siân <O’Neill> & Sons, this is")


# Sent after the commit, by the worker


@committed
def test_the_worker_sends_it_after_the_commit(celery_worker, smtp_server):
    with transaction.atomic():
        message = queue_one(thing="Äpfel")
        assert smtp_server.messages == []
    sent = smtp_server.wait_for(1)[0]
    assert (sent["To"], sent["Subject"], sent["Message-ID"]) == (
        "ann@example.org",
        "Dear : Äpfel",
        message.message_id,
    )
    assert sent["Auto-Submitted"] == "auto-generated"
    wait_until(lambda: OutgoingMessage.objects.get().status == MessageStatus.SENT, "the row to say so")
    message.refresh_from_db()
    assert message.attempts == 1
    assert message.sent_at is not None


@committed
def test_nothing_is_sent_while_the_transaction_is_open(celery_worker, smtp_server):
    with transaction.atomic():
        first = queue_one("first@example.org")
        mail.queue("note", to=["second@example.org"], thing="x")
        # Whatever the worker is asked to do meanwhile, it does not see the rows.
        celery_worker.app.send_task("partnership.tasks.deliver_message", (first.pk,))
        celery_worker.app.send_task("partnership.jobs.deliver_due_messages")
        with pytest.raises(pytest.fail.Exception):
            wait_until(lambda: smtp_server.messages, "nothing", seconds=1)
    assert {message["To"] for message in smtp_server.wait_for(2)} == {"first@example.org", "second@example.org"}


@committed
def test_what_is_rolled_back_is_never_sent(celery_worker, smtp_server):
    with transaction.atomic():
        queue_one("never@example.org")
        transaction.set_rollback(True)
    queue_one("later@example.org")
    assert [message["To"] for message in smtp_server.wait_for(1)] == ["later@example.org"]
    assert OutgoingMessage.objects.count() == 1


@committed
def test_while_redis_is_down_the_request_goes_on_and_beats_job_sends_it(redis_is_down, smtp_server):
    with transaction.atomic():
        message = queue_one()
    assert smtp_server.messages == []
    assert message.status == MessageStatus.QUEUED
    deliver_due_messages()
    assert [sent["Message-ID"] for sent in smtp_server.messages] == [message.message_id]


@committed
def test_a_dead_queue_is_waited_for_once_and_not_for_each_message(redis_is_down, smtp_server, caplog):
    mail.queue("note", to=[f"person{n}@example.org" for n in range(50)], thing="x")
    assert [record.name for record in caplog.records if "did not take" in record.message] == ["hscp.lib.later"]
    deliver_due_messages()
    assert len(smtp_server.messages) == 50


@committed
def test_a_message_whose_task_was_lost_is_sent_by_beats_job(smtp_server):
    message = queue_one()
    deliver_due_messages()
    deliver_due_messages()
    assert [sent["Message-ID"] for sent in smtp_server.messages] == [message.message_id]


# Failing


@committed
def test_a_failed_attempt_is_noted_and_tried_again_later_and_later(smtp_server):
    message = queue_one()
    smtp_server.answer = "451 Busy"
    for minutes in (1, 5, 15, 60, 240, 720):
        now_due(message)
        before = timezone.now()
        assert not mail.deliver(message.pk)
        message.refresh_from_db()
        assert message.status == MessageStatus.QUEUED
        assert message.next_attempt_at - before >= timedelta(minutes=minutes)
        assert message.next_attempt_at - timezone.now() <= timedelta(minutes=minutes)
    assert "451" in message.error
    now_due(message)
    assert not mail.deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts, message.sent_at) == (MessageStatus.FAILED, 7, None)


@committed
def test_before_its_time_a_failed_message_is_left_alone(smtp_server):
    message = queue_one()
    smtp_server.answer = "451 Busy"
    assert not mail.deliver(message.pk)
    smtp_server.answer = "250 OK"
    assert mail.due(at=timezone.now()) == []
    assert not mail.deliver(message.pk)
    assert mail.due(at=timezone.now() + timedelta(minutes=2)) == [message.pk]
    now_due(message)
    assert mail.deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.error, message.attempts) == (MessageStatus.SENT, "", 2)


@committed
def test_an_address_that_the_server_does_not_know_is_refused_for_good(smtp_server):
    message = queue_one("nobody@example.org")
    smtp_server.refused["nobody@example.org"] = "550 No such person"
    assert not mail.deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.attempts) == (MessageStatus.FAILED, 1)
    assert "No such person" in message.error


@committed
def test_an_address_that_is_refused_for_now_is_tried_again(smtp_server):
    message = queue_one("full@example.org")
    smtp_server.refused["full@example.org"] = "452 Mailbox full"
    assert not mail.deliver(message.pk)
    message.refresh_from_db()
    assert message.status == MessageStatus.QUEUED


@committed
@pytest.mark.parametrize("address", ["", "ann@example.org\nBcc: all@example.org", "a@b@c"])
def test_an_impossible_address_fails_and_stops_nothing_else(smtp_server, address):
    impossible = queue_one(address)
    queue_one("ann@example.org")
    deliver_due_messages()
    assert [sent["To"] for sent in smtp_server.messages][-1] == "ann@example.org"
    impossible.refresh_from_db()
    assert impossible.status == MessageStatus.FAILED


@committed
@pytest.mark.parametrize(
    "address", ["o’neill@example.org", "ann@xn--bcher-kva.example", "ann@bücher.example", '"ann other"@example.org']
)
def test_an_odd_address_that_exists_is_delivered(smtp_server, address):
    queue_one(address)
    deliver_due_messages()
    assert len(smtp_server.messages) == 1


@committed
def test_a_server_that_is_down_is_waited_for_once_a_minute_and_costs_one_message_an_attempt(dead_smtp_server):
    first, second = queue_one("first@example.org"), queue_one("second@example.org")
    deliver_due_messages()
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.attempts, second.attempts) == (1, 0)
    assert mail.due(at=timezone.now()) == [second.pk]


@committed
def test_after_the_pause_the_rest_goes_out(dead_smtp_server, settings, request):
    queue_one("first@example.org")
    second = queue_one("second@example.org")
    deliver_due_messages()
    request.getfixturevalue("smtp_server")
    now_due(second)
    deliver_due_messages()
    second.refresh_from_db()
    assert second.status == MessageStatus.SENT


# Once


@committed
def test_of_two_workers_at_once_one_delivers(smtp_server):
    message = queue_one()
    together = threading.Barrier(8)

    def deliver() -> bool:
        together.wait()
        try:
            return mail.deliver(message.pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        results = [future.result() for future in [pool.submit(deliver) for _ in range(8)]]
    assert sorted(results) == [False] * 7 + [True]
    assert len(smtp_server.messages) == 1


@committed
def test_killed_between_the_servers_yes_and_the_commit_it_is_sent_again_under_the_same_id(worker_process, smtp_server):
    worker = worker_process()
    smtp_server.on_message = lambda: os.kill(worker.pid, signal.SIGKILL)
    message = queue_one()
    smtp_server.wait_for(1)
    worker.wait()
    message.refresh_from_db()
    assert message.status == MessageStatus.QUEUED
    smtp_server.on_message = lambda: None
    wait_until(lambda: mail.deliver(message.pk), "the dead worker's lock to be gone")
    assert [sent["Message-ID"] for sent in smtp_server.messages] == [message.message_id] * 2
    assert not mail.deliver(message.pk)


# Secrets


@committed
def test_a_message_with_a_secret_forgets_its_text_once_it_is_sent(smtp_server):
    secret = mail.queue("note", to=["ann@example.org"], secret=True, thing="a link")[0]
    plain = queue_one("bo@example.org")
    deliver_due_messages()
    assert "a link" in smtp_server.messages[0].get_content()
    secret.refresh_from_db()
    plain.refresh_from_db()
    assert secret.body == ""
    assert plain.body != ""


@committed
def test_a_message_with_a_secret_keeps_its_text_while_it_may_still_be_sent(smtp_server):
    message = mail.queue("note", to=["ann@example.org"], secret=True, thing="a link")[0]
    smtp_server.answer = "451 Busy"
    mail.deliver(message.pk)
    message.refresh_from_db()
    assert "a link" in message.body
    smtp_server.refused["ann@example.org"] = "550 No such person"
    now_due(message)
    mail.deliver(message.pk)
    message.refresh_from_db()
    assert (message.status, message.body) == (MessageStatus.FAILED, "")
