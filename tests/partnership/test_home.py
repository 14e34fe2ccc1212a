"""The home page: what needs each person, where they can go, and what it costs."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from hscp.lib.screening import screen
from partnership.choices import Role
from partnership.engine import home
from partnership.models import User
from partnership.services import screening
from schools.models import LocalFacts
from tests.factories import SchoolFactory, UserFactory, grant


def page_of(client, person):
    client.force_login(person)
    return client.get(reverse("home")).content.decode()


def titles(person):
    return [need.title for need in home.needs_of(person, on=timezone.localdate())]


def places(person):
    return {link.title for link in home.links_of(person)}


def hold_a_text(school, writer):
    facts = LocalFacts.objects.create(school=school)
    text = "Born on 1 May 2019"
    return screening.hold(facts, "notes", text, hits=screen(text, on=date(2026, 9, 1)), by=writer)


def test_a_person_sees_their_roles_and_their_school(client, dan, oak_lane):
    page = page_of(client, dan)
    assert "Hello, Dan Lead" in page
    assert "Designated safeguarding lead, Oak Lane School" in page
    assert oak_lane.get_absolute_url() in page


def test_somebody_without_a_role_is_told_so(client, db):
    page = page_of(client, UserFactory())
    assert "You have no role at the moment" in page


def test_nothing_to_do_says_so(client, pat):
    assert "Nothing needs you today" in page_of(client, pat)


def test_nobody_signed_in_is_sent_to_sign_in(client, db):
    response = client.get(reverse("home"))
    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_login"))


def test_the_business_unit_is_told_of_texts_to_look_at(ursula, stella, dan, oak_lane):
    assert "1 text to look at" not in titles(ursula)
    hold_a_text(oak_lane, dan)
    assert "1 text to look at" in titles(ursula)
    hold_a_text(SchoolFactory(), dan)
    assert "2 texts to look at" in titles(ursula)
    for other in (stella, dan):
        assert not any("to look at" in title for title in titles(other))


def test_the_business_unit_is_told_how_many_schools_have_no_lead(ursula, stella, oak_lane, elm_park, erin):
    assert "1 school has no designated safeguarding lead" in titles(ursula)
    SchoolFactory()
    assert "2 schools have no designated safeguarding lead" in titles(ursula)
    assert not any("no designated" in title for title in titles(stella))


def test_a_head_is_asked_to_name_who_is_missing(amira, dan, oak_lane):
    assert titles(amira) == ["Oak Lane School: name a chair of governors or proprietor"]
    assert titles(dan) == []


# Where everybody can go who is signed in, whatever their role.
EVERYBODYS = {"Your account", "Structure", "Priorities", "Professional differences"}
EVERYBODYS |= {"Learning hubs", "Forums", "Newsletters"}


def test_the_places_are_those_a_person_may_see(ursula, stella, dan, pat):
    assert {"Schools", "Contacts", "Texts held back"} <= places(ursula)
    assert {"Schools", "Contacts"} <= places(stella)
    assert "Texts held back" not in places(stella) | places(dan)
    assert "Oak Lane School" in places(dan)
    assert places(pat) == EVERYBODYS | {"Your suggestions"}


def test_a_role_that_ended_takes_its_school_along(dan):
    dan.grants.update(ends=timezone.localdate())
    assert places(User.objects.get(pk=dan.pk)) == EVERYBODYS


def test_urgent_things_come_first_then_by_day(pat):
    day = date(2026, 9, 1)
    later, sooner = home.Need("b", "/", due=date(2026, 9, 9)), home.Need("a", "/", due=date(2026, 9, 2))
    urgent, undated = home.Need("z", "/", urgent=True), home.Need("c", "/")

    def all_of_them(user, on):
        return [undated, later, sooner, urgent]

    home.needs(all_of_them)
    try:
        assert home.needs_of(pat, on=day) == [urgent, sooner, later, undated]
    finally:
        home._needs.remove(all_of_them)


@pytest.mark.parametrize(("person", "role"), [("ursula", None), ("amira", Role.HEADTEACHER), ("dan", Role.DSL)])
def test_the_home_page_costs_the_same_with_more_schools(request, client, django_assert_max_num_queries, person, role):
    person = request.getfixturevalue(person)
    client.force_login(person)
    client.get(reverse("home"))

    def cost():
        with django_assert_max_num_queries(45) as counted:
            assert client.get(reverse("home")).status_code == 200
        return len(counted)

    before = cost()
    for _ in range(5):
        school = SchoolFactory()
        if role:
            grant(person, role, school.organisation)
    assert cost() == before
