"""Telling authors what the Board answered: by the newsletter, by letter, in person; and when that makes it fed back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from learninghubs import telling as reads
from learninghubs.choices import Answer, DeliveryStatus, IssueStatus, ItemKind, SuggestionStatus
from learninghubs.jobs import tell_authors
from learninghubs.models import Author, Delivery, NewsletterItem, Response
from learninghubs.services import bounces, sending, subscribers, suggestions, telling
from learninghubs.services.bounces import HARD, Event
from partnership.choices import MessageStatus
from partnership.engine import mail
from partnership.engine.workflow import TooLate
from partnership.models import OutgoingMessage, StatusChange
from tests.factories import AuthorFactory, IssueFactory, SubscriberFactory, SuggestionFactory
from tests.partnership.meetings import make_meeting

pytestmark = pytest.mark.django_db
LETTER = "your_suggestion_answered"


@pytest.fixture
def answered(hub, board, ursula):
    """``answered()`` is a suggestion to ``hub`` that the Board has answered, by one author of that address."""
    meeting = make_meeting(board)

    def make(email="Aisha.Author@agency.example", **author):
        made = SuggestionFactory(
            hub=hub,
            status=SuggestionStatus.ANSWERED,
            change="Answer each within a day",
            author__email=email,
            **{f"author__{name}": value for name, value in author.items()},
        )
        Response.objects.create(
            suggestion=made,
            answer=Answer.ACCEPTED,
            reason="The duty line gets a second person.",
            meeting=meeting,
            answered_on=timezone.localdate(),
            owner_group=board,
            recorded_by=ursula,
        )
        return made

    return make


def merged_into(main, email, **fields):
    made = SuggestionFactory(hub=main.hub, author=None, status=SuggestionStatus.MERGED, merged_into=main)
    return AuthorFactory(suggestion=made, email=email, **fields)


def issue_with(*suggestions, left_out=""):
    now = timezone.now()
    issue = IssueFactory(hub=suggestions[0].hub, status=IssueStatus.APPROVED, send_at=now, approved_at=now)
    for one in suggestions:
        NewsletterItem.objects.create(
            issue=issue, kind=ItemKind.ANSWER, title="Answered", response=one.response, left_out_because=left_out
        )
    return issue


def status_of(suggestion):
    suggestion.refresh_from_db()
    return suggestion.status


def letters():
    return list(OutgoingMessage.objects.filter(name=LETTER).order_by("pk"))


def send_letters():
    for row in letters():
        mail.deliver(row.pk)
    tell_authors()


def test_the_newsletter_that_reaches_the_author_tells_them_and_feeds_the_suggestion_back(answered, hub, smtp_server):
    suggestion = answered()
    SubscriberFactory(hubs=[hub], email="aisha.author@AGENCY.example")
    SubscriberFactory(hubs=[hub])
    issue = sending.start(issue_with(suggestion), by=None)
    assert letters() == []
    assert status_of(suggestion) == SuggestionStatus.ANSWERED
    sending.send(issue.pk)
    author = Author.objects.get()
    delivery = Delivery.objects.get(subscriber__email="aisha.author@AGENCY.example")
    assert author.told_at == delivery.sent_at
    assert status_of(suggestion) == SuggestionStatus.FED_BACK
    assert suggestion.fed_back_at == delivery.sent_at
    assert StatusChange.objects.about(suggestion).get().by is None
    theirs, other = sorted(smtp_server.messages, key=lambda message: "aisha" not in message["To"])
    assert "The Board has answered your suggestion" in theirs["Subject"]
    assert "The Board has answered your suggestion" not in other["Subject"]


def test_an_author_who_does_not_read_it_gets_a_letter_with_the_whole_answer(answered, smtp_server):
    suggestion = answered()
    issue = issue_with(suggestion)
    sending.start(issue, by=None)
    (letter,) = letters()
    for words in (suggestion.reference, "Answer each within a day", "Accepted", "second person", "/suggestions/track/"):
        assert words in letter.body
    assert letter.to_email == "Aisha.Author@agency.example"
    assert status_of(suggestion) == SuggestionStatus.ANSWERED  # it is written, and has not gone
    send_letters()
    letter.refresh_from_db()
    assert letter.body == ""  # its link opens something: it is forgotten once it has gone
    assert Author.objects.get().told_at == letter.sent_at
    assert status_of(suggestion) == SuggestionStatus.FED_BACK
    send_letters()
    telling.write_letters(issue)
    assert len(letters()) == 1


def test_it_is_fed_back_only_when_the_last_of_its_authors_has_been_told(answered, hub, smtp_server):
    suggestion = answered()
    merged_into(suggestion, "second@agency.example")
    forgotten = merged_into(suggestion, "third@agency.example")
    SubscriberFactory(hubs=[hub], email="aisha.author@agency.example")
    suggestions.forget(forgotten)
    issue = sending.start(issue_with(suggestion), by=None)
    sending.send(issue.pk)
    assert status_of(suggestion) == SuggestionStatus.ANSWERED
    assert [letter.to_email for letter in letters()] == ["second@agency.example"]
    send_letters()
    assert status_of(suggestion) == SuggestionStatus.FED_BACK


def test_the_last_author_who_asks_to_be_forgotten_no_longer_holds_it_up(answered, smtp_server):
    suggestion = answered()
    second = merged_into(suggestion, "second@agency.example")
    telling.tell_now(suggestion, by=_lead(suggestion))
    suggestions.forget(second)
    send_letters()
    assert status_of(suggestion) == SuggestionStatus.FED_BACK
    assert len(letters()) == 1


def test_with_nobody_left_to_tell_it_waits_for_the_newsletter_that_carries_the_answer(answered, smtp_server):
    suggestion = answered()
    suggestions.forget(suggestion.author)
    tell_authors()
    assert status_of(suggestion) == SuggestionStatus.ANSWERED
    issue = sending.start(issue_with(suggestion), by=None)
    sending.send(issue.pk)
    tell_authors()
    assert status_of(suggestion) == SuggestionStatus.FED_BACK


def test_an_answer_that_is_left_out_of_the_issue_tells_nobody(answered, hub, smtp_server):
    suggestion = answered()
    SubscriberFactory(hubs=[hub], email="aisha.author@agency.example")
    issue = sending.start(issue_with(suggestion, left_out="Next time"), by=None)
    sending.send(issue.pk)
    tell_authors()
    assert letters() == []
    assert status_of(suggestion) == SuggestionStatus.ANSWERED


def test_who_unsubscribes_while_it_is_sent_gets_a_letter_instead(answered, hub, smtp_server):
    suggestion = answered()
    reader = SubscriberFactory(hubs=[hub], email="aisha.author@agency.example")
    issue = sending.start(issue_with(suggestion), by=None)
    subscribers.unsubscribe(reader)
    sending.send(issue.pk)
    tell_authors()
    assert len(letters()) == 1
    send_letters()
    assert status_of(suggestion) == SuggestionStatus.FED_BACK


def test_an_author_of_two_answered_suggestions_is_told_of_both_by_one_newsletter(answered, hub, smtp_server):
    both = [answered(), answered("aisha.author@agency.example")]
    SubscriberFactory(hubs=[hub], email="aisha.author@agency.example")
    issue = sending.start(issue_with(*both), by=None)
    sending.send(issue.pk)
    assert [status_of(one) for one in both] == [SuggestionStatus.FED_BACK] * 2


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_that_tell_the_last_two_authors_at_once_one_feeds_back(answered, hub, smtp_server):
    suggestion = answered("one@agency.example")
    merged_into(suggestion, "two@agency.example")
    for name in ("one", "two"):
        SubscriberFactory(hubs=[hub], email=f"{name}@agency.example")
    issue = sending.start(issue_with(suggestion), by=None)
    together = Barrier(2)

    def work(_):
        try:
            together.wait(timeout=10)
            return sending.send(issue.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(work, range(2))) == 2
    assert status_of(suggestion) == SuggestionStatus.FED_BACK
    assert StatusChange.objects.about(suggestion).count() == 1


# Who could not be told


def _lead(suggestion):
    from tests.cast import make

    return make("ben", group=suggestion.hub.group)


def test_a_letter_that_fails_for_good_is_told_in_person_with_a_note(answered, signed_in, smtp_server):
    suggestion = answered()
    ben, author = _lead(suggestion), suggestion.author
    smtp_server.refused = {author.email: "550 5.1.1 No such person"}
    telling.tell_now(suggestion, by=ben)
    send_letters()
    assert list(reads.not_reached_of(suggestion)) == [author]
    assert status_of(suggestion) == SuggestionStatus.ANSWERED
    client = signed_in(ben)
    assert "could not be told" in client.get(reverse("home")).content.decode()
    page = client.get(reverse("learninghubs:suggestion_telling", args=[suggestion.pk])).content.decode()
    assert "Could not be told" in page
    form = reverse("learninghubs:tell_in_person", args=[suggestion.pk, author.pk])
    assert "Enter how you told them" in client.post(form, {"how": ""}).content.decode()
    client.post(form, {"how": "By telephone"})
    assert status_of(suggestion) == SuggestionStatus.FED_BACK
    author.refresh_from_db()
    assert (author.told_by, author.told_how) == (ben, "By telephone")
    assert client.post(form, {"how": "Again"}).status_code == 409
    assert not reads.not_reached().exists()


def test_a_newsletter_that_came_back_did_not_tell_its_author(answered, hub, smtp_server):
    suggestion = answered()
    merged_into(suggestion, "second@agency.example")
    SubscriberFactory(hubs=[hub], email="aisha.author@agency.example")
    issue = sending.start(issue_with(suggestion), by=None)
    sending.send(issue.pk)
    assert suggestion.author.told_at is None  # as it was read
    assert Author.objects.get(suggestion=suggestion).told_at is not None
    bounces.note(Event(issue.deliveries.get().message_id, HARD, "No such person"))
    assert Author.objects.get(suggestion=suggestion).told_at is None
    assert list(reads.not_reached_of(suggestion)) == [suggestion.author]
    send_letters()
    assert len(letters()) == 1  # the second's; no letter goes to an address that does not exist
    assert status_of(suggestion) == SuggestionStatus.ANSWERED


def test_the_hub_lead_writes_at_once_and_nobody_gets_two_letters(answered, bella, signed_in, smtp_server):
    suggestion = answered()
    ben = _lead(suggestion)
    with pytest.raises(PermissionDenied):
        telling.tell_now(suggestion, by=bella)
    client = signed_in(ben)
    form = reverse("learninghubs:tell_authors_now", args=[suggestion.pk])
    assert client.post(form).status_code == 302
    assert client.post(form).status_code == 409
    issue = sending.start(issue_with(suggestion), by=None)
    sending.send(issue.pk)
    send_letters()
    assert len(letters()) == len(smtp_server.messages) == 1
    assert status_of(suggestion) == SuggestionStatus.FED_BACK


def test_nothing_is_told_of_what_is_not_answered(hub, ben):
    waiting = SuggestionFactory(hub=hub, status=SuggestionStatus.WITH_BOARD)
    with pytest.raises(TooLate, match="nothing to tell"):
        telling.tell_now(waiting, by=ben)
    with pytest.raises(TooLate):
        telling.tell_in_person(waiting.author, how="By telephone", by=ben)
    with pytest.raises(ValidationError):
        telling.tell_in_person(waiting.author, how="Her NHS number is 943 476 5919", by=ben)


def test_the_pages_of_telling_are_for_the_hub_and_the_unit(answered, signed_in, ursula, stella, bella, hub):
    suggestion = answered()
    page = reverse("learninghubs:suggestion_telling", args=[suggestion.pk])
    codes = {person.name: signed_in(person).get(page).status_code for person in (ursula, stella, bella)}
    assert codes == {"Ursula Unit": 200, "Stella Scrutineer": 403, "Bella Hub": 404}


def test_finding_who_is_to_be_told_costs_the_same_for_one_and_for_many(
    answered, hub, ursula, django_assert_max_num_queries
):
    suggestion = answered()
    for number in range(15):
        merged_into(suggestion, f"a{number}@agency.example")
    with django_assert_max_num_queries(1):
        assert len(reads.how_far(suggestion)) == 16
    issue = issue_with(suggestion)
    with django_assert_max_num_queries(2):
        assert len(reads.own_answers(issue)) == 16
    letter = OutgoingMessage(
        name=LETTER, to_email="x@agency.example", message_id="<x>", status=MessageStatus.SENT, sent_at=timezone.now()
    )
    letter.save()
    Author.objects.update(letter=letter)
    with django_assert_max_num_queries(14):
        tell_authors()
    assert status_of(suggestion) == SuggestionStatus.FED_BACK
    assert Delivery.objects.filter(status=DeliveryStatus.QUEUED).count() == 0
    assert suggestion.fed_back_at <= timezone.now() + timedelta(seconds=1)
