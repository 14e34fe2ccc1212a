"""The demo's suggestions: every state, with the history that leads there, and nothing sent."""

from collections import Counter
from datetime import date

import pytest
from django.utils import timezone

from learninghubs import board, tracking
from learninghubs.choices import Answer, SuggestionStatus
from learninghubs.demo import hubs
from learninghubs.demo import suggestions as demo
from learninghubs.models import ImpactCheck, Response, Suggestion
from learninghubs.services import suggestions as services
from partnership import demo as partnership_demo
from partnership.choices import ActionStatus
from partnership.models import Action, HeldText, OutgoingMessage, StatusChange, User


@pytest.fixture
def on(db):
    today = timezone.localdate()
    partnership_demo.load(today)
    hubs.load(today)
    OutgoingMessage.objects.all().delete()
    demo.load(today)
    return today


def test_the_loop_stands_as_it_should(on: date):
    counted = Counter(Suggestion.objects.values_list("status", flat=True))
    assert set(counted) == set(SuggestionStatus)
    assert sum(counted.values()) == 120
    assert not OutgoingMessage.objects.exists()
    assert set(Response.objects.values_list("answer", flat=True)) == set(Answer)
    assert board.overdue(Suggestion.objects.all(), on).count() == demo.OVERDUE
    assert HeldText.objects.count() == 2
    assert {ActionStatus.OPEN, ActionStatus.DONE} <= set(Action.objects.values_list("status", flat=True))
    assert ImpactCheck.objects.filter(months=12).exclude(outcome="").exists()
    assert ImpactCheck.objects.due_on(on).exists()
    for status in ("asked", "with_board", "fed_back"):
        assert User.objects.get(email=demo.PRACTITIONER).suggestions_made.filter(suggestion__status=status).exists()
    _check_histories(on)
    _check_the_next_reference()


def _check_histories(on: date):
    """Each row of a history begins where the one before it ended, and the last ends where the suggestion is."""
    histories: dict[int, list[StatusChange]] = {}
    for change in StatusChange.objects.filter(verb__isnull=False, about_type__model="suggestion").order_by("at", "pk"):
        histories.setdefault(change.about_id, []).append(change)
        assert timezone.localdate(change.at) <= on
    for suggestion in Suggestion.objects.confirmed():
        history = histories[suggestion.pk]
        assert [change.from_status for change in history[1:]] == [change.to_status for change in history[:-1]]
        assert history[-1].to_status == suggestion.status
    for suggestion in Suggestion.objects.confirmed()[::15]:
        assert tracking.story_of(suggestion, on)[0].what.startswith("Sent to")


def _check_the_next_reference():
    person = User.objects.get(email=demo.PRACTITIONER)
    texts = {"now": "Late.", "change": "Sooner.", "good": "Sooner."}
    hub = Suggestion.objects.first().hub
    references = set(Suggestion.objects.values_list("reference", flat=True))
    made = services.submit(hub=hub, person=person, form_token=services.uuid4(), **texts)
    assert made.reference not in references
