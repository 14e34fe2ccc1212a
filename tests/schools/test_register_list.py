"""The register as a list: what it shows, how it is narrowed and sorted, what the files hold; and the import's pages."""

from __future__ import annotations

import csv
import io
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from partnership.models import StatusChange
from schools.choices import CollectionKind, CollectionStatus, Duty, Fact, ImportStatus, ReturnStatus, SchoolStatus
from schools.models import FactOverride, LocalFacts, RegisterImport, Return, School
from schools.services import register
from tests.factories import CollectionFactory, SchoolFactory
from tests.schools.gias_files import links_bytes, register_bytes, register_file, row, rows

LIST = "/register/"


@pytest.fixture
def open_collection(db):
    return CollectionFactory(status=CollectionStatus.OPEN)


def ask(collection, school, status=ReturnStatus.NOT_STARTED):
    return Return.objects.create(
        collection=collection,
        organisation=school.organisation,
        status=status,
        reference=f"R{collection.pk}-{school.urn}",
        submitted_at=timezone.now() if status in (ReturnStatus.SUBMITTED, ReturnStatus.ACCEPTED) else None,
    )


def names(response) -> list[str]:
    return [school.name for school in response.context["page_obj"]]


def text(response) -> str:
    return unescape(response.content.decode())


# --- Who sees it ------------------------------------------------------------------------------------------------------

EXPORTS = ["/register/schools.csv", "/register/schools.xlsx"]


@pytest.mark.parametrize("url", [LIST, *EXPORTS])
@pytest.mark.parametrize(("person", "status"), [("ursula", 200), ("stella", 200), ("dan", 403), ("pat", 404)])
def test_readers_see_the_register_a_school_sees_only_itself(request, signed_in, url, person, status):
    response = signed_in(request.getfixturevalue(person)).get(url)
    assert response.status_code == status
    assert b"".join(response)


def test_nobody_sees_the_register_without_signing_in(client, db):
    assert client.get(LIST).status_code == 302


def test_a_file_of_another_kind_is_not_found(signed_in, ursula):
    assert signed_in(ursula).get("/register/schools.pdf").status_code == 404


# --- The list ---------------------------------------------------------------------------------------------------------


def test_open_schools_come_by_name_unless_another_status_is_asked_for(signed_in, ursula):
    for status in SchoolStatus:
        SchoolFactory(name=f"School {status}", status=status)
    client = signed_in(ursula)
    assert names(client.get(LIST)) == ["School closing", "School open"]
    assert names(client.get(LIST, {"status": "closing"})) == ["School closing"]
    assert names(client.get(LIST, {"status": "closed"})) == ["School closed"]
    assert len(names(client.get(LIST, {"status": "any"}))) == 4
    assert names(client.get(LIST, {"status": "nonsense"})) != []


def test_a_status_other_than_open_is_shown_as_such(signed_in, ursula):
    SchoolFactory(status=SchoolStatus.CLOSING)
    assert ">Open, but proposed to close</strong>" in text(signed_in(ursula).get(LIST))


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("oak", ["Oak Lane School"]),
        ("LANE oak", ["Oak Lane School"]),
        ("st mary's", ["St Mary’s, Hitchin", "St Mary's, Ware"]),
        ("mary’s hitchin", ["St Mary’s, Hitchin"]),
        ("900101", ["Oak Lane School"]),
        (" 900101 ", ["Oak Lane School"]),
        ("90010", []),
        ("9" * 40, []),
        ("%", []),
        ("'", ["Oak Lane School", "St Mary’s, Hitchin", "St Mary's, Ware"]),
    ],
)
def test_a_school_is_found_by_words_of_its_name_or_its_urn(signed_in, ursula, oak_lane, typed, found):
    SchoolFactory(name="St Mary’s, Hitchin")
    SchoolFactory(name="St Mary's, Ware")
    assert sorted(names(signed_in(ursula).get(LIST, {"q": typed}))) == sorted(found)


@pytest.mark.parametrize("typed", ["\x00", "x" * 5000, "9" * 5000, "a " * 2500, "٣٤٥"])
def test_strange_searches_are_answered(signed_in, ursula, typed):
    assert signed_in(ursula).get(LIST, {"q": typed}).status_code == 200


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("district", "Dacorum"),
        ("phase", "Secondary"),
        ("type", "Academies"),
        ("trust", "The Lea Valley Trust"),
    ],
)
def test_the_list_is_narrowed_by_each_fact(signed_in, ursula, oak_lane, name, value):
    facts = {"district": "district_name", "phase": "phase", "type": "type_group_name", "trust": "trust_name"}
    wanted = SchoolFactory(**{facts[name]: value})
    response = signed_in(ursula).get(LIST, {name: value})
    assert names(response) == [wanted.name]
    assert response.context["filter"].form.active_count == 1


def test_the_status_of_the_return_is_that_in_the_newest_open_collection(signed_in, ursula, oak_lane, elm_park):
    last = CollectionFactory(status=CollectionStatus.OPEN, academic_year=2025)
    this = CollectionFactory(status=CollectionStatus.OPEN, academic_year=2026)
    CollectionFactory(status=CollectionStatus.DRAFT, academic_year=2027)
    CollectionFactory(status=CollectionStatus.OPEN, academic_year=2028, kind=CollectionKind.S11)
    ask(last, oak_lane, ReturnStatus.ACCEPTED)
    ask(last, elm_park, ReturnStatus.ACCEPTED)
    ask(this, oak_lane, ReturnStatus.WITH_HEAD)
    client = signed_in(ursula)
    page = text(client.get(LIST))
    assert "Return 2026-27" in page
    assert ">With the head</strong>" in page
    assert ">Not asked</span>" in page
    assert "Accepted</strong>" not in page
    assert names(client.get(LIST, {"returned": "with_head"})) == ["Oak Lane School"]
    assert names(client.get(LIST, {"returned": "not_asked"})) == ["Elm Park School"]
    assert names(client.get(LIST, {"returned": "accepted"})) == []


def test_without_an_open_collection_there_is_no_word_of_returns(signed_in, ursula, oak_lane):
    response = signed_in(ursula).get(LIST, {"returned": "accepted", "sort": "return"})
    assert names(response) == ["Oak Lane School"]
    assert "returned" not in response.context["filter"].form.fields
    assert "Not asked" not in text(response)


def test_the_list_is_sorted_by_every_column_both_ways(signed_in, ursula, open_collection):
    first = SchoolFactory(name="B", urn=900001, district_name="A", phase_code="2", type_group_name="A", trust_name="A")
    second = SchoolFactory(name="A", urn=900002, district_name="B", phase_code="4", type_group_name="B", trust_name="B")
    third = SchoolFactory(name="C", urn=900003, district_name="C", phase_code="7", type_group_name="C", trust_name="C")
    ask(open_collection, first, ReturnStatus.NOT_STARTED)
    ask(open_collection, second, ReturnStatus.ACCEPTED)
    client = signed_in(ursula)
    for column in ("urn", "district", "phase", "type", "trust", "return"):
        assert names(client.get(LIST, {"sort": column})) == ["B", "A", "C"], column
        assert names(client.get(LIST, {"sort": f"-{column}"})) == ["C", "A", "B"], column
    assert names(client.get(LIST, {"sort": "-name"})) == ["C", "B", "A"]
    assert names(client.get(LIST, {"sort": "password"})) == ["A", "B", "C"]
    assert third.name == "C"


def test_filtering_keeps_the_order_and_sorting_keeps_the_filters(signed_in, ursula, oak_lane):
    page = text(signed_in(ursula).get(LIST, {"sort": "-urn", "district": "East Hertfordshire"}))
    assert '<input type="hidden" name="sort" value="-urn"' in page
    assert "district=East+Hertfordshire" in page.split("<thead")[1].split("</thead>")[0]


def test_fifty_schools_stand_on_a_page(signed_in, ursula):
    SchoolFactory.create_batch(53)
    client = signed_in(ursula)
    assert "1 to 50 of 53 schools" in text(client.get(LIST))
    assert len(names(client.get(LIST, {"page": "2"}))) == 3
    for strange in ("99", "x", "-1", "0"):
        assert client.get(LIST, {"page": strange}).status_code == 200


def test_an_empty_register_says_how_it_is_filled_and_an_empty_list_how_to_widen_it(signed_in, ursula, stella):
    assert "Import the register" in text(signed_in(ursula).get(LIST))
    assert "The business unit brings them in" in text(signed_in(stella).get(LIST))
    SchoolFactory()
    assert "Nothing matches these filters" in text(signed_in(ursula).get(LIST, {"q": "xyzzy"}))


def test_the_list_costs_as_many_queries_at_535_schools_as_at_50(signed_in, ursula, open_collection):
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(LIST, {"sort": "return", "district": "East Hertfordshire"}).status_code == 200
        return len(captured)

    client = signed_in(ursula)
    for school in SchoolFactory.create_batch(50):
        ask(open_collection, school)
    client.get(LIST)
    at_50 = queries()
    register.import_now(register_file(*rows(485, first_urn=1_500_001)), local_authority="Hertfordshire")
    assert School.objects.count() == 535
    assert queries() == at_50 <= 14


# --- The files --------------------------------------------------------------------------------------------------------


def csv_of(response) -> list[dict[str, str]]:
    lines = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(lines, newline="")))


def xlsx_of(response) -> list[dict[str, object]]:
    heading, *lines = load_workbook(io.BytesIO(b"".join(response.streaming_content))).active.values
    return [dict(zip(heading, line, strict=True)) for line in lines]


def test_the_files_hold_exactly_what_the_filter_shows_on_all_its_pages(signed_in, ursula):
    SchoolFactory.create_batch(60, district_name="Dacorum")
    SchoolFactory(district_name="Broxbourne")
    SchoolFactory(district_name="Dacorum", status=SchoolStatus.CLOSED)
    client = signed_in(ursula)
    asked = {"district": "Dacorum", "sort": "-urn", "page": "2"}
    urns = sorted(School.objects.filter(district_name="Dacorum", status="open").values_list("urn", flat=True))[::-1]
    assert [int(line["URN"]) for line in csv_of(client.get(EXPORTS[0], asked))] == urns
    assert [line["URN"] for line in xlsx_of(client.get(EXPORTS[1], asked))] == urns


def test_the_files_say_what_is_known_of_a_school(signed_in, ursula, open_collection):
    school = SchoolFactory(name="=Oak Lane", urn=900101, telephone="+44 1992 000000", pupils=210, head_last_name="Aziz")
    LocalFacts.objects.create(school=school, hub_district="Stevenage")
    FactOverride.objects.create(school=school, fact=Fact.DUTY, value=Duty.NMSS, reason="Agreed", set_by=ursula)
    ask(open_collection, school, ReturnStatus.SUBMITTED)
    client = signed_in(ursula)
    (line,), (cells,) = csv_of(client.get(EXPORTS[0])), xlsx_of(client.get(EXPORTS[1]))
    assert (line["School"], line["Telephone"]) == ("'=Oak Lane", "'+44 1992 000000")
    assert (line["Safeguarding duty"], line["Hub district"]) == ("Non-maintained special school", "Stevenage")
    assert (line["Return 2026-27"], line["Pupils"], line["Head"]) == ("Submitted", "210", "Aziz")
    assert (cells["School"], cells["Pupils"], cells["Return 2026-27"]) == ("'=Oak Lane", 210, "Submitted")
    assert list(line) == list(cells)


def test_the_files_cost_as_many_queries_at_535_schools_as_at_50(signed_in, ursula, open_collection):
    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            b"".join(client.get(url).streaming_content)
        return len(captured)

    client = signed_in(ursula)
    SchoolFactory.create_batch(50)
    client.get(LIST)
    at_50 = [queries(url) for url in EXPORTS]
    register.import_now(register_file(*rows(485, first_urn=1_500_001)), local_authority="Hertfordshire")
    assert [queries(url) for url in EXPORTS] == at_50


# --- The import in the browser ----------------------------------------------------------------------------------------

NEW = "/register/imports/new/"


@pytest.fixture
def upload(client, ursula):
    """``upload(bytes, links=bytes)`` sends the form as Ursula does."""

    def send(data: bytes | None, *, links: bytes | None = None, authority: str = "Hertfordshire"):
        client.force_login(ursula)
        fields = {"local_authority": authority}
        if data is not None:
            fields["file"] = SimpleUploadedFile("edubasealldata.csv", data, content_type="text/csv")
        if links is not None:
            fields["links"] = SimpleUploadedFile("links.csv", links, content_type="text/csv")
        return client.post(NEW, fields)

    return send


@pytest.fixture
def compared(ursula):
    def receive_and_compare(*schools) -> RegisterImport:
        found = register.receive_import(register_file(*schools), local_authority="Hertfordshire", by=ursula)
        register.compare(found.pk)
        return RegisterImport.objects.get(pk=found.pk)

    return receive_and_compare


def page_of(record: RegisterImport, step: str = "") -> str:
    return f"/register/imports/{record.pk}/{step}"


@pytest.mark.parametrize("person", ["stella", "dan", "amira", "pat"])
def test_imports_do_not_exist_for_anyone_but_the_business_unit(request, signed_in, compared, person):
    record, client = compared(row()), signed_in(request.getfixturevalue(person))
    steps = ("", "progress/", "apply/", "discard/")
    for url in ("/register/imports/", NEW, *(page_of(record, step) for step in steps)):
        assert client.get(url).status_code == 404, url
    for step in ("apply/", "discard/"):
        assert client.post(page_of(record, step)).status_code == 404
    record.refresh_from_db()
    assert record.status == ImportStatus.COMPARED


def test_an_upload_is_compared_looked_at_and_applied(client, upload, ursula):
    response = upload(
        register_bytes(row(), row(urn=900201)), links=links_bytes((900201, 900101, "Oak", "Predecessor", ""))
    )
    record = RegisterImport.objects.get()
    assert response.url == page_of(record)
    waiting = text(client.get(page_of(record)))
    assert f'hx-get="{page_of(record, "progress/")}"' in waiting
    assert "Refresh" in waiting

    register.compare(record.pk)
    seen = text(client.get(page_of(record)))
    assert "New: 2 schools" in seen
    assert "1 new link between schools" in seen
    assert "Ursula Unit" in seen
    assert "hx-get" not in seen

    assert "New: 2 schools" in text(client.get(page_of(record, "apply/")))
    assert client.post(page_of(record, "apply/")).url == page_of(record)
    register.apply(record.pk)
    done = text(client.get(page_of(record)))
    assert "What was changed" in done
    assert "Apply this import" not in done
    assert reverse("schools:school", args=[900201]) in done
    assert StatusChange.objects.about(record).filter(by=ursula, verb="apply the import").exists()


def test_progress_is_a_fragment_until_the_work_is_done_and_then_asks_for_a_fresh_page(client, upload):
    upload(register_bytes(row()))
    record = RegisterImport.objects.get()
    RegisterImport.objects.update(bytes_read=record.size // 2, rows_read=1234)
    fragment = client.get(page_of(record, "progress/"), headers={"HX-Request": "true"})
    assert "49% of the file read, 1,234 schools of Hertfordshire found." in text(fragment)
    assert "<html" not in text(fragment)
    register.compare(record.pk)
    assert client.get(page_of(record, "progress/")).headers["HX-Refresh"] == "true"


def test_the_upload_form_says_what_it_takes_and_how_much(signed_in, ursula):
    page = text(signed_in(ursula).get(NEW))
    assert 'enctype="multipart/form-data"' in page
    assert 'accept=".csv,text/csv"' in page
    assert "up to 200 MB" in page
    assert 'value="Hertfordshire"' in page


@pytest.mark.parametrize(
    ("data", "links", "sentence"),
    [
        (None, None, "Select the register file"),
        (b"", None, "The selected file is empty"),
        (b"%PDF-1.7", None, "This is not the register of schools: it looks like a PDF document."),
        (b"URN,UKPRN\r\n1,2", None, "needs"),
        (register_bytes(row()), b"hello\r\nthere", "this is not the list of links between schools"),
    ],
)
def test_a_bad_upload_is_explained_at_its_field(upload, data, links, sentence):
    response = upload(data, links=links)
    assert response.status_code == 200
    assert "Error:" in text(response).split("</title>")[0]
    field = "file" if links is None else "links"
    assert sentence in response.context["form"].errors[field][0]
    assert not RegisterImport.objects.exists()


def test_an_upload_names_its_authority(upload):
    response = upload(register_bytes(row()), authority=" ")
    assert response.context["form"].errors["local_authority"] == ["Enter the name of the local authority"]


def test_a_file_that_proves_bad_later_says_so_on_its_page_and_among_what_needs_one(client, upload):
    upload(register_bytes(row(), row()))
    record = RegisterImport.objects.get()
    register.compare(record.pk)
    assert "Line 3: URN 900101 is already on line 2." in text(client.get(page_of(record)))
    assert "Register import edubasealldata.csv" in text(client.get("/"))


def test_a_stale_click_is_told_what_has_happened(client, ursula, compared):
    record = compared(row())
    client.force_login(ursula)
    client.post(page_of(record, "apply/"))
    for step in ("apply/", "discard/"):
        for send in (client.get, client.post):
            response = send(page_of(record, step))
            assert response.status_code == 409
            assert "Ursula Unit changed the status to “being applied”" in text(response)


def test_an_import_is_discarded_after_a_question(client, ursula, compared):
    record = compared(row())
    client.force_login(ursula)
    assert "will be deleted" in text(client.get(page_of(record, "discard/")))
    assert client.post(page_of(record, "discard/")).status_code == 302
    record.refresh_from_db()
    assert record.status == ImportStatus.DISCARDED
    assert "Discarded" in text(client.get(page_of(record)))
    assert "Apply this import" not in text(client.get(page_of(record)))


def test_differences_come_by_kind_and_fifty_at_a_time(client, ursula, compared):
    register.import_now(register_file(*rows(3)), local_authority="Hertfordshire")
    record = compared(*rows(2, town="Ware"), *rows(60, first_urn=920001))
    client.force_login(ursula)
    first = client.get(page_of(record))
    assert "New: 60 schools" in text(first)
    assert len(first.context["page_obj"]) == 50
    assert len(client.get(page_of(record), {"kind": "new", "page": "2"}).context["page_obj"]) == 10
    changed = text(client.get(page_of(record), {"kind": "changed"}))
    assert "Town: <ins>Ware</ins> (was empty)" in changed
    assert "stay as they are" in text(client.get(page_of(record), {"kind": "unknown"}))
    assert client.get(page_of(record), {"kind": "reopened"}).status_code == 200
    assert "New: 60 schools" in text(client.get(page_of(record), {"kind": "nonsense"}))


def test_a_file_that_agrees_with_the_register_offers_nothing_to_apply(client, ursula, compared):
    register.import_now(register_file(row()), local_authority="Hertfordshire")
    client.force_login(ursula)
    page = text(client.get(page_of(compared(row()))))
    assert "The file and the register agree on every school in the file." in page
    assert "Apply this import" not in page
    assert "Discard this import" in page


def test_the_import_s_page_costs_as_many_queries_for_many_differences_as_for_few(client, ursula, compared):
    client.force_login(ursula)
    few, many = compared(*rows(5)), compared(*rows(200))
    client.get(page_of(few))
    counts = []
    for record in (few, many):
        with CaptureQueriesContext(connection) as captured:
            client.get(page_of(record))
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 9


def test_imports_are_listed_with_who_and_when(client, ursula, compared):
    client.force_login(ursula)
    assert "Nothing has been imported yet" in text(client.get("/register/imports/"))
    compared(row())
    register.import_now(register_file(row()), local_authority="Hertfordshire")
    page = text(client.get("/register/imports/"))
    assert "by Ursula Unit" in page
    assert "by the command line" in page
    assert page.index("Applied") < page.index("Ready to apply")
