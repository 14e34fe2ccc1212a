"""The demo's forums: held and to come, with who came, what they thought, and the briefings."""

from datetime import date

import pytest

from learninghubs import forums as reads
from learninghubs.choices import BookingStatus, BriefingStatus, ForumStatus
from learninghubs.demo import forums as demo
from learninghubs.demo import hubs
from learninghubs.models import Briefing, Forum
from learninghubs.services import briefings
from partnership.demo import groups, plan
from partnership.models import Document, OutgoingMessage
from tests.factories import OrganisationFactory, PriorityFactory, SchoolFactory

ON = date(2026, 11, 23)


@pytest.fixture
def loaded(db):
    """The forums, on what stands in the demo when they come to it."""
    groups.load_groups(ON)
    for slug, name, *_ in plan.PRIORITIES:
        PriorityFactory(slug=slug, name=name)
    for hub in hubs.HUBS:
        OrganisationFactory(name=hub.employer)
    SchoolFactory.create_batch(3)
    hubs.load(ON)
    demo.load(ON)


def test_each_hub_has_a_forum_on_each_theme_and_each_fits_the_day(loaded):
    assert Forum.objects.count() == 15
    held, planned = Forum.objects.filter(status=ForumStatus.HELD), Forum.objects.filter(status=ForumStatus.PLANNED)
    assert all(forum.day < ON and reads.came_to(forum) > 5 for forum in held)
    shown = [reads.results_of(forum).is_shown for forum in held]
    assert shown.count(False) == 1, "one has too few replies"
    assert [forum.day < ON for forum in planned].count(True) == 1, "one waits for its lead to record it"
    assert {forum.presenters.exists() for forum in held} == {True}


def test_one_to_come_is_full_and_others_wait(loaded):
    full = Forum.objects.get(status=ForumStatus.PLANNED, places=12)
    assert reads.places_left(full) == 0
    assert full.bookings.filter(status=BookingStatus.WAITING).count() == 4


def test_the_briefings_could_all_be_published_and_nobody_is_written_to(loaded):
    published = Briefing.objects.filter(status=BriefingStatus.PUBLISHED)
    assert published.count() == 9
    assert Briefing.objects.filter(status=BriefingStatus.DRAFT).count() == 2
    assert Document.objects.filter(kind=briefings.BRIEFING_PDF).count() == published.count()
    for briefing in Briefing.objects.all():
        briefings._check_fits({name: getattr(briefing, name) for name in briefings.EDITABLE})
    assert not OutgoingMessage.objects.exists()
