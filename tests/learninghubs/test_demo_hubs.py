"""The demo's hubs: every district served, every hub led, and the themes that fit the day."""

from datetime import date

import pytest

from learninghubs import hubs, themes
from learninghubs.demo import hubs as demo
from learninghubs.models import District, LearningHub, SchoolSession, Theme
from partnership import demo as partnership_demo
from partnership.demo import groups, plan
from partnership.models import OutgoingMessage, User
from tests.factories import OrganisationFactory, PriorityFactory


@pytest.fixture
def loaded(db):
    """What stands in the demo when the hubs come to it: groups, priorities, and whom the leads work for."""
    groups.load_groups(date(2026, 11, 23))
    for slug, name, *_ in plan.PRIORITIES:
        PriorityFactory(slug=slug, name=name)
    for hub in demo.HUBS:
        OrganisationFactory(name=hub.employer)


@pytest.mark.parametrize(
    ("on", "years"),
    [
        (date(2026, 9, 1), [2026, 2025, 2025]),
        (date(2026, 11, 23), [2026, 2025, 2025]),
        (date(2027, 2, 28), [2026, 2026, 2025]),
    ],
)
def test_the_theme_of_today_and_two_before_it_fit_any_day(loaded, on, years):
    demo.load(on)
    found = list(Theme.objects.order_by("-starts"))
    assert [theme.academic_year for theme in found] == years
    assert list(themes.themes_on(on)) == found[:1]
    assert found[-1].serves.slug == "gangs-and-knife-crime"


def test_five_hubs_serve_the_ten_districts_and_each_has_a_lead_who_signs_in(loaded):
    on = date(2026, 11, 23)
    demo.load(on)
    assert LearningHub.objects.count() == 5
    assert District.objects.count() == 10
    assert not any(one.is_without(on) for one in hubs.served(on))
    assert hubs.hub_of("stevenage", on).group.slug == "hub-north-herts-and-stevenage"
    assert all(hubs.leads_of(hub, on) for hub in hubs.current_hubs(on))
    assert User.objects.get(email="hublead-stevenage@hscp-demo.example").check_password(partnership_demo.PASSWORD)
    assert "Hub lead, Learning Hub: North Hertfordshire and Stevenage" in dict(partnership_demo.sign_ins()).values()
    assert SchoolSession.objects.count() == 6
    assert not OutgoingMessage.objects.filter(name="role_given").exists()
