"""The demo's newsletters: six that went out, a draft, one approved; readers; nothing that contradicts the rest."""

from collections import Counter
from time import perf_counter

import pytest
from django.db.models import F, Q
from django.utils import timezone

from learninghubs import issues as reads
from learninghubs.choices import DeliveryStatus, IssueStatus, ItemKind, SubscriberStatus
from learninghubs.demo import forums, hubs, suggestions
from learninghubs.demo import newsletters as demo
from learninghubs.letters import Letter
from learninghubs.models import Author, Delivery, NewsletterIssue, Subscriber, Suggestion
from partnership import demo as partnership_demo
from partnership.models import Document, OutgoingMessage


@pytest.fixture
def loaded(db):
    today = timezone.localdate()
    partnership_demo.load(today)
    for module in (hubs, forums, suggestions):
        module.load(today)
    OutgoingMessage.objects.all().delete()
    started = perf_counter()
    demo.load(today)
    return perf_counter() - started


def test_the_newsletters_stand_as_they_should(loaded):
    assert loaded < 4  # seconds; it takes less than one
    counts = Counter(NewsletterIssue.objects.values_list("status", flat=True))
    assert counts == {IssueStatus.SENT: 6, IssueStatus.DRAFT: 1, IssueStatus.APPROVED: 1}
    assert not OutgoingMessage.objects.exists()
    assert not Document.objects.filter(kind__startswith="newsletter").exists()
    assert Subscriber.objects.count() == demo.READERS
    assert set(Subscriber.objects.values_list("status", flat=True)) == set(SubscriberStatus)
    _check_that_every_answer_told_stands_in_an_issue()
    _check_the_deliveries()
    _check_the_letters()


def _check_that_every_answer_told_stands_in_an_issue():
    for suggestion in Suggestion.objects.filter(status="fed_back").select_related("hub", "response"):
        assert suggestion.response not in reads.answers_to_tell(suggestion.hub), suggestion
    sent = NewsletterIssue.objects.filter(status=IssueStatus.SENT)
    assert not sent.filter(items__response__suggestion__status="answered").exists()
    assert Author.objects.filter(told_at__in=sent.values("sent_at")).count() >= 5
    assert Suggestion.objects.filter(status="answered").exists()
    assert not sent.filter(items__response__answered_on__gt=F("until")).exists()


def _check_the_deliveries():
    assert set(Delivery.objects.values_list("status", flat=True)) == set(DeliveryStatus) - {DeliveryStatus.QUEUED}
    late = Q(sent_at__gt=F("issue__sent_at")) | Q(sent_at__lt=F("issue__sending_from"))
    assert not Delivery.objects.filter(late).exists()
    assert not Delivery.objects.filter(subscriber__confirmed_at__gt=F("issue__sending_from")).exists()


def _check_the_letters():
    for issue in NewsletterIssue.objects.select_related("hub__group"):
        letter = Letter(issue)
        assert ItemKind.ANSWER in {entry.kind for entry in letter.entries}, issue
        assert len(letter.sample().html) < 102_000, "mail programs cut off what is longer"
