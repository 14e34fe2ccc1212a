"""Organisations begin, end and succeed each other: who stands for whom on a day, and what is refused."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from partnership.choices import OrganisationKind
from partnership.models import Action, Organisation
from partnership.organisations import current_body, people_left_behind
from partnership.services import organisations
from tests.factories import GroupFactory, OrganisationFactory, UserFactory, seat

LIST = reverse("organisations")
ON = date(2026, 11, 23)


@pytest.fixture
def bodies(db):
    """The health seat of Hertfordshire: two clinical commissioning groups, then one integrated care board."""
    ended = date(2022, 7, 1)
    board = OrganisationFactory(name="Care Board", kind=OrganisationKind.HEALTH, starts=ended)
    groups = [
        OrganisationFactory(name=name, kind=OrganisationKind.HEALTH, ends=ended, successor=board)
        for name in ("North Commissioners", "Valleys Commissioners")
    ]
    return {"board": board, "north": groups[0], "valleys": groups[1]}


def facts(**fields):
    given = {"name": "New Trust", "kind": "health", "is_statutory_partner": False}
    return given | {"starts": None, "ends": None, "successor": None} | fields


# --- Who stands for whom ----------------------------------------------------------------------------------------------


def test_a_body_stands_for_itself_until_it_ends_and_then_its_successor_does(bodies):
    north, board = bodies["north"], bodies["board"]
    assert current_body(north, on=date(2022, 6, 30)) == north
    assert current_body(north, on=date(2022, 7, 1)) == board
    assert current_body(board, on=ON) == board


def test_nobody_stands_for_a_body_that_has_not_begun(bodies):
    assert current_body(bodies["board"], on=date(2019, 1, 31)) is None


def test_nobody_stands_for_a_body_that_ended_without_a_successor(db):
    assert current_body(OrganisationFactory(ends=date(2020, 1, 1)), on=ON) is None


def test_successors_are_followed_as_far_as_it_takes_at_one_query_a_step(bodies, django_assert_num_queries):
    region = OrganisationFactory(name="Region", starts=date(2025, 4, 1))
    Organisation.objects.filter(pk=bodies["board"].pk).update(ends=date(2025, 4, 1), successor=region)
    north = Organisation.objects.get(pk=bodies["north"].pk)
    with django_assert_num_queries(2):
        assert current_body(north, on=ON) == region


def test_a_circle_in_the_data_comes_to_an_end(db):
    one, other = OrganisationFactory(ends=date(2020, 1, 1)), OrganisationFactory(ends=date(2021, 1, 1))
    Organisation.objects.filter(pk=one.pk).update(successor=other)
    Organisation.objects.filter(pk=other.pk).update(successor=one)
    assert current_body(Organisation.objects.get(pk=one.pk), on=ON) is None


def test_people_are_left_behind_only_by_a_body_that_has_ended(bodies):
    stays = UserFactory(organisation=bodies["north"])
    UserFactory(organisation=bodies["north"], is_active=False)
    UserFactory(organisation=bodies["board"])
    assert list(people_left_behind(bodies["north"], on=ON)) == [stays]
    assert not people_left_behind(bodies["north"], on=date(2022, 6, 30))
    assert not people_left_behind(bodies["board"], on=ON)


# --- Added and changed ------------------------------------------------------------------------------------------------


def test_an_organisation_is_added_ended_and_succeeded(ursula):
    old = organisations.add_organisation(by=ursula, **facts(name="Old Trust"))
    new = organisations.add_organisation(by=ursula, **facts(starts=date(2027, 4, 1)))
    organisations.change_organisation(old, by=ursula, **facts(name="Old Trust", ends=date(2027, 4, 1), successor=new))
    assert list(new.predecessors.values_list("name", "ends")) == [("Old Trust", date(2027, 4, 1))]


@pytest.mark.parametrize(
    ("fields", "where", "sentence"),
    [
        ({"name": "care BOARD"}, "name", "There is an organisation called care BOARD already"),
        ({"starts": ON, "ends": ON}, "ends", "must be after 23 November 2026"),
        ({"kind": "school"}, "kind", "Schools come from the national register"),
    ],
)
def test_what_does_not_fit_is_refused_on_its_field(ursula, bodies, fields, where, sentence):
    with pytest.raises(ValidationError) as caught:
        organisations.add_organisation(by=ursula, **facts(**fields))
    assert sentence in caught.value.message_dict[where][0]
    assert Organisation.objects.count() == 3


def test_a_successor_needs_the_day_on_which_it_takes_over(ursula, bodies):
    with pytest.raises(ValidationError) as caught:
        organisations.add_organisation(by=ursula, **facts(successor=bodies["board"]))
    assert caught.value.message_dict == {"ends": ["Enter from which day Care Board takes its place"]}


def test_nobody_follows_itself_at_whatever_distance(ursula, bodies):
    board, north = bodies["board"], bodies["north"]
    for successor, sentence in [(board, "cannot follow itself"), (north, "North Commissioners is followed by Care")]:
        with pytest.raises(ValidationError) as caught:
            organisations.change_organisation(
                board, by=ursula, **facts(name="Care Board", ends=date(2030, 1, 1), successor=successor)
            )
        assert sentence in caught.value.message_dict["successor"][0]


def test_a_school_is_changed_by_its_register_alone(ursula, oak_lane):
    with pytest.raises(ValidationError):
        organisations.change_organisation(oak_lane.organisation, by=ursula, **facts())


@pytest.mark.parametrize("name", ["stella", "maya"])
def test_only_the_business_unit_changes_organisations(request, bodies, name):
    by = request.getfixturevalue(name)
    with pytest.raises(PermissionDenied):
        organisations.change_organisation(bodies["north"], by=by, **facts())


# --- The list ---------------------------------------------------------------------------------------------------------


def listed(client, **query):
    response = client.get(LIST, query)
    assert response.status_code == 200
    return {organisation.name for organisation in response.context["page_obj"]}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"Care Board", "Constabulary"}),
        ({"standing": "ended"}, {"North Commissioners", "Valleys Commissioners"}),
        ({"standing": "any", "q": "commis north"}, {"North Commissioners"}),
        ({"kind": "police"}, {"Constabulary"}),
        ({"kind": "school"}, {"Oak Lane School"}),
        ({"partner": "yes"}, {"Constabulary"}),
        ({"partner": "no"}, {"Care Board"}),
        ({"standing": "nonsense", "kind": "nonsense"}, {"Care Board", "Constabulary"}),
    ],
)
def test_the_filters(signed_in, ursula, bodies, constabulary, oak_lane, query, found):
    assert listed(signed_in(ursula), **query) == found


def test_the_file_has_what_the_list_shows(signed_in, ursula, bodies, maya):
    response = signed_in(ursula).get(reverse("organisations_export"), {"standing": "any"})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert [(row["Organisation"], row["Succeeded by"], row["Groups"]) for row in rows] == [
        ("Care Board", "", "0"),
        ("Constabulary", "", "1"),
        ("North Commissioners", "Care Board", "0"),
        ("Valleys Commissioners", "Care Board", "0"),
    ]


def test_the_list_costs_the_same_with_more_organisations(signed_in, stella, bodies, django_assert_max_num_queries):
    client = signed_in(stella)
    client.get(LIST)
    with django_assert_max_num_queries(15) as before:
        client.get(LIST)
    Organisation.objects.bulk_create(Organisation(name=f"Body {n}", kind="other") for n in range(40))
    with django_assert_max_num_queries(15) as after:
        client.get(LIST)
    assert len(after) == len(before)


# --- The page ---------------------------------------------------------------------------------------------------------


def page_of(client, organisation):
    response = client.get(organisation.get_absolute_url())
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_says_what_came_before_and_after(signed_in, stella, bodies):
    client = signed_in(stella)
    page = page_of(client, bodies["north"])
    for part in ("It existed until 30 June 2022", "stands in its place", bodies["board"].get_absolute_url()):
        assert part in page
    page = page_of(client, bodies["board"])
    assert "North Commissioners" in page
    assert "Valleys Commissioners" in page


def test_the_page_counts_unfinished_actions(signed_in, ursula, constabulary):
    today = timezone.localdate()
    for days in (-5, 5):
        Action.objects.create(organisation=constabulary, what="Train", due=today + timedelta(days=days))
    assert "2 unfinished actions of its own, of which 1 overdue" in page_of(signed_in(ursula), constabulary)


def test_names_are_for_those_who_may_know_them_and_addresses_for_the_business_unit(
    signed_in, ursula, stella, maya, chloe, constabulary, health_board, audit_group
):
    quiet = UserFactory(name="Quinn Quiet", organisation=constabulary)
    other = OrganisationFactory()
    outsider = UserFactory(name="Olive Outsider", organisation=other)
    seat(outsider, audit_group)
    assert "Quinn Quiet" in page_of(signed_in(ursula), constabulary)
    for reader in (stella, chloe):
        page = page_of(signed_in(reader), constabulary)
        assert "Maya Member" in page
        assert quiet.name not in page
        assert maya.email not in page


def test_who_sits_on_other_groups_is_not_named_to_a_member(signed_in, maya, health_board):
    elsewhere = UserFactory(name="Esme Elsewhere", organisation=health_board)
    seat(elsewhere, GroupFactory(name="Executive Group"))
    page = page_of(signed_in(maya), health_board)
    assert "Executive Group" in page
    assert "Esme Elsewhere" not in page


def test_people_of_a_body_that_ended_are_listed_as_a_warning(signed_in, ursula, bodies, constabulary):
    UserFactory(name="Lena Left-Behind", organisation=constabulary)
    client = signed_in(ursula)
    form = {"name": "Constabulary", "kind": "police", "ends_day": "1", "ends_month": "3", "ends_year": "2026"}
    response = client.post(reverse("edit_organisation", args=[constabulary.pk]), form, follow=True)
    page = response.content.decode()
    assert "It has ended, but 1 person still works there" in page
    assert "Lena Left-Behind" in page
    assert "people still work for it here" in page


def test_a_form_that_is_wrong_loses_nothing(signed_in, ursula, bodies):
    form = {"name": "Care Board", "kind": "health", "starts_day": "31", "starts_month": "2", "starts_year": "2026"}
    response = signed_in(ursula).post(reverse("add_organisation"), form)
    page = response.content.decode()
    assert response.status_code == 200
    assert "Day it exists from must be a real date" in page
    assert 'value="Care Board"' in page


def test_a_school_has_no_page_to_change_it(signed_in, ursula, oak_lane):
    client = signed_in(ursula)
    edit = reverse("edit_organisation", args=[oak_lane.organisation.pk])
    assert client.get(edit).status_code == 404
    assert edit not in page_of(client, oak_lane.organisation)


def test_the_page_costs_the_same_with_more_people_and_seats(
    signed_in, ursula, constabulary, audit_group, django_assert_max_num_queries
):
    client, page = signed_in(ursula), constabulary.get_absolute_url()
    seat(UserFactory(organisation=constabulary), audit_group)
    client.get(page)
    with django_assert_max_num_queries(20) as before:
        client.get(page)
    for _ in range(10):
        seat(UserFactory(organisation=constabulary), audit_group)
        OrganisationFactory(ends=date(2020, 1, 1), successor=constabulary)
    with django_assert_max_num_queries(20) as after:
        client.get(page)
    assert len(after) == len(before)


def test_the_history_of_an_organisation_names_its_successor(signed_in, ursula, bodies, constabulary):
    organisations.change_organisation(
        constabulary, by=ursula, **facts(name="Constabulary", kind="police", ends=ON, successor=bodies["board"])
    )
    page = signed_in(ursula).get(reverse("history", args=["partnership", "organisation", constabulary.pk]))
    assert "Care Board" in page.content.decode()
