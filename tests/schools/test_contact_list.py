"""The contacts of all schools: who is missing, who has never signed in, as a list and as a file."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from partnership.choices import Role
from partnership.models import User
from schools import figures
from schools.choices import SchoolStatus
from schools.services import contacts
from tests.factories import SchoolFactory, UserFactory, grant

LIST = reverse("schools:contacts")


@pytest.fixture
def schools(oak_lane, elm_park, dan, debbie, amira, colin, erin, ursula):
    """Oak Lane has everybody; Elm Park only Erin, who was never invited; Ash Grove has a lead who was invited."""
    User.objects.filter(pk__in=[dan.pk, debbie.pk, amira.pk, colin.pk]).update(last_login=timezone.now())
    ash_grove = SchoolFactory(name="Ash Grove School", district_name="Stevenage", phase="Secondary")
    contacts.appoint(ash_grove, role=Role.DSL, email="n@example.org", name="Nina New", by=ursula)
    SchoolFactory(name="Gone School", status=SchoolStatus.CLOSED)
    return {"Ash Grove School", "Elm Park School", "Oak Lane School"}


def listed(client, **query):
    response = client.get(LIST, query)
    assert response.status_code == 200
    return {line.school.name for line in response.context["lines"]}


def test_the_numbers_by_their_definition(schools, erin, oak_lane):
    grant(erin, Role.DEPUTY_DSL, oak_lane.organisation)  # named at two schools, counts once
    grant(UserFactory(is_active=False), Role.HEADTEACHER, SchoolFactory().organisation)  # closed account: nobody
    gaps = figures.contact_gaps(at=timezone.now())
    assert gaps == figures.ContactGaps(
        without_dsl=1, without_head=3, without_chair=3, never_signed_in=2, never_invited=1
    )


def test_the_figure_costs_two_queries(schools, django_assert_num_queries):
    with django_assert_num_queries(2):
        figures.contact_gaps(at=timezone.now())


def test_every_open_school_is_listed_and_no_other(signed_in, ursula, schools):
    assert listed(signed_in(ursula)) == schools


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"missing": "dsl"}, set()),
        ({"missing": "headteacher"}, {"Elm Park School", "Ash Grove School"}),
        ({"missing": "any"}, {"Elm Park School", "Ash Grove School"}),
        ({"state": "never_signed_in"}, {"Elm Park School", "Ash Grove School"}),
        ({"state": "never_invited"}, {"Elm Park School"}),
        ({"state": "invited"}, {"Ash Grove School"}),
        ({"state": "expired"}, set()),
        ({"district": "Stevenage"}, {"Ash Grove School"}),
        ({"phase": "Primary", "q": "school oak"}, {"Oak Lane School"}),
        ({"q": "900102"}, {"Elm Park School"}),
        ({"missing": "nonsense"}, {"Ash Grove School", "Elm Park School", "Oak Lane School"}),
    ],
)
def test_the_filters(signed_in, ursula, schools, query, found):
    assert listed(signed_in(ursula), **query) == found


def test_the_page_names_people_and_gaps(signed_in, ursula, schools):
    page = signed_in(ursula).get(LIST).content.decode()
    for part in ("Dan Lead", "Nina New", "Invited", "Never invited", "Nobody", "without a safeguarding lead"):
        assert part in page


@pytest.mark.parametrize(("person", "status"), [("ursula", 200), ("stella", 200), ("dan", 403), ("pat", 404)])
def test_who_sees_the_list(request, signed_in, oak_lane, person, status):
    client = signed_in(request.getfixturevalue(person))
    assert client.get(LIST).status_code == status
    for file_format in ("csv", "xlsx"):
        assert client.get(reverse("schools:contacts_export", args=[file_format])).status_code == status


def test_only_the_business_unit_is_offered_the_import(signed_in, oak_lane, ursula, stella):
    import_page = reverse("schools:import_contacts")
    assert import_page in signed_in(ursula).get(LIST).content.decode()
    assert import_page not in signed_in(stella).get(LIST).content.decode()
    assert signed_in(stella).get(import_page).status_code == 404


def test_the_file_has_a_row_for_each_role_of_the_listed_schools(signed_in, ursula, schools):
    response = signed_in(ursula).get(reverse("schools:contacts_export", args=["csv"]), {"q": "elm"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [(row["URN"], row["Role"], row["Name"], row["State"]) for row in rows] == [
        ("900102", "Designated safeguarding lead", "Erin Elsewhere", "Never invited"),
        ("900102", "Headteacher or principal", "", "Nobody named"),
        ("900102", "Chair of governors or proprietor", "", "Nobody named"),
    ]


def test_the_workbook_has_the_same_rows(signed_in, ursula, schools):
    response = signed_in(ursula).get(reverse("schools:contacts_export", args=["xlsx"]))
    book = load_workbook(io.BytesIO(b"".join(response.streaming_content)))
    names = [row[3] for row in book.active.iter_rows(min_row=2, values_only=True)]
    assert names == [
        "Nina New",
        None,
        None,
        "Erin Elsewhere",
        None,
        None,
        "Dan Lead",
        "Debbie Deputy",
        "Amira Head",
        "Colin Chair",
    ]


def test_the_list_costs_the_same_with_more_schools(signed_in, ursula, schools, django_assert_max_num_queries):
    client = signed_in(ursula)
    client.get(LIST)
    with django_assert_max_num_queries(20) as before:
        client.get(LIST)
    for _ in range(20):
        grant(UserFactory(), Role.DSL, SchoolFactory().organisation)
    with django_assert_max_num_queries(20) as after:
        client.get(LIST)
    assert len(after) == len(before)
