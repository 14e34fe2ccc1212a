"""Contacts from a spreadsheet: every kind of file and row, shown before anything is written, then applied."""

import io
import zipfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from hscp.lib import spreadsheet
from hscp.lib.spreadsheet import SpreadsheetError, read_table
from partnership.choices import Role
from partnership.engine.workflow import MoveNotAllowed
from partnership.models import OutgoingMessage, RoleGrant, StatusChange, User
from schools import contact_plan
from schools.choices import ContactImportStatus, SchoolStatus
from schools.jobs import apply_contact_import, resume_contact_imports
from schools.models import ContactImport
from schools.services import contact_import, contacts
from tests.factories import SchoolFactory, UserFactory

HEADINGS = ["URN", "Role", "Name", "Email", "Job title"]


def csv_file(*rows, headings=HEADINGS):
    text = "\r\n".join(",".join(map(str, row)) for row in [headings, *rows])
    return io.BytesIO(text.encode())


def xlsx_file(*rows, headings=HEADINGS, change=lambda book: None):
    book = Workbook()
    for row in [headings, *rows]:
        book.active.append(row)
    change(book)
    file = io.BytesIO()
    book.save(file)
    return io.BytesIO(file.getvalue())


def read(file, most_rows=contact_plan.MOST_ROWS):
    return read_table(file, contact_plan.COLUMNS, most_rows=most_rows)


def planned(by, *rows):
    """What would come of the rows: the outcome and the note of each."""
    found = contact_plan.plan(read(csv_file(*rows)), by=by, at=timezone.now())
    return [(row.outcome, row.note) for row in found]


def received(by, *rows, name="contacts.csv"):
    return contact_import.receive(read(csv_file(*rows)), filename=name, by=by)


def applied(by, *rows):
    made = contact_import.start_applying(received(by, *rows), by=by)
    apply_contact_import(made.pk)
    made.refresh_from_db()
    return made


def held(school, role):
    grants = RoleGrant.objects.active(timezone.localdate()).filter(organisation=school.pk, role=role)
    return {grant.user.email for grant in grants}


OAK, ELM = 900101, 900102


# --- Files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [csv_file, xlsx_file])
def test_a_table_is_read_with_the_numbers_of_its_rows(make):
    first, second = read(
        make([OAK, "DSL", "Nina New", "new@example.org", "Teacher"], [ELM, "head", "H", "h@x.org", ""])
    )
    assert first.number == 2
    assert dict(first.cells) == {
        "urn": "900101",
        "role": "DSL",
        "name": "Nina New",
        "email": "new@example.org",
        "job_title": "Teacher",
    }
    assert second.number == 3


def test_headings_match_in_any_case_order_and_spelling_and_others_are_passed_over():
    file = csv_file(
        ["Ann", "x", "e@x.org", "DSL", OAK], headings=["FULL NAME", "Notes", "E-mail address", " role ", "urn"]
    )
    (row,) = read(file)
    assert dict(row.cells) == {"name": "Ann", "email": "e@x.org", "role": "DSL", "urn": "900101"}


def test_empty_rows_are_passed_over_and_the_numbers_stay():
    rows = read(csv_file(["", "", "", "", ""], [OAK, "DSL", "Ann", "a@x.org", ""]))
    assert [row.number for row in rows] == [3]
    rows = read(xlsx_file([None] * 5, [OAK, "DSL", "Ann", "a@x.org", ""]))
    assert [row.number for row in rows] == [3]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_encodings_that_spreadsheets_write(encoding):
    text = "URN;Role;Name;Email\r\n900101;DSL;Zoë O’Neill;z@x.org"
    (row,) = read(io.BytesIO(text.encode(encoding)))
    assert row.cells["name"] == "Zoë O’Neill"


def test_numbers_dates_and_truths_in_a_workbook_come_out_as_text():
    (row,) = read(xlsx_file([900101.0, True, date(2026, 9, 1), "a@x.org", 1.5]))
    assert list(row.cells.values()) == ["900101", "True", "2026-09-01", "a@x.org", "1.5"]


def test_a_hidden_first_sheet_is_passed_over():
    def hide_and_add(book):
        book.active.sheet_state = "hidden"
        sheet = book.create_sheet("Shown")
        sheet.append(HEADINGS)
        sheet.append([OAK, "DSL", "Ann", "a@x.org"])

    (row,) = read(xlsx_file(["wrong"], change=hide_and_add))
    assert row.cells["name"] == "Ann"


def test_a_formula_is_named_and_never_worked_out():
    (row,) = read(xlsx_file([OAK, "DSL", "Ann", '=CONCATENATE("a","@x.org")', ""]))
    assert row.problems == ("Cell D2 holds a formula. Copy the column and paste it as values",)
    (row,) = read(csv_file([OAK, "DSL", "Ann", "=cmd|x", ""]))
    assert row.problems == ("Cell D2 holds a formula. Copy the column and paste it as values",)


def test_an_error_in_a_cell_and_a_cell_that_is_too_long_are_named():
    (row,) = read(xlsx_file([OAK, "DSL", "#REF!", "a@x.org", "x" * 1001]))
    assert row.problems == ("Cell C2 holds an error (#REF!)", "Cell E2 holds more than 1,000 characters")


def test_a_problem_in_a_column_that_nobody_asked_for_is_none():
    (row,) = read(xlsx_file([OAK, "DSL", "Ann", "a@x.org", "", "=1+1"], headings=[*HEADINGS, "Sum"]))
    assert row.problems == ()


def as_zip(**parts):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/"), content)
    return io.BytesIO(file.getvalue())


def without_end(file):
    return io.BytesIO(file.getvalue()[:-300])


def with_entities():
    """A workbook whose text would grow without end if its entities were followed."""
    source = zipfile.ZipFile(xlsx_file([OAK, "DSL", "Ann", "a@x.org"]))
    sheet = source.read("xl/worksheets/sheet1.xml").decode().replace(">Ann<", ">&b;<")
    bomb = f'<!DOCTYPE worksheet [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>{sheet}'
    return as_zip(**{name: source.read(name) for name in source.namelist()} | {"xl/worksheets/sheet1.xml": bomb})


BAD_FILES = {
    "empty": (lambda: io.BytesIO(b""), "The file is empty."),
    "blank": (lambda: io.BytesIO(b" \r\n \r\n"), "The file is empty."),
    "old Excel": (
        lambda: io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)),
        "old Excel file (.xls) or has a password",
    ),
    "PDF": (lambda: io.BytesIO(b"%PDF-1.7 ..."), "This is a PDF."),
    "picture": (lambda: io.BytesIO(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), "neither a CSV nor an XLSX file"),
    "other zip": (lambda: as_zip(**{"readme.txt": "hello"}), "neither a CSV nor an XLSX file"),
    "macros": (
        lambda: as_zip(**{"xl/workbook.xml": "<x/>", "xl/vbaProject.bin": "x"}),
        "The workbook has macros. Save it as .xlsx",
    ),
    "cut short": (lambda: without_end(xlsx_file([OAK, "DSL", "Ann", "a@x.org"])), "The workbook is damaged."),
    "not XML": (lambda: as_zip(**{"xl/workbook.xml": "no"}), "The workbook is damaged."),
    "entities": (with_entities, "The workbook is damaged."),
    "zip bomb": (
        lambda: as_zip(**{"xl/workbook.xml": "<x/>", "xl/sharedStrings.xml": bytes(30_000_000)}),
        "The workbook is too large.",
    ),
    "many parts": (lambda: as_zip(**{"xl/workbook.xml": "x"} | {f"{n}.xml": "x" for n in range(600)}), "too large"),
    "six megabytes": (lambda: io.BytesIO(b"x" * 6_000_000), "The file is larger than 5 MB."),
    "column missing": (
        lambda: csv_file([OAK, "DSL"], headings=["URN", "Role"]),
        "must name the columns URN, Role, Name, Email. Missing: Name, Email.",
    ),
    "column twice": (lambda: csv_file(["a"] * 6, headings=[*HEADINGS, "e-mail"]), "Two columns are headed “e-mail”."),
    "headings only": (lambda: csv_file(), "The file has headings but no rows under them."),
    "open quote": (lambda: io.BytesIO(b'URN,Role,Name,Email\n1,DSL,"' + b"x" * 200_000), "Row 2 cannot be read as CSV"),
    "far row": (
        lambda: xlsx_file(["a"], change=lambda book: book.active.cell(row=1_048_576, column=1, value="x")),
        "The sheet goes down beyond row 20,000.",
    ),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_cannot_be_used_says_what_to_do(kind):
    make, sentence = BAD_FILES[kind]
    with pytest.raises(SpreadsheetError) as caught:
        read(make())
    assert sentence in str(caught.value)


def test_too_many_rows_are_refused():
    rows = [[OAK, "DSL", "Ann", f"a{n}@x.org", ""] for n in range(11)]
    assert len(read(csv_file(*rows[:10]), most_rows=10)) == 10
    with pytest.raises(SpreadsheetError, match=r"more than 10 rows\. Split it"):
        read(csv_file(*rows), most_rows=10)


def test_five_thousand_rows_are_read_and_a_workbook_may_lie_about_its_size():
    file = xlsx_file(*[[OAK, "DSL", "Ann", f"a{n}@x.org", ""] for n in range(5_000)])
    source = zipfile.ZipFile(file)
    sheet = source.read("xl/worksheets/sheet1.xml").replace(b'ref="A1:E5001"', b'ref="A1:E3"')
    parts = {name: source.read(name) for name in source.namelist()} | {"xl/worksheets/sheet1.xml": sheet}
    assert len(read(as_zip(**parts))) == 5_000


# --- Rows -------------------------------------------------------------------------------------------------------------


def test_what_comes_of_each_kind_of_row(oak_lane, elm_park, dan, ursula):
    assert planned(
        ursula,
        [OAK, "DSL", "Nina New", "new@example.org", ""],
        [OAK, "Deputy DSL", "Olga", "olga@example.org", ""],
        [ELM, "head teacher", "Harry", "harry@example.org", ""],
        [ELM, "Proprietor", "", "", ""],
    ) == [
        ("replace", "Replaces Dan Lead, who loses access to the school."),
        ("appoint", ""),
        ("appoint", ""),
        ("unchanged", "The row names nobody."),
    ]
    assert planned(ursula, [OAK, "dsl", "Dan Lead", "DAN@example.org", ""]) == [("unchanged", "Named already.")]
    assert not ContactImport.objects.exists()


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (["", "DSL", "Ann", "a@x.org"], "The URN is missing."),
        (["abc", "DSL", "Ann", "a@x.org"], "The URN must be a number, such as 117123."),
        (["9" * 30, "DSL", "Ann", "a@x.org"], "The URN must be a number, such as 117123."),
        ([123456, "DSL", "Ann", "a@x.org"], "No school in the register has the URN 123456."),
        ([OAK, "Caretaker", "Ann", "a@x.org"], "“Caretaker” is no role: write DSL, deputy, head or chair."),
        ([OAK, "", "Ann", "a@x.org"], "The role is missing: write DSL, deputy, head or chair."),
        ([OAK, "DSL", "", "a@x.org"], "The name is missing."),
        ([OAK, "DSL", "Ann", ""], "The email address is missing."),
        ([OAK, "DSL", "Ann", "ann at x.org"], "“ann at x.org” is not an email address."),
        ([OAK, "DSL", "", "x"], "The name is missing. “x” is not an email address."),
        ([OAK, "DSL", "A" * 151, "a@x.org"], "The name has more than 150 characters."),
        ([OAK, "DSL", "=1+1", "a@x.org"], "Cell C2 holds a formula. Copy the column and paste it as values."),
    ],
)
def test_what_is_wrong_with_a_row(oak_lane, ursula, row, note):
    assert planned(ursula, row) == [("wrong", note)]


def test_a_closed_school_is_named_with_its_day(ursula):
    SchoolFactory(urn=900200, name="Gone School", status=SchoolStatus.CLOSED, close_date=date(2025, 8, 31))
    assert planned(ursula, [900200, "DSL", "Ann", "a@x.org"]) == [("wrong", "Gone School closed on 31 August 2025.")]


def test_duplicates_in_the_list(oak_lane, ursula):
    same = [OAK, "DSL", "Ann", "a@x.org", ""]
    assert planned(ursula, same, [OAK, "Lead", "Ann", "A@x.org", ""]) == [
        ("appoint", ""),
        ("wrong", "Row 2 says the same."),
    ]
    two = planned(ursula, same, [OAK, "DSL", "Bea", "b@x.org", ""])
    assert [outcome for outcome, _ in two] == ["wrong", "wrong"]
    assert two[0][1].startswith("The list names another designated safeguarding lead for this school too (b@x.org)")


def test_many_deputies_are_fine_but_not_the_lead_among_them(oak_lane, ursula):
    rows = [[OAK, "deputy", "Ann", "a@x.org"], [OAK, "deputy", "Bea", "b@x.org"], [OAK, "DSL", "Ann", "a@x.org"]]
    first, second, third = planned(ursula, *rows)
    assert (second, third) == (("appoint", ""), ("appoint", ""))
    assert first[0] == "wrong"
    assert "who cannot be a deputy too" in first[1]


def test_the_lead_cannot_be_listed_as_deputy_unless_somebody_follows(oak_lane, dan, ursula):
    deputy = [OAK, "deputy", "Dan Lead", "dan@example.org", ""]
    assert planned(ursula, deputy)[0][0] == "wrong"
    follower = [OAK, "DSL", "Nina New", "new@example.org", ""]
    assert [outcome for outcome, _ in planned(ursula, deputy, follower)] == ["appoint", "replace"]


def test_people_who_cannot_be_named(oak_lane, ursula):
    UserFactory(name="Kay Closed", email="kay@example.org", is_active=False)
    assert planned(ursula, [OAK, "DSL", "Kay", "kay@example.org"]) == [
        ("wrong", "The account of Kay Closed is closed.")
    ]
    assert planned(ursula, [OAK, "head", "Ursula", ursula.email]) == [
        ("wrong", "You cannot name yourself as headteacher or principal.")
    ]


def test_a_name_that_differs_from_the_account_is_pointed_out(oak_lane, erin, ursula):
    assert planned(ursula, [OAK, "DSL", "E. Elsewhere", erin.email]) == [
        ("appoint", "This address belongs to Erin Elsewhere; that name stays.")
    ]


def test_a_plan_costs_the_same_for_many_rows(ursula, django_assert_num_queries):
    urns = [SchoolFactory().urn for _ in range(30)]
    rows = read(csv_file(*[[urn, "DSL", "Ann", f"a{urn}@x.org", ""] for urn in urns]))
    for some in (rows[:3], rows):
        with django_assert_num_queries(3):
            contact_plan.plan(some, by=ursula, at=timezone.now())


# --- Receive, apply, discard ------------------------------------------------------------------------------------------


def test_nothing_is_written_before_the_list_is_applied(oak_lane, dan, ursula):
    made = received(ursula, [OAK, "DSL", "Nina New", "new@example.org", ""])
    assert made.status == ContactImportStatus.CHECKED
    assert held(oak_lane, Role.DSL) == {"dan@example.org"}
    assert not User.objects.filter(email="new@example.org").exists()
    assert not OutgoingMessage.objects.exists()


def test_a_list_is_applied(oak_lane, elm_park, dan, ursula):
    made = applied(
        ursula,
        [OAK, "DSL", "Nina New", "new@example.org", "Teacher"],
        [ELM, "chair", "Carl", "carl@example.org", ""],
        [ELM, "head", "", "broken", ""],
    )
    assert made.status == ContactImportStatus.APPLIED
    assert made.applied_by == ursula
    assert held(oak_lane, Role.DSL) == {"new@example.org"}
    assert held(elm_park, Role.CHAIR_OF_GOVERNORS) == {"carl@example.org"}
    assert User.objects.get(email="new@example.org").job_title == "Teacher"
    assert sorted(OutgoingMessage.objects.values_list("name", "to_email")) == [
        ("invitation", "carl@example.org"),
        ("invitation", "new@example.org"),
        ("role_ended", "dan@example.org"),
    ]
    assert [change.to_status for change in StatusChange.objects.about(made)] == ["applying", "applied"]


def test_the_history_says_who_applied_the_list(oak_lane, ursula):
    applied(ursula, [OAK, "DSL", "Nina New", "new@example.org", ""])
    event = RoleGrant.objects.get(user__email="new@example.org").events.get()
    assert event.pgh_context.metadata == {"user": ursula.pk}


def test_nobody_is_replaced_who_was_not_shown(oak_lane, dan, ursula):
    """Between the look and the click, somebody else has replaced Dan."""
    made = received(ursula, [OAK, "DSL", "Nina New", "new@example.org", ""])
    contacts.replace(dan.grants.get(), email="mia@example.org", name="Mia Meanwhile", by=ursula)
    contact_import.start_applying(made, by=ursula)
    apply_contact_import(made.pk)
    assert held(oak_lane, Role.DSL) == {"mia@example.org"}
    (row,) = made.rows.all()
    assert row.error == "Dan Lead is no longer designated safeguarding lead of Oak Lane School. Mia Meanwhile is."


def test_a_role_that_was_filled_in_the_meantime_is_left_alone(oak_lane, ursula):
    made = received(ursula, [OAK, "DSL", "Nina New", "new@example.org", ""])
    contacts.appoint(oak_lane, role=Role.DSL, email="mia@example.org", name="Mia Meanwhile", by=ursula)
    contact_import.start_applying(made, by=ursula)
    apply_contact_import(made.pk)
    assert held(oak_lane, Role.DSL) == {"mia@example.org"}
    assert "Replace them instead" in made.rows.get().error
    assert not User.objects.filter(email="new@example.org").exists()


def test_lead_and_deputy_change_places(oak_lane, dan, debbie, ursula):
    applied(
        ursula,
        [OAK, "deputy", "Dan Lead", "dan@example.org", ""],
        [OAK, "DSL", "Debbie Deputy", "debbie@example.org", ""],
    )
    assert held(oak_lane, Role.DSL) == {"debbie@example.org"}
    assert held(oak_lane, Role.DEPUTY_DSL) == {"dan@example.org"}


def test_a_list_that_changes_nothing_is_not_applied(oak_lane, dan, ursula):
    made = received(ursula, [OAK, "DSL", "Dan Lead", "dan@example.org", ""], [OAK, "x", "y", "z", ""])
    with pytest.raises(ValidationError, match="No row of this list changes anything"):
        contact_import.start_applying(made, by=ursula)


def test_a_list_is_applied_once(oak_lane, ursula):
    made = applied(ursula, [OAK, "DSL", "Nina New", "new@example.org", ""])
    with pytest.raises(MoveNotAllowed):
        contact_import.start_applying(made, by=ursula)
    apply_contact_import(made.pk)
    assert OutgoingMessage.objects.count() == 1


def test_a_list_whose_task_was_lost_is_found_again(oak_lane, ursula):
    made = contact_import.start_applying(received(ursula, [OAK, "DSL", "Nina New", "new@example.org", ""]), by=ursula)
    resume_contact_imports()
    made.refresh_from_db()
    assert made.status == ContactImportStatus.APPLIED


def test_a_discarded_list_forgets_its_rows(oak_lane, ursula):
    made = contact_import.discard(received(ursula, [OAK, "DSL", "Nina New", "new@example.org", ""]), by=ursula)
    assert made.status == ContactImportStatus.DISCARDED
    assert not made.rows.exists()
    with pytest.raises(MoveNotAllowed):
        contact_import.start_applying(made, by=ursula)


@pytest.mark.parametrize("person", ["dan", "amira", "colin", "stella", "pat"])
def test_only_the_business_unit_imports(request, oak_lane, ursula, person):
    by = request.getfixturevalue(person)
    with pytest.raises(PermissionDenied):
        received(by, [OAK, "DSL", "Nina New", "new@example.org", ""])
    made = received(ursula, [OAK, "chair", "Nina New", "new@example.org", ""])
    with pytest.raises(PermissionDenied):
        contact_import.start_applying(made, by=by)
    with pytest.raises(PermissionDenied):
        contact_import.discard(made, by=by)


@pytest.mark.django_db(transaction=True)
def test_two_workers_name_nobody_twice(ursula):
    urns = [SchoolFactory().urn for _ in range(12)]
    made = received(ursula, *[[urn, "DSL", "Ann", f"a{urn}@x.org", ""] for urn in urns])
    contact_import.start_applying(made, by=ursula)
    together = Barrier(2)

    def work(_):
        try:
            together.wait(timeout=10)
            apply_contact_import(made.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(work, range(2)))
    made.refresh_from_db()
    assert made.status == ContactImportStatus.APPLIED
    assert OutgoingMessage.objects.count() == RoleGrant.objects.filter(role=Role.DSL).count() == 12
    assert not made.rows.exclude(error="").exists()


# --- Pages ------------------------------------------------------------------------------------------------------------


def upload(client, content, name="contacts.csv"):
    return client.post(reverse("schools:import_contacts"), {"file": SimpleUploadedFile(name, content)})


def test_upload_look_apply(signed_in, oak_lane, dan, ursula):
    client = signed_in(ursula)
    content = csv_file([OAK, "DSL", "Nina New", "new@example.org", ""], [OAK, "head", "Bob", "nope", ""]).getvalue()
    response = upload(client, content)
    made = ContactImport.objects.get()
    assert response["Location"] == made.get_absolute_url()
    page = client.get(made.get_absolute_url()).content.decode()
    for part in (
        "Replaces Dan Lead, who loses access to the school.",
        "“nope” is not an email address.",
        "Apply this list",
    ):
        assert part in page
    wrong = client.get(made.get_absolute_url(), {"show": "wrong"}).content.decode()
    assert "nope" in wrong
    assert "new@example.org" not in wrong
    confirm = client.get(reverse("schools:apply_contacts", args=[made.pk])).content.decode()
    assert "1 wrong row is left out" in confirm
    client.post(reverse("schools:apply_contacts", args=[made.pk]))
    assert "The list is being applied" in client.get(made.get_absolute_url()).content.decode()
    progress = client.get(reverse("schools:contact_import_progress", args=[made.pk])).content.decode()
    assert "0 of 1 done" in progress
    apply_contact_import(made.pk)
    done = client.get(reverse("schools:contact_import_progress", args=[made.pk]))
    assert done["HX-Refresh"] == "true"
    assert held(oak_lane, Role.DSL) == {"new@example.org"}
    again = client.post(reverse("schools:apply_contacts", args=[made.pk]))
    assert again.status_code == 409


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_an_error_on_the_page(signed_in, ursula, kind):
    make, sentence = BAD_FILES[kind]
    response = upload(signed_in(ursula), make().getvalue())
    assert response.status_code == 200
    page = response.content.decode()
    assert "<title>Error: " in page
    assert (sentence in page) or (kind == "empty" and "The selected file is empty" in page)
    assert not ContactImport.objects.exists()


def test_no_file_is_an_error_on_the_page(signed_in, ursula):
    response = signed_in(ursula).post(reverse("schools:import_contacts"), {})
    assert "Select a CSV or XLSX file" in response.content.decode()


def test_discarding(signed_in, oak_lane, ursula):
    made = received(ursula, [OAK, "DSL", "Nina New", "new@example.org", ""])
    response = signed_in(ursula).post(reverse("schools:discard_contacts", args=[made.pk]), follow=True)
    assert "The list has been discarded" in response.content.decode()


def test_a_list_page_costs_the_same_for_many_rows(signed_in, ursula, django_assert_max_num_queries):
    urns = [SchoolFactory().urn for _ in range(40)]
    few = received(ursula, *[[urn, "DSL", "Ann", f"a{urn}@x.org", ""] for urn in urns[:4]])
    many = received(ursula, *[[urn, "head", "Ann", f"a{urn}@x.org", ""] for urn in urns])
    client = signed_in(ursula)
    with django_assert_max_num_queries(15) as cost_of_few:
        client.get(few.get_absolute_url())
    with django_assert_max_num_queries(15) as cost_of_many:
        client.get(many.get_absolute_url())
    assert len(cost_of_many) == len(cost_of_few)


def test_the_exported_list_can_be_imported_again(signed_in, oak_lane, dan, debbie, amira, ursula):
    content = b"".join(signed_in(ursula).get(reverse("schools:contacts_export", args=["csv"])).streaming_content)
    outcomes = [row.outcome for row in contact_plan.plan(read(io.BytesIO(content)), by=ursula, at=timezone.now())]
    assert outcomes == ["unchanged"] * 4  # Dan, Debbie, Amira, and the vacant chair


def test_the_limits_are_those_that_the_page_names():
    assert spreadsheet.MOST_BYTES == 5 * 1024 * 1024
    assert contact_plan.MOST_ROWS == 5_000


def test_uploads_are_listed_newest_first(signed_in, oak_lane, ursula):
    old = received(ursula, [OAK, "DSL", "Nina New", "new@example.org", ""], name="old.csv")
    ContactImport.objects.filter(pk=old.pk).update(uploaded_at=timezone.now() - timedelta(days=1))
    received(ursula, [OAK, "DSL", "Nina New", "new@example.org", ""], name="new.csv")
    page = signed_in(ursula).get(reverse("schools:import_contacts")).content.decode()
    assert page.index("new.csv") < page.index("old.csv")
