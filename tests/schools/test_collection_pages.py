"""The pages of collections: who sees and does what, progress, the list of returns, several at once, planning."""

import csv
import io
from datetime import timedelta
from urllib.parse import unquote

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from partnership.choices import Role
from partnership.engine import home
from partnership.models import OutgoingMessage, StatusChange
from partnership.services.people import invite
from schools import figures
from schools.choices import CollectionStatus, Duty, ReturnStatus, SignOffKind
from schools.models import Collection, Extension, Return, ReturnQuery, SignOff
from schools.services import collections
from tests.factories import (
    CollectionFactory,
    SchoolFactory,
    UserFactory,
    grant,
    small_question_set,
    staff_survey,
)
from tests.markup import Markup, words

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


def in_days(days: int):
    return TODAY() + timedelta(days=days)


@pytest.fixture
def collection(db):
    return CollectionFactory(question_set=small_question_set(), status=CollectionStatus.OPEN)


def ask(collection, status=ReturnStatus.NOT_STARTED, **facts):
    """The return of a new school with these facts, in this status."""
    school = SchoolFactory(**facts)
    collections.add_returns(collection)
    record = Return.objects.get(collection=collection, organisation=school.organisation)
    record.status = status
    if record.is_submitted:
        record.submitted_at, record.governance_due = timezone.now(), in_days(60)
    record.save()
    return record


def page(response) -> Markup:
    assert response.status_code == 200, response.status_code
    return Markup(response.content)


def address(name: str, collection, *args) -> str:
    return reverse(f"schools:{name}", args=[collection.pk, *args])


def listed(client, collection, **query) -> list[str]:
    """The names of the schools in the list of returns."""
    response = client.get(address("collection_returns", collection), query)
    return [str(record.organisation) for record in response.context["page_obj"]]


# --- Who --------------------------------------------------------------------------------------------------------------

READ = ["collection", "collection_returns", "results"]
ACT = ["edit_collection", "open_collection", "close_collection", "reopen_collection"]
ACT += ["bulk_accept", "bulk_query", "bulk_extend"]


@pytest.mark.parametrize("name", READ)
def test_the_scrutineer_reads_what_the_business_unit_reads(name, signed_in, ursula, stella, collection):
    for person in (ursula, stella):
        assert signed_in(person).get(address(name, collection)).status_code == 200


@pytest.mark.parametrize("name", ACT)
def test_the_scrutineer_cannot_act(name, signed_in, stella, collection):
    client = signed_in(stella)
    assert client.get(address(name, collection)).status_code == 403
    assert client.post(address(name, collection)).status_code == 403


@pytest.mark.parametrize("name", READ + ACT)
@pytest.mark.parametrize("person", ["dan", "amira", "pat"])
def test_for_schools_and_practitioners_the_pages_are_not_there(name, person, signed_in, collection, request):
    assert signed_in(request.getfixturevalue(person)).get(address(name, collection)).status_code == 404


def test_the_scrutineer_is_offered_nothing_that_is_not_theirs(signed_in, stella, collection):
    ask(collection)
    client = signed_in(stella)
    assert page(client.get(address("collection_returns", collection))).all("input[type=checkbox]") == []
    found = page(client.get(address("collection", collection)))
    assert [words(link) for link in found.all(".govuk-button")] == ["See the returns", "See the results"]
    assert page(client.get(reverse("schools:collections"))).all(".govuk-button") == []


# --- Progress ---------------------------------------------------------------------------------------------------------


def test_the_list_of_collections_has_the_newest_first_and_how_far_each_has_come(signed_in, ursula, collection):
    ask(collection)
    ask(collection, ReturnStatus.ACCEPTED)
    CollectionFactory(academic_year=2027, question_set=collection.question_set)
    rows = page(signed_in(ursula).get(reverse("schools:collections"))).all("tbody tr")
    assert [words(row)[:7] for row in rows] == ["2027-28", "2026-27"]
    assert words(rows[1]).endswith("2 1 50.0%")
    assert "Opens on" in words(rows[0])


def test_the_page_shows_every_status_with_its_number_and_leads_to_the_returns_behind_it(signed_in, ursula, collection):
    numbers = {"not_started": 4, "in_progress": 3, "with_head": 2, "submitted": 5, "accepted": 1}
    for status, number in numbers.items():
        for _ in range(number):
            ask(collection, status)
    client = signed_in(ursula)
    found = page(client.get(address("collection", collection)))
    assert "6 of 15 schools have returned (40.0%)" in words(found.one(".govuk-body-l"))
    tiles = {words(link): link.get("href") for link in found.all(".hscp-counts__link")}
    assert list(tiles) == [
        "15 Asked",
        "4 Not started",
        "3 In progress",
        "2 With the head",
        "5 Submitted",
        "1 Accepted",
        "6 Governance wanted",
    ]
    for tile, url in tiles.items():
        assert client.get(url).context["page_obj"].paginator.count == int(tile.split()[0]), tile


def test_the_number_never_reached_is_that_of_the_list_behind_it(signed_in, ursula, collection, dan, erin):
    collections.add_returns(collection)
    ask(collection)
    ask(collection, ReturnStatus.SUBMITTED)
    invite(erin, by=ursula)
    dan.last_login = timezone.now()
    dan.save()
    client = signed_in(ursula)
    response = client.get(address("collection", collection))
    assert (response.context["never_reached"], response.context["never_invited"]) == (2, 1)
    assert len(listed(client, collection, attention="never_reached")) == 2
    assert len(listed(client, collection, attention="never_invited")) == 1


@pytest.mark.parametrize(
    ("by", "fact", "value"),
    [
        ("district", "district_name", "Watford"),
        ("phase", "phase", "Nursery"),
        ("type", "type_group_name", "Free Schools"),
    ],
)
def test_the_groups_add_up_and_each_leads_to_its_returns(signed_in, ursula, collection, by, fact, value):
    for _ in range(3):
        ask(collection, ReturnStatus.SUBMITTED, **{fact: value})
    ask(collection)
    client = signed_in(ursula)
    found = page(client.get(address("collection", collection), {"by": by}))
    row = next(row for row in found.all("tbody tr") if words(row).startswith(value))
    assert words(row) == f"{value} 3 0 0 0 3 0 3 100.0%"
    assert words(found.one("tfoot tr")) == "All schools 4 1 0 0 3 0 3 75.0%"
    link = next(link for link in found.all("tbody a") if words(link) == value)
    assert client.get(link.get("href")).context["page_obj"].paginator.count == 3


def test_a_grouping_that_there_is_not_shows_districts(signed_in, ursula, collection):
    ask(collection)
    assert "By district" in page(signed_in(ursula).get(address("collection", collection), {"by": "colour"})).text(
        "body"
    )


def test_the_schools_of_no_district_are_shown_without_a_link(signed_in, ursula, collection):
    ask(collection, district_name="")
    found = page(signed_in(ursula).get(address("collection", collection)))
    assert found.text("tbody tr").startswith("Not known 1")
    assert found.all("tbody a") == []


def test_a_planned_collection_shows_its_plan_and_no_numbers(signed_in, ursula):
    draft = CollectionFactory(opens_on=in_days(3))
    found = page(signed_in(ursula).get(address("collection", draft)))
    assert "No school has been asked yet" in found.text("body")
    assert found.all(".hscp-counts") == []


def _queries(client, url, django_assert_max_num_queries, most: int) -> int:
    with django_assert_max_num_queries(most) as found:
        assert client.get(url).status_code == 200
    return len(found)


@pytest.mark.parametrize("name", ["collection", "collection_returns", "bulk_accept"])
def test_a_page_costs_as_many_queries_at_300_schools_as_at_50(
    name, signed_in, ursula, collection, django_assert_max_num_queries
):
    client, url = signed_in(ursula), address(name, collection)
    SchoolFactory.create_batch(50)
    collections.add_returns(collection)
    few = _queries(client, url, django_assert_max_num_queries, 25)
    for district in ("Watford", "Dacorum", "Stevenage", "Hertsmere", "Broxbourne"):
        SchoolFactory.create_batch(50, district_name=district)
    collections.add_returns(collection)
    assert _queries(client, url, django_assert_max_num_queries, 25) == few


def test_the_list_of_collections_costs_as_many_queries_for_ten_years_as_for_one(
    signed_in, ursula, collection, django_assert_max_num_queries
):
    client, url = signed_in(ursula), reverse("schools:collections")
    few = _queries(client, url, django_assert_max_num_queries, 15)
    for year in range(2016, 2026):
        CollectionFactory(academic_year=year, question_set=collection.question_set)
    assert _queries(client, url, django_assert_max_num_queries, 15) == few


# --- The list of returns ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "facts"),
    [
        ({"district": "Watford"}, {"district_name": "Watford"}),
        ({"phase": "Nursery"}, {"phase": "Nursery"}),
        ({"type": "Free Schools"}, {"type_group_name": "Free Schools"}),
        ({"q": "hill mary's"}, {"name": "St Mary’s, Hill End"}),
        ({"q": "912345"}, {"urn": 912345}),
    ],
)
def test_the_list_is_narrowed_by_what_a_school_is(signed_in, ursula, collection, query, facts):
    ask(collection, name="Another school")
    wanted = ask(collection, **facts)
    assert listed(signed_in(ursula), collection, **query) == [str(wanted.organisation)]


@pytest.mark.parametrize("status", list(ReturnStatus))
def test_the_list_is_narrowed_by_status(signed_in, ursula, collection, status):
    for each in ReturnStatus:
        ask(collection, each, name=f"School {each.value}")
    assert listed(signed_in(ursula), collection, status=status) == [f"School {status.value}"]


def test_the_list_is_narrowed_by_what_needs_attention(signed_in, ursula, collection, colin):
    waiting = ask(collection, ReturnStatus.SUBMITTED, name="Waits for governance")
    late = ask(collection, ReturnStatus.ACCEPTED, name="Waits too long")
    signed = ask(collection, ReturnStatus.SUBMITTED, name="Signed")
    extended = ask(collection, ReturnStatus.IN_PROGRESS, name="Extended")
    asked = ask(collection, ReturnStatus.IN_PROGRESS, name="Queried")
    answered = ask(collection, ReturnStatus.SUBMITTED, name="Answered")
    Return.objects.filter(pk=late.pk).update(governance_due=in_days(-1))
    Return.objects.filter(pk=extended.pk).update(extended_to=in_days(90))
    for record in (signed, answered):
        SignOff.objects.create(
            return_record=record,
            kind=SignOffKind.GOVERNANCE,
            signed_by=colin,
            name="Colin",
            role="Chair",
            statement="x",
        )
    for record, replied_at in ((asked, None), (answered, timezone.now())):
        ReturnQuery.objects.create(return_record=record, text="Why?", asked_by=ursula, replied_at=replied_at)
    client = signed_in(ursula)
    assert listed(client, collection, attention="governance_pending") == ["Waits for governance", "Waits too long"]
    assert listed(client, collection, attention="governance_overdue") == ["Waits too long"]
    assert listed(client, collection, attention="queried") == ["Queried"]
    assert listed(client, collection, attention="extended") == ["Extended"]
    assert waiting.pk


def test_two_filters_narrow_together(signed_in, ursula, collection):
    ask(collection, ReturnStatus.SUBMITTED, name="Both", district_name="Watford")
    ask(collection, name="One", district_name="Watford")
    ask(collection, ReturnStatus.SUBMITTED, name="Other")
    assert listed(signed_in(ursula), collection, district="Watford", status="submitted") == ["Both"]


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("school", ["A", "B", "C"]),
        ("-school", ["C", "B", "A"]),
        ("district", ["B", "C", "A"]),
        ("-district", ["A", "C", "B"]),
        ("status", ["C", "A", "B"]),
        ("-status", ["B", "A", "C"]),
        ("submitted", ["B", "A", "C"]),
        ("evil", ["A", "B", "C"]),
        ("-", ["A", "B", "C"]),
    ],
)
def test_the_list_is_sorted_by_school_district_life_of_a_return_or_day(signed_in, ursula, collection, sort, expected):
    ask(collection, ReturnStatus.IN_PROGRESS, name="A", district_name="Watford")
    ask(collection, ReturnStatus.SUBMITTED, name="B", district_name="Broxbourne")
    ask(collection, name="C", district_name="Hertsmere")
    assert listed(signed_in(ursula), collection, sort=sort) == expected


@pytest.mark.parametrize(
    "query",
    [
        {"page": "zzz"},
        {"page": "99999999999999999999"},
        {"page": "-1"},
        {"status": "evil"},
        {"attention": "evil"},
        {"district": "Nowhere"},
        {"q": "\0"},
        {"q": "9" * 500},
        {"q": "'"},
        {"tick": "all"},
    ],
)
def test_bad_input_shows_the_list(signed_in, ursula, collection, query):
    ask(collection)
    assert signed_in(ursula).get(address("collection_returns", collection), query).status_code == 200


def test_fifty_returns_are_on_a_page_and_a_page_too_far_is_the_last(signed_in, ursula, collection):
    SchoolFactory.create_batch(52)
    collections.add_returns(collection)
    client = signed_in(ursula)
    assert len(listed(client, collection)) == 50
    assert len(listed(client, collection, page=7)) == 2


def test_a_school_that_closed_without_submitting_is_not_in_the_list(signed_in, ursula, collection):
    ask(collection, name="Open")
    school = ask(collection, name="Closed").organisation.school
    school.status = "closed"
    school.save()
    assert listed(signed_in(ursula), collection) == ["Open"]


def test_nothing_that_matches_says_so(signed_in, ursula, collection):
    ask(collection)
    found = page(signed_in(ursula).get(address("collection_returns", collection), {"status": "accepted"}))
    assert "Nothing matches these filters" in found.text("body")


# --- As a file --------------------------------------------------------------------------------------------------------


def test_the_csv_holds_what_the_filter_shows(signed_in, ursula, collection):
    record = ask(collection, ReturnStatus.SUBMITTED, name="=Oak Lane", urn=912345, district_name="Watford")
    ask(collection)
    response = signed_in(ursula).get(address("export_returns", collection, "csv"), {"status": "submitted"})
    rows = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
    assert len(rows) == 2
    row = dict(zip(rows[0], rows[1], strict=True))
    assert (row["School"], row["URN"], row["District"]) == ("'=Oak Lane", "912345", "Watford")
    assert (row["Status"], row["Governance confirmation"]) == ("Submitted", "Wanted")
    assert row["Reference"] == record.reference
    assert row["Last day"] == f"{collection.final_deadline:%d/%m/%Y}"
    assert response["Content-Disposition"] == 'attachment; filename="returns-2026-27.csv"'


def test_the_xlsx_holds_all_pages_in_the_order_of_the_list(signed_in, ursula, collection):
    SchoolFactory.create_batch(60)
    collections.add_returns(collection)
    client = signed_in(ursula)
    response = client.get(address("export_returns", collection, "xlsx"), {"sort": "-school", "page": 2})
    rows = list(load_workbook(io.BytesIO(b"".join(response))).active.values)
    names = [row[1] for row in rows[1:]]
    assert len(names) == 60
    assert names[:50] == listed(client, collection, sort="-school")


def test_a_file_of_another_kind_is_not_found(signed_in, ursula, collection):
    assert signed_in(ursula).get(f"/collections/{collection.pk}/returns/export.pdf").status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_costs_as_many_queries_at_300_schools_as_at_50(
    kind, signed_in, ursula, collection, django_assert_max_num_queries
):
    client, url, counts = signed_in(ursula), address("export_returns", collection, kind), []
    for number in (50, 250):
        SchoolFactory.create_batch(number)
        collections.add_returns(collection)
        with django_assert_max_num_queries(15) as found:
            assert b"".join(client.get(url))
        counts.append(len(found))
    assert counts[0] == counts[1]


# --- Several at once --------------------------------------------------------------------------------------------------


def with_chosen(name, collection, records, **query) -> str:
    chosen = "&".join(f"chosen={record.pk}" for record in records)
    extra = "".join(f"&{key}={value}" for key, value in query.items())
    return f"{address(name, collection)}?{chosen}{extra}"


def statuses(*records) -> list[str]:
    return [Return.objects.get(pk=record.pk).status for record in records]


def date_fields(name, day):
    return {f"{name}_day": day.day, f"{name}_month": day.month, f"{name}_year": day.year}


def test_what_can_be_accepted_is_and_the_rest_is_reported_by_name(signed_in, ursula, collection):
    good = [ask(collection, ReturnStatus.SUBMITTED, name=f"Good {n}") for n in range(2)]
    bad = ask(collection, ReturnStatus.IN_PROGRESS, name="Not yet")
    client, url = signed_in(ursula), with_chosen("bulk_accept", collection, [good[0], bad, good[1]])
    found = page(client.get(url))
    assert found.texts("main li") == ["Good 0 (submitted)", "Good 1 (submitted)", "Not yet (in progress)"]
    assert found.text(".govuk-inset-text").startswith("Left out, because of where it stands: Not yet")
    response = client.post(url, follow=True)
    assert statuses(*good, bad) == ["accepted", "accepted", "in_progress"]
    found = page(response)
    assert "2 returns accepted" in found.text("body")
    assert found.text(".govuk-inset-text").startswith("Not done to 1 return Not yet")
    assert found.texts(".govuk-inset-text dd") == ["You cannot accept the return now: the status is “in progress”."]
    again = page(client.get(response.request["PATH_INFO"]))
    assert again.all(".govuk-inset-text") == []  # said once


def test_a_return_that_somebody_else_has_just_accepted_is_reported_with_their_name(signed_in, ursula, collection):
    record, other = (ask(collection, ReturnStatus.SUBMITTED) for _ in range(2))
    client, url = signed_in(ursula), with_chosen("bulk_accept", collection, [record, other])
    client.post(with_chosen("bulk_accept", collection, [record]))
    response = client.post(url, follow=True)
    assert "Ursula Unit changed the status to “accepted”" in words(page(response).one(".govuk-inset-text"))
    assert statuses(other) == ["accepted"]
    assert StatusChange.objects.about(record).count() == 1


def test_several_returns_are_queried_and_their_people_told(signed_in, ursula, collection, dan, oak_lane):
    collections.add_returns(collection)
    record = Return.objects.get(organisation=oak_lane.organisation)
    Return.objects.update(status=ReturnStatus.SUBMITTED, submitted_at=timezone.now())
    other = ask(collection, name="Not yet")
    url = with_chosen("bulk_query", collection, [record, other])
    fields = {"text": "Which governor is it?"} | date_fields("reply_by", in_days(10))
    response = signed_in(ursula).post(url, fields, follow=True)
    assert "1 return queried" in page(response).text("body")
    assert page(response).text(".govuk-inset-text").startswith("Not done to 1 return Not yet")
    assert statuses(record, other) == ["in_progress", "not_started"]
    asked = ReturnQuery.objects.get()
    assert (asked.return_record, asked.text, asked.reply_by) == (record, "Which governor is it?", in_days(10))
    assert OutgoingMessage.objects.filter(name="return_queried", to_user=dan).exists()


def test_several_schools_are_given_more_time(signed_in, ursula, collection):
    first, second = ask(collection), ask(collection, ReturnStatus.IN_PROGRESS)
    submitted = ask(collection, ReturnStatus.SUBMITTED)
    until = collection.final_deadline + timedelta(days=7)
    url = with_chosen("bulk_extend", collection, [first, second, submitted])
    response = signed_in(ursula).post(url, {"reason": "Flood"} | date_fields("until", until), follow=True)
    assert "2 returns given more time" in page(response).text("body")
    assert "nothing to extend" in words(page(response).one(".govuk-inset-text"))
    assert {given.return_record for given in Extension.objects.all()} == {first, second}


def test_where_nothing_could_be_done_what_was_typed_stays_and_each_reason_is_said_once(signed_in, ursula, collection):
    records = [ask(collection) for _ in range(3)]
    url = with_chosen("bulk_extend", collection, records)
    fields = {"reason": "Flood"} | date_fields("until", collection.final_deadline)
    found = page(signed_in(ursula).post(url, fields))
    assert len(found.all(".govuk-error-summary__list li")) == 1
    assert "The new last day must be after" in words(found.one(".govuk-error-summary__list"))
    assert found.one("textarea").text.strip() == "Flood"
    assert not Extension.objects.exists()


def test_a_text_that_may_identify_a_child_goes_to_nobody(signed_in, ursula, collection):
    record = ask(collection, ReturnStatus.SUBMITTED)
    fields = {"text": "What of NHS number 943 476 5919?"} | date_fields("reply_by", in_days(9))
    response = signed_in(ursula).post(with_chosen("bulk_query", collection, [record]), fields)
    assert "NHS number" in words(page(response).one(".govuk-error-summary"))
    assert statuses(record) == ["submitted"]


@pytest.mark.parametrize(
    "chosen", ["", "chosen=abc", "chosen=99999999999999999999999", "chosen=-1&chosen=1e3", "chosen="]
)
def test_nothing_ticked_or_nonsense_leads_back_to_the_list(signed_in, ursula, collection, chosen):
    record = ask(collection, ReturnStatus.SUBMITTED)
    client, url = signed_in(ursula), f"{address('bulk_accept', collection)}?{chosen}"
    assert "No return is ticked" in page(client.get(url)).text("body")
    assert "tick the returns that you mean" in page(client.post(url)).text("body")
    assert statuses(record) == ["submitted"]


def test_returns_of_another_collection_are_left_alone(signed_in, ursula, collection):
    other = CollectionFactory(academic_year=2025, question_set=collection.question_set)
    record = ask(other, ReturnStatus.SUBMITTED)
    signed_in(ursula).post(with_chosen("bulk_accept", collection, [record]))
    assert statuses(record) == ["submitted"]


def test_an_action_leads_back_to_the_list_as_it_was(signed_in, ursula, collection):
    record = ask(collection, ReturnStatus.SUBMITTED, district_name="Watford")
    client = signed_in(ursula)
    found = page(client.get(address("collection_returns", collection), {"district": "Watford", "tick": "all"}))
    assert len(found.all("input[name=chosen][checked]")) == 1
    back = found.one("input[name=back]").get("value")
    assert back == "district=Watford"
    url = with_chosen("bulk_accept", collection, [record], back="district%3DWatford")
    assert client.post(url)["Location"] == f"{address('collection_returns', collection)}?district=Watford"


def test_the_way_back_cannot_lead_elsewhere(signed_in, ursula, collection):
    record = ask(collection, ReturnStatus.SUBMITTED)
    url = with_chosen("bulk_accept", collection, [record], back="//evil.example/%0d%0aX: y")
    location = signed_in(ursula).post(url)["Location"]
    assert location.startswith(f"/collections/{collection.pk}/returns/?")
    assert "\n" not in location


# --- Planning and changing --------------------------------------------------------------------------------------------


def plan_fields(asked, **fields):
    plan = {
        "academic_year": TODAY().year,
        "question_set": asked.pk,
        "staff_survey": "",
        "duties": ["s175", "s157"],
        "governance_days": 30,
        "reminder_days": "7, 14,7",
        "chase_days": "",
    }
    days = {"opens_on": in_days(2), "first_deadline": in_days(50), "final_deadline": in_days(60)}
    for name, day in days.items():
        plan |= date_fields(name, day)
    return plan | fields


@pytest.fixture
def planned(ursula):
    question_set = small_question_set()
    return collections.plan(
        by=ursula,
        academic_year=TODAY().year,
        question_set=question_set,
        duties=[Duty.S175],
        opens_on=in_days(2),
        first_deadline=in_days(50),
        final_deadline=in_days(60),
    )


def test_a_collection_is_planned(signed_in, ursula):
    survey = staff_survey()
    fields = plan_fields(small_question_set(), staff_survey=survey.pk)
    response = signed_in(ursula).post(reverse("schools:plan_collection"), fields)
    made = Collection.objects.get()
    assert response["Location"] == address("collection", made)
    assert (made.status, made.created_by, made.staff_survey) == (CollectionStatus.DRAFT, ursula, survey)
    assert (made.duties, made.opens_on, made.final_deadline) == (["s175", "s157"], in_days(2), in_days(60))
    assert (made.reminder_days, made.chase_days) == ([14, 7], [])


def errors(response) -> list[str]:
    return [words(item) for item in page(response).all(".govuk-error-summary__list li")]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"academic_year": ""}, "Select the academic year"),
        ({"academic_year": "1999"}, "Select one of the options"),
        ({"question_set": ""}, "Select the question set"),
        ({"question_set": "999999"}, "Select one of the options"),
        ({"duties": []}, "Select who is asked"),
        ({"duties": ["none"]}, "Select one of the options"),
        ({"opens_on_day": "", "opens_on_month": "", "opens_on_year": ""}, "Enter the opening day"),
        ({"opens_on_day": "31", "opens_on_month": "2"}, "Opening day must be a real date"),
        ({"opens_on_year": "2019"}, "The opening day must be today or in the future"),
        ({"final_deadline_year": "2019"}, "The final deadline must be on or after the first deadline"),
        ({"governance_days": "0"}, "Enter a number that is 1 or more"),
        ({"governance_days": "many"}, "Enter a whole number"),
        ({"reminder_days": "a week"}, "Enter whole numbers with commas between them, for example 14, 7, 1"),
        ({"reminder_days": "0"}, "Enter numbers of days from 1 to 365"),
        ({"chase_days": "99999999999"}, "Enter numbers of days from 1 to 365"),
    ],
)
def test_a_plan_that_is_wrong_says_so_at_its_field(signed_in, ursula, fields, error):
    response = signed_in(ursula).post(reverse("schools:plan_collection"), plan_fields(small_question_set(), **fields))
    assert any(error in said for said in errors(response)), errors(response)
    assert not Collection.objects.exists()


def test_a_second_collection_for_a_year_is_refused(signed_in, ursula, planned):
    response = signed_in(ursula).post(reverse("schools:plan_collection"), plan_fields(planned.question_set))
    assert errors(response) == [f"There is a collection for {planned.year_label} already"]


def test_the_form_offers_the_next_year_without_a_collection_and_only_published_sets(signed_in, ursula, planned):
    small_draft = staff_survey(published=False)
    found = page(signed_in(ursula).get(reverse("schools:plan_collection")))
    chosen = found.one("select[name=academic_year] option[selected]")
    assert int(chosen.get("value")) == planned.academic_year + 1
    assert str(planned.question_set) in words(found.one("select[name=question_set]"))
    assert str(small_draft) not in words(found.one("select[name=staff_survey]"))


def test_without_a_published_set_the_form_says_what_to_do(signed_in, ursula):
    assert "No question set is published" in page(signed_in(ursula).get(reverse("schools:plan_collection"))).text(
        "body"
    )


def filled(client, url) -> dict:
    """What the form on a page would send as it stands."""
    return sent_by(page(client.get(url)))


def sent_by(found: Markup) -> dict:
    """What the form of a page sends."""
    fields = {}
    for field in found.all("main input[name]"):
        if field.get("type") != "checkbox":
            fields[field.get("name")] = field.get("value", "")
    for box in found.all("main input[type=checkbox][checked]"):
        fields[box.get("name")] = [*fields.get(box.get("name"), []), box.get("value")]
    for option in found.all("main select option[selected]"):
        name = next(select.get("name") for select in found.all("main select") if option in list(select.iter()))
        fields[name] = option.get("value")
    return fields


def test_a_draft_is_changed(signed_in, ursula, planned):
    client, url = signed_in(ursula), address("edit_collection", planned)
    fields = filled(client, url) | {"duties": ["nmss"], "governance_days": "45"}
    assert client.post(url, fields)["Location"] == address("collection", planned)
    planned.refresh_from_db()
    assert (planned.duties, planned.governance_days) == (["nmss"], 45)


def test_of_an_open_collection_only_the_days_are_asked(signed_in, ursula, collection):
    client, url = signed_in(ursula), address("edit_collection", collection)
    fields = filled(client, url)
    assert "question_set" not in fields
    duties = collection.duties
    client.post(url, fields | {"chase_days": "3", "duties": ["nmss"]})
    collection.refresh_from_db()
    assert (collection.chase_days, collection.duties) == ([3], duties)


def test_the_second_of_two_who_change_at_once_is_shown_both_and_chooses(signed_in, ursula, planned):
    client, url = signed_in(ursula), address("edit_collection", planned)
    fields = filled(client, url)
    client.post(url, fields | {"governance_days": "45", "reminder_days": "5"})
    response = client.post(url, fields | {"governance_days": "90"})
    found = page(response)
    assert "Somebody else changed this" in words(found.one(".govuk-error-summary"))
    theirs = dict(zip(found.texts(".hscp-theirs dt"), found.texts(".hscp-theirs dd"), strict=True))
    assert theirs == {
        "Days for the governance confirmation": "45",
        "Reminders before the first deadline (optional)": "5",
    }
    assert found.one("input[name=governance_days]").get("value") == "90"
    planned.refresh_from_db()
    assert planned.governance_days == 45
    client.post(url, sent_by(found))
    planned.refresh_from_db()
    assert (planned.governance_days, planned.reminder_days) == (90, [30, 14, 7, 1])


def test_a_plan_that_was_opened_in_the_meantime_is_told(signed_in, ursula, planned):
    client, url = signed_in(ursula), address("edit_collection", planned)
    fields = filled(client, url)
    collections.open_collection(planned, by=ursula)
    found = page(client.post(url, fields | {"governance_days": "90"}))
    assert "Somebody else changed this" in words(found.one(".govuk-error-summary"))


def test_what_was_typed_while_the_session_ended_is_given_back(client, ursula, planned):
    url = reverse("schools:plan_collection")
    response = client.post(url, plan_fields(planned.question_set, governance_days="77"))
    assert response.status_code == 302
    back = unquote(response["Location"].split("next=")[1])
    client.force_login(ursula)
    assert page(client.get(back)).one("input[name=governance_days]").get("value") == "77"


# --- Opening and closing ----------------------------------------------------------------------------------------------


def test_opening_says_how_many_are_asked_and_asks_them(signed_in, ursula, planned, dan, oak_lane, elm_park):
    client, url = signed_in(ursula), address("open_collection", planned)
    assert "2 open schools will be asked" in page(client.get(url)).text("body")
    assert client.post(url)["Location"] == address("collection", planned)
    planned.refresh_from_db()
    assert (planned.status, planned.opens_on) == (CollectionStatus.OPEN, TODAY())
    assert Return.objects.count() == 2
    assert OutgoingMessage.objects.filter(name="collection_opened", to_user=dan).exists()


def test_what_cannot_be_opened_says_why(signed_in, ursula, planned):
    Collection.objects.update(opens_on=in_days(-9), first_deadline=in_days(-1))
    response = signed_in(ursula).post(address("open_collection", planned))
    assert "The first deadline has passed" in page(response).text("body")
    assert not Return.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("open_collection", CollectionStatus.OPEN),
        ("open_collection", CollectionStatus.CLOSED),
        ("close_collection", CollectionStatus.DRAFT),
        ("close_collection", CollectionStatus.CLOSED),
        ("reopen_collection", CollectionStatus.OPEN),
        ("edit_collection", CollectionStatus.CLOSED),
    ],
)
def test_a_stale_click_says_what_has_happened_and_changes_nothing(signed_in, ursula, collection, method, name, status):
    Collection.objects.update(status=status)
    client, url = signed_in(ursula), address(name, collection)
    fields = {"note": "Why not", "governance_days": 30} | date_fields("final_deadline", in_days(90))
    fields |= date_fields("first_deadline", in_days(80))
    response = client.get(url) if method == "get" else client.post(url, fields)
    assert response.status_code == 409
    assert "the status is" in Markup(response.content).text("body")
    collection.refresh_from_db()
    assert collection.status == status


def test_closing_says_what_is_unfinished_and_closes(signed_in, ursula, collection):
    ask(collection, ReturnStatus.IN_PROGRESS)
    ask(collection, ReturnStatus.WITH_HEAD)
    ask(collection, ReturnStatus.SUBMITTED)
    client, url = signed_in(ursula), address("close_collection", collection)
    assert "1 of 3 schools have returned. 2 have begun and not submitted." in page(client.get(url)).text("body")
    client.post(url)
    collection.refresh_from_db()
    assert collection.status == CollectionStatus.CLOSED


def test_reopening_wants_a_day_to_come_and_a_reason(signed_in, ursula, collection):
    Collection.objects.update(status=CollectionStatus.CLOSED)
    client, url = signed_in(ursula), address("reopen_collection", collection)
    day, reason = errors(client.post(url, date_fields("final_deadline", in_days(-1))))
    assert day.startswith("New final deadline must be on or after")
    assert reason == "Enter why you reopen this collection"
    client.post(url, {"note": "A late appeal"} | date_fields("final_deadline", in_days(99)))
    collection.refresh_from_db()
    assert (collection.status, collection.final_deadline) == (CollectionStatus.OPEN, in_days(99))


# --- What needs the business unit -------------------------------------------------------------------------------------


def needs(person) -> list[str]:
    return [need.title for need in home.needs_of(person, on=TODAY())]


def test_a_collection_that_opens_soon_or_has_not_opened_needs_the_business_unit(ursula, stella, planned):
    assert f"{planned} opens on {in_days(2):%-d %B}" in needs(ursula)
    Collection.objects.update(opens_on=in_days(-1))
    assert f"{planned} has not opened" in needs(ursula)
    Collection.objects.update(opens_on=in_days(40))
    assert not any("open" in need for need in needs(ursula))
    Collection.objects.update(opens_on=in_days(1))
    assert not any("opens on" in need for need in needs(stella))


def test_governance_confirmations_that_are_overdue_are_counted_and_lead_to_the_list(signed_in, ursula, dan, collection):
    for _ in range(3):
        ask(collection, ReturnStatus.ACCEPTED)
    Return.objects.update(governance_due=in_days(-1))
    ask(collection, ReturnStatus.SUBMITTED)
    need = next(need for need in home.needs_of(ursula, on=TODAY()) if "governance" in need.title)
    assert need.title == "3 governance confirmations are overdue"
    assert signed_in(ursula).get(need.url).context["page_obj"].paginator.count == 3
    assert figures.overdue_governance(collection, on=TODAY()) == 3
    assert not any("governance" in title for title in needs(dan))


def test_returns_to_accept_are_counted_and_lead_to_the_list(signed_in, ursula, collection):
    for _ in range(2):
        ask(collection, ReturnStatus.SUBMITTED)
    need = next(need for need in home.needs_of(ursula, on=TODAY()) if "accept" in need.title)
    assert signed_in(ursula).get(need.url).context["page_obj"].paginator.count == 2


def test_somebody_of_two_schools_is_named_once(collection):
    person = UserFactory()
    for _ in range(2):
        grant(person, Role.DSL, SchoolFactory().organisation)
    collections.open_and_close_by_the_clock()
    assert OutgoingMessage.objects.filter(name="collection_opened").count() == 1
